"""Operations of a graph that move values or leave some out: shapes, axes, slices."""

from math import prod
from typing import Any

import numpy as np

from tlstudio.core.model.savedmodel import attributes
from tlstudio.core.model.savedmodel.known import MAX_NUMBERS, Known, UnsupportedError, number, reshaped, transposed
from tlstudio.core.model.savedmodel.pieces import Piece, make
from tlstudio.core.model.savedmodel.spatial import integers, repeated


def sizes_of(piece: Piece) -> Known:
    """The sizes of a tensor with the batch, which is not known. Raises ``UnsupportedError``."""
    if piece.shape is None:
        raise UnsupportedError("a tensor of unknown shape")
    return Known(shape=(piece.rank + 1,), numbers=np.asarray([None, *piece.shape], object))


def reshape(name: str, x: Piece, target: Known, batch: int | None) -> Piece:
    """``batch``: the number of images that the graph was written for, None for any."""
    if target.numbers is None:
        raise UnsupportedError("a shape that depends on the image")
    items = [None if item is None else int(item) for item in target.numbers.reshape(-1)]
    if x.type == "Tiled":
        found = repeated(name, x, items)
        if found is None:
            raise UnsupportedError("repeating values")
        return found
    if x.type in {"Rows", "Folded"}:
        inner = x.inputs[0]
        if len(items) != inner.rank + 1 or any(
            a not in (b, -1) for a, b in zip(items[1:], inner.shape or (), strict=True)
        ):
            raise UnsupportedError("rows in another shape")
        return inner
    if x.shape is None or not items:
        raise UnsupportedError("a tensor of unknown shape")
    lead, rest = items[0], items[1:]
    if x.rank > 1 and rest == [x.shape[-1]] and lead in (None, -1) and (not x.is_sized or prod(x.sizes) != rest[0]):
        return Piece("Rows", inputs=(x,), shape=(x.shape[-1],), name=name)
    if len(items) == 4 and items[0] == items[3] == 1 and items[1] in (None, -1) and items[2] is not None:
        return _folded(name, x, items[2])
    if (lead is not None and lead not in (-1, batch)) or not rest:
        raise UnsupportedError(f"the shape {items}")
    if tuple(rest) == x.shape:
        return x
    if not x.is_sized:
        raise UnsupportedError("another shape for images of any size")
    return shaped(name, x, _solved(rest, prod(x.sizes)))


def _folded(name: str, x: Piece, size: int) -> Piece:
    """``(1, all others, the last axes, 1)``: how Keras 2 hands a layer normalization to a batch normalization."""
    for count in range(1, x.rank + 1):
        last = (x.shape or ())[-count:]
        if None not in last and prod(int(item or 0) for item in last) == size:
            return Piece("Folded", {"axis": list(range(-count, 0))}, (x,), name=name)
    raise UnsupportedError(f"the shape (1, any, {size}, 1)")


def _solved(rest: list[int | None], size: int) -> list[int]:
    """At most one size is left open, and follows from the others."""
    known = [item for item in rest if item is not None and item != -1]
    if len(rest) - len(known) > 1 or any(item <= 0 for item in known):
        raise UnsupportedError(f"the shape {rest}")
    solved = [size // prod(known) if item is None or item == -1 else item for item in rest]
    if prod(solved) != size:
        raise UnsupportedError(f"the shape {rest} for {size} values")
    return solved


def shaped(name: str, x: Piece, shape: list[int]) -> Piece:
    if tuple(shape) == x.shape:
        return x
    if x.type == "Reshape" and x.inputs[0].shape == tuple(shape):
        return x.inputs[0]
    if len(shape) == 1:
        return make("Flatten", name, (x,))
    return make("Reshape", name, (x,), target_shape=shape)


def transpose(name: str, x: Piece, axes: list[int]) -> Piece:
    axes = [axis % (x.rank + 1) for axis in axes]
    if sorted(axes) != list(range(x.rank + 1)) or axes[0] != 0:
        raise UnsupportedError("a transposition with the batch")
    return x if axes == sorted(axes) else make("Permute", name, (x,), dims=axes[1:])


def expand(name: str, x: Piece, axis: int) -> Piece:
    if x.shape is None:
        raise UnsupportedError("a tensor of unknown shape")
    place = axis % (x.rank + 2)
    if place == 0:
        raise UnsupportedError("a new axis before the batch")
    shape = [*x.shape[: place - 1], 1, *x.shape[place - 1 :]]
    if shape.count(None) > 1:
        raise UnsupportedError("a new axis for images of any size")
    return make("Reshape", name, (x,), target_shape=[-1 if size is None else size for size in shape])


def squeeze(node: Any, name: str, x: Piece) -> Piece:
    axes = attributes.numbers(node, "squeeze_dims", attributes.numbers(node, "axis", []))
    if x.shape is None:
        raise UnsupportedError("a tensor of unknown shape")
    places = [axis % (x.rank + 1) for axis in axes] or [place for place, size in enumerate(x.shape, 1) if size == 1]
    if 0 in places or any(x.shape[place - 1] != 1 for place in places):
        raise UnsupportedError("an axis that is not single")
    shape = [size for place, size in enumerate(x.shape, 1) if place not in places]
    if not shape or shape.count(None) > 1:
        raise UnsupportedError("no axis is left")
    return shaped(name, x, [-1 if size is None else size for size in shape])


def reduction(node: Any, name: str, x: Piece, axes: list[int]) -> Piece:
    keep = attributes.flag(node, "keep_dims") or attributes.flag(node, "keepdims")
    places = sorted({axis % (x.rank + 1) for axis in axes})
    if not places or 0 in places or x.shape is None:
        raise UnsupportedError("a sum over the batch")
    if not keep and len(places) == x.rank:
        raise UnsupportedError("no axis is left")
    return make(node.op, name, (x,), axis=places, keepdims=keep)


def concatenate(name: str, parts: list[Piece], axis: int) -> Piece:
    rank = parts[0].rank + 1
    axis %= rank
    if axis == 0 or any(part.shape is None or part.rank + 1 != rank for part in parts):
        raise UnsupportedError("joining batches")
    return parts[0] if len(parts) == 1 else make("Concatenate", name, tuple(parts), axis=axis - rank)


def pieces_of(name: str, x: Piece, axis: int, lengths: list[int]) -> list[Piece]:
    """The tensor cut along one axis."""
    axis %= x.rank + 1
    if axis == 0 or x.shape is None or x.shape[axis - 1] != sum(lengths):
        raise UnsupportedError("cutting a batch")
    ends = np.cumsum(lengths).tolist()
    return [
        sliced(f"{name}_{number}", x, axis, slice(end - length, end, 1))
        for number, (end, length) in enumerate(zip(ends, lengths, strict=True))
    ]


def sliced(name: str, x: Piece, axis: int, part: slice) -> Piece:
    if x.shape is None or axis == 0:
        raise UnsupportedError("a part of the batch")
    size = x.shape[axis - 1]
    if (
        (part.step or 1) == 1
        and part.start in (None, 0)
        and (part.stop is None or (size is not None and part.stop >= size))
    ):
        return x
    return make("Slice", name, (x,), axis=axis, start=part.start, stop=part.stop, step=part.step)


def strided_slice(node: Any, name: str, x: Piece, given: list[Known]) -> Piece:
    parts, dropped = [], []
    for place, part in enumerate(index_of(node, given, x.rank + 1)):
        if isinstance(part, int):
            dropped.append(place)
            part = slice(part, part + 1 if part != -1 else None, 1)
        elif part is None:
            raise UnsupportedError("a new axis within a slice")
        parts.append(part)
    if parts and (
        0 in dropped or (parts[0].start or 0) != 0 or parts[0].stop is not None or (parts[0].step or 1) != 1
    ):
        raise UnsupportedError("a part of the batch")
    for axis, part in enumerate(parts):
        if axis:
            x = sliced(f"{name}_{axis}" if axis > 1 else name, x, axis, part)
    if not dropped:
        return x
    shape = [size for place, size in enumerate(x.shape or (), 1) if place not in dropped]
    if not shape or None in shape:
        raise UnsupportedError("no axis is left")
    return shaped(f"{name}_shape", x, [int(size or 0) for size in shape])


def index_of(node: Any, given: list[Known], rank: int) -> list[Any]:
    """A Python index of slices, numbers and None (a new axis), one for each axis, from begin, end and strides."""
    begin, end, strides = (value.numbers for value in given)
    if begin is None or end is None or strides is None:
        raise UnsupportedError("a slice that depends on the image")
    masks = {
        name: attributes.whole(node, f"{name}_mask")
        for name in ("begin", "end", "ellipsis", "new_axis", "shrink_axis")
    }
    count = len(begin)
    index: list[Any] = []
    for place in range(count):
        bit = 1 << place
        if masks["ellipsis"] & bit:
            later = sum(1 for other in range(place + 1, count) if not masks["new_axis"] >> other & 1)
            index += [slice(None)] * (rank - sum(1 for part in index if part is not None) - later)
        elif masks["new_axis"] & bit:
            index.append(None)
        elif masks["shrink_axis"] & bit:
            index.append(_whole(begin[place]))
        else:
            start = None if masks["begin"] & bit else _whole(begin[place])
            stop = None if masks["end"] & bit else _whole(end[place])
            index.append(slice(start, stop, _whole(strides[place])))
    return index + [slice(None)] * (rank - sum(1 for part in index if part is not None))


def _whole(value: Any) -> int:
    if value is None:
        raise UnsupportedError("a slice that depends on the image")
    return int(value)


# -- the same for known values ----------------------------------------------------------------------------


def known_shape(op: str, node: Any, values: list[Known], constant_axes: list[int] | None = None) -> Known:
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


def gathered(numbers: list[Known]) -> list[np.ndarray]:
    """The arrays of values that are at hand. Raises ``UnsupportedError``."""
    arrays = [value.numbers for value in numbers]
    if any(array is None or array.size > MAX_NUMBERS for array in arrays):
        raise UnsupportedError("arithmetic of weights")
    return [array for array in arrays if array is not None]


def from_numbers(op: str, node: Any, values: list[Known]) -> Known:
    """What else is computed from numbers alone, mostly sizes of tensors. Raises ``UnsupportedError``."""
    arrays = gathered(values)
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
