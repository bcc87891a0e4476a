"""States of a run in ``checkpoints/last``: which ones are whole, which is the newest, and which to keep.

A state is named after its number and its content, ``state-000012-<sha256>.npz``, so that a torn one is never
taken for whole, whatever tore it: a kill, a power cut, a full disk, or a disk that lies.
"""

import re
from pathlib import Path

from tlstudio.core.files import sha256_of

TIMES_BETWEEN_FILES = 10  # a checkpoint follows the last one after so many times what that one took, at least
KEPT = 2  # one more than is needed, since a disk can lose what it said it had written
_NAME = re.compile(r"state-(\d{6,})-([0-9a-f]{64})\.npz")


def states_folder(run: Path) -> Path:
    return run / "checkpoints" / "last"


def state_path(run: Path, number: int, sha256: str) -> Path:
    return states_folder(run) / f"state-{number:06d}-{sha256}.npz"


def states(run: Path) -> list[tuple[int, Path]]:
    """Number and path of what is named as a state, newest first, whole or not."""
    try:
        names = [path for path in states_folder(run).iterdir() if _NAME.fullmatch(path.name)]
    except OSError:
        return []
    return sorted(((int(path.name.split("-")[1]), path) for path in names), reverse=True)


def newest_state(run: Path) -> Path | None:
    """The newest state whose content is what its name says, or None."""
    for _number, path in states(run):
        match = _NAME.fullmatch(path.name)
        try:
            if match is not None and sha256_of(path) == match[2]:
                return path
        except OSError:
            continue  # unreadable is as good as torn: the one before it is looked at
    return None


def prune_states(run: Path) -> None:
    """Remove all but the newest ``KEPT`` states."""
    for _number, path in states(run)[KEPT:]:
        path.unlink(missing_ok=True)
