"""Arrays too large for memory, kept in the user's cache folder under a key made of all that they depend on."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tlstudio.core.cache import cache_folder, cache_limit, make_room
from tlstudio.core.errors import TLStudioError
from tlstudio.core.files import commit, translate_os_errors
from tlstudio.engine.rows import Rows, RowWriter

MIN_FREE_BYTES = 1 << 30  # never fill the disk to the brim


def key_of(**facts: Any) -> str:
    """SHA-256 over JSON of the facts."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def fits(shape: tuple[int, ...], dtype: type) -> bool:
    """Whether an array of that shape may be kept: within the cache's limit, and with disk to spare."""
    folder = cache_folder()
    while not folder.exists():
        folder = folder.parent
    size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
    return size <= cache_limit() and size + MIN_FREE_BYTES <= shutil.disk_usage(folder).free


def is_stored(key: str) -> bool:
    """Whether there is something under ``key``; it may turn out not to be whole."""
    return (cache_folder() / "arrays" / f"{key}.npy").exists()


def stored_array(
    key: str, shape: tuple[int, ...], dtype: type, fill: Callable[[RowWriter], None]
) -> tuple[Rows, bool]:
    """The array kept under ``key``, on the disk and read by rows; made by ``fill`` if there is none.

    Returns:
        The rows, and whether they were there already.

    Raises:
        TLStudioError: ``disk_full``, ``folder_not_writable``.
    """
    folder = cache_folder() / "arrays"
    path = folder / f"{key}.npy"
    known = _open(path, shape, dtype)
    if known is not None:
        os.utime(path)
        return known, True
    with translate_os_errors(path):
        folder.mkdir(parents=True, exist_ok=True)
        make_room(int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize)
        aside = folder / f".{key}.{os.getpid()}.npy"
        try:
            writer = RowWriter(aside, shape, dtype)
            _reserve(aside)
            fill(writer)
            writer.finish()
            commit(aside, path)
        finally:
            aside.unlink(missing_ok=True)
    made = _open(path, shape, dtype)
    if made is None:
        raise TLStudioError("folder_not_writable", path=path, detail="what was written cannot be read back")
    return made, False


def _open(path: Path, shape: tuple[int, ...], dtype: type) -> Rows | None:
    """A kept array if it is whole and of the right shape; anything else there is taken away."""
    if not path.exists():
        return None
    try:
        array = Rows(path)
    except (ValueError, OSError, EOFError):
        path.unlink(missing_ok=True)
        return None
    return array if array.shape == shape and array.dtype == dtype else None


def _reserve(path: Path) -> None:
    """Claim the disk space now, so that a disk too full is known before the work and not at its end."""
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
