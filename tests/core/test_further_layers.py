"""Heads on the features of several layers: which layers may be named, and what they make of a plan."""

from pathlib import Path

import msgspec
import pytest

from tlstudio.core.documents import load_document, save_document
from tlstudio.core.errors import TLStudioError
from tlstudio.core.forecast import parts_of
from tlstudio.core.further_layers import with_also
from tlstudio.core.head import new_head_of
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.reading import open_model
from tlstudio.core.plan import Head, TrainingPlan
from tlstudio.core.strategy import check_plan, freeze_by_patterns, make_plan, with_cut, with_old_head


@pytest.fixture
def model(residual_model: Path) -> ModelFile:
    return open_model(residual_model)


@pytest.fixture
def plan(model: ModelFile) -> TrainingPlan:
    return make_plan(model, "images", "features")


def test_that_layers_are_kept_once_each_from_the_input_up(model: ModelFile, plan: TrainingPlan) -> None:
    assert with_also(model, plan, ["upper", "join", "upper"]).also == ("join", "upper")


def test_that_a_layer_within_a_branch_will_do_since_nothing_above_it_is_taken_away(
    model: ModelFile, plan: TrainingPlan
) -> None:
    assert not model.cuts["inner"].legal
    check_plan(model, with_also(model, plan, ["inner"]), classes=3)


@pytest.mark.parametrize("layer", ["image", "pool", "scores", "nonsense"])
def test_that_the_input_the_cut_and_what_is_not_below_it_are_refused(
    model: ModelFile, plan: TrainingPlan, layer: str
) -> None:
    with pytest.raises(TLStudioError) as caught:
        with_also(model, plan, [layer])
    assert caught.value.code == "also_illegal" and layer in str(caught.value)


def test_that_a_plan_that_names_a_layer_twice_is_refused(model: ModelFile, plan: TrainingPlan) -> None:
    with pytest.raises(TLStudioError) as caught:
        check_plan(model, msgspec.structs.replace(plan, also=("join", "join")), classes=3)
    assert caught.value.code == "also_illegal"


def test_that_a_kept_head_takes_no_further_features(model: ModelFile, plan: TrainingPlan) -> None:
    kept = with_old_head(model, with_also(model, plan, ["join"]))
    assert kept.also == ()
    with pytest.raises(TLStudioError) as caught:
        with_also(model, msgspec.structs.replace(plan, cut=None, head=Head(kind="keep")), ["join"])
    assert caught.value.code == "also_needs_new_head"


def test_that_another_cut_keeps_those_that_still_lie_below_it(model: ModelFile, plan: TrainingPlan) -> None:
    wide = with_also(model, plan, ["stem", "join", "upper"])
    assert with_cut(model, wide, "upper").also == ("stem", "join")
    assert with_cut(model, wide, "join").also == ("stem",)


def test_that_the_head_is_described_with_its_poolings_and_as_wide_as_all_features(
    model: ModelFile, plan: TrainingPlan
) -> None:
    head = new_head_of(model, with_also(model, plan, ["join"]), classes=3)
    assert [(layer.type, layer.output) for layer in head] == [
        ("GlobalAveragePooling2D", 4),
        ("Concatenate", 6 + 4),
        ("Normalization", 10),
        ("Dense", 3),
    ]
    assert head[-1].parameters == (10 + 1) * 3


def test_that_a_flattened_cut_is_written_out_and_further_maps_are_averaged(
    model: ModelFile, plan: TrainingPlan
) -> None:
    flat = msgspec.structs.replace(with_cut(model, plan, "upper"), head=Head(pooling="flatten"))
    head = new_head_of(model, with_also(model, flat, ["join"]), classes=3)
    assert [layer.type for layer in head[:3]] == ["Flatten", "GlobalAveragePooling2D", "Concatenate"]
    assert head[2].output == head[0].output + 4


def test_that_all_that_a_head_on_a_frozen_network_takes_is_computed_once(
    model: ModelFile, plan: TrainingPlan
) -> None:
    alone, several = (parts_of(model, made, 3) for made in (plan, with_also(model, plan, ["join"])))
    assert several.frozen.multiply_adds == alone.frozen.multiply_adds
    assert (alone.trained.given, several.trained.given) == (6, 10)
    assert several.trainable == (10 + 1) * 3


def test_that_what_trains_begins_at_the_lowest_layer_that_the_head_is_given(
    model: ModelFile, plan: TrainingPlan
) -> None:
    tuned = freeze_by_patterns(model, plan, ["*"], ["upper"])
    alone, several = (parts_of(model, made, 3) for made in (tuned, with_also(model, tuned, ["stem"])))
    assert several.frozen.multiply_adds < alone.frozen.multiply_adds
    assert several.trained.multiply_adds > alone.trained.multiply_adds


def test_that_plans_of_before_read_as_plans_without_such_layers(plan: TrainingPlan, tmp_path: Path) -> None:
    save_document(plan, tmp_path / "plan.json")
    text = (tmp_path / "plan.json").read_text()
    (tmp_path / "old.json").write_text(text.replace(',\n  "also": []', ""))
    assert "also" in text and "also" not in (tmp_path / "old.json").read_text()
    assert load_document(TrainingPlan, tmp_path / "old.json") == plan


def test_that_a_layer_that_is_called_twice_is_refused(tmp_path: Path) -> None:
    import keras

    shared = keras.layers.Conv2D(3, 3, padding="same", name="shared")
    image = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(3, 3, name="upper")(shared(shared(image)))
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    keras.Model(image, keras.layers.Dense(2, activation="softmax")(x)).save(tmp_path / "shared.keras")
    file = open_model(tmp_path / "shared.keras")
    plan = make_plan(file, "images", "features")
    assert with_also(file, plan, ["upper"]).also == ("upper",)
    with pytest.raises(TLStudioError) as caught:
        with_also(file, plan, ["shared"])
    assert caught.value.code == "also_illegal"
