"""Learning rates by layer: the presets go by the layers that train, from the input up."""

from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from tlstudio.core.layer_rates import preset, trained_layers, with_rates
from tlstudio.core.model.safely import read_model
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.strategy import make_plan

SAMPLE_LAYERS = ["block1_conv1", "block1_conv2", "block2_conv1", "block2_conv2", "block3_conv1", "block3_conv2"]


@pytest.fixture
def model(sample: Path):
    return read_model(sample / "model.hdf5")


def plan_of(model, **changes) -> TrainingPlan:
    return msgspec.structs.replace(make_plan(model, "", "init"), **changes)


def test_that_layers_that_train_are_those_with_weights_that_are_not_frozen(model) -> None:
    assert trained_layers(model, plan_of(model)) == SAMPLE_LAYERS
    frozen = ("block1_conv1", "block2_conv2")
    assert trained_layers(model, plan_of(model, frozen=frozen)) == [p for p in SAMPLE_LAYERS if p not in frozen]


def test_that_rates_rise_geometrically_from_a_tenth_to_the_whole(model) -> None:
    rates = preset(model, plan_of(model), "rising")
    values = [rates.get(path, 1.0) for path in SAMPLE_LAYERS]
    assert values[0] == 0.1 and values[-1] == 1.0
    ratios = [high / low for low, high in pairwise(values)]
    assert ratios == pytest.approx([10 ** (1 / 5)] * 5, rel=1e-3)
    assert rates.keys() == set(SAMPLE_LAYERS[:-1]), "a factor of 1 is not written down"


def test_that_the_lower_half_of_the_trained_layers_moves_at_a_tenth(model) -> None:
    plan = plan_of(model, frozen=("block1_conv1",))
    assert preset(model, plan, "upper") == {"block1_conv2": 0.1, "block2_conv1": 0.1}
    assert preset(model, plan, "flat") == {}


def test_that_one_layer_alone_has_the_whole_rate_and_none_gives_nothing(model) -> None:
    for name in ("rising", "upper", "flat"):
        assert preset(model, plan_of(model, frozen=tuple(SAMPLE_LAYERS[:-1])), name) == {}
        assert preset(model, plan_of(model, frozen=tuple(SAMPLE_LAYERS)), name) == {}
    with pytest.raises(ValueError, match="Expected one of flat, rising, upper"):
        preset(model, plan_of(model), "falling")


def test_that_setting_some_rates_leaves_the_others() -> None:
    plan = TrainingPlan(layer_rates={"a": 0.5, "b": 0.2})
    assert with_rates(plan, ["b", "c"], 0.3) == {"a": 0.5, "b": 0.3, "c": 0.3}
    assert with_rates(plan, ["a"], 1.0) == {"b": 0.2}
