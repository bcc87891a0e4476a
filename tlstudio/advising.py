"""Advice on the command line: images are measured here and now, and the decision is made from that."""

import time
from typing import NamedTuple

from tlstudio.commands.answering import as_error
from tlstudio.console import Reporter
from tlstudio.core import events, requests
from tlstudio.core.advice.decision import recommend
from tlstudio.core.advice.history import read_history
from tlstudio.core.advice.recommendation import Recommendation
from tlstudio.core.advice.words import in_english
from tlstudio.core.errors import TLStudioError
from tlstudio.core.machine import free_memory, own_memory
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.strategy import Similarity, Size


class Advice(NamedTuple):
    """``seconds``: of measuring and deciding."""

    measured: events.Measured
    recommendation: Recommendation
    seconds: float


def advice_for(
    file: ModelFile,
    plan: TrainingPlan,
    reporter: Reporter,
    size: Size | None = None,
    similarity: Similarity | None = None,
) -> Advice:
    """Measure what the plan names, and decide. ``size``, ``similarity``: the person's own verdicts.

    Raises:
        TLStudioError: whatever is wrong with model or dataset; ``no_legal_cut``.
        KeyboardInterrupt: it was stopped.
    """
    began = time.monotonic()
    last = reporter.run(requests.Measure(plan=plan), reporter.emit)
    if not isinstance(last, events.Measured):
        raise as_error(last)
    free = free_memory() + own_memory()
    found = recommend(file, plan, last, free, size, similarity, read_history())
    return Advice(last, found, time.monotonic() - began)


def recommended_plan(
    file: ModelFile, plan: TrainingPlan, is_asked_for: bool = True
) -> tuple[TrainingPlan, list[str]]:
    """The plan of the recommended way, and remarks that say why. ``is_asked_for``: advice was, by name; where it was
    not, labels that tell nothing are remarked, and the cheapest way is taken.

    Raises:
        TLStudioError: ``nothing_to_learn``, and those of ``advice_for``.
    """
    with Reporter() as reporter:
        found = advice_for(file, plan, reporter).recommendation
    if found.way is None:
        if is_asked_for:
            raise TLStudioError("nothing_to_learn", **found.reason[0].facts)
        cheapest = next(way for way in found.ways if way.strategy == "features")
        return cheapest.plan, [in_english(found.reason)]
    remark = f"strategy {found.strategy}, as measured: {in_english(found.reason)} Choose another with --strategy."
    return found.way.plan, [remark]
