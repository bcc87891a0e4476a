"""The advanced plans: offered where a measurement speaks for them, and only there. No network is run."""

from pathlib import Path

import msgspec
import pytest

from tests.core.test_advice import measured
from tlstudio.core.advice.decision import recommend
from tlstudio.core.advice.extra_plans import block_ends, falling_block, layers_to_join, trainable_between
from tlstudio.core.advice.intervals import paired_gain, wilson
from tlstudio.core.advice.linter import review
from tlstudio.core.advice.measured import JointScore, LayerScore
from tlstudio.core.advice.recommendation import ExtraPlan, Recommendation
from tlstudio.core.data.scan import Dataset
from tlstudio.core.data.split import Split
from tlstudio.core.events import Measured
from tlstudio.core.model import vocabulary
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.reading import open_model
from tlstudio.core.model.safely import read_model
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.resources import resource_path
from tlstudio.core.strategy import check_plan, features_cut, layers_below

FREE = 64 << 30
IMAGES = 400


@pytest.fixture(scope="module")
def model() -> ModelFile:
    return read_model(resource_path("sample/model.hdf5"))


def layer(path: str, score: float, width: int = 8, images: int = IMAGES) -> LayerScore:
    low, high = wilson(score * images, images)
    return LayerScore(
        path=path,
        score=score,
        low=low,
        high=high,
        neighbours=score,
        neighbours_low=low,
        neighbours_high=high,
        width=width,
    )


def along(model: ModelFile, *scores: float) -> list[LayerScore]:
    """A curve over the legal cuts up to the highest features, with these scores at the ends of blocks."""
    top = features_cut(model)
    paths = [path for path in layers_below(model, top) if model.cuts[path].legal]
    flat = [layer(path, 0.5, place) for place, path in enumerate(paths)]
    ends = {end.path for end in block_ends(model, flat, top)}
    assert len(ends) == len(scores)
    coming, found = list(scores), []
    for path in paths:
        found.append(layer(path, coming[0], len(found)))
        if path in ends:
            coming.pop(0)
    return found


def joint(model: ModelFile, better: int, worse: int) -> JointScore:
    gain, low, high = paired_gain(better, worse, IMAGES)
    right = wilson((0.7 + gain) * IMAGES, IMAGES)
    return JointScore(
        paths=("block1_pool", "block2_pool", features_cut(model)),
        score=0.7 + gain,
        low=right[0],
        high=right[1],
        over="block2_pool",
        gain=gain,
        gain_low=low,
        gain_high=high,
        width=40,
    )


def advised(model: ModelFile, facts: Measured, free: int = FREE, train: int | None = None) -> Recommendation:
    if train is not None:
        facts = msgspec.structs.replace(facts, counts=msgspec.structs.replace(facts.counts, train=train))
    return recommend(model, TrainingPlan(model=str(model.path), dataset="images", seed=7), facts, free)


def only(said: Recommendation) -> ExtraPlan:
    assert len(said.extras) == 1, [extra.kind for extra in said.extras]
    return said.extras[0]


@pytest.fixture
def rising(model: ModelFile) -> Measured:
    return msgspec.structs.replace(measured(model, train=IMAGES), layers=along(model, 0.6, 0.7, 0.7))


@pytest.fixture
def falling(model: ModelFile) -> Measured:
    return msgspec.structs.replace(measured(model, train=IMAGES), layers=along(model, 0.6, 0.85, 0.65))


def test_that_nothing_is_offered_where_nothing_speaks_for_it(model: ModelFile, rising: Measured) -> None:
    assert advised(model, rising).extras == []
    assert advised(model, msgspec.structs.replace(rising, joint=joint(model, 12, 8))).extras == []
    assert advised(model, msgspec.structs.replace(rising, joint=joint(model, 8, 40))).extras == []


def test_that_several_layers_are_offered_where_they_beat_the_best_single_one(
    model: ModelFile, rising: Measured
) -> None:
    said = advised(model, msgspec.structs.replace(rising, joint=joint(model, 40, 8)))
    extra = only(said)
    fixed = next(way for way in said.ways if way.strategy == "features")
    assert (extra.kind, extra.plan.cut, extra.plan.also) == (
        "several-layers",
        features_cut(model),
        ("block1_pool", "block2_pool"),
    )
    assert extra.plan == msgspec.structs.replace(
        fixed.plan, cut=extra.plan.cut, also=extra.plan.also, frozen=extra.plan.frozen
    )
    check_plan(model, extra.plan, 2)
    assert extra.expected == pytest.approx(0.78)
    assert extra.expected_low < extra.expected < extra.expected_high
    assert 0 < extra.seconds_low < extra.seconds < extra.seconds_high and extra.peak_bytes > 0 and extra.fits
    sentence = extra.reason[0].english
    assert "3 layers" in sentence and "78 %" in sentence and "70 % at “block2_pool”" in sentence


def test_that_a_gain_is_held_against_the_images_that_only_one_of_both_has_right() -> None:
    assert paired_gain(0, 0, 400) == (0.0, 0.0, 0.0)
    gain, low, high = paired_gain(20, 10, 400)
    assert gain == pytest.approx(0.025) and low < 0 < high and gain - low == pytest.approx(high - gain)
    wide = paired_gain(100, 90, 400)
    assert wide[0] == gain and wide[1] < low  # the same gain, of more images that differ
    assert paired_gain(40, 10, 400)[1] > 0 > paired_gain(4, 1, 40)[1]
    assert paired_gain(1, 0, 0) == (0.0, -1.0, 1.0)


def test_that_the_block_across_which_the_probe_falls_is_offered_to_be_tuned_alone(
    model: ModelFile, falling: Measured
) -> None:
    said = advised(model, falling)
    extra = only(said)
    gentle = next(way for way in said.ways if way.strategy == "finetune")
    weighted = [path for path in layers_below(model, features_cut(model)) if model.weights.get(path)]
    assert extra.kind == "one-block" and extra.plan.cut == features_cut(model)
    assert set(weighted) - set(extra.plan.frozen) == {"block3_conv1", "block3_conv2"}
    assert extra.plan.head_first is not None and extra.plan.head.kind == "new"
    assert extra.plan == msgspec.structs.replace(gentle.plan, frozen=extra.plan.frozen, cut=extra.plan.cut)
    assert (extra.expected, extra.expected_low, extra.expected_high) == (
        gentle.expected,
        gentle.expected_low,
        gentle.expected_high,
    )
    check_plan(model, extra.plan, 2)
    sentence = extra.reason[0].english
    assert "“block2_pool”" in sentence and "85 %" in sentence and "65 %" in sentence and "(2)" in sentence


def test_that_a_few_images_tune_no_block(model: ModelFile, falling: Measured) -> None:
    assert advised(model, falling, train=49).extras == []
    assert only(advised(model, falling, train=50)).kind == "one-block"


def test_that_labels_that_tell_nothing_get_no_extras(model: ModelFile) -> None:
    facts = msgspec.structs.replace(measured(model, top=0.52, lower=0.5, train=IMAGES), joint=joint(model, 40, 8))
    said = advised(model, facts)
    assert said.strategy is None and said.extras == []


@pytest.mark.parametrize(
    ("scores", "block"),
    [
        ([0.6, 0.7, 0.8], None),
        ([0.6, 0.8, 0.79], None),  # the intervals overlap
        ([0.6, 0.8, 0.6], (1, 2)),
        ([0.8, 0.6, 0.7], (0, 1)),
        ([0.8, 0.6, 0.79], None),  # later layers make up for it
        ([0.8, 0.79, 0.6, 0.59], (1, 2)),  # the steep one of a fall over three
        ([0.8, 0.75, 0.7, 0.65], None),  # no block stands out
        ([0.8], None),
        ([], None),
    ],
)
def test_that_a_fall_is_shown_by_intervals_and_lies_in_one_block(
    scores: list[float], block: tuple[int, int] | None
) -> None:
    ends = [layer(f"end{place}", score) for place, score in enumerate(scores)]
    assert falling_block(ends) == (None if block is None else (ends[block[0]], ends[block[1]]))
    few = [layer(f"end{place}", score, images=20) for place, score in enumerate(scores)]
    assert falling_block(few) is None  # of twenty images no such fall is known


def test_that_a_plain_chain_ends_its_blocks_where_it_is_pooled(model: ModelFile) -> None:
    layers = [layer(path, 0.5) for path in model.graph.layers if model.cuts[path].legal]
    ends = block_ends(model, layers, features_cut(model))
    assert [end.path for end in ends] == ["block1_pool", "block2_pool", features_cut(model)]


def test_that_branches_end_a_block_where_they_meet_and_statistics_stay(residual_model: Path) -> None:
    model = open_model(residual_model)
    cuts = [path for path in model.graph.layers if model.cuts[path].legal]
    ends = block_ends(model, [layer(path, 0.5) for path in cuts], features_cut(model))
    assert [end.path for end in ends] == ["join", "pool"]
    said = recommend(
        model,
        TrainingPlan(model=str(model.path), dataset="images"),
        msgspec.structs.replace(
            measured(model, train=IMAGES),
            layers=[
                layer(path, 0.6 if path in {"upper", "pool"} else 0.85, place) for place, path in enumerate(cuts)
            ],
        ),
        FREE,
    )
    extra = only(said)
    assert [path for path in layers_below(model, "pool") if model.weights.get(path)] == [
        "stem",
        "norm",
        "inner",
        "upper",
    ]
    assert extra.plan.frozen == ("stem", "norm", "inner")


def test_that_normalizations_of_the_block_keep_their_statistics(residual_model: Path) -> None:
    model = open_model(residual_model)
    ends = block_ends(model, [layer(path, 0.5) for path in ("stem", "join", "pool")], features_cut(model))
    assert [end.path for end in ends] == ["join", "pool"]
    between = trainable_between(model, "stem", "join")
    assert between == ["inner"] and model.graph.layers["norm"].type in vocabulary.BATCH_NORMALIZATION


def test_that_layers_of_some_depths_are_joined_with_the_highest_last(model: ModelFile) -> None:
    paths = layers_to_join(model, along(model, 0.6, 0.85, 0.65))
    assert paths == ("block1_pool", "block2_pool", features_cut(model))
    check = msgspec.structs.replace(TrainingPlan(), cut=paths[-1], also=paths[:-1])
    check_plan(model, check, 2)


@pytest.mark.parametrize("kind", ["several-layers", "one-block"])
def test_that_the_linter_has_nothing_against_them(model: ModelFile, falling: Measured, kind: str) -> None:
    facts = msgspec.structs.replace(falling, joint=joint(model, 40, 8))
    plan = next(extra.plan for extra in advised(model, facts).extras if extra.kind == kind)
    dataset = Dataset(
        root="images", classes=[], entries=[], problems=[], split="automatic", fingerprint="", images=IMAGES
    )
    rows = [(f"{number}.png", number % 2) for number in range(IMAGES)]
    split = Split(classes=["a", "b"], train=rows, validation=rows[:100], test=[])
    assert [finding.code for finding in review(model, plan, dataset, split, facts)] == []
    bare = msgspec.structs.replace(plan, also=(), frozen=tuple(path for path in model.weights))
    found = [finding.code for finding in review(model, bare, dataset, split, facts)]
    assert "lint_cut" in found  # without what is advanced about them the same cut is a bad one
