"""Arithmetic between layers, as Keras 3 keeps it in a functional model: operations of ``keras.ops``.

A model that holds them is saved and loaded by stock Keras. Here each takes a layer's place among the network's
layers; it has no weights and nothing to train.
"""

from collections.abc import Callable
from typing import Any

from tlstudio.engine.runtime import keras

Config = dict[str, Any]


class OperationLayer:
    """``apply`` turns symbolic tensors into one, by functions of ``keras.ops`` alone.

    Keras names an operation after its function (``pad``), and refuses a model in which a layer has that name; so
    each gets the name of its place, with a number from its second use on.
    """

    trainable = False
    weights: tuple[Any, ...] = ()
    trainable_variables: tuple[Any, ...] = ()

    def __init__(self, name: str, apply: Callable[..., Any]) -> None:
        self.name, self._apply, self._uses = name, apply, 0

    def __call__(self, *tensors: Any) -> Any:
        result = self._apply(*tensors)
        self._uses += 1
        history = getattr(result, "_keras_history", None)
        if history is not None:
            history.operation.name = self.name if self._uses == 1 else f"{self.name}__{self._uses}"
        return result


def _elementwise(function: Callable[[Any], Any]) -> Callable[[str, Config], OperationLayer]:
    return lambda name, _config: OperationLayer(name, function)


def _reduction(function: Callable[..., Any]) -> Callable[[str, Config], OperationLayer]:
    def make(name: str, config: Config) -> OperationLayer:
        axis, keep = tuple(config["axis"]), bool(config.get("keepdims"))
        return OperationLayer(name, lambda x: function(x, axis=axis, keepdims=keep))

    return make


def _power(name: str, config: Config) -> OperationLayer:
    return OperationLayer(name, lambda x: keras.ops.power(x, float(config["exponent"])))


def _pad(name: str, config: Config) -> OperationLayer:
    """``padding`` without the batch axis; ``value`` fills the new places."""
    padding = ((0, 0), *(tuple(sides) for sides in config["padding"]))
    value = config.get("value", 0.0)
    return OperationLayer(name, lambda x: keras.ops.pad(x, padding, constant_values=value))


def _slice(name: str, config: Config) -> OperationLayer:
    part = slice(config.get("start"), config.get("stop"), config.get("step"))

    def apply(x: Any) -> Any:
        axis = config["axis"] % len(x.shape)
        return x[(slice(None),) * axis + (part,)]

    return OperationLayer(name, apply)


def _pick(name: str, config: Config) -> OperationLayer:
    def apply(x: Any) -> Any:
        axis = config["axis"] % len(x.shape)
        return x[(slice(None),) * axis + (config["index"],)]

    return OperationLayer(name, apply)


def _expand_dims(name: str, config: Config) -> OperationLayer:
    return OperationLayer(name, lambda x: keras.ops.expand_dims(x, config["axis"]))


def _squeeze(name: str, config: Config) -> OperationLayer:
    return OperationLayer(name, lambda x: keras.ops.squeeze(x, config["axis"]))


def _stack(name: str, config: Config) -> OperationLayer:
    return OperationLayer(name, lambda tensors: keras.ops.stack(tensors, axis=config["axis"]))


# By the names of the core's vocabulary.
OPERATIONS: dict[str, Callable[[str, Config], OperationLayer]] = {
    "Absolute": _elementwise(keras.ops.absolute),
    "Divide": lambda name, _config: OperationLayer(name, lambda pair: keras.ops.divide(pair[0], pair[1])),
    "Exp": _elementwise(keras.ops.exp),
    "ExpandDims": _expand_dims,
    "Log": _elementwise(keras.ops.log),
    "Max": _reduction(keras.ops.max),
    "Mean": _reduction(keras.ops.mean),
    "Min": _reduction(keras.ops.min),
    "Pad": _pad,
    "Pick": _pick,
    "Power": _power,
    "Reciprocal": _elementwise(keras.ops.reciprocal),
    "Slice": _slice,
    "Sqrt": _elementwise(keras.ops.sqrt),
    "Square": _elementwise(keras.ops.square),
    "Squeeze": _squeeze,
    "Stack": _stack,
    "Sum": _reduction(keras.ops.sum),
    "TanhGelu": _elementwise(lambda x: keras.ops.gelu(x, approximate=True)),
}
