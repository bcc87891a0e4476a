"""``tlstudio export`` as scripts call it: a trained run in each format, and what is said where it can't be."""

from pathlib import Path
from typing import Any

import pytest

from tests.journeys.test_command_line import ask, call
from tlstudio.core.export import FORMATS, SUFFIXES

FIELDS = {"run", "format", "path", "bytes", "input_shape", "labels", "largest_difference", "preprocessing", "fit",
          "reader", "files", "output_shape", "tolerance", "images", "generated", "seconds"}  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(ask("demo", "--out", tmp_path_factory.mktemp("demo") / "run")["run"])


@pytest.mark.parametrize("format", FORMATS)
def test_that_each_format_answers_as_agreed(format: str, run: Path, tmp_path: Path) -> None:
    out = tmp_path / f"seven{(*SUFFIXES[format], '')[0]}"
    answer = ask("export", run, "--format", format, "--out", out)
    assert set(answer) >= FIELDS
    assert (answer["run"], answer["format"], answer["path"]) == (str(run), format, str(out))
    assert answer["labels"] == ["eight", "five", "nine", "seven", "six"]
    assert answer["largest_difference"] < 1e-5 and answer["images"] == 12
    size = sum(p.stat().st_size for p in out.rglob("*")) if out.is_dir() else out.stat().st_size
    assert answer["bytes"] == size - sum(p.stat().st_size for p in out.rglob("*") if p.is_dir())


@pytest.mark.long
def test_that_what_was_exported_predicts_the_same_names(run: Path, sample: Path, tmp_path: Path) -> None:
    images = sample / "images" / "test" / "seven"
    call("export", run, "--format", "keras", "--out", tmp_path / "seven.keras")

    def predicted(source: Path) -> list[dict[str, Any]]:
        return ask("predict", source, images)["predictions"]

    ours, theirs = predicted(run), predicted(tmp_path / "seven.keras")
    assert sum(p["class"] == "seven" for p in theirs) > 0.9 * len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        assert one["class"] == other["class"]
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-5)
    scored = ask("evaluate", tmp_path / "seven.keras", sample / "images")
    assert scored["accuracy"] >= 0.95 and scored["per_class"][3]["name"] == "seven"


@pytest.mark.long
def test_that_a_second_export_asks_to_be_allowed(run: Path, tmp_path: Path) -> None:
    arguments = ("export", run, "--format", "tflite", "--out", tmp_path / "seven.tflite")
    first = call(*arguments)
    assert "probabilities differ by" in first.stdout and "warning" not in first.stderr.lower()
    again = call(*arguments, code=2)
    assert again.stderr.splitlines()[-1].startswith("error: ") and "--overwrite" in again.stderr
    assert not again.stdout
    call(*arguments, "--overwrite")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--format", "caffe", "--out", "seven.caffemodel"), "keras, hdf5, savedmodel, tflite, onnx"),
        (("--format", "onnx", "--out", "seven.keras"), "ends in .onnx"),
        (("--format", "onnx"), "--out"),
    ],
)
def test_that_a_bad_call_is_one_line(arguments: tuple[str, ...], word: str, run: Path) -> None:
    told = call("export", run, *arguments, code=2).stderr.lstrip("\n")
    assert told.startswith("error: ") and told.count("\n") == 1 and word in told


@pytest.mark.long
def test_that_a_run_without_a_model_is_told(sample: Path, tmp_path: Path) -> None:
    told = call("export", sample / "images", "--format", "keras", "--out", tmp_path / "a.keras", code=2).stderr
    assert "neither a finished run folder nor a model file" in told
