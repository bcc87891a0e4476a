"""What is compiled of a stage: an update from a batch, whole or in parts, and the score of a batch.

Made anew for each stage: a function traced earlier would not honour a change of what trains.
"""

from typing import Any

import numpy as np

from tlstudio.engine.distributed import Replicas
from tlstudio.engine.optimizers import Updater
from tlstudio.engine.runtime import keras, tf

Sums = tuple[Any, Any]  # of the loss (weighted, over the batch's sum of weights) and of right answers; on the device


class Steps:
    """``model`` gives class probabilities (n, classes); ``variables`` are those that train, beside ``updater``'s.

    Losses are cross-entropy with ``label_smoothing``, each image's weighted, over the sum of the batch's weights.
    ``replicas``: what shares each update, where there are several devices or machines.
    """

    def __init__(
        self,
        model: Any,
        variables: list[Any],
        updater: Updater,
        classes: int,
        label_smoothing: float = 0.0,
        replicas: Replicas | None = None,
    ) -> None:
        self._model, self._variables, self._updater = model, variables, updater
        self._classes, self._smoothing = classes, label_smoothing
        self._replicas = replicas or Replicas()
        images = tf.TensorSpec([None, *model.input.shape[1:]], tf.float32)
        labels, weights = tf.TensorSpec([None], tf.int32), tf.TensorSpec([None], tf.float32)
        number = tf.TensorSpec([], tf.float32)
        signature = [images, labels, weights, number]
        self._whole = self._replicas.compiled(self._update, [*signature, number])
        self._part = self._replicas.compiled(self._add_part, [*signature, number])
        self._end = self._replicas.compiled(self._apply_parts, [])
        self._score = self._replicas.compiled(self._evaluate, signature)
        self._sums: list[Any] = []

    def train(self, x: np.ndarray, labels: np.ndarray, weights: np.ndarray, parts: int = 1) -> Sums:
        """One update. ``parts``: in how many pieces the batch goes through the network; their gradients add up to
        the whole batch's, but for BatchNormalization and Dropout, which see a piece at a time.

        Raises ``tf.errors.ResourceExhaustedError``; the weights are then as they were.
        """
        total, split = _total(weights), self._replicas.split
        if parts <= 1 or len(labels) <= 1:
            share = np.float32(self._replicas.share)
            return self._whole(*split(x, labels, weights, total, share))
        if not self._sums:
            self._sums = [self._replicas.local_sum_variable(v.value) for v in self._variables]
        loss, correct = tf.constant(0.0), tf.constant(0.0)
        pieces = np.array_split(np.arange(len(labels)), min(parts, len(labels)))
        try:
            for piece in pieces:
                part = slice(int(piece[0]), int(piece[-1]) + 1)
                share = np.float32(self._replicas.share / len(pieces))
                lost, right = self._part(*split(x[part], labels[part], weights[part], total, share))
                loss, correct = loss + lost, correct + right
        except tf.errors.ResourceExhaustedError:
            for kept in self._sums:  # what was added so far belongs to no update
                kept.assign(tf.zeros_like(kept.read_value()))
            raise
        self._end()
        return loss, correct

    def evaluate(self, x: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> Sums:
        return self._score(*self._replicas.split(x, labels, weights, _total(weights)))

    # -- compiled, and run by each replica on its part --------------------------------------------------

    def _loss(self, probabilities: Any, labels: Any, weights: Any, total: Any) -> Any:
        wanted = tf.one_hot(labels, self._classes)
        losses = keras.losses.categorical_crossentropy(wanted, probabilities, label_smoothing=self._smoothing)
        return tf.reduce_sum(losses * weights) / total

    def _gradients(self, x: Any, labels: Any, weights: Any, total: Any, share: Any) -> tuple[list[Any], Any, Any]:
        with tf.GradientTape() as tape:
            probabilities = tf.cast(self._model(x, training=True), tf.float32)
            loss = self._loss(probabilities, labels, weights, total)
            penalties = self._model.losses
            aim = loss + share * tf.add_n(penalties) if penalties else loss
        gradients = tape.gradient(aim, [v.value for v in self._variables])
        return gradients, loss, _count_correct(probabilities, labels, weights)

    def _update(self, x: Any, labels: Any, weights: Any, total: Any, share: Any) -> Sums:
        gradients, loss, correct = self._gradients(x, labels, weights, total, share)
        self._updater.apply(gradients)
        return loss, correct

    def _add_part(self, x: Any, labels: Any, weights: Any, total: Any, share: Any) -> Sums:
        gradients, loss, correct = self._gradients(x, labels, weights, total, share)
        for kept, gradient in zip(self._sums, gradients, strict=True):
            if gradient is not None:  # a variable that the output does not depend on
                kept.assign_add(gradient)
        return loss, correct

    def _apply_parts(self) -> Any:
        self._updater.apply([kept.read_value() for kept in self._sums])
        for kept in self._sums:
            kept.assign(tf.zeros_like(kept.read_value()))
        return tf.constant(0.0)

    def _evaluate(self, x: Any, labels: Any, weights: Any, total: Any) -> Sums:
        probabilities = tf.cast(self._model(x, training=False), tf.float32)
        return self._loss(probabilities, labels, weights, total), _count_correct(probabilities, labels, weights)


def _total(weights: np.ndarray) -> np.float32:
    return np.float32(max(float(weights.sum()), 1e-7))


def _count_correct(probabilities: Any, labels: Any, weights: Any) -> Any:
    """Of the images that have a weight: one without stands in where a replica has none."""
    hits = tf.equal(tf.argmax(probabilities, axis=-1, output_type=tf.int32), labels)
    return tf.reduce_sum(tf.cast(tf.logical_and(hits, weights > 0), tf.float32))
