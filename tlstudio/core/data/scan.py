"""What is in an image folder: its classes, its images, the split it brings along, and its problems."""

import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from tlstudio.core.control import Control
from tlstudio.core.data.decode import SUFFIXES, ImageProblem, open_image
from tlstudio.core.data.lab_formats import is_dicom
from tlstudio.core.data.names import escaped, name_of, path_of
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


class ImageEntry(msgspec.Struct, frozen=True):
    """One usable image: its name relative to the dataset (see ``names``), its class, and the part its folder says."""

    path: str
    label: str
    part: str | None


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    path: str
    message: str


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
            for file in _files(folder):
                relative = name_of(file, root)
                if file.suffix.lower() in SUFFIXES or (not file.suffix and is_dicom(file)):
                    candidates.append(ImageEntry(relative, label, part))
                elif file.suffix.lower() not in NO_IMAGES:
                    problems.append(_other_kind(relative, file.suffix.lower()))
        for file in _files(top, deep=False):
            message = "It lies outside the class folders, so it has no class."
            problems.append(Problem(code="no-class", path=name_of(file, root), message=message))
    if not candidates:
        raise TLStudioError("dataset_empty", path=root)
    usable, found = _check_images(root, candidates, control, on_progress)
    problems += found
    if not usable:
        raise TLStudioError("no_usable_images", path=root, images=len(candidates))
    for label in sorted(classes - {entry.label for entry in usable}):
        message = "The class has no image that can be used, and is left out."
        problems.append(Problem(code="empty-class", path=label, message=message))
    return Dataset(
        root=str(root),
        classes=sorted({entry.label for entry in usable}, key=_natural),
        entries=usable,
        problems=problems,
        images=len(candidates),
        split="folders" if parts[0][0] else "automatic",
        fingerprint=_fingerprint(root, usable),
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


def _files(top: Path, deep: bool = True) -> Iterator[Path]:
    """Files below ``top`` but for hidden and system ones; folders that are links are not followed."""
    if not deep:
        yield from sorted(p for p in top.iterdir() if not p.is_dir() and not _is_hidden(p.name))
        return
    for folder, names, files in os.walk(top):
        names[:] = sorted(n for n in names if not n.startswith("."))
        for name in sorted(files):
            if not _is_hidden(name):
                yield Path(folder) / name


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name.lower() in SYSTEM_FILES


def _check_images(
    root: Path, candidates: list[ImageEntry], control: Control | None, on_progress: Progress | None
) -> tuple[list[ImageEntry], list[Problem]]:
    usable, problems = [], []
    total = len(candidates)
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        try:
            for done, (entry, problem) in enumerate(
                zip(candidates, pool.map(lambda e: _check(root, e), candidates), strict=True), 1
            ):
                if problem is None or problem.code == "odd-aspect":
                    usable.append(entry)
                if problem is not None:
                    problems.append(problem)
                if control:
                    control.checkpoint()
                if on_progress and (done % 50 == 0 or done == total):
                    on_progress(done, total)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return usable, problems


def _check(root: Path, entry: ImageEntry) -> Problem | None:
    """Decode an image at a small size, the only way to know that all of it is there."""
    try:
        image = open_image(path_of(root, entry.path), (32, 32))
    except ImageProblem as problem:
        return Problem(code=problem.code, path=entry.path, message=str(problem))
    if max(image.size) > MIN_ASPECT_PROBLEM * min(image.size):
        message = f"It is a strip of {image.width}×{image.height} pixels; it is used all the same."
        return Problem(code="odd-aspect", path=entry.path, message=message)
    return None


def _fingerprint(root: Path, entries: list[ImageEntry]) -> str:
    """SHA-256 over names, sizes and change times: changes when an image is added, removed or replaced."""
    digest = hashlib.sha256()
    for entry in sorted(entries, key=lambda e: e.path):
        status = path_of(root, entry.path).stat()
        digest.update(f"{entry.path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
