"""Files that hold only weights, in the three layouts of Keras, and descriptions to go with them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import h5py
import numpy as np

from tlstudio.core.model.catalogue import config_of, find_network
from tlstudio.core.model.keras_config import read_graph
from tlstudio.core.model.opening import Opening
from tlstudio.core.model.shapes import infer_shapes
from tlstudio.core.model.weight_matching import wanted_layers

Arrays = Mapping[str, Sequence[np.ndarray]]


def weights_of(name: str, seed: int = 0) -> dict[str, list[np.ndarray]]:
    """Weights for every layer of a network of the catalogue, by layer name; no two arrays are alike."""
    network, has_top = find_network(name)
    graph = read_graph(config_of(network, has_top), Path(name), Opening())
    assert all(shape is not None for shape in infer_shapes(graph))
    random = np.random.default_rng(seed)
    wanted = wanted_layers(graph)
    return {path: [random.random(shape, np.float32) for shape in shapes or ()] for path, shapes in wanted.items()}


def save_legacy(path: Path, weights: Arrays, version: str | None = "2.4.0", suffix: str = ":0") -> Path:
    """As ``save_weights`` of Keras 1 and 2 wrote them."""
    with h5py.File(path, "w") as file:
        if version is not None:
            file.attrs["keras_version"] = version.encode()
            file.attrs["backend"] = b"tensorflow"
        file.attrs["layer_names"] = [name.encode() for name in weights]
        for name, arrays in weights.items():
            group = file.create_group(name)
            keys = [f"{name}/weight_{number}{suffix}" for number in range(len(arrays))]
            group.attrs["weight_names"] = [key.encode() for key in keys]
            for key, array in zip(keys, arrays, strict=True):
                group.create_dataset(key, data=array)
    return path


def save_oldest(path: Path, layers: Sequence[Sequence[np.ndarray]]) -> Path:
    """As Keras before 1.0 wrote them: numbered, layers without weights among them."""
    with h5py.File(path, "w") as file:
        file.attrs["nb_layers"] = len(layers)
        for number, arrays in enumerate(layers):
            group = file.create_group(f"layer_{number}")
            group.attrs["nb_params"] = len(arrays)
            for place, array in enumerate(arrays):
                group.create_dataset(f"param_{place}", data=array)
    return path


def save_v3(path: Path, groups: Arrays) -> Path:
    """As ``save_weights`` of Keras 3 writes them, by group (``conv2d_1``)."""
    with h5py.File(path, "w") as file:
        for name, arrays in groups.items():
            variables = file.create_group(f"layers/{name}/vars")
            for place, array in enumerate(arrays):
                variables.create_dataset(str(place), data=array)
        file.require_group("layers/dropout/seed_generator/vars").create_dataset("0", data=np.zeros(2, np.uint32))
    return path


SMALL = {
    "class_name": "Sequential",
    "config": {
        "name": "small",
        "layers": [
            {"class_name": "Conv2D", "config": {"name": "first", "filters": 4, "kernel_size": [3, 3],
                "batch_input_shape": [None, 8, 8, 3], "activation": "relu"}},
            {"class_name": "Conv2D", "config": {"name": "second", "filters": 5, "kernel_size": [3, 3]}},
            {"class_name": "Flatten", "config": {"name": "flat"}},
            {"class_name": "Dropout", "config": {"name": "drop", "rate": 0.5}},
            {"class_name": "Dense", "config": {"name": "scores", "units": 2, "activation": "softmax"}},
        ],
    },
}  # fmt: skip


def small_weights(seed: int = 0) -> dict[str, list[np.ndarray]]:
    """For ``SMALL``."""
    random = np.random.default_rng(seed)
    shapes = {"first": [(3, 3, 3, 4), (4,)], "second": [(3, 3, 4, 5), (5,)], "scores": [(80, 2), (2,)]}
    return {name: [random.random(shape, np.float32) for shape in own] for name, own in shapes.items()}


def save_json(path: Path, config: object = SMALL) -> Path:
    path.write_text(json.dumps(config), encoding="utf-8")
    return path
