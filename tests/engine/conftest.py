"""Networks that several files' tests use."""

from pathlib import Path

import keras
import numpy as np
import pytest


@pytest.fixture
def branched(tmp_path: Path) -> Path:
    """Two residual blocks with branches and BatchNormalization, and dropout above them."""
    keras.utils.set_random_seed(4)
    image = keras.Input((24, 24, 3))
    x = keras.layers.Conv2D(8, 3, padding="same", name="stem")(image)
    for number in (1, 2, 3):
        left = keras.layers.Conv2D(8, 3, padding="same", use_bias=False, name=f"left{number}")(x)
        left = keras.layers.BatchNormalization(name=f"norm{number}")(left)
        right = keras.layers.Conv2D(8, 1, name=f"right{number}")(x)
        x = keras.layers.Add(name=f"add{number}")([keras.layers.ReLU()(left), right])
    x = keras.layers.Dropout(0.3, name="drop")(keras.layers.GlobalAveragePooling2D(name="pool")(x))
    model = keras.Model(image, keras.layers.Dense(3, activation="softmax", name="scores")(x))
    random = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.moving_mean.assign(random.normal(size=8))
            layer.moving_variance.assign(random.uniform(0.5, 2.0, size=8))
    model.save(tmp_path / "branched.keras")
    return tmp_path / "branched.keras"
