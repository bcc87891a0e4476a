"""The learning rate of each update of a stage: warm-up, time decay, cosine, plateau. Plain numbers, no Keras.

Keras' own schedules don't keep where they are (``ReduceLROnPlateau``) or count updates only; here all that the rate
depends on is a handful of numbers, which a checkpoint holds.
"""

import math
from dataclasses import dataclass, field

import msgspec

from tlstudio.core.plan import Schedule

LEAST_OF_PEAK = 1e-3  # where a warm-up starts: a rate of exactly zero would waste the first update


class RateState(msgspec.Struct, frozen=True, kw_only=True):
    """``fallen``: what plateaus have made of the rate; ``waited``: epochs without gain since its last fall;
    ``scale``: a tenth, once the loss was no number."""

    fallen: float = 1.0
    waited: int = 0
    scale: float = 1.0


@dataclass
class LearningRate:
    """``rate``: the peak; ``decay``: Keras 2's time decay; ``steps``: updates an epoch; ``epochs``: the most that are
    planned."""

    rate: float
    decay: float
    schedule: Schedule
    steps: int
    epochs: int
    state: RateState = field(default_factory=RateState)

    def at(self, update: int) -> float:
        """The rate of an update, counted from 0 through the stage."""
        return self.rate * self.share_at(update)

    def share_at(self, update: int) -> float:
        """Of the peak rate."""
        schedule, state = self.schedule, self.state
        share = state.scale * state.fallen / (1.0 + self.decay * update)
        warm, total = schedule.warmup * self.steps, self.epochs * self.steps
        if update < warm:
            return share * max((update + 1) / (warm + 1), LEAST_OF_PEAK)
        if schedule.kind == "cosine" and total > warm:
            done = min((update - warm) / (total - warm), 1.0)
            share *= schedule.floor + (1.0 - schedule.floor) * 0.5 * (1.0 + math.cos(math.pi * done))
        return share

    def epoch_ended(self, is_gain: bool, epoch: int) -> None:
        """What an epoch of the stage (from 1) brought; epochs of the warm-up don't count as a plateau."""
        schedule, state = self.schedule, self.state
        if schedule.kind != "plateau" or epoch <= schedule.warmup:
            return
        waited = 0 if is_gain else state.waited + 1
        fallen = state.fallen
        if waited >= schedule.patience:
            fallen, waited = max(fallen * schedule.factor, schedule.floor), 0
        self.state = msgspec.structs.replace(state, fallen=fallen, waited=waited)

    def slow_down(self, scale: float) -> None:
        """Multiply the rate from now on."""
        self.state = msgspec.structs.replace(self.state, scale=self.state.scale * scale)
