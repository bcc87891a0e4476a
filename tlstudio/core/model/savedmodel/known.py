"""Values of a graph that do not depend on the image: numbers, weights on the disk, and arithmetic of these.

Nothing is read while a network is translated, unless arithmetic of small weights has to be worked out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from tlstudio.core.model.arrays import Weight, constant, read_weights, table

MAX_PARTS = 64  # a batch normalization's scale has six; a chain of sums of sums doubles with every step
MAX_NUMBERS = 1 << 16  # values of one array that are worked out here; a batch normalization has some thousand


class UnsupportedError(Exception):
    """An operation that no layer does; what it says is for the layer's hint."""


@dataclass(frozen=True, eq=False)
class Known:
    """``numbers``: the values, where they are at hand; among sizes of tensors None is one that the image decides
    (the array's type is object then). ``weight``: where they lie on the disk. Neither: ``op`` of ``args``."""

    shape: tuple[int, ...]
    numbers: np.ndarray | None = None
    weight: Weight | None = None
    op: str = ""
    args: "tuple[Known, ...]" = ()

    @cached_property
    def parts(self) -> int:
        """How many values its arithmetic names, counted as often as they are named."""
        return 1 + sum(arg.parts for arg in self.args)

    @property
    def size(self) -> int:
        return prod(self.shape)

    @property
    def scalar(self) -> float | None:
        """The number that all values are, where they are at hand and equal."""
        if self.numbers is None or self.numbers.size == 0 or self.numbers.dtype == object:
            return None
        first = float(self.numbers.flat[0])
        return first if self.numbers.size == 1 or bool((self.numbers == self.numbers.flat[0]).all()) else None

    @property
    def key(self) -> Any:
        """Equal for values that are equal by their origin."""
        if self.op:
            return (self.op, self.shape, *(arg.key for arg in self.args))
        if self.weight is not None:
            return repr(self.weight)
        return id(self)


def number(value: Any) -> Known:
    array = np.asarray(value)
    return Known(shape=array.shape, numbers=array)


def stored(weight: Weight) -> Known:
    return Known(shape=weight.shape, weight=weight)


def _power(a: Any, b: Any) -> Any:
    return np.power(np.asarray(a, float), b)


# Arithmetic, value by value.
ELEMENTWISE: dict[str, Callable[..., Any]] = {
    "Add": lambda a, b: a + b, "Sub": lambda a, b: a - b, "Mul": lambda a, b: a * b, "RealDiv": lambda a, b: a / b,
    "FloorDiv": lambda a, b: a // b, "FloorMod": lambda a, b: a % b, "Maximum": np.maximum, "Minimum": np.minimum,
    "Pow": _power, "Neg": lambda a: -a, "Rsqrt": lambda a: 1 / np.sqrt(a), "Sqrt": np.sqrt, "Exp": np.exp, "Log": np.log,
    "Square": lambda a: a * a, "Reciprocal": lambda a: 1 / a, "Abs": abs, "SquaredDifference": lambda a, b: (a - b) * (a - b),
    "Greater": lambda a, b: a > b, "Less": lambda a, b: a < b, "Equal": lambda a, b: a == b, "Floor": np.floor,
    "Ceil": np.ceil, "Round": np.round, "Softplus": lambda a: np.log1p(np.exp(a)), "Sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "Tanh": np.tanh, "GreaterEqual": lambda a, b: a >= b, "LessEqual": lambda a, b: a <= b, "NotEqual": lambda a, b: a != b,
    "LogicalNot": np.logical_not, "LogicalAnd": np.logical_and, "LogicalOr": np.logical_or, "Relu": lambda a: np.maximum(a, 0),
}  # fmt: skip
_OF_ONE = {
    "Abs", "Ceil", "Exp", "Floor", "Log", "LogicalNot", "Neg", "Reciprocal", "Relu", "Round", "Rsqrt", "Sigmoid",
    "Softplus", "Sqrt", "Square", "Tanh",
}  # fmt: skip
ALIASES = {
    "AddV2": "Add", "BiasAdd": "Add", "BiasAddV1": "Add", "Div": "RealDiv", "Inv": "Reciprocal", "Subtract": "Sub", "Multiply": "Mul",
    "TruncateDiv": "FloorDiv", "Mod": "FloorMod",
}  # fmt: skip


def arithmetic(op: str, *args: Known) -> Known:
    """``op`` (a key of ``ELEMENTWISE``) of known values: at once where all are at hand, else when it is needed.

    Raises ``UnsupportedError``.
    """
    if len(args) != (1 if op in _OF_ONE else 2):
        raise UnsupportedError(f"of {len(args)} values")
    shape = np.broadcast_shapes(*(arg.shape for arg in args))
    if op == "Reciprocal" and args[0].op == "Sqrt":
        return arithmetic("Rsqrt", *args[0].args)
    if op == "Neg" and args[0].op == "Neg":
        return args[0].args[0]
    at_hand = all(arg.numbers is not None and arg.weight is None for arg in args)
    if at_hand and prod(shape) <= MAX_NUMBERS:  # weights keep their names: a pattern may want them
        return number(_apply(op, *(arg.numbers for arg in args if arg.numbers is not None)))
    made = Known(shape=shape, op=op, args=args)
    if made.parts > MAX_PARTS:
        raise UnsupportedError("long arithmetic of weights")
    return made


def _apply(op: str, *arrays: np.ndarray) -> np.ndarray:
    function = ELEMENTWISE[op]
    if any(array.dtype == object for array in arrays):
        return np.asarray(
            np.frompyfunc(lambda *v: None if None in v else function(*v), len(arrays), 1)(*arrays), object
        )
    with np.errstate(all="ignore"):  # a division by zero in a stranger's file gives what it gives there
        result = np.asarray(function(*arrays))
    return result.astype(np.float32) if result.dtype == np.float64 else result


def reshaped(value: Known, shape: tuple[int, ...]) -> Known:
    """The same values in another shape of the same size. Raises ``UnsupportedError``."""
    if prod(shape) != value.size:
        raise UnsupportedError(f"{value.size} values in the shape {shape}")
    if shape == value.shape:
        return value
    if value.numbers is not None:
        return Known(shape=shape, numbers=value.numbers.reshape(shape))
    if value.weight is not None:
        return stored(value.weight.then("reshape", list(shape), shape=shape))
    return Known(shape=shape, op="Reshape", args=(value,))


def transposed(value: Known, axes: list[int]) -> Known:
    """Raises ``UnsupportedError`` for axes that make no sense."""
    if sorted(axes) != list(range(len(value.shape))):
        raise UnsupportedError(f"a transposition by {axes}")
    shape = tuple(value.shape[axis] for axis in axes)
    if value.numbers is not None:
        return Known(shape=shape, numbers=value.numbers.transpose(axes))
    return stored(weight_of(value).then("transpose", axes, shape=shape))


def taken(value: Known, axis: int, start: int, stop: int) -> Known:
    """The part from ``start`` to ``stop`` along one axis. Raises ``UnsupportedError``."""
    shape = (*value.shape[:axis], max(stop - start, 0), *value.shape[axis + 1 :])
    if shape == value.shape:
        return value
    if value.weight is None and value.numbers is not None:
        return number(value.numbers[(slice(None),) * axis + (slice(start, stop),)])
    return stored(weight_of(value).then("take", axis, start, stop, shape=shape))


def values_of(value: Known) -> np.ndarray:
    """The values themselves, read from the disk if need be. Raises ``UnsupportedError`` for more than small arrays."""
    if value.numbers is not None:
        if value.numbers.dtype == object and any(item is None for item in value.numbers.flat):
            raise UnsupportedError("a size that depends on the image")
        return np.asarray(value.numbers, np.float32)
    if value.size > MAX_NUMBERS:
        raise UnsupportedError(f"arithmetic of {value.size} weights")
    if value.weight is not None:
        ((_path, arrays),) = read_weights({"": [value.weight]})
        return arrays[0]
    if value.op == "Reshape":
        return values_of(value.args[0]).reshape(value.shape)
    return np.asarray(_apply(value.op, *(values_of(arg) for arg in value.args)), np.float32)


def weight_of(value: Known) -> Weight:
    """The value as a weight of a layer. Raises ``UnsupportedError``."""
    if value.weight is not None:
        return value.weight
    if value.op == "Neg" and value.args[0].weight is not None:
        return value.args[0].weight.then("scale", -1.0)
    if value.scalar is not None:
        return constant(value.shape, value.scalar)
    return table(values_of(value).reshape(value.shape))
