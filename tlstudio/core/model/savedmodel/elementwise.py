"""Operations that treat every value alike: arithmetic of two, activations, functions."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from tlstudio.core.model.savedmodel import attributes
from tlstudio.core.model.savedmodel.affine import affine, clipped
from tlstudio.core.model.savedmodel.arguments import require_known, require_piece
from tlstudio.core.model.savedmodel.known import Known, UnsupportedError, arithmetic, number
from tlstudio.core.model.savedmodel.patterns import recognised
from tlstudio.core.model.savedmodel.permuted import below_all, carried, moved, same_order
from tlstudio.core.model.savedmodel.pieces import UNARY, WRAPPERS, Piece, make

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
_WHOLE_NUMBERS = {3, 4, 5, 6, 9, 17, 22, 23}  # types of whole numbers, as TensorFlow numbers them
_FLOATS = {1, 2, 14, 19}


def binary(op: str, name: str, a: Known | Piece, b: Known | Piece) -> Piece:
    """The result, with what it is recognised as."""
    return recognised(_plain_binary(op, name, a, b))


def _plain_binary(op: str, name: str, a: Known | Piece, b: Known | Piece) -> Piece:
    if isinstance(a, Piece) and isinstance(b, Piece):
        return _two_pieces(op, name, a, b)
    if isinstance(a, Piece):
        return _with_known(op, name, a, require_known(b))
    return _known_first(op, name, require_known(a), require_piece(b))


def _with_known(op: str, name: str, x: Piece, value: Known) -> Piece:
    if x.type == "Permute":
        return carried(x, lambda below: recognised(_with_known(op, name, below, moved(value, x))))
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
    if op == "Maximum" and scalar == 0 and x.type == "ReLU" and set(x.config) <= {"max_value"}:
        return x  # Keras' own ReLU with a limit clips at 0, too, what its first step has clipped
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
        return affine(carried(x, lambda below: make("Reciprocal", name, (below,))), name, scale=value)
    if op in {"Add", "Mul", "Maximum", "Minimum", "SquaredDifference"}:
        return _with_known(op, name, x, value)
    raise UnsupportedError


def _two_pieces(op: str, name: str, a: Piece, b: Piece) -> Piece:
    if same_order([a, b]):
        return below_all([a, b], lambda below: binary(op, name, below[0], below[1]))
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


UNARY_OPERATIONS: dict[str, Callable[[Any, str, Piece], Piece]] = {
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
