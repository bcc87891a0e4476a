"""Finding out what pixel values a network takes: by what it carries, by a probe, and what is said of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tlstudio.core import events, requests
from tlstudio.core.control import Control
from tlstudio.core.model.reading import open_model
from tlstudio.core.plan import Head, TrainingPlan
from tlstudio.engine.jobs import run_job
from tlstudio.engine.network import make_network
from tlstudio.engine.scaling_evidence import information_of
from tlstudio.engine.scaling_trial import Evidence, find_scaling, rank

pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning:keras.*")


def trial_of(path: Path, pixels: np.ndarray, labels: np.ndarray | None = None) -> Any:
    file = open_model(path)
    network = make_network(file, TrainingPlan(model=str(path), head=Head(kind="keep")), file.output_units or 2)
    return find_scaling(network, pixels, labels, 0, Control())


def images_like(level: float, count: int = 40, side: int = 16) -> np.ndarray:
    random = np.random.default_rng(3)
    return np.clip(random.normal(level, 60, (count, side, side, 3)), 0, 255).astype(np.uint8)


def network_trained_on(scale: float, offset: float, path: Path) -> Path:
    """A network whose BatchNormalization carries the statistics of images scaled by scale · x + offset."""
    image = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(6, 3, name="conv")(image)
    x = keras.layers.BatchNormalization(name="norm", momentum=0.0)(x)
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.ReLU()(x))
    model = keras.Model(image, keras.layers.Dense(2, activation="softmax")(x))
    model(images_like(110).astype(np.float32) * scale + offset, training=True)
    model.save(path)
    return path


@pytest.mark.parametrize(
    ("mode", "scale", "offset"), [("unit", 1 / 255, 0.0), ("symmetric", 1 / 127.5, -1.0), ("raw", 1.0, 0.0)]
)
def test_that_the_statistics_in_a_network_tell_its_scaling_without_labels(
    mode: str, scale: float, offset: float, tmp_path: Path
) -> None:
    trial = trial_of(network_trained_on(scale, offset, tmp_path / "net.keras"), images_like(140))
    assert (trial.mode, trial.source) == (mode, "tried")
    distances = [evidence.distance for evidence in trial.evidence]
    assert distances == sorted(distances) and distances[1] > 2 * distances[0]
    assert all(evidence.accuracy is None for evidence in trial.evidence)


def test_that_nothing_is_tried_where_the_network_scales_by_itself(sample: Path) -> None:
    trial = trial_of(sample / "model.hdf5", images_like(100, side=32))
    assert (trial.mode, trial.source, trial.evidence) == ("raw", "declared", ())


def test_that_a_network_without_statistics_and_labels_is_assumed(tmp_path: Path) -> None:
    image = keras.Input((16, 16, 3))
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3)(image))
    keras.Model(image, keras.layers.Dense(2)(x)).save(tmp_path / "plain.keras")
    trial = trial_of(tmp_path / "plain.keras", images_like(100))
    assert (trial.mode, trial.source) == ("unit", "assumed")


def test_that_evidence_is_ranked_by_distance_then_by_more_than_chance_in_the_probe() -> None:
    far = Evidence("raw", 0.99, 50.0)
    near, close = Evidence("unit", 0.70, 0.10), Evidence("symmetric", 0.90, 0.15)
    assert rank([near, far, close], 100)[0] is close, "clearly better in the probe, and not clearly farther"
    assert rank([near, far, Evidence("symmetric", 0.72, 0.15)], 100)[0] is near, "better by no more than chance"
    assert rank([near, close, far], 100)[-1] is far
    assert [e.mode for e in rank([Evidence("unit", 0.5), Evidence("raw", 0.9)], 50)] == ["raw", "unit"]


def test_that_scalings_which_leave_the_classifier_silent_are_out_of_the_race() -> None:
    silent = Evidence("unit", 0.9, information=0.001)
    heard = Evidence("caffe", 0.5, information=1.2)
    assert rank([silent, heard], 100)[0] is heard
    certain = np.eye(4)[np.arange(12) % 4]
    assert information_of(certain) == pytest.approx(np.log(4))
    assert information_of(np.full((12, 4), 0.25)) == pytest.approx(0.0)
    assert information_of(np.array([[0.0], [1.0]])) == pytest.approx(np.log(2)), "one unit tells two classes apart"
    assert information_of(np.array([[1e4, -1e4], [-1e4, 1e4]])) == pytest.approx(np.log(2)), "logits"


def test_that_prediction_with_a_bare_model_says_which_scaling_was_found(tmp_path: Path) -> None:
    from PIL import Image

    path = network_trained_on(1 / 127.5, -1.0, tmp_path / "net.keras")
    folder = tmp_path / "images"
    folder.mkdir()
    for number, pixels in enumerate(images_like(130, count=8)):
        Image.fromarray(pixels).save(folder / f"{number}.png")
    seen: list[Any] = []
    run_job(requests.Predict(source=str(path), paths=[str(folder)]), Control(), seen.append)
    assert isinstance(seen[-1], events.Predicted) and len(seen[-1].predictions) == 8
    told = [event for event in seen if isinstance(event, events.Noticed)]
    assert [event.code for event in told] == ["preprocessing_tried"] and told[0].facts["mode"] == "symmetric"


def test_that_one_output_unit_tells_two_classes_apart(tmp_path: Path) -> None:
    from PIL import Image

    image = keras.Input((16, 16, 3))
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(1 / 255)(image))
    keras.Model(image, keras.layers.Dense(1, activation="sigmoid", bias_initializer="ones")(x)).save(
        tmp_path / "one.h5"
    )
    Image.new("RGB", (16, 16), "black").save(tmp_path / "black.png")
    seen: list[Any] = []
    run_job(
        requests.Predict(source=str(tmp_path / "one.h5"), paths=[str(tmp_path / "black.png")]), Control(), seen.append
    )
    found = seen[-1].predictions[0]
    assert found.class_ == "1" and found.probability == pytest.approx(1 / (1 + np.exp(-1)))
    assert sum(found.probabilities.values()) == pytest.approx(1)


@pytest.mark.shared
def test_that_a_network_without_normalization_is_heard_under_the_scalings_that_it_may_be_of(
    shared: Callable[[str], Path],
) -> None:
    """SqueezeNet was trained on pixels 0..255; with 20 images a class a probe alone took 0..1 for the best."""
    from tlstudio.core.data.decode import load_for_model

    files = sorted(shared("data/flowers5").rglob("*.jpg"))[::12]
    labels = np.unique([file.parent.name for file in files], return_inverse=True)[1]
    pixels = np.stack([load_for_model(file, 227, 227, 3, "crop") for file in files])
    trial = trial_of(shared("models/squeezenet_imagenet.h5"), pixels, labels)
    assert trial.mode in {"caffe", "raw"}
    quiet = [e.mode for e in trial.evidence if (e.information or 0.0) < 0.05]
    assert set(quiet) == {"unit", "symmetric", "imagenet"}


@pytest.mark.shared
def test_that_real_networks_tell_their_scaling(shared: Callable[[str], Path]) -> None:
    """Teachable Machine trains on -1..1; MLPerf Tiny's person detection on 0..1, its CIFAR network on raw pixels."""
    from tlstudio.core.data.decode import load_for_model

    files = sorted(shared("data/hymenoptera/val").rglob("*.jpg"))[::4]
    for name, mode in (
        ("SL-M__teachable-machine-image-classifier__keras_model.h5", "symmetric"),
        ("mlcommons__vww_96@8077883.h5", "unit"),
        ("mlcommons__pretrainedResnet@25ecd96.h5", "raw"),
    ):
        path = shared(f"models/keras/{name}")
        height, width, channels = open_model(path).input_shape
        pixels = np.stack([load_for_model(file, width, height, channels, "crop") for file in files])
        assert trial_of(path, pixels).mode == mode
