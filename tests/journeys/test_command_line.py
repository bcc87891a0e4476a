"""The command line as scripts and people use it, each call in a process of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT


def call(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tlstudio", *map(str, arguments)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=240)
    assert done.returncode == code, (done.stdout[-500:], done.stderr[-2000:])
    return done


def ask(*arguments: object) -> dict[str, Any]:
    """The one JSON object that a call with ``--json`` prints."""
    text = call(*arguments, "--json").stdout
    assert text.count("\n") == 1 and "NaN" not in text and "Infinity" not in text
    return json.loads(text)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The answer of the demo."""
    return ask("demo", "--out", tmp_path_factory.mktemp("demo") / "run")


def test_that_the_demo_reaches_its_accuracy_and_leaves_a_whole_run(run: dict[str, Any]) -> None:
    assert run["test"]["accuracy"] >= 0.95 and run["frozen_unchanged"] is True
    assert {"run", "strategy", "epochs", "seconds", "stopped", "best", "test", "checkpoints", "frozen_unchanged",
            "trainable_parameters", "cached_layers"} <= set(run)  # fmt: skip
    folder = Path(run["run"])
    names = {"plan.json", "events.jsonl", "history.csv", "environment.json", "labels.txt", "report.html"}
    assert names <= {path.name for path in folder.iterdir()}
    assert (folder / "checkpoints" / "best.hdf5").is_file() and (folder / "checkpoints" / "last").is_dir()
    assert len((folder / "history.csv").read_text().splitlines()) == run["epochs"] + 1
    assert "<html" in (folder / "report.html").read_text()


def test_that_a_run_is_evaluated_and_predicts(run: dict[str, Any], sample: Path, tmp_path: Path) -> None:
    scored = ask("evaluate", run["run"], sample / "images")
    assert scored["accuracy"] == run["test"]["accuracy"] and scored["images"] == run["test"]["images"]
    assert {"macro_f1", "per_class", "confusion"} <= set(scored)
    assert {"name", "precision", "recall", "f1", "support"} <= set(scored["per_class"][0])
    bad = tmp_path / "bad.png"
    bad.write_text("x")
    table = tmp_path / "out.csv"
    answer = ask("predict", run["run"], sample / "images" / "test" / "nine", bad, "--csv", table)
    first = answer["predictions"][0]
    assert {"path", "class", "probability", "probabilities"} <= set(first)
    right = sum(p["class"] == "nine" for p in answer["predictions"])
    assert right / len(answer["predictions"]) > 0.9
    assert abs(sum(first["probabilities"].values()) - 1) < 1e-4
    assert [s["code"] for s in answer["skipped"]] == ["not-an-image"]
    assert len(table.read_text().splitlines()) == len(answer["predictions"]) + 1


def test_that_inspect_scan_and_doctor_answer_as_agreed(sample: Path) -> None:
    model = ask("inspect", sample / "model.hdf5")
    assert {"format", "writer", "input_shape", "output_shape", "parameters", "layers", "preprocessing", "repairs",
            "warnings"} <= set(model)  # fmt: skip
    assert {"path", "name", "type", "output_shape", "parameters", "trainable", "children", "cut"} <= set(
        model["layers"][0]
    )
    assert {"legal", "reason"} <= set(model["layers"][0]["cut"])
    data = ask("scan", sample / "images")
    assert {"classes", "images", "usable", "problems", "split", "fingerprint"} <= set(data)
    assert {"name", "images", "train", "validation", "test"} <= set(data["classes"][0])
    assert data["split"] == "folders"
    assert ask("doctor")["problems"] == []


def test_that_options_make_the_plan(sample: Path, few_images: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    answer = ask(
        "train", sample / "model.hdf5", few_images, "--out", out, "--strategy", "finetune", "--cut", "block3_conv1",
        "--freeze-below", "block3_conv1", "--unfreeze", "block2_*", "--head", "16,8", "--epochs", 2,
        "--batch-size", 8,
        "--learning-rate", "0.0002", "--optimizer", "rmsprop", "--patience", 2, "--validation-split", "0.2",
        "--class-weights", "--seed", 3, "--checkpoint-format", "hdf5", "--fit", "pad",
    )  # fmt: skip
    plan = json.loads((out / "plan.json").read_text())
    assert plan["cut"] == "block3_conv1" and plan["frozen"] == ["block1_conv1", "block1_conv2"]
    assert plan["head"]["hidden"] == [16, 8] and plan["optimizer"]["name"] == "rmsprop"
    assert (plan["batch_size"], plan["seed"], plan["fit"], plan["class_weights"]) == (8, 3, "pad", True)
    assert answer["checkpoints"]["best"].endswith("best.hdf5") and answer["epochs"] == 2
    told = ask("report", out, "--out", tmp_path / "told.html")
    assert told == {"report": str(tmp_path / "told.html")}
    assert (tmp_path / "told.html").read_text() == (out / "report.html").read_text()
    (out / "report.html").unlink()
    assert ask("report", out) == {"report": str(out / "report.html")} and (out / "report.html").is_file()
    again = ask("train", sample / "model.hdf5", few_images, "--out", tmp_path / "again", "--plan", out / "plan.json")
    assert again["strategy"] == "finetune"
    assert json.loads((tmp_path / "again" / "plan.json").read_text()) == plan


def test_that_an_interrupted_run_ends_with_130_and_a_whole_folder(sample: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tlstudio", "train", sample / "model.hdf5", sample / "images", "--out",
               tmp_path / "run", "--epochs", "100000", "--patience", "100000", "--json"]  # fmt: skip
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if line.startswith("epoch   2"):
                os.kill(process.pid, signal.SIGINT)
                break
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    answer = json.loads(out)
    assert answer["stopped"] == "user" and Path(answer["checkpoints"]["best"]).is_file()


def one_class(images: Path) -> None:
    shutil.rmtree(images / "grey")
    shutil.rmtree(images / "light")


def one_image(images: Path) -> None:
    for path in sorted((images / "grey").iterdir())[1:]:
        path.unlink()


def no_images(images: Path) -> None:
    shutil.rmtree(images)
    images.mkdir()


CASES: dict[str, tuple[Callable[[Path], None] | None, list[str], str]] = {
    "an empty folder": (no_images, [], "holds no images in class folders"),
    "one class": (one_class, [], "only the class “dark”"),
    "a class with one image": (one_image, [], "“grey” has 1 usable images"),
    "a cut that does not exist": (None, ["--cut", "flat"], "no layer “flat”"),
    "a cut at the input": (None, ["--cut", "input_1"], "cannot be cut at “input_1”"),
    "a head that does not match": (None, ["--strategy", "finetune", "--head", "keep"], "gives 5 classes"),
    "a head that makes no sense": (None, ["--head", "wide"], "does not describe a head"),
    "no epochs": (None, ["--epochs", "0"], "--epochs cannot be 0"),
    "an unknown strategy": (None, ["--strategy", "magic"], "--strategy cannot be magic"),
    "an unknown option": (None, ["--wings", "2"], "wings"),
    "an unknown pattern": (None, ["--freeze", "nothing*"], "nothing*"),
}


@pytest.mark.parametrize("case", CASES)
def test_that_bad_input_gets_one_sentence(case: str, sample: Path, few_images: Path, tmp_path: Path) -> None:
    change, options, words = CASES[case]
    if change:
        change(few_images)
    done = call("train", sample / "model.hdf5", few_images, "--out", tmp_path / "run", *options, code=2)
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("error: ") and words in last and "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "run").exists()


def test_that_bad_models_get_one_sentence(sample: Path, tmp_path: Path) -> None:
    text, cut_off = tmp_path / "text.h5", tmp_path / "cut_off.hdf5"
    text.write_text("hello")
    cut_off.write_bytes((sample / "model.hdf5").read_bytes()[:60_000])
    for path, words in (
        (tmp_path / "no.h5", "no model file"),
        (text, "not a model that TLStudio knows"),
        (cut_off, "damaged"),
    ):
        for verb in ("inspect", "train"):
            rest = [] if verb == "inspect" else [sample / "images", "--out", tmp_path / "run"]
            last = call(verb, path, *rest, code=2).stderr.strip().splitlines()[-1]
            assert last.startswith("error: ") and words in last
    assert not (tmp_path / "run").exists()


@pytest.mark.long
def test_that_a_rate_is_found_and_nothing_is_left_of_the_search(sample: Path, tmp_path: Path) -> None:
    before = sorted(path.name for path in sample.rglob("*"))
    answer = ask("find-rate", sample / "model.hdf5", sample / "images", "--strategy", "finetune", "--batch-size", 16)
    assert set(answer) == {"rates", "losses", "suggested"} and len(answer["rates"]) == len(answer["losses"]) > 10
    assert answer["rates"] == sorted(answer["rates"])
    assert answer["suggested"] is None or answer["rates"][0] <= answer["suggested"] <= answer["rates"][-1]
    assert sorted(path.name for path in sample.rglob("*")) == before


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="such limits are Linux's")
def test_that_what_cannot_fit_is_refused_with_a_batch_that_does(sample: Path, tmp_path: Path) -> None:
    """Under a limit beyond which TensorFlow would end the process with a segmentation fault."""
    import resource

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (1_900_000_000, resource.RLIM_INFINITY))

    def train(batch: int, out: Path) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "tlstudio", "train", str(sample / "model.hdf5"), str(sample / "images")]
        command += ["--strategy", "init", "--epochs", "2", "--batch-size", str(batch), "--out", str(out)]
        return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=240, preexec_fn=limit)

    refused = train(4096, tmp_path / "large")
    last = refused.stderr.strip().splitlines()[-1]
    assert refused.returncode == 1 and last.startswith("error: Batches of 4096 would take about")
    smaller = int(last.partition("Choose batches of ")[2].partition(",")[0])
    assert 1 <= smaller < 4096
    done = train(smaller, tmp_path / "small")
    assert done.returncode == 0, done.stderr[-1000:]
    assert "expected: at most" in done.stderr


def test_that_an_existing_run_is_never_overwritten(sample: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine.txt").write_text("precious")
    done = call("train", sample / "model.hdf5", sample / "images", "--out", tmp_path / "run", code=2)
    assert "exists already" in done.stderr
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["mine.txt"]


def test_that_a_path_which_is_not_there_opens_no_window(tmp_path: Path) -> None:
    assert "no file or folder" in call(tmp_path / "nowhere.h5", code=2).stderr


def test_that_a_window_without_a_display_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    done = call(code=1)
    assert done.stderr.startswith("error: The window cannot be opened (there is no display).")


def test_that_the_version_is_said() -> None:
    import tlstudio

    assert call("--version").stdout.strip() == f"TLStudio {tlstudio.__version__}"


@pytest.mark.shared
@pytest.mark.long
def test_that_squeezenet_learns_ants_and_bees(shared: Callable[[str], Path], tmp_path: Path) -> None:
    answer = ask(
        "train", shared("models/squeezenet_imagenet.h5"), shared("data/hymenoptera"), "--strategy", "features",
        "--preprocess", "caffe", "--out", tmp_path / "run",
    )  # fmt: skip
    assert answer["test"]["accuracy"] >= 0.9 and answer["test"]["images"] == 153


@pytest.mark.shared
@pytest.mark.long
@pytest.mark.parametrize(
    ("model", "cut", "data"),
    [
        ("trekhleb__digits_recognition_cnn.h5", "flatten_2", "mnist"),
        ("KonduitAI__simpleconv2d.hdf5", "flatten_1", "mnist"),
        ("CyberWarrior23__cifar10_model.keras", "flatten", "flowers5"),
    ],
)
def test_that_the_classic_preset_works_on_networks_with_a_flatten_layer(
    shared: Callable[[str], Path], tmp_path: Path, model: str, cut: str, data: str
) -> None:
    answer = ask(
        "train", shared(f"models/keras/{model}"), shared(f"data/{data}"), "--strategy", "classic", "--cut", cut,
        "--epochs", 20, "--out", tmp_path / "run",
    )  # fmt: skip
    classes = len((tmp_path / "run" / "labels.txt").read_text().splitlines())
    assert answer["test"]["accuracy"] > 1.5 / classes
    assert answer["checkpoints"]["best"].endswith("best.hdf5")
