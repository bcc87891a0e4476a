"""What a plan costs on this machine: seconds, memory, and a smaller batch where its own has no room."""

import msgspec

from tlstudio.core.advice.history import History
from tlstudio.core.advice.recommendation import Price
from tlstudio.core.events import Measured
from tlstudio.core.forecast import fits, forecast, smaller_batch
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.plan import TrainingPlan


def price_of(model: ModelFile, plan: TrainingPlan, measured: Measured, free: int, history: History) -> Price:
    """``free``: bytes that the machine has for a run; ``history``: what earlier runs really took."""
    cost = forecast(model, plan, measured.counts, measured.speed)
    factor = history.memory_factor(plan.strategy)
    has_room = fits(cost, free, factor)
    if not has_room:
        smaller = smaller_batch(model, plan, measured.counts, free, factor)
        if smaller is not None:
            plan = msgspec.structs.replace(plan, batch_size=smaller)
            cost, has_room = forecast(model, plan, measured.counts, measured.speed), True
    seconds, low, high = history.corrected(plan.strategy, cost.seconds)
    return Price(
        plan=plan,
        seconds=seconds,
        seconds_low=low,
        seconds_high=high,
        peak_bytes=history.corrected_peak(plan.strategy, cost.peak_bytes),
        fits=has_room,
    )
