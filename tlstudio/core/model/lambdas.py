"""Lambda layers: program code in a model file, which is never executed.

What the code does can't be known from the outside. But a few effects make up most of them, and where a person
says which it is, Keras' own layer for it can stand in. Names and shapes suggest one where they can.
"""

import re
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
_SCALING = ("normal", "rescal", "scal", "preproc", "divide", "centre", "center", "127", "255")


def stand_in(choice: str, layer: str) -> tuple[str, dict[str, Any]]:
    """Type and config of the layer that a choice names: a key of ``STAND_INS``, or ``scale:A,B`` for A·x + B.

    Raises ``stand_in_unknown``.
    """
    if choice in STAND_INS:
        type_, config, _words = STAND_INS[choice]
        return type_, dict(config)
    match = _SCALE.match(choice)
    if match:
        try:
            return "Rescaling", {"scale": float(match[1]), "offset": float(match[2])}
        except ValueError:
            pass  # refused below, like every other choice that makes no sense
    raise TLStudioError("stand_in_unknown", layer=layer, choice=choice, known=", ".join(STAND_INS))


def suggestion(name: str, function: Any, is_first: bool) -> str:
    """The stand-in that a Lambda's name, its function's name and its place suggest; empty where none does.

    A function that is kept by its name is a word and no code. Nothing of it is looked up.
    """
    words = f"{name} {function if isinstance(function, str) and len(function) < 64 else ''}".lower()
    for part, choice in _BY_NAME.items():
        if part in words:
            return choice
    if is_first or any(part in words for part in _SCALING):
        return "symmetric" if is_first else ""
    return ""
