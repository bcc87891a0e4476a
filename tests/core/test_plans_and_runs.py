"""Strategies, plans, documents, events, and what a run folder holds."""

import errno
import json
import os
import string
from pathlib import Path
from typing import Literal, get_args, get_origin

import msgspec
import pytest

from tlstudio.core import errors, events, requests
from tlstudio.core.control import Control, Stopped
from tlstudio.core.documents import load_document, save_document
from tlstudio.core.errors import TLStudioError
from tlstudio.core.files import sha256_of, write_atomically
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.reading import open_model
from tlstudio.core.plan import Head, Optimizer, TrainingPlan
from tlstudio.core.project import Project, load_project, save_project
from tlstudio.core.run_folder import RunRecorder, read_events, read_history
from tlstudio.core.strategy import (
    advise,
    check_plan,
    freeze_by_patterns,
    is_rate_too_large,
    make_plan,
    parse_head,
    size_of,
    with_old_head,
)


@pytest.fixture
def model(sample: Path) -> ModelFile:
    return open_model(sample / "model.hdf5")


@pytest.mark.parametrize(
    ("size", "similarity", "strategy", "case"),
    [
        ("small", "similar", "features", 1),
        ("large", "similar", "finetune", 2),
        ("small", "dissimilar", "lower-features", 3),
        ("large", "dissimilar", "init", 4),
    ],
)
def test_that_two_questions_decide_among_four_ways(size: str, similarity: str, strategy: str, case: int) -> None:
    advice = advise(size, similarity)
    assert (advice.strategy, advice.case) == (strategy, case)
    assert advice.reason


def test_that_size_is_counted_by_class() -> None:
    assert size_of(999, 2) == "small" and size_of(1000, 2) == "large"


def test_that_the_classic_preset_is_the_classic_one(model: ModelFile) -> None:
    plan = make_plan(model, "/images", "classic", "flatten_1")
    assert plan.optimizer == Optimizer(name="sgd", learning_rate=1e-3, decay=1e-6, momentum=0.9, nesterov=True)
    assert plan.head == Head(hidden=(1024,))
    settings = (plan.batch_size, plan.epochs, plan.patience, plan.validation_split, plan.monitor)
    assert settings == (64, 200, 10, 0.1, "accuracy")
    assert plan.checkpoint_format == "hdf5" and len(plan.frozen) == 6


def test_that_each_way_freezes_what_it_says(model: ModelFile, residual_model: Path) -> None:
    assert make_plan(model, "", "features").cut == "flatten_1"
    assert len(make_plan(model, "", "features").frozen) == 6
    assert make_plan(model, "", "finetune").frozen == ("block1_conv1", "block1_conv2", "block2_conv1")
    assert make_plan(model, "", "init").frozen == ()
    assert make_plan(model, "", "lower-features").cut in {"block2_pool", "block2_conv2"}
    assert "norm" in make_plan(open_model(residual_model), "", "finetune").frozen


def test_that_layers_are_frozen_by_patterns_and_unknown_ones_refused(model: ModelFile) -> None:
    plan = make_plan(model, "", "init")
    assert freeze_by_patterns(model, plan, ["block1_*"], []).frozen == ("block1_conv1", "block1_conv2")
    assert freeze_by_patterns(model, plan, ["*"], ["block3_*"]).frozen[-1] == "block2_conv2"
    assert freeze_by_patterns(model, plan, [], [], "block2_conv1").frozen == ("block1_conv1", "block1_conv2")
    for patterns in ({"freeze": ["nothing*"], "unfreeze": []}, {"freeze": [], "unfreeze": ["dense_1"]}):
        with pytest.raises(TLStudioError, match="No layer below the cut"):
            freeze_by_patterns(model, plan, **patterns)


def test_that_heads_are_read_from_words() -> None:
    assert parse_head("keep", Head()).kind == "keep"
    assert parse_head("256, 64", Head()).hidden == (256, 64)
    assert parse_head("none", Head(hidden=(9,))).hidden == ()
    for spec in ("", "big", "12,-3", "0"):
        with pytest.raises(TLStudioError, match="does not describe a head"):
            parse_head(spec, Head())


def test_that_plans_which_cannot_run_are_refused(model: ModelFile) -> None:
    kept = with_old_head(model, make_plan(model, "", "finetune"))
    check_plan(model, kept, 5)
    with pytest.raises(TLStudioError) as caught:
        check_plan(model, kept, 7)
    assert caught.value.code == "head_mismatch"
    everything = tuple(path for path in model.weights if model.weights[path])
    with pytest.raises(TLStudioError) as caught:
        check_plan(model, msgspec.structs.replace(kept, frozen=everything), 5)
    assert caught.value.code == "nothing_to_train"


def test_that_a_rate_which_tears_weights_is_noticed(model: ModelFile) -> None:
    plan = make_plan(model, "", "finetune")
    assert not is_rate_too_large(plan)
    torn = msgspec.structs.replace(plan, optimizer=Optimizer(name="adam", learning_rate=0.01))
    assert is_rate_too_large(torn)


# -- documents --------------------------------------------------------------------------------------------


def test_that_a_project_keeps_relative_paths_and_moves_with_its_folder(sample: Path, tmp_path: Path) -> None:
    project = load_project(sample / "sample.tlstudio")
    assert project.model == str(sample / "model.hdf5")
    save_project(project, sample / "again.tlstudio")
    assert json.loads((sample / "again.tlstudio").read_text())["dataset"] == "images"
    moved = sample.rename(tmp_path / "moved")
    assert load_project(moved / "again.tlstudio").plan.model == str(moved / "model.hdf5")


def test_that_newer_and_broken_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    save_document(TrainingPlan(epochs=3), path)
    assert load_document(TrainingPlan, path).epochs == 3
    for text, code in (('{"version": 99}', "newer_file"), ("{", "plan_invalid"), ('{"epochs": 0}', "plan_invalid")):
        path.write_text(text)
        with pytest.raises(TLStudioError) as caught:
            load_document(TrainingPlan, path)
        assert caught.value.code == code
    with pytest.raises(TLStudioError):
        load_document(Project, tmp_path / "nowhere.tlstudio")


def test_that_a_full_disk_leaves_the_old_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.json"
    write_atomically(path, "old")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TLStudioError) as caught:
        write_atomically(path, "new")
    assert caught.value.code == "disk_full"
    assert path.read_text() == "old" and [p.name for p in tmp_path.iterdir() if p.suffix == ".part"] == []


# -- events -----------------------------------------------------------------------------------------------


def example(type_: type) -> msgspec.Struct:
    """Any valid value of an event or request type, from its fields' types."""
    values = {}
    for field in msgspec.structs.fields(type_):
        if not field.required:
            continue
        schema = field.type
        nested = schema if isinstance(schema, type) and issubclass(schema, msgspec.Struct) else None
        if nested is not None and nested is not events.Checkpoints:
            values[field.encode_name] = msgspec.to_builtins(example(nested))
            continue
        words = get_args(schema) if get_origin(schema) is Literal else ()
        for value in (*words, "x", 1, 1.5, True, None, [], {}, {"best": None, "last": None}):
            try:
                values[field.encode_name] = msgspec.to_builtins(msgspec.convert(msgspec.to_builtins(value), schema))
                break
            except msgspec.ValidationError:
                continue
    tag = type_.__struct_config__.tag
    return msgspec.convert({**({"type": tag} if tag else {}), **values}, type_)


@pytest.mark.parametrize("type_", get_args(events.AnyEvent), ids=lambda t: t.__name__)
def test_that_every_event_survives_json(type_: type) -> None:
    event = example(type_)
    assert events.decode(events.encode(event)) == event


@pytest.mark.parametrize("type_", get_args(requests.AnyRequest), ids=lambda t: t.__name__)
def test_that_every_request_survives_json(type_: type) -> None:
    request = example(type_)
    assert requests.decode(requests.encode(request)) == request


def test_that_every_error_has_an_exit_code_and_named_places() -> None:
    for code, (exit_code, template) in errors.TEMPLATES.items():
        names = [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]
        assert exit_code in {1, 2}, code
        assert all(name.isidentifier() for name in names), code
        sentence = errors.sentence(code, dict.fromkeys(names, "x"))
        assert "{" not in sentence and "\n" not in sentence and sentence.endswith((".", ")", "x")), code


def test_that_a_job_waits_while_paused_and_ends_when_stopped() -> None:
    import threading

    control, edges = Control(), []
    control.pause()
    waiting = threading.Thread(target=lambda: control.checkpoint(edges.append))
    waiting.start()
    while not edges:
        waiting.join(0.01)
    assert waiting.is_alive()
    control.resume()
    waiting.join(5)
    assert edges == [True, False] and control.seconds_paused > 0
    control.stop()
    with pytest.raises(Stopped):
        control.checkpoint()


# -- run folders ------------------------------------------------------------------------------------------


def epoch(number: int) -> events.EpochFinished:
    return events.EpochFinished(
        epoch=number, stage="layers", loss=0.5, accuracy=0.8, val_loss=None, val_accuracy=0.7, learning_rate=1e-3,
        seconds=1.0, is_best=True, epochs_without_gain=0,
    )  # fmt: skip


def test_that_the_log_and_the_history_are_as_agreed(tmp_path: Path) -> None:
    recorder = RunRecorder(tmp_path / "run", TrainingPlan())
    for number in (1, 2):
        assert recorder.handle(epoch(number)) == []
    recorder.close()
    lines = read_events(tmp_path / "run")
    assert [line["seq"] for line in lines] == [1, 2] and {line["type"] for line in lines} == {"epoch_finished"}
    assert all("T" in line["time"] for line in lines)
    header = (tmp_path / "run" / "history.csv").read_text().splitlines()[0]
    assert header == "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds"
    assert read_history(tmp_path / "run")[1]["val_loss"] is None


def test_that_only_an_unharmed_checkpoint_gets_into_place(tmp_path: Path) -> None:
    run = tmp_path / "run"
    recorder = RunRecorder(run, TrainingPlan())
    aside, place = run / "checkpoints" / ".best.part.keras", run / "checkpoints" / "best.keras"
    for content, claimed, remarks in ((b"good", None, 0), (b"bad", "0" * 64, 1)):
        aside.write_bytes(content)
        digest = claimed or sha256_of(aside)
        event = events.CheckpointWritten(kind="best", epoch=1, aside=str(aside), path=str(place), sha256=digest)
        assert len(recorder.handle(event)) == remarks
        assert place.read_bytes() == b"good" and not aside.exists()
    recorder.close()


def test_that_a_folder_with_something_in_it_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine.txt").write_text("precious")
    with pytest.raises(TLStudioError) as caught:
        RunRecorder(tmp_path / "run", TrainingPlan())
    assert caught.value.code == "run_exists" and [p.name for p in (tmp_path / "run").iterdir()] == ["mine.txt"]
