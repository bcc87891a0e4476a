"""Graphs with the channels first: their layers are kept with the channels last, and each tensor's order in mind.

A ``Permute`` is carried along, from below a layer to above it, until another one undoes it or something needs the
values in their place. Networks that were converted from other libraries turn their tensors around every layer.
"""

from collections.abc import Callable

from tlstudio.core.model.savedmodel.known import Known, UnsupportedError, reshaped, transposed
from tlstudio.core.model.savedmodel.pieces import Piece, make

_TO_LAST, _TO_FIRST = [2, 3, 1], [3, 1, 2]


def permuted(name: str, x: Piece, dims: list[int]) -> Piece:
    """``x`` with its axes (counted from 1) in another order."""
    if x.type == "Permute":
        below = x.config["dims"]
        dims = [below[axis - 1] for axis in dims]
        x = x.inputs[0]
    return x if dims == sorted(dims) else make("Permute", name, (x,), dims=dims)


def channels_last(name: str, x: Piece) -> Piece:
    """Raises ``UnsupportedError`` for anything but maps of features."""
    if x.rank != 3:
        raise UnsupportedError("channels first in another rank")
    return permuted(f"{name}_last", x, _TO_LAST)


def channels_first(name: str, x: Piece) -> Piece:
    return permuted(f"{name}_first", x, _TO_FIRST)


def carried(x: Piece, apply: Callable[[Piece], Piece]) -> Piece:
    """What treats every value alike, done below a change of order."""
    return _again(x, apply(x.inputs[0])) if x.type == "Permute" else apply(x)


def same_order(pieces: list[Piece]) -> bool:
    """Whether all tensors have their axes in one and the same changed order."""
    return all(piece.type == "Permute" and piece.config == pieces[0].config for piece in pieces)


def below_all(pieces: list[Piece], apply: Callable[[list[Piece]], Piece]) -> Piece:
    """The same for several tensors of one order."""
    return _again(pieces[0], apply([piece.inputs[0] for piece in pieces]))


def inner_axis(x: Piece, axis: int) -> int:
    """Which axis of the tensor below a change of order is ``axis`` of ``x``; both count the batch as 0."""
    return int(x.config["dims"][axis - 1]) if axis else 0


def moved(value: Known, x: Piece) -> Known:
    """A known value that fits ``x``, for the tensor below ``x``'s change of order."""
    if value.size == 1:
        return value
    shape = value.shape
    if len(shape) == x.rank + 1 and shape[0] == 1:
        shape = shape[1:]
    if len(shape) > x.rank:
        raise UnsupportedError("arithmetic with an array of another rank")
    shape = (1,) * (x.rank - len(shape)) + shape
    places = [x.config["dims"].index(axis) for axis in range(1, x.rank + 1)]
    below = tuple(shape[place] for place in places)
    if sum(size != 1 for size in shape) <= 1:
        return reshaped(value, below)
    return transposed(reshaped(value, shape), places)


def is_order_free(x: Piece) -> bool:
    """Whether the order of axes makes no difference to the order of values."""
    return x.is_sized and sum(size != 1 for size in x.sizes) <= 1


def _again(x: Piece, below: Piece) -> Piece:
    return permuted(x.name, below, x.config["dims"])
