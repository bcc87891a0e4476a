"""Strided 1×1 convolutions on few channels give the right gradients, and the process lives."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import PROJECT
from tlstudio.engine.pointwise import keep_in_bounds
from tlstudio.engine.runtime import keras, tf

# In a process of its own, since a heap that was written past ends it, then or later.
PROGRAM = """
import numpy as np
from tlstudio.engine.pointwise import keep_in_bounds
from tlstudio.engine.runtime import keras, tf
random = np.random.default_rng(0)
for channels, units, side in ((8, 16, 60), (4, 16, 60), (1, 16, 60), (12, 16, 60), (8, 8, 64)):
    layer = keras.layers.Conv2D(units, 1, strides=2, padding="same", use_bias=False)
    layer.build((None, side, side, channels))
    keep_in_bounds(layer)
    x = random.random((8, side, side, channels), dtype=np.float32)
    above = random.random((8, side // 2, side // 2, units), dtype=np.float32)
    expected = np.einsum("bhwc,bhwu->cu", x[:, ::2, ::2], above)
    for _ in range(40):
        with tf.GradientTape() as tape:
            total = tf.reduce_sum(layer(tf.constant(x)) * above)
        found = tape.gradient(total, layer.kernel.value).numpy()[0, 0]
        np.testing.assert_allclose(found, expected, rtol=1e-4)
"""


@pytest.mark.long
def test_that_gradients_of_kernels_are_right_and_no_memory_is_written_past() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=PROJECT, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(("side", "stride"), [(9, 2), (8, 2), (7, 3), (8, 3)])
def test_that_outputs_are_those_of_the_layer_as_it_was(padding: str, side: int, stride: int) -> None:
    x = np.random.default_rng(0).random((2, side, side + 1, 5), dtype=np.float32)
    layer = keras.layers.Conv2D(6, 1, strides=stride, padding=padding, activation="relu")
    before = layer(x).numpy()
    keep_in_bounds(layer)
    np.testing.assert_allclose(layer(x).numpy(), before, rtol=1e-5, atol=1e-6)


def test_that_other_layers_and_many_channels_stay_as_they_are() -> None:
    plain = keras.layers.Conv2D(4, 3, strides=2)
    grouped = keras.layers.Conv2D(4, 1, strides=2, groups=2)
    for layer in (plain, grouped, keras.layers.Dense(3)):
        keep_in_bounds(layer)
        assert "convolution_op" not in vars(layer)
    wide = keras.layers.Conv2D(4, 1, strides=2)
    keep_in_bounds(wide)
    x = tf.constant(np.random.default_rng(0).random((1, 6, 6, 32), dtype=np.float32))
    found = wide(x).numpy()
    np.testing.assert_allclose(found, np.asarray(x)[:, ::2, ::2] @ wide.kernel.numpy()[0, 0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("ending", ["keras", "h5"])
@pytest.mark.filterwarnings("ignore:.*HDF5.*")
def test_that_the_saved_model_is_a_stock_one(tmp_path: Path, ending: str) -> None:
    image = keras.Input((8, 8, 3))
    layer = keras.layers.Conv2D(4, 1, strides=2)
    keep_in_bounds(layer)
    model = keras.Model(image, layer(image))
    model.save(tmp_path / f"model.{ending}")
    x = np.random.default_rng(0).random((2, 8, 8, 3), dtype=np.float32)
    again = keras.models.load_model(tmp_path / f"model.{ending}")
    assert "convolution_op" not in vars(again.layers[-1])
    np.testing.assert_allclose(again(x), model(x), rtol=1e-5, atol=1e-6)
