"""Random changes to training images, by Keras' own layers. Drawn anew from (seed, epoch, step) each time.

No flips in ``light``: left and right may be what the classes are about.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from tlstudio.engine.runtime import keras, tf

_LIGHT = {"rotation": 0.03, "shift": 0.06, "zoom": 0.08, "contrast": 0.1}  # about 10 degrees, 6 % of the side
_STRONG = {"rotation": 0.08, "shift": 0.12, "zoom": 0.2, "contrast": 0.3}


def make_augmentation(strength: str, size: tuple[int, int, int], seed: int) -> Callable[[np.ndarray], np.ndarray]:
    """A function from uint8 pixels (n, height, width, channels) to changed float32 pixels 0..255."""
    amount = _LIGHT if strength == "light" else _STRONG
    layers: list[Any] = [
        keras.layers.RandomRotation(amount["rotation"], fill_mode="reflect", seed=seed),
        keras.layers.RandomTranslation(amount["shift"], amount["shift"], fill_mode="reflect", seed=seed + 1),
        keras.layers.RandomZoom(amount["zoom"], fill_mode="reflect", seed=seed + 2),
        keras.layers.RandomContrast(amount["contrast"], value_range=(0, 255), seed=seed + 3),
    ]
    if strength == "strong":
        layers.append(keras.layers.RandomFlip("horizontal", seed=seed + 4))
    network = keras.Sequential([keras.Input(size), *layers])
    run = tf.function(
        lambda x: tf.clip_by_value(network(x, training=True), 0.0, 255.0),
        input_signature=[tf.TensorSpec([None, *size], tf.float32)],
    )
    return lambda pixels: run(tf.constant(pixels.astype(np.float32))).numpy()
