"""Heads on the features of several layers: what is trained is the network that one would build by hand."""

import hashlib
from pathlib import Path
from typing import Any

import keras
import msgspec
import numpy as np
import pytest

from tests.engine.runs import Run, cut_at
from tests.engine.test_kept_features import plan_of
from tlstudio.core import events
from tlstudio.core.control import Control
from tlstudio.core.further_layers import with_also
from tlstudio.core.model.reading import open_model
from tlstudio.core.plan import Head, HeadFirst, Optimizer, TrainingPlan
from tlstudio.core.strategy import freeze_by_patterns, make_plan
from tlstudio.engine import checkpoints, features, stage, training
from tlstudio.engine.network import Network, make_network
from tlstudio.engine.order import epoch_order
from tlstudio.engine.preparing import Preparation
from tlstudio.engine.run_state import digest_of
from tlstudio.engine.sources import as_input

pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning:keras.*")


def fixed_plan(model: Path, images: Path, **changes: Any) -> TrainingPlan:
    """All of the base frozen, the head on the outputs of a join, of a layer within a branch, and of the cut."""
    file = open_model(model)
    plan = with_also(file, make_plan(file, str(images), "features"), ["add1", "left3"])
    optimizer = Optimizer(name="sgd", learning_rate=1e-2, momentum=0.9)
    plan = msgspec.structs.replace(plan, head=Head(), optimizer=optimizer, epochs=3, batch_size=8, preprocess="unit")
    return msgspec.structs.replace(plan, **changes)


def tuned_plan(model: Path, images: Path, also: list[str], **changes: Any) -> TrainingPlan:
    """From ``left3`` up the base trains, too."""
    return with_also(open_model(model), plan_of(model, images, **changes), also)


def by_hand(model: Path) -> tuple[keras.Model, keras.layers.Dense]:
    """The classifier of ``fixed_plan``, by Keras alone."""
    base = keras.models.load_model(model)
    base.trainable = False
    pooled = [
        base.get_layer("pool").output,
        keras.layers.GlobalAveragePooling2D()(base.get_layer("add1").output),
        keras.layers.GlobalAveragePooling2D()(base.get_layer("left3").output),
    ]
    top = keras.layers.Dense(3, activation="softmax", kernel_initializer="zeros")
    return keras.Model(base.input, top(keras.layers.Concatenate()(pooled))), top


def test_that_training_is_that_of_a_keras_model_built_by_hand(
    branched: Path,
    few_images: Path,
    tmp_path: Path,
) -> None:
    plan = fixed_plan(branched, few_images)
    run = Run(tmp_path / "run", plan)
    assert run.finished.best is not None and run.finished.best.epoch == plan.epochs
    assert run.finished.trainable_parameters == (8 + 8 + 8 + 1) * 3 and run.finished.frozen_unchanged
    preparation = Preparation(plan, Control(), lambda _event: None)
    dataset, split = preparation.scan(open_model(branched))
    train = preparation.load(dataset, split, (24, 24, 3)).train
    images = as_input(np.asarray(train.pixels[np.arange(len(train))]), "unit", 4)
    model, top = by_hand(branched)
    # One by one, in inference mode: that of a frozen base.
    given = keras.Model(model.input, top.input).predict(images, verbose=0)
    head = keras.Sequential([keras.Input((24,)), top])
    head.compile(keras.optimizers.SGD(1e-2, momentum=0.9), "sparse_categorical_crossentropy")
    for epoch in range(1, plan.epochs + 1):
        order = epoch_order(train.labels, plan.seed, epoch, False)
        for start in range(0, len(order), plan.batch_size):
            places = order[start : start + plan.batch_size]
            head.train_on_batch(given[places], train.labels[places])
    np.testing.assert_allclose(run.model.predict(images, verbose=0), model.predict(images, verbose=0), atol=1e-5)
    assert np.abs(top.kernel.numpy()).max() > 0.01


@pytest.mark.long
@pytest.mark.parametrize("also", [["add1"], ["add1", "add2"], ["add2", "left3", "right3"], ["stem"]])
def test_that_keeping_what_is_frozen_changes_nothing_where_layers_train_below_or_between(
    also: list[str],
    branched: Path,
    few_images: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan = tuned_plan(branched, few_images, also, head_first=HeadFirst(epochs=1))
    plan = msgspec.structs.replace(plan, head=Head(hidden=(8,), standardize=True))
    kept = Run(tmp_path / "kept", plan)
    assert kept.finished.cached_layers > 0
    monkeypatch.setattr(Network, "boundary", lambda self: None)
    whole = Run(tmp_path / "whole", plan)
    assert whole.finished.cached_layers == 0
    for one, other in zip(kept.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=5e-5)
    for a, b in zip(kept.of(events.EpochFinished), whole.of(events.EpochFinished), strict=True):
        assert a.loss == pytest.approx(b.loss, abs=1e-4)


@pytest.mark.parametrize(
    ("also", "freed", "boundary"),
    [
        ([], "left3", "add2"),
        (["add2"], "left3", "add2"),
        (["add1"], "left3", "add1"),
        (["left2", "add2"], "left3", "add1"),
        (["left1"], "left3", "stem"),
        (["add1"], "left1", "stem"),
        (["add1"], None, "pool"),
    ],
)
def test_that_the_frozen_part_ends_where_all_that_the_head_is_given_still_passes(
    also: list[str],
    freed: str | None,
    boundary: str,
    branched: Path,
) -> None:
    file = open_model(branched)
    plan = with_also(file, make_plan(file, "images", "features"), also)
    if freed:
        plan = freeze_by_patterns(file, plan, [], [freed])
    network = make_network(file, plan, 3)
    network.set_trainable(set(plan.frozen))
    number = network.boundary()
    assert number is not None and file.graph.calls[number].layer == boundary
    images = np.random.default_rng(0).random((4, 24, 24, 3)).astype(np.float32)
    below, above = network.split_at(number)
    # A head that starts from zero would say the same of everything.
    network.head[-1].kernel.assign(np.random.default_rng(1).normal(size=network.head[-1].kernel.shape))
    np.testing.assert_allclose(above(below(images)), network.model(images), atol=1e-6)


@pytest.mark.long
def test_that_features_of_other_layers_are_kept_under_another_key(
    branched: Path,
    few_images: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys: list[str] = []
    stored = features.stored_array
    monkeypatch.setattr(features, "stored_array", lambda key, *more: keys.append(key) or stored(key, *more))
    file, plan = open_model(branched), fixed_plan(branched, few_images, epochs=1)
    sets = []
    for number, also in enumerate((["add1"], ["add2"], ["add1", "add2"], ["add1"])):
        keys.clear()
        Run(tmp_path / str(number), with_also(file, plan, also))
        sets.append(set(keys))
    assert sets[0] == sets[3] and not sets[0] & sets[1] and not (sets[0] | sets[1]) & sets[2]


def test_that_every_layer_counts_alike_in_a_standardized_head_however_wide_or_loud_it_is(
    branched: Path,
) -> None:
    file = open_model(branched)
    plan = make_plan(file, "images", "features", "add3")
    plan = with_also(file, msgspec.structs.replace(plan, head=Head(pooling="flatten", standardize=True)), ["add1"])
    network = make_network(file, plan, 3)
    assert network.gathering is not None and network.gathering.widths == [24 * 24 * 8, 8]
    random = np.random.default_rng(0)
    wide, few = random.normal(5, 100, (50, 24 * 24 * 8)), random.normal(0, 1e-3, (50, 8))
    features = np.concatenate([wide, few], axis=1).astype(np.float32)
    network.standardize(features)
    made = keras.ops.convert_to_numpy(network.standardizer(features))
    lengths = [np.square(part).sum() for part in np.split(made, [24 * 24 * 8], axis=1)]
    np.testing.assert_allclose(lengths, [made.size / 2] * 2, rtol=1e-3)


@pytest.mark.parametrize("format_", ["keras", "hdf5"])
def test_that_stock_keras_and_evaluation_read_what_was_saved(
    format_: str,
    branched: Path,
    few_images: Path,
    tmp_path: Path,
) -> None:
    from tlstudio.engine.saved_model import load_classifier

    run = Run(
        tmp_path / "run", fixed_plan(branched, few_images, checkpoint_format=format_, head=Head(standardize=True))
    )
    images = np.random.default_rng(0).random((4, 24, 24, 3)).astype(np.float32)
    told = run.model.predict(images, verbose=0)
    assert Path(run.finished.checkpoints.best).suffix == f".{format_}"
    np.testing.assert_allclose(load_classifier(run.folder).model.predict(images, verbose=0), told, atol=1e-6)


@pytest.mark.long
@pytest.mark.parametrize("at", [25, 40])
def test_that_an_interrupted_run_ends_with_the_same_bits(
    at: int,
    branched: Path,
    few_images: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(training, "SECONDS_BETWEEN_STATES", 0.0)
    monkeypatch.setattr(stage, "SECONDS_BETWEEN_BATCH_EVENTS", 0.0)
    monkeypatch.setattr(checkpoints, "TIMES_BETWEEN_FILES", 0.0)
    monkeypatch.setattr(checkpoints, "MIN_SECONDS_BETWEEN", {"last": 0.0, "best": 0.0})
    plan = tuned_plan(branched, few_images, ["add1", "left3"], head_first=HeadFirst(epochs=1))
    whole = Run(tmp_path / "whole", plan)
    assert len(whole.events) > at
    broken = Run(tmp_path / "broken", plan, cut_at(at))
    assert broken.events[-1] is None
    resumed = Run(tmp_path / "broken", plan, resume=True)
    assert resumed.finished.resumed == 1 and resumed.finished.best == whole.finished.best
    for one, other in zip(whole.model.get_weights(), resumed.model.get_weights(), strict=True):
        assert np.array_equal(one, other)


def test_that_a_solver_fits_a_linear_head_on_all_of_them(
    branched: Path,
    few_images: Path,
    tmp_path: Path,
) -> None:
    plan = fixed_plan(branched, few_images, solver="logistic", head=Head(standardize=True))
    run = Run(tmp_path / "run", plan)
    assert run.finished.best is not None and run.finished.best.val_accuracy == 1.0  # dark, grey and light
    assert run.model.layers[-1].kernel.shape == (24, 3)


def test_that_runs_which_began_before_there_were_such_layers_go_on() -> None:
    plan = TrainingPlan()
    fields = msgspec.to_builtins(plan)
    for later in ("also", "keep"):
        fields.pop(later, None)
    assert digest_of(plan) == hashlib.sha256(msgspec.json.encode(fields)).hexdigest()
    assert digest_of(msgspec.structs.replace(plan, also=("add1",))) != digest_of(plan)


def test_that_tokens_and_vectors_are_taken_as_well_as_maps(few_images: Path, tmp_path: Path) -> None:
    keras.utils.set_random_seed(3)
    image = keras.Input((24, 24, 3))
    x = keras.layers.Conv2D(6, 4, strides=4, name="patches")(image)
    x = keras.layers.LayerNormalization(name="tokens")(keras.layers.Reshape((36, 6))(x))
    x = keras.layers.Dense(8, activation="relu", name="wide")(keras.layers.GlobalAveragePooling1D(name="pool")(x))
    x = keras.layers.Dense(4, activation="relu", name="narrow")(x)
    model = keras.Model(image, keras.layers.Dense(3, activation="softmax", name="scores")(x))
    model.save(tmp_path / "tokens.keras")
    file = open_model(tmp_path / "tokens.keras")
    plan = make_plan(file, str(few_images), "features", "narrow")
    plan = with_also(file, plan, ["patches", "tokens", "wide"])
    run = Run(tmp_path / "run", msgspec.structs.replace(plan, epochs=2, preprocess="unit"))
    saved = run.model
    types = {layer.name: type(layer).__name__ for layer in saved.layers}
    assert types["head_pooling_1"] == "GlobalAveragePooling2D" and types["head_pooling_2"] == "GlobalAveragePooling1D"
    assert saved.get_layer("head_output").kernel.shape == (4 + 6 + 6 + 8, 3)
    images = np.random.default_rng(0).random((4, 24, 24, 3)).astype(np.float32)
    joined = keras.Model(saved.input, saved.get_layer("head_join").output).predict(images, verbose=0)
    base = keras.models.load_model(tmp_path / "tokens.keras")
    maps = keras.Model(base.input, [base.get_layer(n).output for n in ("narrow", "patches", "tokens", "wide")])
    narrow, patches, tokens, wide = maps.predict(images, verbose=0)
    expected = np.concatenate([narrow, patches.mean((1, 2)), tokens.mean(1), wide], axis=1)
    np.testing.assert_allclose(joined, expected, atol=1e-5)


def test_that_in_half_precision_the_head_is_whole_and_saved_whole(branched: Path) -> None:
    policy = keras.config.dtype_policy()
    file = open_model(branched)
    plan = with_also(file, make_plan(file, "images", "features"), ["add1", "left3"])
    try:
        keras.config.set_dtype_policy("mixed_bfloat16")
        network = make_network(file, plan, 3)
        saved = network.to_save()
    finally:
        keras.config.set_dtype_policy(policy)
    assert network.gathering is not None and network.gathering.join.output.dtype == "float32"
    assert network.layers["left3"].compute_dtype == "bfloat16"
    assert {layer.compute_dtype for layer in saved.layers} == {"float32"}


def test_that_layers_of_a_nested_network_are_named_by_path_or_by_name(nested_model: Path) -> None:
    file = open_model(nested_model)
    plan = make_plan(file, "images", "features")
    assert with_also(file, plan, ["conv_a"]).also == ("backbone/conv_a",)
    assert with_also(file, plan, ["backbone"]).also == ("backbone/conv_b",)
    network = make_network(file, with_also(file, plan, ["backbone/conv_a"]), 3)
    assert network.head[-1].kernel.shape == (6 + 4, 3)
