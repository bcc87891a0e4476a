"""All that a person is shown of a model file."""

from typing import Any

import msgspec

from tlstudio.core.errors import QT_TRANSLATE_NOOP, TLStudioError
from tlstudio.core.model import vocabulary
from tlstudio.core.model.cuts import Cut
from tlstudio.core.model.description import Preprocessing
from tlstudio.core.model.graph import Note
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.reading import notes_of
from tlstudio.core.model.shapes import Shape

NO_CLASSES = QT_TRANSLATE_NOOP("Repairs", "It gives features, no class scores; use it below a new head.")


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
    labels: list[str] = []
    recognised: str = ""
    outputs: list[str] = []
    asks: list[str] = []


def describe(model: ModelFile) -> Inspection:
    graph = model.graph
    first = graph.inputs[0] if len(graph.inputs) == 1 else None
    last = graph.outputs[0] if len(graph.outputs) == 1 else None
    problem = classifier_problem(model)
    warnings = notes_of(model)
    if problem:
        warnings.append(Note(code="not_image_classifier", message=problem))
    elif last is not None and model.output_units is None:
        warnings.append(Note(code="no_class_output", message=NO_CLASSES))
    return Inspection(
        path=str(model.path),
        format=model.format,
        writer=model.writer,
        input_shape=_with_batch(model.shapes[graph.calls[first].layer]) if first is not None else None,
        output_shape=_with_batch(model.shapes[graph.calls[last].layer]) if last is not None else None,
        parameters=model.parameters,
        layers=_tree(model),
        preprocessing=model.preprocessing,
        repairs=list(graph.repairs),
        warnings=warnings,
        labels=list(model.labels),
        recognised=model.recognised,
        outputs=list(model.outputs),
        asks=list(model.asks),
    )


def classifier_problem(model: ModelFile) -> str:
    """Why the network is no image classifier and no part of one, in words; empty if it can be used."""
    graph = model.graph
    if len(graph.inputs) != 1:
        return f"it takes {len(graph.inputs)} inputs"
    if "output" in model.asks:
        return ""  # which one is still to be chosen
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
    """Raise ``not_image_classifier`` where ``classifier_problem`` finds one, ``several_outputs`` where one of them
    is still to be chosen."""
    if "output" in model.asks:
        raise TLStudioError("several_outputs", outputs=", ".join(model.outputs))
    problem = classifier_problem(model)
    if problem:
        raise TLStudioError("not_image_classifier", detail=problem)


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
            parameters=sum(weight.size for weight in model.weights.get(path, [])),
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
