"""Which array of a Keras file belongs to which weight of which layer, and what becomes of it on the way.

The answer is checked: every array is given out exactly once, and no layer that has weights goes without.
"""

import re
from collections import defaultdict
from typing import Any

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model import vocabulary
from tlstudio.core.model.arrays import Array, Weight, plain
from tlstudio.core.model.graph import Graph, LayerSpec
from tlstudio.core.model.keras_file import KerasFile

Arrays = dict[str, list[Array]]


def assign_weights(file: KerasFile, graph: Graph, config: dict[str, Any]) -> dict[str, list[Weight]]:
    """Weights by layer path, each list in the order of the Keras layer's own ``weights``.

    Where the graph has layers that can't be built, arrays that belong to nothing are passed over: such a network is
    refused, or used in part.

    Raises:
        TLStudioError: ``weights_mismatch`` where an array is left over or a layer goes without.
    """
    try:
        given = _from_v3(file, graph, config) if file.layout == "v3" else _from_legacy(file, graph)
    except TLStudioError:
        if not any(spec.refusal for spec in graph.layers.values()):
            raise
        return _by_name_alone(file, graph)
    return {path: [plain(array) for array in arrays] for path, arrays in given.items() if arrays}


def _by_name_alone(file: KerasFile, graph: Graph) -> dict[str, list[Weight]]:
    return {
        name: [plain(a) for a in arrays] for name, arrays in file.arrays.items() if name in graph.layers and arrays
    }


def left_over(file: KerasFile, detail: str) -> TLStudioError:
    return TLStudioError("weights_mismatch", path=file.path, detail=detail)


def _from_legacy(file: KerasFile, graph: Graph) -> Arrays:
    given: Arrays = {}
    for name, arrays in file.arrays.items():
        if not arrays:
            continue
        top = name.replace("/", "_")
        if top in graph.layers:
            given[top] = arrays
        elif top in graph.branches:
            given |= _within_branch(file, graph, top, name, arrays)
        else:
            raise left_over(file, f"there is no layer “{name}”")
    return given


def _within_branch(file: KerasFile, graph: Graph, branch: str, group: str, arrays: list[Array]) -> Arrays:
    """Share a nested network's arrays among its layers, by the layer's name in the array's own."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for path in graph.layers:
        if path.startswith(branch + "/"):
            by_name[path.rsplit("/", 1)[-1]].append(path)
    given: Arrays = {}
    for array in arrays:
        owner = _owner(array, by_name, group)
        if owner is None:
            raise left_over(file, f"“{array.location}” belongs to no single layer of “{branch}”")
        given.setdefault(owner, []).append(array)
    return given


def _owner(array: Array, by_name: dict[str, list[str]], group: str) -> str | None:
    """``…/block1_conv1/kernel:0`` belongs to the layer ``block1_conv1``; longer paths help where names repeat."""
    parts = array.location.removeprefix("/model_weights").removeprefix(f"/{group}/").split("/")[:-1]
    for start in range(len(parts) - 1):  # a layer's own name may hold ``/`` (MobileNetV3 of Keras 2)
        candidates = by_name.get("_".join(parts[start:]), [])
        if len(candidates) == 1:
            return candidates[0]
    for part in reversed(parts):
        candidates = by_name.get(part, [])
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            tail = "/".join(parts)
            matching = [path for path in candidates if path.endswith(tail) or tail.endswith(path)]
            if len(matching) == 1:
                return matching[0]
    return None


def _from_v3(file: KerasFile, graph: Graph, config: dict[str, Any]) -> Arrays:
    groups = _v3_groups(config, "", "")
    given: Arrays = {}
    in_parts: dict[str, Arrays] = defaultdict(dict)
    for location, arrays in file.arrays.items():
        owner = location.removesuffix("/vars")
        path = groups.get(owner)
        if path is None and owner.endswith("seed_generator"):
            continue  # the random state of a dropout, not a weight
        if path is None:
            holder, _, part = owner.rpartition("/")
            path = groups.get(holder)
            if path in graph.layers:
                in_parts[path][part.removeprefix("_")] = arrays  # tf.keras 2.13 has ``_query_dense``
                continue
            path = next((groups[g] for g in _holders(owner) if groups.get(g) in graph.layers), None)
            if path is None or graph.layers[path].type not in vocabulary.SEQUENCES:
                raise left_over(file, f"“{location}” belongs to no layer")
        if path in graph.layers:
            given.setdefault(path, []).extend(arrays)
        elif any(array.size for array in arrays):
            raise left_over(file, f"“{location}” belongs to a network and to none of its layers")
    for path, parts in in_parts.items():
        given.setdefault(path, []).extend(_joined(file, graph.layers[path], parts))
    return given


# Layers that keep their weights in parts, in the order of the layer's own list.
_PARTS = {"MultiHeadAttention": ("query_dense", "key_dense", "value_dense", "output_dense")}


def _joined(file: KerasFile, spec: LayerSpec, parts: Arrays) -> list[Array]:
    """The arrays of a layer's parts. Parts of equal shapes would be exchanged without a word, so names decide."""
    if spec.type in vocabulary.SEQUENCES or spec.refusal:
        return [array for arrays in parts.values() for array in arrays]
    order = _PARTS.get(spec.type, ())
    strange = [part for part in parts if part not in order]
    if strange:
        raise left_over(file, f"“{strange[0]}” belongs to no part of the layer “{spec.path}”")
    return [array for part in order for array in parts.get(part, [])]


def _holders(location: str) -> list[str]:
    """The groups that hold a group, the nearest first: the cell of a recurrent layer lies in it."""
    parts = location.split("/")
    return ["/".join(parts[:end]) for end in range(len(parts) - 1, 0, -1)]


def _v3_groups(config: dict[str, Any], location: str, path: str) -> dict[str, str]:
    """Layer path by group of the weights file: ``layers/<type in snake case>[_<n>]`` in the order of layers."""
    body = config["config"]
    layers = body["layers"] if isinstance(body, dict) else body
    groups: dict[str, str] = {location: path.rstrip("/")}
    counts: dict[str, int] = {}
    for entry in layers:
        kind = snake_case(entry["class_name"])
        number = counts.get(kind, 0)
        counts[kind] = number + 1
        place = f"{location}/layers/" if location else "layers/"
        place += f"{kind}_{number}" if number else kind
        inside = entry.get("config")
        own = inside.get("name") if isinstance(inside, dict) else None
        name = str(entry.get("name") or own or "").replace("/", "_")
        if entry["class_name"] in vocabulary.NETWORKS:
            groups |= _v3_groups(entry, place, f"{path}{name}/")
        else:
            groups[place] = f"{path}{name}"
    return groups


def snake_case(name: str) -> str:
    """A class name as Keras 3 names groups of weights after it."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
