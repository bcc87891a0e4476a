"""Which array of the file belongs to which weight of which layer.

The answer is checked: every array is given out exactly once, and no layer that has weights goes without.
"""

import re
from collections import defaultdict

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model import vocabulary
from tlstudio.core.model.container import Array, Container
from tlstudio.core.model.graph import Graph

# Layers that always carry weights; a file without them for such a layer is not whole.
_WEIGHTED = vocabulary.CONVOLUTIONS | {"Dense", "PReLU", "Embedding"}


def assign_weights(container: Container, graph: Graph) -> dict[str, list[Array]]:
    """Arrays by layer path, each list in the order of the Keras layer's own ``weights``.

    Raises:
        TLStudioError: ``weights_mismatch`` where an array is left over or a layer goes without.
    """
    given = _from_v3(container, graph) if container.layout == "v3" else _from_legacy(container, graph)
    for path, spec in graph.layers.items():
        if spec.type in _WEIGHTED and not given.get(path):
            raise TLStudioError("weights_mismatch", path=container.path, detail=f"layer “{path}” has none")
    return given


def _from_legacy(container: Container, graph: Graph) -> dict[str, list[Array]]:
    tops = {path.split("/")[0]: path for path in graph.layers}
    given: dict[str, list[Array]] = {}
    for name, arrays in container.arrays.items():
        if not arrays:
            continue
        top = name.replace("/", "_")
        if top in graph.layers:
            given[top] = arrays
        elif top in graph.branches:
            given |= _within_branch(container, graph, top, name, arrays)
        elif top not in tops:
            raise TLStudioError("weights_mismatch", path=container.path, detail=f"there is no layer “{name}”")
    return given


def _within_branch(
    container: Container, graph: Graph, branch: str, group: str, arrays: list[Array]
) -> dict[str, list[Array]]:
    """Share a nested network's arrays among its layers, by the layer's name in the array's own."""
    leaves = [path for path in graph.layers if path.startswith(branch + "/")]
    by_name: dict[str, list[str]] = defaultdict(list)
    for path in leaves:
        by_name[path.rsplit("/", 1)[-1]].append(path)
    given: dict[str, list[Array]] = {}
    for array in arrays:
        owner = _owner(array, by_name, f"/model_weights/{group}/")
        if owner is None:
            detail = f"“{array.location}” belongs to no single layer of “{branch}”"
            raise TLStudioError("weights_mismatch", path=container.path, detail=detail)
        given.setdefault(owner, []).append(array)
    return given


def _owner(array: Array, by_name: dict[str, list[str]], prefix: str) -> str | None:
    """``…/block1_conv1/kernel:0`` belongs to the layer ``block1_conv1``; longer paths help where names repeat."""
    parts = array.location.removeprefix(prefix).split("/")[:-1]
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


def _from_v3(container: Container, graph: Graph) -> dict[str, list[Array]]:
    groups = _v3_groups(container.config, "", "")
    given: dict[str, list[Array]] = {}
    for location, arrays in container.arrays.items():
        owner_location = location.removesuffix("/vars")
        path = groups.get(owner_location)
        if path is not None and path in graph.layers:
            given[path] = arrays
        elif path is not None:
            continue  # the network's own (empty) variables
        elif owner_location.endswith("seed_generator"):
            continue  # a dropout's random state, not a weight
        else:
            detail = f"“{location}” belongs to no layer"
            raise TLStudioError("weights_mismatch", path=container.path, detail=detail)
    return given


def _v3_groups(config: dict, location: str, path: str) -> dict[str, str]:
    """Group of the weights file by layer path: ``layers/<type in snake case>[_<n>]`` in the order of layers."""
    body = config["config"]
    layers = body["layers"] if isinstance(body, dict) else body
    groups: dict[str, str] = {location: path.rstrip("/")}
    counts: dict[str, int] = {}
    for entry in layers:
        kind = _snake_case(entry["class_name"])
        number = counts.get(kind, 0)
        counts[kind] = number + 1
        place = f"{location}/layers/" if location else "layers/"
        place += f"{kind}_{number}" if number else kind
        name = (entry.get("name") or entry["config"].get("name") or "").replace("/", "_")
        if entry["class_name"] in vocabulary.NETWORKS:
            groups |= _v3_groups(entry, place, f"{path}{name}/")
        else:
            groups[place] = f"{path}{name}"
    return groups


def _snake_case(name: str) -> str:
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
