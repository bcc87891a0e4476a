"""What is in an image folder: its classes, its images, the split it brings along, and its problems."""

import hashlib
import os
import posixpath
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from tlstudio.core.control import Control
from tlstudio.core.data.decode import SUFFIXES, ImageProblem
from tlstudio.core.data.facts import ImageFacts, look_at
from tlstudio.core.data.findings import duplicate_groups, find_all
from tlstudio.core.data.index import ImageIndex, Seen
from tlstudio.core.data.lab_formats import is_dicom
from tlstudio.core.data.names import escaped, name_of, path_of, unescaped
from tlstudio.core.data.problem import ImageEntry, Problem
from tlstudio.core.errors import TLStudioError

PARTS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
SYSTEM_FILES = {"thumbs.db", "desktop.ini", "ehthumbs.db"}
# What lies beside images without anybody taking it for one: notes, tables, downloads that were broken off.
NO_IMAGES = {".csv", ".crdownload", ".htm", ".html", ".json", ".log", ".md", ".part", ".tmp", ".tsv", ".txt", ".xml",
             ".yaml", ".yml"}  # fmt: skip
PHONE_PHOTOS = {".heic", ".heif"}
MIN_ASPECT_PROBLEM = 20  # longer than 20:1 is a strip, not a picture of something


class Dataset(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a scan. ``split`` is ``folders`` if train/validation/test folders were found."""

    root: str
    classes: list[str]
    entries: list[ImageEntry]
    problems: list[Problem]
    images: int  # image files met, usable or not
    split: str
    fingerprint: str

    def count(self, label: str) -> int:
        return sum(entry.label == label for entry in self.entries)


Progress = Callable[[int, int], None]


def scan_folder(root: Path, control: Control | None = None, on_progress: Progress | None = None) -> Dataset:
    """Look at every image below ``root``; nothing in it is ever changed.

    ``on_progress(done, total)`` is called about every 50 images.

    Raises:
        TLStudioError: ``dataset_missing``, ``dataset_empty``, ``no_usable_images``.
        Stopped: when ``control`` was told to stop.
    """
    root = Path(root)
    if not root.is_dir():
        raise TLStudioError("dataset_missing", path=root)
    parts, problems = _part_folders(root), []
    candidates: list[ImageEntry] = []
    classes: set[str] = set()
    for part, top in parts:
        for folder in _folders(top):
            label = escaped(folder.name)
            classes.add(label)
            for name in _files_below(root, folder):
                suffix = posixpath.splitext(name)[1].lower()
                if suffix in SUFFIXES or (not suffix and is_dicom(path_of(root, name))):
                    candidates.append(ImageEntry(name, label, part))
                elif suffix not in NO_IMAGES:
                    problems.append(_other_kind(name, suffix))
        for file in sorted(p for p in top.iterdir() if not p.is_dir() and not _is_hidden(p.name)):
            message = "It lies outside the class folders, so it has no class."
            problems.append(Problem(code="no-class", path=name_of(file, root), message=message))
    if not candidates:
        raise TLStudioError("dataset_empty", path=root)
    index = ImageIndex(root)
    seen = _look_at_all(root, candidates, control, on_progress, index)
    usable: list[ImageEntry] = []
    facts: dict[str, ImageFacts] = {}
    for entry in candidates:
        found = seen[entry.path]
        if found.facts is None:
            problems.append(Problem(code=found.code, path=entry.path, message=found.message))
        else:
            usable.append(entry)
            facts[entry.path] = found.facts
            problems += _odd_aspect(entry.path, found.facts)
    if not usable:
        raise TLStudioError("no_usable_images", path=root, images=len(candidates))
    for label in sorted(classes - {entry.label for entry in usable}):
        message = "The class has no image that can be used, and is left out."
        problems.append(Problem(code="empty-class", path=label, message=message))
    fingerprint = _fingerprint(usable, seen)
    findings = index.findings(fingerprint)
    if findings is None:
        findings = find_all(usable, facts)
        index.keep_findings(fingerprint, findings)
    index.save()
    return Dataset(
        root=str(root),
        classes=sorted({entry.label for entry in usable}, key=_natural),
        entries=_with_copies(usable, facts),
        problems=problems + findings,
        images=len(candidates),
        split="folders" if parts[0][0] else "automatic",
        fingerprint=fingerprint,
    )


def _other_kind(name: str, suffix: str) -> Problem:
    if suffix in PHONE_PHOTOS:
        message = "It is a HEIC photo of a phone. Export it as JPEG; TLStudio does not read HEIC."
        return Problem(code="other-format", path=name, message=message)
    return Problem(code="not-an-image", path=name, message="Its name does not end like that of an image.")


def _natural(name: str) -> tuple[int, int, str]:
    """Numbers by value, then texts: class 10 comes after class 9."""
    return (0, int(name), name) if name.isascii() and name.isdigit() else (1, 0, name)


def _part_folders(root: Path) -> list[tuple[str | None, Path]]:
    """``train``/``validation``/``test`` folders above the classes, or the root itself."""
    found = [(PARTS[f.name.lower()], f) for f in _folders(root) if f.name.lower() in PARTS]
    has_classes = any(True for _part, folder in found for _ in _folders(folder))
    if has_classes and any(part == "train" for part, _ in found):
        return [(part, folder) for part, folder in found]
    return [(None, root)]


def _folders(top: Path) -> list[Path]:
    return sorted(p for p in top.iterdir() if p.is_dir() and not p.name.startswith("."))


def _files_below(root: Path, top: Path) -> Iterator[str]:
    """Names of the files below ``top`` but for hidden and system ones; folders that are links are not followed.

    Text all the way: of 50,000 files, making a Path of each would take longer than all the rest.
    """
    for folder, below, files in os.walk(top):
        below[:] = sorted(n for n in below if not n.startswith("."))
        inside = Path(folder).relative_to(root).as_posix()
        for file in sorted(files):
            if not _is_hidden(file):
                yield escaped(f"{inside}/{file}")


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name.lower() in SYSTEM_FILES


def _look_at_all(
    root: Path, candidates: list[ImageEntry], control: Control | None, on_progress: Progress | None, index: ImageIndex
) -> dict[str, Seen]:
    """Look at every image, or take what is known of it from the index. Raises ``Stopped``; what was looked at until
    then is kept."""
    seen: dict[str, Seen] = {}
    unknown: list[tuple[str, int, int]] = []
    for entry in candidates:
        size, changed = _stamp(root, entry.path)
        known = index.find(entry.path, size, changed)
        if known is None:
            unknown.append((entry.path, size, changed))
        else:
            seen[entry.path] = known
    total = len(candidates)
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        try:
            for (name, _, _), found in zip(unknown, pool.map(lambda row: _look(root, *row), unknown), strict=True):
                seen[name] = found
                index.add(name, found)
                if control:
                    control.checkpoint()
                if on_progress and (len(seen) % 50 == 0 or len(seen) == total):
                    on_progress(len(seen), total)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            index.save()
            raise
    return seen


def _stamp(root: Path, name: str) -> tuple[int, int]:
    """Size and change time; zeros for what can't be asked, where looking at it says what is wrong."""
    try:
        status = os.stat(f"{root}{os.sep}{unescaped(name)}")  # noqa: PTH116 (as text, see _files_below)
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns


def _look(root: Path, name: str, size: int, changed: int) -> Seen:
    try:
        return Seen(size, changed, look_at(path_of(root, name)))
    except ImageProblem as problem:
        return Seen(size, changed, None, problem.code, str(problem))


def _odd_aspect(name: str, facts: ImageFacts) -> list[Problem]:
    if max(facts.width, facts.height) <= MIN_ASPECT_PROBLEM * min(facts.width, facts.height):
        return []
    message = f"It is a strip of {facts.width}×{facts.height} pixels; it is used all the same."
    return [Problem(code="odd-aspect", path=name, message=message)]


def _with_copies(entries: list[ImageEntry], facts: dict[str, ImageFacts]) -> list[ImageEntry]:
    first = {e.path: group[0].path for group in duplicate_groups(entries, facts) for e in group}
    return [msgspec.structs.replace(e, copy_of=first[e.path]) if e.path in first else e for e in entries]


def _fingerprint(entries: list[ImageEntry], seen: dict[str, Seen]) -> str:
    """SHA-256 over names, sizes and change times: changes when an image is added, removed or replaced."""
    digest = hashlib.sha256()
    for entry in sorted(entries, key=lambda e: e.path):
        found = seen[entry.path]
        digest.update(f"{entry.path}\0{found.size}\0{found.changed}\n".encode())
    return digest.hexdigest()
