"""A network's description as text: a ``.prototxt``."""

import re
from pathlib import Path
from typing import Any

from google.protobuf import text_format

from tlstudio.core.errors import QT_TRANSLATE_NOOP, TLStudioError
from tlstudio.core.model.caffe.messages import V1_TYPES, message_class
from tlstudio.core.model.graph import Note
from tlstudio.core.model.keras_config import MAX_LAYERS
from tlstudio.core.model.kinds import not_a_model

# Bytes. The description of a network of 200 layers takes some 0.2 million; text is parsed at 2 million a second.
MAX_TEXT = 4 << 20
_LAYER = re.compile(rb"\blayers?\s*:?\s*\{")
_V1_TYPE = re.compile(r"\btype\s*:\s*([A-Z][A-Z0-9_]*)\b")
UNKNOWN_FIELDS = QT_TRANSLATE_NOOP(
    "Repairs",
    "The description of the network has settings that no Caffe known here has; they were passed over, so check the results.",
)


def read_prototxt(path: Path) -> tuple[Any, tuple[Note, ...]]:
    """A ``Net`` message, and notes about it.

    Raises:
        TLStudioError: ``not_a_model`` for anything but text, ``unsafe_model`` where it is too large,
            ``unreadable_network`` where it makes no sense.
    """
    if path.stat().st_size > MAX_TEXT:
        raise TLStudioError("unsafe_model", path=path, found="it is far larger than any description of a network")
    data = path.read_bytes()
    text = as_text(data)
    if text is None:
        raise not_a_model(path, SWAPPED_TEXT)
    if not _LAYER.search(data):
        raise not_a_model(path, "no layer is described in it; a solver's settings name the file of their network")
    if sum(1 for _match in _LAYER.finditer(data)) > MAX_LAYERS:
        raise TLStudioError("unsafe_model", path=path, found=f"it claims more than {MAX_LAYERS} layers")
    forks = sorted(set(_V1_TYPE.findall(text)) - V1_TYPES.keys() - {"TRAIN", "TEST"})
    message = message_class("Net", tuple(forks[:1000]))
    try:
        return text_format.Parse(text, message()), ()
    except (text_format.ParseError, RecursionError, ValueError):
        note = Note(code="caffe_unknown_fields", message=UNKNOWN_FIELDS)
    try:
        return text_format.Parse(text, message(), allow_unknown_field=True), (note,)
    except (text_format.ParseError, RecursionError, ValueError) as error:
        lines = str(error).splitlines() or [type(error).__name__]
        raise TLStudioError("unreadable_network", path=path, detail=lines[0][:160]) from error


SWAPPED_TEXT = "it is named as a description in text, but holds binary weights; its name may have been exchanged with the .caffemodel's"
SWAPPED_BINARY = (
    "it is named as weights, but holds a description in text; its name may have been exchanged with the .prototxt's"
)


def as_text(data: bytes) -> str | None:
    """The text that bytes are, or None: a binary message has zeros and other control characters in it."""
    if any(byte in data for byte in (b"\0", b"\1", b"\2", b"\x08", b"\x12", b"\x1a")):
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")  # a comment in some other encoding


def looks_like_text(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is a description in text."""
    return as_text(head) is not None and bool(
        _LAYER.search(head) or re.search(rb"\binput(_shape|_dim)?\s*[:{]", head)
    )
