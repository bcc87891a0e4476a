"""How a folder says which image is of which class: by folders, with or without parts above them, or by a table."""

import os
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tlstudio.core.data.decode import SUFFIXES
from tlstudio.core.data.lab_formats import is_dicom
from tlstudio.core.data.names import escaped, name_of, path_of
from tlstudio.core.data.options import Layout
from tlstudio.core.data.parts import part_of
from tlstudio.core.data.problem import ImageEntry, Problem
from tlstudio.core.data.tables import read_table, table_in
from tlstudio.core.errors import TLStudioError

SYSTEM_FILES = {"thumbs.db", "desktop.ini", "ehthumbs.db"}
# What lies beside images without anybody taking it for one: notes, tables, downloads that were broken off.
NO_IMAGES = {".csv", ".crdownload", ".htm", ".html", ".json", ".log", ".md", ".part", ".tmp", ".tsv", ".txt", ".xml",
             ".yaml", ".yml"}  # fmt: skip
PHONE_PHOTOS = {".heic", ".heif"}


USUAL = Layout()


@dataclass
class Candidates:
    """Files that should be images, before any was looked at. ``classes``: also those that have no image."""

    root: Path
    entries: list[ImageEntry] = field(default_factory=list)
    classes: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_split(self) -> bool:
        """Whether the dataset itself says what trains and what tests."""
        return any(entry.part for entry in self.entries)


def find_images(dataset: Path, layout: Layout = USUAL) -> Candidates:
    """What a folder, or a table file, names. A folder with one table and no two class folders is read by the table.

    Raises ``dataset_missing``, ``table_unreadable``, ``table_columns``.
    """
    if dataset.is_file():
        table = table_in(dataset)
        if table is None:
            raise TLStudioError("dataset_missing", path=dataset)
        return _by_table(table, dataset.parent, layout)
    if not dataset.is_dir():
        raise TLStudioError("dataset_missing", path=dataset)
    found = _by_folders(dataset, layout.class_level)
    if len({entry.label for entry in found.entries}) < 2:
        table = table_in(dataset)
        if table is not None:
            return _by_table(table, dataset, layout)
    return found


def _by_table(table: Path, root: Path, layout: Layout) -> Candidates:
    listed = read_table(table, root, layout.columns)
    return Candidates(root, listed.entries, {entry.label for entry in listed.entries}, listed.problems)


def _by_folders(root: Path, class_level: int) -> Candidates:
    found = Candidates(root)
    for part, top in _part_folders(root):
        if class_level == 1:
            found.classes |= {escaped(folder.name) for folder in _folders(top)}
        before = "" if top == root else f"{name_of(top, root)}/"
        for name in _files_below(root, top):
            suffix = posixpath.splitext(name)[1].lower()
            above = name.removeprefix(before).split("/")[:-1]
            is_image = suffix in SUFFIXES or (not suffix and is_dicom(path_of(root, name)))
            if len(above) < class_level:
                if is_image or suffix not in NO_IMAGES:
                    message = "It lies outside the class folders, so it has no class."
                    found.problems.append(Problem(code="no-class", path=name, message=message))
            elif is_image:
                found.entries.append(ImageEntry(name, above[class_level - 1], part))
            elif suffix not in NO_IMAGES:
                found.problems.append(_other_kind(name, suffix))
    return found


def _other_kind(name: str, suffix: str) -> Problem:
    if suffix in PHONE_PHOTOS:
        message = "It is a HEIC photo of a phone. Export it as JPEG; TLStudio does not read HEIC."
        return Problem(code="other-format", path=name, message=message)
    return Problem(code="not-an-image", path=name, message="Its name does not end like that of an image.")


def _part_folders(root: Path) -> list[tuple[str | None, Path]]:
    """``train``/``validation``/``test`` folders above the classes, or the root itself."""
    found = [(part, folder) for folder in _folders(root) if (part := part_of(folder.name))]
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
        before = "" if inside == "." else f"{inside}/"
        for file in sorted(files):
            if not file.startswith(".") and file.lower() not in SYSTEM_FILES:
                yield escaped(before + file)
