"""The decision among the four ways, from measurements written by hand: no network is run."""

import sys

import msgspec
import numpy as np
import pytest

from tlstudio.core.advice import words
from tlstudio.core.advice.best_cut import starred, starred_lower
from tlstudio.core.advice.decision import WORTH, can_be_told_from_guessing, recommend
from tlstudio.core.advice.expectation import gain_of_tuning
from tlstudio.core.advice.history import History, read_history, record_run
from tlstudio.core.advice.intervals import wilson
from tlstudio.core.advice.measured import CurvePoint, LayerScore, Signs
from tlstudio.core.advice.recommendation import Recommendation, Way
from tlstudio.core.advice.size import expected_at
from tlstudio.core.advice.words import in_english
from tlstudio.core.events import Measured
from tlstudio.core.forecast import FLOOR, Forecast
from tlstudio.core.machine import total_memory
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.safely import read_model
from tlstudio.core.peak import PeakMemory
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.resources import resource_path
from tlstudio.core.speed import Counts, Rate, Speed
from tlstudio.core.strategy import CASES, LARGE_PER_CLASS, check_plan, features_cut
from tlstudio.core.watch import least_memory

FREE = 64 << 30
RATE = Rate(multiply_adds=1e10, values=1e9)
SPEED = Speed(frozen=RATE, train=RATE, decode=300.0, change=1e7, step=1e-3, layer=0.01, ready=0.03)
KNOWN = Signs(information=0.5, energy=3.0, distance=0.05)
STRANGE = Signs(information=0.02, energy=-3.0, distance=3.0, enlargement=8.0)


@pytest.fixture(scope="module")
def model() -> ModelFile:
    return read_model(resource_path("sample/model.hdf5"))


def scores(model: ModelFile, top: float, lower: float, images: int) -> list[LayerScore]:
    """Of every cut: ``lower`` for those under the highest features, ``top`` from there up."""
    found, is_top = [], False
    for path, cut in model.cuts.items():
        if cut.legal and path in model.graph.layers:
            is_top = is_top or path == features_cut(model)
            score = top if is_top else lower
            low, high = wilson(score * images, images)
            found.append(
                LayerScore(
                    path=path,
                    score=score,
                    low=low,
                    high=high,
                    neighbours=score,
                    neighbours_low=low,
                    neighbours_high=high,
                    width=8 + is_top,
                )
            )
    return found


def measured(
    model: ModelFile, top: float = 0.9, lower: float = 0.6, train: int = 200, classes: int = 2, signs: Signs = KNOWN
) -> Measured:
    images = min(train, 1000)
    return Measured(
        images=images,
        counts=Counts(train=train, validation=train // 10, test=train // 5, classes=classes),
        smallest_class=train // classes,
        chance=1 / classes,
        layers=scores(model, top, lower, images),
        curve=[
            CurvePoint(images=images // 4, accuracy=top - 0.1, low=top - 0.15, high=top - 0.05),
            CurvePoint(images=images, accuracy=top, low=top - 0.05, high=min(top + 0.05, 1.0)),
        ],
        signs=signs,
        speed=SPEED,
        preprocessing="unit",
        forward_seconds=1.0,
        seconds=2.0,
    )


def advice(model: ModelFile, facts: Measured, **more: object) -> Recommendation:
    return recommend(model, TrainingPlan(model=str(model.path), dataset="images", seed=7), facts, FREE, **more)


def test_that_few_familiar_images_get_fixed_features(model: ModelFile) -> None:
    said = advice(model, measured(model, top=0.95))
    assert (said.strategy, said.case, said.size.verdict, said.similarity.verdict) == (
        "features",
        1,
        "small",
        "similar",
    )


def test_that_many_familiar_images_with_errors_left_get_fine_tuning(model: ModelFile) -> None:
    said = advice(model, measured(model, top=0.7, lower=0.55, train=20_000, signs=KNOWN))
    assert (said.strategy, said.case, said.size.verdict, said.similarity.verdict) == (
        "finetune",
        2,
        "large",
        "similar",
    )


def test_that_few_strange_images_whose_lower_layers_know_more_get_lower_features(model: ModelFile) -> None:
    said = advice(model, measured(model, top=0.72, lower=0.93, train=300, signs=STRANGE))
    assert (said.strategy, said.case, said.similarity.verdict) == ("lower-features", 3, "dissimilar")
    assert said.way is not None and said.way.plan.cut != features_cut(model)


def test_that_of_few_images_a_lower_cut_that_may_be_better_by_chance_is_not_preferred(model: ModelFile) -> None:
    """On 54 images some lower layer's probe is two images better than the highest one's."""
    said = advice(model, measured(model, top=0.815, lower=0.852, train=54))
    expected = {way.strategy: way.expected for way in said.ways}
    assert expected["lower-features"] == expected["features"] == pytest.approx(0.815)
    assert said.strategy != "lower-features"
    clear = advice(model, measured(model, top=0.6, lower=0.9))
    expected = {way.strategy: way.expected for way in clear.ways}
    assert expected["features"] + 0.25 < expected["lower-features"] < 0.9


def test_that_many_strange_images_get_the_whole_network_trained(model: ModelFile) -> None:
    said = advice(model, measured(model, top=0.7, lower=0.68, train=20_000, signs=STRANGE))
    assert (said.strategy, said.case, said.size.verdict, said.similarity.verdict) == (
        "init",
        4,
        "large",
        "dissimilar",
    )


@pytest.mark.parametrize(("size", "similarity"), list(CASES))
def test_that_a_persons_own_verdicts_decide_the_case(model: ModelFile, size: str, similarity: str) -> None:
    said = advice(model, measured(model), size=size, similarity=similarity)
    assert said.strategy == CASES[size, similarity]
    assert (said.size.verdict, said.similarity.verdict) == (size, similarity)
    assert (said.similarity.score >= 50) == (similarity == "similar")
    found, own = said.reason[0], advice(model, measured(model))
    assert found.facts["score"] == own.similarity.score, "as measured: nobody has measured the other number"
    is_own = own.similarity.verdict != similarity
    assert found.code == f"{'said' if is_own else 'found'}_{size}_{similarity}"


def test_that_the_border_of_size_is_counted_by_class(model: ModelFile) -> None:
    just = advice(model, measured(model, train=LARGE_PER_CLASS * 2))
    below = advice(model, measured(model, train=LARGE_PER_CLASS * 2 - 1))
    assert (just.size.verdict, below.size.verdict) == ("large", "small")


def test_that_every_way_has_a_plan_that_can_run_and_what_speaks_against_it(model: ModelFile) -> None:
    said = advice(model, measured(model))
    assert [way.strategy for way in said.ways] == list(CASES.values())
    for way in said.ways:
        check_plan(model, way.plan, 2)
        assert way.plan.seed == 7 and way.plan.dataset == "images"
        assert way.expected_low <= way.expected <= way.expected_high
        assert 0 < way.seconds_low <= way.seconds <= way.seconds_high and way.peak_bytes > 0 and way.fits
        assert bool(way.against) == (way.strategy != said.strategy)


def test_that_the_reason_is_two_sentences(model: ModelFile) -> None:
    said = advice(model, measured(model))
    assert len(said.reason) == 2
    assert in_english(said.reason).count(". ") == 1
    assert "200" in in_english(said.reason)


def test_that_labels_that_tell_nothing_get_no_advice(model: ModelFile) -> None:
    said = advice(model, measured(model, top=0.52, lower=0.5, train=400))
    assert (said.strategy, said.case, said.cut, said.way) == (None, None, None, None)
    assert in_english(said.reason).startswith("Nothing can be learned here")
    assert "Look at your labels" in in_english(said.reason)
    assert len(said.ways) == 4  # a person may still want one


def test_that_images_too_few_for_a_proof_are_not_called_unlearnable(model: ModelFile) -> None:
    assert can_be_told_from_guessing(scores(model, 0.5, 0.5, 6), 6, 0.5)
    assert not can_be_told_from_guessing(scores(model, 0.5, 0.5, 400), 400, 0.5)


def test_that_nobody_is_told_to_tune_where_nothing_beats_guessing_yet(model: ModelFile) -> None:
    """100 images at 54 % of two classes: too few to call them hopeless, and nothing that minutes could build on."""
    unsure = measured(model, top=0.54, lower=0.53, train=100, signs=STRANGE)
    said = advice(model, unsure)
    assert said.strategy in {"features", "lower-features"} and "look at your labels" in in_english(said.reason)
    assert advice(model, measured(model, top=0.65, lower=0.6, train=100, signs=STRANGE)).strategy == "finetune"


def test_that_of_two_ways_that_tune_alike_the_cheaper_one_is_taken(model: ModelFile) -> None:
    said = advice(model, measured(model, top=0.7, lower=0.6, train=150, signs=STRANGE))
    ways = {way.strategy: way for way in said.ways}
    assert abs(ways["init"].expected - ways["finetune"].expected) < WORTH
    assert ways["finetune"].seconds < ways["init"].seconds and said.strategy == "finetune"
    many = advice(model, measured(model, top=0.7, lower=0.6, train=20_000, signs=STRANGE))
    assert many.strategy == "init", "what it gains is worth its time"


def test_that_the_star_is_the_highest_cut_that_is_not_worse_and_no_copy_of_one_below(model: ModelFile) -> None:
    level = scores(model, 0.8, 0.79, 200)
    assert starred(model, level) == features_cut(model)  # the intervals overlap
    better_below = scores(model, 0.6, 0.9, 200)
    star = starred(model, better_below)
    assert star != features_cut(model)
    assert next(layer.score for layer in better_below if layer.path == star) == 0.9
    assert starred_lower(model, level) != features_cut(model)


def test_that_a_way_that_does_not_fit_is_not_recommended(model: ModelFile) -> None:
    facts = measured(model, top=0.7, lower=0.68, train=20_000, signs=STRANGE)
    said = recommend(model, TrainingPlan(model=str(model.path), dataset="d"), facts, 1 << 20)
    assert not any(way.fits for way in said.ways)
    assert said.strategy is not None
    others = [way for way in said.ways if way.strategy != said.strategy]
    assert all("memory" in in_english(way.against) for way in others)


def test_that_tuning_gains_more_with_more_images_and_stranger_ones() -> None:
    gains = [gain_of_tuning("init", 0.3, images, 20) for images in (50, 500, 5000)]
    assert gains == sorted(gains) and gains[0] < gains[-1]
    assert gain_of_tuning("init", 0.3, 500, 10) > gain_of_tuning("init", 0.3, 500, 90)
    assert gain_of_tuning("init", 0.0, 5000, 0) <= 0
    assert gain_of_tuning("finetune", 0.3, 5000, 90) > gain_of_tuning("init", 0.3, 5000, 90)


def test_that_the_curve_foretells_what_twice_the_images_bring() -> None:
    def point(images: int, accuracy: float) -> CurvePoint:
        return CurvePoint(images=images, accuracy=accuracy, low=accuracy, high=accuracy)

    halving = [point(100, 0.6), point(200, 0.8)]  # the error halves with each doubling
    assert expected_at(halving, 2) == pytest.approx(0.9)
    assert expected_at([point(100, 0.8), point(200, 0.7)], 2) == pytest.approx(0.7)  # it never falls
    assert expected_at([point(100, 0.8)], 2) is None


def test_that_forecasts_follow_what_runs_took(tmp_path_factory: pytest.TempPathFactory) -> None:
    history = History()
    assert history.corrected("init", 100.0)[0] == 100.0
    for _ in range(20):
        history = history.with_run("init", 100.0, 200.0)
    seconds, low, high = history.corrected("init", 100.0)
    assert 180 < seconds <= 200 and low < seconds < high
    assert history.corrected("features", 100.0)[0] == 100.0
    assert history.with_run("init", 100.0, 1.0) == history  # too short to tell anything


def test_that_what_runs_took_is_kept_and_a_damaged_file_is_begun_anew() -> None:
    foreseen = Forecast(phases={"epochs": 50.0}, peak_bytes=1_000_000_000)
    record_run("finetune", foreseen, 75.0, 1_250_000_000, FLOOR)
    assert read_history().ratios["finetune"] == [1.5] and read_history().memory["finetune"] == [1.25]
    from tlstudio.core.cache import cache_folder

    record_run("finetune", foreseen, None, None, FLOOR)  # it ended early, which tells nothing of a whole run
    assert len(read_history().ratios["finetune"]) == 1
    (cache_folder() / "forecasts.json").write_bytes(b"{")
    assert read_history() == History()
    record_run("finetune", foreseen, 50.0, None, FLOOR)
    assert read_history() == History({"finetune": [1.0]})


def test_that_memory_is_corrected_by_what_a_run_itself_took() -> None:
    gb, none, floor = 10**9, History(), FLOOR
    alone = none.with_peak("init", 2 * gb, 3 * gb, floor, floor)
    assert alone.memory["init"] == [1.5] and 1 < alone.memory_factor("init") < 1.5
    for _ in range(19):
        alone = alone.with_peak("init", 2 * gb, 3 * gb, floor, floor)
    assert 2.7 * gb < alone.corrected_peak("init", 2 * gb) <= 3 * gb
    assert alone.corrected_peak("features", 2 * gb) == 2 * gb
    # In a process that had 2 GB of other jobs' when the run began, the peak of 3 GB may be theirs in part ...
    assert none.with_peak("init", 2 * gb, 3 * gb, floor + 2 * gb, floor) is none
    # ... so a forecast of more than that was too high in any case, and one of less than what the run added too low.
    assert none.with_peak("init", 4 * gb, 3 * gb, floor + 2 * gb, floor).memory["init"] == [0.75]
    assert none.with_peak("init", gb // 2, 3 * gb, floor + 2 * gb, floor).memory["init"] == [2.0]


def test_that_advice_corrects_memory_and_what_fits_by_it(model: ModelFile) -> None:
    def way(free: int, history: History) -> Way:
        found = recommend(model, TrainingPlan(), measured(model), free, history=history)
        return next(way for way in found.ways if way.strategy == "init")

    used = History({}, {"init": [1.6] * 20})
    plain, corrected = way(FREE, History()), way(FREE, used)
    assert corrected.peak_bytes == used.corrected_peak("init", plain.peak_bytes) > 1.5 * plain.peak_bytes
    room = plain.peak_bytes + least_memory(total_memory())  # enough for what was forecast, and no more
    assert way(room, History()).fits and not way(room, used).fits


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a peak can't be forgotten")
def test_that_a_peak_of_before_is_not_counted() -> None:
    former = np.ones(30_000_000)  # 240 MB
    del former
    peak = PeakMemory()
    own = np.ones(10_000_000)
    assert peak.bytes is not None and own.nbytes * 0.9 < peak.bytes - peak.before < own.nbytes * 2


def test_that_intervals_hold_the_share_and_narrow_with_images() -> None:
    low, high = wilson(90, 100)
    assert 0 <= low < 0.9 < high <= 1
    wide = wilson(9, 10)
    assert wide[1] - wide[0] > high - low
    assert wilson(0, 0) == (0.0, 1.0)


def test_that_every_sentence_is_filled_by_its_facts() -> None:
    with pytest.raises(KeyError):
        words.remark("expects_less", expected="50 %")
    assert msgspec.json.decode(msgspec.json.encode(words.remark("no_signs")), type=words.Remark).english
