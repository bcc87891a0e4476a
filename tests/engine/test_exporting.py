"""Exports: pixels go in, the run's probabilities come out, of every format's own reader; or nothing is left."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import h5py
import keras
import msgspec
import numpy as np
import onnx
import pytest
import tensorflow as tf

from tests.engine.runs import Run
from tlstudio.core import events, requests
from tlstudio.core.control import Control
from tlstudio.core.data.preprocess import Mode, preprocess
from tlstudio.core.export import FORMATS, SUFFIXES, card_of
from tlstudio.core.model.labels import labels_text, parse_labels
from tlstudio.core.model.reading import open_model
from tlstudio.core.strategy import make_plan
from tlstudio.engine import export_formats
from tlstudio.engine.exporting import TOLERANCE
from tlstudio.engine.jobs import run_job
from tlstudio.engine.saved_model import load_classifier
from tlstudio.engine.scoring import Scorer

pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning:keras.*")
CLASSES = ["dark", "grey", "light"]


@pytest.fixture(scope="module")
def made_images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three classes of grey noise on paper of two to one, so that it matters how images are brought to size."""
    from PIL import Image

    folder, random = tmp_path_factory.mktemp("images"), np.random.default_rng(0)
    for label, level in zip(CLASSES, (40, 120, 210), strict=True):
        (folder / label).mkdir()
        for number in range(20):
            pixels = np.clip(random.normal(level, 25, (30, 60)), 0, 255).astype(np.uint8)
            pixels[:, :12] = 255
            Image.fromarray(pixels, "L").save(folder / label / f"{number:02d}.png")
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, made_images: Path) -> Path:
    """A run on fixed features, whose head standardizes them."""
    from tests.conftest import SAMPLE

    plan = make_plan(open_model(SAMPLE / "model.hdf5"), str(made_images), "features", None)
    folder = tmp_path_factory.mktemp("run") / "run"
    Run(folder, msgspec.structs.replace(plan, epochs=3, fit="crop"))
    return folder


def ended(source: Path, format: str, out: Path, **changes: Any) -> events.Event:
    told: list[events.Event] = []
    request = requests.Export(source=str(source), format=format, out=str(out), **changes)  # type: ignore[arg-type]
    run_job(request, Control(), told.append)
    return told[-1]


def exported(source: Path, format: str, folder: Path, **changes: Any) -> events.Exported:
    out = folder / f"model{(*SUFFIXES[format], '')[0]}"
    last = ended(source, format, out, **changes)
    assert isinstance(last, events.Exported), last
    return last


def code_of(last: events.Event) -> str:
    assert isinstance(last, events.JobFailed), last
    return last.code


def pixels_for(size: tuple[int, int, int], count: int = 6) -> np.ndarray:
    """Images that networks tell apart: noise on grounds of different brightness."""
    random = np.random.default_rng(3)
    grounds = np.linspace(20, 235, count)[:, None, None, None]
    return np.clip(random.normal(grounds, 30, (count, *size)), 0, 255).astype(np.uint8)


def own_probabilities(source: Path, pixels: np.ndarray, mode: Any = "auto") -> np.ndarray:
    classifier = load_classifier(source, mode)
    assert classifier.mode is not None
    return Scorer(classifier.model, classifier.mode).probabilities(pixels, Control())


def by_stock_reader(format: str, path: Path, pixels: np.ndarray) -> np.ndarray:
    """As another program would load it and run it on raw pixels."""
    values = pixels.astype(np.float32)
    match format:
        case "keras" | "hdf5":
            return keras.models.load_model(path).predict(values, verbose=0)
        case "savedmodel":
            loaded = tf.saved_model.load(path)
            return loaded.signatures["serving_default"](image=tf.constant(values))["probabilities"].numpy()
        case "tflite":
            with pytest.warns(UserWarning, match="deprecated"):
                interpreter = tf.lite.Interpreter(str(path))
            return interpreter.get_signature_runner("serving_default")(image=values)["probabilities"]
    from onnx.reference import ReferenceEvaluator

    return next(iter(ReferenceEvaluator(str(path)).run(["probabilities"], {"image": values})))  # type: ignore[no-any-return]


@pytest.mark.parametrize("format", FORMATS)
def test_that_another_programs_reader_gives_the_runs_probabilities_from_raw_pixels(
    format: str, run: Path, tmp_path: Path
) -> None:
    made = exported(run, format, tmp_path)
    pixels = pixels_for((32, 32, 3))
    expected = own_probabilities(run, pixels)
    assert expected.std(axis=0).max() > 0.05, "probabilities that are all alike would prove nothing"
    assert np.abs(by_stock_reader(format, Path(made.path), pixels) - expected).max() < 1e-5
    assert made.largest_difference < 1e-5 and made.tolerance == TOLERANCE
    assert (made.images, made.generated) == (12, 4) and made.labels == CLASSES and made.fit == "crop"
    assert made.input_shape == [None, 32, 32, 3] and made.output_shape == [None, 3]
    assert all(Path(file).exists() for file in made.files) and made.path == made.files[-1]
    assert {path.name.split(".")[0] for path in tmp_path.iterdir()} == {"model"}, "nothing lies about"


@pytest.mark.parametrize("format", ["keras", "hdf5", "savedmodel"])
def test_that_tlstudio_opens_its_export_with_names_fit_and_no_second_scaling(
    format: str, run: Path, tmp_path: Path
) -> None:
    (tmp_path / "labels.txt").write_text("of\nanother\nmodel\n")
    path = Path(exported(run, format, tmp_path).path)
    file = open_model(path)
    assert (file.preprocessing.mode, file.preprocessing.source) == ("raw", "declared")
    classifier = load_classifier(path)
    assert (classifier.labels, classifier.mode, classifier.fit) == (CLASSES, "raw", "crop")
    pixels = pixels_for((32, 32, 3))
    assert np.abs(own_probabilities(path, pixels) - own_probabilities(run, pixels)).max() < 1e-5


@pytest.mark.long
def test_that_class_names_and_what_remains_outside_go_with_every_format(run: Path, tmp_path: Path) -> None:
    for format in FORMATS:
        made = exported(run, format, tmp_path / format)
        path = Path(made.path)
        card = card_of(path)
        assert card is not None and (card.labels, card.fit, card.channels) == (CLASSES, "crop", "RGB")
        beside = path / "labels.txt" if path.is_dir() else path.with_name(f"{path.name}.labels.txt")
        assert beside.read_text() == "dark\ngrey\nlight\n"
    with zipfile.ZipFile(tmp_path / "tflite" / "model.tflite") as packed:
        assert packed.read("labels.txt") == b"dark\ngrey\nlight\n"
    facts = {fact.key: fact.value for fact in onnx.load(tmp_path / "onnx" / "model.onnx").metadata_props}
    assert facts["labels"] == "dark\ngrey\nlight\n" and json.loads(facts["card"])["fit"] == "crop"


def small(path: Path, channels: int | None, units: int = 3, activation: str = "softmax") -> Path:
    """A network with weights that no scaling leaves without effect; ``channels`` None: images without that axis."""
    keras.utils.set_random_seed(5)
    shape = (12, 10) if channels is None else (12, 10, channels)
    x = image = keras.Input(shape)
    if channels is None:
        x = keras.layers.Reshape((12, 10, 1))(x)
    x = keras.layers.Conv2D(4, 3, activation="tanh", kernel_initializer=keras.initializers.RandomNormal(0, 0.3))(x)
    x = keras.layers.Flatten()(x)
    keras.Model(image, keras.layers.Dense(units, activation=activation)(x)).save(path)
    return path


@pytest.mark.parametrize("channels", [3, 1, None])
@pytest.mark.parametrize("mode", get_args(Mode))
def test_that_every_scaling_is_done_inside(mode: Any, channels: int | None, tmp_path: Path) -> None:
    model = small(tmp_path / "small.keras", channels)
    made = exported(model, "keras", tmp_path, preprocess=mode)
    pixels = pixels_for((12, 10, channels or 1))
    scaled, raw = preprocess(pixels, mode), pixels.astype(np.float32)
    if channels is None:
        scaled, raw = scaled[..., 0], raw[..., 0]
    expected = keras.models.load_model(model).predict(scaled, verbose=0)
    found = keras.models.load_model(made.path).predict(raw, verbose=0)
    assert expected.std(axis=0).max() > 0.01
    assert np.abs(found - expected).max() < 1e-4
    assert open_model(Path(made.path)).preprocessing.source == "declared"
    assert np.abs(own_probabilities(Path(made.path), pixels) - expected).max() < 1e-4


@pytest.mark.parametrize("format", FORMATS)
def test_that_a_single_unit_becomes_two_classes(format: str, tmp_path: Path) -> None:
    model = small(tmp_path / "small.keras", 3, units=1, activation="sigmoid")
    (tmp_path / "labels.txt").write_text("no\nyes\n")
    made = exported(model, format, tmp_path, preprocess="bgr")
    assert made.output_shape == [None, 2] and made.labels == ["no", "yes"]
    pixels = pixels_for((12, 10, 3))
    second = keras.models.load_model(model).predict(preprocess(pixels, "bgr"), verbose=0)
    assert second.std() > 0.01
    expected = np.concatenate([1 - second, second], axis=1)
    assert np.abs(by_stock_reader(format, Path(made.path), pixels) - expected).max() < 1e-5
    if format in {"keras", "hdf5", "savedmodel"}:
        assert np.abs(own_probabilities(Path(made.path), pixels) - expected).max() < 1e-5


def test_that_a_kept_head_of_logits_gives_probabilities(tmp_path: Path) -> None:
    model = small(tmp_path / "small.keras", 3, activation="linear")
    made = exported(model, "keras", tmp_path, preprocess="unit")
    found = keras.models.load_model(made.path).predict(pixels_for((12, 10, 3)).astype(np.float32), verbose=0)
    assert found.sum(axis=1) == pytest.approx(1, abs=1e-5) and found.min() >= 0


def test_that_a_run_in_half_precision_is_exported_in_full(made_images: Path, sample: Path, tmp_path: Path) -> None:
    plan = make_plan(open_model(sample / "model.hdf5"), str(made_images), "finetune", None)
    Run(tmp_path / "run", msgspec.structs.replace(plan, epochs=1, head_first=None, precision="mixed"))
    made = exported(tmp_path / "run", "tflite", tmp_path / "out")
    assert made.largest_difference < 1e-5


def test_that_a_converter_that_is_wrong_leaves_nothing(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, read = export_formats.FORMATS["keras"]

    def write_another(model: Any, path: Path, card: Any) -> None:
        model.layers[-1].set_weights([weights[..., ::-1] for weights in model.layers[-1].get_weights()])
        write(model, path, card)

    monkeypatch.setitem(export_formats.FORMATS, "keras", (write_another, read))
    assert code_of(ended(run, "keras", tmp_path / "model.keras")) == "export_differs"
    assert not list(tmp_path.iterdir())


def test_that_numbers_that_are_none_are_no_agreement(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, _read = export_formats.FORMATS["keras"]

    def read_nothing(_path: Path) -> Callable[[np.ndarray], np.ndarray]:
        return lambda pixels: np.full((len(pixels), 3), np.nan, np.float32)

    monkeypatch.setitem(export_formats.FORMATS, "keras", (write, read_nothing))
    assert code_of(ended(run, "keras", tmp_path / "model.keras")) == "export_differs"
    assert not list(tmp_path.iterdir())


def test_that_what_a_converter_cannot_do_is_one_sentence(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("no such operation\nand a page of remarks")

    monkeypatch.setitem(export_formats.FORMATS, "onnx", (fail, export_formats.read_onnx))
    last = ended(run, "onnx", tmp_path / "model.onnx")
    assert code_of(last) == "export_failed" and "(no such operation)" in last.message  # type: ignore[attr-defined]
    assert not list(tmp_path.iterdir())


def test_that_an_onnx_file_holds_its_large_weights_and_takes_the_image_alone(tmp_path: Path) -> None:
    keras.utils.set_random_seed(1)
    x = image = keras.Input((12, 10, 3))
    scaled = keras.layers.Normalization(mean=[0.1, 0.2, 0.3], variance=[1.0, 2.0, 3.0])
    x = keras.layers.Flatten()(keras.layers.Conv2D(48, 3, activation="relu")(scaled(x)))
    x = keras.layers.Dense(64, activation="relu")(x)
    keras.Model(image, keras.layers.Dense(3, activation="softmax")(x)).save(tmp_path / "wide.keras")
    made = exported(tmp_path / "wide.keras", "onnx", tmp_path)
    graph = onnx.load(made.path).graph
    assert [value.name for value in graph.input] == ["image"] and [v.name for v in graph.output] == ["probabilities"]
    assert sum(np.prod(array.dims) for array in graph.initializer) > 64 * 48 * 80
    pixels = pixels_for((12, 10, 3))
    expected = own_probabilities(tmp_path / "wide.keras", pixels)
    assert expected.std(axis=0).max() > 0.01
    assert np.abs(by_stock_reader("onnx", Path(made.path), pixels) - expected).max() < 1e-5


def test_that_a_graph_that_takes_more_than_the_image_is_refused(run: Path, tmp_path: Path) -> None:
    """What OpenVINO leaves at zero where it isn't given."""
    path = Path(exported(run, "onnx", tmp_path).path)
    file = onnx.load(path)
    dense = next(array for array in file.graph.initializer if len(array.dims) == 2)
    file.graph.input.append(onnx.helper.make_tensor_value_info(dense.name, dense.data_type, list(dense.dims)))
    file.graph.initializer.remove(dense)
    onnx.save(file, path)
    with pytest.raises(ValueError, match="takes more"):
        export_formats.read_onnx(path)


@pytest.mark.parametrize("format", ["keras", "savedmodel"])
def test_that_nothing_is_overwritten_unless_it_is_said(format: str, run: Path, tmp_path: Path) -> None:
    made = exported(run, format, tmp_path)
    path = Path(made.path)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    assert code_of(ended(run, format, path)) == "export_exists"
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before
    inside = next(file for file in before if "export.json" in file.name)
    inside.write_text("{}")
    exported(run, format, tmp_path, overwrites=True)
    assert card_of(path) is not None and card_of(path).labels == CLASSES  # type: ignore[union-attr]
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".")]


def test_that_neither_a_strangers_folder_nor_the_model_itself_is_replaced(tmp_path: Path) -> None:
    model = small(tmp_path / "small.keras", 3)
    before = model.read_bytes()
    for name in ("small.keras.export.json", "small.keras.labels.txt"):
        assert not (tmp_path / name).exists()
    assert code_of(ended(model, "keras", model, preprocess="raw", overwrites=True)) == "folder_not_writable"
    assert model.read_bytes() == before
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "one.png").write_text("x")
    last = ended(model, "savedmodel", tmp_path / "photos", preprocess="raw", overwrites=True)
    assert code_of(last) == "folder_not_writable" and (tmp_path / "photos" / "one.png").exists()


def test_that_bad_calls_are_told_before_anything_is_loaded(tmp_path: Path, run: Path) -> None:
    assert code_of(ended(run, "onnx", tmp_path / "model.keras")) == "option_invalid"
    assert code_of(ended(tmp_path / "nothing", "onnx", tmp_path / "model.onnx")) == "path_missing"
    model = small(tmp_path / "small.keras", 3)
    last = ended(model, "keras", tmp_path / "model.keras")
    assert code_of(last) == "preprocessing_unknown", "a guess would be baked in"


def test_that_a_killed_export_is_cleaned_up_after(run: Path, tmp_path: Path) -> None:
    left = tmp_path / ".model.keras.999999999.part"
    left.mkdir()
    (left / "model.keras").write_text("half")
    exported(run, "keras", tmp_path)
    assert not left.exists()


def test_that_a_full_disk_and_short_memory_are_foreseen(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tlstudio.engine import exporting

    monkeypatch.setattr(exporting, "free_memory", lambda: 100 << 20)
    assert code_of(ended(run, "tflite", tmp_path / "model.tflite")) == "export_memory"
    monkeypatch.undo()
    usage = type("Usage", (), {"free": 1 << 20})
    monkeypatch.setattr(exporting.shutil, "disk_usage", lambda _path: usage)
    assert code_of(ended(run, "hdf5", tmp_path / "model.h5")) == "disk_full"
    assert not list(tmp_path.iterdir())


def test_that_a_stop_leaves_nothing(run: Path, tmp_path: Path) -> None:
    control, told = Control(), []

    def emit(event: events.Event) -> None:
        told.append(event)
        if isinstance(event, events.Preparing) and event.phase == "check":
            control.stop()

    run_job(requests.Export(source=str(run), format="keras", out=str(tmp_path / "model.keras")), control, emit)
    assert isinstance(told[-1], events.JobStopped) and not list(tmp_path.iterdir())


def test_that_names_with_numbers_come_back_as_they_are() -> None:
    for labels in (
        ["0 cats", "1 dogs"],
        ["cat", "dog"],
        ["0", "1"],
    ):
        assert parse_labels(labels_text(labels)) == tuple(labels)
    assert labels_text(["cat", "dog"]) == "cat\ndog\n"


def test_that_layers_along_several_axes_survive_hdf5(tmp_path: Path) -> None:
    x = image = keras.Input((12, 10, 3))
    layer = keras.layers.Normalization(axis=(1, 2, 3), name="mean_image")
    x = keras.layers.Flatten()(layer(x))
    random = np.random.default_rng(0)
    layer.load_own_variables(
        {"0": random.normal(90, 30, (12, 10, 3)), "1": np.full((12, 10, 3), 900.0), "2": np.array(1)}
    )
    keras.Model(image, keras.layers.Dense(3, activation="softmax")(x)).save(tmp_path / "mean.keras")
    made = exported(tmp_path / "mean.keras", "hdf5", tmp_path)
    with h5py.File(made.path) as file:
        assert any(
            entry["config"].get("axis") == [1, 2, 3]
            for entry in json.loads(file.attrs["model_config"])["config"]["layers"]
        )
    pixels = pixels_for((12, 10, 3))
    expected = own_probabilities(tmp_path / "mean.keras", pixels)
    assert np.abs(by_stock_reader("hdf5", Path(made.path), pixels) - expected).max() < 1e-5


@pytest.mark.long
@pytest.mark.shared
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("squeezenet_imagenet.h5", "caffe"),
        ("caffe/squeezenet_v1.0/squeezenet_v1.0.caffemodel", "caffe"),
        ("caffe/cifar10_quick/cifar10_quick_iter_4000.caffemodel", "raw"),
        ("keras/AFGamesYT__image_classifier_grayscale.keras", "unit"),
        ("keras/SL-M__teachable-machine-image-classifier__keras_model.h5", "symmetric"),
        ("keras/KonduitAI__simpleconv2d_model.hdf5", "imagenet"),
    ],
)
def test_that_other_peoples_models_go_through_every_format(
    name: str, mode: Any, format: str, shared: Callable[[str], Path], tmp_path: Path
) -> None:
    source = shared(f"models/{name}")
    made = exported(source, format, tmp_path, preprocess=mode)
    assert made.largest_difference < 1e-4
    if format in {"keras", "hdf5", "savedmodel"}:
        classifier = load_classifier(source, mode)
        pixels = pixels_for(classifier.size, 3)
        assert classifier.mode is not None
        expected = Scorer(classifier.model, classifier.mode).probabilities(pixels, Control())
        assert np.abs(own_probabilities(Path(made.path), pixels) - expected).max() < 1e-4
