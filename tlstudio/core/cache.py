"""The person's cache folder: what is in it, how much it may hold, and how it is emptied. All of it can be computed
again.

Its limit stands in a file of the folder itself: the window, its worker and the command line all know the folder, so
none needs to be told, and whoever moves the folder moves its limit with it.
"""

import os
import sys
import time
from pathlib import Path
from typing import BinaryIO, NamedTuple

import platformdirs

from tlstudio.core.documents import Document, load_document, save_document
from tlstudio.core.errors import TLStudioError
from tlstudio.core.files import translate_os_errors

if sys.platform != "win32":
    import fcntl

OURS = ("arrays", "indexes")  # folders in it; whatever else somebody keeps there is not touched
USUAL_LIMIT = 10 * 10**9  # bytes
ABANDONED = 24 * 3600  # seconds after which a file that nobody finished is taken away


class CacheLimit(Document, frozen=True, kw_only=True):
    """``bytes``: what the cache may hold in all."""

    bytes: int = USUAL_LIMIT


def cache_folder() -> Path:
    """Settable by the environment (``TLSTUDIO_CACHE``), for tests and for machines with a small home."""
    return Path(os.environ.get("TLSTUDIO_CACHE") or platformdirs.user_cache_dir("tlstudio"))


def cache_limit() -> int:
    """Bytes that the cache may hold; the usual limit where none was set, or its file is damaged."""
    try:
        return max(0, load_document(CacheLimit, _limit_file()).bytes)
    except TLStudioError:
        return USUAL_LIMIT


def set_cache_limit(limit: int) -> None:
    """Set the limit, in bytes, for every program that uses this cache; ``make_room`` then obeys it.

    Raises ``TLStudioError`` (``disk_full``, ``folder_not_writable``).
    """
    with translate_os_errors(cache_folder()):
        cache_folder().mkdir(parents=True, exist_ok=True)
    save_document(CacheLimit(bytes=limit), _limit_file())


def cache_size() -> int:
    """Bytes of all that TLStudio keeps in the cache folder."""
    return sum(entry.size for entry in _entries())


def clear_cache() -> int:
    """Remove all that TLStudio keeps in the cache folder; what is in use stays.

    Returns the bytes that are left.
    """
    for entry in _entries():
        _remove(entry)
    return cache_size()


def make_room(wanted: int = 0) -> int:
    """Remove what was unused for longest until ``wanted`` bytes more are within the limit; what is in use stays.

    Returns the bytes that are left.
    """
    entries, limit = sorted(_entries(), key=lambda entry: entry.used), cache_limit()
    left = sum(entry.size for entry in entries)
    for entry in entries:
        if left + wanted <= limit:
            break
        if entry.is_finished or entry.used < time.time() - ABANDONED:
            left -= _remove(entry)
    return left


def hold(path: Path) -> BinaryIO:
    """Open a kept file for reading; until it is closed, no process takes it away to make room."""
    file = path.open("rb")
    if sys.platform != "win32":  # there, open files can't be removed anyway
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return file  # being removed just now, or on a file system without locks: as good as not held
    return file


class _Entry(NamedTuple):
    """An array with the files that belong to it, the array itself first; ``used``: when last, in seconds."""

    files: list[Path]
    size: int
    used: float

    @property
    def is_finished(self) -> bool:
        """Files under a name with a dot are still being written."""
        return not self.files[0].name.startswith(".")


def _entries() -> list[_Entry]:
    """Links are not followed; where the folder can't be read, there is nothing to tell of."""
    files: dict[Path, list[tuple[Path, os.stat_result]]] = {}
    for top in (cache_folder() / name for name in OURS):
        for folder, _below, names in os.walk(top):
            for name in names:
                path = Path(folder) / name
                key = path if name.startswith(".") else path.with_name(name.partition(".")[0])
                try:
                    files.setdefault(key, []).append((path, path.lstat()))
                except OSError:
                    continue  # it went away meanwhile
    entries = []
    for found in files.values():
        found.sort(key=lambda some: len(some[0].name))  # KEY.npy before KEY.usable.npy
        size, used = sum(status.st_size for _path, status in found), max(status.st_mtime for _path, status in found)
        entries.append(_Entry([path for path, _status in found], size, used))
    return entries


def _remove(entry: _Entry) -> int:
    """Take an entry away unless it is in use: bytes that became free. The array goes first: what says which of its
    rows are usable never goes without it."""
    freed = 0
    for path in entry.files:
        try:
            size = path.lstat().st_size
            with path.open("rb") as file:
                if _is_in_use(file):
                    break
            path.unlink()
        except FileNotFoundError:
            continue
        except OSError:
            break  # in use, or not ours to remove; it counts in what is left
        freed += size
    return freed


def _is_in_use(file: BinaryIO) -> bool:
    if sys.platform != "win32":
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False  # a file system without locks
    return False


def _limit_file() -> Path:
    return cache_folder() / "limit.json"
