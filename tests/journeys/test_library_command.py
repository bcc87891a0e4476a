"""The verb ``library``: what is on this machine, and where missing files belong."""

import json
from pathlib import Path

import pytest

from tlstudio.cli import main


@pytest.fixture(autouse=True)
def _own_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TLSTUDIO_LIBRARY", str(tmp_path / "library"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    assert main(["library", "--json", *arguments]) == 0
    found: dict = json.loads(capsys.readouterr().out)
    return found


def test_that_a_model_is_added_and_found(sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    added = answer(capsys, "--add", str(sample / "model.hdf5"))
    assert added["added"] == str(tmp_path / "library" / "model.hdf5")
    (model,) = answer(capsys, "--search", "model")["models"]
    assert (model["card"]["class_count"], model["card"]["preprocessing"]) == (5, "raw")
    assert answer(capsys, "--search", "nothing like it")["models"] == []
    assert main(["library", "--add", str(sample / "model.hdf5")]) == 2
    assert "is in the model library already" in capsys.readouterr().err


def test_that_what_is_no_model_stays_outside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "letter.h5").write_text("hello")
    assert main(["library", "--add", str(tmp_path / "letter.h5")]) == 2
    assert "is not a model" in capsys.readouterr().err
    assert not (tmp_path / "library").exists()


def test_that_missing_weights_are_told_with_their_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (network,) = answer(capsys, "--search", "vgg16")["networks"]
    assert [file["name"] for file in network["files"]] == [
        "vgg16_weights_tf_dim_ordering_tf_kernels.h5",
        "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
    ]
    assert all(file["path"] is None and file["folder"] == str(tmp_path / "library") for file in network["files"])
    assert main(["library", "--search", "mobilenetv2"]) == 0
    text = capsys.readouterr().out
    assert "missing: mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224.h5 (with top)" in text
