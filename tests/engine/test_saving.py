"""What is written for other people is loaded by stock Keras, operations between layers and all."""

from pathlib import Path

import keras
import numpy as np
import pytest

from tests.engine.odd_networks import NETWORKS, write
from tlstudio.core.model.reading import open_model
from tlstudio.engine.build import build_model
from tlstudio.engine.saving import save_model

pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning:keras.*")


@pytest.mark.parametrize("suffix", [".hdf5", ".keras"])
@pytest.mark.parametrize("name", NETWORKS)
def test_that_stock_keras_loads_what_is_saved(tmp_path: Path, name: str, suffix: str) -> None:
    write(keras, keras.ops, True, name, tmp_path)
    kept = np.load(tmp_path / f"{name}.npz")
    save_model(build_model(open_model(tmp_path / f"{name}.keras")), tmp_path / f"saved{suffix}")
    for loaded in (
        keras.models.load_model(tmp_path / f"saved{suffix}"),
        build_model(open_model(tmp_path / f"saved{suffix}")),
    ):
        scores = np.asarray(loaded(kept["pixels"], training=False))
        assert np.abs(scores - kept["scores"]).max() < 1e-5 * np.abs(kept["scores"]).max()
