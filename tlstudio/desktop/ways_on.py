"""What can be done at once about a run that failed. Qt-free; the message bar offers it."""

import math
from typing import Literal

import msgspec

from tlstudio.core import events
from tlstudio.core.plan import TrainingPlan

# Beyond its limit TensorFlow doesn't raise: the system ends it (9), or it dies of what it was not given (6, 11).
SIGNALS_OF_SHORT_MEMORY = {6, 9, 11}
EXITS_OF_SHORT_MEMORY = {134, 137, 139}  # the same, as a shell gives them


class WayOn(msgspec.Struct, frozen=True, kw_only=True):
    """``resume``: the same run goes on by ``plan``; else a new one begins with it."""

    kind: Literal["resume", "resume-smaller", "anew-smaller", "anew-batch"]
    plan: TrainingPlan

    @property
    def resumes(self) -> bool:
        return self.kind in {"resume", "resume-smaller"}


def ways_on(failure: events.JobFailed, plan: TrainingPlan, was_resumed: bool) -> list[WayOn]:
    """What to offer after a failure, the likeliest first.

    A run that may go on keeps its batches, since another size would be another training; where memory was short they
    go through the network in more parts, to the same effect. ``was_resumed``: it had gone on before this failure.
    """
    if failure.code == "will_not_fit":
        return [_fitting(failure, plan, was_resumed)]
    ways = []
    smaller = halved(plan) if is_memory_likely(failure) else None
    if failure.can_resume:
        ways.append(WayOn(kind="resume", plan=plan))
        if smaller is not None:
            ways.append(WayOn(kind="resume-smaller", plan=smaller))
    elif smaller is not None and not was_resumed:
        ways.append(WayOn(kind="anew-smaller", plan=smaller))
    return ways


def _fitting(failure: events.JobFailed, plan: TrainingPlan, was_resumed: bool) -> WayOn:
    smaller = int(failure.facts["smaller"])
    if was_resumed:
        parts = min(math.ceil(plan.batch_size / smaller), plan.batch_size)
        return WayOn(kind="resume-smaller", plan=msgspec.structs.replace(plan, accumulate=parts))
    return WayOn(kind="anew-batch", plan=msgspec.structs.replace(plan, batch_size=smaller, accumulate=1))


def is_memory_likely(failure: events.JobFailed) -> bool:
    """Whether short memory is the likely reason of a failure."""
    if failure.code == "out_of_memory":
        return True
    if failure.code != "worker_lost":
        return False
    reasons = {"killed": SIGNALS_OF_SHORT_MEMORY, "exited": EXITS_OF_SHORT_MEMORY}
    return failure.facts.get("number") in reasons.get(str(failure.facts.get("detail_code")), set())


def halved(plan: TrainingPlan) -> TrainingPlan | None:
    """The plan with batches that go through the network in twice as many parts; None where they are single images."""
    if plan.accumulate >= plan.batch_size:
        return None
    return msgspec.structs.replace(plan, accumulate=min(2 * plan.accumulate, plan.batch_size))
