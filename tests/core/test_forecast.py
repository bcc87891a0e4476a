"""What a plan will cost: counted by hand on the sample's network, and how choices move it."""

from pathlib import Path

import msgspec
import pytest

from tlstudio.core.errors import TLStudioError
from tlstudio.core.forecast import (
    Forecast,
    Parts,
    fits,
    forecast,
    parts_of,
    peak_memory,
    require_fit,
    smaller_batch,
)
from tlstudio.core.machine import total_memory
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.reading import open_model
from tlstudio.core.plan import Head, Optimizer, TrainingPlan
from tlstudio.core.speed import Counts, Rate, Speed
from tlstudio.core.strategy import make_plan, with_cut, with_old_head
from tlstudio.core.watch import least_memory
from tlstudio.core.work import work_of

COUNTS = Counts(train=1000, validation=100, test=100, classes=5)
SPEED = Speed(
    frozen=Rate(multiply_adds=1e11, values=1e9),
    train=Rate(multiply_adds=3e10, values=3e8),
    decode=100.0,
    change=1e7,
    step=1e-3,
    layer=0.05,
    ready=0.05,
)

# Of the sample's network, by hand: kernel times places, layer by layer.
CONVOLUTIONS = [
    32 * 32 * 3 * 3 * 3 * 16,
    32 * 32 * 3 * 3 * 16 * 16,
    16 * 16 * 3 * 3 * 16 * 32,
    16 * 16 * 3 * 3 * 32 * 32,
    8 * 8 * 3 * 3 * 32 * 48,
    8 * 8 * 3 * 3 * 48 * 48,
]


@pytest.fixture
def model(sample: Path) -> ModelFile:
    return open_model(sample / "model.hdf5")


def changed(plan: TrainingPlan, **fields: object) -> TrainingPlan:
    return msgspec.structs.replace(plan, **fields)


def test_that_multiply_adds_are_those_counted_by_hand(model: ModelFile) -> None:
    parts = parts_of(model, make_plan(model, "", "features"), classes=5)
    assert parts.frozen.multiply_adds == sum(CONVOLUTIONS)
    assert parts.trained.multiply_adds == 768 * 5
    assert parts.trainable == (768 + 1) * 5
    assert (parts.frozen.given, parts.frozen.result) == (32 * 32 * 3, 768)


def test_that_a_part_above_the_frozen_layers_trains_and_both_make_up_the_whole(model: ModelFile) -> None:
    frozen, trained, trainable, variables = parts_of(model, make_plan(model, "", "finetune"), classes=5)
    assert frozen.multiply_adds == sum(CONVOLUTIONS[:3])  # three convolutions of six are frozen
    assert trained.multiply_adds == sum(CONVOLUTIONS[3:]) + 768 * 5
    kernels = [(32, 32), (32, 48), (48, 48)]
    assert trainable == sum(9 * a * b + b for a, b in kernels) + (768 + 1) * 5
    assert variables == 2 * len(kernels) + 2  # kernels and biases, the head's too


def test_that_what_is_held_without_gradients_is_a_layer_with_what_it_takes(model: ModelFile) -> None:
    everything = work_of(model, range(len(model.graph.calls)))
    assert everything.live == 2 * 32 * 32 * 16
    assert everything.kept > everything.live


def test_that_separable_and_branching_networks_are_counted(residual_model: Path) -> None:
    model = open_model(residual_model)
    whole = work_of(model, range(len(model.graph.calls)))
    stem, inner, upper = 16 * 16 * 27 * 4, 16 * 16 * 36 * 4, 7 * 7 * 36 * 6
    assert whole.multiply_adds == stem + inner + upper + 6 * 3
    # While "inner" runs, what runs past it is held, too: its input is the other branch.
    assert whole.live >= 2 * 16 * 16 * 4


def test_that_all_time_is_in_the_phases_and_grows_with_images_and_epochs(model: ModelFile) -> None:
    plan = make_plan(model, "", "finetune")
    one = forecast(model, plan, COUNTS, SPEED)
    assert set(one.phases) == {"decode", "network", "features", "epochs", "files", "test"}
    assert one.seconds == pytest.approx(sum(one.phases.values())) and all(s > 0 for s in one.phases.values())
    assert one.phases["decode"] == pytest.approx(12.0)
    more = forecast(model, plan, msgspec.structs.replace(COUNTS, train=10_000), SPEED)
    assert more.phases["epochs"] == pytest.approx(10 * one.phases["epochs"], rel=0.1)
    longer = forecast(model, changed(plan, epochs=2 * plan.epochs), COUNTS, SPEED)
    assert longer.phases["epochs"] > 1.5 * one.phases["epochs"]
    assert longer.phases["features"] == one.phases["features"]  # computed once


def test_that_a_frozen_part_costs_once_and_with_random_changes_in_each_epoch_or_view(model: ModelFile) -> None:
    plan = changed(make_plan(model, "", "features"), epochs=50)
    once = forecast(model, plan, COUNTS, SPEED).phases["features"]
    kept = forecast(model, changed(plan, augment="light", views=4), COUNTS, SPEED).phases["features"]
    anew = forecast(model, changed(plan, augment="light"), COUNTS, SPEED).phases["features"]
    assert once < 0.5 * kept and kept < 0.1 * anew
    changes = 50 * 1000 * 32 * 32 / SPEED.change
    assert anew > changes


def test_that_training_more_takes_longer(model: ModelFile) -> None:
    epochs = [
        forecast(model, changed(make_plan(model, "", way), head_first=None, epochs=10), COUNTS, SPEED).phases[
            "epochs"
        ]
        for way in ("features", "finetune", "init")
    ]
    assert epochs == sorted(epochs) and epochs[0] < 0.5 * epochs[1]


def test_that_memory_grows_with_the_batch_and_falls_with_its_parts(model: ModelFile) -> None:
    plan = changed(make_plan(model, "", "init"), batch_size=1024)
    whole = peak_memory(model, plan, COUNTS)
    assert whole > peak_memory(model, changed(plan, batch_size=256), COUNTS)
    kept = 4 * 1024 * parts_of(model, plan, 5).trained.kept
    assert whole - peak_memory(model, changed(plan, accumulate=4), COUNTS) > 0.7 * kept
    assert peak_memory(model, plan, COUNTS) == peak_memory(model, plan, msgspec.structs.replace(COUNTS, train=50_000))


def test_that_optimizers_with_more_state_take_more_memory(model: ModelFile) -> None:
    plan = changed(make_plan(model, "", "classic"), head=Head(hidden=(4096, 4096)))
    trainable = parts_of(model, plan, 5).trainable
    peaks = [
        peak_memory(model, changed(plan, optimizer=optimizer), COUNTS)
        for optimizer in (Optimizer(name="sgd"), Optimizer(name="sgd", momentum=0.9), Optimizer(name="adam"))
    ]
    assert peaks[1] - peaks[0] == 4 * trainable and peaks[2] - peaks[1] == 4 * trainable


def test_that_a_kept_head_is_counted_with_the_network(model: ModelFile) -> None:
    parts: Parts = parts_of(model, with_old_head(model, make_plan(model, "", "init")), classes=5)
    assert parts.trained.multiply_adds == sum(CONVOLUTIONS) + 768 * 64 + 64 * 5


def test_that_cutting_lower_makes_a_pass_shorter(model: ModelFile) -> None:
    plan = make_plan(model, "", "features")
    low = with_cut(model, plan, "block2_pool")
    assert parts_of(model, low, 5).frozen.multiply_adds == sum(CONVOLUTIONS[:4])
    assert forecast(model, low, COUNTS, SPEED).seconds < forecast(model, plan, COUNTS, SPEED).seconds


def test_that_what_fits_leaves_as_much_as_a_run_would_wait_for() -> None:
    expected = Forecast(phases={}, peak_bytes=1_000_000_000)
    spare = least_memory(total_memory())
    assert fits(expected, 1_000_000_000 + spare) and not fits(expected, 999_999_999 + spare)


def test_that_a_batch_that_does_not_fit_is_refused_with_the_largest_that_does(model: ModelFile) -> None:
    plan = changed(make_plan(model, "", "init"), batch_size=8192)
    free = peak_memory(model, changed(plan, batch_size=768), COUNTS) + least_memory(total_memory())
    assert smaller_batch(model, plan, COUNTS, free) == 768
    assert smaller_batch(model, plan, COUNTS, free - 1) == 512
    with pytest.raises(TLStudioError) as refused:
        require_fit(model, plan, COUNTS, free)
    assert refused.value.code == "will_not_fit" and refused.value.facts["smaller"] == 768
    require_fit(model, changed(plan, batch_size=768), COUNTS, free)
    with pytest.raises(TLStudioError):
        require_fit(model, changed(plan, batch_size=768), COUNTS, free, factor=1.1)


def test_that_a_network_too_large_for_any_batch_is_refused(model: ModelFile) -> None:
    plan = make_plan(model, "", "init")
    assert smaller_batch(model, plan, COUNTS, 300_000_000) is None
    with pytest.raises(TLStudioError) as refused:
        require_fit(model, plan, COUNTS, 300_000_000)
    assert refused.value.code == "memory_short" and "300 MB" in str(refused.value)
