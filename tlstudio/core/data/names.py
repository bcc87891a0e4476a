"""File names as text that can always be shown and written down, and back to the file again.

A name on Linux is bytes: it may hold what is no UTF-8, a line break, a tab. Such characters are written as
``\\xNN`` (a backslash itself as ``\\\\``), which is valid text in JSON, on a terminal and in a table, and can be
undone. Names without them stay as they are, so nearly all do.
"""

import re
from pathlib import Path

_SPECIAL = re.compile(r"[\\\x00-\x1f\x7f\ud800-\udfff]")
_ESCAPE = re.compile(r"\\(\\|x[0-9a-f]{2})")
_SURROGATE = 0xDC00  # how Python carries a byte that is no UTF-8 (PEP 383)


def name_of(path: Path, root: Path) -> str:
    """A file's path relative to ``root``, with ``/``, as text that can be shown and kept."""
    return escaped(path.relative_to(root).as_posix())


def path_of(root: Path, name: str) -> Path:
    """The file that ``name_of`` named."""
    return root / unescaped(name)


def escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: _escape(match[0]), text) if _SPECIAL.search(text) else text


def unescaped(name: str) -> str:
    return _ESCAPE.sub(lambda match: _unescape(match[1]), name) if "\\" in name else name


def _escape(character: str) -> str:
    if character == "\\":
        return "\\\\"
    return f"\\x{ord(character) & 0xFF:02x}"


def _unescape(code: str) -> str:
    if code == "\\":
        return "\\"
    value = int(code[1:], 16)
    return chr(value) if value < 0x80 else chr(_SURROGATE + value)
