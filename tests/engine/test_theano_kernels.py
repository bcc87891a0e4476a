"""Networks trained under Theano: their kernels are turned round, their order of channels is another."""

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from tlstudio.core.model.reading import open_model
from tlstudio.engine.build import build_model

pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning:keras.*")


def convolve(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """A true convolution, as Theano computes it. image (channels, h, w), kernel (filters, channels, kh, kw)."""
    filters, _channels, height, width = kernel.shape
    turned = kernel[:, :, ::-1, ::-1]
    rows, columns = image.shape[1] - height + 1, image.shape[2] - width + 1
    out = np.zeros((filters, rows, columns), np.float64)
    for y in range(rows):
        for x in range(columns):
            patch = image[:, y : y + height, x : x + width]
            out[:, y, x] = (turned * patch).sum(axis=(1, 2, 3))
    return out


@pytest.mark.parametrize(("names", "turns"), [("theano", True), ("tensorflow", False)])
def test_that_a_keras_1_network_in_theano_order_gives_what_it_gave(tmp_path: Path, names: str, turns: bool) -> None:
    """The backend is not in a file of Keras 1: TensorFlow names its variables with ``:0``, Theano doesn't."""
    rng = np.random.default_rng(2)
    kernel = rng.normal(size=(4, 3, 3, 2)).astype(np.float32)
    bias = rng.normal(size=4).astype(np.float32)
    dense = rng.normal(size=(4 * 4 * 5, 6)).astype(np.float32)
    port = "" if names == "theano" else ":0"
    config = {"class_name": "Sequential", "config": [
        {"class_name": "Convolution2D", "config": {
            "name": "conv", "nb_filter": 4, "nb_row": 3, "nb_col": 2, "border_mode": "valid", "subsample": [1, 1],
            "dim_ordering": "th", "activation": "linear", "bias": True, "batch_input_shape": [None, 3, 6, 6]}},
        {"class_name": "Flatten", "config": {"name": "flat"}},
        {"class_name": "Dense", "config": {"name": "scores", "output_dim": 6, "activation": "linear", "bias": False}},
    ]}  # fmt: skip
    path = tmp_path / "old.h5"
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"], file.attrs["model_config"] = b"1.2.2", json.dumps(config).encode()
        holder = file.create_group("model_weights")
        holder.attrs["layer_names"] = [b"conv", b"flat", b"scores"]
        for layer, arrays in (("conv", {"W": kernel, "b": bias}), ("flat", {}), ("scores", {"W": dense})):
            group = holder.create_group(layer)
            group.attrs["weight_names"] = np.array([f"{layer}_{key}{port}".encode() for key in arrays], "S20")
            for key, values in arrays.items():
                group[f"{layer}_{key}{port}"] = values
    image = rng.normal(size=(3, 6, 6)).astype(np.float32)
    maps = convolve(image, kernel if turns else kernel[:, :, ::-1, ::-1]) + bias[:, None, None]
    expected = maps.reshape(-1) @ dense
    model = open_model(path)
    assert ("theano_kernels" in {note.code for note in model.graph.repairs}) is turns
    assert {"keras1_kernel_order", "channels_first"} <= {note.code for note in model.graph.repairs}
    assert model.input_shape == (6, 6, 3)
    ours = build_model(model).predict(image.transpose(1, 2, 0)[None], verbose=0)[0]
    assert np.allclose(ours, expected, atol=1e-4)
