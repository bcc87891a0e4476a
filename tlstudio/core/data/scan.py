"""What is in a dataset: its classes, its images, the split it brings along, and its problems."""

import hashlib
import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from tlstudio.core.control import Control
from tlstudio.core.data.facts import ImageFacts, look_at
from tlstudio.core.data.findings import duplicate_groups, find_all
from tlstudio.core.data.image_problem import ImageProblem
from tlstudio.core.data.index import ImageIndex, Seen
from tlstudio.core.data.layouts import USUAL, find_images
from tlstudio.core.data.names import path_of, unescaped
from tlstudio.core.data.options import Layout
from tlstudio.core.data.problem import ImageEntry, Problem
from tlstudio.core.errors import TLStudioError

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
OnNamed = Callable[[dict[str, int]], None]


def scan_folder(
    path: Path,
    control: Control | None = None,
    on_progress: Progress | None = None,
    layout: Layout = USUAL,
    on_named: OnNamed | None = None,
) -> Dataset:
    """Look at every image of a dataset, a folder or a table file; nothing in it is ever changed.

    ``on_named`` is told the classes and how many image files each has, before any of them is looked at;
    ``on_progress(done, total)`` is called about every 50 images.

    Raises:
        TLStudioError: ``dataset_missing``, ``dataset_empty``, ``no_usable_images``, ``table_unreadable``,
            ``table_columns``.
        Stopped: when ``control`` was told to stop.
    """
    named = find_images(Path(path), layout)
    root, candidates, problems = named.root, named.entries, list(named.problems)
    if not candidates:
        raise TLStudioError("dataset_empty", path=path)
    if on_named:
        counts = Counter(entry.label for entry in candidates)
        on_named({label: counts[label] for label in sorted(counts, key=_natural)})
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
    for label in sorted(named.classes - {entry.label for entry in usable}):
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
        split="folders" if named.is_split else "automatic",
        fingerprint=fingerprint,
    )


def _natural(name: str) -> tuple[int, int, str]:
    """Numbers by value, then texts: class 10 comes after class 9."""
    return (0, int(name), name) if name.isascii() and name.isdigit() else (1, 0, name)


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
