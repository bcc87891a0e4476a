"""Advice as it is given: the verdicts, the four ways with their plans and costs, and the reason."""

from typing import Literal

import msgspec

from tlstudio.core.advice.words import Remark
from tlstudio.core.plan import Strategy, TrainingPlan

ExtraKind = Literal["several-layers", "one-block"]


class SizeVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """``verdict``: small or large; ``images``: training images; ``doubled``: the accuracy that twice the images would
    be expected to bring on the highest features, None where the curve doesn't tell."""

    images: int
    per_class: int
    verdict: str
    evidence: list[Remark]
    doubled: float | None = None


class SimilarityVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """``score``: 0 (nothing in common) to 100 (what the network knows); ``verdict``: similar or dissimilar."""

    score: int
    verdict: str
    evidence: list[Remark]


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """``plan``: the one that was asked for, or with a batch that fits; ``seconds``: until its last planned epoch,
    with their range; ``fits``: into this machine's memory."""

    plan: TrainingPlan
    seconds: float
    seconds_low: float
    seconds_high: float
    peak_bytes: int
    fits: bool


class Offer(Price, frozen=True, kw_only=True):
    """``expected``: accuracy on new images, with its range."""

    expected: float
    expected_low: float
    expected_high: float


class Way(Offer, frozen=True, kw_only=True):
    """One of the four ways on this dataset. ``against``: what speaks against it, nothing for the one that is
    recommended."""

    strategy: Strategy
    against: list[Remark]


class ExtraPlan(Offer, frozen=True, kw_only=True):
    """An advanced plan that the measurement speaks for (``core.advice.extra_plans``)."""

    kind: ExtraKind
    reason: list[Remark]


class Recommendation(msgspec.Struct, frozen=True, kw_only=True):
    """``strategy``, ``case`` and ``cut`` are None where nothing can be learned; ``reason`` says so, then.

    ``case``: 1 to 4, in the order of ``core.strategy.CASES``; ``cut``: the starred one, the best place of a new
    classifier; ``ways``: all four, in the same order; ``extras``: advanced plans, none where nothing speaks for them.
    """

    strategy: Strategy | None
    case: int | None
    cut: str | None
    reason: list[Remark]
    size: SizeVerdict
    similarity: SimilarityVerdict
    ways: list[Way]
    extras: list[ExtraPlan] = []

    @property
    def way(self) -> Way | None:
        """The recommended one."""
        return next((way for way in self.ways if way.strategy == self.strategy), None)
