"""Weights as Keras 2 saves them: ``python -m tests.engine.old_applications FOLDER NAME[:OPTION=VALUE]...``.

For each network the weights, the whole model, an image, and what Keras 2 makes of it.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import tf_keras

SIDE = 96


def randomise(model: Any) -> None:
    """Scales, shifts and statistics that are not those of new layers, so that an exchange of two shows."""
    random = np.random.default_rng(2)
    for weight in model.weights:
        if weight.dtype == "float32" and len(weight.shape) == 1:
            weight.assign(weight + random.uniform(0, 0.3, weight.shape).astype(np.float32))


def main(folder: Path, names: list[str]) -> None:
    for name in names:
        function, *options = name.split(":")
        chosen = {key: float(value) for key, value in (option.split("=") for option in options)}
        base = getattr(tf_keras.applications, function)(
            weights=None, include_top=False, input_shape=(SIDE, SIDE, 3), **chosen
        )
        image = tf_keras.Input((SIDE, SIDE, 3))
        features = tf_keras.layers.GlobalAveragePooling2D()(base(image, training=False))
        model = tf_keras.Model(image, tf_keras.layers.Dense(3, activation="softmax")(features))
        randomise(model)
        base.save_weights(str(folder / f"{function}_weights.h5"))
        model.save(str(folder / f"{function}.h5"))
        pixels = np.random.default_rng(3).uniform(0, 255, (2, SIDE, SIDE, 3)).astype(np.float32)
        if not any(layer.__class__.__name__ in {"Rescaling", "Normalization"} for layer in base.layers):
            pixels = pixels / np.float32(127.5) - 1
        np.savez(folder / f"{function}.npz", pixels=pixels, features=base(pixels), scores=model(pixels))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
