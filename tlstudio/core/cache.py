"""The person's cache folder: what is in it, and how it is emptied. All of it can be computed again."""

import os
from pathlib import Path

import platformdirs

OURS = ("arrays", "indexes")  # folders in it; whatever else somebody keeps there is not touched


def cache_folder() -> Path:
    """Settable by the environment (``TLSTUDIO_CACHE``), for tests and for machines with a small home."""
    return Path(os.environ.get("TLSTUDIO_CACHE") or platformdirs.user_cache_dir("tlstudio"))


def cache_size() -> int:
    """Bytes of all that TLStudio keeps in the cache folder."""
    return sum(_size(path) for path in _files())


def clear_cache() -> int:
    """Remove every file that TLStudio keeps in the cache folder; one that the system says is in use stays.

    Returns the bytes that are left.
    """
    for path in _files():
        try:
            path.unlink(missing_ok=True)
        except OSError:
            continue  # it counts in what is left
    return cache_size()


def _files() -> list[Path]:
    """Links are not followed; where the folder can't be read, there is nothing to tell of."""
    tops = [cache_folder() / name for name in OURS]
    return [Path(folder) / name for top in tops for folder, _below, names in os.walk(top) for name in names]


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0  # it went away meanwhile
