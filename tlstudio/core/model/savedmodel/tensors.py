"""Constants of a graph: small ones become numbers, large ones stay where they lie in the file."""

import mmap
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from tlstudio.core.model.arrays import Array, plain
from tlstudio.core.model.savedmodel.bundle import DTYPES, item_size
from tlstudio.core.model.savedmodel.known import MAX_NUMBERS, Known, UnsupportedError, number, stored
from tlstudio.core.model.savedmodel.places import ContentPlaces

SMALL = 4  # values: a number for each channel of an image; larger constants are taken for weights
# Where a constant keeps its values if not as plain bytes, by TensorFlow's number of its type.
_FIELDS = {
    1: "float_val", 2: "double_val", 3: "int_val", 4: "int_val", 5: "int_val", 6: "int_val", 9: "int64_val",
    10: "bool_val", 14: "half_val", 17: "int_val", 19: "half_val", 22: "uint32_val", 23: "uint64_val",
}  # fmt: skip


class Constants:
    """Reads the constants of one ``saved_model.pb``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as file:  # mapped: a frozen graph holds all weights of a network
            self._places = ContentPlaces(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    def read(self, tensor: Any) -> Known:
        """Raises ``UnsupportedError`` for text, and for what is not whole."""
        dtype = DTYPES.get(tensor.dtype)
        if dtype is None:
            raise UnsupportedError("a constant that is no number")
        shape = tuple(dim.size for dim in tensor.tensor_shape.dim)
        if any(size < 0 for size in shape):
            raise UnsupportedError("a constant without a shape")
        if tensor.tensor_content:
            return self._from_bytes(tensor.tensor_content, shape, dtype)
        return _from_list(getattr(tensor, _FIELDS[tensor.dtype]), shape, dtype)

    def _from_bytes(self, content: bytes, shape: tuple[int, ...], dtype: str) -> Known:
        if prod(shape) * item_size(dtype) != len(content):
            raise UnsupportedError("a constant that is not whole")
        numbers = _decoded(np.frombuffer(content, "<u2" if dtype == "bfloat16" else dtype), dtype).reshape(shape)
        if numbers.size <= SMALL or numbers.dtype.kind not in "f":
            return number(numbers)
        place = self._places.find(content)
        if place is None:
            raise UnsupportedError("a constant that is not in the file as it is")
        array = Array(file=str(self._path), location=f"byte {place}", shape=shape, dtype=dtype, offset=place)
        if numbers.size > MAX_NUMBERS:
            return stored(plain(array))
        return Known(shape=shape, numbers=numbers, weight=plain(array))


def _from_list(values: Any, shape: tuple[int, ...], dtype: str) -> Known:
    """Fewer values than places: the last one is repeated."""
    size = prod(shape)
    if not len(values):
        values = [0]
    if len(values) > size > 0 or size > MAX_NUMBERS:
        raise UnsupportedError("a constant whose values do not fit its shape")
    kind = "<u2" if dtype in {"bfloat16", "<f2"} else dtype
    numbers = _decoded(np.asarray(list(values), "<i8" if kind[1] in "iu" else kind).astype(kind), dtype)
    if dtype == "<f2":
        numbers = numbers.view("<f2")
    full = np.full(size, numbers[-1], numbers.dtype)
    full[: min(len(numbers), size)] = numbers[:size]
    return number(full.reshape(shape))


def _decoded(values: np.ndarray, dtype: str) -> np.ndarray:
    return (values.astype("<u4") << 16).view("<f4") if dtype == "bfloat16" else values
