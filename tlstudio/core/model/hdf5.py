"""HDF5 as we allow it: every group and array really lies in this file, and is as large as it claims.

No link is followed, no filter is loaded, no value is read. What is out of the ordinary is refused by name.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.arrays import Array, damage_reported

MAX_DATASETS = 100_000
MAX_DEPTH = 60
MAX_RATIO = 200  # trained weights compress by far less; a bomb by a thousand and more
SMALL = 1 << 16  # bytes; what claims less does no harm
# Filters that are part of HDF5 or h5py themselves; any other one would be code loaded from somewhere.
FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32, h5py.h5z.FILTER_LZF,
           h5py.h5z.FILTER_SCALEOFFSET, h5py.h5z.FILTER_NBIT}  # fmt: skip


class Reader:
    """Looks into one open HDF5 file. ``base``: where it begins in ``path``, None where it was unpacked from it."""

    def __init__(self, file: h5py.File, path: Path, member: str = "", base: int | None = 0) -> None:
        self.file, self.path, self.member, self._base = file, path, member, base
        self._count = 0

    def attributes(self, group: h5py.Group) -> dict[str, Any]:
        with damage_reported(self.path):
            return dict(group.attrs)

    def text(self, group: h5py.Group, name: str) -> str | None:
        """A text attribute; None where there is none."""
        with damage_reported(self.path):
            return as_text(group.attrs.get(name))

    def group(self, parent: h5py.Group, name: str) -> h5py.Group:
        """A child group that really lies in this file, not behind a link to somewhere else."""
        item = self.item(parent, name)
        if not isinstance(item, h5py.Group):
            raise self.damaged(f"“{name}” is not a group")
        return item

    def item(self, parent: h5py.Group, name: str) -> Any:
        """A child, or a child's child (``a/b``). Raises ``unsafe_model`` where a link stands on the way."""
        with damage_reported(self.path):
            for part in name.strip("/").split("/"):
                if not isinstance(parent, h5py.Group):
                    raise KeyError(f"“{name}” is not there")
                link = parent.get(part, getlink=True)
                if isinstance(link, h5py.ExternalLink):
                    raise self.unsafe(f"a link to the file “{link.filename}”")
                if isinstance(link, h5py.SoftLink):
                    raise self.unsafe(f"a link inside the file, “{name}”")
                parent = parent[part]
            return parent

    def children(self, group: h5py.Group) -> list[str]:
        with damage_reported(self.path):
            return sorted(group, key=lambda name: (len(name), name))

    def names(self, group: h5py.Group, attribute: str) -> list[str]:
        """A list of names in an attribute; Keras splits lists beyond HDF5's 64 KB for one into numbered parts."""
        values: list[Any] = []
        with damage_reported(self.path):
            if attribute in group.attrs:
                values = list(np.atleast_1d(group.attrs[attribute]))
            else:
                part = 0
                while f"{attribute}{part}" in group.attrs:
                    values += list(group.attrs[f"{attribute}{part}"])
                    part += 1
        texts = [as_text(bytes(v) if isinstance(v, np.bytes_) else v) for v in values]
        if None in texts:
            raise self.damaged(f"“{attribute}” holds something that is not a name")
        return [text for text in texts if text is not None]

    def walk(self, top: h5py.Group, leave_out: tuple[str, ...] = ()) -> Iterator[tuple[str, Array]]:
        """Every array below a group, with the path of the group that holds it. Raises ``unsafe_model`` where
        groups are nested without end (a group may be its own child)."""
        pending = [("", top)]
        while pending:
            name, group = pending.pop()
            if name.count("/") > MAX_DEPTH:
                raise self.unsafe("its groups are nested without end")
            below = []
            for child in self.children(group):
                place = f"{name}/{child}" if name else child
                # A network that was compiled keeps these beside its layers, wherever it is nested.
                if child in leave_out and not name.endswith("layers"):
                    continue
                item = self.item(group, child)
                if isinstance(item, h5py.Group):
                    self.count_one()
                    below.append((place, item))
                else:
                    yield name, self.array(item)
            pending += reversed(below)

    def count_one(self) -> None:
        self._count += 1
        if self._count > MAX_DATASETS:
            raise self.unsafe(f"it holds more than {MAX_DATASETS} weights")

    def array(self, dataset: Any) -> Array:
        """Describe one array, after checking that it is what it claims and lies in this file.

        Raises ``unsafe_model``, ``weights_mismatch``, ``truncated_model``.
        """
        self.count_one()
        if not isinstance(dataset, h5py.Dataset):
            raise self.damaged("a weight is not an array")
        with damage_reported(self.path):
            if dataset.external or dataset.is_virtual:
                raise self.unsafe(f"“{dataset.name}” keeps its data in another file")
            properties = dataset.id.get_create_plist()
            filters = [properties.get_filter(i)[0] for i in range(properties.get_nfilters())]
            claimed, stored = dataset.size * dataset.dtype.itemsize, dataset.id.get_storage_size()
            name, shape, dtype = str(dataset.name), tuple(dataset.shape), dataset.dtype
            offset = dataset.id.get_offset() if properties.get_layout() == h5py.h5d.CONTIGUOUS else None
        unknown = [number for number in filters if number not in FILTERS]
        if unknown:
            raise self.unsafe(f"“{name}” is packed with the unknown filter {unknown[0]}")
        is_bfloat16 = dtype.kind == "V" and dtype.itemsize == 2 and not dtype.fields  # numpy has no name for it
        if dtype.kind not in "fiub" and not is_bfloat16:
            detail = f"“{name}” holds values of type {dtype.str}"
            raise TLStudioError("weights_mismatch", path=self.path, detail=detail)
        if claimed > SMALL and claimed > (stored * MAX_RATIO if filters else stored):
            raise self.unsafe(f"“{name}” claims {claimed} bytes but stores {stored}")
        place = None if offset is None or self._base is None else self._base + offset
        return Array(
            file=str(self.path), location=name, shape=shape, dtype="bfloat16" if is_bfloat16 else dtype.str,
            offset=place, member=self.member,
        )  # fmt: skip

    def unsafe(self, found: str) -> TLStudioError:
        return TLStudioError("unsafe_model", path=self.path, found=found)

    def damaged(self, detail: str) -> TLStudioError:
        return TLStudioError("truncated_model", path=self.path, detail=detail)


def as_text(value: Any) -> str | None:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else None
