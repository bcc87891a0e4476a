"""Which images belong together: those of one patient, plate or day, and copies of one picture.

Images of one patient on both sides of a split make a score that means nothing for the next patient.
"""

import re
from collections.abc import Iterable

from tlstudio.core.data.problem import ImageEntry
from tlstudio.core.errors import TLStudioError

FOLDER = "folder"


def group_keys(entries: Iterable[ImageEntry], group_by: str) -> dict[str, str]:
    """The key of its group by each image's name; an image that belongs to none is its own group.

    ``group_by``: ``folder`` for the folder that holds the image; otherwise a regular expression that is searched in
    the image's name (with its folders), whose first parenthesis, or whole match, is the group; empty for what
    a table says, if it does.
    Copies of one picture join the groups that they lie in.

    Raises ``group_by_invalid``.
    """
    some = list(entries)
    keys = {entry.path: _own_key(entry, group_by) for entry in some}
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
    path = entry.path
    if not group_by:
        return f"\0{entry.group}" if entry.group else path
    if group_by == FOLDER:
        return path.rpartition("/")[0]
    try:
        match = re.search(group_by, path)
    except re.error as error:
        raise TLStudioError("group_by_invalid", pattern=group_by, detail=str(error)) from error
    if match is None:
        return path
    return (match[1] if match.re.groups else match[0]) or path
