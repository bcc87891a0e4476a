"""Make ``resources/catalogue``: what Keras Applications' networks look like, and how their weight files are called.

Run from the project's folder: ``python packaging/make_catalogue.py``. The result is committed; this script says
where it came from. Nothing is downloaded: the place in Keras that would fetch a weight file is made to write down
which file it wants, and no weight is ever created.
"""

import inspect
import json
import lzma
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
from keras.src.backend.common import global_state
from keras.src.backend.common.stateless_scope import StatelessScope
from keras.src.utils import file_utils

from tlstudio.core.model.signatures import key_of, signature_of

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "catalogue"

# Keras' names of what each network takes (``preprocess_input``'s ``mode``), in ours.
MODES = {"caffe": "caffe", "tf": "symmetric", "torch": "imagenet"}
# What the networks take that scale pixels themselves, once that part was left out (``include_preprocessing=False``):
# the constants of the part, from the same source.
BARE = {
    "convnext": "imagenet",
    "efficientnet": "imagenet",
    "efficientnet_v2": "symmetric",
    "mobilenet_v3": "symmetric",
}
# The licences of the weights, as Keras' documentation gives them (keras.io, Applications, "License" of each).
LICENCES = {
    "convnext": "MIT (Meta)", "densenet": "BSD-3-Clause (Zhuang Liu)", "resnet": "MIT (Kaiming He)",
    "vgg16": "CC BY 4.0 (VGG, Oxford)", "vgg19": "CC BY 4.0 (VGG, Oxford)", "xception": "MIT (Keras)",
}  # fmt: skip
ALPHAS = {"MobileNet": (0.25, 0.5, 0.75, 1.0), "MobileNetV2": (0.35, 0.5, 0.75, 1.0, 1.3, 1.4)}
ROWS = {"MobileNet": (224, 192, 160, 128), "MobileNetV2": (224, 192, 160, 128, 96)}  # sizes with weights of their own
V3 = [(1.0, False), (0.75, False), (1.0, True)]  # alpha, minimalistic: the pairs with official weights
NO_EFFECT = {"kernel_initializer", "bias_initializer", "dtype", "quantization_config", "synchronized"}


def variants() -> list[tuple[str, str, dict[str, Any]]]:
    """(readable name, function of keras.applications, its options) of every network with official weights."""
    found: list[tuple[str, str, dict[str, Any]]] = []
    for name, value in sorted(vars(keras.applications).items()):
        if not name[0].isupper() or not inspect.isfunction(value):
            continue
        if name in ALPHAS:
            for alpha in ALPHAS[name]:
                found.append((f"{name} (alpha {alpha:g})", name, {"alpha": alpha}))
        elif name.startswith("MobileNetV3"):
            for alpha, minimalistic in V3:
                words = "minimalistic" if minimalistic else f"alpha {alpha:g}"
                found.append((f"{name} ({words})", name, {"alpha": alpha, "minimalistic": minimalistic}))
        else:
            found.append((name, name, {}))
    return found


def build(function: str, **options: Any) -> tuple[keras.Model, str, str | None]:
    """The network as its official weights need it, and the file that Keras would fetch for it: its name and its
    digest (MD5, or SHA-256 where it is longer).

    ``weights="imagenet"`` matters: EfficientNet has a layer that it lacks otherwise.
    """
    wanted: list[tuple[str, str | None]] = []

    def get_file(fname: str, *_: Any, file_hash: str | None = None, **__: Any) -> str:
        wanted.append((fname, file_hash))
        return fname

    keras.backend.clear_session()  # names are numbered from the start
    fetch, load = file_utils.get_file, keras.Model.load_weights
    file_utils.get_file, keras.Model.load_weights = get_file, lambda *_, **__: None
    try:
        with StatelessScope():
            model = getattr(keras.applications, function)(weights="imagenet", **options)
            global_state.set_global_attribute("uninitialized_variables", [])  # and they stay so
    finally:
        file_utils.get_file, keras.Model.load_weights = fetch, load
    (file,) = wanted
    return model, *file


def slim(config: dict[str, Any]) -> dict[str, Any]:
    """A network's config without what has no effect on its results."""
    return {
        "class_name": "Functional",
        "config": {
            "name": config["name"],
            "layers": [slim_layer(layer) for layer in config["layers"]],
            "input_layers": config["input_layers"],
            "output_layers": config["output_layers"],
        },
    }


def slim_layer(layer: dict[str, Any]) -> dict[str, Any]:
    is_operation = layer["module"].startswith("keras.src.ops")
    kept = {
        key: value
        for key, value in layer["config"].items()
        if value is not None and not re.search("initializer|regularizer|constraint", key) and key not in NO_EFFECT
    }
    if kept.get("trainable") is True:
        del kept["trainable"]
    if "layers" in kept:  # a network in the network
        kept = {"name": kept["name"], "layers": [slim_layer(inner) for inner in kept["layers"]]}
    entry = {"class_name": layer["class_name"], "name": layer.get("name") or kept["name"], "config": kept}
    if is_operation:
        entry["module"] = layer["module"]
    if "inbound_nodes" in layer:
        entry["inbound_nodes"] = slim_nodes(layer["inbound_nodes"])
    return entry


def slim_nodes(value: Any) -> Any:
    """Calls without the shapes and types of their tensors."""
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            history = value["config"]["keras_history"]
            return {"class_name": "__keras_tensor__", "config": {"keras_history": list(history)}}
        return {key: slim_nodes(item) for key, item in value.items() if key != "name" or item is not None}
    return [slim_nodes(item) for item in value] if isinstance(value, (list, tuple)) else value


def leaves(model: keras.Model) -> Iterator[keras.layers.Layer]:
    """The layers of a network and of the networks in it."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from leaves(layer)
        else:
            yield layer


def signature(model: keras.Model) -> dict[str, Any]:
    keys = [key_of([tuple(weight.shape) for weight in layer.weights]) for layer in leaves(model)]
    weighted = [key for key in keys if key]
    return {"layers": len(weighted), "signature": signature_of(weighted), "parameters": model.count_params()}


def mode_of(function: str) -> tuple[str, str, str]:
    """(module, mode of the whole network, mode without the scaling inside it)."""
    module = getattr(keras.applications, function).__module__.rsplit(".", 1)[-1]
    source = inspect.getsource(inspect.getmodule(getattr(keras.applications, function)).preprocess_input)
    found = re.search('mode="([a-z]+)"', source)
    mode = MODES[found[1]] if found else "raw"  # a preprocess_input that does nothing
    if function.startswith("EfficientNetV2B"):
        return module, mode, "imagenet"
    return module, mode, mode if found else BARE[module]


def describe(name: str, function: str, options: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The network's row of the index, and its configs."""
    module, mode, bare_mode = mode_of(function)
    row: dict[str, Any] = {"name": name, "mode": mode, "bare_mode": bare_mode, "classes": 1000}
    row["licence"] = LICENCES.get(module, "Apache-2.0")
    configs, files = {}, []
    for part, has_top in (("whole", True), ("notop", False)):
        # The cells of a NASNet depend on the image's size: without its top it is made for the same size.
        shape = {"input_shape": (*row["size"], 3)} if function.startswith("NASNet") and not has_top else {}
        model, file, digest = build(function, include_top=has_top, **options, **shape)
        configs[part] = slim(model.get_config())
        row[part] = signature(model)
        files.append({"name": file, "top": has_top, "digest": digest or ""})
        if has_top:
            row["size"] = list(model.input_shape[1:3])
        if row["size"] == [None, None]:  # MobileNetV3 takes any size
            row["size"] = [224, 224]
        for side in ROWS.get(function, ())[1:]:
            _model, file, digest = build(function, include_top=has_top, input_shape=(side, side, 3), **options)
            files.append({"name": file, "top": has_top, "digest": digest or ""})
    return row | {"files": files}, configs


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    index = []
    for name, function, options in variants():
        row, configs = describe(name, function, options)
        row["data"] = re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-") + ".json.xz"
        text = json.dumps(configs, separators=(",", ":")).encode()
        packed = lzma.compress(text, preset=9 | lzma.PRESET_EXTREME)
        (FOLDER / row["data"]).write_bytes(packed)
        index.append(row)
        print(f"{name}: {len(text)} bytes, {len(packed)} packed", flush=True)
    text = json.dumps({"keras": keras.__version__, "networks": index}, indent=1)
    (FOLDER / "index.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
