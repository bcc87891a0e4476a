"""Operations that are layers by themselves, or move values: what each becomes."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from tlstudio.core.model.savedmodel import attributes, reshaping, slices, spatial
from tlstudio.core.model.savedmodel.affine import clipped
from tlstudio.core.model.savedmodel.arguments import each, integers, require_known, require_piece
from tlstudio.core.model.savedmodel.known import Known, UnsupportedError, number, reshaped, transposed
from tlstudio.core.model.savedmodel.pieces import Piece, make

_REDUCTIONS = {"Mean", "Max", "Min", "Sum"}


def _matrix_product(node: Any, name: str, values: list[Any]) -> Piece:
    x, matrix = require_piece(values[0]), require_known(values[1])
    if attributes.flag(node, "transpose_a") or attributes.flag(node, "adj_x"):
        raise UnsupportedError("of a turned tensor")
    while len(matrix.shape) > 2 and matrix.shape[0] == 1:
        matrix = reshaped(matrix, matrix.shape[1:])
    if len(matrix.shape) != 2 or (node.op == "MatMul" and x.rank != 1):
        raise UnsupportedError("of another rank")
    if attributes.flag(node, "transpose_b") or attributes.flag(node, "adj_y"):
        matrix = transposed(matrix, [1, 0])
    return each(lambda inner: _dense(name, inner, matrix), x)


def _dense(name: str, x: Piece, matrix: Known) -> Piece:
    if x.shape is None or x.shape[-1] != matrix.shape[0]:
        raise UnsupportedError("of other sizes")
    return make("Dense", name, (x,), (matrix,), units=matrix.shape[1], use_bias=False)


def _einsum(node: Any, name: str, values: list[Any]) -> Piece:
    """``ab…c,cd->ab…d``: a Dense layer on the last axis."""
    x, matrix = require_piece(values[0]), require_known(values[1])
    left, _arrow, result = attributes.text(node, "equation").replace(" ", "").partition("->")
    first, _comma, second = left.partition(",")
    if len(second) != 2 or first[-1:] != second[0] or result != first[:-1] + second[1]:
        raise UnsupportedError("in another order")
    return _dense(name, x, matrix)


def _clip(_node: Any, name: str, values: list[Any]) -> Piece:
    low, high = require_known(values[1]).scalar, require_known(values[2]).scalar
    if low is None or high is None:
        raise UnsupportedError("with arrays")
    return clipped(require_piece(values[0]), name, low, high)


def _pad(node: Any, name: str, values: list[Any]) -> Piece:
    value = require_known(values[2]) if len(values) > 2 else None
    return spatial.padding(name, require_piece(values[0]), require_known(values[1]), value)


def _batch_normalization(node: Any, name: str, values: list[Any]) -> Piece:
    scale, offset, mean, variance = (require_known(value) for value in values[1:])
    return spatial.in_its_order(
        node, name, require_piece(values[0]),
        lambda x: spatial.batch_normalization(node, name, x, scale, offset, mean, variance),
    )  # fmt: skip


def _split(node: Any, name: str, values: list[Any]) -> list[Piece]:
    axis, x = integers(values[0])[0], require_piece(values[1])
    count = attributes.whole(node, "num_split", 1)
    size = (x.shape or ())[axis % (x.rank + 1) - 1]
    if size is None or count < 1 or size % count:
        raise UnsupportedError("into unequal parts")
    return slices.pieces_of(name, x, axis, [size // count] * count)


def _gather(_node: Any, name: str, values: list[Any]) -> Piece:
    """Channels in another order, where it is one of even steps (RGB to BGR)."""
    x, indices, axis = (
        require_piece(values[0]),
        integers(values[1]),
        integers(values[2])[0] % (values[0].rank + 1),
    )
    steps = {b - a for a, b in pairwise(indices)} or {1}
    if len(steps) != 1 or 0 in steps or len(require_known(values[1]).shape) != 1:
        raise UnsupportedError("in another order")
    step = steps.pop()
    stop = indices[-1] + step
    return slices.sliced(name, x, axis, slice(indices[0], stop if stop >= 0 else None, step))


def _reverse(_node: Any, name: str, values: list[Any]) -> Piece:
    x = require_piece(values[0])
    for axis in integers(values[1]):
        x = slices.sliced(name, x, axis % (x.rank + 1), slice(None, None, -1))
    return x


def _slice(_node: Any, name: str, values: list[Any]) -> Piece:
    x, begin, size = require_piece(values[0]), integers(values[1]), integers(values[2])
    if len(begin) != x.rank + 1 or len(size) != x.rank + 1 or begin[0] != 0 or size[0] != -1:
        raise UnsupportedError("of the batch")
    for axis in range(1, x.rank + 1):
        part = slice(begin[axis], None if size[axis] == -1 else begin[axis] + size[axis], 1)
        x = slices.sliced(f"{name}_{axis}" if axis > 1 else name, x, axis, part)
    return x


def _select(_node: Any, name: str, values: list[Any]) -> Piece:
    """Below 0 a part of what it is above: ELU (Clevert et al. 2016) and leaky ReLU."""
    condition, above = require_piece(values[0]), require_piece(values[1])
    if condition.type != "Greater":
        raise UnsupportedError("by a condition")
    x, than = condition.inputs[0], condition.config["than"]
    if isinstance(values[2], Known):
        if above is not x or values[2].scalar != 0:
            raise UnsupportedError("by a condition")
        return make("ReLU", name, (x,), threshold=than)
    below = require_piece(values[2])
    if than != 0 or below.type != "Affine" or below.inputs[0] is not above:
        raise UnsupportedError("by a condition")
    slope = below.scale.scalar if below.scale is not None and below.offset is None else None
    if slope is None:
        raise UnsupportedError("by a condition")
    if above is x:
        return make("LeakyReLU", name, (x,), negative_slope=slope)
    if above.type == "Activation" and above.config["activation"] == "elu" and above.inputs[0] is x:
        return make("ELU", name, (x,), alpha=slope)
    raise UnsupportedError("by a condition")


def _tile(_node: Any, name: str, values: list[Any]) -> Piece:
    """Along a single axis that was just made; what is made of it is seen at the reshaping that follows."""
    x, times = require_piece(values[0]), integers(values[1])
    repeated = [place for place, count in enumerate(times) if count != 1]
    if not repeated:
        return x
    if len(repeated) != 1 or x.type != "Reshape" or repeated[0] < 2 or (x.shape or ())[repeated[0] - 1] != 1:
        raise UnsupportedError("along an axis of the image")
    base = x.inputs[0]
    place = repeated[0]
    if [*(base.shape or ())[: place - 1], 1, *(base.shape or ())[place - 1 :]] != list(x.shape or ()):
        raise UnsupportedError("along an axis of the image")
    return Piece("Tiled", {"axis": place - 1, "times": times[place]}, (base,), shape=None, name=name)


OPERATIONS: dict[str, Callable[[Any, str, list[Any]], Piece | Known | list[Piece]]] = {
    **dict.fromkeys(("Conv2D", "DepthwiseConv2dNative"), lambda node, name, v: spatial.convolution(node, name, require_piece(v[0]), require_known(v[1]))),
    "Conv2DBackpropInput": lambda node, name, v: spatial.in_its_order(
        node, name, require_piece(v[2]), lambda x: spatial.transposed_convolution(node, name, require_known(v[0]), require_known(v[1]), x)
    ),
    **dict.fromkeys(("MaxPool", "AvgPool"), lambda node, name, v: spatial.in_its_order(node, name, require_piece(v[0]), lambda x: spatial.pooling(node, name, x))),
    **dict.fromkeys(("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"), _batch_normalization),
    **dict.fromkeys(("Pad", "PadV2"), _pad),
    **dict.fromkeys(("ResizeBilinear", "ResizeNearestNeighbor"), lambda node, name, v: spatial.resizing(node, name, require_piece(v[0]), require_known(v[1]))),
    "SpaceToBatchND": lambda _node, name, v: spatial.space_to_batch(name, require_piece(v[0]), require_known(v[1]), require_known(v[2])),
    "BatchToSpaceND": lambda _node, name, v: spatial.batch_to_space(name, require_piece(v[0]), require_known(v[1]), require_known(v[2])),
    **dict.fromkeys(("MatMul", "BatchMatMul", "BatchMatMulV2"), _matrix_product),
    "Einsum": _einsum,
    **dict.fromkeys(_REDUCTIONS, lambda node, name, v: reshaping.reduction(node, name, require_piece(v[0]), integers(v[1]))),
    "Shape": lambda _node, _name, v: reshaping.sizes_of(require_piece(v[0])),
    "Rank": lambda _node, _name, v: number(np.int32(require_piece(v[0]).rank + 1)),
    "ExpandDims": lambda _node, name, v: reshaping.expand(name, require_piece(v[0]), integers(v[1])[0]),
    "Squeeze": lambda node, name, v: reshaping.squeeze(node, name, require_piece(v[0])),
    "Transpose": lambda _node, name, v: reshaping.transpose(name, require_piece(v[0]), integers(v[1])),
    "StridedSlice": lambda node, name, v: slices.strided_slice(node, name, require_piece(v[0]), [require_known(value) for value in v[1:4]]),
    "Slice": _slice,
    "Split": _split,
    "SplitV": lambda _node, name, v: slices.pieces_of(name, require_piece(v[0]), integers(v[2])[0], integers(v[1])),
    "GatherV2": _gather,
    "ReverseV2": _reverse,
    "Tile": _tile,
    "ClipByValue": _clip,
    **dict.fromkeys(("Select", "SelectV2"), _select),
}  # fmt: skip
