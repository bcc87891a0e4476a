"""Protocol buffers' wire format, walked without copying: where each field of a message lies in a file.

Source: Protocol Buffers' documentation, "Encoding". Values are not looked at here.
"""

from collections.abc import Iterator
from typing import NamedTuple, Protocol


class Bytes(Protocol):
    """``bytes`` or ``mmap``: what single bytes and slices can be taken from."""

    def __len__(self) -> int: ...
    def __getitem__(self, place: int, /) -> int: ...


class Field(NamedTuple):
    """``kind``: the wire type. ``tag``: where the field begins; ``start`` and ``stop``: its value without the length
    that may stand before it."""

    number: int
    kind: int
    tag: int
    start: int
    stop: int


VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


def fields(data: Bytes, start: int, stop: int) -> Iterator[Field]:
    """The fields of the message at ``data[start:stop]``. Raises ``ValueError`` where that is no message."""
    place = start
    while place < stop:
        tag = place
        key, place = varint(data, place, stop)
        number, kind = key >> 3, key & 7
        if number == 0:
            raise ValueError("a field has no number")
        value = place
        if kind == VARINT:
            _number, place = varint(data, place, stop)
        elif kind == BYTES:
            length, value = varint(data, place, stop)
            place = value + length
        elif kind in (FIXED32, FIXED64):
            place += 4 if kind == FIXED32 else 8
        else:
            raise ValueError(f"a field is of the unknown kind {kind}")
        if place > stop:
            raise ValueError("a field ends behind the end of what holds it")
        yield Field(number, kind, tag, value, place)


def varint(data: Bytes, place: int, stop: int) -> tuple[int, int]:
    """A number of variable length, and the place behind it. Raises ``ValueError``."""
    value = 0
    for shift in range(0, 70, 7):
        if place >= stop:
            raise ValueError("it ends in the middle of a number")
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise ValueError("a number is too long")
