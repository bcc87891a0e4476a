"""A description as JSON or YAML with its weights in another file beside it, opened by the one, or as a folder."""

from pathlib import Path
from typing import Any

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model import keras_file
from tlstudio.core.model.architectures import Architecture, description_in, files_in, network_of
from tlstudio.core.model.description import Description
from tlstudio.core.model.kinds import Kind, kind_of, not_a_model
from tlstudio.core.model.opening import Opening
from tlstudio.core.model.tfjs import describe_tfjs, is_tfjs
from tlstudio.core.model.weights_only import describe_with
from tlstudio.core.model.yaml_config import parse_yaml

SUFFIXES = {".h5", ".hdf5", ".weights"}
# How weights are called that belong to NAME.json; the first that is there is taken.
_OWN_NAMES = ("{}.h5", "{}.hdf5", "{}.weights.h5", "{}_weights.h5", "{}_weights.hdf5", "{}-weights.h5", "{}.weights")


def describe_pair(path: Path, kind: Kind, opening: Opening) -> Description:
    """``path``: the description, or the folder that holds it and the weights.

    Raises:
        TLStudioError: ``not_a_model``, ``weights_missing``, ``weights_mismatch``, and as ``read_graph`` and
            ``read_hdf5`` do.
    """
    description = description_in(path) if kind == "json-folder" else path
    content = _content(description)
    if is_tfjs(content):
        return describe_tfjs(description, content, opening)
    config = network_of(content, description)
    weights = _named_weights(opening) or _weights_of(description)
    file = keras_file.read_hdf5(weights)
    files = (weights, description) if path.is_dir() else (description, weights)
    return describe_with(file, Architecture(config=config, path=description), opening, path, files)


def _content(description: Path) -> Any:
    kind = kind_of(description)
    if kind == "json":
        return keras_file.parse_json(keras_file.read_text(description), description)
    if kind == "yaml":
        return parse_yaml(description)
    raise not_a_model(description, f"it is a {kind} file, not a description as JSON or YAML")


def _named_weights(opening: Opening) -> Path | None:
    """A person may name the two files the other way round."""
    path = Path(opening.architecture)
    return path if opening.architecture and path.is_file() and kind_of(path) == "hdf5" else None


def _weights_of(description: Path) -> Path:
    """The weights file of the same name, else the only one in the folder. Raises ``weights_missing``."""
    own = [description.with_name(name.format(description.stem)) for name in _OWN_NAMES]
    own += [description.with_name(name.format(part)) for part in _shorter(description.stem) for name in _OWN_NAMES]
    here = files_in(description.parent, SUFFIXES)
    found = next((path for path in own if path in here), None)
    if found is None and len(here) == 1:
        found = here[0]
    if found is None:
        raise TLStudioError("weights_missing", path=description, wanted=own[0].name)
    return found


def _shorter(stem: str) -> list[str]:
    """``model_architecture.json`` goes with ``model.h5`` and ``model_weights.h5``."""
    words = ("architecture", "arch", "config", "topology", "structure", "json", "model")
    return [
        stem[: -len(word) - 1]
        for word in words
        if stem.lower().endswith(("_" + word, "-" + word)) and stem[: -len(word) - 1]
    ]
