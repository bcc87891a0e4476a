"""The frozen part by OpenVINO: Keras' numbers, the same bits each time, and TensorFlow where it cannot be."""

import gc
import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.conftest import PROJECT
from tests.engine.layer_zoo import CASES
from tests.engine.odd_networks import NETWORKS, SIDE
from tlstudio.core.model.reading import open_model
from tlstudio.engine import inference, runtime
from tlstudio.engine.build import build_model
from tlstudio.engine.inference import Inference, fast_inference

layers, ops = keras.layers, keras.ops
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*:UserWarning:keras.*"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
random = np.random.default_rng(5)


def images(count: int, *shape: int) -> np.ndarray:
    return random.normal(0, 1, (count, *(shape or (16, 16, 3)))).astype(np.float32)


def network(apply: Callable[[Any], Any], *shape: int) -> keras.Model:
    """With random weights, those of normalizations included, so that no layer is a mere copy."""
    image = keras.Input(shape or (16, 16, 3))
    model = keras.Model(image, apply(image))
    model.set_weights(
        [w + random.uniform(0, 0.3, w.shape) if w.dtype.kind == "f" else w for w in model.get_weights()]
    )
    return model


def small() -> keras.Model:
    def apply(image: Any) -> Any:
        x = layers.Conv2D(8, 3, padding="same")(image)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        x = layers.Add()([x, layers.Conv2D(8, 3, padding="same")(layers.Dropout(0.5)(x))])
        return layers.GlobalAveragePooling2D()(layers.MaxPooling2D()(x))

    return network(apply)


def difference(run: Inference, model: keras.Model, x: np.ndarray) -> float:
    expected = np.asarray(model(x, training=False))
    found = run(x)
    assert found.shape == expected.shape and found.dtype == np.float32
    return float(np.abs(found - expected).max() / np.abs(expected).max())


@pytest.mark.parametrize("count", [1, 7, 8, 9, 41])
def test_that_any_number_of_images_gives_the_numbers_of_keras(count: int) -> None:
    model = small()
    run = fast_inference(model, images(5))
    assert run.name == f"openvino {importlib.metadata.version('openvino')}" == inference.engine() and not run.reason
    assert difference(run, model, images(count)) < 1e-5


def test_that_no_image_gives_no_row() -> None:
    model = small()
    assert fast_inference(model, images(3))(images(0)).shape == (0, 8)


def test_that_an_image_gives_the_same_bits_in_any_batch_and_place() -> None:
    run = fast_inference(small(), images(5))
    x = images(37)
    order = random.permutation(37)
    whole = run(x)
    assert np.array_equal(run(x), whole)
    assert np.array_equal(run(x[order]), whole[order])
    assert np.array_equal(np.concatenate([run(x[i : i + 5]) for i in range(0, 37, 5)]), whole)


def test_that_a_new_process_gives_the_same_bits_writes_nothing_and_reaches_nobody(tmp_path: Path) -> None:
    """Python is asked for each connection and each file opened to write; TensorFlow and Keras are loaded before."""
    model = small()
    x = images(21)
    run = fast_inference(model, x)
    folder = tmp_path / "person"
    folder.mkdir()
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "x.npy", x)
    script = """
import sys, json, numpy as np
from tlstudio.engine.inference import fast_inference
from tlstudio.engine.runtime import keras
model, x = keras.models.load_model(sys.argv[1] + "/model.keras"), np.load(sys.argv[1] + "/x.npy")
seen = []
def watch(event, arguments):
    is_write = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if is_write or event.startswith("socket."):
        seen.append(f"{event} {arguments}")
sys.addaudithook(watch)
run = fast_inference(model, x)
y = run(x)
import psutil
seen += [str(c) for c in psutil.Process().net_connections("inet")]
seen += [m for m in ("openvino_telemetry", "openvino.tools.ovc") if sys.modules.get(m)]
print(json.dumps({"name": run.name, "seen": seen, "bytes": y.tobytes().hex()}))
"""
    own = {"HOME": str(folder), "TMPDIR": str(folder), "PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1"}
    environment = {**os.environ, **own, "KERAS_HOME": str(tmp_path / "keras")}  # Keras writes settings when loaded
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["name"].startswith("openvino") and told["seen"] == []
    assert bytes.fromhex(told["bytes"]) == run(x).tobytes()
    assert list(folder.rglob("*")) == []


def test_that_later_training_does_not_change_what_was_converted() -> None:
    """Neither by new values nor by steps in place, with the old memory handed out to others."""
    model = network(lambda image: layers.Dense(3000)(layers.Dense(3000)(layers.Flatten()(image))))
    x = images(9)
    before = fast_inference(model, images(5))(x)
    run = fast_inference(model, images(5))
    for weight in model.weights:
        weight.value.assign_sub(tf.fill(weight.shape, 0.25))
        weight.assign(ops.zeros_like(weight))
    gc.collect()
    others = [np.full(weight.shape, 7.0, np.float32) for weight in model.weights for _ in range(3)]
    assert np.array_equal(run(x), before) and np.abs(before).max() > 0 and len(others)
    assert not fast_inference(model, images(5))(x).any()


def test_that_a_network_whose_numbers_differ_is_left_to_tensorflow() -> None:
    """What multiplies the last digits by ten million differs for a reason: the order of sums."""
    model = network(lambda image: ops.sin(layers.Conv2D(4, 3)(image) * 1e7))
    run = fast_inference(model, images(5))
    assert run.name == "tensorflow" and "differ" in run.reason
    found = run(images(40))
    assert found.shape == (40, 14, 14, 4) and 0.9 < np.abs(found).max() <= 1


def test_that_values_which_are_no_numbers_are_left_to_tensorflow() -> None:
    model = network(lambda image: ops.log(layers.Conv2D(4, 3)(image) - 1e6))
    run = fast_inference(model, images(5))
    assert run.name == "tensorflow" and "no numbers" in run.reason
    assert np.isnan(run(images(2))).all()


def test_that_without_openvino_tensorflow_gives_the_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    version = importlib.metadata.version

    def absent(name: str) -> str:
        if name == "openvino":
            raise importlib.metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(importlib.metadata, "version", absent)
    model = small()
    run = fast_inference(model, images(5))
    assert run.name == "tensorflow" == inference.engine() and "not installed" in run.reason
    assert difference(run, model, images(70)) < 1e-5 and run(images(0)).shape == (0, 8)
    assert runtime.versions()["openvino"] == ""


def test_that_a_damaged_openvino_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino.frontend.tensorflow.graph_iterator", None)
    model = small()
    run = fast_inference(model, images(5))
    assert run.name == "tensorflow" and "cannot be loaded" in run.reason
    assert difference(run, model, images(3)) < 1e-5


def test_that_a_gpu_keeps_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: ["one"] if kind == "GPU" else [])
    run = fast_inference(small(), images(5))
    assert run.name == "tensorflow" and "GPU" in run.reason


def test_that_without_an_image_nothing_is_trusted() -> None:
    run = fast_inference(small(), images(0))
    assert run.name == "tensorflow" and "no image" in run.reason


@pytest.mark.parametrize("shape", [(16, 15, 3), (16, 16, 1), (16, 16), (16, 16, 3, 1)])
def test_that_images_of_another_shape_are_refused_before_the_engine_sees_them(shape: tuple[int, ...]) -> None:
    run = fast_inference(small(), images(5))
    with pytest.raises(ValueError, match="Received"):
        run(images(2, *shape))


def test_that_a_network_for_any_size_runs_at_the_size_of_the_sample() -> None:
    image = keras.Input((None, None, 3))
    model = keras.Model(image, layers.GlobalMaxPooling2D()(layers.Conv2D(4, 3)(image)))
    run = fast_inference(model, images(2, 20, 12, 3))
    assert run.name.startswith("openvino") and difference(run, model, images(11, 20, 12, 3)) < 1e-5


@pytest.mark.shared
def test_that_squeezenet_runs_by_openvino(shared: Callable[[str], Path]) -> None:
    whole = build_model(open_model(shared("models/squeezenet_imagenet.h5")))
    model = keras.Model(whole.inputs[0], whole.outputs[0])
    sample = random.uniform(-120, 130, (4, *model.input.shape[1:])).astype(np.float32)
    run = fast_inference(model, sample)
    assert run.name.startswith("openvino") and run.agreement < 1e-5
    assert difference(run, model, sample[::-1]) < 1e-5


@pytest.mark.parametrize("name", NETWORKS)
def test_that_an_odd_network_gives_the_numbers_of_keras(name: str) -> None:
    model = network(lambda image: NETWORKS[name](keras, ops, True, image), SIDE, SIDE, 3)
    run = fast_inference(model, images(4, SIDE, SIDE, 3))
    assert run.name.startswith("openvino"), run.reason
    assert difference(run, model, images(9, SIDE, SIDE, 3)) < 1e-4


# OpenVINO has no such operation, or takes it for another: TensorFlow's work. A later version may learn them.
LEFT_TO_TENSORFLOW = {
    "RandomColorDegeneration", "RandomGrayscale", "RandomHue", "RandomPosterization", "RandomSaturation",
    "RandomSharpness", "grouped convolution", "resizing, bicubic",
}  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("name", CASES)
def test_that_a_layer_of_each_type_gives_the_numbers_of_keras(name: str) -> None:
    shape, apply = CASES[name]
    model = network(apply, *shape)
    run = fast_inference(model, images(4, *shape))
    assert run.name.startswith("openvino") != (name in LEFT_TO_TENSORFLOW), run.reason
    assert difference(run, model, images(9, *shape)) < 1e-4


def test_that_a_fallback_says_what_is_missing_in_a_line() -> None:
    shape, apply = CASES["resizing, bicubic"]
    reason = fast_inference(network(apply, *shape), images(1, *shape)).reason
    assert reason == "OpenVINO does not take this network: No conversion rule found for operations: ResizeBicubic"
