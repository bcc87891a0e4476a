"""One stage of training: epochs of updates with validation, when to stop, and all that it takes to go on later.

Not ``Model.fit``: stop and pause are honoured at every batch, the order of images comes from (seed, epoch)
(``fit`` repeats one order in every epoch), and everything that decides the next step can be kept and put back.
"""

import math
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from tlstudio.core import events
from tlstudio.core.control import Control
from tlstudio.core.errors import TLStudioError
from tlstudio.core.notices import notice
from tlstudio.core.schedules import LearningRate, RateState
from tlstudio.core.stages import SCORING_BATCH
from tlstudio.engine.order import epoch_order
from tlstudio.engine.runtime import tf
from tlstudio.engine.sources import Examples, batches
from tlstudio.engine.steps import Steps

SECONDS_BETWEEN_BATCH_EVENTS = 0.05
SECONDS_BETWEEN_SIGNS = 1.0  # of life, for who would end a calculation that hangs
LEAST_GAIN = 0.01  # of the loss
MOST_PARTS = 4096
RISE = 1.25  # times the loss at the stage's start: trained weights are being torn


class LossNotFinite(Exception):  # noqa: N818 (caught by the run, which decides what follows)
    """The loss, or a weight, is no longer a number."""


@dataclass
class Progress:
    """What the run has reached, through all stages: ``epoch`` whole epochs. ``best_weights`` belong to ``best``."""

    epoch: int = 0
    best: events.BestEpoch | None = None
    best_key: tuple[float, float] = (-math.inf, -math.inf)
    best_weights: list[np.ndarray] = field(default_factory=list)
    last_loss: float | None = None  # of training, in the epoch before


class StageState(msgspec.Struct, frozen=True, kw_only=True):
    """Where a stage stands between two batches: ``epochs`` whole ones of its own, ``step`` batches of the next, what
    these summed up to, and the judgement of what is behind."""

    epochs: int = 0
    step: int = 0
    loss_sum: float = 0.0
    correct_sum: float = 0.0
    seconds: float = 0.0
    without_gain: int = 0
    best_gain: float | None = None
    first_loss: float | None = None
    has_warned: bool = False
    is_over: bool = False
    stopped_early: bool = False
    rate: RateState = RateState()


@dataclass(frozen=True)
class Recipe:
    """What a stage needs to know of its plan. ``keeps_last``: its last epoch counts as the best. ``tunes``: trained
    weights move in it."""

    name: str
    epochs: int
    batch_size: int
    patience: int
    monitor: str
    seed: int
    is_balanced: bool = False
    class_weights: np.ndarray | None = None
    keeps_last: bool = False
    tunes: bool = False

    def weights_of(self, labels: np.ndarray) -> np.ndarray:
        """What each image counts in the loss, by its class: float32 (n,)."""
        if self.class_weights is None:
            return np.ones(len(labels), np.float32)
        return self.class_weights[labels]


class Minder:
    """What a stage asks between batches, beside stop and pause; a run overrides it."""

    def shortage(self) -> events.Noticed | None:
        """A remark if memory or disk run short, so that the stage should wait."""
        return None

    def is_over(self) -> bool:
        """Whether that shortage has passed."""
        return True

    def went_on(self) -> None:
        """The stage goes on after it has waited, by itself or because a person said so."""

    def keep(self, why: str) -> None:
        """The stage stands between two batches. ``why``: ``batch``, ``epoch``, ``best`` or ``pause``."""


def judged(monitor: str, loss: float, accuracy: float) -> tuple[float, float]:
    """An epoch's key: larger is better; the first number decides, the second breaks ties."""
    loss = loss if math.isfinite(loss) else math.inf
    return (accuracy, -loss) if monitor == "accuracy" else (-loss, accuracy)


def latest(epoch: int) -> tuple[float, float]:
    """An epoch's key where the last one counts as the best: above that of any epoch before, however it was judged."""
    return (1.0 + epoch, 0.0)


class Stage:
    """Trains until nothing is gained any more. ``variables``: those that the best epoch is made of."""

    def __init__(
        self,
        recipe: Recipe,
        steps: Steps,
        set_rate: Callable[[float], None],
        rate: LearningRate,
        train: Examples,
        validation: Examples,
        variables: list[Any],
        drift: Callable[[], dict[str, float]] = dict,
        parts: int = 1,
    ) -> None:
        self.recipe, self.rate, self.parts = recipe, rate, parts
        self.train, self.validation = train, validation
        self.variables = variables
        self._steps, self._set_rate, self._drift = steps, set_rate, drift
        self._state = StageState()
        self._pending: list[tuple[int, int, Any, Any]] = []  # step, images, loss and hits still on the device
        self._sent = 0.0

    @property
    def state(self) -> StageState:
        """What it takes to go on from here, beside the weights and the optimizer's variables."""
        return msgspec.structs.replace(self._state, rate=self.rate.state)

    def go_on_from(self, state: StageState) -> None:
        self._state, self.rate.state = state, state.rate
        self._pending = []

    def _change(self, **changes: Any) -> None:
        self._state = msgspec.structs.replace(self._state, **changes)

    @property
    def steps_per_epoch(self) -> int:
        return math.ceil(len(self.train.labels) / self.recipe.batch_size)

    def run(self, progress: Progress, control: Control, emit: events.Emit, minder: Minder) -> None:
        """Train to the stage's end, or on from where ``go_on_from`` put it.

        Raises ``Stopped``, ``LossNotFinite``, and ``TLStudioError`` (``out_of_memory``).
        """
        while not self._state.is_over and self._state.epochs < self.recipe.epochs:
            self._run_epoch(progress, control, emit, minder)
        self._change(is_over=True)

    def _run_epoch(self, progress: Progress, control: Control, emit: events.Emit, minder: Minder) -> None:
        epoch = progress.epoch + 1
        paused, began, before = control.seconds_paused, time.monotonic(), self._state.seconds

        def seconds() -> float:
            return before + time.monotonic() - began - (control.seconds_paused - paused)

        self._update(epoch, control, emit, minder, seconds)
        count = len(self.train.labels)
        loss, accuracy = self._state.loss_sum / count, self._state.correct_sum / count
        rate = self.rate.at(self._state.epochs * self.steps_per_epoch + self.steps_per_epoch - 1)
        val_loss, val_accuracy = (
            self.score(self.validation, control, emit) if len(self.validation.labels) else (None, None)
        )
        key = judged(
            self.recipe.monitor,
            loss if val_loss is None else val_loss,
            accuracy if val_accuracy is None else val_accuracy,
        )
        judgement = key[0]
        is_gain = self._is_gain(judgement)
        without_gain = 0 if is_gain else self._state.without_gain + 1
        self.rate.epoch_ended(is_gain, self._state.epochs + 1)
        if self.recipe.keeps_last:
            key = latest(epoch)
        is_best = key > progress.best_key
        progress.epoch = epoch
        if is_best:
            progress.best_key = key
            progress.best = events.BestEpoch(
                epoch=epoch, val_accuracy=val_accuracy, val_loss=val_loss, stage=self.recipe.name
            )
            progress.best_weights = [variable.numpy() for variable in self.variables]
        stopped_early = without_gain >= self.recipe.patience
        took = seconds()
        self._change(
            epochs=self._state.epochs + 1,
            step=0,
            loss_sum=0.0,
            correct_sum=0.0,
            seconds=0.0,
            without_gain=without_gain,
            best_gain=judgement if is_gain else self._state.best_gain,
            is_over=stopped_early,
            stopped_early=stopped_early,
        )
        emit(
            events.EpochFinished(
                epoch=epoch,
                stage=self.recipe.name,
                loss=loss,
                accuracy=accuracy,
                val_loss=val_loss,
                val_accuracy=val_accuracy,
                learning_rate=rate,
                seconds=took,
                is_best=is_best,
                epochs_without_gain=without_gain,
                drift=self._drift(),
            )
        )
        self._warn_of_a_rise(loss, progress.last_loss, epoch, rate, emit)
        progress.last_loss = loss
        minder.keep("best" if is_best else "epoch")

    def _is_gain(self, value: float) -> bool:
        """Any better accuracy; a loss that is lower by a hundredth, since it creeps on long after it has settled."""
        best = self._state.best_gain
        if best is None:
            return math.isfinite(value)
        return value > best + (LEAST_GAIN * abs(best) if self.recipe.monitor == "loss" else 0.0)

    def _warn_of_a_rise(self, loss: float, last: float | None, epoch: int, rate: float, emit: events.Emit) -> None:
        """A single batch may be an easy one, so the epoch is held against the one before as well."""
        before = max(self._state.first_loss or 0.0, last or 0.0)
        if self.recipe.tunes and 0.0 < before < loss / RISE and not self._state.has_warned:
            self._change(has_warned=True)
            emit(notice("loss_rises", epoch=epoch, rate=f"{rate:g}"))

    # -- batches ----------------------------------------------------------------------------------------

    def _update(
        self, epoch: int, control: Control, emit: events.Emit, minder: Minder, seconds: Callable[[], float]
    ) -> None:
        size, labels = self.recipe.batch_size, self.train.labels
        order = epoch_order(labels, self.recipe.seed, epoch, self.recipe.is_balanced)
        weights = self.recipe.weights_of(labels)
        done = self._state.epochs * self.steps_per_epoch
        try:
            with closing(batches(self.train.source, order, size, epoch, self._state.step)) as coming:
                for values in coming:
                    self._obey(control, emit, minder, epoch)
                    step = self._state.step
                    places = order[step * size : (step + 1) * size]
                    self._set_rate(self.rate.at(done + step))
                    loss, correct = self._train(values, labels[places], weights[places], emit)
                    self._pending.append((step + 1, len(places), loss, correct))
                    self._change(step=step + 1, seconds=seconds())
                    if time.monotonic() - self._sent >= SECONDS_BETWEEN_BATCH_EVENTS:
                        self.flush(emit, epoch)
                    minder.keep("batch")
        finally:
            self.flush(emit, epoch)

    def _train(self, values: np.ndarray, labels: np.ndarray, weights: np.ndarray, emit: events.Emit) -> Any:
        """One update, in more parts where the device's memory is too small for it."""
        while True:
            try:
                return self._steps.train(values, labels, weights, self.parts)
            except tf.errors.ResourceExhaustedError as error:
                if self.parts >= min(len(labels), MOST_PARTS):
                    raise TLStudioError("out_of_memory", batch=len(labels)) from error
                self.parts = min(self.parts * 2, len(labels))
                emit(notice("batch_halved", batch=len(labels), parts=self.parts))

    def update_at(self, rate: float, values: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> float:
        """One update out of the order of epochs, at that rate; returns the loss before it."""
        self._set_rate(rate)
        loss, _correct = self._steps.train(values, labels, weights, self.parts)
        return float(loss)

    def _obey(self, control: Control, emit: events.Emit, minder: Minder, epoch: int) -> None:
        def on_paused(is_paused: bool) -> None:
            self.flush(emit, epoch)
            if is_paused:
                minder.keep("pause")
            emit(events.Paused() if is_paused else events.Continued())

        shortage = minder.shortage()
        if shortage is not None and not control.is_pause_requested:
            self.flush(emit, epoch)
            emit(shortage)
            control.pause(by_itself=True)
            control.checkpoint(on_paused, minder.is_over)
            minder.went_on()
        else:
            control.checkpoint(on_paused)

    def score(self, examples: Examples, control: Control, emit: events.Emit) -> tuple[float, float]:
        """Mean loss and accuracy, in inference mode. Raises ``Stopped``."""
        told = time.monotonic()
        count = len(examples.labels)
        weights = self.recipe.weights_of(examples.labels)
        found: list[tuple[int, Any, Any]] = []
        with closing(batches(examples.source, np.arange(count), SCORING_BATCH, 1)) as coming:
            for place, values in enumerate(coming):
                control.checkpoint()
                rows = slice(place * SCORING_BATCH, place * SCORING_BATCH + len(values))
                found.append((len(values), *self._steps.evaluate(values, examples.labels[rows], weights[rows])))
                if time.monotonic() - told > SECONDS_BETWEEN_SIGNS:
                    emit(events.Validating(done=rows.stop, total=count))
                    told = time.monotonic()
        loss = sum(size * float(lost) for size, lost, _right in found)
        return loss / count, sum(float(right) for _size, _lost, right in found) / count

    def flush(self, emit: events.Emit, epoch: int) -> None:
        """Bring what is still on the device into the sums, and tell of it. Raises ``LossNotFinite``.

        A device waits for whoever asks for a number, so they are asked for together.
        """
        if not self._pending:
            return
        pending, self._pending = self._pending, []
        numbers, losses, accuracies = [], [], []
        loss_sum, correct_sum = self._state.loss_sum, self._state.correct_sum
        for step, size, on_device, hits in pending:
            loss, correct = float(on_device), float(hits)
            if not math.isfinite(loss):
                raise LossNotFinite
            loss_sum, correct_sum = loss_sum + loss * size, correct_sum + correct
            numbers.append(step)
            losses.append(loss)
            accuracies.append(correct / size)
            if self._state.first_loss is None:
                self._change(first_loss=loss)
        self._change(loss_sum=loss_sum, correct_sum=correct_sum)
        self._sent = time.monotonic()
        steps = self.steps_per_epoch
        emit(events.Batches(epoch=epoch, steps=numbers, steps_per_epoch=steps, loss=losses, accuracy=accuracies))
