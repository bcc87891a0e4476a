"""A review of a plan, whoever made it: what is likely to go wrong, in words, each with its mending if there is one.

Pure: of the model, the plan and the counted images; with what was measured, also of the cut.
"""

from collections.abc import Iterator
from math import ceil
from typing import Literal

import msgspec

from tlstudio.core.advice.best_cut import score_at, starred
from tlstudio.core.advice.expectation import FEW
from tlstudio.core.advice.extra_plans import trainable_between
from tlstudio.core.advice.intervals import overlap
from tlstudio.core.advice.words import Remark, remark
from tlstudio.core.data.problem import Problem
from tlstudio.core.data.remedies import with_remedy
from tlstudio.core.data.scan import Dataset
from tlstudio.core.data.split import Split
from tlstudio.core.events import Measured
from tlstudio.core.head import new_head_of
from tlstudio.core.model import vocabulary
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.plan import HeadFirst, TrainingPlan
from tlstudio.core.strategy import LARGEST_FINE_TUNING_RATE, is_rate_too_large, layers_below, with_cut

Severity = Literal["warning", "hint"]

# Statistics of fewer images are so noisy that normalizing by them costs accuracy (Wu and He 2018, figure 1).
LEAST_NORMALIZED = 16
# Numbers of a head for each training image. A rule of thumb, far above what a linear head has: 512 features and five
# classes on 50 images are 51 for each.
MOST_HEAD_NUMBERS = 1000
# An accuracy moves in steps of one image: two points with fifty.
FEW_TO_VALIDATE = 50
LARGER_SPLIT = 0.2
KEPT_VIEWS = 5

LEAKS = {"leak", "near-leak"}
SHARED = {"label-conflict", "near-label-conflict"}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """``fix``: the whole plan once it is mended, None where only a person can do that; ``fix_words``: what it is."""

    code: str
    severity: Severity
    remark: Remark
    fix: TrainingPlan | None = None
    fix_words: Remark | None = None


def review(
    model: ModelFile,
    plan: TrainingPlan,
    dataset: Dataset,
    split: Split,
    measured: Measured | None = None,
) -> list[Finding]:
    """What speaks against a plan on a dataset (as scanned, with the plan's edits, and split as it says), warnings
    first. ``measured``: of this model and dataset, where there is such.
    """
    train, validation = len(split.train), len(split.validation)
    found = [
        *_of_rates(plan),
        *_of_freezing(model, plan, train),
        *_of_head(model, plan, train, len(split.classes)),
        *_of_dataset(plan, dataset),
        *_of_validation(plan, validation, {label for _path, label in split.validation}, split.classes),
        *_of_settings(model, plan, train),
        *_of_cut(model, plan, measured),
    ]
    return sorted(found, key=lambda finding: finding.severity == "hint")


def _of_rates(plan: TrainingPlan) -> Iterator[Finding]:
    if is_rate_too_large(plan):
        rate = LARGEST_FINE_TUNING_RATE[plan.optimizer.name]
        optimizer = msgspec.structs.replace(plan.optimizer, learning_rate=rate)
        yield _warning(
            remark("lint_rate", rate=f"{plan.optimizer.learning_rate:g}"),
            msgspec.structs.replace(plan, optimizer=optimizer),
            remark("fix_rate", rate=f"{rate:g}"),
        )


def _of_freezing(model: ModelFile, plan: TrainingPlan, train: int) -> Iterator[Finding]:
    weighted = [path for path in layers_below(model, plan.cut) if model.weights.get(path)]
    free = [path for path in weighted if path not in plan.frozen]
    thawed = [path for path in free if model.graph.layers[path].type in vocabulary.BATCH_NORMALIZATION]
    size = ceil(plan.batch_size / plan.accumulate)
    if thawed and size < LEAST_NORMALIZED:
        frozen = tuple(path for path in weighted if path in plan.frozen or path in thawed)
        fixed = msgspec.structs.replace(plan, frozen=frozen)
        yield _warning(remark("lint_normalization", count=len(thawed), size=size), fixed, remark("fix_normalization"))
    if free and train < FEW:
        is_new = plan.head.kind == "new"  # with an old one nothing would be left to train
        whole = msgspec.structs.replace(plan, frozen=tuple(weighted)) if is_new else None
        words = remark("fix_freeze_all") if is_new else None
        yield _warning(remark("lint_few_to_tune", images=train, layers=len(free)), whole, words)
    if free and plan.head.kind == "new" and plan.head_first is None:
        first = HeadFirst(epochs=max(min(HeadFirst().epochs, plan.epochs // 2), 1))
        fixed = msgspec.structs.replace(plan, head_first=first)
        yield _warning(remark("lint_head_first"), fixed, remark("fix_head_first"))


def _of_head(model: ModelFile, plan: TrainingPlan, train: int, classes: int) -> Iterator[Finding]:
    head = new_head_of(model, plan, classes)
    numbers = sum(layer.parameters for layer in head if layer.type == "Dense")
    if plan.head.hidden and numbers > MOST_HEAD_NUMBERS * max(train, 1):
        fixed = msgspec.structs.replace(plan, head=msgspec.structs.replace(plan.head, hidden=()))
        yield _warning(remark("lint_head", numbers=f"{numbers:,}", images=train), fixed, remark("fix_head"))


def _of_dataset(plan: TrainingPlan, dataset: Dataset) -> Iterator[Finding]:
    def some(codes: set[str]) -> list[Problem]:
        return [problem for problem in dataset.problems if problem.code in codes]

    for codes, code, words in ((LEAKS, "lint_leak", "fix_leak"), (SHARED, "lint_conflict", "fix_leave_out")):
        open_ones = [problem for problem in some(codes) if not _is_remedied(plan, problem)]
        if open_ones:
            yield _warning(remark(code, count=len(open_ones)), with_remedy(plan, dataset, open_ones), remark(words))
    if some({"imbalance"}) and not plan.class_weights and not plan.balanced:
        fixed = msgspec.structs.replace(plan, class_weights=True, solver="gradient")
        yield _warning(remark("lint_imbalance"), fixed, remark("fix_weights"))


def _is_remedied(plan: TrainingPlan, problem: Problem) -> bool:
    """Whether the plan's edits leave at most one of the pictures where it was."""
    edited = {*plan.edits.leave_out, *plan.edits.relabel, *plan.edits.move}
    return len({problem.path, *problem.related} - edited) <= 1


def _of_validation(plan: TrainingPlan, count: int, labels: set[int], classes: list[str]) -> Iterator[Finding]:
    missing = [name for label, name in enumerate(classes) if label not in labels]
    if missing:
        is_fixed = plan.validation_split >= LARGER_SPLIT
        fixed = None if is_fixed else msgspec.structs.replace(plan, validation_split=LARGER_SPLIT)
        words = None if is_fixed else remark("fix_split")
        yield _warning(remark("lint_unvalidated", name=missing[0], count=len(missing)), fixed, words)
    if plan.monitor == "accuracy" and count < FEW_TO_VALIDATE:
        fixed = msgspec.structs.replace(plan, monitor="loss")
        yield _hint(remark("lint_monitor", images=count), fixed, remark("fix_monitor"))


def _of_settings(model: ModelFile, plan: TrainingPlan, train: int) -> Iterator[Finding]:
    if plan.batch_size > train:
        size = 1 << max(train.bit_length() - 1, 0)
        fixed = msgspec.structs.replace(plan, batch_size=size)
        yield _hint(remark("lint_batch", size=plan.batch_size, images=train), fixed, remark("fix_batch", size=size))
    known = model.preprocessing
    if plan.preprocess not in {"auto", known.mode} and known.source != "assumed":
        fixed = msgspec.structs.replace(plan, preprocess="auto")
        yield _warning(
            remark("lint_scaling", mode=plan.preprocess, known=known.mode),
            fixed,
            remark("fix_scaling", known=known.mode),
        )
    weighted = {path for path in layers_below(model, plan.cut) if model.weights.get(path)}
    if plan.augment != "none" and not plan.views and weighted <= set(plan.frozen):
        fixed = msgspec.structs.replace(plan, views=KEPT_VIEWS)
        yield _hint(remark("lint_views"), fixed, remark("fix_views", views=KEPT_VIEWS))


def _of_cut(model: ModelFile, plan: TrainingPlan, measured: Measured | None) -> Iterator[Finding]:
    if measured is None or plan.cut is None or plan.also or plan.strategy == "lower-features":
        return
    star = starred(model, measured.layers)
    if not set(trainable_between(model, star, plan.cut)) <= set(plan.frozen):
        return  # what trains there will give other features than those that were measured
    best, own = score_at(measured.layers, star), score_at(measured.layers, plan.cut)
    if best is None or own is None or overlap(own.low, own.high, best.low, best.high):
        return
    yield _warning(
        remark("lint_cut", cut=plan.cut, best=star), with_cut(model, plan, star), remark("fix_cut", best=star)
    )


def _warning(text: Remark, fix: TrainingPlan | None, words: Remark | None) -> Finding:
    return Finding(code=text.code, severity="warning", remark=text, fix=fix, fix_words=words)


def _hint(text: Remark, fix: TrainingPlan | None, words: Remark | None) -> Finding:
    return Finding(code=text.code, severity="hint", remark=text, fix=fix, fix_words=words)
