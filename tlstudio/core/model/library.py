"""The model library: a folder on the machine where models live, with a card beside each.

A model is a file or a folder; its card is ``NAME.card.json`` beside it. A model without a card is in the library,
too: somebody copied it in by hand. Nothing is ever downloaded.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import msgspec
import platformdirs

from tlstudio.core.documents import Document, load_document, save_document
from tlstudio.core.errors import TLStudioError
from tlstudio.core.files import commit, sha256_of, translate_os_errors
from tlstudio.core.model.catalogue import Network
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.official_weights import WeightFile, locate

CARD_SUFFIX = ".card.json"
# A bare file is taken for a model by its name alone: a library of a hundred large files is listed in a blink.
SUFFIXES = {".h5", ".hdf5", ".keras", ".caffemodel", ".model", ".json", ".yaml", ".yml"}
PIECE = 1 << 20  # bytes copied in one go
Progress = Callable[[int, int], None]


class Card(Document, frozen=True, kw_only=True):
    """What is known of a model, in words and numbers; everything may be empty.

    ``file``: the model's name in the library. ``source``: where it came from, in the person's words.
    ``input_size``: height and width in pixels. ``preprocessing``: a mode of ``core.data.preprocess``. ``classes``:
    names in output order, where they are known; ``class_count`` where only their number is. ``sha256``: of the
    file's bytes (of a folder: see ``fingerprint``). ``recognised``: the network of the catalogue. ``added``: UTC,
    ISO 8601.
    """

    title: str = ""
    file: str = ""
    source: str = ""
    licence: str = ""
    input_size: tuple[int, int] | None = None
    preprocessing: str = ""
    classes: tuple[str, ...] = ()
    class_count: int | None = None
    sha256: str = ""
    recognised: str = ""
    notes: str = ""
    added: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One model of the library. ``has_card``: False where the card was made up from the file's name; then, or where
    a card can't be read, ``problem`` says why in words (empty where there simply is none). ``size`` in bytes."""

    path: Path
    card: Card
    size: int
    has_card: bool
    problem: str = ""


def default_folder() -> Path:
    """Where the library lies unless a person chose another place; ``TLSTUDIO_LIBRARY`` overrides it."""
    chosen = os.environ.get("TLSTUDIO_LIBRARY")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("TLStudio", appauthor=False)) / "models"


class Library:
    """The models in one folder, which need not exist yet."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = default_folder() if folder is None else folder

    def entries(self) -> list[Entry]:
        """All models, by title; none is opened. Links are passed over: what they lead to is not in the library.

        Raises ``folder_not_writable`` where the folder can't be read.
        """
        if not self.folder.is_dir():
            return []
        with translate_os_errors(self.folder):
            places = [place for place in self.folder.iterdir() if _may_be_model(place)]
        return sorted((self.entry(place) for place in places), key=lambda e: (e.card.title.lower(), e.path.name))

    def entry(self, path: Path) -> Entry:
        """The entry of one model of the library."""
        card, problem = Card(title=path.stem, file=path.name), ""
        has_card = card_path(path).is_file()
        if has_card:
            try:
                card = load_document(Card, card_path(path))
            except TLStudioError as error:
                problem = str(error)  # a spoiled card doesn't hide its model
        if not card.title:
            card = msgspec.structs.replace(card, title=path.stem)
        return Entry(path=path, card=card, size=_size_of(path), has_card=has_card and not problem, problem=problem)

    def search(self, text: str) -> list[Entry]:
        """The entries whose title, name, source, licence, classes, network or notes hold every word of ``text``."""
        words = text.lower().split()
        return [entry for entry in self.entries() if all(word in _searched(entry) for word in words)]

    def write_card(self, path: Path, card: Card) -> Entry:
        """Put a card beside a model of the library. Raises ``not_in_library``, ``disk_full``,
        ``folder_not_writable``."""
        self._require_inside(path)
        save_document(msgspec.structs.replace(card, file=path.name), card_path(path))
        return self.entry(path)

    def add(
        self, source: Path, card: Card | None = None, progress: Progress | None = None, others: Sequence[Path] = ()
    ) -> Entry:
        """Copy a model (a file or a folder) into the library: aside, flushed, renamed; the original stays.

        ``others``: further files of the same model (its weights, where ``source`` describes it); they become a folder
        together. ``progress`` is told the bytes done and those in all, and may raise to stop: nothing is left behind
        then. A name that is taken gets a number.

        Raises:
            TLStudioError: ``model_missing``, ``in_library`` where the same bytes are there, ``unsafe_model`` for a
                folder that holds links, ``disk_full``, ``folder_not_writable``.
        """
        if not source.is_dir() and not source.is_file():  # a pipe or a device would never end
            raise TLStudioError("model_missing", path=source)
        source = source.resolve()
        name = source.stem if others else source.name
        files = _named_files(source, others)
        total = sum(file.stat().st_size for file in files.values())
        with translate_os_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        aside = self.folder / f".{name}.{os.getpid()}.part"
        try:
            digest = _copy(files, aside, total, progress)
            same = self._with_digest(digest, total)
            if same is not None:
                raise TLStudioError("in_library", path=source, name=same.path.name)
            with translate_os_errors(self.folder):
                place = self._free_place(name)
                commit(aside, place)
        finally:
            _delete(aside)
        made = card or Card(title=source.stem)
        added = datetime.now(UTC).isoformat(timespec="seconds")
        return self.write_card(place, msgspec.structs.replace(made, sha256=digest, added=added))

    def remove(self, path: Path) -> None:
        """Delete a model and its card. Raises ``not_in_library``, ``folder_not_writable``."""
        self._require_inside(path)
        with translate_os_errors(path):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
            card_path(path).unlink(missing_ok=True)

    def where_to_put(self, network: Network) -> list[WeightFile]:
        """The official weight files of a network of the catalogue: where each is (here or in Keras' own cache), or
        into which folder the person puts it."""
        return locate(network, self.folder)

    def _require_inside(self, path: Path) -> None:
        """The library's own models only: no place beside, above or below it, and no link to one."""
        is_inside = path.parent.resolve() == self.folder.resolve() and path.name not in {"", ".", ".."}
        if not is_inside or not path.exists() or not _may_be_model(path):
            raise TLStudioError("not_in_library", path=path)

    def _with_digest(self, digest: str, size: int) -> Entry | None:
        """The model with these bytes. One without a card is read for it, if its size is the same."""
        for entry in self.entries():
            known = entry.card.sha256 or (fingerprint(entry.path) if entry.size == size else "")
            if known == digest:
                return entry
        return None

    def _free_place(self, name: str) -> Path:
        place, number = self.folder / name, 2
        while place.exists() or card_path(place).exists():
            stem, suffix = Path(name).stem, Path(name).suffix
            place = self.folder / f"{stem}-{number}{suffix}"
            number += 1
        return place


def card_path(path: Path) -> Path:
    """The place of a model's card."""
    return path.with_name(path.name + CARD_SUFFIX)


def card_of(model: ModelFile, source: str = "", licence: str = "") -> Card:
    """A card with what a model file tells of itself."""
    shape = model.input_shape
    size = (shape[0], shape[1]) if shape is not None and len(shape) > 1 else (None, None)
    height, width = size
    return Card(
        title=model.path.stem,
        source=source,
        licence=licence,
        input_size=None if height is None or width is None else (height, width),
        preprocessing=model.preprocessing.mode if model.preprocessing.source != "assumed" else "",
        classes=model.labels,
        class_count=model.output_units,
        recognised=model.recognised,
    )


def fingerprint(path: Path) -> str:
    """SHA-256 of a file's bytes; of a folder's, that of the relative names and SHA-256s of its files, by name."""
    if not path.is_dir():
        return sha256_of(path)
    return _of_folder([(file.relative_to(path).as_posix(), sha256_of(file)) for file in _files_below(path)])


def _of_folder(digests: list[tuple[str, str]]) -> str:
    return sha256("".join(f"{digest}  {name}\n" for name, digest in sorted(digests)).encode()).hexdigest()


def _may_be_model(path: Path) -> bool:
    if path.name.startswith(".") or path.name.endswith(CARD_SUFFIX) or path.is_symlink():
        return False
    return path.is_dir() or path.suffix.lower() in SUFFIXES or card_path(path).is_file()


def _searched(entry: Entry) -> str:
    card = entry.card
    words = (card.title, entry.path.name, card.source, card.licence, card.recognised, card.notes, *card.classes)
    return "\n".join(words).lower()


def _files_below(folder: Path) -> list[Path]:
    """Every file of a folder. Raises ``unsafe_model`` where a link stands in it."""
    files = []
    for place in sorted(folder.rglob("*")):
        if place.is_symlink():
            raise TLStudioError("unsafe_model", path=folder, found=f"“{place.name}” is a link to another place")
        if place.is_file():
            files.append(place)
    return files


def _size_of(path: Path) -> int:
    if not path.is_dir():
        return path.stat().st_size
    return sum(place.lstat().st_size for place in path.rglob("*") if not place.is_dir())


def _named_files(source: Path, others: Sequence[Path]) -> dict[str, Path]:
    """The files of a model by the names that they get in its folder; one file alone has none. Raises
    ``unsafe_model`` for links in a folder."""
    if source.is_dir():
        return {file.relative_to(source).as_posix(): file for file in _files_below(source)}
    if not others:
        return {"": source}
    return {file.name: file for file in (source, *others)}


def _copy(files: dict[str, Path], target: Path, total: int, progress: Progress | None) -> str:
    """Copy files, flushed to the disk; returns the ``fingerprint`` of the copy."""
    done, digests = 0, []
    with translate_os_errors(target.parent):
        for name, file in files.items():
            place = target / name if name else target
            place.parent.mkdir(parents=True, exist_ok=True)
            running = sha256()
            with _opened(file) as old, place.open("wb") as new:
                while piece := old.read(PIECE):
                    running.update(piece)
                    new.write(piece)
                    done += len(piece)
                    if progress is not None:
                        progress(done, total)
                new.flush()
                os.fsync(new.fileno())
            digests.append((name, running.hexdigest()))
    return digests[0][1] if list(files) == [""] else _of_folder(digests)


def _opened(file: Path) -> BinaryIO:
    """Raises ``path_missing``: what can't be read is not the library's fault."""
    try:
        return file.open("rb")
    except OSError as error:
        raise TLStudioError("path_missing", path=file) from error


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
