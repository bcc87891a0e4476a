"""Typed JSON files of ours: versioned, validated when read, replaced in one step when written."""

from pathlib import Path
from typing import TypeVar

import msgspec

from tlstudio.core.errors import TLStudioError
from tlstudio.core.files import write_atomically


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A file with a format version. Readers take their own version and older ones."""

    version: int = 1


D = TypeVar("D", bound=Document)


def save_document(document: Document, path: Path) -> None:
    """Raises ``TLStudioError`` (``disk_full``, ``folder_not_writable``)."""
    write_atomically(path, msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")


def load_document(type_: type[D], path: Path) -> D:
    """Raises ``TLStudioError`` (``path_missing``, ``plan_invalid``, ``newer_file``)."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TLStudioError("path_missing", path=path) from error
    return parse_document(type_, data, path)


def parse_document(type_: type[D], data: bytes, path: Path) -> D:
    try:
        version = msgspec.json.decode(data, type=Document).version
        newest: int = type_().version if _has_defaults(type_) else 1
        if version > newest:
            raise TLStudioError("newer_file", path=path, version=version)
        return msgspec.json.decode(data, type=type_)
    except msgspec.MsgspecError as error:
        raise TLStudioError("plan_invalid", path=path, detail=str(error)) from error


def _has_defaults(type_: type[Document]) -> bool:
    return all(not field.required for field in msgspec.structs.fields(type_))
