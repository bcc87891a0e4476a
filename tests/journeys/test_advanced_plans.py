"""Advanced plans from the advice to the trained classifier: digits in two contrasts, on a network whose upper layers
know digits but no contrast, and whose third block was made for what came before a normalization."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.conftest import SAMPLE, _made
from tests.journeys.test_command_line import ask, call
from tlstudio.advice_text import advice_text
from tlstudio.advising import Advice
from tlstudio.core.advice.decision import recommend
from tlstudio.core.model.safely import read_model
from tlstudio.core.plan import TrainingPlan


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _made("normalized", tmp_path_factory.mktemp("model") / "normalized.keras")


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every other one of the sample's digits at half its contrast: two classes of each digit."""
    folder = tmp_path_factory.mktemp("images")
    for digit in sorted((SAMPLE / "images" / "train").iterdir()):
        for number, path in enumerate(sorted(digit.iterdir())):
            pixels = np.asarray(Image.open(path).convert("L"))
            target = folder / f"{digit.name}_{'strong' if number % 2 else 'weak'}" / f"{number:03d}.png"
            target.parent.mkdir(exist_ok=True)
            Image.fromarray(pixels if number % 2 else pixels // 2).save(target)
    return folder


@pytest.fixture(scope="module")
def advice(model: Path, images: Path) -> dict[str, Any]:
    return ask("recommend", model, images)


def extra(advice: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(extra for extra in advice["extras"] if extra["kind"] == kind)


def trained(advice: dict[str, Any], kind: str, model: Path, images: Path, folder: Path) -> dict[str, Any]:
    plan = folder / "plan.json"
    plan.write_text(json.dumps(extra(advice, kind)["plan"]))
    return ask("train", model, images, "--plan", plan, "--out", folder / "run")


@pytest.mark.long
def test_that_scripts_get_the_advanced_plans_with_what_speaks_for_them(advice: dict[str, Any]) -> None:
    assert [extra["kind"] for extra in advice["extras"]] == ["several-layers", "one-block"]
    for found in advice["extras"]:
        assert found["reason"].endswith(".") and found["plan"]["cut"] == found["cut"]
        assert 0 <= found["expected_low"] <= found["expected"] <= found["expected_high"] <= 1
        assert 0 < found["seconds_low"] <= found["seconds"] <= found["seconds_high"]
        assert found["peak_bytes"] > 0 and found["fits"] is True
    single = max(layer["score"] for layer in advice["layers"])
    several = extra(advice, "several-layers")
    assert several["also"][0] == "block1_pool" and several["expected"] > single
    assert extra(advice, "one-block")["also"] == []


@pytest.mark.long
def test_that_the_sample_gets_none(sample: Path) -> None:
    assert ask("recommend", sample / "model.hdf5", sample / "images")["extras"] == []


@pytest.mark.long
def test_that_a_head_on_several_layers_does_what_was_expected_and_serves_like_any(
    advice: dict[str, Any], model: Path, images: Path, tmp_path: Path
) -> None:
    expected = extra(advice, "several-layers")
    run = trained(advice, "several-layers", model, images, tmp_path)
    assert run["test"]["accuracy"] > expected["expected_low"] and run["frozen_unchanged"] is True
    assert run["cached_layers"] > 0
    scored = ask("evaluate", tmp_path / "run", images)
    assert scored["accuracy"] == run["test"]["accuracy"]
    one = next((images / "six_weak").iterdir())
    told = ask("predict", tmp_path / "run", one)["predictions"][0]
    assert told["class"] in {"six_weak", "six_strong"} and len(told["probabilities"]) == 10


@pytest.mark.long
def test_that_tuning_one_block_moves_its_layers_alone(
    advice: dict[str, Any], model: Path, images: Path, tmp_path: Path
) -> None:
    run = trained(advice, "one-block", model, images, tmp_path)
    lines = (tmp_path / "run" / "events.jsonl").read_text().splitlines()
    stages = [event for event in map(json.loads, lines) if "trainable" in event]
    assert [stage["stage"] for stage in stages] == ["head", "layers"]
    assert stages[0]["trainable"] == ["head_output"]
    assert stages[1]["trainable"] == ["block3_conv1", "block3_conv2", "head_output"]
    assert run["frozen_unchanged"] is True


@pytest.mark.long
def test_that_layers_are_named_on_the_command_line(model: Path, images: Path, tmp_path: Path) -> None:
    usual = ("train", model, images, "--strategy", "features", "--epochs", 2, "--also", "block1_pool")
    ask(*usual, "--checkpoint-format", "hdf5", "--out", tmp_path / "run")
    assert json.loads((tmp_path / "run" / "plan.json").read_text())["also"] == ["block1_pool"]
    assert ask("evaluate", tmp_path / "run", images)["images"] > 0
    refused = call(*usual, "--also", "dense_1", "--out", tmp_path / "other", code=2)
    assert "dense_1" in refused.stderr and not (tmp_path / "other").exists()


def test_that_people_read_of_them_below_the_four_ways() -> None:
    from tests.desktop.scripted_jobs import measured, measured_for_extras

    file, plan = read_model(SAMPLE / "model.hdf5"), TrainingPlan()
    pages = []
    for facts in (measured(file), measured_for_extras(file)):
        pages.append(advice_text(Advice(facts, recommend(file, plan, facts, 64 << 30), 1.0)))
    assert "advanced" not in pages[0]
    below = pages[1].partition("\nadvanced")[2]
    assert "several-layers: A new classifier on the features of 3 layers" in below
    assert "one-block: Between “block2_pool” and “flatten_1”" in below
