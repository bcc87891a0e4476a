"""The weight arrays of model files: where each lies on the disk, and what becomes of it on the way to a layer.

An ``Array`` is a place in a file, a ``Weight`` is what one Keras layer takes, made of arrays by named steps.
Both are plain data. Only ``read_weights`` reads values.
"""

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import h5py
import msgspec
import numpy as np

from tlstudio.core.errors import TLStudioError


class Array(msgspec.Struct, frozen=True, kw_only=True):
    """One array of a file. Where ``offset`` is known the values lie there as plain bytes, in C order; otherwise
    HDF5 has to be asked for ``location``. ``member``: the HDF5 file inside a zip archive, if it is in one.

    ``dtype`` is a numpy type string; ``bfloat16`` is written out, since numpy has none. Of a record such as
    ``u1,<f4`` the last part is the value: protobuf marks each number with a byte where it writes them unpacked.
    """

    file: str
    location: str
    shape: tuple[int, ...]
    dtype: str = "<f4"
    offset: int | None = None
    member: str = ""

    @property
    def size(self) -> int:
        """Number of values."""
        return prod(self.shape)


class Step(msgspec.Struct, frozen=True):
    """One conversion, a name of ``CONVERSIONS``, with its numbers."""

    name: str
    numbers: tuple[Any, ...] = ()


class Weight(msgspec.Struct, frozen=True, kw_only=True):
    """One weight as its layer takes it: ``shape``, and the arrays and steps that give it."""

    shape: tuple[int, ...]
    arrays: tuple[Array, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def size(self) -> int:
        """Number of values."""
        return prod(self.shape)

    def then(self, name: str, *numbers: Any, shape: tuple[int, ...] | None = None) -> "Weight":
        """The same weight with one more step; ``shape`` is the new one where the step changes it."""
        return msgspec.structs.replace(
            self, steps=(*self.steps, Step(name, numbers)), shape=self.shape if shape is None else shape
        )


def plain(array: Array) -> Weight:
    """An array that a layer takes as it is."""
    return Weight(shape=array.shape, arrays=(array,))


def constant(shape: Sequence[int], value: float) -> Weight:
    """A weight that no file holds: one value everywhere."""
    return Weight(shape=tuple(shape), steps=(Step("full", (list(shape), value)),))


def table(values: np.ndarray) -> Weight:
    """A weight that no file holds, written out: for small ones, such as an exchange of channels."""
    return Weight(shape=values.shape, steps=(Step("table", (values.tolist(),)),))


Values = list[np.ndarray]


def _turned(values: Values) -> Values:
    return [values[0][tuple(slice(None, None, -1) for _ in values[0].shape[:-2])]]


def _rows_from_channels_first(values: Values, channels: int, height: int, width: int) -> Values:
    rows = values[0].reshape(channels, height, width, -1)
    return [rows.transpose(1, 2, 0, 3).reshape(channels * height * width, -1)]


# Each takes the arrays so far and the step's numbers, and gives arrays; the last step leaves one.
CONVERSIONS: dict[str, Callable[..., Values]] = {
    "transpose": lambda values, axes: [values[0].transpose(axes)],
    "reshape": lambda values, shape: [values[0].reshape(shape)],
    # The last axis of a kernel holds filters, the one before it channels: all others are turned round.
    "turn_kernel": _turned,
    # The rows of a Dense kernel behind a flattening of (channels, height, width), for one of (height, width, channels).
    "rows_from_channels_first": _rows_from_channels_first,
    "scale": lambda values, factor: [values[0] * np.float32(factor)],
    "add": lambda values, term: [values[0] + np.float32(term)],
    "square": lambda values: [np.square(values[0])],
    "first": lambda values: values[:1],
    "divide_by_last": lambda values: [values[0] / values[1].reshape(-1)[0] if values[1].reshape(-1)[0] else values[0] * 0],
    "stack": lambda values, axis: [np.stack(values, axis)],
    "concatenate": lambda values, axis: [np.concatenate(values, axis)],
    "take": lambda values, axis, start, stop: [np.take(values[0], range(start, stop), axis)],
    "full": lambda _values, shape, value: [np.full(shape, value, np.float32)],
    "table": lambda _values, table: [np.asarray(table, np.float32)],
}  # fmt: skip


def convert(weight: Weight, values: Values) -> np.ndarray:
    """The weight's float32 value from its arrays' values. Raises ``ValueError`` where a step doesn't fit."""
    for step in weight.steps:
        values = CONVERSIONS[step.name](values, *step.numbers)
    if len(values) != 1 or values[0].shape != weight.shape:
        raise ValueError(f"expected shape {weight.shape}, got {[v.shape for v in values]}")
    return np.asarray(values[0], np.float32, order="C")


def read_weights(weights: dict[str, list[Weight]]) -> Iterator[tuple[str, list[np.ndarray]]]:
    """Yield each layer's path with its weights as float32 arrays, in the order of the Keras layer's own list.

    One file is open at a time and one layer's values are in memory. Raises ``truncated_model``,
    ``weights_mismatch``.
    """
    with _Files() as files:
        for path, wanted in weights.items():
            values = []
            for weight in wanted:
                raw = [files.read(array) for array in weight.arrays]
                try:
                    values.append(convert(weight, raw))
                except (ValueError, IndexError, TypeError) as error:
                    file = weight.arrays[0].file if weight.arrays else ""
                    raise TLStudioError("weights_mismatch", path=file, detail=f"layer “{path}”: {error}") from error
            yield path, values


def layers_not_finite(weights: dict[str, list[Weight]]) -> list[str]:
    """Paths of the layers that hold NaN or infinite values. Every array is read, in pieces of some megabytes."""
    found = []
    with _Files() as files:
        for path, wanted in weights.items():
            arrays = [array for weight in wanted for array in weight.arrays]
            if not all(_is_finite(piece) for array in arrays for piece in files.pieces(array)):
                found.append(path)
    return found


PIECE = 1 << 20  # values looked at in one go: a few megabytes


def _is_finite(values: np.ndarray) -> bool:
    return values.dtype.kind != "f" or bool(np.isfinite(values).all())


class _Files:
    """Files that are read from, kept open from one array to the next."""

    def __init__(self) -> None:
        self._hdf5: dict[tuple[str, str], h5py.File] = {}
        self._open = ExitStack()

    def __enter__(self) -> "_Files":
        return self

    def __exit__(self, *_error: object) -> None:
        self._open.close()

    def pieces(self, array: Array) -> Iterator[np.ndarray]:
        """The array's values, flat and a piece at a time: a file that holds more than memory does is looked at, too."""
        if array.offset is None or array.size <= PIECE:
            yield self.read(array).reshape(-1)
            return
        for start in range(0, array.size, PIECE):
            count = min(PIECE, array.size - start)
            width = 2 if array.dtype == "bfloat16" else np.dtype(array.dtype).itemsize
            yield self.read(msgspec.structs.replace(array, offset=array.offset + start * width, shape=(count,)))

    def read(self, array: Array) -> np.ndarray:
        """The array's values in the file's own type."""
        if array.offset is None:
            file = self._file_of(array)
            with damage_reported(Path(array.file)):
                stored = np.asarray(file[array.location])
            return _widened(stored.view("<u2")) if array.dtype == "bfloat16" else stored
        dtype = np.dtype("<u2" if array.dtype == "bfloat16" else array.dtype)
        if array.size == 0:
            return np.zeros(array.shape, dtype)
        with damage_reported(Path(array.file)):
            values: np.ndarray = np.memmap(array.file, dtype, "r", array.offset, array.shape)
        if array.dtype == "bfloat16":
            return _widened(values)
        if dtype.names:
            values = values[dtype.names[-1]]
        return np.array(values)

    def _file_of(self, array: Array) -> h5py.File:
        key = array.file, array.member
        if key not in self._hdf5:
            self._hdf5[key] = self._open.enter_context(open_hdf5(Path(array.file), array.member))
        return self._hdf5[key]


def _widened(halves: np.ndarray) -> np.ndarray:
    """The upper halves of float32 numbers, as bfloat16 keeps them, as float32."""
    return (halves.astype("<u4") << 16).view("<f4")


@contextmanager
def damage_reported(path: Path) -> Iterator[None]:
    """Turn what h5py, zipfile and numpy raise on broken files into ``truncated_model``."""
    try:
        yield
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, zipfile.BadZipFile, EOFError) as error:
        detail = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
        raise TLStudioError("truncated_model", path=path, detail=detail) from error


@contextmanager
def open_hdf5(path: Path, member: str = "") -> Iterator[h5py.File]:
    """An HDF5 file, or the one that is a member of a zip archive. Raises ``truncated_model``."""
    if not member:
        with damage_reported(path):
            file = h5py.File(path, "r")
        with file:
            yield file
        return
    with damage_reported(path):
        archive = zipfile.ZipFile(path)
    with archive:
        with damage_reported(path):
            source = _member_stream(archive, path, member)
            file = h5py.File(source, "r")
        with file:
            yield file


def _member_stream(archive: zipfile.ZipFile, path: Path, member: str) -> BinaryIO:
    """A member that can be searched in: a window on the archive where it is stored as it is, else unpacked."""
    info = archive.getinfo(member)
    if info.compress_type == zipfile.ZIP_STORED:
        return io.BufferedReader(_Window(path, stored_offset(path, info), info.file_size))
    return io.BytesIO(archive.read(member))


def stored_offset(path: Path, info: zipfile.ZipInfo) -> int:
    """Where an uncompressed member's bytes begin: behind its local header, whose length is in it (APPNOTE 4.3.7)."""
    with path.open("rb") as file:
        file.seek(info.header_offset)
        header = file.read(30)
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise ValueError("a member of the archive has no header")
    return info.header_offset + 30 + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")


class _Window(io.RawIOBase):
    """A part of a file as a file of its own."""

    def __init__(self, path: Path, start: int, length: int) -> None:
        self._file = path.open("rb")
        self._start, self._length, self._place = start, length, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._length}[whence]
        self._place = max(base + offset, 0)
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: Any) -> int:
        count = max(min(len(buffer), self._length - self._place), 0)
        self._file.seek(self._start + self._place)
        data = self._file.read(count)
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()
