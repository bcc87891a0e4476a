"""Networks out of SavedModel folders give what those who wrote them got."""

from pathlib import Path

import numpy as np
import pytest

from tests.savedmodels import NAMES, savedmodels
from tlstudio.core.model.reading import open_model
from tlstudio.engine.build import build_model
from tlstudio.engine.runtime import keras


@pytest.mark.parametrize("name", NAMES)
def test_that_a_network_gives_the_outputs_that_its_writer_got(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = savedmodels(tmp_path_factory)
    built = build_model(open_model(folder / name))
    kept = np.load(folder / f"{name}.npz")
    output = np.asarray(built([kept["image"].astype(np.float32)], training=False))
    assert np.abs(kept["output"]).max() > 0.01
    np.testing.assert_allclose(output, kept["output"], rtol=0, atol=1e-5)


def test_that_a_recovered_network_is_saved_and_loaded_by_stock_keras(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    folder = savedmodels(tmp_path_factory)
    image = np.load(folder / "exported.npz")["image"].astype(np.float32)
    built = build_model(open_model(folder / "exported"))
    built.save(tmp_path / "again.keras")
    again = keras.models.load_model(tmp_path / "again.keras")
    np.testing.assert_array_equal(np.asarray(again([image])), np.asarray(built([image])))
