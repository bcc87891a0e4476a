"""The decision among the four ways: pure functions of what was measured."""

import msgspec

from tlstudio.core.advice.best_cut import is_high, score_at, starred, starred_lower
from tlstudio.core.advice.expectation import FEW, Expectation, expectations
from tlstudio.core.advice.extra_plans import extra_plans
from tlstudio.core.advice.history import NO_HISTORY, History
from tlstudio.core.advice.intervals import FOLDS_VARY, wilson, z_of
from tlstudio.core.advice.measured import LayerScore
from tlstudio.core.advice.pricing import price_of
from tlstudio.core.advice.recommendation import Recommendation, SimilarityVerdict, SizeVerdict, Way
from tlstudio.core.advice.similarity import SIMILAR_FROM, similarity_of
from tlstudio.core.advice.size import size_verdict
from tlstudio.core.advice.taken_over import KEPT
from tlstudio.core.advice.words import Remark, percent, remark
from tlstudio.core.events import Measured
from tlstudio.core.machine import in_words
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.plan import Strategy, TrainingPlan
from tlstudio.core.strategy import CASES, Similarity, Size, features_cut, make_plan

# What tuning must be expected to gain in accuracy; less is neither seen in a test of a few hundred images nor worth
# waiting for.
WORTH = 0.01
FALSE_ALARM = 0.01  # how often guessing may look like knowing, over all layers together
OVERRULED = {"similar": 75, "dissimilar": 25}  # scores of a person's own verdict: the middles of the two halves


def recommend(
    model: ModelFile,
    plan: TrainingPlan,
    measured: Measured,
    free: int,
    size: Size | None = None,
    similarity: Similarity | None = None,
    history: History = NO_HISTORY,
) -> Recommendation:
    """Advice for the model and images that ``plan`` names and ``measured`` was measured on.

    ``free``: bytes that the machine has for a run (``core.forecast.fits``); ``size``, ``similarity``: the person's
    own verdicts, with which the case alone decides; ``history``: what earlier runs really took.

    Raises ``no_legal_cut``.
    """
    top, lower = features_cut(model), starred_lower(model, measured.layers)
    star = starred(model, measured.layers)
    alike = similarity_of(model, measured.layers, top, measured.chance, measured.signs)
    score = alike.score
    if similarity is not None:
        alike = msgspec.structs.replace(alike, score=_overruled(alike.score, similarity), verdict=similarity)
    cuts = {"features": star if is_high(model, star) else top, "lower-features": lower}
    plans = [_plan(model, plan, way, cuts.get(way), measured) for way in CASES.values()]
    large = size_verdict(model, plans, measured.counts, measured.curve)
    if size is not None:
        large = msgspec.structs.replace(large, verdict=size)
    expected = expectations(measured.layers, cuts["features"], lower, measured.counts.train, alike.score)
    ways = [_way(model, way_plan, measured, free, expected[way_plan.strategy], history) for way_plan in plans]
    if not can_be_told_from_guessing(measured.layers, measured.images, measured.chance):
        reason = [_nothing(measured)]
        return Recommendation(
            strategy=None, case=None, cut=None, reason=reason, size=large, similarity=alike, ways=ways
        )
    is_told = _is_told(measured, star)
    if size is not None or similarity is not None:
        chosen: Strategy = CASES[_size(large), _similarity(alike)]
    else:
        chosen = _best(ways, is_told and measured.counts.train >= FEW)
    ways = [msgspec.structs.replace(way, against=_against(way, ways, chosen, large, alike)) for way in ways]
    return Recommendation(
        strategy=chosen,
        case=1 + list(CASES.values()).index(chosen),
        cut=star,
        reason=_reason(chosen, ways, large, alike, score) + ([] if is_told else [_hardly(measured)]),
        size=large,
        similarity=alike,
        ways=ways,
        extras=extra_plans(model, ways, measured, free, history),
    )


def can_be_told_from_guessing(layers: list[LayerScore], images: int, chance: float) -> bool:
    """Whether some layer's features tell the classes apart: the lower bound of the best probe is above guessing, at a
    level divided among all layers (Bonferroni).

    Folds share what they are fitted to, so their scores vary more than those of as many independent images would: by
    the correction of Nadeau and Bengio 2003 as those of fewer. Too few to prove even a third of the way from guessing
    to perfect pass, since failing would show nothing.
    """
    if not layers:
        return True
    z = z_of(FALSE_ALARM / len({(x.score, x.width) for x in layers}))
    independent = max(round(images / FOLDS_VARY), 1)
    provable = chance + (1 - chance) / 3
    if wilson(provable * independent, independent, z)[0] <= chance:
        return True
    best = max(layer.score for layer in layers)
    return wilson(best * independent, independent, z)[0] > chance


def _plan(model: ModelFile, plan: TrainingPlan, way: Strategy, cut: str | None, measured: Measured) -> TrainingPlan:
    made = make_plan(model, plan.dataset, way, cut, measured.counts.train)
    kept = {name: getattr(plan, name) for name in KEPT}
    if plan.preprocess == "auto" and model.preprocessing.source == "assumed":
        kept["preprocess"] = measured.preprocessing  # it was tried already, which takes a run time and memory
    return msgspec.structs.replace(made, **kept)


def _way(
    model: ModelFile, plan: TrainingPlan, measured: Measured, free: int, expected: Expectation, history: History
) -> Way:
    return Way(
        strategy=plan.strategy,
        expected=expected.value,
        expected_low=expected.low,
        expected_high=expected.high,
        against=[],
        **msgspec.structs.asdict(price_of(model, plan, measured, free, history)),
    )


def _best(ways: list[Way], may_tune: bool) -> Strategy:
    """Of the ways that fit into memory and are expected to be as good as the best, or worse by less than is worth
    waiting for: the better of those that compute the network once, which take seconds; else the cheapest.
    ``may_tune``: nothing speaks for minutes of tuning where images are fewer than the literature tunes on, or their
    labels may well be chance."""
    possible = [way for way in ways if way.fits] or ways
    fixed = [way for way in possible if way.strategy in {"features", "lower-features"}]
    best = max(possible if may_tune or not fixed else fixed, key=lambda way: way.expected)
    good = [way for way in possible if way.expected >= best.expected - WORTH]
    quick = [way for way in good if way in fixed]
    if quick:  # of two that are expected to be alike, the higher cut
        return max(quick, key=lambda way: (way.expected, way.strategy == "features")).strategy
    return min(good, key=_seconds).strategy


def _is_told(measured: Measured, star: str) -> bool:
    """Whether the features of the starred cut tell the classes apart better than guessing does, as far as their
    interval goes; the best of all layers would be flattered by their number."""
    layer = score_at(measured.layers, star)
    return layer is None or layer.low > measured.chance


def _seconds(way: Way) -> float:
    return way.seconds


def _against(
    way: Way, ways: list[Way], chosen: Strategy, size: SizeVerdict, alike: SimilarityVerdict
) -> list[Remark]:
    if way.strategy == chosen:
        return []
    best = next(other for other in ways if other.strategy == chosen)
    found = []
    if not way.fits:
        found.append(remark("does_not_fit", needed=in_words(way.peak_bytes)))
    if way.expected < best.expected - WORTH:
        found.append(remark("expects_less", expected=percent(way.expected), best=percent(best.expected)))
    if way.seconds > 1.5 * best.seconds:
        found.append(remark("takes_longer", times=f"{way.seconds / best.seconds:.1f}"))
    if way.strategy in {"finetune", "init"} and size.verdict == "small":
        found.append(remark("may_overfit", each=size.per_class))
    if way.strategy == "features" and alike.verdict == "dissimilar":
        found.append(remark("upper_layers_are_special"))
    if way.strategy == "lower-features" and alike.verdict == "similar":
        found.append(remark("upper_layers_serve"))
    if way.strategy == "init" and alike.verdict == "similar":
        found.append(remark("forgets_what_serves"))
    return found or [remark("no_better", best=percent(best.expected))]


def _reason(
    chosen: Strategy, ways: list[Way], size: SizeVerdict, alike: SimilarityVerdict, score: int
) -> list[Remark]:
    """Two sentences: what was found, and what follows. ``score``: of similarity as it was measured; a person's
    verdict against it is told as hers, not as a number that nobody has measured."""
    way = next(way for way in ways if way.strategy == chosen)
    source = "found" if alike.score == score else "said"
    found = remark(f"{source}_{size.verdict}_{alike.verdict}", images=size.images, each=size.per_class, score=score)
    fixed = next(way for way in ways if way.strategy == "features")
    follows = remark(
        f"choose_{chosen.replace('-', '_')}",
        expected=percent(way.expected),
        fixed=percent(fixed.expected),
        cut=way.plan.cut or "",
    )
    return [found, follows]


def _nothing(measured: Measured) -> Remark:
    best = max(layer.score for layer in measured.layers)
    return remark("nothing_to_learn", score=percent(best), chance=percent(measured.chance))


def _hardly(measured: Measured) -> Remark:
    return remark("hardly_above_guessing", chance=percent(measured.chance))


def _overruled(score: int, verdict: Similarity) -> int:
    """A score of the person's side of the scale; the measured one where it is on that side already."""
    is_similar = score >= SIMILAR_FROM
    return score if is_similar == (verdict == "similar") else OVERRULED[verdict]


def _size(verdict: SizeVerdict) -> Size:
    return "large" if verdict.verdict == "large" else "small"


def _similarity(verdict: SimilarityVerdict) -> Similarity:
    return "similar" if verdict.verdict == "similar" else "dissimilar"
