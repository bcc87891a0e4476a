"""One layer's config, cleaned: numbers, words, and names of the vocabulary. Everything else is dropped or refused."""

from pathlib import Path
from typing import Any

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model import vocabulary

# Activations that Keras keeps as layers, where a config names them inside another layer.
ACTIVATION_LAYERS = {"ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax", "ThresholdedReLU"}
# Keys of a config that hold further layers.
WRAPPED = {"layer", "forward_layer", "backward_layer", "cell", "layers"}


def clean_config(config: dict[str, Any], layer: str, path: Path) -> dict[str, Any]:
    """Keep numbers and texts; resolve what names an object against the vocabulary or drop it.

    Raises ``unsafe_model``, ``unsupported_layer``.
    """
    clean: dict[str, Any] = {}
    for key, value in config.items():
        if is_array(value):
            value = value["config"]["value"]
        if key.endswith("_initializer") or key in {"dtype", "dtype_policy"}:
            continue  # every weight is set from the file, and the arithmetic is float32
        if key.endswith("_regularizer"):
            value = _named(value, vocabulary.REGULARIZERS, layer, key, path)
        elif key.endswith("_constraint"):
            value = _named(value, vocabulary.CONSTRAINTS, layer, key, path)
        elif key.endswith("activation"):
            value = activation_name(value, layer, path)
        elif not is_plain(value):
            raise TLStudioError("unsafe_model", path=path, found=f"layer “{layer}” names an object in “{key}”")
        clean[key] = value
    return clean


def activation_name(value: Any, layer: str, path: Path) -> str | None:
    """The activation that a config names. Raises ``unsupported_layer`` for what is none of Keras'."""
    if isinstance(value, dict):
        inner = value.get("config")
        name = inner if value.get("class_name") == "function" else value.get("class_name")
        if isinstance(name, str) and name in {"ReLU", "Softmax"} and not inner:
            name = name.lower()
        value = name
    if value is None:
        return None
    if value == "softmax_v2":
        value = "softmax"  # as TensorFlow 2 calls it where somebody took the function instead of the name
    if not isinstance(value, str) or value not in vocabulary.ACTIVATIONS:
        raise TLStudioError("unsupported_layer", path=path, layer=layer, type=f"activation {value}", below="")
    return value


def activation_layer(config: dict[str, Any]) -> dict[str, Any] | None:
    """The layer that stands in a config for its activation (``activation=LeakyReLU(0.1)``), as an entry of its own."""
    value = config.get("activation")
    if (
        isinstance(value, dict)
        and value.get("class_name") in ACTIVATION_LAYERS
        and isinstance(value.get("config"), dict)
    ):
        return value
    return None


def _named(value: Any, allowed: set[str], layer: str, key: str, path: Path) -> dict[str, Any] | None:
    if value is None:
        return None
    if isinstance(value, str):
        value = {"class_name": value, "config": {}}
    if not isinstance(value, dict) and is_plain(value):
        return None
    name, config = value.get("class_name") or value.get("name"), value.get("config")
    if config is None:  # Keras 1: {"name": "WeightRegularizer", "l1": 0, "l2": 0.01}
        config = {key: number for key, number in value.items() if key in {"l1", "l2", "m", "axis"}}
    if name in {"WeightRegularizer", "ActivityRegularizer", "L1L2Regularizer"}:
        name = "L1L2"
    if name not in allowed or not is_plain(config):
        raise TLStudioError("unsafe_model", path=path, found=f"layer “{layer}” asks for {name} in “{key}”")
    return {"class_name": name, "config": {k: v for k, v in config.items() if k not in {"name", "dtype"}}}


def is_array(value: Any) -> bool:
    """Numbers that a person gave as a numpy array, as Keras 3 and tf.keras 2.13 write them."""
    return (
        isinstance(value, dict)
        and value.get("class_name") == "__numpy__"
        and isinstance(value.get("config"), dict)
        and isinstance(value["config"].get("value"), (int, float, list))
        and is_plain(value["config"]["value"])
    )


def is_plain(value: Any) -> bool:
    """Numbers, words, lists and dicts of them, and nothing that names an object."""
    if isinstance(value, (str, int, float, bool)) or value is None:
        return True
    if isinstance(value, list):
        return all(is_plain(item) for item in value)
    return isinstance(value, dict) and "class_name" not in value and all(map(is_plain, value.values()))
