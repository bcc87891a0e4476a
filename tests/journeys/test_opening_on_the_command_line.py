"""Whole jobs on model files that leave something open: an output, a size, program code, an architecture."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.core.test_keras_configs import IMAGE, from_, functional, layer
from tests.core.test_model_files import sequential, write_bare, write_h5
from tests.journeys.test_command_line import ask, call

CONV = {"name": "conv", "filters": 4, "kernel_size": [3, 3], "activation": "relu"}
DENSE = {"name": "scores", "units": 3, "activation": "softmax"}


def weights(rows: int) -> dict[str, list[np.ndarray]]:
    rng = np.random.default_rng(1)
    return {
        "conv": [rng.normal(0, 0.2, (3, 3, 3, 4)).astype(np.float32), np.zeros(4, np.float32)],
        "scores": [rng.normal(0, 0.2, (rows, 3)).astype(np.float32), np.zeros(3, np.float32)],
    }


@pytest.mark.long
def test_that_a_network_behind_a_lambda_is_trained_with_what_stands_in(few_images: Path, tmp_path: Path) -> None:
    code = {"name": "scale", "function": ["4wEA", None, None], "batch_input_shape": [None, 16, 16, 3]}
    config = sequential(
        ("Lambda", code), ("Conv2D", CONV), ("GlobalAveragePooling2D", {"name": "pool"}), ("Dense", DENSE)
    )
    model = write_h5(tmp_path / "lambda.h5", config, weights(4))
    run = tmp_path / "run"
    refused = call("train", model, few_images, "--out", run, code=2).stderr.strip().splitlines()[-1]
    assert "Lambda layer “scale”" in refused and "--replace scale=" in refused and not run.exists()
    assert "cannot be" in call("inspect", model, "--replace", "scale", code=2).stderr
    assert "nothing that the layer" in call("inspect", model, "--replace", "scale=magic", code=2).stderr
    answer = ask(
        "train", model, few_images, "--out", run, "--replace", "scale=unit", "--epochs", 3, "--strategy", "features"
    )
    assert answer["frozen_unchanged"] is True
    plan = json.loads((run / "plan.json").read_text())
    assert plan["opening"] == {"replacements": {"scale": "unit"}}
    assert json.loads((run / "environment.json").read_text())["images"]["preprocess"] == "raw"
    assert ask("evaluate", run, few_images)["images"] > 0
    again = ask("train", model, few_images, "--out", tmp_path / "again", "--plan", run / "plan.json")
    assert again["best"] == answer["best"], "the plan carries the choice"


@pytest.mark.long
def test_that_one_of_several_outputs_is_chosen(few_images: Path, tmp_path: Path) -> None:
    config = functional(
        [
            {**IMAGE, "config": {"name": "image", "batch_input_shape": [None, 16, 16, 3]}},
            layer("Conv2D", "conv", [[from_("image")]], **{k: v for k, v in CONV.items() if k != "name"}),
            layer("GlobalAveragePooling2D", "pool", [[from_("conv")]]),
            layer("Dense", "scores", [[from_("pool")]], units=3, activation="softmax"),
            layer("Dense", "box", [[from_("pool")]], units=4),
        ],
        [["scores", 0, 0], ["box", 0, 0]],
    )
    held = {**weights(4), "box": [np.ones((4, 4), np.float32), np.zeros(4, np.float32)]}
    model = write_h5(tmp_path / "two.h5", config, held)
    shown = ask("inspect", model)
    assert shown["outputs"] == ["scores", "box"] and "choose_output" in {w["code"] for w in shown["warnings"]}
    refused = call("train", model, few_images, "--out", tmp_path / "run", code=2).stderr
    assert "has the outputs scores, box" in refused
    chosen = ask("inspect", model, "--output", "scores")
    assert chosen["output_shape"] == [None, 3] and "box" not in json.dumps(chosen["layers"])
    assert (
        ask("train", model, few_images, "--out", tmp_path / "run", "--output", "scores", "--epochs", 2)["epochs"] == 2
    )


@pytest.mark.long
def test_that_a_network_of_any_size_is_trained_at_the_size_that_is_asked_for(
    few_images: Path, tmp_path: Path
) -> None:
    config = sequential(
        ("Conv2D", {**CONV, "batch_input_shape": [None, None, None, 3]}),
        ("GlobalAveragePooling2D", {"name": "pool"}),
        ("Dense", DENSE),
    )
    model = write_h5(tmp_path / "any.h5", config, weights(4))
    assert ask("inspect", model)["input_shape"] == [None, None, None, 3]
    assert "cannot be" in call("inspect", model, "--input-size", "0x12", code=2).stderr
    for options, size in ((["--input-size", "24x32"], [24, 32]), ([], [224, 224])):
        run = tmp_path / f"run{size[0]}"
        done = call("train", model, few_images, "--out", run, "--epochs", 1, "--strategy", "features", *options)
        images = json.loads((run / "environment.json").read_text())["images"]
        assert [images["height"], images["width"]] == size
        assert ("takes images of any size" in done.stderr) is not bool(options)
    assert ask("evaluate", tmp_path / "run24", few_images)["images"] > 0


def test_that_several_inputs_are_shown_and_refused_in_one_line(tmp_path: Path) -> None:
    second = layer("InputLayer", "other", [], batch_input_shape=[None, 8, 8, 3])
    joined = layer("Add", "sum", [[from_("image"), from_("other")]])
    config = functional([IMAGE, second, joined], [["sum", 0, 0]], [["image", 0, 0], ["other", 0, 0]])
    done = call("inspect", write_h5(tmp_path / "two.h5", config, {}), "--json", code=2)
    assert [node["name"] for node in json.loads(done.stdout)["layers"]] == ["image", "other", "sum"]
    assert done.stderr.strip().splitlines() == [done.stderr.strip()] and "takes 2 inputs" in done.stderr


def test_that_bare_weights_are_listed_and_refused_in_one_line(sample: Path, tmp_path: Path) -> None:
    path = write_bare(sample / "model.hdf5", tmp_path / "bare.h5")
    done = call("inspect", path, "--json", code=2)
    shown = json.loads(done.stdout)
    assert shown["parameters"] == 100_853 and "block1_conv1" in {node["name"] for node in shown["layers"]}
    assert "holds only weights" in done.stderr and len(done.stderr.strip().splitlines()) == 1


@pytest.mark.shared
def test_that_a_model_with_labels_beside_it_predicts_by_name(shared: Callable[[str], Path]) -> None:
    folder = shared("models/keras/balaji1994__PlantDiseaseRecognition__savedmodel")
    image = sorted(shared("data/flowers5").rglob("*.jpg"))[0]
    found = ask("predict", folder, image)["predictions"][0]
    names = (folder / "labels.txt").read_text().split()[1::2]
    assert found["class"] in names and set(found["probabilities"]) == set(names)


@pytest.mark.shared
def test_that_a_caffe_network_names_what_is_on_the_photos_beside_it(shared: Callable[[str], Path]) -> None:
    folder = shared("models/caffe/squeezenet_v1.0")
    found = {Path(p["path"]).name: p["class"] for p in ask("predict", folder, folder / "photos")["predictions"]}
    with (folder / "photos/labels.tsv").open() as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    wrong = [row["photo"] for row in rows if found[row["photo"]] not in row["its label"]]
    assert not wrong and len(rows) == len(found)
    assert "cannot be" in call("predict", folder, folder / "photos", "--fit", "fold", code=2).stderr
