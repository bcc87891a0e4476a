"""The description of a network that a person names for a file that holds none."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model import catalogue, keras_file
from tlstudio.core.model.catalogue import Network
from tlstudio.core.model.kinds import MAX_ENTRIES, Kind, kind_of, not_a_model
from tlstudio.core.model.yaml_config import parse_yaml


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """``config``: as Keras writes it. ``path``: the file that it is from, or ``network``: the network of the catalogue
    (``has_top``: with its own top)."""

    config: dict[str, Any]
    path: Path | None = None
    network: Network | None = None
    has_top: bool = True


def find_architecture(name: str) -> Architecture:
    """The network that ``opening.architecture`` names: a file or folder on this machine, or one of the catalogue.

    Raises ``architecture_unknown``, ``weights_only`` for a file that describes none, and as its reader does.
    """
    path = Path(name)
    if path.exists():
        return Architecture(config=read_architecture(path, kind_of(path)), path=path)
    network, has_top = catalogue.find_network(name)
    return of_network(network, has_top)


def of_network(network: Network, has_top: bool) -> Architecture:
    return Architecture(config=catalogue.config_of(network, has_top), network=network, has_top=has_top)


def read_architecture(path: Path, kind: Kind) -> dict[str, Any]:
    """The config in a file of Keras; its weights, if it has any, are not used."""
    config: dict[str, Any] | None = None
    match kind:
        case "json":
            config = network_of(keras_file.parse_json(keras_file.read_text(path), path), path)
        case "yaml":
            config = network_of(parse_yaml(path), path)
        case "hdf5":
            config = keras_file.read_hdf5(path).config
        case "keras":
            config = keras_file.read_archive(path).config
        case "keras-folder":
            config = keras_file.read_folder(path).config
        case "json-folder":
            description = description_in(path)
            return read_architecture(description, kind_of(description))
        case _:
            raise not_a_model(path, f"it is a {kind} file, which describes no network of Keras")
    if config is None:
        raise TLStudioError("weights_only", path=path)
    return config


def network_of(value: Any, path: Path) -> dict[str, Any]:
    """A network's config from what a text file holds. Raises ``not_a_model`` where that is something else."""
    if isinstance(value, dict) and isinstance(value.get("modelTopology"), dict):
        value = value["modelTopology"]  # TensorFlow.js
    if isinstance(value, dict) and isinstance(value.get("model_config"), dict):
        value = value["model_config"]
    if not isinstance(value, dict) or "class_name" not in value or "config" not in value:
        raise not_a_model(path, "it describes no network")
    return value


def description_in(folder: Path) -> Path:
    """The one file of a folder that describes a network. Raises ``not_a_model``, and ``unreadable_network`` where the
    only one is spoiled."""
    found = []
    spoiled: TLStudioError | None = None
    for path in files_in(folder, {".json", ".yaml", ".yml"}):
        try:
            read_architecture(path, kind_of(path))
        except TLStudioError as error:
            if error.code not in {"not_a_model", "unreadable_network"}:
                raise
            spoiled = error if error.code == "unreadable_network" else spoiled
            continue
        found.append(path)
    if not found and spoiled is not None:
        raise spoiled
    if len(found) != 1:
        words = ", ".join(f"“{path.name}”" for path in found[:5])
        raise not_a_model(
            folder, f"it holds several networks: {words}" if found else "no file in it describes a network"
        )
    return found[0]


def files_in(folder: Path, suffixes: set[str]) -> list[Path]:
    """The folder's own files with these suffixes, by name, of a large folder the first; links are passed over."""
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in suffixes)
    return [path for path in paths[:MAX_ENTRIES] if path.is_file() and not path.is_symlink()]
