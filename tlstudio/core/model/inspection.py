"""All that a person is shown of a model file, and the opened file that the engine builds from."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tlstudio.core.errors import QT_TRANSLATE_NOOP, TLStudioError
from tlstudio.core.model import vocabulary
from tlstudio.core.model.channels import to_channels_last
from tlstudio.core.model.container import Array, Container, read_container
from tlstudio.core.model.cuts import Cut, find_cuts
from tlstudio.core.model.graph import Graph, read_graph
from tlstudio.core.model.shapes import Shape, infer_shapes
from tlstudio.core.model.weights import assign_weights


@dataclass(frozen=True)
class ModelFile:
    """A model file that was read and understood, but not built: its container, graph, arrays and shapes."""

    container: Container
    graph: Graph
    arrays: dict[str, list[Array]]
    shapes: dict[str, Shape]
    cuts: dict[str, Cut]

    @property
    def path(self) -> Path:
        return self.container.path

    @property
    def input_shape(self) -> Shape:
        return self.shapes[self.graph.calls[self.graph.inputs[0]].layer]

    @property
    def output_shape(self) -> Shape:
        return self.shapes[self.graph.calls[self.graph.outputs[0]].layer]

    @property
    def output_units(self) -> int | None:
        """How many class scores the network gives; (1, 1, N) counts as N."""
        shape = self.output_shape
        if not shape or any(size != 1 for size in shape[:-1]):
            return None
        return shape[-1]


class CutInfo(msgspec.Struct, frozen=True, kw_only=True):
    legal: bool
    reason: str = ""
    reason_code: str = ""
    join: str = ""


class LayerNode(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the layer tree. ``output_shape`` begins with the batch axis (None)."""

    path: str
    name: str
    type: str
    output_shape: list[int | None] | None
    parameters: int
    trainable: bool
    children: list["LayerNode"] = []
    cut: CutInfo


class Preprocessing(msgspec.Struct, frozen=True, kw_only=True):
    mode: str
    source: str  # "declared": the network scales by itself; "assumed": the file says nothing


class Note(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    message: str


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of ``tlstudio inspect``. Shapes begin with the batch axis (None)."""

    path: str
    format: str
    writer: str
    input_shape: list[int | None] | None
    output_shape: list[int | None] | None
    parameters: int
    layers: list[LayerNode]
    preprocessing: Preprocessing
    repairs: list[Note]
    warnings: list[Note]


def open_model(path: Path) -> ModelFile:
    """Read a model file as data.

    Raises:
        TLStudioError: see ``read_container``, ``read_graph`` and ``assign_weights``.
    """
    container = read_container(Path(path))
    graph = read_graph(container.config, container.path)
    arrays = assign_weights(container, graph)
    graph = to_channels_last(graph)
    by_call = infer_shapes(graph)
    shapes: dict[str, Shape] = {}
    for call, shape in zip(graph.calls, by_call, strict=True):
        shapes.setdefault(call.layer, shape)
    return ModelFile(container, graph, arrays, shapes, find_cuts(graph))


def inspect_model(path: Path) -> Inspection:
    """What is in a model file: see ``open_model`` for what it raises."""
    return describe(open_model(path))


def describe(model: ModelFile) -> Inspection:
    container, graph = model.container, model.graph
    first = graph.inputs[0] if len(graph.inputs) == 1 else None
    last = graph.outputs[0] if len(graph.outputs) == 1 else None
    problem = classifier_problem(model)
    warnings = [Note(code="not_image_classifier", message=problem)] if problem else []
    if model.output_units is None and not problem:
        message = QT_TRANSLATE_NOOP("Repairs", "It gives features, no class scores; use it below a new head.")
        warnings.append(Note(code="no_class_output", message=message))
    version = container.keras_version or "of unknown version"
    return Inspection(
        path=str(container.path),
        format=container.format,
        writer=f"Keras {version}" + (f" on {container.backend}" if container.backend else ""),
        input_shape=_with_batch(model.shapes[graph.calls[first].layer]) if first is not None else None,
        output_shape=_with_batch(model.shapes[graph.calls[last].layer]) if last is not None else None,
        parameters=sum(array.size for arrays in model.arrays.values() for array in arrays),
        layers=_tree(model),
        preprocessing=preprocessing_of(model),
        repairs=[Note(code=repair.code, message=repair.message) for repair in graph.repairs],
        warnings=warnings,
    )


def classifier_problem(model: ModelFile) -> str:
    """Why the network is no image classifier and no part of one, in words; empty if it can be used."""
    graph = model.graph
    if len(graph.inputs) != 1:
        return f"it takes {len(graph.inputs)} inputs"
    if len(graph.outputs) != 1:
        return f"it gives {len(graph.outputs)} outputs"
    sequences = [spec.path for spec in graph.layers.values() if spec.type in vocabulary.SEQUENCES]
    if sequences:
        return f"it works on text or other sequences (layer “{sequences[0]}”)"
    shape = model.input_shape
    if shape is None or not (len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3, 4))):
        return f"its input of shape {_words(shape)} is not an image"
    if len(shape) == 2 and any(spec.type == "Conv1D" for spec in graph.layers.values()):
        return f"its input of shape {_words(shape)} is a series, not an image"
    if any(size is not None and size < 2 for size in shape[:2]):
        return f"its input of shape {_words(shape)} is not an image"
    output = model.output_shape
    if output and len(output) == 3 and output[2] in (1, 3) and output[0] == shape[0] and output[1] == shape[1]:
        return "it gives an image, not class scores"
    return ""


def require_classifier(model: ModelFile) -> None:
    """Raise ``not_image_classifier`` where ``classifier_problem`` finds one."""
    problem = classifier_problem(model)
    if problem:
        raise TLStudioError("not_image_classifier", detail=problem)


def preprocessing_of(model: ModelFile) -> Preprocessing:
    """What the network was trained to see, as far as the file tells."""
    for call in model.graph.calls:
        if model.graph.layers[call.layer].type in {"Rescaling", "Normalization"}:
            return Preprocessing(mode="raw", source="declared")
        if model.arrays.get(call.layer):
            break  # what scales above a layer with weights scales features, not pixels
    return Preprocessing(mode="unit", source="assumed")


def leaves(nodes: list[LayerNode]) -> list[LayerNode]:
    """The tree's layers without its branches, from the input upwards."""
    found: list[LayerNode] = []
    for node in nodes:
        found += leaves(node.children) if node.children else [node]
    return found


def _words(shape: Shape) -> str:
    return "unknown" if shape is None else "×".join("?" if size is None else str(size) for size in shape)


def _with_batch(shape: Shape) -> list[int | None] | None:
    return None if shape is None else [None, *shape]


def _tree(model: ModelFile) -> list[LayerNode]:
    """Nest the layers by their paths, in the order of their first use."""
    root: dict[str, Any] = {}
    for path in dict.fromkeys(call.layer for call in model.graph.calls):
        place = root
        parts = path.split("/")
        for end in range(1, len(parts)):
            place = place.setdefault("/".join(parts[:end]), {})
        place[path] = None
    return [_node(model, path, children) for path, children in root.items()]


def _node(model: ModelFile, path: str, children: dict[str, Any] | None) -> LayerNode:
    cut = model.cuts.get(path, Cut(False, "aside"))
    info = CutInfo(legal=cut.legal, reason=cut.sentence, reason_code=cut.reason, join=cut.join)
    name = path.rsplit("/", 1)[-1]
    if children is None:
        spec = model.graph.layers[path]
        return LayerNode(
            path=path,
            name=name,
            type=spec.type,
            output_shape=_with_batch(model.shapes[path]),
            parameters=sum(array.size for array in model.arrays.get(path, [])),
            trainable=spec.trainable,
            cut=info,
        )
    nodes = [_node(model, child, below) for child, below in children.items()]
    return LayerNode(
        path=path,
        name=name,
        type=model.graph.branches[path].type,
        output_shape=nodes[-1].output_shape,
        parameters=sum(node.parameters for node in nodes),
        trainable=any(node.trainable for node in nodes),
        children=nodes,
        cut=info,
    )
