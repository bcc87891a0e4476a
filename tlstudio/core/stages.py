"""The stages of a run, and which part of its network stays the same all through one: what a run does, and what a
forecast counts."""

from collections.abc import Collection, Sequence

import msgspec

from tlstudio.core.further_layers import everything_passes_until
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.plan import TrainingPlan

MAIN_STAGE = "layers"  # the stage that trains what the plan frees; "head" comes before it, where there is one
SCORING_BATCH = 32  # images of validation; of 128, it and not training decided the peak of memory of large networks


class StagePlan(msgspec.Struct, frozen=True):
    """One stage: what of the base is frozen in it, at which rate, for how many epochs at most. Of the plan's epochs
    the main one has what those before it leave."""

    name: str
    frozen: frozenset[str]
    learning_rate: float
    epochs: int
    patience: int


def stages_of(model: ModelFile, plan: TrainingPlan) -> list[StagePlan]:
    """The head alone first, where the plan says so, then what the plan frees."""
    main = StagePlan(MAIN_STAGE, frozenset(plan.frozen), plan.optimizer.learning_rate, plan.epochs, plan.patience)
    first = plan.head_first
    if first is None or plan.head.kind == "keep":
        return [main]
    epochs = min(first.epochs, plan.epochs // 2)
    if not epochs:
        return [main]
    return [StagePlan("head", frozenset(model.weights), first.learning_rate, epochs, first.patience), main]


def boundary_of(
    model: ModelFile, plan: TrainingPlan, calls: Sequence[int], weighted: Collection[str], free: Collection[str]
) -> int | None:
    """The highest call below which nothing trains and that everything passes through, or None.

    Its outputs are the same in every epoch, so they need to be computed only once. Layers without weights alone, such
    as padding at the input, are no such part: the images take less room than what they make of them. Where the head
    takes features of several layers, not all that it is made from passes through what lies above the lowest of them;
    where nothing trains, all that it takes is computed once: then it is the cut.

    ``calls``: of the base, in order; ``weighted``: paths of its layers that have weights; ``free``: of those that
    train.
    """
    until = everything_passes_until(model, plan)
    found, has_weights = None, False
    for number in calls:
        path = model.graph.calls[number].layer
        if path in free:
            break
        has_weights = has_weights or path in weighted
        if model.cuts[path].legal and has_weights and (until is None or number <= until):
            found = number
    else:
        return found if until is None else calls[-1]
    return found
