"""A small network for each type of layer, activation and operation that the vocabulary knows, as a frozen part may
hold it: name, shape of an image, and what is applied to it."""

from collections.abc import Callable
from typing import Any

import keras

from tlstudio.core.model import vocabulary
from tlstudio.engine.operations import OPERATIONS

L = keras.layers
IMAGE, ROW, CUBE, FLAT = (12, 10, 6), (14, 6), (6, 8, 5, 4), (9,)
Case = tuple[tuple[int, ...], Callable[[Any], Any]]

_TWO_WAYS = {"Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract"}
_OPTIONS: dict[str, dict[str, Any]] = {
    "Activation": {"activation": "gelu"},
    "CenterCrop": {"height": 7, "width": 5},
    "GroupNormalization": {"groups": 3},
    "Normalization": {"mean": 0.3, "variance": 2.0},
    "Permute": {"dims": (3, 1, 2)},
    "Rescaling": {"scale": 0.3, "offset": 1.0},
    "Reshape": {"target_shape": (-1, 20)},
    "Resizing": {"height": 17, "width": 9},
}
_RANDOM: dict[str, dict[str, Any]] = {
    **{name: {} for name in ("RandomColorJitter", "RandomErasing", "RandomFlip", "RandomGaussianBlur")},
    **{name: {} for name in ("RandomInvert", "RandomShear")},
    "RandomCrop": {"height": 8, "width": 7},
    "RandomPosterization": {"factor": 4},
    "RandomTranslation": {"height_factor": 0.2, "width_factor": 0.1},
}
_CONFIGS: dict[str, dict[str, Any]] = {
    "ExpandDims": {"axis": 2},
    "Max": {"axis": [1, 2], "keepdims": True},
    "Mean": {"axis": [3], "keepdims": False},
    "Min": {"axis": [2]},
    "Pad": {"padding": [[1, 2], [0, 1], [0, 0]], "value": 0.5},
    "Pick": {"axis": 2, "index": -1},
    "Power": {"exponent": 3.0},
    "Slice": {"axis": 1, "start": 1, "stop": -2, "step": 2},
    "Squeeze": {"axis": 1},
    "Stack": {"axis": 1},
    "Sum": {"axis": [1], "keepdims": False},
}


def _layer(name: str) -> Case:
    kind = getattr(L, name)
    if name in vocabulary.CONVOLUTIONS:
        shape = ROW if "1D" in name else CUBE if "3D" in name else IMAGE
        settings: dict[str, Any] = {"kernel_size": 3, "strides": 2, "padding": "same", "activation": "relu"}
        return shape, kind(**settings) if name.startswith("Depthwise") else kind(5, **settings)
    if name in vocabulary.STOCHASTIC:
        shape = ROW if "1D" in name else CUBE if "3D" in name else (12, 10, 3)
        return shape, kind(**_RANDOM[name]) if name in _RANDOM else kind(0.3)
    if name in _TWO_WAYS:
        return IMAGE, lambda x: kind()([x, L.Conv2D(6, 1)(x)])
    if name == "MultiHeadAttention":
        return ROW, lambda x: kind(2, 4)(x, x)
    if name == "Dense":
        return FLAT, kind(5, activation="tanh")
    if name.startswith(("AveragePooling", "MaxPooling")):
        return ROW if "1D" in name else CUBE if "3D" in name else IMAGE, kind(3, strides=2)
    if name == "RepeatVector":
        return FLAT, kind(3)
    shape = ROW if "1D" in name else CUBE if "3D" in name else IMAGE
    return shape, kind(**_OPTIONS.get(name, {}))


def _operation(name: str) -> Case:
    def apply(x: Any) -> Any:
        positive = keras.ops.absolute(x) + 0.5
        operation = OPERATIONS[name]("layer", _CONFIGS.get(name, {}))
        if name == "Divide":
            return operation([x, positive])
        if name == "Stack":
            return operation([x, positive])
        if name == "Squeeze":
            return operation(keras.ops.expand_dims(x, 1))
        return operation(positive if name in ("Log", "Sqrt", "Reciprocal", "Power") else x)

    return IMAGE, apply


def _shared_layer(x: Any) -> Any:
    conv = L.Conv2D(6, 3, padding="same")
    return conv(conv(x))


SPECIAL: dict[str, Case] = {
    "grouped convolution": (IMAGE, L.Conv2D(8, 3, groups=2, dilation_rate=2)),
    "depthwise with a multiplier": (IMAGE, L.DepthwiseConv2D(3, depth_multiplier=2, strides=2)),
    "transposed, valid": (IMAGE, L.Conv2DTranspose(4, 3, strides=2)),
    "upsampling, bilinear": (IMAGE, L.UpSampling2D(2, interpolation="bilinear")),
    "resizing, bicubic": (IMAGE, L.Resizing(17, 9, interpolation="bicubic")),
    "average pooling, same": (IMAGE, L.AveragePooling2D(3, 2, padding="same")),
    "max pooling, same": (IMAGE, L.MaxPooling2D(3, 2, padding="same")),
    "PReLU, shared": (IMAGE, L.PReLU(shared_axes=[1, 2], alpha_initializer="random_uniform")),
    "normalization along rows": (IMAGE, L.BatchNormalization(axis=1)),
    "layer normalization of maps": (IMAGE, L.LayerNormalization(axis=[1, 2, 3])),
    "softmax along rows": (IMAGE, L.Softmax(axis=1)),
    "one layer used twice": (IMAGE, _shared_layer),
    "channels moved": (IMAGE, lambda x: L.Permute((2, 3, 1))(L.Conv2D(4, 3)(L.Permute((2, 1, 3))(x)))),
    "one pixel": ((1, 1, 3), L.Conv2D(4, 1)),
    "nothing at all": (IMAGE, L.Identity()),
}
# Sequences are of no image classifier; the reader makes others of the last two.
_APART = vocabulary.SEQUENCES | {"InputLayer", "RandomHeight", "RandomWidth"}
CASES: dict[str, Case] = {
    **{name: _layer(name) for name in sorted(vocabulary.LAYERS - vocabulary.OPERATIONS - _APART)},
    **{name: _operation(name) for name in sorted(OPERATIONS)},
    **{f"activation {name}": (IMAGE, L.Activation(name)) for name in sorted(vocabulary.ACTIVATIONS)},
    **SPECIAL,
}
