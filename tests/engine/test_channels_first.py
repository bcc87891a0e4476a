"""Networks for channels-first images give what they gave. TensorFlow computes none on a CPU: where a layer goes along
the last axis, which is the width there, the expected values are computed here."""

from pathlib import Path

import keras
import numpy as np
import pytest

from tlstudio.core.model.reading import open_model
from tlstudio.engine.build import build_model

pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning:keras.*")


@pytest.mark.parametrize("is_inside", [True, False])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_that_an_activation_along_the_width_stays_one(tmp_path: Path, name: str, is_inside: bool) -> None:
    image = keras.Input((3, 5, 4))
    x = keras.layers.Conv2D(2, 1, data_format="channels_first", activation=name if is_inside else None)(image)
    x = keras.layers.Flatten()(x if is_inside else keras.layers.Activation(name)(x))
    model = keras.Model(image, x)
    random = np.random.default_rng(3)
    kernel, bias = random.normal(size=(1, 1, 3, 2)).astype(np.float32), np.zeros(2, np.float32)
    model.set_weights([kernel, bias])
    model.save(tmp_path / "first.keras")
    pixels = random.normal(size=(1, 5, 4, 3)).astype(np.float32)
    maps = np.einsum("nhwc,cf->nfhw", pixels, kernel[0, 0])
    powers = np.exp(maps)
    expected = powers / powers.sum(axis=-1, keepdims=True)
    if name == "log_softmax":
        expected = np.log(expected)
    given = np.asarray(build_model(open_model(tmp_path / "first.keras"))(pixels)).reshape(1, -1)
    assert np.allclose(given, expected.reshape(1, -1), atol=1e-5)
