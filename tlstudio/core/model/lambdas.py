"""Lambda layers: program code in a model file, which is never executed.

What the code does can't be known from the outside. But a few effects make up most of them, and where a person
says which it is, Keras' own layer for it can stand in. Names and shapes suggest one where they can.
"""

import base64
import math
import re
import struct
from typing import Any

from tlstudio.core.errors import QT_TRANSLATE_NOOP, TLStudioError

# What a Lambda may be replaced by: the Keras layer, and the words for a person.
STAND_INS: dict[str, tuple[str, dict[str, Any], str]] = {
    "identity": ("Activation", {"activation": "linear"}, QT_TRANSLATE_NOOP("StandIns", "nothing: it passes values on")),
    "unit": ("Rescaling", {"scale": 1 / 255, "offset": 0.0}, QT_TRANSLATE_NOOP("StandIns", "scales pixels to 0…1 (x / 255)")),
    "symmetric": ("Rescaling", {"scale": 1 / 127.5, "offset": -1.0}, QT_TRANSLATE_NOOP("StandIns", "scales pixels to -1…1 (x / 127.5 - 1)")),
    "half": ("Rescaling", {"scale": 1 / 255, "offset": -0.5}, QT_TRANSLATE_NOOP("StandIns", "scales pixels to -0.5…0.5 (x / 255 - 0.5)")),
    "relu": ("Activation", {"activation": "relu"}, QT_TRANSLATE_NOOP("StandIns", "ReLU")),
    "relu6": ("Activation", {"activation": "relu6"}, QT_TRANSLATE_NOOP("StandIns", "ReLU up to 6")),
    "swish": ("Activation", {"activation": "silu"}, QT_TRANSLATE_NOOP("StandIns", "swish")),
    "sigmoid": ("Activation", {"activation": "sigmoid"}, QT_TRANSLATE_NOOP("StandIns", "sigmoid")),
    "softmax": ("Activation", {"activation": "softmax"}, QT_TRANSLATE_NOOP("StandIns", "softmax")),
    "l2_normalize": ("UnitNormalization", {"axis": -1}, QT_TRANSLATE_NOOP("StandIns", "scales features to length 1")),
    "global_average": ("GlobalAveragePooling2D", {}, QT_TRANSLATE_NOOP("StandIns", "the mean of each feature map")),
    "flatten": ("Flatten", {}, QT_TRANSLATE_NOOP("StandIns", "flattens")),
}  # fmt: skip

_SCALE = re.compile(r"^(?:scale:)?(-?[0-9.eE+-]+),(-?[0-9.eE+-]+)$")
_BY_NAME = {
    "relu6": "relu6", "swish": "swish", "l2_norm": "l2_normalize", "l2norm": "l2_normalize", "softmax": "softmax",
    "sigmoid": "sigmoid", "identity": "identity", "flatten": "flatten", "gap": "global_average", "relu": "relu",
}  # fmt: skip
# The numbers in the code of a layer that scales pixels, and the scaling that people write with them.
_BY_NUMBERS: dict[frozenset[float], str] = {
    frozenset({255.0}): "unit",
    frozenset({127.5, 1.0}): "symmetric",
    frozenset({255.0, 0.5, 2.0}): "symmetric",
    frozenset({255.0, 2.0, 1.0}): "symmetric",
    frozenset({255.0, 0.5}): "half",
}
# Constants as Python marshals them, with its flag for references or without: an int, a double, a double as text.
_INT = re.compile(rb"[i\xe9](.{4})", re.DOTALL)
_DOUBLE = re.compile(rb"[g\xe7](.{8})", re.DOTALL)
_MAX_CODE = 1 << 16  # bytes; no lambda that scales pixels is longer


def stand_in(choice: str, layer: str) -> tuple[str, dict[str, Any]]:
    """Type and config of the layer that a choice names: a key of ``STAND_INS``, or ``scale:A,B`` for A·x + B.

    Raises ``stand_in_unknown``.
    """
    if choice in STAND_INS:
        type_, config, _words = STAND_INS[choice]
        return type_, dict(config)
    match = _SCALE.match(choice)
    numbers = _finite(match[1], match[2]) if match else None
    if numbers is None:
        raise TLStudioError("stand_in_unknown", layer=layer, choice=choice, known=", ".join(STAND_INS))
    return "Rescaling", {"scale": numbers[0], "offset": numbers[1]}


def _finite(*texts: str) -> list[float] | None:
    try:
        numbers = [float(text) for text in texts]
    except ValueError:
        return None
    return numbers if all(map(math.isfinite, numbers)) else None


def suggestion(name: str, function: Any, sees_pixels: bool) -> str:
    """The stand-in that a Lambda's name, its function's name, or the numbers in its code suggest; empty where none
    does. It is only ever a suggestion. ``sees_pixels``: no layer with weights lies below, so that numbers scale pixels.

    A function that is kept by its name is a word and no code; code is only searched for numbers, as bytes. Nothing
    of either is looked up, decoded to instructions or run.
    """
    words = f"{name} {function if isinstance(function, str) and len(function) < 64 else ''}".lower()
    for part, choice in _BY_NAME.items():
        if part in words:
            return choice
    return _BY_NUMBERS.get(numbers_in(_bytes_of(function)), "") if sees_pixels else ""


def numbers_in(code: bytes) -> frozenset[float]:
    """Constants of marshalled code, as far as they are of a size that a person writes; other bytes that look like
    one by chance nearly always are not."""
    found = {float(int.from_bytes(match[1], "little", signed=True)) for match in _INT.finditer(code)}
    found |= {struct.unpack("<d", match[1])[0] for match in _DOUBLE.finditer(code)}
    return frozenset(number for number in found if 1e-4 < abs(number) < 1e6)


def _bytes_of(function: Any) -> bytes:
    """The code of a Lambda, in the ways that writers put it into JSON: bytes as characters, or base64."""
    if isinstance(function, dict):
        inner = function.get("config")
        function = inner.get("code") if isinstance(inner, dict) else None
    if isinstance(function, list) and function:
        function = function[0]
    if not isinstance(function, str) or len(function) > _MAX_CODE:
        return b""
    try:
        return base64.b64decode(function.replace("\n", ""), validate=True)
    except ValueError:
        return function.encode("latin-1", "replace")
