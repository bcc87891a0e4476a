"""Model files written by hand, as Keras 2 writes them: without Keras, since the window's tests never load it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np


def copy_with(source: Path, target: Path, change: Callable[[h5py.File], None]) -> Path:
    shutil.copyfile(source, target)
    with h5py.File(target, "r+") as file:
        change(file)
    return target


def layer(type_: str, name: str, inputs: list[str], **config: Any) -> dict[str, Any]:
    nodes = [[[source, 0, 0, {}] for source in inputs]] if inputs else []
    return {"class_name": type_, "name": name, "config": {"name": name, **config}, "inbound_nodes": nodes}


def image(name: str = "image", shape: tuple[int | None, ...] = (8, 8, 3)) -> dict[str, Any]:
    return layer("InputLayer", name, [], batch_input_shape=[None, *shape], dtype="float32")


def convolution(name: str, source: str, filters: int) -> dict[str, Any]:
    return layer("Conv2D", name, [source], filters=filters, kernel_size=[1, 1], activation="linear", use_bias=False)


def write(
    path: Path,
    layers: list[dict[str, Any]],
    outputs: list[str],
    weights: dict[str, dict[str, np.ndarray]],
    has_config: bool = True,
) -> Path:
    """A functional model; ``weights``: of each layer, by name."""
    inputs = [spec["name"] for spec in layers if spec["class_name"] == "InputLayer"]
    config = {
        "name": "model", "layers": layers,
        "input_layers": [[name, 0, 0] for name in inputs], "output_layers": [[name, 0, 0] for name in outputs],
    }  # fmt: skip
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"], file.attrs["backend"] = "2.4.0", "tensorflow"
        group = file
        if has_config:
            file.attrs["model_config"] = json.dumps({"class_name": "Functional", "config": config})
            group = file.create_group("model_weights")
        group.attrs["layer_names"] = [spec["name"].encode() for spec in layers]
        for spec in layers:
            arrays = weights.get(spec["name"], {})
            inside = group.create_group(spec["name"])
            inside.attrs["weight_names"] = [f"{spec['name']}/{name}:0".encode() for name in arrays]
            for name, array in arrays.items():
                inside[f"{spec['name']}/{name}:0"] = array
    return path


def _kernel(inputs: int, filters: int) -> dict[str, np.ndarray]:
    return {"kernel": np.ones((1, 1, inputs, filters), np.float32)}


def two_inputs(path: Path) -> Path:
    layers = [image("left"), image("right"), layer("Add", "sum", ["left", "right"]), convolution("conv", "sum", 4)]
    return write(path, layers, ["conv"], {"conv": _kernel(3, 4)})


def pooled(path: Path, shape: tuple[int | None, ...] = (8, 8, 3), outputs: int = 1) -> Path:
    """A convolution, pooling, and one or two outputs: ``classes`` of 5 and ``boxes`` of 4."""
    layers = [image(shape=shape), convolution("conv", "image", 6), layer("GlobalAveragePooling2D", "pool", ["conv"])]
    weights = {"conv": _kernel(3, 6)}
    for name, units in (("classes", 5), ("boxes", 4))[:outputs]:
        layers.append(layer("Dense", name, ["pool"], units=units, activation="softmax", use_bias=False))
        weights[name] = {"kernel": np.ones((6, units), np.float32)}
    return write(path, layers, ["classes", "boxes"][:outputs], weights)


def with_lambdas(
    path: Path, names: tuple[str, ...] = ("scale_pixels",), shape: tuple[int | None, ...] = (8, 8, 3)
) -> Path:
    """Layers of program code, one after the other on the image, below a convolution and a classifier."""
    layers, below = [image(shape=shape)], "image"
    for name in names:
        code = ["bm90IGEgcHJvZ3JhbQ==", None, None]
        layers.append(layer("Lambda", name, [below], function=code, function_type="lambda"))
        below = name
    layers += [convolution("conv", below, 6), layer("GlobalAveragePooling2D", "pool", ["conv"])]
    layers.append(layer("Dense", "classes", ["pool"], units=5, activation="softmax", use_bias=False))
    weights = {"conv": _kernel(3, 6), "classes": {"kernel": np.ones((6, 5), np.float32)}}
    return write(path, layers, ["classes"], weights)


def bare_weights(path: Path) -> tuple[Path, Path]:
    """A weights-only file, and a JSON that describes its network."""
    layers = [image(), convolution("conv", "image", 6), layer("GlobalAveragePooling2D", "pool", ["conv"])]
    layers.append(layer("Dense", "classes", ["pool"], units=5, activation="softmax", use_bias=False))
    weights = {"conv": _kernel(3, 6), "classes": {"kernel": np.ones((6, 5), np.float32)}}
    write(path, layers, ["classes"], weights, has_config=False)
    whole = write(path.with_name("whole.h5"), layers, ["classes"], weights)
    with h5py.File(whole) as file:
        description = path.with_name("network.json")
        description.write_text(file.attrs["model_config"])
    whole.unlink()
    return path, description


def one_dense(path: Path, kernel: np.ndarray) -> Path:
    """A flattened image under one large Dense layer, and a classifier."""
    side = round((kernel.shape[0] / 3) ** 0.5)
    layers = [image(shape=(side, side, 3)), layer("Flatten", "flat", ["image"])]
    layers.append(layer("Dense", "wide", ["flat"], units=kernel.shape[1], activation="relu", use_bias=False))
    layers.append(layer("Dense", "classes", ["wide"], units=5, activation="softmax", use_bias=False))
    top = np.ones((kernel.shape[1], 5), np.float32)
    return write(path, layers, ["classes"], {"wide": {"kernel": kernel}, "classes": {"kernel": top}})
