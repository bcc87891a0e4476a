"""What was seen of a folder's images, kept in the person's cache: a second opening looks only at what changed.

An entry holds good while the file's size and change time are the same. Nothing is written into the image folder.
"""

import contextlib
import hashlib
import os
from pathlib import Path

import msgspec

from tlstudio.core.cache import cache_folder
from tlstudio.core.data.facts import ImageFacts
from tlstudio.core.data.problem import Problem
from tlstudio.core.errors import TLStudioError
from tlstudio.core.files import write_atomically

VERSION = 1  # counts up when what is kept of an image changes


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """``facts``, or the code and message of the problem that the image has."""

    size: int
    changed: int
    facts: ImageFacts | None
    code: str = ""
    message: str = ""


class _Kept(msgspec.Struct, array_like=True):
    """``findings`` hold good for the images of that fingerprint."""

    version: int
    seen: dict[str, Seen]
    fingerprint: str
    findings: list[Problem]


class ImageIndex:
    """The entries of one folder, by name (see ``names``)."""

    def __init__(self, root: Path) -> None:
        key = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:32]
        self.path = index_folder() / f"{key}.index"
        self._kept = self._load()
        self._now: dict[str, Seen] = {}
        self._findings: tuple[str, list[Problem]] = "", []

    def find(self, name: str, size: int, changed: int) -> Seen | None:
        """What was seen of a file that has not changed since. It is kept for the next time."""
        seen = self._kept.seen.get(name)
        if seen is None or (seen.size, seen.changed) != (size, changed):
            return None
        self._now[name] = seen
        return seen

    def add(self, name: str, seen: Seen) -> None:
        self._now[name] = seen

    def findings(self, fingerprint: str) -> list[Problem] | None:
        """What was found of these very images, if it is known."""
        if self._kept.fingerprint != fingerprint:
            return None
        self._findings = fingerprint, self._kept.findings
        return self._kept.findings

    def keep_findings(self, fingerprint: str, findings: list[Problem]) -> None:
        self._findings = fingerprint, findings

    def save(self) -> None:
        """Write the index if anything changed. A full or closed disk costs only the next opening's speed."""
        now = _Kept(VERSION, self._now, *self._findings)
        if now == self._kept:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self.path, msgspec.msgpack.encode(now))
        except (OSError, TLStudioError):
            return  # the scan itself is whole

    def _load(self) -> _Kept:
        try:
            kept = msgspec.msgpack.decode(self.path.read_bytes(), type=_Kept)
        except (OSError, msgspec.MsgspecError):
            return _NONE  # none yet, or one of another version
        with contextlib.suppress(OSError):  # a cache that can only be read
            os.utime(self.path)  # room is made by taking away what was unused for longest
        return kept if kept.version == VERSION else _NONE


_NONE = _Kept(VERSION, {}, "", [])


def index_folder() -> Path:
    return cache_folder() / "indexes"
