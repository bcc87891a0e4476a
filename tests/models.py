"""Small real models, made by stock Keras: ``python -m tests.models KIND PATH``."""

import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np


def nested(path: Path) -> Path:
    """A Sequential that holds a functional network named ``backbone``."""
    inside = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(4, 3, activation="relu", name="conv_a")(inside)
    x = keras.layers.Conv2D(6, 3, activation="relu", name="conv_b")(x)
    backbone = keras.Model(inside, x, name="backbone")
    outer = keras.Input((16, 16, 3), name="image")
    x = keras.layers.GlobalAveragePooling2D(name="pool")(backbone(outer))
    return save(keras.Model(outer, keras.layers.Dense(4, activation="softmax", name="scores")(x)), path)


def residual(path: Path) -> Path:
    """Functional, with BatchNormalization and a branch that runs past ``inner``."""
    image = keras.Input((16, 16, 3), name="image")
    x = keras.layers.Conv2D(4, 3, padding="same", name="stem")(image)
    x = keras.layers.BatchNormalization(name="norm")(x)
    x = keras.layers.ReLU(name="relu")(x)
    y = keras.layers.Conv2D(4, 3, padding="same", name="inner")(x)
    x = keras.layers.Add(name="join")([x, y])
    x = keras.layers.Conv2D(6, 3, strides=2, activation="relu", name="upper")(x)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    return save(keras.Model(image, keras.layers.Dense(3, activation="softmax", name="scores")(x)), path)


def normalized(path: Path) -> Path:
    """The sample's network with a layer in its second block that takes the contrast out of what comes from below."""
    from tlstudio.core.resources import resource_path

    trained = keras.models.load_model(resource_path("sample/model.hdf5"), compile=False)
    x = image = keras.Input((32, 32, 3), name="image")
    for layer in trained.layers:
        if not isinstance(layer, keras.layers.InputLayer):
            x = layer(x)
        if layer.name == "block2_conv1":
            x = keras.layers.LayerNormalization(axis=[1, 2, 3], name="norm")(x)
    keras.Model(image, x).save(path)
    return path


def save(model: Any, path: Path) -> Path:
    """With weights and statistics that are not the trivial ones of a new layer."""
    random = np.random.default_rng(1)
    for weight in model.weights:
        if "variance" in weight.path:
            weight.assign(random.uniform(0.5, 2.0, weight.shape))
        elif "mean" in weight.path or "bias" in weight.path or "beta" in weight.path:
            weight.assign(random.normal(0, 0.1, weight.shape))
    model.save(path)
    return path


if __name__ == "__main__":
    {"nested": nested, "normalized": normalized, "residual": residual}[sys.argv[1]](Path(sys.argv[2]))
