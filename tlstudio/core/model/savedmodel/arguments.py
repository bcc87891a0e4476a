"""What the rules of operations are given: known values and pieces, and checks that it is the one or the other."""

from collections.abc import Callable
from dataclasses import replace

from tlstudio.core.model.savedmodel.known import Known, UnsupportedError, values_of
from tlstudio.core.model.savedmodel.pieces import WRAPPERS, Piece, settled


def require_known(value: Known | Piece) -> Known:
    if not isinstance(value, Known):
        raise UnsupportedError("a value that depends on the image")
    return value


def require_piece(value: Known | Piece) -> Piece:
    if not isinstance(value, Piece):
        raise UnsupportedError("with a constant")
    return value


def each(apply: Callable[[Piece], Piece], x: Piece) -> Piece:
    """What treats every value alike may be done to what is wrapped."""
    if x.type not in WRAPPERS:
        return apply(x)
    x = settled(x)
    return replace(x, inputs=(apply(x.inputs[0]),))


def integers(value: Known | Piece) -> list[int]:
    """Raises ``UnsupportedError`` for what depends on the image."""
    if not isinstance(value, Known):
        raise UnsupportedError("a size that depends on the image")
    return [int(item) for item in values_of(value).reshape(-1)]
