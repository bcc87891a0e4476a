"""Arithmetic of a tensor of the network with known values: everything that a scale and an offset can do."""

from dataclasses import replace

import numpy as np

from tlstudio.core.model.savedmodel.known import Known, UnsupportedError, arithmetic, number, reshaped
from tlstudio.core.model.savedmodel.permuted import carried, moved
from tlstudio.core.model.savedmodel.pieces import WRAPPERS, Piece, make, settled
from tlstudio.core.model.shapes import Shape

MAX_COMPOSED = 8192  # channels; the values of such arithmetic are read while the network is recovered
_BIASED = {"Conv2D", "DepthwiseConv2D", "Conv2DTranspose", "Dense", "Conv1D"}
_NEVER_NEGATIVE = {"Absolute", "Exp", "ReLU", "Sqrt", "Square"}
_NORMALIZING = {"BatchNormalization", "LayerNormalization"}


def affine(piece: Piece, name: str, scale: Known | None = None, offset: Known | None = None) -> Piece:
    """``scale · piece + offset``. Raises ``UnsupportedError`` where the shapes don't fit.

    A bias goes to the layer below it, a scale and a bias to a normalization that has none.
    """
    if piece.type == "Permute":
        below = [None if value is None else moved(value, piece) for value in (scale, offset)]
        return carried(piece, lambda inner: affine(inner, name, *below))
    if piece.type in WRAPPERS:
        piece = settled(piece)
        inner = affine(piece.inputs[0], name, _vector(scale), _vector(offset))
        return replace(piece, inputs=(inner,))
    scale, offset = _fitted(scale, piece), _fitted(offset, piece)
    if scale is not None and scale.scalar == 1:
        scale = None
    if offset is not None and offset.scalar == 0:
        offset = None
    if scale is None and offset is None:
        return piece
    if scale is None and offset is not None:
        if piece.type in _BIASED and not piece.config["use_bias"] and _is_vector(offset, piece):
            return replace(piece, config={**piece.config, "use_bias": True}, weights=(*piece.weights, offset))
        if piece.type in _NORMALIZING and not piece.config["center"] and _is_normalized_by(offset, piece):
            place = int(piece.config["scale"])
            weights = (*piece.weights[:place], offset, *piece.weights[place:])
            return replace(piece, config={**piece.config, "center": True}, weights=weights)
    if (
        offset is None and scale is not None and piece.type in _NORMALIZING
        and not (piece.config["center"] or piece.config["scale"]) and _is_normalized_by(scale, piece)
    ):  # fmt: skip
        return replace(piece, config={**piece.config, "scale": True}, weights=(scale, *piece.weights))
    shape = _grown(_grown(piece.shape, scale), offset)
    return Piece("Affine", inputs=(piece,), shape=shape, name=name, scale=scale, offset=offset)


def composed(piece: Piece) -> Piece:
    """Scales and offsets after each other are one, where they are few or one for each channel."""
    inner = piece.inputs[0]
    parts = (piece.scale, piece.offset, inner.scale, inner.offset)
    if inner.type != "Affine" or not all(value is None or _is_plain(value) for value in parts):
        return piece
    scale = _both("Mul", inner.scale, piece.scale)
    offset = (
        inner.offset if piece.scale is None or inner.offset is None else arithmetic("Mul", inner.offset, piece.scale)
    )
    return composed(replace(piece, inputs=inner.inputs, scale=scale, offset=_both("Add", offset, piece.offset)))


def _both(op: str, first: Known | None, second: Known | None) -> Known | None:
    if first is None or second is None:
        return second if first is None else first
    return arithmetic(op, first, second)


def _is_plain(value: Known) -> bool:
    return value.size == 1 or (len(value.shape) == 1 and value.size <= MAX_COMPOSED)


def clipped(piece: Piece, name: str, low: float | None, high: float | None) -> Piece:
    """Values below ``low`` become that, values above ``high`` that.

    With ReLUs, which may have a limit: parts above and below 0 are taken by themselves, since ``high - relu(high - x)``
    is nothing but rounding errors where a limit is only there for safety, such as 1e12.
    """
    if piece.type == "Permute":
        return carried(piece, lambda inner: clipped(inner, name, low, high))
    if piece.type in WRAPPERS:
        piece = settled(piece)
        return replace(piece, inputs=(clipped(piece.inputs[0], name, low, high),))
    if low is not None and high is not None and low > high:
        raise UnsupportedError("with limits that exclude each other")
    if low is not None and low >= 0:
        above = affine(piece, name, offset=number(np.float32(-low)))
        return affine(
            _limited(above, name, None if high is None else high - low), name, offset=number(np.float32(low))
        )
    if high is not None and high <= 0:
        turned = clipped(_negative(piece, name), name, -high, None if low is None else -low)
        return _negative(turned, name)
    positive = _limited(piece, name, high)
    if piece.type in _NEVER_NEGATIVE or (piece.type == "Power" and piece.config["exponent"] % 1):
        return positive
    return make("Subtract", name, (positive, _limited(_negative(piece, name), name, None if low is None else -low)))


def _negative(piece: Piece, name: str) -> Piece:
    return affine(piece, name, scale=number(np.float32(-1)))


def _limited(piece: Piece, name: str, limit: float | None) -> Piece:
    """The part above 0, up to a limit."""
    if piece.type == "ReLU" and not piece.config:
        piece = piece.inputs[0]
    return make("ReLU", name, (piece,)) if limit is None else make("ReLU", name, (piece,), max_value=limit)


def _grown(shape: Shape, value: Known | None) -> Shape:
    """The shape of arithmetic with ``value``. A part of a normalization may grow by it; no layer of its own does."""
    if shape is None or value is None or value.size == 1:
        return shape
    wide = (1,) * (len(shape) - len(value.shape)) + value.shape
    return tuple(theirs if mine == 1 else mine for mine, theirs in zip(shape, wide, strict=True))


def _is_vector(value: Known, piece: Piece) -> bool:
    return len(value.shape) == 1 and piece.rank > 0 and value.shape[0] == (piece.shape or ())[-1]


def _is_normalized_by(value: Known, piece: Piece) -> bool:
    """Whether the value has one number for each of those that a normalization works on."""
    axis = piece.config["axis"]
    axes = axis if isinstance(axis, list) else [axis]
    shape = piece.shape or ()
    sizes = tuple(shape[place - 1 if place > 0 else place] for place in axes)
    return value.shape == sizes


def _vector(value: Known | None) -> Known | None:
    if value is None or value.size == 1:
        return value
    if any(size != 1 for size in value.shape[:-1]):
        raise UnsupportedError("arithmetic with a matrix")
    return reshaped(value, value.shape[-1:])


def _fitted(value: Known | None, piece: Piece) -> Known | None:
    """The value without the batch axis: a number, one for each channel, or one for each place."""
    if value is None or len(value.shape) == 0:
        return value
    if value.size == 1:
        return reshaped(value, (1,))
    if piece.shape is None or len(value.shape) > piece.rank + 1:
        raise UnsupportedError("arithmetic with an array of another rank")
    shape = value.shape
    if len(shape) == piece.rank + 1:
        if shape[0] != 1:
            raise UnsupportedError("arithmetic along the batch")
        shape = shape[1:]
    while len(shape) > 1 and shape[0] == 1:
        shape = shape[1:]
    place = piece.shape[piece.rank - len(shape) :]
    if any(1 not in (mine, theirs) and mine != theirs for mine, theirs in zip(shape, place, strict=True)):
        raise UnsupportedError("arithmetic of other sizes")
    return reshaped(value, shape)
