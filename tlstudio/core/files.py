"""Writing so that a crash, a kill or a full disk never harms what was there: aside, flushed, renamed."""

import contextlib
import errno
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from tlstudio.core.errors import TLStudioError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextlib.contextmanager
def translate_os_errors(path: Path) -> Iterator[None]:
    """Turn the system's write errors into a sentence: ``disk_full`` or ``folder_not_writable``."""
    try:
        yield
    except OSError as error:
        raise os_error(error, path) from error


def os_error(error: OSError, path: Path) -> TLStudioError:
    if error.errno in _FULL:
        return TLStudioError("disk_full", path=path)
    return TLStudioError("folder_not_writable", path=path, detail=error.strerror or str(error))


def write_atomically(path: Path, content: bytes | str) -> None:
    """Replace ``path`` by ``content`` in one step; on any failure the old file stays whole.

    Raises ``TLStudioError`` (``disk_full``, ``folder_not_writable``).
    """
    data = content.encode() if isinstance(content, str) else content
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    with translate_os_errors(path):
        try:
            with aside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            commit(aside, path)
        finally:
            aside.unlink(missing_ok=True)


def commit(aside: Path, path: Path) -> None:
    """Rename a finished file (or folder) into its place and make the rename durable."""
    aside.replace(path)
    if os.name == "posix":  # on Windows a folder cannot be opened to be flushed
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def require_writable(folder: Path) -> None:
    """Refuse a folder that nothing can be written into, before the work that would be lost there.

    Raises ``TLStudioError`` (``folder_not_writable``). On Windows only a missing folder is told beforehand.
    """
    number = 0
    if not folder.is_dir():
        number = errno.ENOTDIR if folder.exists() else errno.ENOENT
    elif not os.access(folder, os.W_OK | os.X_OK):
        number = errno.EACCES
    if number:
        raise TLStudioError("folder_not_writable", path=folder, detail=os.strerror(number))


def set_aside(path: Path) -> Path | None:
    """Rename a file to ``NAME.old``, in place of a former one; returns its new place, or None where there was none.

    Raises ``TLStudioError`` (``folder_not_writable``).
    """
    if not path.is_file():
        return None
    old = path.with_name(path.name + ".old")
    with translate_os_errors(path):
        commit(path, old)
    return old


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
