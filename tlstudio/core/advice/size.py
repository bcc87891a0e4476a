"""How large a dataset is, for what there is to be learned from it."""

import math

from tlstudio.core.advice.measured import CurvePoint
from tlstudio.core.advice.recommendation import SizeVerdict
from tlstudio.core.advice.words import percent, remark
from tlstudio.core.forecast import parts_of
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.speed import Counts
from tlstudio.core.strategy import size_of

NOTABLE = 0.01  # of accuracy


def size_verdict(model: ModelFile, plans: list[TrainingPlan], counts: Counts, curve: list[CurvePoint]) -> SizeVerdict:
    """``plans``: of the ways, of which the weights to be learned are counted."""
    verdict = size_of(counts.train, counts.classes)
    each = round(counts.train / max(counts.classes, 1))
    weights = [parts_of(model, plan, counts.classes).trainable for plan in plans]
    evidence = [
        remark("images_per_class", images=counts.train, classes=counts.classes, each=each),
        remark("weights_to_learn", least=f"{min(weights):,}", most=f"{max(weights):,}"),
    ]
    doubled = expected_at(curve, 2)
    if doubled is not None:
        gain = doubled - curve[-1].accuracy
        code = "doubling_helps" if gain >= NOTABLE else "doubling_does_little"
        evidence.append(remark(code, now=percent(curve[-1].accuracy), then=percent(doubled)))
    return SizeVerdict(images=counts.train, per_class=each, verdict=verdict, evidence=evidence, doubled=doubled)


def expected_at(curve: list[CurvePoint], times: float) -> float | None:
    """The accuracy that so many times the last point's images would bring; None where the curve has one point.

    The error falls as a power of the number of images (Hestness et al. 2017): a straight line through the logarithms,
    by least squares, that never rises.
    """
    points = [(math.log(point.images), math.log(max(1 - point.accuracy, 1 / (2 * point.images)))) for point in curve]
    if len(points) < 2:
        return None
    mean_x, mean_y = (sum(point[axis] for point in points) / len(points) for axis in (0, 1))
    spread = sum((x - mean_x) ** 2 for x, _y in points)
    slope = min(sum((x - mean_x) * (y - mean_y) for x, y in points) / spread, 0.0) if spread else 0.0
    return max(1 - math.exp(points[-1][1] + slope * math.log(times)), curve[-1].accuracy)
