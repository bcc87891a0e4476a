"""Keras' own description inside a SavedModel, and which variable of the checkpoint belongs to which layer.

Keras 2 writes a model's config three times over in history: as ``assets/saved_model.json`` (TensorFlow 1.13 and
1.14), as metadata of the saved objects (2.0 to 2.4), and as ``keras_metadata.pb`` (2.5 and later). The checkpoint
holds the tree of objects, by which variables are found: a network's layers are its children ``layer-0``,
``layer-1`` …, a layer's variables are children with the names of its attributes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model import vocabulary
from tlstudio.core.model.arrays import Array
from tlstudio.core.model.keras_file import as_config, parse_config
from tlstudio.core.model.savedmodel.bundle import OBJECT_GRAPHS, Bundle
from tlstudio.core.model.savedmodel.folder import KERAS_JSON, KERAS_METADATA, MAX_DESCRIPTION, Folder
from tlstudio.core.model.savedmodel.messages import parse

MAX_OBJECTS = 500_000
MAX_DEPTH = 30
_NETWORKS = {"_tf_keras_sequential", "_tf_keras_network", "_tf_keras_model"}

# Attributes that hold a layer's weights, in the order of Keras' own list; other names that versions gave them
# follow a stroke.
_CONVOLUTION = ("kernel", "bias")
_NORMALIZATION = ("gamma", "beta")
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(vocabulary.CONVOLUTIONS | {"Dense"}, _CONVOLUTION),
    **dict.fromkeys(("DepthwiseConv1D", "DepthwiseConv2D"), ("depthwise_kernel", "bias")),
    **dict.fromkeys(("SeparableConv1D", "SeparableConv2D"), ("depthwise_kernel", "pointwise_kernel", "bias")),
    **dict.fromkeys(("LayerNormalization", "GroupNormalization"), _NORMALIZATION),
    "BatchNormalization": (*_NORMALIZATION, "moving_mean", "moving_variance"),
    "PReLU": ("alpha",),
    "Normalization": ("mean|adapt_mean", "variance|adapt_variance", "count"),
    "Embedding": ("embeddings",),
}  # fmt: skip

# Variables that belong to training, not to the network.
_TRAINING = (
    "optimizer",
    "save_counter",
    "keras_api/",
    "_CHECKPOINTABLE",
    "loss_tracker",
    "loss_metric",
    "epoch",
    "step",
)
_ASIDE = (".OPTIMIZER_SLOT", "_random_generator", "_generator", "_rng", "/_metrics/")


@dataclass(frozen=True)
class KerasObjects:
    """``config``: class name and config of the outermost network. ``version``: of the Keras that wrote it."""

    config: dict[str, Any]
    version: str


def find_config(folder: Folder, meta_graph: Any) -> KerasObjects | None:
    """The config of the outermost network; None where the file has none, or that of a self-written class.

    Raises ``unsafe_model``, ``truncated_model``, ``unreadable_network``.
    """
    texts = [*_from_json(folder), *_from_metadata(folder), *_from_objects(meta_graph)]
    for text in texts:
        config = _without_tuples(parse_config(text, folder.opened))
        if config["class_name"] not in vocabulary.NETWORKS or not _has_layers(config):
            continue
        version = config.get("keras_version")
        return KerasObjects(as_config(config, folder.opened), version if isinstance(version, str) else "")
    return None


def _has_layers(config: dict[str, Any]) -> bool:
    inner = config.get("config")
    return bool(inner) and (isinstance(inner, list) or (isinstance(inner, dict) and "layers" in inner))


def _from_json(folder: Folder) -> Iterator[str]:
    path = folder.file(KERAS_JSON)
    if path is None:
        return
    if path.stat().st_size > MAX_DESCRIPTION:
        raise TLStudioError("unsafe_model", path=folder.opened, found="the network's description is too large")
    yield path.read_text("utf-8-sig", "replace")


def _from_metadata(folder: Folder) -> Iterator[str]:
    message = folder.message(KERAS_METADATA, "KerasMetadata", MAX_DESCRIPTION)
    for node in message.nodes if message is not None else ():
        if node.node_path == "root" and node.identifier in _NETWORKS:
            yield node.metadata


def _from_objects(meta_graph: Any) -> Iterator[str]:
    nodes = meta_graph.object_graph_def.nodes
    if len(nodes) and nodes[0].user_object.identifier in _NETWORKS and nodes[0].user_object.metadata:
        yield nodes[0].user_object.metadata


def _without_tuples(value: Any, depth: int = 0) -> Any:
    """Tuples are written as objects with their items; a config's lists do the same."""
    if depth > 200:
        raise RecursionError
    if isinstance(value, dict):
        if value.get("class_name") in {"__tuple__", "tuple"} and isinstance(value.get("items"), list):
            return [_without_tuples(item, depth + 1) for item in value["items"]]
        return {key: _without_tuples(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_tuples(item, depth + 1) for item in value]
    return value


class ObjectWeights:
    """Finds the arrays of a config's layers by the tree of objects in a checkpoint."""

    def __init__(self, folder: Folder, bundle: Bundle) -> None:
        self.path, self.bundle = folder.opened, bundle
        data = next((text for name in OBJECT_GRAPHS if (text := bundle.text(name)) is not None), None)
        if data is None:
            raise self._mismatch("the checkpoint does not say whose its variables are")
        self.nodes = parse("Trackables", data, folder.root / "variables").nodes
        if not 0 < len(self.nodes) <= MAX_OBJECTS:
            raise TLStudioError("unsafe_model", path=self.path, found=f"it claims {len(self.nodes)} objects")
        self.used: dict[str, str] = {}

    def by_path(self, config: dict[str, Any]) -> dict[str, list[Array]]:
        """Arrays by layer path. Raises ``weights_mismatch`` where a variable is left over or has two owners."""
        arrays = self._of_network(config, 0, "", 0)
        unused = [key for key in self.bundle.arrays if key not in self.used and not self._is_aside(key)]
        if unused:
            raise self._mismatch(f"“{unused[0].removesuffix('/.ATTRIBUTES/VARIABLE_VALUE')}” belongs to no layer")
        return arrays

    def _of_network(self, config: dict[str, Any], number: int, prefix: str, depth: int) -> dict[str, list[Array]]:
        if depth > MAX_DEPTH:
            raise TLStudioError("unsafe_model", path=self.path, found="networks are nested without end")
        arrays: dict[str, list[Array]] = {}
        for entry, child in self._layers(config, number):
            inner = entry["config"]
            name = entry.get("name") or (inner.get("name") if isinstance(inner, dict) else None) or "layer"
            path = f"{prefix}{str(name).replace('/', '_')}"
            type_ = str(entry["class_name"]).rsplit(">", 1)[-1]
            if type_ in vocabulary.NETWORKS:
                arrays |= self._of_network(entry, child, f"{path}/", depth + 1)
            else:
                found = self._of_layer(type_, child, path)
                if found:
                    arrays[path] = found
        return arrays

    def _layers(self, config: dict[str, Any], number: int) -> Iterator[tuple[dict[str, Any], int]]:
        """The config's layers with their objects. A Sequential counts its input as a layer or doesn't, as versions
        will have it; and where it does, the config may leave it out."""
        body = config["config"]
        entries = body["layers"] if isinstance(body, dict) else body
        children = {child.local_name: child.node_id for child in self.nodes[number].children}
        count = sum(1 for name in children if name.startswith("layer-"))
        if isinstance(body, list) or "input_layers" not in body:
            entries = [entry for entry in entries if entry["class_name"] != "InputLayer"]
            first = count - len(entries)
        else:
            first = 0
        if first not in (0, 1) or count != len(entries) + first:
            raise self._mismatch(f"the network has {len(entries)} layers, its checkpoint {count}")
        for place, entry in enumerate(entries, first):
            child = children.get(f"layer-{place}", -1)
            if not 0 <= child < len(self.nodes):
                raise self._mismatch(f"layer {place} is not in the checkpoint")
            yield entry, child

    def _of_layer(self, type_: str, number: int, path: str) -> list[Array]:
        children = {child.local_name: child.node_id for child in self.nodes[number].children}
        arrays = []
        for names in ATTRIBUTES.get(type_, ()):
            name = next((name for name in names.split("|") if name in children), None)
            array = None if name is None else self._variable(children[name], path)
            if array is not None:
                arrays.append(array)
        if type_ not in ATTRIBUTES:  # a layer that is shown but not built keeps its variables
            listed = self.nodes[children["variables"]].children if "variables" in children else ()
            arrays = [array for child in listed if (array := self._variable(child.node_id, path)) is not None]
        return arrays

    def _variable(self, number: int, path: str) -> Array | None:
        if not 0 <= number < len(self.nodes):
            raise self._mismatch(f"layer “{path}” names an object that is not there")
        for attribute in self.nodes[number].attributes:
            array = self.bundle.arrays.get(attribute.checkpoint_key)
            if array is None:
                continue
            owner = self.used.setdefault(attribute.checkpoint_key, path)
            if owner != path:
                raise self._mismatch(f"“{attribute.checkpoint_key}” belongs to “{owner}” and to “{path}”")
            return array
        return None

    def _is_aside(self, key: str) -> bool:
        return key.startswith(_TRAINING) or any(part in key for part in _ASIDE)

    def _mismatch(self, detail: str) -> TLStudioError:
        return TLStudioError("weights_mismatch", path=self.path, detail=detail)
