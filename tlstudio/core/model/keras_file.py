"""Keras' own files, as bytes on the disk: the network's description and where its weight arrays lie.

Nothing of a file is executed, and no link inside it is followed. Only descriptions and headers are read;
arrays are read later, one by one (``core.model.arrays``).
"""

import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.arrays import Array, damage_reported, open_hdf5, stored_offset
from tlstudio.core.model.hdf5 import MAX_RATIO, Reader
from tlstudio.core.model.kinds import not_a_model

MAX_CONFIG_BYTES = 64 << 20  # the description of the largest network of Keras Applications takes 1.5 MB
MAX_MEMBERS = 10_000
LARGE = 1 << 20  # bytes; smaller members of an archive do no harm however well they are packed
CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"


@dataclass(frozen=True, kw_only=True)
class KerasFile:
    """What a file says of itself, before anything is made of it.

    ``config``: None in a file that holds only weights. ``layout`` tells how the arrays are named: ``"legacy"``
    (by layer, in the file's own order) or ``"v3"`` (``layers/<type>/vars``, in numeric order). ``has_ports``:
    whether arrays of the legacy layout are named as TensorFlow names variables (``kernel:0``), which Theano
    doesn't.
    """

    path: Path
    files: tuple[Path, ...]
    format: str
    layout: str
    keras_version: str | None = None
    backend: str | None = None
    config: dict[str, Any] | None = None
    arrays: dict[str, list[Array]] = field(default_factory=dict)

    @property
    def has_ports(self) -> bool:
        return any(":" in array.location for arrays in self.arrays.values() for array in arrays)

    @property
    def writer(self) -> str:
        version = self.keras_version or "of unknown version"
        return f"Keras {version}" + (f" on {self.backend}" if self.backend else "")


def read_hdf5(path: Path) -> KerasFile:
    """Raises ``not_a_model``, ``truncated_model``, ``unsafe_model``, ``unreadable_network``, ``weights_mismatch``."""
    with open_hdf5(path) as file:
        reader = Reader(file, path)
        attributes, groups = reader.attributes(file), reader.children(file)
        config = None
        if "model_config" in attributes:
            config = parse_config(reader.text(file, "model_config") or "", path)
        if (
            {"layers", "_layer_checkpoint_dependencies"} & set(groups)
            and "layer_names" not in attributes
            and config is None
        ):
            arrays = _v3_arrays(reader)
            if not arrays:
                raise not_a_model(path, "it is HDF5, but holds no weights")
            return KerasFile(path=path, files=(path,), format="hdf5", layout="v3", arrays=arrays)
        if "model_weights" in groups:
            holder = reader.group(file, "model_weights")
        elif config is not None:
            raise TLStudioError("truncated_model", path=path, detail="its weights are missing")
        else:
            holder = file
        if not any(name in holder.attrs for name in ("layer_names", "layer_names0", "nb_layers")):
            if config is None:
                raise not_a_model(path, "it is HDF5, but holds no network")
            raise TLStudioError("truncated_model", path=path, detail="it does not say which layers it holds")
        version = reader.text(file, "keras_version") or reader.text(holder, "keras_version")
        backend = reader.text(file, "backend") or reader.text(holder, "backend")
        arrays = _oldest_arrays(reader, holder) if "nb_layers" in holder.attrs else _legacy_arrays(reader, holder)
    return KerasFile(
        path=path, files=(path,), format="hdf5", layout="legacy", keras_version=version, backend=backend,
        config=config, arrays=arrays,
    )  # fmt: skip


def read_archive(path: Path) -> KerasFile:
    """A ``.keras`` file. Raises as ``read_hdf5`` does."""
    with damage_reported(path), zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
        members = {info.filename: info for info in infos}
        _check_members(infos, path)
        if CONFIG not in members:
            if any(name.endswith(".pkl") for name in members):
                raise not_a_model(path, "it is a PyTorch file with pickled code")
            raise not_a_model(path, "it is a zip archive without a network")
        config = parse_config(archive.read(CONFIG).decode("utf-8", "replace"), path)
        version = _version(archive.read(METADATA)) if METADATA in members else None
        if WEIGHTS not in members:
            if any(name.endswith(".npz") for name in members):
                raise TLStudioError(
                    "unsafe_model", path=path, found="its weights are a numpy archive, which may hold program code"
                )
            raise TLStudioError("truncated_model", path=path, detail="its weights are missing")
        info = members[WEIGHTS]
        base = stored_offset(path, info) if info.compress_type == zipfile.ZIP_STORED else None
    with open_hdf5(path, WEIGHTS) as file:
        arrays = _v3_arrays(Reader(file, path, WEIGHTS, base))
    return KerasFile(
        path=path, files=(path,), format="keras", layout="v3", keras_version=version, config=config, arrays=arrays
    )


def read_folder(path: Path) -> KerasFile:
    """A ``.keras`` file that somebody unpacked. Raises as ``read_hdf5`` does."""
    config_file, weights = path / CONFIG, path / WEIGHTS
    for file in (config_file, weights):
        if file.is_symlink():
            raise TLStudioError("unsafe_model", path=path, found=f"“{file.name}” is a link to another place")
    config = parse_config(read_text(config_file), path)
    version = _version((path / METADATA).read_bytes()) if (path / METADATA).is_file() else None
    with open_hdf5(weights) as hdf5:
        arrays = _v3_arrays(Reader(hdf5, weights))
    return KerasFile(
        path=path, files=(weights, config_file), format="keras", layout="v3", keras_version=version, config=config,
        arrays=arrays,
    )  # fmt: skip


def read_text(path: Path) -> str:
    """A description's text. Raises ``unsafe_model`` where it is too long."""
    if path.stat().st_size > MAX_CONFIG_BYTES:
        raise TLStudioError("unsafe_model", path=path, found="the network's description is too large")
    return path.read_text("utf-8-sig", "replace")


def parse_config(text: str, path: Path) -> dict[str, Any]:
    """The network description of a file: a JSON object with ``class_name`` and ``config``."""
    return as_config(parse_json(text, path), path)


def parse_json(text: str, path: Path) -> Any:
    """Raises ``unsafe_model`` where the text is too long, ``unreadable_network`` where it is no JSON."""
    if len(text) > MAX_CONFIG_BYTES:
        raise TLStudioError("unsafe_model", path=path, found="the network's description is too large")
    try:
        value = json.loads(text)
        # ``json.dump(model.to_json(), file)``, as many do it, writes the text as a text.
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError) as error:
        raise TLStudioError("unreadable_network", path=path, detail="its description is not valid JSON") from error


def as_config(config: Any, path: Path) -> dict[str, Any]:
    """Raises ``unreadable_network`` for what names no network."""
    if isinstance(config, dict) and isinstance(config.get("model_config"), dict):
        config = config["model_config"]  # as some writers wrap it
    if not isinstance(config, dict) or "class_name" not in config or "config" not in config:
        raise TLStudioError("unreadable_network", path=path, detail="it names no network class")
    return config


def _version(metadata: bytes) -> str | None:
    try:
        value = msgspec.json.decode(metadata)
    except msgspec.MsgspecError:
        return None  # only for show: a file without a readable version opens all the same
    version = value.get("keras_version") if isinstance(value, dict) else None
    return version if isinstance(version, str) else None


def _check_members(infos: list[zipfile.ZipInfo], path: Path) -> None:
    if len(infos) > MAX_MEMBERS:
        raise TLStudioError("unsafe_model", path=path, found=f"the archive holds {len(infos)} files")
    seen: set[str] = set()
    for info in infos:
        name = info.filename
        if name in seen:
            raise TLStudioError("unsafe_model", path=path, found=f"the archive holds “{name}” twice")
        seen.add(name)
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name:
            raise TLStudioError(
                "unsafe_model", path=path, found=f"the archive names a place outside itself, “{name}”"
            )
        if (info.external_attr >> 28) == 0xA:  # S_IFLNK
            raise TLStudioError("unsafe_model", path=path, found=f"“{name}” is a link to another place")
        if info.flag_bits & 1:
            raise TLStudioError("unsafe_model", path=path, found=f"“{name}” is encrypted")
        if info.file_size > LARGE and info.file_size > MAX_RATIO * max(info.compress_size, 1):
            raise TLStudioError("unsafe_model", path=path, found=f"“{name}” unpacks to {info.file_size} bytes")
        if name in {CONFIG, METADATA} and info.file_size > MAX_CONFIG_BYTES:
            raise TLStudioError("unsafe_model", path=path, found="the network's description is too large")


def _legacy_arrays(reader: Reader, holder: Any) -> dict[str, list[Array]]:
    """Arrays by layer, in the order of the ``weight_names`` attributes."""
    arrays: dict[str, list[Array]] = {}
    for layer in reader.names(holder, "layer_names"):
        group = reader.group(holder, layer)
        arrays[layer] = [reader.array(reader.item(group, name)) for name in reader.names(group, "weight_names")]
    return arrays


def _oldest_arrays(reader: Reader, holder: Any) -> dict[str, list[Array]]:
    """Keras before 1.0: ``layer_<n>`` with ``param_<m>``, and no names."""
    arrays: dict[str, list[Array]] = {}
    count = int(holder.attrs["nb_layers"])
    for number in range(min(count, 100_000)):
        group = reader.group(holder, f"layer_{number}")
        names = [name for name in reader.children(group) if name.startswith("param_")]
        arrays[f"layer_{number}"] = [reader.array(reader.item(group, name)) for name in names]
    return arrays


def _v3_arrays(reader: Reader) -> dict[str, list[Array]]:
    """Arrays by the group that holds them (``layers/conv2d/vars``), each in numeric order."""
    arrays: dict[str, list[Array]] = {}
    for group, array in reader.walk(reader.file, leave_out=("optimizer", "metrics")):
        place = group.replace("_layer_checkpoint_dependencies", "layers")  # as tf.keras 2.12 named it
        arrays.setdefault(place, []).append(array)
    return arrays
