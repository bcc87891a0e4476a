"""Operations of a graph that move values or leave some out: shapes, axes, slices."""

from math import prod
from typing import Any

import numpy as np

from tlstudio.core.model.savedmodel import attributes
from tlstudio.core.model.savedmodel.known import Known, UnsupportedError
from tlstudio.core.model.savedmodel.permuted import (
    below_all,
    carried,
    inner_axis,
    is_order_free,
    permuted,
    same_order,
)
from tlstudio.core.model.savedmodel.pieces import Piece, make
from tlstudio.core.model.savedmodel.spatial import repeated


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
    if x.type == "Permute" and is_order_free(x):
        return shaped(name, x.inputs[0], shape)
    if x.type == "Reshape" and x.inputs[0].shape == tuple(shape):
        return x.inputs[0]
    if len(shape) == 1:
        return make("Flatten", name, (x,))
    return make("Reshape", name, (x,), target_shape=shape)


def transpose(name: str, x: Piece, axes: list[int]) -> Piece:
    axes = [axis % (x.rank + 1) for axis in axes]
    if sorted(axes) != list(range(x.rank + 1)) or axes[0] != 0:
        raise UnsupportedError("a transposition with the batch")
    return permuted(name, x, axes[1:])


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
    if x.type == "Permute":
        return _permuted_reduction(node, name, x, axes)
    keep = attributes.flag(node, "keep_dims") or attributes.flag(node, "keepdims")
    places = sorted({axis % (x.rank + 1) for axis in axes})
    if not places or 0 in places or x.shape is None:
        raise UnsupportedError("a sum over the batch")
    if not keep and len(places) == x.rank:
        raise UnsupportedError("no axis is left")
    return make(node.op, name, (x,), axis=places, keepdims=keep)


def _permuted_reduction(node: Any, name: str, x: Piece, axes: list[int]) -> Piece:
    """Below the change of order, where that leaves the order of what remains as it is."""
    keep = attributes.flag(node, "keep_dims") or attributes.flag(node, "keepdims")
    places = [axis % (x.rank + 1) for axis in axes]
    left = [inner_axis(x, place) for place in range(1, x.rank + 1) if place not in places]
    inner = [inner_axis(x, place) for place in places]
    if keep:
        return carried(x, lambda below: reduction(node, name, below, inner))
    if left != sorted(left):
        raise UnsupportedError("over axes in another order")
    return reduction(node, name, x.inputs[0], inner)


def concatenate(name: str, parts: list[Piece], axis: int) -> Piece:
    rank = parts[0].rank + 1
    axis %= rank
    if axis == 0 or any(part.shape is None or part.rank + 1 != rank for part in parts):
        raise UnsupportedError("joining batches")
    if same_order(parts):
        inner = inner_axis(parts[0], axis)
        return below_all(parts, lambda below: concatenate(name, below, inner))
    return parts[0] if len(parts) == 1 else make("Concatenate", name, tuple(parts), axis=axis - rank)
