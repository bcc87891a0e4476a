"""One stage of training: compiled steps over batches, epochs with validation, and when to stop.

Not ``Model.fit``: stop and pause are honoured at every batch, the order of images comes from (seed, epoch)
(``fit`` repeats one order in every epoch), and everything that decides the next step is in plain sight.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from tlstudio.core import events
from tlstudio.core.control import Control
from tlstudio.core.errors import TLStudioError
from tlstudio.core.plan import Optimizer
from tlstudio.engine.runtime import keras, tf

SECONDS_BETWEEN_BATCH_EVENTS = 0.05
EVALUATION_BATCH = 128
LEAST_GAIN = 0.01  # of the loss


class Source(Protocol):
    """Where batches come from: kept features, or images."""

    def __len__(self) -> int: ...

    def batch(self, places: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True)
class Examples:
    source: Source
    labels: np.ndarray  # int32 (n,)


@dataclass
class Progress:
    """What the run has reached, through all stages. ``best_weights`` belong to ``best``."""

    epoch: int = 0
    best: events.BestEpoch | None = None
    best_key: tuple[float, float] = (-math.inf, -math.inf)
    best_weights: list[np.ndarray] = field(default_factory=list)
    seconds: float = 0.0


def make_optimizer(plan: Optimizer, learning_rate: float | None = None) -> Any:
    """Keras' optimizer for a plan. Time decay needs a schedule: Keras 3 ignores ``decay=``."""
    rate: Any = float(learning_rate if learning_rate is not None else plan.learning_rate)
    if plan.decay:
        rate = keras.optimizers.schedules.InverseTimeDecay(rate, decay_steps=1, decay_rate=plan.decay)
    if plan.name == "sgd":
        return keras.optimizers.SGD(rate, momentum=plan.momentum, nesterov=plan.nesterov)
    if plan.name == "rmsprop":
        return keras.optimizers.RMSprop(rate, momentum=plan.momentum)
    return {"adam": keras.optimizers.Adam, "adamw": keras.optimizers.AdamW}[plan.name](rate)


class Stage:
    """Trains ``model`` (a source's values to class probabilities (n, classes)) until it stops gaining."""

    def __init__(
        self,
        name: str,
        model: Any,
        optimizer: Any,
        train: Examples,
        validation: Examples,
        *,
        classes: int,
        class_weights: np.ndarray | None,
        batch_size: int,
        epochs: int,
        patience: int,
        monitor: str,
        seed: int,
    ) -> None:
        self.name, self.model, self.optimizer = name, model, optimizer
        self.train, self.validation = train, validation
        self.classes, self.class_weights = classes, class_weights
        self.batch_size, self.epochs, self.patience, self.seed = batch_size, epochs, patience, seed
        self.monitor = monitor
        self.stopped_early = False
        self._batches: list[tuple[int, float, float]] = []
        self._sent = 0.0
        # Made here, for these trainable flags: a function traced earlier would not honour a change of them.
        self._variables = list(model.trainable_variables)
        optimizer.build(self._variables)
        self._step = tf.function(self._train_on_batch, input_signature=self._signature())
        self._evaluate = tf.function(self._evaluate_batch, input_signature=self._signature())

    def run(self, progress: Progress, control: Control, emit: events.Emit, on_epoch: Callable[[bool], None]) -> None:
        """Train for up to ``epochs`` epochs; ``on_epoch(is_best)`` follows each one.

        Raises ``Stopped``, and ``TLStudioError`` (``training_diverged``, ``out_of_memory``).
        """
        without_gain, best_gain = 0, -math.inf
        for _ in range(self.epochs):
            progress.epoch += 1
            began, paused = time.monotonic(), control.seconds_paused
            loss, accuracy = self._run_epoch(progress.epoch, control, emit)
            if not math.isfinite(loss):
                raise TLStudioError("training_diverged", epoch=progress.epoch, rate=f"{self._rate():g}")
            val_loss, val_accuracy = self._validate(control) if len(self.validation.labels) else (None, None)
            key = self._judge(
                loss if val_loss is None else val_loss, accuracy if val_accuracy is None else val_accuracy
            )
            if self._is_gain(key[0], best_gain):
                best_gain, without_gain = key[0], 0
            else:
                without_gain += 1
            is_best = key > progress.best_key
            if is_best:
                progress.best_key = key
                progress.best = events.BestEpoch(epoch=progress.epoch, val_accuracy=val_accuracy, val_loss=val_loss)
                progress.best_weights = [v.numpy() for v in self.kept_variables()]
            seconds = time.monotonic() - began - (control.seconds_paused - paused)
            progress.seconds += seconds
            emit(
                events.EpochFinished(
                    epoch=progress.epoch,
                    stage=self.name,
                    loss=loss,
                    accuracy=accuracy,
                    val_loss=val_loss,
                    val_accuracy=val_accuracy,
                    learning_rate=self._rate(),
                    seconds=seconds,
                    is_best=is_best,
                    epochs_without_gain=without_gain,
                )
            )
            on_epoch(is_best)
            if without_gain >= self.patience:
                self.stopped_early = True
                return

    def _judge(self, loss: float, accuracy: float) -> tuple[float, float]:
        """Larger is better; the first decides, the second breaks ties."""
        loss = loss if math.isfinite(loss) else math.inf
        return (accuracy, -loss) if self.monitor == "accuracy" else (-loss, accuracy)

    def _is_gain(self, value: float, best: float) -> bool:
        """Any better accuracy; a loss that is lower by a hundredth, since it creeps on long after it has settled."""
        return value > best + (LEAST_GAIN * abs(best) if self.monitor == "loss" and math.isfinite(best) else 0.0)

    def kept_variables(self) -> list[Any]:
        """The variables that training can change: trainable ones and BatchNormalization's statistics."""
        return [v.value for v in [*self.model.trainable_variables, *self.model.non_trainable_variables]]

    def restore(self, weights: list[np.ndarray]) -> None:
        for variable, value in zip(self.kept_variables(), weights, strict=True):
            variable.assign(value)

    # -- batches ----------------------------------------------------------------------------------------

    def _run_epoch(self, epoch: int, control: Control, emit: events.Emit) -> tuple[float, float]:
        count = len(self.train.labels)
        order = np.random.default_rng([self.seed, epoch]).permutation(count)
        steps = math.ceil(count / self.batch_size)
        total_loss = total_correct = 0.0
        for step in range(steps):
            self._obey(control, emit, epoch, steps)
            places = order[step * self.batch_size : (step + 1) * self.batch_size]
            loss, correct = self._call(self._step, self.train, places)
            total_loss += loss * len(places)
            total_correct += correct
            self._report(emit, epoch, step + 1, steps, loss, correct / len(places))
        self._flush(emit, epoch, steps)
        return total_loss / count, total_correct / count

    def _obey(self, control: Control, emit: events.Emit, epoch: int, steps: int) -> None:
        def on_paused(is_paused: bool) -> None:
            self._flush(emit, epoch, steps)
            emit(events.Paused() if is_paused else events.Continued())

        control.checkpoint(on_paused)

    def _validate(self, control: Control) -> tuple[float, float]:
        count = len(self.validation.labels)
        total_loss = total_correct = 0.0
        for start in range(0, count, EVALUATION_BATCH):
            control.checkpoint()
            places = np.arange(start, min(start + EVALUATION_BATCH, count))
            loss, correct = self._call(self._evaluate, self.validation, places)
            total_loss += loss * len(places)
            total_correct += correct
        return total_loss / count, total_correct / count

    def _call(self, function: Any, examples: Examples, places: np.ndarray) -> tuple[float, float]:
        x, y = examples.source.batch(places), examples.labels[places]
        weights = np.ones(len(y), np.float32) if self.class_weights is None else self.class_weights[y]
        try:
            loss, correct = function(tf.constant(x), tf.constant(y), tf.constant(weights))
        except tf.errors.ResourceExhaustedError as error:
            raise TLStudioError("out_of_memory", batch=len(places)) from error
        return float(loss), float(correct)

    def _report(self, emit: events.Emit, epoch: int, step: int, steps: int, loss: float, accuracy: float) -> None:
        if math.isfinite(loss):
            self._batches.append((step, loss, accuracy))
        if time.monotonic() - self._sent >= SECONDS_BETWEEN_BATCH_EVENTS:
            self._flush(emit, epoch, steps)

    def _flush(self, emit: events.Emit, epoch: int, steps: int) -> None:
        if not self._batches:
            return
        numbers, losses, accuracies = (list(column) for column in zip(*self._batches, strict=True))
        emit(events.Batches(epoch=epoch, steps=numbers, steps_per_epoch=steps, loss=losses, accuracy=accuracies))
        self._batches, self._sent = [], time.monotonic()

    # -- compiled ---------------------------------------------------------------------------------------

    def _signature(self) -> list[Any]:
        return [
            tf.TensorSpec([None, *self.model.input.shape[1:]], tf.float32),
            tf.TensorSpec([None], tf.int32),
            tf.TensorSpec([None], tf.float32),
        ]

    def _loss(self, probabilities: Any, labels: Any, weights: Any) -> Any:
        wanted = tf.one_hot(labels, self.classes)
        losses = keras.losses.categorical_crossentropy(wanted, probabilities)
        return tf.reduce_sum(losses * weights) / tf.maximum(tf.reduce_sum(weights), 1e-7)

    def _train_on_batch(self, x: Any, y: Any, weights: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            probabilities = self.model(x, training=True)
            loss = self._loss(probabilities, y, weights)
            penalties = self.model.losses
            total = tf.add_n([loss, *penalties]) if penalties else loss
        gradients = tape.gradient(total, [v.value for v in self._variables])
        self.optimizer.apply(gradients, self._variables)
        return loss, _count_correct(probabilities, y)

    def _evaluate_batch(self, x: Any, y: Any, weights: Any) -> tuple[Any, Any]:
        probabilities = self.model(x, training=False)
        return self._loss(probabilities, y, weights), _count_correct(probabilities, y)

    def _rate(self) -> float:
        return float(self.optimizer.learning_rate.numpy())


def _count_correct(probabilities: Any, labels: Any) -> Any:
    hits = tf.equal(tf.argmax(probabilities, axis=-1, output_type=tf.int32), labels)
    return tf.reduce_sum(tf.cast(hits, tf.float32))
