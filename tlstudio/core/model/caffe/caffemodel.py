"""The weights of a Caffe network: a ``.caffemodel``, and the blobs in it.

The file is one binary message of up to a gigabyte. It is walked, not parsed: of the blobs only their places in
the file are taken, and only the small rest of each layer is given to protobuf.
"""

import mmap
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.arrays import Array, open_hdf5
from tlstudio.core.model.caffe.layers import text
from tlstudio.core.model.caffe.messages import message_class
from tlstudio.core.model.caffe.prototxt import SWAPPED_BINARY, looks_like_text
from tlstudio.core.model.caffe.wire import BYTES, FIXED32, FIXED64, VARINT, Bytes, Field, fields, varint
from tlstudio.core.model.hdf5 import Reader
from tlstudio.core.model.keras_config import MAX_LAYERS
from tlstudio.core.model.kinds import HDF5_MAGIC, HEAD, not_a_model

MAX_BLOBS = 1000  # of one layer; Caffe's own layers have up to 5
MAX_AXES = 32  # as in Caffe itself
MAX_SMALL = 1 << 20  # bytes of a layer without its blobs
# Numbers of fields in a network, in its layers of each age, and in a blob.
_LAYERS = {100: "Layer", 2: "V1Layer"}
_BLOBS_OF = {"Layer": 7, "V1Layer": 6, "V0Layer": 50}
_V0_IN_V1 = 1
_DATA, _DIFF, _SHAPE, _DOUBLES, _DOUBLE_DIFF, _RAW_TYPE, _RAW = 5, 6, 7, 8, 9, 10, 12
_OLD_SIZES = (1, 2, 3, 4)  # num, channels, height, width
_RAW_TYPES = {0: "<f8", 1: "<f4", 2: "<f2"}  # NVIDIA's fork, which also keeps weights in half precision


@dataclass(frozen=True)
class StoredLayer:
    """A layer of the file: what it is, without its blobs, as the bytes of a message of the class ``kind``."""

    kind: str
    small: bytes
    blobs: tuple[Array, ...]

    @cached_property
    def message(self) -> Any:
        """Raises ``ValueError``."""
        try:
            return message_class(self.kind).FromString(self.small)
        except DecodeError as error:
            raise ValueError(f"a layer is no layer ({error})") from error

    @property
    def name(self) -> str:
        return text(self.message.layer.name if _is_v0(self) else self.message.name)


@dataclass(frozen=True)
class StoredNet:
    """``small``: the message without its layers."""

    path: Path
    small: bytes
    layers: tuple[StoredLayer, ...]

    def blobs(self) -> dict[str, tuple[Array, ...]]:
        """Those of each layer that has any, by its name; the first of a name counts, as in Caffe."""
        found: dict[str, tuple[Array, ...]] = {}
        for layer in self.layers:
            if layer.blobs:
                found.setdefault(layer.name, layer.blobs)
        return found

    def net(self) -> Any:
        """The network as the file itself describes it, a ``Net`` message: mostly that which was trained."""
        net = message_class("Net").FromString(self.small)
        for layer in self.layers:
            (net.layer if layer.kind == "Layer" else net.layers).append(layer.message)
        return net


def read_caffemodel(path: Path) -> StoredNet:
    """Raises ``not_a_model``, ``unsafe_model``, ``truncated_model``, ``weights_mismatch``."""
    with path.open("rb") as file:
        head = file.read(HEAD)
        if head.startswith(HDF5_MAGIC):
            return _read_hdf5(path)
        if looks_like_text(head):
            raise not_a_model(path, SWAPPED_BINARY)
        try:
            with closing(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)) as data:
                stored = _Reader(path, data).read()
            stored.net()  # whether protobuf can make a network of it
        except (ValueError, OSError, DecodeError) as error:
            raise TLStudioError("truncated_model", path=path, detail=str(error)[:160]) from error
    if not stored.layers:
        raise not_a_model(path, "there is no layer in it")
    return stored


def _read_hdf5(path: Path) -> StoredNet:
    """A snapshot in HDF5: a group for each layer, in the group ``data``, with its blobs by their numbers."""
    blobs: dict[str, list[Array]] = {}
    with open_hdf5(path) as file:
        reader = Reader(file, path)
        for name, array in reader.walk(reader.group(file, "data")):
            blobs.setdefault(name, []).append(array)
    layer = message_class("Layer")
    layers = [StoredLayer("Layer", layer(name=name).SerializeToString(), tuple(each)) for name, each in blobs.items()]
    return StoredNet(path, b"", tuple(layers))


def read_blob(path: Path) -> Array:
    """The one blob that a ``.binaryproto`` is. Raises as ``read_caffemodel``."""
    with path.open("rb") as file:
        try:
            with closing(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)) as data:
                return _Reader(path, data).blob(0, len(data), path.name)
        except (ValueError, OSError) as error:
            raise TLStudioError("truncated_model", path=path, detail=str(error)[:160]) from error


def _is_v0(layer: StoredLayer) -> bool:
    return layer.kind == "V1Layer" and bool(layer.message.HasField("layer"))


class _Reader:
    def __init__(self, path: Path, data: Any) -> None:
        self.path, self.data = path, data

    def read(self) -> StoredNet:
        small, layers = [], []
        for field in fields(self.data, 0, len(self.data)):
            if field.number in _LAYERS and field.kind == BYTES:
                layers.append(self._layer(_LAYERS[field.number], field))
                if len(layers) > MAX_LAYERS:
                    found = f"it claims more than {MAX_LAYERS} layers"
                    raise TLStudioError("unsafe_model", path=self.path, found=found)
            else:
                small.append(self._bytes(field))
        return StoredNet(self.path, _bounded(small), tuple(layers))

    def _layer(self, kind: str, field: Field) -> StoredLayer:
        small, blobs = self._without_blobs(kind, field.start, field.stop)
        return StoredLayer(kind, small, tuple(blobs))

    def _without_blobs(self, kind: str, start: int, stop: int) -> tuple[bytes, list[Array]]:
        small: list[bytes] = []
        blobs: list[Array] = []
        for field in fields(self.data, start, stop):
            if field.number == _BLOBS_OF[kind] and field.kind == BYTES:
                if len(blobs) == MAX_BLOBS:
                    raise ValueError("a layer has too many blobs")
                blobs.append(self.blob(field.start, field.stop, f"at byte {field.start}"))
            elif kind == "V1Layer" and field.number == _V0_IN_V1 and field.kind == BYTES:
                inner, more = self._without_blobs("V0Layer", field.start, field.stop)
                blobs += more
                small.append(bytes([_V0_IN_V1 << 3 | BYTES]) + _length(len(inner)) + inner)
            else:
                small.append(self._bytes(field))
        return _bounded(small), blobs

    def _bytes(self, field: Field) -> bytes:
        if field.stop - field.tag > MAX_SMALL:
            raise ValueError("a layer's description is too long")
        return bytes(self.data[field.tag : field.stop])

    def blob(self, start: int, stop: int, location: str) -> Array:
        """Where a blob's values lie; its sizes are checked against them."""
        shape: list[int] | None = None
        old = [0, 0, 0, 0]
        raw_type = 1
        values: list[tuple[str, int, int]] = []  # type, offset, count
        place = start
        while place < stop:
            field = next(fields(self.data, place, stop))
            place = field.stop
            if field.number == _SHAPE and field.kind == BYTES:
                shape = _sizes(self.data, field)
            elif field.number in _OLD_SIZES and field.kind == VARINT:
                old[field.number - 1] = varint(self.data, field.start, field.stop)[0]
            elif field.number == _RAW_TYPE and field.kind == VARINT:
                raw_type = varint(self.data, field.start, field.stop)[0]
            elif field.number in (_DATA, _DOUBLES, _RAW) and field.kind == BYTES:
                type_ = {_DATA: "<f4", _DOUBLES: "<f8"}.get(field.number) or _RAW_TYPES.get(raw_type)
                if type_ is None:
                    raise ValueError(f"the blob {location} holds values of an unknown type")
                values.append((type_, field.start, (field.stop - field.start) // np.dtype(type_).itemsize))
            elif field.number in (_DATA, _DIFF, _DOUBLES, _DOUBLE_DIFF) and field.kind in (FIXED32, FIXED64):
                type_ = "<f4" if field.kind == FIXED32 else "<f8"
                count = _run(self.data, field, stop)
                place = field.tag + count * (field.stop - field.tag)
                if field.number in (_DATA, _DOUBLES):
                    values.append((f"u1,{type_}", field.tag, count))
        values = [entry for entry in values if entry[2]]
        sizes = old if shape is None else shape
        return self._array(location, sizes, values)

    def _array(self, location: str, sizes: list[int], values: list[tuple[str, int, int]]) -> Array:
        if len(values) > 1:
            raise ValueError(f"the values of the blob {location} lie in several pieces")
        type_, offset, count = values[0] if values else ("<f4", 0, 0)
        if any(not 0 <= size < 1 << 40 for size in sizes) or prod(sizes) != count:
            claimed = "×".join(map(str, sizes)) or "1"
            detail = f"a blob claims {claimed} values and holds {count}"
            raise TLStudioError("weights_mismatch", path=self.path, detail=detail)
        return Array(file=str(self.path), location=location, shape=tuple(sizes), dtype=type_, offset=offset)


def _bounded(parts: list[bytes]) -> bytes:
    if sum(map(len, parts)) > MAX_SMALL:
        raise ValueError("a layer's description is too long")
    return b"".join(parts)


def _length(number: int) -> bytes:
    """A number of variable length."""
    parts = []
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def _sizes(data: Bytes, shape: Field) -> list[int]:
    """The sizes of a ``BlobShape``, packed or not."""
    sizes: list[int] = []
    for field in fields(data, shape.start, shape.stop):
        if field.number != 1:
            continue
        place = field.start
        while place < field.stop and field.kind in (BYTES, VARINT):
            size, place = varint(data, place, field.stop)
            sizes.append(size)
            if len(sizes) > MAX_AXES:
                raise ValueError("a blob has too many axes")
    return sizes


def _run(data: Any, first: Field, stop: int) -> int:
    """How many times a field of fixed size is repeated, each with its tag: how protobuf writes numbers unpacked."""
    width = first.stop - first.tag
    if first.start - first.tag != 1:
        raise ValueError("a blob's values are marked in an unusual way")
    with memoryview(data) as view:
        rows = np.frombuffer(view, np.uint8, (stop - first.tag) // width * width, first.tag).reshape(-1, width)
        others = np.flatnonzero(rows[:, 0] != data[first.tag])
        count = int(others[0]) if len(others) else len(rows)
        del rows, others
    return count
