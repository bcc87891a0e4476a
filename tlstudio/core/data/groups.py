"""Which images belong together: those of one patient, plate or day, and copies of one picture.

Images of one patient on both sides of a split make a score that means nothing for the next patient.
"""

from collections.abc import Iterable

from tlstudio.core.data.patterns import SECONDS, found
from tlstudio.core.data.problem import ImageEntry

FOLDER = "folder"


def is_pattern(group_by: str) -> bool:
    """Whether groups are named by a regular expression, which may take a while."""
    return group_by not in {"", FOLDER}


def group_keys(entries: Iterable[ImageEntry], group_by: str, seconds: float = SECONDS) -> dict[str, str]:
    """The key of its group by each image's name; an image that belongs to none is its own group.

    ``group_by``: ``folder`` for the folder that holds the image; otherwise a regular expression that is searched in
    the image's name (with its folders), whose first parenthesis, or whole match, is the group; empty for what
    a table says, if it does.
    Copies of one picture join the groups that they lie in. ``seconds``: how long an expression may be searched.

    Raises:
        TLStudioError: ``group_by_invalid``, ``group_by_slow``.
    """
    some = list(entries)
    texts = found(group_by, (entry.path for entry in some), seconds) if is_pattern(group_by) else {}
    keys = {entry.path: texts.get(entry.path) or _own_key(entry, group_by) for entry in some}
    parent: dict[str, str] = {}

    def top(key: str) -> str:
        while parent.get(key, key) != key:
            key = parent[key]
        return key

    for entry in some:
        if entry.copy_of and entry.copy_of in keys:
            one, other = sorted((top(keys[entry.path]), top(keys[entry.copy_of])))
            parent[other] = one
    return {path: top(key) for path, key in keys.items()}


def _own_key(entry: ImageEntry, group_by: str) -> str:
    if group_by == FOLDER:
        return entry.path.rpartition("/")[0]
    return f"\0{entry.group}" if entry.group and not group_by else entry.path
