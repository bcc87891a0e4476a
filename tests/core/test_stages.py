"""Which stages a plan has, and what of the network stays the same through each."""

from pathlib import Path

import msgspec
import pytest

from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.reading import open_model
from tlstudio.core.plan import HeadFirst, TrainingPlan
from tlstudio.core.stages import MAIN_STAGE, boundary_of, stages_of
from tlstudio.core.strategy import make_plan, with_old_head


@pytest.fixture
def model(sample: Path) -> ModelFile:
    return open_model(sample / "model.hdf5")


def first_for(plan: TrainingPlan, epochs: int, whole: int) -> TrainingPlan:
    return msgspec.structs.replace(plan, epochs=whole, head_first=HeadFirst(epochs=epochs))


def boundary(model: ModelFile, plan: TrainingPlan, frozen: frozenset[str]) -> str | None:
    calls = sorted(model.graph.used_by((model.graph.calls_of(plan.cut or "")[-1],)))
    found = boundary_of(model, plan, calls, model.weights, model.weights.keys() - frozen)
    return None if found is None else model.graph.calls[found].layer


def test_that_the_head_comes_first_for_half_of_the_epochs_at_most(model: ModelFile) -> None:
    tuned = make_plan(model, "", "finetune")
    head, main = stages_of(model, first_for(tuned, 30, 20))
    assert (head.name, head.epochs, head.frozen) == ("head", 10, frozenset(model.weights))
    assert (main.name, main.epochs, main.frozen) == (MAIN_STAGE, 20, frozenset(tuned.frozen))
    assert [stage.epochs for stage in stages_of(model, first_for(tuned, 3, 20))] == [3, 20]
    assert [stage.name for stage in stages_of(model, first_for(tuned, 30, 1))] == [MAIN_STAGE]
    kept = first_for(with_old_head(model, tuned), 30, 20)
    assert [stage.name for stage in stages_of(model, kept)] == [MAIN_STAGE], "an old head knows something already"


def test_that_what_is_computed_once_ends_below_the_first_layer_that_trains(model: ModelFile) -> None:
    plan = make_plan(model, "", "init")
    every = frozenset(model.weights)
    assert boundary(model, plan, every) == plan.cut
    assert boundary(model, plan, frozenset()) is None
    below_third = frozenset(path for path in every if not path.startswith("block3"))
    at = boundary(model, plan, below_third)
    assert at is not None and at.startswith("block2")
    assert boundary(model, plan, every - {"block1_conv1"}) is None, "a lower layer trains, so all above it moves"
