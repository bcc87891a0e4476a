"""A TensorFlow checkpoint (``variables/``) as arrays at places in its files; no value is read.

Source: ``tensor_bundle.proto`` and the comments in it. The index maps each key to a shard, an offset and a shape;
shards are raw bytes.
"""

from dataclasses import dataclass, field
from math import prod
from pathlib import Path

import numpy as np

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.arrays import Array
from tlstudio.core.model.savedmodel.folder import INDEX, Folder
from tlstudio.core.model.savedmodel.messages import parse
from tlstudio.core.model.savedmodel.table import read_table, varint

OBJECT_GRAPHS = ("_CHECKPOINTABLE_OBJECT_GRAPH", "_TRACKABLE_OBJECT_GRAPH")
MAX_SHARDS = 1000
MAX_OBJECT_GRAPH = 64 << 20

# TensorFlow's numbers of types (``types.proto``) as numpy's; ``arrays`` reads ``bfloat16``.
DTYPES = {
    1: "<f4", 2: "<f8", 3: "<i4", 4: "|u1", 5: "<i2", 6: "|i1", 9: "<i8", 10: "|b1", 14: "bfloat16", 17: "<u2",
    19: "<f2", 22: "<u4", 23: "<u8",
}  # fmt: skip
STRING = 7


def item_size(dtype: str) -> int:
    return 2 if dtype == "bfloat16" else np.dtype(dtype).itemsize


@dataclass(frozen=True)
class Bundle:
    """``arrays`` by key. ``texts``: shard, offset and size of what is text. ``parts``: keys of variables that are
    kept in several parts. ``files``: the index and its shards."""

    path: Path
    arrays: dict[str, Array] = field(default_factory=dict)
    texts: dict[str, tuple[Path, int, int]] = field(default_factory=dict)
    parts: frozenset[str] = frozenset()
    files: tuple[Path, ...] = ()

    def text(self, key: str) -> bytes | None:
        """A single text, as bytes; None where there is none such. It is preceded by its length and a checksum of
        that. Raises ``truncated_model``."""
        if key not in self.texts:
            return None
        shard, offset, size = self.texts[key]
        if size > MAX_OBJECT_GRAPH:
            raise TLStudioError("unsafe_model", path=self.path, found=f"“{key}” has {size >> 20} MB")
        with shard.open("rb") as file:
            file.seek(offset)
            data = file.read(size)
        try:
            length, place = varint(data, 0)
        except (IndexError, ValueError):
            length, place = -1, 0
        if length != len(data) - place - 4:
            raise TLStudioError("truncated_model", path=self.path, detail=f"“{key}” is not whole")
        return data[place + 4 :]


def read_bundle(folder: Folder) -> Bundle:
    """Raises ``truncated_model``, ``unsafe_model``. A folder without variables gives an empty bundle."""
    index = folder.file(INDEX)
    if index is None:
        return Bundle(folder.opened)
    pairs = read_table(index)
    key, value = next(pairs, (b"?", b""))
    if key != b"":
        raise TLStudioError("truncated_model", path=index, detail="the list of its variables has no head")
    header = parse("BundleHeader", value, index)
    if header.endianness != 0:
        raise TLStudioError("unreadable_network", path=folder.opened, detail="its weights are stored big end first")
    shards = _shards(folder, header.num_shards)
    arrays: dict[str, Array] = {}
    texts: dict[str, tuple[Path, int, int]] = {}
    parts = set()
    sizes = {shard: shard.stat().st_size for shard in shards}
    for key, value in pairs:
        name = key.decode("utf-8", "replace")
        entry = parse("BundleEntry", value, index)
        if len(entry.slices):
            parts.add(name)
            continue
        if not 0 <= entry.shard_id < len(shards):
            raise _broken(folder, name, "lies in a file that the index does not count")
        shard = shards[entry.shard_id]
        if entry.offset < 0 or entry.size < 0 or entry.offset + entry.size > sizes[shard]:
            raise _broken(folder, name, "lies behind the end of its file")
        if entry.dtype == STRING:
            texts[name] = shard, entry.offset, entry.size
            continue
        shape = tuple(dim.size for dim in entry.shape.dim)
        dtype = DTYPES.get(entry.dtype)
        if dtype is None:
            continue  # complex numbers, random states and the like: a layer that needs one is told what is missing
        if any(size < 0 for size in shape) or prod(shape) * item_size(dtype) != entry.size:
            raise _broken(folder, name, f"claims the shape {'×'.join(map(str, shape))}, but has {entry.size} bytes")
        arrays[name] = Array(file=str(shard), location=name, shape=shape, dtype=dtype, offset=entry.offset)
    return Bundle(folder.opened, arrays, texts, frozenset(parts), (index, *shards))


def _shards(folder: Folder, count: int) -> list[Path]:
    """Their names follow from their number alone; no name is taken from a file."""
    if not 0 <= count <= MAX_SHARDS:
        raise TLStudioError("unsafe_model", path=folder.opened, found=f"it claims {count} files of weights")
    shards = []
    for number in range(count):
        name = f"variables/variables.data-{number:05d}-of-{count:05d}"
        shard = folder.file(name)
        if shard is None:
            raise TLStudioError("truncated_model", path=folder.opened, detail=f"“{name}” is missing")
        shards.append(shard)
    return shards


def _broken(folder: Folder, name: str, what: str) -> TLStudioError:
    return TLStudioError("truncated_model", path=folder.opened, detail=f"the variable “{name}” {what}")
