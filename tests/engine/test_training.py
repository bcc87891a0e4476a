"""The training job: every way trains, frozen stays frozen, tests stay unseen, and runs can be repeated."""

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import msgspec
import numpy as np
import pytest

from tests.engine.runs import Run
from tlstudio.core import events, requests
from tlstudio.core.control import Control
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.reading import open_model
from tlstudio.core.plan import Head, HeadFirst, Optimizer, Schedule, TrainingPlan
from tlstudio.core.run_folder import load_run
from tlstudio.core.strategy import make_plan, with_old_head
from tlstudio.engine import features, store
from tlstudio.engine.build import build_model
from tlstudio.engine.jobs import run_job

pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning:keras.*")


@pytest.fixture
def plan_for(sample: Path, few_images: Path) -> Callable[..., TrainingPlan]:
    def make(strategy: str, cut: str | None = None, **changes: Any) -> TrainingPlan:
        plan = make_plan(open_model(sample / "model.hdf5"), str(few_images), strategy, cut)
        first = msgspec.structs.replace(plan.head_first, epochs=2) if plan.head_first else None
        return msgspec.structs.replace(plan, **{"epochs": 4, "head_first": first, **changes})

    return make


def weights_by_layer(model: keras.Model) -> dict[str, list[np.ndarray]]:
    return {layer.name: layer.get_weights() for layer in model.layers if layer.get_weights()}


@pytest.mark.parametrize("strategy", ["features", "finetune", "lower-features", "init", "classic"])
def test_that_each_way_trains_and_frozen_layers_stay_as_they_were(
    strategy: str, plan_for: Callable[..., TrainingPlan], sample: Path, tmp_path: Path
) -> None:
    plan = plan_for(strategy)
    run = Run(tmp_path / "run", plan)
    assert run.finished.frozen_unchanged and run.finished.epochs == 4
    source = weights_by_layer(keras.models.load_model(sample / "model.hdf5", compile=False))
    after = weights_by_layer(run.model)
    for name in set(after) & set(source):
        same = all(np.array_equal(a, b) for a, b in zip(source[name], after[name], strict=True))
        assert same == (name in plan.frozen), name
    stage = run.of(events.StageStarted)[-1]
    head = {"head_output", "head_standardize", "head_dense_1"} & set(after)
    assert set(stage.trainable) | head == set(after) - set(plan.frozen)
    assert run.model.output_shape == (None, 3)


@pytest.mark.parametrize(
    ("strategy", "rate", "epochs"), [("features", 1e-3, 40), ("finetune", 1e-3, 20), ("init", 1e-3, 8)]
)
def test_that_training_learns_and_the_score_is_that_of_the_kept_model(
    strategy: str, rate: float, epochs: int, plan_for: Callable[..., TrainingPlan], tmp_path: Path
) -> None:
    plan = plan_for(strategy, epochs=epochs, head_first=None, optimizer=Optimizer(learning_rate=rate), batch_size=8)
    run = Run(tmp_path / "run", plan)
    assert run.finished.test.accuracy > 0.9
    info = load_run(tmp_path / "run")
    collected: list[Any] = []
    request = requests.Evaluate(source=str(tmp_path / "run"), dataset=info.plan.dataset)
    run_job(request, Control(), collected.append)
    assert collected[-1].accuracy == run.finished.test.accuracy
    assert collected[-1].images == run.finished.test.images == 18
    assert collected[-1].confusion == run.of(events.Evaluated)[0].confusion


def test_that_a_plan_may_keep_the_last_epoch_of_its_main_stage(
    plan_for: Callable[..., TrainingPlan], tmp_path: Path
) -> None:
    """At a rate that only harms, the best epoch is the head's, and the last one is kept all the same."""
    harmful = Optimizer(name="adam", learning_rate=0.03)
    kept = {
        keep: Run(tmp_path / keep, plan_for("init", optimizer=harmful, schedule=Schedule(), keep=keep))
        for keep in ("best", "last")
    }
    assert kept["best"].finished.best.stage == "head"
    assert kept["last"].finished.best.epoch == 4 and kept["last"].finished.best.stage == "layers"
    assert [event.is_best for event in kept["last"].of(events.EpochFinished)][2:] == [True, True]
    state = kept["last"].last_arrays
    now, best = ([state[f"{group}/{n}"] for n in range(3)] for group in ("model", "best"))
    assert all(np.array_equal(a, b) for a, b in zip(now, best, strict=True))


def test_that_test_images_are_never_loaded_before_the_end(
    plan_for: Callable[..., TrainingPlan], few_images: Path, tmp_path: Path
) -> None:
    test: list[str] = []

    def spoil(event: events.Event, _control: Control) -> None:
        if isinstance(event, events.RunStarted):
            test.extend(json.loads((tmp_path / "run" / "split.json").read_text())["test"])
            for path in test:
                (few_images / path).write_bytes(b"no image any more")

    run = Run(tmp_path / "run", plan_for("features"), spoil)
    assert len(test) == 18
    assert run.events[-1].stopped == "epochs", "training itself never looked at them"
    assert {event.path for event in run.of(events.ImageSkipped)} == set(test)


def test_that_features_kept_or_not_give_the_same_weights(
    plan_for: Callable[..., TrainingPlan], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_for("finetune", optimizer=Optimizer(name="sgd", learning_rate=1e-3), head_first=None)
    plan = msgspec.structs.replace(plan, head=Head())
    kept = Run(tmp_path / "kept", plan)
    monkeypatch.setattr(features, "fits", lambda _shape, _dtype: False)
    anew = Run(tmp_path / "anew", plan)
    assert kept.finished.cached_layers > 0 == anew.finished.cached_layers
    assert "features_not_kept" in {event.code for event in anew.of(events.Noticed)}
    for one, other in zip(kept.model.get_weights(), anew.model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-5)


def test_that_the_same_seed_gives_the_same_bits(
    plan_for: Callable[..., TrainingPlan], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = []
    for name in ("one", "two"):
        monkeypatch.setenv("TLSTUDIO_CACHE", str(tmp_path / f"cache-{name}"))
        runs.append(Run(tmp_path / name, plan_for("finetune")))
    for one, two in zip(*(run.model.get_weights() for run in runs), strict=True):
        assert np.array_equal(one, two)


def test_that_a_stop_is_honoured_at_the_next_batch_and_keeps_the_best(
    plan_for: Callable[..., TrainingPlan], tmp_path: Path
) -> None:
    def stop(event: events.Event, control: Control) -> None:
        if isinstance(event, events.Batches) and event.epoch == 3:
            control.stop()

    run = Run(tmp_path / "run", plan_for("classic", epochs=100, batch_size=4, monitor="loss"), stop)
    assert run.finished.stopped == "user" and run.finished.epochs == 2 and run.finished.test is None
    assert len(run.of(events.EpochFinished)) == 2
    assert run.model.output_shape == (None, 3)


def test_that_nothing_is_computed_while_paused(plan_for: Callable[..., TrainingPlan], tmp_path: Path) -> None:
    paused, quiet = threading.Event(), threading.Event()

    def pause(event: events.Event, control: Control) -> None:
        if isinstance(event, events.EpochFinished) and event.epoch == 1:
            control.pause()
        if isinstance(event, events.Paused):
            paused.set()
            threading.Timer(0.4, lambda: (quiet.set(), control.resume())).start()

    run = Run(tmp_path / "run", plan_for("classic"), pause)
    kinds = [type(event) for event in run.events]
    assert kinds[kinds.index(events.Paused) + 1] is events.Continued and quiet.is_set()
    assert run.finished.epochs == 4 and run.finished.seconds < 60


def test_that_a_kept_head_starts_from_the_old_classifier(sample: Path, tmp_path: Path) -> None:
    file = open_model(sample / "model.hdf5")
    plan = make_plan(file, str(sample / "images"), "finetune")
    plan = msgspec.structs.replace(with_old_head(file, plan), epochs=1)
    run = Run(tmp_path / "run", plan)
    assert [layer.name for layer in run.model.layers][-1] == "dense_2"
    assert run.finished.frozen_unchanged


def test_that_a_head_of_other_classes_is_refused(sample: Path, few_images: Path, tmp_path: Path) -> None:
    file = open_model(sample / "model.hdf5")
    plan = with_old_head(file, make_plan(file, str(few_images), "finetune"))
    run = Run(tmp_path / "run", plan)
    assert run.events[-1].code == "head_mismatch"


def test_that_a_monstrous_rate_is_told_of_and_ends_in_a_sentence(sample: Path, tmp_path: Path) -> None:
    plan = make_plan(open_model(sample / "model.hdf5"), str(sample / "images"), "init")
    rate = Optimizer(name="sgd", learning_rate=1e38)
    run = Run(tmp_path / "run", msgspec.structs.replace(plan, optimizer=rate, head_first=None))
    assert "rate_too_large" in {event.code for event in run.of(events.Noticed)}
    assert run.events[-1].code == "training_diverged" and "ten times smaller" in run.events[-1].message


def test_that_a_full_disk_is_told_of_and_the_old_checkpoint_stays(
    plan_for: Callable[..., TrainingPlan], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tlstudio.engine import checkpoints

    monkeypatch.setattr(checkpoints, "MIN_SECONDS_BETWEEN", {"last": 0.0, "best": 0.0})
    monkeypatch.setattr(checkpoints, "TIMES_BETWEEN_FILES", 0.0)
    real = shutil.disk_usage

    def fill(event: events.Event, _control: Control) -> None:
        if isinstance(event, events.EpochFinished) and event.epoch == 2:
            monkeypatch.setattr(checkpoints.shutil, "disk_usage", lambda path: real(path)._replace(free=0))

    run = Run(tmp_path / "run", plan_for("features", epochs=6), fill)
    monkeypatch.undo()
    assert "disk_full" in {event.code for event in run.of(events.Noticed)}
    assert {event.epoch for event in run.of(events.CheckpointWritten)} == {0, 1}
    assert keras.models.load_model(tmp_path / "run" / "checkpoints" / "best.keras").output_shape == (None, 3)


def test_that_a_dataset_of_one_class_fails_in_one_sentence(sample: Path, few_images: Path, tmp_path: Path) -> None:
    for label in ("grey", "light"):
        shutil.rmtree(few_images / label)
    run = Run(tmp_path / "run", make_plan(open_model(sample / "model.hdf5"), str(few_images), "features"))
    assert run.events[-1].code == "one_class"


def test_that_unreadable_images_are_skipped_counted_and_listed(
    plan_for: Callable[..., TrainingPlan], few_images: Path, tmp_path: Path
) -> None:
    (few_images / "dark" / "bad.png").write_bytes(b"nothing")
    run = Run(tmp_path / "run", plan_for("features"))
    assert run.finished.skipped == 1
    assert [event.path for event in run.of(events.ImageSkipped)] == ["dark/bad.png"]


def test_that_augmented_training_differs_and_repeats(plan_for: Callable[..., TrainingPlan], tmp_path: Path) -> None:
    wishes = enumerate(("light", "light", "none"))
    runs = [Run(tmp_path / str(n), plan_for("features", augment=wish)) for n, wish in wishes]
    losses = [[event.loss for event in run.of(events.EpochFinished)] for run in runs]
    assert losses[0] == losses[1] != losses[2]


def test_that_the_trial_of_scalings_is_told(residual_model: Path, few_images: Path, tmp_path: Path) -> None:
    plan = make_plan(open_model(residual_model), str(few_images), "features")
    run = Run(tmp_path / "run", msgspec.structs.replace(plan, epochs=2))
    assert "preprocessing_tried" in {event.code for event in run.of(events.Noticed)}
    assert run.finished.preprocessing in {"unit", "symmetric", "caffe", "imagenet", "raw"}


@pytest.mark.parametrize("kind", ["nested_model", "residual_model"])
def test_that_a_built_network_gives_what_stock_keras_gives(kind: str, request: pytest.FixtureRequest) -> None:
    path = request.getfixturevalue(kind)
    x = np.random.default_rng(0).uniform(size=(4, 16, 16, 3)).astype(np.float32)
    ours = build_model(open_model(path))(x, training=False).numpy()
    theirs = keras.models.load_model(path, compile=False)(x, training=False).numpy()
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_that_weights_which_do_not_fit_are_refused(residual_model: Path, tmp_path: Path) -> None:
    import h5py

    path = shutil.copy(residual_model, tmp_path / "wrong.h5")
    with h5py.File(path, "r+") as file:
        found: list[str] = []
        file["model_weights/stem"].visititems(lambda n, o: found.append(n) if isinstance(o, h5py.Dataset) else None)
        kernel = next(name for name in found if "kernel" in name)
        del file["model_weights/stem"][kernel]
        file["model_weights/stem"][kernel] = np.zeros((3, 3, 3, 9), np.float32)
    with pytest.raises(TLStudioError) as caught:
        build_model(open_model(path))
    assert caught.value.code == "weights_mismatch" and "stem" in str(caught.value)


def test_that_the_head_first_stage_trains_only_the_head(
    plan_for: Callable[..., TrainingPlan], tmp_path: Path
) -> None:
    run = Run(tmp_path / "run", plan_for("finetune", head_first=HeadFirst(epochs=2, patience=2)))
    first, second = run.of(events.StageStarted)
    assert first.trainable == ["head_output"]
    assert second.learning_rate < first.learning_rate
    assert {"block2_conv2", "block3_conv1", "block3_conv2"} <= set(second.trainable)


def test_that_a_damaged_cache_entry_is_made_anew(plan_for: Callable[..., TrainingPlan], tmp_path: Path) -> None:
    plan = plan_for("features")
    before = Run(tmp_path / "one", plan)
    for entry in (store.cache_folder() / "arrays").glob("*.npy"):
        entry.write_bytes(entry.read_bytes()[:100])
    after = Run(tmp_path / "two", plan)
    assert [e.loss for e in before.of(events.EpochFinished)] == [e.loss for e in after.of(events.EpochFinished)]
