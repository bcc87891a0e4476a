"""Which classes a config may name: Keras' own. Whatever else it names would be somebody's code."""

import re
from pathlib import Path
from typing import Any

from tlstudio.core.errors import TLStudioError

_KERAS_MODULE = re.compile(
    r"^(tensorflow\.(python\.)?)?(tf_)?keras(\.api)?(\._tf_keras)?(\.src)?(\.(activations|applications|keras|layers|engine|models|ops)(\.[A-Za-z0-9_.]+)?)?$"
)
_PREFIXES = ("Keras>", "Keras Applications>")  # how Keras itself registers its own layers
_OWN = {"Custom>CustomScaleLayer"}  # tf.keras registered its InceptionResNetV2's as if it were somebody else's


def class_of(entry: dict[str, Any], path: Path) -> str:
    """The class of a layer or network, without how it is registered; ``path``: the file, for the error.

    Raises ``unsafe_model``.
    """
    module, registered, type_ = entry.get("module"), entry.get("registered_name"), entry["class_name"]
    if isinstance(module, str) and module and not _KERAS_MODULE.match(module):
        raise TLStudioError("unsafe_model", path=path, found=f"it asks for code from “{module}”")
    for name in (registered, type_):
        if isinstance(name, str) and ">" in name and not name.startswith(_PREFIXES) and name not in _OWN:
            raise TLStudioError("unsafe_model", path=path, found=f"it asks for the custom code “{name}”")
    return type_.rsplit(">", 1)[-1]
