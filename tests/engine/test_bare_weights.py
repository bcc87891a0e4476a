"""Bare weights and grown models of Keras Applications, built: they compute what their writer computes."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import PROJECT
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.opening import Opening
from tlstudio.core.model.reading import open_model
from tlstudio.engine.build import build_model
from tlstudio.engine.runtime import keras

SMALL = {"MobileNetV2": "MobileNetV2 (alpha 0.35)", "MobileNetV3Small": "MobileNetV3Small (alpha 1)"}
LARGE = [
    "ConvNeXtTiny", "DenseNet121", "EfficientNetV2B0", "InceptionResNetV2", "InceptionV3", "ResNet50", "VGG16",
    "Xception",
]  # fmt: skip
SIZE = (96, 96)


def make(folder: Path, *names: str) -> Path:
    """In a process of its own: Keras 2 and 3 do not share one."""
    command = [sys.executable, "-m", "tests.engine.old_applications", str(folder), *names]
    subprocess.run(
        command, cwd=PROJECT, check=True, capture_output=True, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    )
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("old"), "MobileNetV2:alpha=0.35", "MobileNetV3Small")


def assert_same(model: ModelFile, pixels: np.ndarray, expected: np.ndarray) -> None:
    found = np.asarray(build_model(model)([pixels], training=False))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * np.abs(expected).max())


def check(folder: Path, function: str, recognised: str) -> None:
    known = np.load(folder / f"{function}.npz")
    bare = open_model(folder / f"{function}_weights.h5", Opening(input_size=SIZE))
    assert bare.recognised == recognised
    assert_same(bare, known["pixels"], known["features"])
    grown = open_model(folder / f"{function}.h5")
    assert (grown.recognised, grown.preprocessing.source == "catalogue") == (recognised, False)
    assert_same(grown, known["pixels"], known["scores"])


@pytest.mark.parametrize(("function", "recognised"), SMALL.items())
def test_that_files_of_keras_2_give_the_same_numbers(small: Path, function: str, recognised: str) -> None:
    check(small, function, recognised)


@pytest.mark.long
@pytest.mark.parametrize("function", LARGE)
def test_that_large_files_of_keras_2_give_the_same_numbers(tmp_path: Path, function: str) -> None:
    check(make(tmp_path, function), function, function)


def test_that_weights_of_keras_3_give_the_same_numbers(tmp_path: Path) -> None:
    base = keras.applications.MobileNetV3Small(
        weights=None, include_top=False, minimalistic=True, input_shape=(*SIZE, 3), name="base"
    )
    random = np.random.default_rng(2)
    for weight in base.weights:
        if len(weight.shape) == 1:
            weight.assign(np.asarray(weight) + random.uniform(0, 0.3, weight.shape))
    path = tmp_path / "own.weights.h5"
    base.save_weights(path)
    pixels = random.uniform(0, 255, (2, *SIZE, 3)).astype(np.float32)
    expected = np.asarray(base(pixels, training=False))
    model = open_model(path, Opening(input_size=SIZE))
    assert (model.recognised, model.preprocessing.mode) == ("MobileNetV3Small (minimalistic)", "raw")
    assert_same(model, pixels, expected)
    # The same network inside another, with layers of somebody's own above.
    image = keras.Input((*SIZE, 3))
    features = keras.layers.GlobalAveragePooling2D()(base(keras.layers.RandomFlip()(image)))
    keras.Model(image, keras.layers.Dense(3)(features)).save_weights(path)
    named = open_model(path, Opening(architecture="MobileNetV3 small minimalistic, no top", input_size=SIZE))
    assert_same(named, pixels, expected)


def test_that_the_library_of_keras_itself_is_taken_for_what_it_is(tmp_path: Path) -> None:
    whole = keras.applications.MobileNet(weights=None, alpha=0.25)
    whole.save(tmp_path / "whole.keras")
    model = open_model(tmp_path / "whole.keras")
    assert (model.recognised, model.preprocessing.mode, model.preprocessing.source) == (
        "MobileNet (alpha 0.25)", "symmetric", "catalogue",
    )  # fmt: skip
    other = keras.applications.MobileNet(weights=None, alpha=0.25, classes=7)
    other.save(tmp_path / "other.keras")
    model = open_model(tmp_path / "other.keras")
    assert (model.recognised, model.preprocessing.mode, model.preprocessing.source) == (
        "MobileNet (alpha 0.25)", "symmetric", "assumed",
    )  # fmt: skip
