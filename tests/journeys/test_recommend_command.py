"""Advice on the command line, on the sample: what scripts read of it, and the plan that a run takes."""

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.test_command_line import ask, call
from tlstudio.core.strategy import CASES

FIELDS = {"strategy", "case", "cut", "reason", "size", "similarity", "layers", "forecasts", "plan", "seconds"}


@pytest.fixture(scope="module")
def advice(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    from tests.conftest import SAMPLE

    plan = tmp_path_factory.mktemp("advice") / "plan.json"
    answer = ask(
        "recommend", SAMPLE / "model.hdf5", SAMPLE / "images", "--seed", 3, "--fit", "pad", "--plan-out", plan
    )
    return answer | {"file": plan}


def shuffled(images: Path, to: Path) -> Path:
    """The same images under labels that mean nothing, drawn as in ``tests/engine/test_measuring.py``: one draw in
    twenty looks like knowledge by design (``FALSE_ALARM``)."""
    files = sorted(path for path in images.rglob("*") if path.suffix.lower() in {".png", ".jpg"})
    classes = sorted({path.parent.name for path in files})
    labels = [classes[place % len(classes)] for place in range(len(files))]
    random.Random(1).shuffle(labels)
    for place, (path, label) in enumerate(zip(files, labels, strict=True)):
        (to / label).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, to / label / f"{place}{path.suffix}")
    return to


def test_that_every_field_of_the_contract_is_there(advice: dict[str, Any]) -> None:
    assert set(advice) >= FIELDS | {"curve", "chance", "ways"}
    assert advice["strategy"] == list(CASES.values())[advice["case"] - 1]
    assert advice["cut"] in {layer["path"] for layer in advice["layers"]}
    assert all(0 <= layer["low"] <= layer["score"] <= layer["high"] <= 1 for layer in advice["layers"])
    assert advice["reason"].count(". ") == 1 and advice["reason"].endswith(".")
    assert advice["size"]["verdict"] in {"small", "large"} and advice["size"]["images"] > 0
    alike = advice["similarity"]
    assert 0 <= alike["score"] <= 100 and alike["verdict"] in {"similar", "dissimilar"}
    assert alike["evidence"] and all(sentence.endswith(".") for sentence in alike["evidence"])
    for costs in (advice["forecasts"], advice["ways"]):
        assert [way["strategy"] for way in costs] == list(CASES.values())
    assert all(way["seconds"] > 0 and way["peak_bytes"] > 0 and way["fits"] for way in advice["forecasts"])
    assert [not way["against"] for way in advice["ways"]] == [
        way["strategy"] == advice["strategy"] for way in advice["ways"]
    ]
    assert advice["seconds"] > 0


@pytest.mark.long
def test_that_a_run_takes_the_plan(advice: dict[str, Any], sample: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(advice["plan"]))
    assert json.loads(advice["file"].read_text()) == advice["plan"]
    assert (advice["plan"]["seed"], advice["plan"]["fit"]) == (3, "pad")
    run = ask(
        "train", sample / "model.hdf5", sample / "images", "--out", tmp_path / "run", "--plan", plan, "--epochs", 2
    )
    assert run["strategy"] == advice["strategy"] and run["epochs"] == 2
    kept = json.loads((tmp_path / "run" / "plan.json").read_text())
    assert kept["cut"] == advice["plan"]["cut"] and kept["fit"] == "pad"


@pytest.mark.long
def test_that_labels_without_meaning_get_no_recommendation(sample: Path, tmp_path: Path) -> None:
    images = shuffled(sample / "images", tmp_path / "shuffled")
    plan = tmp_path / "plan.json"
    plan.write_text("of before")
    done = call("recommend", sample / "model.hdf5", images, "--plan-out", plan, "--bake-off", 600, "--json")
    answer = json.loads(done.stdout)
    assert [answer[name] for name in ("strategy", "case", "cut", "plan")] == [None] * 4
    assert answer["reason"].startswith("Nothing can be learned here") and answer["reason"] in done.stderr.replace(
        "\n", " "
    )
    assert set(answer) >= FIELDS
    assert answer["bake_off"] is None and "not tried against each other" in done.stderr.replace("\n", " ")
    old = tmp_path / "plan.json.old"  # a script that went on with the file would train what nobody advised
    assert not plan.exists() and old.read_text() == "of before" and str(old) in done.stderr.replace("\n", " ")
    asked = ("train", sample / "model.hdf5", images, "--out", tmp_path / "run")
    refused = call(*asked, "--strategy", "auto", code=2).stderr
    last = refused.strip().splitlines()[-1]
    assert last.startswith(f"error: {answer['reason']}") and "--strategy" in last
    assert not (tmp_path / "run").exists()
    done = call(*asked, "--epochs", 2, "--json")  # nobody asked for advice: it is trained, with a remark
    assert json.loads(done.stdout)["strategy"] == "features" and answer["reason"] in done.stderr.replace("\n", " ")


@pytest.mark.long
def test_that_a_persons_verdicts_overrule(sample: Path) -> None:
    told = ask("recommend", sample / "model.hdf5", sample / "images", "--size", "large", "--similarity", "dissimilar")
    assert (told["strategy"], told["case"]) == ("init", list(CASES.values()).index("init") + 1)
    assert (told["size"]["verdict"], told["similarity"]["verdict"]) == ("large", "dissimilar")
    refused = call("recommend", sample / "model.hdf5", sample / "images", "--size", "huge", code=2)
    assert "--size cannot be huge" in refused.stderr


@pytest.mark.long
def test_that_auto_trains_what_is_recommended_and_options_override(
    advice: dict[str, Any], sample: Path, tmp_path: Path
) -> None:
    done = call(
        "train", sample / "model.hdf5", sample / "images", "--strategy", "auto", "--seed", 3, "--fit", "pad",
        "--epochs", 2, "--head", "8", "--out", tmp_path / "run", "--json",
    )  # fmt: skip
    run, kept = json.loads(done.stdout), json.loads((tmp_path / "run" / "plan.json").read_text())
    assert run["strategy"] == advice["strategy"] and run["epochs"] == 2
    assert kept["cut"] == advice["plan"]["cut"] and kept["head"]["hidden"] == [8]
    assert f"strategy {advice['strategy']}, as measured" in done.stderr


@pytest.mark.long
def test_that_a_bake_off_tries_all_four_ways(sample: Path) -> None:
    answer = ask("recommend", sample / "model.hdf5", sample / "images", "--bake-off", 3)
    tried = answer["bake_off"]
    assert tried["seconds"] == 3
    assert {way["strategy"] for way in tried["ways"]} == set(CASES.values())
    assert all(way["images"] > 0 and not way["failed"] for way in tried["ways"])


@pytest.mark.long
def test_that_people_get_a_page(sample: Path) -> None:
    page = call("recommend", sample / "model.hdf5", sample / "images").stdout
    assert page.count("★") == 3, "the way, the layer, and what the star means"
    for way in CASES.values():
        assert way in page
    assert "guessing" in page and "against the others:" in page and len(page.splitlines()) < 60


def test_that_what_cannot_be_written_is_refused_before_anything_is_measured(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLSTUDIO_CACHE", str(tmp_path / "cache"))
    copy = shutil.copytree(sample / "images", tmp_path / "copy")
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "plan.json").write_text("of another run")
    asked = (sample / "model.hdf5", copy)
    done = call("train", *asked, "--strategy", "auto", "--out", taken, code=2)
    assert str(taken) in done.stderr and "exists already" in done.stderr
    under = call("train", *asked, "--strategy", "auto", "--out", taken / "plan.json" / "run", code=1)
    lost = call("recommend", *asked, "--plan-out", tmp_path / "nowhere" / "plan.json", code=1)
    assert "cannot be written to" in under.stderr and "cannot be written to" in lost.stderr
    assert not (tmp_path / "cache").exists(), "whoever looks at images leaves an index of them"
    assert [path.name for path in taken.iterdir()] == ["plan.json"]


def test_that_a_time_that_is_none_is_refused(sample: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(sample / "images", tmp_path / "copy")
    assert "--bake-off cannot be" in call("recommend", sample / "model.hdf5", copy, "--bake-off", 0, code=2).stderr
