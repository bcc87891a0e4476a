"""Parts of a tensor: slices along its axes."""

from typing import Any

import numpy as np

from tlstudio.core.model.savedmodel import attributes
from tlstudio.core.model.savedmodel.known import Known, UnsupportedError
from tlstudio.core.model.savedmodel.permuted import carried, inner_axis
from tlstudio.core.model.savedmodel.pieces import Piece, make
from tlstudio.core.model.savedmodel.reshaping import shaped


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
    if x.type == "Permute":
        inner = inner_axis(x, axis)
        return carried(x, lambda below: sliced(name, below, inner, part))
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
