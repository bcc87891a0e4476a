"""Unusual but real networks of Keras 2 and 3: what is built from their files gives what their own Keras gave."""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.conftest import PROJECT
from tests.engine.odd_networks import NETWORKS, write
from tlstudio.core.model.reading import open_model
from tlstudio.engine.build import build_model

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*:UserWarning:keras.*"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def by_keras_2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keras2")
    command = [sys.executable, "-m", "tests.engine.odd_networks", str(folder)]
    environment = {**os.environ, "TF_USE_LEGACY_KERAS": "1"}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def error_of(file: Path) -> float:
    """The largest difference from what the network's own Keras gave, beside its largest score."""
    kept = np.load(file.with_suffix(".npz"))
    scores = np.asarray(build_model(open_model(file))(kept["pixels"], training=False))
    return float(np.abs(scores - kept["scores"]).max() / np.abs(kept["scores"]).max())


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
@pytest.mark.parametrize("name", NETWORKS)
def test_that_an_odd_network_of_keras_2_gives_what_it_gave(by_keras_2: Path, name: str, suffix: str) -> None:
    assert error_of(by_keras_2 / f"{name}{suffix}") < 1e-5


@pytest.mark.parametrize("name", NETWORKS)
def test_that_an_odd_network_of_keras_3_gives_what_it_gave(tmp_path: Path, name: str) -> None:
    write(keras, keras.ops, True, name, tmp_path)
    assert error_of(tmp_path / f"{name}.h5") < 1e-5
    assert error_of(tmp_path / f"{name}.keras") < 1e-5


def test_that_numbers_of_two_bytes_are_read(tmp_path: Path) -> None:
    """HDF5 has no name for bfloat16: Keras stores two bytes without a meaning."""
    keras.config.set_dtype_policy("bfloat16")
    try:
        model = keras.Sequential([keras.layers.Input((4, 4, 3)), keras.layers.Conv2D(3, 2), keras.layers.Flatten()])
    finally:
        keras.config.set_dtype_policy("float32")
    kernel = np.asarray(keras.ops.cast(model.layers[0].kernel, "float32"))
    for suffix in (".keras", ".h5"):
        model.save(tmp_path / f"half{suffix}")
        read = build_model(open_model(tmp_path / f"half{suffix}"))
        assert np.array_equal(read.layers[1].kernel, kernel)


def test_that_an_input_that_nothing_takes_is_left_out(tmp_path: Path) -> None:
    image, other = keras.Input((4, 4, 3), name="image"), keras.Input((2,), name="other")
    keras.Model([image, other], keras.layers.Flatten()(image)).save(tmp_path / "two.keras")
    assert [given.name for given in build_model(open_model(tmp_path / "two.keras")).inputs] == ["image"]
