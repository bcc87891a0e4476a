"""Arrays on the disk, read and written by rows without mapping them into memory.

Pages of a mapped file count as the process's memory while they are there: with 20,000 images a run would take ten
times what it takes with 2,000. Reading rows costs a system call each and keeps memory at a batch.
"""

import os
import weakref
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from tlstudio.core.cache import hold


class Rows:
    """The array of a ``.npy`` file, or some of its rows in a given order: ``rows[places]`` reads them.

    ``shape`` and ``dtype`` as numpy's. Raises ``ValueError`` and ``OSError`` for a file that holds no whole array.
    """

    def __init__(self, path: Path, places: np.ndarray | None = None) -> None:
        with path.open("rb") as file:
            version = np.lib.format.read_magic(file)
            reader = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, is_fortran, self.dtype = reader(file)
            self._start = file.tell()
        if is_fortran or not shape or self.dtype.hasobject:
            raise ValueError("not an array of rows in C order")
        self._path, self._places = path, places
        # Rows are read now and then, and the cache may have to make room meanwhile.
        weakref.finalize(self, hold(path).close)
        self._row = prod(shape[1:])
        if path.stat().st_size < self._start + prod(shape) * self.dtype.itemsize:
            raise ValueError("the file is shorter than its array")
        self.shape: tuple[int, ...] = shape if places is None else (len(places), *shape[1:])

    def __len__(self) -> int:
        return self.shape[0]

    def only(self, places: np.ndarray) -> "Rows":
        """Some of the rows, in that order; nothing is read yet."""
        return Rows(self._path, places if self._places is None else self._places[places])

    def __getitem__(self, key: Any) -> np.ndarray:
        """The rows of a slice or an array of places, as a new array."""
        if isinstance(key, slice):
            key = np.arange(len(self))[key]
        places = np.asarray(key, np.int64)
        if self._places is not None:
            places = self._places[places]
        return self._read(places)

    def _read(self, places: np.ndarray) -> np.ndarray:
        found = np.empty((len(places), *self.shape[1:]), self.dtype)
        size = self._row * self.dtype.itemsize
        if not found.size:
            return found
        with self._path.open("rb", buffering=0) as file:  # a file of its own: several threads read
            # Neighbours are read in one go: features are short, and are often taken in order.
            starts = np.flatnonzero(np.diff(places, prepend=-2) != 1)
            for first, last in zip(starts, [*starts[1:], len(places)], strict=True):
                file.seek(self._start + int(places[first]) * size)
                wanted = found[first:last].reshape(-1).view(np.uint8).data
                while len(wanted):
                    count = file.readinto(wanted)
                    if not count:
                        raise OSError("the file ended before its array")
                    wanted = wanted[count:]
        return found


class RowWriter:
    """Takes rows in any order and from several threads: ``writer[place] = row``, ``writer[start:stop] = rows``."""

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: type) -> None:
        self.shape, self.dtype = shape, np.dtype(dtype)
        with path.open("wb") as file:
            header = {"descr": np.lib.format.dtype_to_descr(self.dtype), "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            self._start = file.tell()
            file.truncate(self._start + prod(shape) * self.dtype.itemsize)
        self._path, self._row = path, prod(shape[1:])

    def __setitem__(self, key: int | slice, values: np.ndarray) -> None:
        first = key.start or 0 if isinstance(key, slice) else key
        count = (key.stop - first) if isinstance(key, slice) else 1
        rows = np.ascontiguousarray(values, self.dtype)
        if rows.size != count * self._row:
            raise ValueError(f"Expected {count} row(s) of {self._row} values. Received: shape {rows.shape}")
        with self._path.open("r+b", buffering=0) as file:
            file.seek(self._start + first * self._row * self.dtype.itemsize)
            left = rows.reshape(-1).view(np.uint8).data
            while len(left):
                left = left[file.write(left) :]

    def finish(self) -> None:
        """Bring what was written to the disk."""
        with self._path.open("r+b") as file:
            os.fsync(file.fileno())
