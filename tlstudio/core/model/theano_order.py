"""Weights of a network for channels-first images, put into the same network for channels-last ones.

Keras 1 kept the kernels of such networks as (filters, channels, height, width), and a Dense layer behind a flattening
got its values in the order (channels, height, width). Where a file has no description only the shapes tell.
"""

from collections.abc import Mapping, Sequence

import msgspec

from tlstudio.core.errors import QT_TRANSLATE_NOOP
from tlstudio.core.model import vocabulary
from tlstudio.core.model.arrays import Array, Weight
from tlstudio.core.model.graph import Graph, with_notes
from tlstudio.core.model.shapes import infer_shapes
from tlstudio.core.model.weight_shapes import expected_shapes

KERNELS = QT_TRANSLATE_NOOP("Repairs", "Kernels were stored in Theano's order and were transposed (Keras 1).")
ROWS = QT_TRANSLATE_NOOP(
    "Repairs", "The rows of a Dense layer were in the order of channels-first images and were reordered."
)
_AXES = (2, 3, 1, 0)
_KERNELS_OF = {"Conv2D", "Conv2DTranspose"}


def is_theano_ordered(graph: Graph, arrays: Mapping[str, Sequence[Array]]) -> bool:
    """Whether every kernel has the shape that its layer takes only after exchanging axes. A kernel of as many
    filters as its window is wide may fit either way; some other then tells."""
    told = False
    for _path, theirs, ours in _kernels(graph, arrays):
        if theirs == ours:
            if tuple(theirs[axis] for axis in _AXES) != ours:
                return False
        elif tuple(theirs[axis] for axis in _AXES) == ours:
            told = True
        else:
            return False
    return told


def _kernels(
    graph: Graph, arrays: Mapping[str, Sequence[Array]]
) -> list[tuple[str, tuple[int, ...], tuple[int, ...]]]:
    """Path, shape in the file and shape that the layer takes, of every kernel of a channels-last convolution."""
    shapes = infer_shapes(graph)
    found = {}
    for call in graph.calls:
        spec = graph.layers[call.layer]
        if spec.type not in _KERNELS_OF or spec.config.get("data_format") == "channels_first" or not call.sources:
            continue
        expected = expected_shapes(spec.type, spec.config, shapes[call.sources[0]])
        own = arrays.get(call.layer)
        if expected and own and len(own[0].shape) == 4:
            found[call.layer] = (call.layer, own[0].shape, expected[0])
    return list(found.values())


def reorder(graph: Graph, weights: dict[str, list[Weight]]) -> tuple[Graph, dict[str, list[Weight]]]:
    """Transpose every kernel and reorder the rows of each Dense layer behind a flattening; what was done is noted."""
    repairs, reordered = graph.repairs, dict(weights)
    arrays = {path: [weight.arrays[0] for weight in own] for path, own in weights.items()}
    for path, theirs, _ours in _kernels(graph, arrays):
        shape = tuple(theirs[axis] for axis in _AXES)
        reordered[path] = [weights[path][0].then("transpose", _AXES, shape=shape), *weights[path][1:]]
        repairs = with_notes(repairs, "keras1_kernel_order", KERNELS, path)
    for path, (height, width, channels) in _behind_flattening(graph).items():
        if path in weights and weights[path][0].shape[0] == height * width * channels and height * width > 1:
            rows = weights[path][0].then("rows_from_channels_first", channels, height, width)
            reordered[path] = [rows, *weights[path][1:]]
            repairs = with_notes(repairs, "flatten_order", ROWS, path)
    return msgspec.structs.replace(graph, repairs=repairs), reordered


def _behind_flattening(graph: Graph) -> dict[str, tuple[int, int, int]]:
    """Dense layers that take a flattened image, with its shape."""
    shapes = infer_shapes(graph)
    found: dict[str, tuple[int, int, int]] = {}
    for call in graph.calls:
        if graph.layers[call.layer].type != "Dense" or not call.sources:
            continue
        below = call.sources[0]
        while _passes_on(graph, below):
            below = graph.calls[below].sources[0]
        source = graph.calls[below].sources
        shape = shapes[source[0]] if graph.layers[graph.calls[below].layer].type == "Flatten" and source else None
        if shape is not None and len(shape) == 3 and None not in shape:
            height, width, channels = (int(size or 0) for size in shape)
            found[call.layer] = height, width, channels
    return found


def _passes_on(graph: Graph, call: int) -> bool:
    type_ = graph.layers[graph.calls[call].layer].type
    return type_ in vocabulary.SHAPE_KEEPING & vocabulary.WEIGHTLESS and len(graph.calls[call].sources) == 1
