"""A model file as bytes on the disk: what kind it is, its network description, and its weight arrays.

The kind is found by magic bytes, never by the name. Nothing of the file is executed, and no link inside it
is followed. ``read_container`` only reads descriptions and headers; arrays are read later, one by one.
"""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from tlstudio.core.errors import TLStudioError

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
ZIP_MAGIC = b"PK\x03\x04"
MAX_CONFIG_BYTES = 64 << 20  # the description of the largest network of Keras Applications takes 0.4 MB
MAX_DATASETS = 100_000
MAX_ZIP_RATIO = 200  # weights and JSON compress by far less; a bomb by a thousand and more
WEIGHTS_MEMBER = "model.weights.h5"


@dataclass(frozen=True)
class Array:
    """One weight array of the file: where it lies, its shape and its size in the file."""

    location: str
    shape: tuple[int, ...]
    dtype: str

    @property
    def size(self) -> int:
        """Number of values."""
        return int(np.prod(self.shape, dtype=np.int64)) if self.shape else 1


@dataclass(frozen=True)
class Container:
    """What a model file says of itself, before anything is made of it.

    ``layout`` tells how the arrays are named: ``"legacy"`` (groups named after layers, ``weight_names``)
    or ``"v3"`` (``layers/<type>/vars/<n>``). ``arrays`` keeps the file's own order for legacy groups.
    """

    path: Path
    format: str  # "hdf5" | "keras"
    layout: str
    keras_version: str | None
    backend: str | None
    config: dict[str, Any]
    arrays: dict[str, list[Array]] = field(default_factory=dict)

    def read_arrays(self, locations: Iterable[str]) -> Iterator[tuple[str, np.ndarray]]:
        """Yield ``(location, array)`` for the named weight arrays. Raises ``truncated_model``."""
        with _weights_file(self.path, self.format) as file:
            for location in locations:
                with _damage_reported(self.path):
                    values = np.asarray(file[location])
                yield location, values


def read_container(path: Path) -> Container:
    """Read the description of a model file.

    Raises:
        TLStudioError: ``model_missing``, ``not_a_model``, ``truncated_model``, ``weights_only``,
            ``unsafe_model``.
    """
    if not path.exists():
        raise TLStudioError("model_missing", path=path)
    if not path.is_file():
        found = "it is a folder" if path.is_dir() else "it is not an ordinary file"
        raise TLStudioError("not_a_model", path=path, found=found)
    with path.open("rb") as file:
        magic = file.read(8)
    if magic == HDF5_MAGIC:
        return _read_hdf5(path)
    if magic[:4] == ZIP_MAGIC:
        return _read_zip(path)
    raise TLStudioError("not_a_model", path=path, found=_guess(path, magic))


def _guess(path: Path, magic: bytes) -> str:
    known = {
        b"": "the file is empty",
        b"\x89PNG": "it is a PNG image",
        b"\xff\xd8\xff": "it is a JPEG image",
        b"\x80": "it is a Python pickle",
        b"version ": "it is a Git LFS pointer, the real file was not downloaded",
        b"\x1f\x8b": "it is a gzip archive",
        b"%PDF": "it is a PDF document",
    }
    for start, words in known.items():
        if (start and magic.startswith(start)) or (not start and not magic):
            return words
    return "its first bytes are neither HDF5 nor a Keras zip"


@contextmanager
def _damage_reported(path: Path) -> Iterator[None]:
    """Turn what h5py raises on broken files into ``truncated_model``."""
    try:
        yield
    except (OSError, RuntimeError, KeyError, ValueError, zipfile.BadZipFile, EOFError) as error:
        detail = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
        raise TLStudioError("truncated_model", path=path, detail=detail) from error


@contextmanager
def _weights_file(path: Path, format: str) -> Iterator[h5py.File]:
    if format == "hdf5":
        with _damage_reported(path):
            file = h5py.File(path, "r")
        with file:
            yield file
        return
    with zipfile.ZipFile(path) as archive:
        # Keras stores the weights uncompressed or deflated; h5py needs to seek, so they are unpacked in memory.
        with _damage_reported(path):
            data = archive.read(WEIGHTS_MEMBER)
            file = h5py.File(io.BytesIO(data), "r")
        with file:
            yield file


def _read_hdf5(path: Path) -> Container:
    with _weights_file(path, "hdf5") as file:
        with _damage_reported(path):
            attributes = dict(file.attrs)
            groups = list(file)
        version, backend = _text(attributes.get("keras_version")), _text(attributes.get("backend"))
        if "model_config" not in attributes:
            if "layer_names" in attributes or "layers" in groups or "model_weights" in groups:
                raise TLStudioError("weights_only", path=path)
            raise TLStudioError("not_a_model", path=path, found="it is HDF5, but holds no network")
        config = parse_config(_text(attributes["model_config"]) or "", path)
        if "model_weights" not in groups:
            raise TLStudioError("truncated_model", path=path, detail="its weights are missing")
        weights = _group(file, "model_weights", path)
        with _damage_reported(path):
            version = version or _text(weights.attrs.get("keras_version"))
            backend = backend or _text(weights.attrs.get("backend"))
        arrays = _legacy_arrays(file, weights, path)
    return Container(path, "hdf5", "legacy", version, backend, config, arrays)


def _read_zip(path: Path) -> Container:
    with _damage_reported(path), zipfile.ZipFile(path) as archive:
        members = {info.filename: info for info in archive.infolist()}
        if "config.json" not in members:
            if any(name.endswith((".pkl", "data.pkl")) for name in members):
                raise TLStudioError("not_a_model", path=path, found="it is a PyTorch file with pickled code")
            raise TLStudioError("not_a_model", path=path, found="it is a zip archive without a network")
        for info in members.values():
            _check_member(info, path)
        config_text = archive.read("config.json").decode("utf-8", "replace")
        metadata = json.loads(archive.read("metadata.json")) if "metadata.json" in members else {}
        if WEIGHTS_MEMBER not in members:
            raise TLStudioError("truncated_model", path=path, detail="its weights are missing")
    config = parse_config(config_text, path)
    version = metadata.get("keras_version") if isinstance(metadata, dict) else None
    with _weights_file(path, "keras") as file:
        arrays = _v3_arrays(file, path)
    return Container(path, "keras", "v3", version if isinstance(version, str) else None, None, config, arrays)


def _check_member(info: zipfile.ZipInfo, path: Path) -> None:
    name = info.filename
    if name.startswith(("/", "\\")) or ".." in Path(name).parts or ":" in name:
        raise TLStudioError("unsafe_model", path=path, found=f"the archive names a place outside itself, “{name}”")
    if info.file_size > (1 << 20) and info.file_size > MAX_ZIP_RATIO * max(info.compress_size, 1):
        raise TLStudioError("unsafe_model", path=path, found=f"“{name}” unpacks to {info.file_size} bytes")
    if name == "config.json" and info.file_size > MAX_CONFIG_BYTES:
        raise TLStudioError("unsafe_model", path=path, found="the network's description is too large")


def parse_config(text: str, path: Path) -> dict[str, Any]:
    """The network description of a file: a JSON object with ``class_name`` and ``config``."""
    if len(text) > MAX_CONFIG_BYTES:
        raise TLStudioError("unsafe_model", path=path, found="the network's description is too large")
    try:
        config = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TLStudioError("unreadable_network", path=path, detail="its description is not valid JSON") from error
    if not isinstance(config, dict) or "class_name" not in config or "config" not in config:
        raise TLStudioError("unreadable_network", path=path, detail="it names no network class")
    return config


def _text(value: Any) -> str | None:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else None


def _group(parent: h5py.Group, name: str, path: Path) -> h5py.Group:
    """A child group that really lies in this file, not behind a link to somewhere else."""
    item = _item(parent, name, path)
    if not isinstance(item, h5py.Group):
        raise TLStudioError("truncated_model", path=path, detail=f"“{name}” is not a group")
    return item


def _item(parent: h5py.Group, name: str, path: Path) -> Any:
    with _damage_reported(path):
        for part_of, part in _steps(parent, name):
            link = part_of.get(part, getlink=True)
            if isinstance(link, h5py.ExternalLink):
                raise TLStudioError("unsafe_model", path=path, found=f"a link to the file “{link.filename}”")
            if isinstance(link, h5py.SoftLink):
                raise TLStudioError("unsafe_model", path=path, found=f"a link inside the file, “{name}”")
        return parent[name]


def _steps(parent: h5py.Group, name: str) -> Iterator[tuple[h5py.Group, str]]:
    for part in name.strip("/").split("/"):
        yield parent, part
        child = parent[part] if isinstance(parent.get(part, getlink=True), h5py.HardLink) else None
        if isinstance(child, h5py.Group):
            parent = child


def _array(dataset: Any, path: Path) -> Array:
    """Describe one dataset, after checking that it is what it claims and lies in this file."""
    if not isinstance(dataset, h5py.Dataset):
        raise TLStudioError("truncated_model", path=path, detail="a weight is not an array")
    with _damage_reported(path):
        if dataset.external or dataset.is_virtual:
            raise TLStudioError("unsafe_model", path=path, found=f"“{dataset.name}” keeps its data in another file")
        kind = dataset.dtype.kind
        claimed, stored = dataset.size * dataset.dtype.itemsize, dataset.id.get_storage_size()
        filtered = dataset.compression is not None or dataset.scaleoffset is not None
        name, shape, dtype = dataset.name, tuple(dataset.shape), dataset.dtype.str
    if kind not in "fiub":
        raise TLStudioError("weights_mismatch", path=path, detail=f"“{name}” holds values of type {dtype}")
    allowed = stored * MAX_ZIP_RATIO if filtered else stored
    if claimed > (1 << 16) and claimed > allowed:
        raise TLStudioError("unsafe_model", path=path, found=f"“{name}” claims {claimed} bytes but stores {stored}")
    return Array(name, shape, dtype)


def _legacy_arrays(file: h5py.File, weights: h5py.Group, path: Path) -> dict[str, list[Array]]:
    """Arrays by layer, in the order of the ``weight_names`` attributes (chunked ones joined)."""
    with _damage_reported(path):
        layer_names = _name_list(weights, "layer_names")
    arrays: dict[str, list[Array]] = {}
    count = 0
    for layer in layer_names:
        group = _group(weights, layer, path)
        with _damage_reported(path):
            names = _name_list(group, "weight_names")
        count += len(names)
        if count > MAX_DATASETS:
            raise TLStudioError("unsafe_model", path=path, found=f"it holds more than {MAX_DATASETS} weights")
        arrays[layer] = [_array(_item(group, name, path), path) for name in names]
    return arrays


def _name_list(group: h5py.Group, attribute: str) -> list[str]:
    values: list[Any] = []
    if attribute in group.attrs:
        values = list(group.attrs[attribute])
    else:  # Keras splits lists beyond HDF5's 64 KB limit of one attribute into numbered parts
        part = 0
        while f"{attribute}{part}" in group.attrs:
            values += list(group.attrs[f"{attribute}{part}"])
            part += 1
    return [_text(bytes(v) if isinstance(v, np.bytes_) else v) or "" for v in values]


def _v3_arrays(file: h5py.File, path: Path) -> dict[str, list[Array]]:
    """Arrays by the group that holds them (``layers/conv2d/vars``), each in numeric order."""
    arrays: dict[str, list[Array]] = {}
    pending, visited = [("", file)], 0
    while pending:
        name, group = pending.pop()
        with _damage_reported(path):
            children = sorted(group, key=lambda k: (len(k), k))
        for child in children:
            visited += 1
            if visited > MAX_DATASETS or name.count("/") > 60:
                raise TLStudioError("unsafe_model", path=path, found="its groups are nested without end")
            location = f"{name}/{child}" if name else child
            if location.startswith("optimizer"):
                continue
            item = _item(group, child, path)
            if isinstance(item, h5py.Group):
                pending.append((location, item))
            else:
                arrays.setdefault(name, []).append(_array(item, path))
    return arrays
