r"""Searching names by a person's regular expression, which may be one that never comes to an end.

Python's own ``re`` can't be interrupted and lets no other thread run meanwhile: ``(a|aa)+$`` on one name of 80
letters takes years. The ``regex`` library searches by the same rules within a time; what it must not be given are
counts such as ``((a{1000}){1000}){1000}``, which it writes out in memory.
"""

import re
import time
import warnings
from collections.abc import Iterable

import regex

from tlstudio.core.errors import TLStudioError

SECONDS = 10.0  # for all names together; patterns that say which images belong together take 3 µs a name
MOST_COPIES = 10_000  # product of all counts in braces: 10,000 take 2 ms to write out, 100,000 take 0.1 s
# A brace that is no count is itself in Python's expressions; the other library knows fuzzy searches by it.
_PLAIN_BRACES = re.compile(r"\\N\{[^}]*\}|\\.|\{(?!\d+,?\d*\}|,\d*\})", re.DOTALL)
_COUNTS = re.compile(r"\{\s*(\d*)\s*,?\s*(\d*)\s*\}")


def found(pattern: str, names: Iterable[str], seconds: float = SECONDS) -> dict[str, str]:
    """What a pattern finds in each name: its first parenthesis, or the whole match; only names in which it is found.

    ``seconds``: of computing time, for all names together. Other threads run meanwhile.

    Raises:
        TLStudioError: ``group_by_invalid``, ``group_by_slow``.
    """
    search, until = _compiled(pattern), time.monotonic() + seconds
    texts: dict[str, str] = {}
    for name in names:
        try:
            match = search.search(name, timeout=max(until - time.monotonic(), 0.001), concurrent=True)
        except TimeoutError as error:
            raise TLStudioError("group_by_slow", pattern=pattern, name=name) from error
        if match is not None:
            texts[name] = (match[1] if search.groups else match[0]) or ""
    return texts


def _compiled(pattern: str) -> "regex.Pattern[str]":
    copies = 1
    for counts in _COUNTS.findall(pattern):
        copies *= max([1, *(int(count[:9]) for count in counts if count)])
    if copies > MOST_COPIES:
        raise TLStudioError("group_by_invalid", pattern=pattern, detail=f"its counts make {copies} copies")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what later versions may read in another way
            re.compile(pattern)  # an expression of Python's is meant, and not what only the other library knows
            return regex.compile(_PLAIN_BRACES.sub(_escaped_brace, pattern))
    except (re.error, regex.error, OverflowError, RecursionError) as error:
        raise TLStudioError("group_by_invalid", pattern=pattern, detail=str(error)) from error


def _escaped_brace(match: "re.Match[str]") -> str:
    return r"\{" if match[0] == "{" else match[0]
