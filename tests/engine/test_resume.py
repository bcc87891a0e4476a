"""An interrupted run ends with the very bits of the uninterrupted one, wherever it was cut off."""

import csv
from pathlib import Path
from typing import Any

import keras
import msgspec
import numpy as np
import pytest

from tests.engine.runs import Cut, Run, cut_at
from tlstudio.core import events
from tlstudio.core.control import Control
from tlstudio.core.errors import TLStudioError
from tlstudio.core.files import sha256_of
from tlstudio.core.interrupted import interrupted_runs, require_resumable
from tlstudio.core.model.reading import open_model
from tlstudio.core.plan import Head, HeadFirst, Optimizer, Schedule, TrainingPlan
from tlstudio.core.run_folder import read_events, read_history
from tlstudio.core.states import newest_state, states
from tlstudio.core.strategy import freeze_by_patterns, make_plan
from tlstudio.engine import checkpoints, stage, training

pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning:keras.*")


@pytest.fixture(autouse=True)
def every_moment_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """States within an epoch, too, and an event for each batch, so that a cut can fall between any two."""
    monkeypatch.setattr(training, "SECONDS_BETWEEN_STATES", 0.05)
    monkeypatch.setattr(stage, "SECONDS_BETWEEN_BATCH_EVENTS", 0.0)
    monkeypatch.setattr(checkpoints, "TIMES_BETWEEN_FILES", 0.0)
    monkeypatch.setattr(checkpoints, "MIN_SECONDS_BETWEEN", {"last": 0.0, "best": 0.0})


@pytest.fixture
def rich_plan(sample: Path, few_images: Path) -> TrainingPlan:
    """Everything on that has a state: two stages, dropout, augmentation, momentum, warm-up, a schedule."""
    plan = make_plan(open_model(sample / "model.hdf5"), str(few_images), "finetune")
    return msgspec.structs.replace(
        plan,
        head=Head(hidden=(8,), dropout=0.4, standardize=True),
        head_first=HeadFirst(epochs=2),
        optimizer=Optimizer(name="sgd", learning_rate=1e-3, momentum=0.9, decay=1e-3, weight_decay=1e-3),
        schedule=Schedule(kind="cosine", warmup=0.5, floor=0.1),
        label_smoothing=0.1,
        layer_rates={plan.cut: 0.5, "block3_conv1": 0.3},
        augment="light",
        class_weights=True,
        balanced=True,
        epochs=5,
        batch_size=8,
    )


def assert_same(one: Run, other: Run) -> None:
    assert one.finished.best == other.finished.best and one.finished.test == other.finished.test
    for a, b in zip(one.model.get_weights(), other.model.get_weights(), strict=True):
        assert np.array_equal(a, b)
    first, second = one.last_arrays, other.last_arrays
    assert first.keys() == second.keys()
    for name, values in first.items():
        assert np.array_equal(values, second[name]), name


def numbers_of(run: Run) -> list[list[str]]:
    """The history without the seconds."""
    with (run.folder / "history.csv").open(newline="") as file:
        return [row[:-1] for row in csv.reader(file)]


@pytest.mark.parametrize(
    "change",
    [
        "cosine",
        "solver",
        *(pytest.param(name, marks=pytest.mark.long) for name in ("parts", "plateau", "adam", "views")),
    ],
)
def test_that_a_run_cut_off_again_and_again_ends_with_the_same_bits(
    change: str, rich_plan: TrainingPlan, tmp_path: Path
) -> None:
    changes: dict[str, dict[str, Any]] = {
        "cosine": {"keep": "best"},
        "plateau": {"schedule": Schedule(kind="plateau", patience=1), "patience": 2},
        "adam": {"optimizer": Optimizer(name="adamw", learning_rate=1e-4), "augment": "none"},
        "views": {"augment": "strong", "views": 2, "head_first": None},
        "parts": {"accumulate": 3, "augment": "none"},
        "solver": {
            "solver": "logistic",
            "head": Head(standardize=True),
            "head_first": None,
            "augment": "none",
            "strategy": "features",
            "balanced": False,
            "label_smoothing": 0.0,
        },
    }
    plan = msgspec.structs.replace(rich_plan, **changes[change])
    if change == "solver":
        plan = msgspec.structs.replace(plan, frozen=make_features_frozen(plan))
    whole = Run(tmp_path / "whole", plan)
    rng = np.random.default_rng(len(change))
    first = Run(tmp_path / "cut", plan, cut_at(int(rng.integers(8, 24))))
    assert first.events[-1] is None
    cuts = 0
    while True:
        run = Run(tmp_path / "cut", plan, cut_at(int(rng.integers(12, 30))), resume=True)
        cuts += 1
        if run.events[-1] is not None:
            break
        assert cuts < 60, "it never comes to its end"
    assert cuts > 1 and run.finished.resumed == cuts
    assert_same(whole, run)
    assert numbers_of(whole) == numbers_of(run)


def make_features_frozen(plan: TrainingPlan) -> tuple[str, ...]:
    return make_plan(open_model(Path(plan.model)), plan.dataset, "features", plan.cut).frozen


def test_that_a_paused_or_stopped_run_can_be_taken_up(rich_plan: TrainingPlan, tmp_path: Path) -> None:
    def stop(event: events.Event, control: Control) -> None:
        if isinstance(event, events.Batches) and event.epoch == 4:
            control.stop()

    whole = Run(tmp_path / "whole", rich_plan)
    stopped = Run(tmp_path / "runs" / "cut", rich_plan, stop)
    assert stopped.finished.stopped == "user" and stopped.finished.epochs == 3
    (found,) = interrupted_runs(tmp_path / "runs")
    assert (found.stopped, found.epoch, found.plan) == ("user", 3, rich_plan)
    resumed = Run(found.path, found.plan, resume=True)
    assert_same(whole, resumed)
    (event,) = resumed.of(events.Resumed)
    assert event.epoch == 3 and event.step > 0
    with pytest.raises(TLStudioError, match="complete"):
        require_resumable(found.path)
    numbers = [event["seq"] for event in read_events(found.path)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_that_a_torn_state_is_never_chosen(rich_plan: TrainingPlan, tmp_path: Path) -> None:
    whole = Run(tmp_path / "whole", rich_plan)
    run = tmp_path / "cut"
    Run(run, rich_plan, cut_at(60))
    (_, newest), (_, before) = states(run)
    data = bytearray(newest.read_bytes())
    data[len(data) // 2] ^= 1
    newest.write_bytes(bytes(data))
    assert newest_state(run) == before
    (run / "checkpoints" / "last" / ".state-1-1.part.npz").write_bytes(b"half of a state")
    with (run / "events.jsonl").open("ab") as log:
        log.write('{"type": "noticed", "message": "中'.encode()[:-1])  # torn within a character
    assert_same(whole, Run(run, rich_plan, resume=True))
    assert not list(run.rglob("*.part*"))
    assert len(states(run)) == 2


def test_that_frozen_layers_which_draw_by_chance_go_on_where_they_were(few_images: Path, tmp_path: Path) -> None:
    """Attention with dropout stays frozen above a convolution that trains."""
    keras.utils.set_random_seed(2)
    image = keras.Input((8, 8, 3))
    x = keras.layers.Reshape((64, 6))(keras.layers.Conv2D(6, 3, padding="same", name="below")(image))
    x = keras.layers.MultiHeadAttention(2, 3, dropout=0.4, name="attention")(x, x)
    x = keras.layers.GlobalAveragePooling1D(name="pool")(x)
    keras.Model(image, keras.layers.Dense(3, activation="softmax", name="scores")(x)).save(tmp_path / "net.keras")
    file = open_model(tmp_path / "net.keras")
    plan = freeze_by_patterns(file, make_plan(file, str(few_images), "init"), ["attention"], [])
    plan = msgspec.structs.replace(plan, head_first=None, epochs=3, batch_size=8, preprocess="unit")
    whole = Run(tmp_path / "whole", plan)
    Run(tmp_path / "cut", plan, cut_at(22))
    resumed = Run(tmp_path / "cut", plan, resume=True)
    (event,) = resumed.of(events.Resumed)
    assert (event.epoch, event.step) > (0, 0)
    assert_same(whole, resumed)


def test_that_another_plan_is_refused_but_parts_of_a_batch_may_change(
    rich_plan: TrainingPlan, tmp_path: Path
) -> None:
    Run(tmp_path / "cut", rich_plan, cut_at(40))
    other = msgspec.structs.replace(rich_plan, head=Head(hidden=(9,)))
    failed = Run(tmp_path / "cut", other, resume=True).events[-1]
    assert failed.code == "run_inputs_changed" and "plan.json" in failed.message
    smaller = msgspec.structs.replace(rich_plan, accumulate=2)
    assert Run(tmp_path / "cut", smaller, resume=True).finished.epochs == rich_plan.epochs


def test_that_changed_images_and_models_are_refused(
    rich_plan: TrainingPlan, few_images: Path, tmp_path: Path
) -> None:
    run = tmp_path / "cut"
    Run(run, rich_plan, cut_at(60))
    victim = sorted((few_images / "dark").iterdir())[0]
    (few_images / "dark" / "another.png").write_bytes(victim.read_bytes())
    failed = Run(run, rich_plan, resume=True).events[-1]
    assert failed.code == "run_inputs_changed" and "changed since it began" in failed.message


def test_that_two_owners_of_one_run_are_refused(rich_plan: TrainingPlan, tmp_path: Path) -> None:
    busy: list[str] = []

    def look(event: events.Event, _control: Control) -> None:
        if isinstance(event, events.EpochFinished) and event.epoch == 2:
            with pytest.raises(TLStudioError) as caught:
                require_resumable(tmp_path / "run")
            busy.append(caught.value.code)

    Run(tmp_path / "run", msgspec.structs.replace(rich_plan, epochs=2), look)
    assert busy == ["run_busy"]


def test_that_a_loss_that_is_no_number_goes_back_once_at_a_smaller_rate(
    rich_plan: TrainingPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rate that is too large by less than ten times: after going back the run comes to its end."""
    real = stage.Stage._train
    seen: list[float] = []

    def spoil(self: stage.Stage, values: np.ndarray, *rest: Any) -> Any:
        seen.append(self.rate.state.scale)
        if self.recipe.name == "layers" and self._state.epochs == 1 and self.rate.state.scale == 1.0:
            values = np.full_like(values, np.nan)
        return real(self, values, *rest)

    monkeypatch.setattr(stage.Stage, "_train", spoil)
    run = Run(tmp_path / "run", rich_plan)
    assert run.finished.epochs == 5 and "went_back" in {event.code for event in run.of(events.Noticed)}
    assert seen[0] == 1.0 and seen[-1] == training.SLOWER
    assert [row["epoch"] for row in read_history(run.folder)] == [1, 2, 3, 4, 5]
    for values in run.model.get_weights():
        assert np.isfinite(values).all()


@pytest.mark.parametrize("keep", ["best", "last"])
def test_that_the_best_model_is_never_replaced_by_a_worse_one(
    keep: Any, rich_plan: TrainingPlan, tmp_path: Path
) -> None:
    """Cut between an epoch that was the best and its state: the model on the disk is ahead of the state."""
    plan = msgspec.structs.replace(rich_plan, augment="none", keep=keep)
    best: list[Any] = []

    def cut(event: events.Event, control: Control) -> None:
        if isinstance(event, events.CheckpointWritten) and event.kind == "best":
            best.append(event)
            if len(best) == 2:
                raise Cut

    whole = Run(tmp_path / "whole", plan)
    Run(tmp_path / "cut", plan, cut)

    def stop_at_once(event: events.Event, control: Control) -> None:
        if isinstance(event, events.Resumed):
            control.stop()

    Run(tmp_path / "cut", plan, stop_at_once, resume=True)
    assert sha256_of(tmp_path / "cut" / "checkpoints" / "best.keras") == best[-1].sha256
    assert_same(whole, Run(tmp_path / "cut", plan, resume=True))
