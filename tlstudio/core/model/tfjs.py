"""Layers models of TensorFlow.js: a ``model.json`` with the network and a list of its weights, and shards beside it
that hold the weights' bytes one after the other.

Source: the format's own description, "TensorFlow.js layers model", and its ``weightsManifest``.
"""

from math import prod
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.architectures import network_of
from tlstudio.core.model.arrays import Array, Step, Weight
from tlstudio.core.model.description import Description
from tlstudio.core.model.graph import Graph
from tlstudio.core.model.keras_config import read_graph
from tlstudio.core.model.keras_file import KerasFile
from tlstudio.core.model.kinds import not_a_model
from tlstudio.core.model.labels import labels_beside
from tlstudio.core.model.old_activations import restore_old_activations
from tlstudio.core.model.old_kernels import mend_kernels
from tlstudio.core.model.opening import Opening
from tlstudio.core.model.weights import assign_weights

ITEM = 4  # bytes of a float32


class _Listed(msgspec.Struct, frozen=True):
    name: str
    shape: tuple[int, ...]
    dtype: str
    quantization: dict[str, Any] | None = None


class _Group(msgspec.Struct, frozen=True):
    paths: list[str]
    weights: list[_Listed]


def is_tfjs(content: Any) -> bool:
    return isinstance(content, dict) and "modelTopology" in content and "weightsManifest" in content


def describe_tfjs(path: Path, content: dict[str, Any], opening: Opening) -> Description:
    """Raises ``not_a_model`` for a graph model and for quantised weights, ``weights_missing``, ``unsafe_model``,
    ``truncated_model``, ``weights_mismatch``, and as ``read_graph`` does."""
    if content.get("format") == "graph-model" or "node" in content["modelTopology"]:
        raise not_a_model(path, "it is a graph model of TensorFlow.js, which has no Keras layers any more")
    try:
        groups = msgspec.convert(content["weightsManifest"], list[_Group])
    except msgspec.ValidationError as error:
        raise TLStudioError("unreadable_network", path=path, detail="its list of weights makes no sense") from error
    config = network_of(content, path)
    topology = content["modelTopology"]
    version = topology.get("keras_version") if isinstance(topology.get("keras_version"), str) else None
    graph = read_graph(config, path, opening)
    shards: list[Path] = []
    whole: dict[str, list[Array]] = {}
    split: dict[str, Weight] = {}
    for group in groups:
        files = [_shard(path, name) for name in group.paths]
        shards += files
        for listed, pieces in _pieces(path, group, files):
            layer = listed.name.rsplit("/", 1)[0]
            place = f"/{layer}/{listed.name}"
            first = msgspec.structs.replace(pieces[0], location=place, shape=listed.shape)
            whole.setdefault(layer, []).append(first)
            if len(pieces) > 1:
                split[place] = Weight(
                    shape=listed.shape,
                    arrays=tuple(pieces),
                    steps=(Step("concatenate", (0,)), Step("reshape", (listed.shape,))),
                )
    file = KerasFile(
        path=path, files=(path, *shards), format="tfjs", layout="legacy", keras_version=version, backend="tensorflow",
        config=config, arrays=_by_top_layer(whole, graph),
    )  # fmt: skip
    given = assign_weights(file, graph, config)
    graph, weights = mend_kernels(file, graph, {p: [_joined(w, split) for w in own] for p, own in given.items()})
    if not (version or "").startswith("3"):  # what TensorFlow.js itself writes computes as Keras 2 did
        graph = restore_old_activations(graph)
    return Description(
        path=path,
        files=file.files,
        format=file.format,
        writer=f"TensorFlow.js converter, {file.writer}",
        graph=graph,
        weights=weights,
        labels=labels_beside(path),
    )


def _joined(weight: Weight, split: dict[str, Weight]) -> Weight:
    """The weight, or the pieces that it is made of."""
    return split.get(weight.arrays[0].location, weight)


def _shard(path: Path, name: str) -> Path:
    """A shard lies in the same folder. Raises ``unsafe_model`` for any other place, ``weights_missing``."""
    shard = path.with_name(PurePosixPath(name).name or "_")
    if shard.name != name or name in {".", ".."} or "\\" in name or shard.is_symlink():
        raise TLStudioError("unsafe_model", path=path, found=f"it names weights in another place, “{name}”"[:200])
    if not shard.is_file():
        raise TLStudioError("weights_missing", path=path, wanted=name)
    return shard


def _pieces(path: Path, group: _Group, files: list[Path]) -> list[tuple[_Listed, list[Array]]]:
    """Where each weight of a group lies: its bytes run on from one shard to the next. Raises ``truncated_model``."""
    sizes = [file.stat().st_size for file in files]
    found: list[tuple[_Listed, list[Array]]] = []
    shard, offset = 0, 0
    for listed in group.weights:
        if listed.quantization is not None or listed.dtype != "float32":
            what = "quantised" if listed.quantization is not None else f"of type {listed.dtype}"
            raise not_a_model(
                path, f"its weights are {what}; ask for the model before it was made smaller for the web"
            )
        if any(size < 0 for size in listed.shape):
            raise TLStudioError("unreadable_network", path=path, detail="its list of weights makes no sense")
        left = prod(listed.shape) * ITEM
        pieces: list[Array] = []
        while left or not pieces:
            while shard < len(files) and offset == sizes[shard] and left:
                shard, offset = shard + 1, 0
            if shard == len(files):
                raise TLStudioError(
                    "truncated_model", path=path, detail=f"there are too few bytes for “{listed.name}”"
                )
            take = min(left, sizes[shard] - offset)
            if take % ITEM:
                raise TLStudioError(
                    "truncated_model", path=path, detail=f"“{files[shard].name}” ends within a number"
                )
            place = str(files[shard])
            pieces.append(Array(file=place, location=listed.name, shape=(take // ITEM,), dtype="<f4", offset=offset))
            left, offset = left - take, offset + take
        found.append((listed, pieces))
    if shard < len(files) - 1 or (files and offset != sizes[shard]):
        raise TLStudioError("truncated_model", path=path, detail="there are more bytes than weights")
    return found


def _by_top_layer(arrays: dict[str, list[Array]], graph: Graph) -> dict[str, list[Array]]:
    """As HDF5 groups them: the weights of a nested network under the network's name."""
    tops: dict[str, list[Array]] = {}
    for layer, own in arrays.items():
        name = layer.replace("/", "_")
        top = name if name in graph.layers else _branch_of(layer, graph)
        tops.setdefault(top, []).extend(own)
    return tops


def _branch_of(layer: str, graph: Graph) -> str:
    """The branch that holds the only layer of this name; the layer's own name where there is none."""
    last = layer.rsplit("/", 1)[-1]
    owners = [path for path in graph.layers if path.rsplit("/", 1)[-1] == last and "/" in path]
    return owners[0].split("/", 1)[0] if len(owners) == 1 else layer
