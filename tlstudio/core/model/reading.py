"""Opening a model file: whatever its kind, it ends as a ``ModelFile``. Nothing is built and nothing executed."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np

from tlstudio.core.errors import QT_TRANSLATE_NOOP, TLStudioError
from tlstudio.core.export import card_of
from tlstudio.core.model import catalogue
from tlstudio.core.model.arrays import Weight
from tlstudio.core.model.channels import to_channels_last
from tlstudio.core.model.cuts import find_cuts
from tlstudio.core.model.description import Description, Preprocessing
from tlstudio.core.model.graph import Graph, LayerSpec, Note
from tlstudio.core.model.keras_model import describe_keras
from tlstudio.core.model.kinds import kind_of
from tlstudio.core.model.model_file import ModelFile, refusal_of
from tlstudio.core.model.opening import Opening
from tlstudio.core.model.recognising import recognise_model, scaling_of
from tlstudio.core.model.shapes import Shape, check_sizes, infer_shapes
from tlstudio.core.model.weight_shapes import check_weights

DEFAULT_SIDE = 224  # pixels: what most networks of the ImageNet kind were trained on
NO_CHOICES = Opening()


def open_model(path: Path, opening: Opening = NO_CHOICES) -> ModelFile:
    """Read a model file as data. Only to be called where a process may die of a file: see ``core.model.safely``.

    Raises:
        TLStudioError: ``model_missing``, ``not_a_model``, ``truncated_model``, ``unsafe_model``, ``weights_only``,
            ``unreadable_network``, ``weights_mismatch``, ``unsupported_layer``, ``lambda_layer``,
            ``output_unknown``, ``architecture_unknown``; ``plan_invalid`` where an export's card is damaged.
    """
    description = describe_file(Path(path), opening)
    if card_of(Path(path)) is not None:
        # Our own export scales pixels inside. Of a graph alone that can't always be seen: a scaling by 1 is no layer.
        description = replace(description, preprocessing=Preprocessing(mode="raw", source="declared"))
    return understand(description, opening)


def describe_file(path: Path, opening: Opening) -> Description:
    """What the reader of the file's kind makes of it. Raises as ``open_model`` does."""
    kind = kind_of(path)
    if kind == "caffe":
        from tlstudio.core.model.caffe.network import describe_caffe

        return describe_caffe(path, opening)
    if kind == "savedmodel":
        from tlstudio.core.model.savedmodel.network import describe_savedmodel

        return describe_savedmodel(path, opening)
    return describe_keras(path, kind, opening)


def understand(description: Description, opening: Opening) -> ModelFile:
    """Choose the output, fill in the input's size, order the channels, and check what comes of it."""
    outputs = tuple(description.graph.calls[number].layer for number in description.graph.outputs)
    graph = _with_output(description.graph, opening.output)
    if not set(graph.inputs) <= graph.used_by(graph.outputs):
        graph = graph.only(graph.outputs)  # an input that nothing takes asks nothing of anybody
    graph = _with_size(to_channels_last(graph), opening.input_size)
    cuts = find_cuts(graph)
    for path, spec in graph.layers.items():
        if spec.refusal:
            raise refusal_of(graph, path, description.path, cuts)
    weights = {path: description.weights[path] for path in graph.layers if description.weights.get(path)}
    shapes = _checked_shapes(graph, weights, description.path)
    recognised = recognise_model(graph, weights)
    preprocessing = description.preprocessing or _declared_scaling(graph, weights)
    if preprocessing.source == "assumed" and recognised is not None:
        known = scaling_of(recognised)
        # A reader's own guess tells how its kind of file is trained: the same layers with others' weights were
        # trained on other values (Caffe's MobileNet on BGR). The catalogue may confirm it, no more.
        if description.preprocessing is None or description.preprocessing.mode == known.mode:
            preprocessing = known
    return ModelFile(
        path=description.path,
        files=description.files,
        format=description.format,
        writer=description.writer,
        graph=graph,
        weights=weights,
        shapes=shapes,
        cuts=cuts,
        preprocessing=preprocessing,
        warnings=(*description.warnings, *graph.warnings, *_cast_note(weights)),
        labels=_fitting_labels(description.labels, graph, shapes),
        recognised=recognised.network.name if recognised is not None else "",
        opening=opening,
        asks=_asks(graph),
        outputs=outputs,
    )


def with_input_size(model: ModelFile, size: tuple[int, int]) -> ModelFile:
    """The same model where a free height and width are filled in. Raises ``unsafe_model``, ``weights_mismatch``,
    ``unreadable_network`` where the network can't work on such images."""
    graph = _with_size(model.graph, size)
    return msgspec.structs.replace(
        model,
        graph=graph,
        shapes=_checked_shapes(graph, model.weights, model.path),
        opening=msgspec.structs.replace(model.opening, input_size=size),
        asks=_asks(graph),
    )


def with_default_size(model: ModelFile) -> ModelFile:
    """The same model with the usual size of images, where it takes any and none was chosen."""
    return with_input_size(model, default_size(model)) if "input_size" in model.asks else model


def default_size(model: ModelFile) -> tuple[int, int]:
    """Height and width to offer for a network that takes any: what the catalogue's network was trained on."""
    known = {network.name: network.size for network in catalogue.networks()} if model.recognised else {}
    return known.get(model.recognised, (DEFAULT_SIDE, DEFAULT_SIDE))


def _checked_shapes(graph: Graph, weights: dict[str, list[Weight]], path: Path) -> dict[str, Shape]:
    """Output shapes by layer path (of its first call), after checking sizes and weights against them."""
    by_call = infer_shapes(graph)
    check_sizes(graph, by_call, path)
    check_weights(graph, by_call, weights, path)
    shapes: dict[str, Shape] = {}
    for call, shape in zip(graph.calls, by_call, strict=True):
        shapes.setdefault(call.layer, shape)
    return shapes


def _asks(graph: Graph) -> tuple[str, ...]:
    asks = ["output"] if len(graph.outputs) > 1 else []
    inputs = [graph.layers[graph.calls[number].layer] for number in graph.inputs]
    if len(inputs) == 1 and _has_free_size(inputs[0]):
        asks.append("input_size")
    return tuple(asks)


def _has_free_size(spec: LayerSpec) -> bool:
    shape = spec.config["shape"]
    return len(shape) in {2, 3} and None in shape[:2]


def _with_output(graph: Graph, output: str) -> Graph:
    """Raises ``output_unknown``."""
    if not output:
        return graph
    numbers = graph.calls_of(output)
    if not numbers:
        named = [path for path in graph.layers if path.rsplit("/", 1)[-1] == output]
        if len(named) != 1:
            raise TLStudioError("output_unknown", layer=output)
        numbers = graph.calls_of(named[0])
    return graph.only((numbers[-1],))


def _with_size(graph: Graph, size: tuple[int, int] | None) -> Graph:
    """Fill a free height and width in; a network that names its size keeps it."""
    if size is None or len(graph.inputs) != 1:
        return graph
    path = graph.calls[graph.inputs[0]].layer
    spec = graph.layers[path]
    if not _has_free_size(spec):
        return graph
    shape = [given if known is None else known for known, given in zip(spec.config["shape"], size, strict=False)]
    shape += spec.config["shape"][2:]
    filled = msgspec.structs.replace(spec, config={**spec.config, "shape": shape})
    return msgspec.structs.replace(graph, layers={**graph.layers, path: filled})


def _declared_scaling(graph: Graph, weights: dict[str, list[Weight]]) -> Preprocessing:
    """What the network itself does to pixels, as far as its layers tell."""
    for call in graph.calls:
        if graph.layers[call.layer].type in {"Rescaling", "Normalization"}:
            return Preprocessing(mode="raw", source="declared")
        if weights.get(call.layer):
            break  # what scales above a layer with weights scales features, not pixels
    return Preprocessing(mode="unit", source="assumed")


def _cast_note(weights: dict[str, list[Weight]]) -> tuple[Note, ...]:
    """Whole numbers where a layer computes with fractions; single ones are counters."""
    cast = [
        path
        for path, wanted in weights.items()
        if any(array.size > 1 and np.dtype(_known(array.dtype)).kind in "iub" for w in wanted for array in w.arrays)
    ]
    return (Note(code="weights_cast", message=CAST, layers=tuple(cast)),) if cast else ()


def _known(dtype: str) -> str:
    return "<f4" if dtype == "bfloat16" else dtype


def _fitting_labels(labels: tuple[str, ...], graph: Graph, shapes: dict[str, Shape]) -> tuple[str, ...]:
    """Class names from beside the file, if there are as many as the network has classes (one unit tells two apart)."""
    shape = shapes[graph.calls[graph.outputs[0]].layer]
    return labels if shape and max(shape[-1] or 0, 2) == len(labels) else ()


CAST = QT_TRANSLATE_NOOP(
    "Repairs",
    "Some weights are stored as whole numbers; they were converted. Check that the network still does its work.",
)
FREE_SIZE = QT_TRANSLATE_NOOP("Repairs", "The network takes images of any size; choose the one to train with.")
SEVERAL_OUTPUTS = QT_TRANSLATE_NOOP("Repairs", "The network has several outputs; choose the one to use.")


def notes_of(model: ModelFile) -> list[Note]:
    """What a person should know: what the reader found, and what is still to be chosen."""
    words = {"input_size": FREE_SIZE, "output": SEVERAL_OUTPUTS}
    return [*model.warnings, *(Note(code=f"choose_{ask}", message=words[ask]) for ask in model.asks)]
