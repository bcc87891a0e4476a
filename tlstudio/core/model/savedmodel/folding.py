"""Operations on known values alone: most compute sizes of tensors, and are worked out at once."""

from math import prod
from typing import Any

import numpy as np

from tlstudio.core.model.savedmodel import attributes
from tlstudio.core.model.savedmodel.arguments import integers
from tlstudio.core.model.savedmodel.known import (
    ELEMENTWISE,
    MAX_NUMBERS,
    Known,
    UnsupportedError,
    arithmetic,
    number,
    reshaped,
    taken,
    transposed,
)
from tlstudio.core.model.savedmodel.slices import index_of

_FROM_NUMBERS = {
    "All", "Any", "BroadcastTo", "ConcatV2", "Fill", "Gather", "GatherV2", "Max", "Mean", "Min", "OnesLike", "Pack",
    "Prod", "Range", "Rank", "ReverseV2", "Select", "SelectV2", "Size", "Slice", "StridedSlice", "Sum", "Tile", "ZerosLike",
}  # fmt: skip
_WHOLE_NUMBERS = {3, 4, 5, 6, 9, 17, 22, 23}  # types of whole numbers, as TensorFlow numbers them


def of_known(op: str, node: Any, values: list[Known]) -> tuple[Known, ...]:
    """What an operation gives of known values alone. Raises ``UnsupportedError``."""
    if op in {"Split", "SplitV"}:
        return _split(op, node, values)
    return (_single(op, node, values),)


def _split(op: str, node: Any, values: list[Known]) -> tuple[Known, ...]:
    """Parts of a weight, as networks with groups were written before convolutions knew of them."""
    value, axis = (values[1], values[0]) if op == "Split" else (values[0], values[2])
    place = integers(axis)[0] % max(len(value.shape), 1)
    size = value.shape[place]
    count = max(attributes.whole(node, "num_split", 1), 1)
    lengths = [size // count] * count if op == "Split" else integers(values[1])
    if sum(lengths) != size:
        raise UnsupportedError("into unequal parts")
    ends = np.cumsum(lengths).tolist()
    return tuple(taken(value, place, end - length, end) for end, length in zip(ends, lengths, strict=True))


def _strided_slice(node: Any, values: list[Known]) -> Known:
    """A part of a weight."""
    value = values[0]
    for axis, part in enumerate(index_of(node, values[1:4], len(value.shape))):
        if not isinstance(part, slice) or (part.step or 1) != 1:
            raise UnsupportedError("single weights")
        start, stop, _step = part.indices(value.shape[axis])
        value = taken(value, axis, start, stop)
    return value


def _single(op: str, node: Any, values: list[Known]) -> Known:
    if op == "StridedSlice" and values[0].numbers is None:
        return _strided_slice(node, values)
    if op in ELEMENTWISE:
        return arithmetic(op, *values)
    if op == "Cast":
        return _cast_known(node, values[0])
    if op in {"Reshape", "ExpandDims", "Squeeze", "Transpose"}:
        if values[0].numbers is not None and values[0].numbers.dtype == object:
            return number(values[0].numbers.reshape(integers(values[1]))) if op == "Reshape" else values[0]
        return _known_shape(op, node, values)
    if op == "Shape":
        return number(np.asarray(values[0].shape, np.int32))
    if op in _FROM_NUMBERS:
        return _from_numbers(op, node, values)
    raise UnsupportedError(op)


def _cast_known(node: Any, value: Known) -> Known:
    target = int(node.attr["DstT"].type) if "DstT" in node.attr else 1
    if value.numbers is None or value.weight is not None or value.numbers.dtype == object:
        return value  # weights become float32 when they are read
    if target in _WHOLE_NUMBERS:
        return number(value.numbers.astype(np.int64))
    return number(value.numbers.astype(bool if target == 10 else np.float32))


def _known_shape(op: str, node: Any, values: list[Known]) -> Known:
    """Reshape, ExpandDims, Squeeze and Transpose of a known value. Raises ``UnsupportedError``."""
    value = values[0]
    if op == "Transpose":
        return transposed(value, integers(values[1]))
    if op == "ExpandDims":
        axis = integers(values[1])[0] % (len(value.shape) + 1)
        return reshaped(value, (*value.shape[:axis], 1, *value.shape[axis:]))
    if op == "Squeeze":
        axes = [axis % len(value.shape) for axis in attributes.numbers(node, "squeeze_dims", [])]
        places = axes or [place for place, size in enumerate(value.shape) if size == 1]
        return reshaped(value, tuple(size for place, size in enumerate(value.shape) if place not in places))
    target = integers(values[1])
    if -1 in target:
        target[target.index(-1)] = value.size // max(prod(size for size in target if size != -1), 1)
    return reshaped(value, tuple(target))


def _gathered(numbers: list[Known]) -> list[np.ndarray]:
    """The arrays of values that are at hand. Raises ``UnsupportedError``."""
    arrays = [value.numbers for value in numbers]
    if any(array is None or array.size > MAX_NUMBERS for array in arrays):
        raise UnsupportedError("arithmetic of weights")
    return [array for array in arrays if array is not None]


def _from_numbers(op: str, node: Any, values: list[Known]) -> Known:
    """What else is computed from numbers alone, mostly sizes of tensors. Raises ``UnsupportedError``."""
    arrays = _gathered(values)
    if any(array.dtype == object for array in arrays):
        arrays = [array.astype(object) for array in arrays]
    match op:
        case "Pack":
            result = np.stack(arrays, attributes.whole(node, "axis"))
        case "ConcatV2":
            result = np.concatenate(arrays[:-1], int(arrays[-1]))
        case "StridedSlice":
            result = arrays[0][tuple(index_of(node, values[1:4], arrays[0].ndim))]
        case "Slice":
            begin, size = (array.reshape(-1).tolist() for array in arrays[1:3])
            result = arrays[0][tuple(slice(b, None if s == -1 else b + s) for b, s in zip(begin, size, strict=True))]
        case "GatherV2" | "Gather":
            result = np.take(arrays[0], arrays[1].astype(int), int(arrays[2]) if len(arrays) > 2 else 0)
        case "Prod" | "Sum" | "Max" | "Min" | "Mean" | "All" | "Any":
            result = _reduced(op, node, arrays)
        case "Fill":
            if any(size is None for size in arrays[0].flat):
                return values[1]  # one value everywhere: its arithmetic is that of a single number
            shape = [int(size) for size in arrays[0].reshape(-1)]
            _check(prod(shape))
            result = np.full(shape, arrays[1])
        case "Range":
            _check(abs(int(arrays[1]) - int(arrays[0])))
            result = np.arange(*(array.item() for array in arrays))
        case "Tile":
            _check(arrays[0].size * prod(int(times) for times in arrays[1]))
            result = np.tile(arrays[0], [int(times) for times in arrays[1]])
        case "BroadcastTo":
            shape = [int(size) for size in arrays[1]]
            _check(prod(shape))
            result = np.broadcast_to(arrays[0], shape)
        case "Select" | "SelectV2":
            result = np.where(arrays[0].astype(bool), arrays[1], arrays[2])
        case "Size":
            result = np.asarray(arrays[0].size)
        case "Rank":
            result = np.asarray(arrays[0].ndim)
        case "ZerosLike":
            result = np.zeros_like(arrays[0])
        case "OnesLike":
            result = np.ones_like(arrays[0])
        case "ReverseV2":
            result = np.flip(arrays[0], tuple(int(axis) for axis in arrays[1].reshape(-1)))
        case _:
            raise UnsupportedError(op)
    return number(result)


def _reduced(op: str, node: Any, arrays: list[np.ndarray]) -> np.ndarray:
    axes = tuple(int(axis) for axis in arrays[1].reshape(-1)) if len(arrays) > 1 else None
    if arrays[0].dtype == object and any(item is None for item in arrays[0].flat):
        return np.asarray(None, object)  # of a vector of sizes with the batch in it
    function: Any = getattr(np, op.lower())
    return np.asarray(function(arrays[0], axis=axes, keepdims=attributes.flag(node, "keep_dims")))


def _check(size: int) -> None:
    if not 0 <= size <= MAX_NUMBERS:
        raise UnsupportedError(f"{size} numbers")
