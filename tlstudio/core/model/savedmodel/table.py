"""Sorted tables of keys and values, the format of a checkpoint's index.

Source: the description of LevelDB's table format (``doc/table_format.md``), which TensorFlow writes without
compression. Every block carries a CRC-32C, which is checked.
"""

import mmap
from collections.abc import Iterator
from pathlib import Path

from tlstudio.core.errors import TLStudioError

FOOTER = 48
MAGIC = 0xDB4775248B80FB57.to_bytes(8, "little")
TRAILER = 5  # a byte for the compression, four for the checksum
MAX_BYTES = 16 << 20  # the index of a network with 20,000 variables takes 2 MB
MAX_ENTRIES = 200_000


def read_table(path: Path) -> Iterator[tuple[bytes, bytes]]:
    """Yield the pairs in the order of the file. Raises ``truncated_model``, ``unsafe_model``."""
    if path.stat().st_size > MAX_BYTES:
        raise TLStudioError("unsafe_model", path=path, found="the list of its variables is too large")
    data = path.read_bytes()
    try:
        yield from _pairs(data)
    except (IndexError, ValueError) as error:
        detail = f"the list of its variables: {error}"
        raise TLStudioError("truncated_model", path=path, detail=detail) from error


def _pairs(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    if len(data) < FOOTER or not data.endswith(MAGIC):
        raise ValueError("its end is missing")
    place = len(data) - FOOTER
    for _number in range(2):  # where the block of further information lies, which nothing here needs
        _value, place = varint(data, place)
    offset, place = varint(data, place)
    size, _place = varint(data, place)
    count = 0
    for _key, handle in _block(data, offset, size):
        start, place = varint(handle, 0)
        length, _place = varint(handle, place)
        for pair in _block(data, start, length):
            count += 1
            if count > MAX_ENTRIES:
                raise ValueError("it has too many entries")
            yield pair


def _block(data: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """The pairs of one block. Each key shares its beginning with the key before it."""
    end = offset + size
    if end + TRAILER > len(data) - FOOTER:
        raise ValueError("a block lies outside of it")
    if data[end] != 0:
        raise ValueError("a block is compressed")
    if masked_crc32c(data[offset : end + 1]) != int.from_bytes(data[end + 1 : end + TRAILER], "little"):
        raise ValueError("a checksum does not fit")
    restarts = int.from_bytes(data[end - 4 : end], "little")
    end -= 4 * (restarts + 1)
    if end < offset:
        raise ValueError("a block has no end")
    key, place = b"", offset
    while place < end:
        shared, place = varint(data, place)
        fresh, place = varint(data, place)
        length, place = varint(data, place)
        if shared > len(key) or place + fresh + length > end:
            raise ValueError("an entry lies outside its block")
        key = key[:shared] + data[place : place + fresh]
        place += fresh
        yield key, data[place : place + length]
        place += length


def varint(data: bytes | mmap.mmap, place: int) -> tuple[int, int]:
    """A number in groups of seven bits, the lowest first, and the place behind it. Raises ``IndexError`` at the end
    of the data, ``ValueError`` for what is longer than 64 bits."""
    value = 0
    for shift in range(0, 64, 7):
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise ValueError("a number has no end")


def _crc_table() -> list[int]:
    table = []
    for value in range(256):
        for _bit in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)  # Castagnoli's polynomial, bits reversed
        table.append(value)
    return table


_CRC = _crc_table()


def masked_crc32c(data: bytes) -> int:
    """CRC-32C as LevelDB stores it: turned by 15 bits and moved, so that sums over sums differ."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _CRC[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF
