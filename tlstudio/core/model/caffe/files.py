"""Which files make up a Caffe network: the description and the weights lie beside each other under many names."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.caffe.prototxt import SWAPPED_BINARY, as_text, looks_like_text
from tlstudio.core.model.kinds import CAFFE_HDF5, HEAD, kind_of, not_a_model
from tlstudio.core.model.opening import Opening

MAX_ENTRIES = 2000  # of a folder that is looked through
MAX_MEAN = 64 << 20  # bytes; ImageNet's mean image takes 0.8 million
TEXTS, WEIGHTS = (".prototxt", ".pbtxt", ".prototext"), (".caffemodel", CAFFE_HDF5)
_TRAINING = re.compile(r"train|val|test|solver", re.IGNORECASE)


@dataclass(frozen=True)
class CaffeFiles:
    """``opened``: what the person opened. ``description`` is None where only weights are there."""

    opened: Path
    description: Path | None
    weights: Path

    @property
    def folder(self) -> Path:
        return self.weights.parent if self.description is None else self.description.parent


def find_files(path: Path, opening: Opening) -> CaffeFiles:
    """The files that belong together; a person's own choice (``opening.architecture``) comes first.

    Raises:
        TLStudioError: ``caffe_weights_missing``, ``caffe_several``, ``not_a_model``, ``model_missing``.
    """
    if path.is_dir():
        return _of_folder(path, opening)
    other = _chosen(path, opening)
    if is_description(path):
        weights = other or _beside(path, WEIGHTS)
        if weights is None:
            raise TLStudioError("caffe_weights_missing", path=path)
        return CaffeFiles(path, path, weights)
    return CaffeFiles(path, other or _beside(path, TEXTS), path)


def is_description(path: Path) -> bool:
    """Whether a file is the text of the two. Raises ``not_a_model`` where name and content contradict each other."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if path.name.lower().endswith(WEIGHTS):
        if looks_like_text(head):
            raise not_a_model(path, SWAPPED_BINARY)
        return False
    return path.name.lower().endswith(TEXTS) or as_text(head) is not None


def _of_folder(folder: Path, opening: Opening) -> CaffeFiles:
    found = _entries(folder, WEIGHTS)
    if opening.architecture:
        other = _chosen(folder, opening)
        if other is not None and other.name.lower().endswith(WEIGHTS):
            return CaffeFiles(folder, _beside(other, TEXTS), other)
    if not found:
        raise TLStudioError("caffe_weights_missing", path=folder)
    if len(found) > 1:
        raise TLStudioError("caffe_several", path=folder, files=_names(found))
    return CaffeFiles(folder, _chosen(folder, opening) or _beside(found[0], TEXTS), found[0])


def _chosen(path: Path, opening: Opening) -> Path | None:
    """The file that the person named, as it is or beside the opened one."""
    if not opening.architecture:
        return None
    named = Path(opening.architecture)
    folder = path if path.is_dir() else path.parent
    for place in (named, folder / named):
        if place.is_file():
            kind_of(place)  # what it is instead, where it is no model
            return place
    raise TLStudioError("model_missing", path=named)


def _beside(path: Path, ends: tuple[str, ...]) -> Path | None:
    """The best candidate beside a file; None where there is none. Raises ``caffe_several`` where two are as good."""
    candidates = _entries(path.parent, ends)
    if not candidates:
        return None
    ranked = sorted(candidates, key=lambda other: _rank(path, other))
    best = [other for other in ranked if _rank(path, other) == _rank(path, ranked[0])]
    if len(best) > 1:
        raise TLStudioError("caffe_several", path=path, files=_names(best))
    kind_of(best[0])  # what it is instead, such as a pointer to a file that was never downloaded
    return best[0]


def _rank(path: Path, other: Path) -> tuple[int, ...]:
    """The smaller the better: a description for use before one for training, then what shares most of its name."""
    mine, theirs = _core(path), _core(other)
    if other.name.lower().endswith(TEXTS):
        stem = other.stem.lower()
        purpose = 0 if "deploy" in stem else 3 if "train" in stem else 2 if _TRAINING.search(stem) else 1
        if path.stem == other.stem and purpose < 2:
            purpose = 0
        own = "deploy" in other.stem.lower() and not theirs
    else:
        purpose, own = 0, False
    shared = 0 if mine == theirs else 2 if theirs and (mine.startswith(theirs) or theirs.startswith(mine)) else 4
    return purpose, 0 if path.stem == other.stem else 1, 3 if own and shared else shared


def _core(path: Path) -> str:
    """A file's name without the words that tell what it is for: ``VGG_16_deploy`` and ``VGG_16`` are one network."""
    name = re.sub(
        r"(train_?val|train_?test|deploy|model|weights|iter_?\d+|\d+iter)",
        "",
        path.name.lower().removesuffix(".h5").rpartition(".")[0],
    )
    return re.sub(r"[\W_]+", "", name)


def _entries(folder: Path, ends: tuple[str, ...]) -> list[Path]:
    """Files of a folder by the ends of their names; links are not followed."""
    entries = [entry for _number, entry in zip(range(MAX_ENTRIES), folder.iterdir(), strict=False)]
    return sorted(
        entry
        for entry in entries
        if entry.name.lower().endswith(ends)
        and "solver" not in entry.stem.lower()
        and not entry.is_symlink()
        and entry.is_file()
    )


def training_beside(files: CaffeFiles) -> Path | None:
    """The description of the training that lies beside a network; None where there is none, or several."""
    found = [
        entry
        for entry in _entries(files.folder, TEXTS)
        if _TRAINING.search(entry.stem) and entry != files.description and "deploy" not in entry.stem.lower()
    ]
    own = [entry for entry in found if _core(entry) == _core(files.weights)] or found
    return own[0] if len(own) == 1 else None


def mean_beside(files: CaffeFiles, named: str) -> Path | None:
    """The mean image that lies beside a network: the one that the network names, else the only one there."""
    means = [
        entry
        for entry in _entries(files.folder, (".binaryproto",))
        if "mean" in entry.name.lower() and 0 < entry.stat().st_size <= MAX_MEAN
    ]
    own = [entry for entry in means if entry.name == re.split(r"[\\/]", named)[-1]]
    if own:
        return own[0]
    return means[0] if len(means) == 1 else None


def _names(paths: Iterable[Path]) -> str:
    names = [path.name for path in paths]
    return ", ".join(names[:6]) + ("…" if len(names) > 6 else "")
