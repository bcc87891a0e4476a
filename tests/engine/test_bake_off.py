"""A bake-off of the ways, on the sample: equal time, the same validation images, nothing left behind."""

import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tlstudio.core import events, requests
from tlstudio.core.advice.intervals import wilson
from tlstudio.core.cache import cache_folder
from tlstudio.core.control import Control, Stopped
from tlstudio.core.model.reading import open_model
from tlstudio.core.plan import HeadFirst, TrainingPlan
from tlstudio.core.strategy import CASES, make_plan
from tlstudio.engine.bake_off import Budget, BudgetSpent
from tlstudio.engine.jobs import run_job

pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning:keras.*")


def plans_of(sample: Path) -> list[TrainingPlan]:
    model = open_model(sample / "model.hdf5")
    return [make_plan(model, str(sample / "images"), way) for way in CASES.values()]


def baked(plans: list[TrainingPlan], seconds: float) -> tuple[list[events.WayTried], list[Any]]:
    said: list[Any] = []
    run_job(requests.BakeOff(plans=plans, seconds=seconds), Control(), said.append)
    assert isinstance(said[-1], events.BakedOff), said[-1]
    return said[-1].ways, said


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go meanwhile."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def files_of(folder: Path) -> set[Path]:
    """But for what TensorFlow writes while it compiles, and takes away itself when the process ends."""
    return {path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("__autograph_")}


def test_that_each_way_is_trained_for_its_time_and_the_best_is_first(sample: Path, temporary: Path) -> None:
    before = files_of(sample)
    ways, said = baked(plans_of(sample), 4)
    assert {way.strategy for way in ways} == set(CASES.values())
    assert [way.accuracy for way in ways] == sorted((way.accuracy for way in ways), reverse=True)
    for way in ways:
        assert not way.failed and way.epochs >= 1
        assert 0 < way.seconds < 4 + 3, "it ends at a batch, the first of which may compile"
        assert (way.low, way.high) == pytest.approx(wilson(way.accuracy * way.images, way.images))
    assert ways[0].accuracy > 0.6
    assert len({way.images for way in ways}) == 1
    progress = [event for event in said if isinstance(event, events.Preparing) and event.phase == "bake-off"]
    assert all(event.done <= event.total == 16 for event in progress)
    assert [event.done for event in progress] == sorted(event.done for event in progress)
    assert files_of(sample) == before and not files_of(temporary)


def test_that_a_way_that_fails_is_listed_last_with_its_code(sample: Path) -> None:
    features, *_others = plans_of(sample)
    torn = msgspec.structs.replace(features, cut="no_such_layer")
    ways, _said = baked([torn, features], 2)
    assert [way.failed for way in ways] == ["", "cut_unknown"]
    assert (ways[1].low, ways[1].high, ways[1].images) == (0.0, 1.0, 0)


def test_that_a_time_too_short_for_an_epoch_scores_what_was_reached(sample: Path) -> None:
    *_others, init = plans_of(sample)
    (way,), _said = baked([msgspec.structs.replace(init, head_first=None)], 1e-6)
    assert way.epochs == 0 and way.images > 0 and not way.failed
    assert way.low <= way.accuracy <= way.high


@pytest.mark.long
def test_that_it_is_told_where_the_time_was_over_before_the_way_was_more_than_a_new_classifier(sample: Path) -> None:
    features, *_others, init = plans_of(sample)
    patient = msgspec.structs.replace(init, epochs=100_000, head_first=HeadFirst(epochs=50_000, patience=50_000))
    quick = msgspec.structs.replace(init, head_first=HeadFirst(epochs=1, patience=1))
    short, enough, single = (baked([plan], 6)[0][0] for plan in (patient, quick, features))
    assert (short.begun, short.stages) == (1, 2)
    assert (enough.begun, enough.stages) == (2, 2)
    assert (single.begun, single.stages) == (1, 1)


def test_that_a_stop_ends_all_ways_and_leaves_nothing(sample: Path, temporary: Path) -> None:
    control, said = Control(), []

    def stop(event: Any) -> None:
        said.append(event)
        if isinstance(event, events.Preparing) and event.phase == "bake-off" and event.done >= 1:
            control.stop()

    run_job(requests.BakeOff(plans=plans_of(sample), seconds=30), control, stop)
    assert isinstance(said[-1], events.JobStopped)
    assert not files_of(temporary)
    assert not [path for path in files_of(cache_folder()) if path.name.startswith(".")]


def test_that_a_budget_ends_by_itself_and_with_the_job_and_counts_no_pause() -> None:
    outer = Control()
    budget = Budget(outer, 0.05)
    budget.checkpoint()
    budget.begin()
    outer.pause()
    paused: list[bool] = []

    def on_paused(is_paused: bool) -> None:
        paused.append(is_paused)
        if is_paused:
            time.sleep(0.2)  # longer than the budget
            outer.resume()

    budget.checkpoint(on_paused)
    assert paused == [True, False] and budget.seconds < 0.2
    while budget.seconds < 0.05:
        time.sleep(0.01)
    with pytest.raises(BudgetSpent):
        budget.checkpoint()
    assert budget.end() >= 0.05
    budget.checkpoint()
    outer.stop()
    with pytest.raises(Stopped):
        budget.checkpoint()
