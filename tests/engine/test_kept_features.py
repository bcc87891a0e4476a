"""What is computed once gives what computing it in every epoch gives: with branches, normalization and dropout."""

from pathlib import Path
from typing import Any

import keras
import msgspec
import numpy as np
import pytest

from tests.engine.runs import Run
from tlstudio.core import events
from tlstudio.core.model.reading import open_model
from tlstudio.core.plan import Head, Optimizer, TrainingPlan
from tlstudio.core.strategy import freeze_by_patterns, make_plan
from tlstudio.engine import sources
from tlstudio.engine.network import Network

pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning:keras.*")


def plan_of(model: Path, images: Path, **changes: Any) -> TrainingPlan:
    file = open_model(model)
    plan = freeze_by_patterns(file, make_plan(file, str(images), "finetune"), [], [], below="left3")
    plan = msgspec.structs.replace(
        plan,
        head=Head(hidden=(8,), dropout=0.2),
        optimizer=Optimizer(name="sgd", learning_rate=1e-2, momentum=0.9),
        head_first=None,
        epochs=3,
        batch_size=8,
        preprocess="unit",
    )
    return msgspec.structs.replace(plan, **changes)


@pytest.mark.parametrize("changes", [{}, {"augment": "light"}, {"augment": "strong", "views": 2}])
def test_that_the_network_trained_on_kept_features_is_the_one_trained_whole(
    changes: dict[str, Any], branched: Path, few_images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(branched, few_images, **changes)
    kept = Run(tmp_path / "kept", plan)
    is_anew = plan.augment != "none" and not plan.views
    assert (kept.finished.cached_layers == 0) == is_anew
    monkeypatch.setattr(Network, "boundary", lambda self: None)
    whole = Run(tmp_path / "whole", plan)
    assert whole.finished.cached_layers == 0
    for one, other in zip(kept.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=5e-5)
    for a, b in zip(kept.of(events.EpochFinished), whole.of(events.EpochFinished), strict=True):
        assert a.loss == pytest.approx(b.loss, abs=1e-4) and a.drift.keys() == b.drift.keys() == {
            "left3", "norm3", "right3"
        }  # fmt: skip
        assert min(a.drift.values()) > 0


def test_that_kept_views_are_taken_in_turns_and_computed_once(
    branched: Path, few_images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed: list[int] = []
    real = sources.augmented

    def count(pixels: np.ndarray, augmentation: Any, seed: int, view: int, image: int) -> np.ndarray:
        changed.append(view)
        return real(pixels, augmentation, seed, view, image)

    monkeypatch.setattr(sources, "augmented", count)
    plan = plan_of(branched, few_images, augment="strong", views=2, epochs=5, patience=9)
    run = Run(tmp_path / "run", plan)
    images = run.of(events.RunStarted)[0].train_images
    assert sorted(changed) == [0] * images + [1] * images


def test_that_parts_of_a_batch_add_up_to_the_batch(branched: Path, few_images: Path, tmp_path: Path) -> None:
    plan = plan_of(branched, few_images, head=Head(hidden=(8,)))
    file = open_model(branched)
    frozen = tuple(sorted({*plan.frozen, "norm3"}))  # it would see the parts, not the batch
    plan = msgspec.structs.replace(plan, frozen=tuple(p for p in file.graph.layers if p in frozen))
    one = Run(tmp_path / "one", plan)
    three = Run(tmp_path / "three", msgspec.structs.replace(plan, accumulate=3))
    for a, b in zip(one.model.get_weights(), three.model.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_that_layers_learn_at_rates_of_their_own(branched: Path, few_images: Path, tmp_path: Path) -> None:
    plan = plan_of(branched, few_images, optimizer=Optimizer(name="adam", learning_rate=1e-4))
    own = msgspec.structs.replace(plan, layer_rates={"left3": 0.0, "right3": 10.0})
    even, uneven = (
        Run(tmp_path / name, wanted).of(events.EpochFinished)[-1].drift
        for name, wanted in (("even", plan), ("uneven", own))
    )
    assert uneven["left3"] == 0 < even["left3"]
    assert uneven["right3"] == pytest.approx(10 * even["right3"], rel=0.5)
    assert uneven["norm3"] == pytest.approx(even["norm3"], rel=0.5)


def test_that_the_cache_serves_another_run(
    branched: Path, few_images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tlstudio.engine import features

    plan = plan_of(branched, few_images)
    first = Run(tmp_path / "first", plan)

    def refuse(*_: Any) -> None:
        raise AssertionError("the frozen part is computed again")

    monkeypatch.setattr(features, "fast_inference", refuse)
    again = Run(tmp_path / "again", msgspec.structs.replace(plan, batch_size=4, augment="none"))
    assert again.finished.cached_layers == first.finished.cached_layers > 0


def test_that_half_precision_trains_and_what_is_saved_is_in_full(
    branched: Path, few_images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no GPU in most places of test, but bfloat16 is computed everywhere."""
    from tlstudio.engine import devices

    plan = plan_of(branched, few_images, precision="mixed", layer_rates={})
    kept = Run(tmp_path / "kept", plan)
    codes = {event.code for event in kept.of(events.Noticed)}
    assert ("precision_kept" in codes) != devices.gains_from_half_precision()
    monkeypatch.setattr(devices, "gains_from_half_precision", lambda: True)
    mixed = Run(tmp_path / "mixed", plan)
    assert mixed.finished.frozen_unchanged and mixed.finished.epochs == 3
    keras.config.set_dtype_policy("float32")
    assert {layer.dtype_policy.name for layer in mixed.model.layers} == {"float32"}
    for one, other in zip(kept.model.get_weights(), mixed.model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=0.05)
    losses = [[event.loss for event in run.of(events.EpochFinished)] for run in (kept, mixed)]
    assert losses[0] != losses[1], "it was computed in another precision"
    assert losses[0] == pytest.approx(losses[1], rel=0.05)
    again = Run(tmp_path / "again", msgspec.structs.replace(plan, precision="float32"))
    assert [event.loss for event in again.of(events.EpochFinished)] == losses[0], "the next run is in full again"
