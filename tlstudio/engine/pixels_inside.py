"""A trained classifier that takes images as they are: the scaling of pixels becomes its first layers.

Only stock layers, so that every reader of Keras' formats loads the result, and every converter knows them.
"""

from typing import Any

import numpy as np

from tlstudio.core.data.preprocess import CAFFE_MEAN, IMAGENET_MEAN, IMAGENET_STD, Mode
from tlstudio.core.export import INPUT, OUTPUT
from tlstudio.engine.build import connect, free_name
from tlstudio.engine.network import Network
from tlstudio.engine.runtime import keras

SCALING, ORDER, BOTH = "pixel_scaling", "bgr_order", "both_classes"
Factors = float | list[float]


def with_pixels_inside(network: Network, mode: Mode) -> Any:
    """The classifier as a flat Keras model: pixels 0 to 255, float32 (batch, height, width, channels) or, where it
    has no channels, (batch, height, width), to probabilities (batch, classes), of two classes at least.

    ``network``: with its own head, in full precision. ``mode``: the scaling of ``core.data.preprocess`` it takes.
    """
    taken = {layer.name for layer in [*network.layers.values(), *network.head]}
    shape = tuple(network.model.input.shape[1:])
    image = keras.Input(shape=shape, name=free_name(INPUT, taken))
    values = _scaled(image, mode, len(shape) == 3 and shape[-1] == 3, taken)
    tensors = connect(network.file.graph, network.layers, network.calls, {network.calls[0]: values})
    output = tensors[network.calls[-1]]
    for layer in network.head:
        output = layer(output)
    if output.shape[-1] == 1:
        output = _both(output, taken)
    return keras.Model(image, output, name="classifier")


def factors(mode: Mode, is_colour: bool) -> tuple[Factors, Factors]:
    """What pixels are multiplied by, and what is added then, by channel in the order RGB: ``preprocess`` of
    ``core.data.preprocess``, but for the order of colours."""
    match mode:
        case "unit":
            return 1 / 255, 0.0
        case "symmetric":
            return 1 / 127.5, -1.0
        case "imagenet":
            mean, deviation = IMAGENET_MEAN.astype(np.float64), IMAGENET_STD.astype(np.float64)
            if not is_colour:
                return float(1 / (255 * deviation.mean())), float(-mean.mean() / deviation.mean())
            return (1 / (255 * deviation)).tolist(), (-mean / deviation).tolist()
        case "caffe":
            return 1.0, (-CAFFE_MEAN[::-1]).tolist() if is_colour else -float(CAFFE_MEAN.mean())
        case "raw" | "bgr":
            return 1.0, 0.0


def _scaled(image: Any, mode: Mode, is_colour: bool, taken: set[str]) -> Any:
    # Also where it changes nothing: it tells who reads the file that the network takes pixels as they are.
    scale, offset = factors(mode, is_colour)
    values = keras.layers.Rescaling(scale, offset, name=free_name(SCALING, taken))(image)
    if mode not in {"bgr", "caffe"} or not is_colour:
        return values
    # Turning the order of channels round has no layer of its own; a convolution of ones and zeros is exact.
    turn = keras.layers.Conv2D(3, 1, use_bias=False, trainable=False, name=free_name(ORDER, taken))
    values = turn(values)
    turn.load_own_variables({"0": np.eye(3, dtype=np.float32)[::-1].reshape(1, 1, 3, 3)})
    return values


def _both(probability: Any, taken: set[str]) -> Any:
    """Of a single unit, which gives the probability p of the second class: 1 - p and p."""
    pair = keras.layers.Dense(2, trainable=False, name=free_name(BOTH, taken))
    values = pair(probability)
    pair.load_own_variables({"0": np.array([[-1.0, 1.0]], np.float32), "1": np.array([1.0, 0.0], np.float32)})
    # It changes nothing either, but tells that these are probabilities: scores would be given a softmax by readers.
    return keras.layers.ReLU(max_value=1.0, name=free_name(OUTPUT, taken))(values)
