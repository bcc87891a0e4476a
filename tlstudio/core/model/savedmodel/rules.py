"""What each operation of a graph becomes: a known value, or a piece of the network.

An operation that is not here, or that is used in a way that no layer does, becomes a piece that can't be built;
what lies below it stays usable.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.arrays import plain
from tlstudio.core.model.savedmodel import attributes, reshaping, spatial
from tlstudio.core.model.savedmodel.affine import affine, clipped
from tlstudio.core.model.savedmodel.bodies import Dead, Handle, Opaque, Value
from tlstudio.core.model.savedmodel.bundle import Bundle
from tlstudio.core.model.savedmodel.known import (
    ALIASES,
    ELEMENTWISE,
    Known,
    UnsupportedError,
    arithmetic,
    number,
    reshaped,
    stored,
    transposed,
)
from tlstudio.core.model.savedmodel.patterns import recognised
from tlstudio.core.model.savedmodel.pieces import UNARY, WRAPPERS, Piece, make, refused
from tlstudio.core.model.savedmodel.tensors import Constants
from tlstudio.core.model.savedmodel.variables import VARIABLES

_PASSING = {
    "CheckNumerics", "EnsureShape", "Identity", "IdentityN", "PlaceholderWithDefault", "PreventGradient", "Snapshot",
    "StopGradient",
}  # fmt: skip
_ACTIVATIONS = {
    "Selu": "selu", "Sigmoid": "sigmoid", "Tanh": "tanh", "Softplus": "softplus", "Softsign": "softsign", "Elu": "elu",
    "LogSoftmax": "log_softmax", "Softmax": "softmax",
}  # fmt: skip
_OPERATIONS = {
    "Exp": "Exp",
    "Log": "Log",
    "Sqrt": "Sqrt",
    "Square": "Square",
    "Abs": "Absolute",
    "Reciprocal": "Reciprocal",
}
_MERGING = {
    "Add": "Add",
    "Sub": "Subtract",
    "Mul": "Multiply",
    "Maximum": "Maximum",
    "Minimum": "Minimum",
    "RealDiv": "Divide",
}
_REDUCTIONS = {"Mean", "Max", "Min", "Sum"}
_FROM_NUMBERS = {
    "All", "Any", "BroadcastTo", "ConcatV2", "Fill", "Gather", "GatherV2", "Max", "Mean", "Min", "OnesLike", "Pack",
    "Prod", "Range", "Rank", "ReverseV2", "Select", "SelectV2", "Size", "Slice", "StridedSlice", "Sum", "Tile", "ZerosLike",
}  # fmt: skip
_RANDOM = ("Random", "StatelessRandom", "StatefulUniform", "StatefulStandardNormal", "TruncatedNormal")
_WHOLE_NUMBERS = {3, 4, 5, 6, 9, 17, 22, 23}  # types of whole numbers, as TensorFlow numbers them
_FLOATS = {1, 2, 14, 19}


class Rules:
    """``batch``: the number of images that the graph was written for, None for any."""

    def __init__(
        self, inputs: dict[str, Piece], bundle: Bundle, keys: dict[str, str], constants: Constants, batch: int | None
    ) -> None:
        self._inputs, self._bundle, self._keys = inputs, bundle, keys
        self._constants, self._batch = constants, batch
        self.left_out: list[str] = []

    def __call__(self, node: Any, name: str, given: list[Value]) -> tuple[Value, ...]:
        """The values that an operation gives. Raises ``weights_mismatch`` for a variable that is not in the file."""
        if name in self._inputs:
            return (self._inputs[name],)
        if node.op in VARIABLES:
            return (Handle(name),) if node.op == "VarHandleOp" else (self._variable(name),)
        if node.op == "Merge":
            return next(((value,) for value in given if not isinstance(value, Dead)), (Dead(),))
        if any(isinstance(value, Dead) for value in given):
            return (Dead(), Dead())
        if node.op == "Switch":
            return _switched(given)
        if node.op == "ReadVariableOp" and given and isinstance(given[0], Handle):
            return (self._variable(given[0].name),)
        if node.op in _PASSING:
            return tuple(given)
        below = tuple(value for value in given if isinstance(value, Piece))
        is_random = node.op.startswith(_RANDOM) or any(isinstance(v, Opaque) and v.is_random for v in given)
        if is_random and below:
            plain_image = _without_augmentation(node.op, given)
            if plain_image is not None:
                self.left_out.append(name)
                return (plain_image,)
        try:
            for value in given:
                if isinstance(value, Opaque | Handle):
                    raise UnsupportedError(
                        f"with {value.op}" if isinstance(value, Opaque) else "with a variable itself"
                    )
            if any(piece.refusal for piece in below):
                return (refused(node.op, name, below),)
            values = self._apply(node, name, [value for value in given if isinstance(value, Known | Piece)])
        except (
            UnsupportedError,
            ValueError,
            IndexError,
            TypeError,
            KeyError,
            ZeroDivisionError,
            OverflowError,
        ) as error:
            if below:
                words = f" ({error})" if isinstance(error, UnsupportedError) and str(error) else ""
                return (refused(f"{node.op}{words}", name, below),)
            return (Opaque(node.op, is_random),)
        return tuple(recognised(value) if isinstance(value, Piece) else value for value in values)

    def _variable(self, name: str) -> Known:
        key = self._keys.get(name, name)
        if key not in self._bundle.arrays:
            words = (
                "is kept in parts, which is not supported"
                if key in self._bundle.parts
                else "is not in the checkpoint"
            )
            raise TLStudioError("weights_mismatch", path=self._bundle.path, detail=f"the variable “{key}” {words}")
        return stored(plain(self._bundle.arrays[key]))

    def _apply(self, node: Any, name: str, values: list[Known | Piece]) -> tuple[Value, ...]:
        op = ALIASES.get(node.op, node.op)
        if op == "Const":
            return (self._constants.read(node.attr["value"].tensor),)
        known = [value for value in values if isinstance(value, Known)]
        if len(known) == len(values):
            return (_of_known(op, node, known),)
        if op == "Reshape" and isinstance(values[0], Piece):
            return (reshaping.reshape(name, values[0], _known(values[1]), self._batch),)
        if op in ELEMENTWISE and len(values) == 2:
            return (_binary(op, name, values[0], values[1]),)
        if op == "AddN":
            total = values[0]
            for value in values[1:]:
                total = _binary("Add", name, total, value)
            return (total,)
        if op == "ConcatV2":
            return (
                reshaping.concatenate(
                    name, [_piece(value) for value in values[:-1]], spatial.integers(values[-1])[0]
                ),
            )
        if op in _TABLE:
            return _as_tuple(_TABLE[op](node, name, values))
        if op in _UNARY:
            return (_each(lambda x: _UNARY[op](node, name, x), _piece(values[0])),)
        raise UnsupportedError


def _without_augmentation(op: str, given: list[Value]) -> Piece | None:
    """The image as it was, where it is turned, moved or mirrored at random: Keras 3 exports that, too, by mistake."""
    images = [value for value in given if isinstance(value, Piece)]
    if op.startswith("ImageProjectiveTransform"):
        return images[0] if given[0] is images[0] else None
    if op in {"Select", "SelectV2"} and len(images) == 2:
        for image, mirrored in (images, images[::-1]):
            if mirrored.type == "Slice" and mirrored.config["step"] == -1 and mirrored.inputs[0] is image:
                return image
    return None


def _switched(given: list[Value]) -> tuple[Value, ...]:
    """A decision whose condition is written in the file: one branch is dead."""
    condition = given[1].scalar if len(given) > 1 and isinstance(given[1], Known) else None
    if condition is None:
        return (Opaque("Switch"), Opaque("Switch"))
    return (Dead(), given[0]) if condition else (given[0], Dead())


def _of_known(op: str, node: Any, values: list[Known]) -> Known:
    if op in ELEMENTWISE:
        return arithmetic(op, *values)
    if op == "Cast":
        return _cast_known(node, values[0])
    if op in {"Reshape", "ExpandDims", "Squeeze", "Transpose"}:
        if values[0].numbers is not None and values[0].numbers.dtype == object:
            return number(values[0].numbers.reshape(spatial.integers(values[1]))) if op == "Reshape" else values[0]
        return reshaping.known_shape(op, node, values)
    if op == "Shape":
        return number(np.asarray(values[0].shape, np.int32))
    if op in _FROM_NUMBERS:
        return reshaping.from_numbers(op, node, values)
    raise UnsupportedError(op)


def _cast_known(node: Any, value: Known) -> Known:
    target = int(node.attr["DstT"].type) if "DstT" in node.attr else 1
    if value.numbers is None or value.weight is not None or value.numbers.dtype == object:
        return value  # weights become float32 when they are read
    if target in _WHOLE_NUMBERS:
        return number(value.numbers.astype(np.int64))
    return number(value.numbers.astype(bool if target == 10 else np.float32))


def _known(value: Known | Piece) -> Known:
    if not isinstance(value, Known):
        raise UnsupportedError("a value that depends on the image")
    return value


def _piece(value: Known | Piece) -> Piece:
    if not isinstance(value, Piece):
        raise UnsupportedError("with a constant")
    return value


def _as_tuple(value: Piece | Known | list[Piece]) -> tuple[Value, ...]:
    return tuple(value) if isinstance(value, list) else (value,)


def _each(apply: Callable[[Piece], Piece], x: Piece) -> Piece:
    """What treats every value alike may be done to what is wrapped."""
    return replace(x, inputs=(apply(x.inputs[0]),)) if x.type in WRAPPERS else apply(x)


# -- arithmetic of two -------------------------------------------------------------------------------------


def _binary(op: str, name: str, a: Known | Piece, b: Known | Piece) -> Piece:
    """The result, with what it is recognised as."""
    return recognised(_plain_binary(op, name, a, b))


def _plain_binary(op: str, name: str, a: Known | Piece, b: Known | Piece) -> Piece:
    if isinstance(a, Piece) and isinstance(b, Piece):
        return _two_pieces(op, name, a, b)
    if isinstance(a, Piece):
        return _with_known(op, name, a, _known(b))
    return _known_first(op, name, _known(a), _piece(b))


def _with_known(op: str, name: str, x: Piece, value: Known) -> Piece:
    match op:
        case "Add":
            return affine(x, name, offset=value)
        case "Sub":
            return affine(x, name, offset=arithmetic("Neg", value))
        case "Mul":
            return affine(x, name, scale=value)
        case "RealDiv":
            return affine(x, name, scale=arithmetic("Reciprocal", value))
        case "SquaredDifference":
            return make("Square", name, (affine(x, name, offset=arithmetic("Neg", value)),))
    scalar = value.scalar
    if scalar is None:
        raise UnsupportedError("with an array")
    if op == "Maximum":
        return make("ReLU", name, (x,)) if scalar == 0 else clipped(x, name, scalar, None)
    if op == "Minimum":
        return clipped(x, name, None, scalar)
    if op == "Greater":
        return Piece("Greater", {"than": scalar}, (x,), shape=x.shape, name=name)
    if op == "Pow":
        return make("Square", name, (x,)) if scalar == 2 else make("Power", name, (x,), exponent=scalar)
    raise UnsupportedError


def _known_first(op: str, name: str, value: Known, x: Piece) -> Piece:
    if op == "Sub":
        return affine(x, name, number(np.float32(-1)), value)
    if op == "RealDiv":
        return affine(make("Reciprocal", name, (x,)), name, scale=value)
    if op in {"Add", "Mul", "Maximum", "Minimum", "SquaredDifference"}:
        return _with_known(op, name, x, value)
    raise UnsupportedError


def _two_pieces(op: str, name: str, a: Piece, b: Piece) -> Piece:
    if a.type == b.type == "Rows":
        return replace(a, inputs=(_plain_binary(op, name, a.inputs[0], b.inputs[0]),))
    if a.rank != b.rank or a.shape is None or b.shape is None or WRAPPERS & {a.type, b.type}:
        raise UnsupportedError("of tensors of different ranks")
    if op == "Maximum":
        for x, leak in ((a, b), (b, a)):
            if leak.type == "Affine" and leak.inputs[0] is x and leak.offset is None and leak.scale is not None:
                slope = leak.scale.scalar
                if slope is not None and 0 <= slope < 1:
                    return make("LeakyReLU", name, (x,), negative_slope=slope)
    if op == "RealDiv" and b.type == "Sqrt":
        return make("Multiply", name, (a, make("Power", b.name, b.inputs, exponent=-0.5)))
    if op == "SquaredDifference":
        return make("Square", name, (make("Subtract", name, (a, b)),))
    if op == "Mul":
        for x, gate in ((a, b), (b, a)):
            if gate.type == "Greater" and gate.inputs[0] is x:
                return make("ReLU", name, (x,), threshold=gate.config["than"])
    if op not in _MERGING:
        raise UnsupportedError
    return make(_MERGING[op], name, (a, b))


# -- operations on one tensor ------------------------------------------------------------------------------


def _relu(max_value: float | None = None) -> Callable[[Any, str, Piece], Piece]:
    if max_value is None:
        return lambda _node, name, x: make("ReLU", name, (x,))
    return lambda _node, name, x: make("ReLU", name, (x,), max_value=max_value)


def _activation(activation: str) -> Callable[[Any, str, Piece], Piece]:
    return lambda _node, name, x: make("Activation", name, (x,), activation=activation)


def _operation(type_: str) -> Callable[[Any, str, Piece], Piece]:
    return lambda _node, name, x: make(type_, name, (x,))


def _on_the_way(type_: str) -> Callable[[Any, str, Piece], Piece]:
    return lambda _node, name, x: Piece(type_, inputs=(x,), shape=x.shape, name=name)


def _cast(node: Any, _name: str, x: Piece) -> Piece:
    source = int(node.attr["SrcT"].type) if "SrcT" in node.attr else 1
    target = int(node.attr["DstT"].type) if "DstT" in node.attr else 1
    if target in _FLOATS or x.type == "Greater" or source in _WHOLE_NUMBERS:
        return x
    raise UnsupportedError("to whole numbers")


_UNARY: dict[str, Callable[[Any, str, Piece], Piece]] = {
    **{op: _activation(activation) for op, activation in _ACTIVATIONS.items()},
    **{op: _operation(type_) for op, type_ in _OPERATIONS.items()},
    **{op: _on_the_way(op) for op in UNARY},
    "Relu": _relu(),
    "Relu6": _relu(6.0),
    "LeakyRelu": lambda node, name, x: make("LeakyReLU", name, (x,), negative_slope=attributes.number(node, "alpha", 0.2)),
    "Neg": lambda _node, name, x: affine(x, name, scale=number(np.float32(-1))),
    "Rsqrt": lambda _node, name, x: make("Power", name, (x,), exponent=-0.5),
    "Cast": _cast,
    "ZerosLike": lambda _node, name, x: affine(x, name, scale=number(np.float32(0))),
}  # fmt: skip


# -- all others --------------------------------------------------------------------------------------------


def _matrix_product(node: Any, name: str, values: list[Any]) -> Piece:
    x, matrix = _piece(values[0]), _known(values[1])
    if attributes.flag(node, "transpose_a") or attributes.flag(node, "adj_x"):
        raise UnsupportedError("of a turned tensor")
    while len(matrix.shape) > 2 and matrix.shape[0] == 1:
        matrix = reshaped(matrix, matrix.shape[1:])
    if len(matrix.shape) != 2 or (node.op == "MatMul" and x.rank != 1):
        raise UnsupportedError("of another rank")
    if attributes.flag(node, "transpose_b") or attributes.flag(node, "adj_y"):
        matrix = transposed(matrix, [1, 0])
    return _each(lambda inner: _dense(name, inner, matrix), x)


def _dense(name: str, x: Piece, matrix: Known) -> Piece:
    if x.shape is None or x.shape[-1] != matrix.shape[0]:
        raise UnsupportedError("of other sizes")
    return make("Dense", name, (x,), (matrix,), units=matrix.shape[1], use_bias=False)


def _einsum(node: Any, name: str, values: list[Any]) -> Piece:
    """``ab…c,cd->ab…d``: a Dense layer on the last axis."""
    x, matrix = _piece(values[0]), _known(values[1])
    left, _arrow, result = attributes.text(node, "equation").replace(" ", "").partition("->")
    first, _comma, second = left.partition(",")
    if len(second) != 2 or first[-1:] != second[0] or result != first[:-1] + second[1]:
        raise UnsupportedError("in another order")
    return _dense(name, x, matrix)


def _clip(_node: Any, name: str, values: list[Any]) -> Piece:
    low, high = _known(values[1]).scalar, _known(values[2]).scalar
    if low is None or high is None:
        raise UnsupportedError("with arrays")
    return clipped(_piece(values[0]), name, low, high)


def _pad(node: Any, name: str, values: list[Any]) -> Piece:
    value = _known(values[2]) if len(values) > 2 else None
    return spatial.padding(name, _piece(values[0]), _known(values[1]), value)


def _batch_normalization(node: Any, name: str, values: list[Any]) -> Piece:
    x, scale, offset, mean, variance = values
    return spatial.batch_normalization(
        node, name, _piece(x), _known(scale), _known(offset), _known(mean), _known(variance)
    )


def _split(node: Any, name: str, values: list[Any]) -> list[Piece]:
    axis, x = spatial.integers(values[0])[0], _piece(values[1])
    count = attributes.whole(node, "num_split", 1)
    size = (x.shape or ())[axis % (x.rank + 1) - 1]
    if size is None or count < 1 or size % count:
        raise UnsupportedError("into unequal parts")
    return reshaping.pieces_of(name, x, axis, [size // count] * count)


def _gather(_node: Any, name: str, values: list[Any]) -> Piece:
    """Channels in another order, where it is one of even steps (RGB to BGR)."""
    x, indices, axis = (
        _piece(values[0]),
        spatial.integers(values[1]),
        spatial.integers(values[2])[0] % (values[0].rank + 1),
    )
    steps = {b - a for a, b in pairwise(indices)} or {1}
    if len(steps) != 1 or 0 in steps or len(_known(values[1]).shape) != 1:
        raise UnsupportedError("in another order")
    step = steps.pop()
    stop = indices[-1] + step
    return reshaping.sliced(name, x, axis, slice(indices[0], stop if stop >= 0 else None, step))


def _reverse(_node: Any, name: str, values: list[Any]) -> Piece:
    x = _piece(values[0])
    for axis in spatial.integers(values[1]):
        x = reshaping.sliced(name, x, axis % (x.rank + 1), slice(None, None, -1))
    return x


def _slice(_node: Any, name: str, values: list[Any]) -> Piece:
    x, begin, size = _piece(values[0]), spatial.integers(values[1]), spatial.integers(values[2])
    if len(begin) != x.rank + 1 or len(size) != x.rank + 1 or begin[0] != 0 or size[0] != -1:
        raise UnsupportedError("of the batch")
    for axis in range(1, x.rank + 1):
        part = slice(begin[axis], None if size[axis] == -1 else begin[axis] + size[axis], 1)
        x = reshaping.sliced(f"{name}_{axis}" if axis > 1 else name, x, axis, part)
    return x


def _select(_node: Any, name: str, values: list[Any]) -> Piece:
    """Below 0 a part of what it is above: ELU (Clevert et al. 2016) and leaky ReLU."""
    condition, above, below = (_piece(value) for value in values)
    if (
        condition.type != "Greater"
        or condition.config["than"] != 0
        or below.type != "Affine"
        or below.inputs[0] is not above
    ):
        raise UnsupportedError("by a condition")
    slope = below.scale.scalar if below.scale is not None and below.offset is None else None
    x = condition.inputs[0]
    if slope is None:
        raise UnsupportedError("by a condition")
    if above is x:
        return make("LeakyReLU", name, (x,), negative_slope=slope)
    if above.type == "Activation" and above.config["activation"] == "elu" and above.inputs[0] is x:
        return make("ELU", name, (x,), alpha=slope)
    raise UnsupportedError("by a condition")


def _tile(_node: Any, name: str, values: list[Any]) -> Piece:
    """Along a single axis that was just made; what is made of it is seen at the reshaping that follows."""
    x, times = _piece(values[0]), spatial.integers(values[1])
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


_TABLE: dict[str, Callable[[Any, str, list[Any]], Piece | Known | list[Piece]]] = {
    **dict.fromkeys(("Conv2D", "DepthwiseConv2dNative"), lambda node, name, v: spatial.convolution(node, name, _piece(v[0]), _known(v[1]))),
    "Conv2DBackpropInput": lambda node, name, v: spatial.transposed_convolution(node, name, _known(v[0]), _known(v[1]), _piece(v[2])),
    **dict.fromkeys(("MaxPool", "AvgPool"), lambda node, name, v: spatial.pooling(node, name, _piece(v[0]))),
    **dict.fromkeys(("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"), _batch_normalization),
    **dict.fromkeys(("Pad", "PadV2"), _pad),
    **dict.fromkeys(("ResizeBilinear", "ResizeNearestNeighbor"), lambda node, name, v: spatial.resizing(node, name, _piece(v[0]), _known(v[1]))),
    "SpaceToBatchND": lambda _node, name, v: spatial.space_to_batch(name, _piece(v[0]), _known(v[1]), _known(v[2])),
    "BatchToSpaceND": lambda _node, name, v: spatial.batch_to_space(name, _piece(v[0]), _known(v[1]), _known(v[2])),
    **dict.fromkeys(("MatMul", "BatchMatMul", "BatchMatMulV2"), _matrix_product),
    "Einsum": _einsum,
    **dict.fromkeys(_REDUCTIONS, lambda node, name, v: reshaping.reduction(node, name, _piece(v[0]), spatial.integers(v[1]))),
    "Shape": lambda _node, _name, v: reshaping.sizes_of(_piece(v[0])),
    "Rank": lambda _node, _name, v: number(np.int32(_piece(v[0]).rank + 1)),
    "ExpandDims": lambda _node, name, v: reshaping.expand(name, _piece(v[0]), spatial.integers(v[1])[0]),
    "Squeeze": lambda node, name, v: reshaping.squeeze(node, name, _piece(v[0])),
    "Transpose": lambda _node, name, v: reshaping.transpose(name, _piece(v[0]), spatial.integers(v[1])),
    "StridedSlice": lambda node, name, v: reshaping.strided_slice(node, name, _piece(v[0]), [_known(value) for value in v[1:4]]),
    "Slice": _slice,
    "Split": _split,
    "SplitV": lambda _node, name, v: reshaping.pieces_of(name, _piece(v[0]), spatial.integers(v[2])[0], spatial.integers(v[1])),
    "GatherV2": _gather,
    "ReverseV2": _reverse,
    "Tile": _tile,
    "ClipByValue": _clip,
    **dict.fromkeys(("Select", "SelectV2"), _select),
}  # fmt: skip
