"""What is compiled of a stage: an update from a batch, whole or in parts, and the score of a batch.

Made anew for each stage: a function traced earlier would not honour a change of what trains.
"""

from typing import Any

import numpy as np

from tlstudio.engine.optimizers import Updater
from tlstudio.engine.runtime import keras, tf

Sums = tuple[Any, Any]  # of the loss (weighted, over the batch's sum of weights) and of right answers; on the device


class Steps:
    """``model`` gives class probabilities (n, classes); ``variables`` are those that train, beside ``updater``'s.

    Losses are cross-entropy with ``label_smoothing``, each image's weighted, over the sum of the batch's weights.
    """

    def __init__(
        self, model: Any, variables: list[Any], updater: Updater, classes: int, label_smoothing: float = 0.0
    ) -> None:
        self._model, self._variables, self._updater = model, variables, updater
        self._classes, self._smoothing = classes, label_smoothing
        images = tf.TensorSpec([None, *model.input.shape[1:]], tf.float32)
        labels, weights = tf.TensorSpec([None], tf.int32), tf.TensorSpec([None], tf.float32)
        number = tf.TensorSpec([], tf.float32)
        signature = [images, labels, weights, number]
        self._whole = tf.function(self._update, autograph=False, input_signature=signature)
        self._part = tf.function(self._add_part, autograph=False, input_signature=[*signature, number])
        self._end = tf.function(self._apply_parts, autograph=False, input_signature=[])
        self._score = tf.function(self._evaluate, autograph=False, input_signature=signature)
        self._parts: list[Any] = []

    def train(self, x: np.ndarray, labels: np.ndarray, weights: np.ndarray, parts: int = 1) -> Sums:
        """One update. ``parts``: in how many pieces the batch goes through the network; their gradients add up to
        the whole batch's, but for BatchNormalization and Dropout, which see a piece at a time.

        Raises ``tf.errors.ResourceExhaustedError``; the weights are then as they were.
        """
        total = np.float32(max(float(weights.sum()), 1e-7))
        if parts <= 1 or len(labels) <= 1:
            return self._whole(tf.constant(x), tf.constant(labels), tf.constant(weights), tf.constant(total))
        if not self._parts:
            self._parts = [tf.Variable(tf.zeros_like(v.value), trainable=False) for v in self._variables]
        for kept in self._parts:
            kept.assign(tf.zeros_like(kept))
        loss, correct = tf.constant(0.0), tf.constant(0.0)
        pieces = np.array_split(np.arange(len(labels)), min(parts, len(labels)))
        for piece in pieces:
            part = slice(int(piece[0]), int(piece[-1]) + 1)
            share = tf.constant(np.float32(1.0 / len(pieces)))
            lost, right = self._part(
                tf.constant(x[part]), tf.constant(labels[part]), tf.constant(weights[part]), tf.constant(total), share
            )
            loss, correct = loss + lost, correct + right
        self._end()
        return loss, correct

    def evaluate(self, x: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> Sums:
        total = np.float32(max(float(weights.sum()), 1e-7))
        return self._score(tf.constant(x), tf.constant(labels), tf.constant(weights), tf.constant(total))

    # -- compiled ---------------------------------------------------------------------------------------

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
        return (
            tape.gradient(aim, [v.value for v in self._variables]),
            loss,
            _count_correct(probabilities, labels),
        )

    def _update(self, x: Any, labels: Any, weights: Any, total: Any) -> Sums:
        gradients, loss, correct = self._gradients(x, labels, weights, total, 1.0)
        self._updater.apply(gradients)
        return loss, correct

    def _add_part(self, x: Any, labels: Any, weights: Any, total: Any, share: Any) -> Sums:
        gradients, loss, correct = self._gradients(x, labels, weights, total, share)
        for kept, gradient in zip(self._parts, gradients, strict=True):
            if gradient is not None:  # a variable that the output does not depend on
                kept.assign_add(gradient)
        return loss, correct

    def _apply_parts(self) -> None:
        self._updater.apply([kept.read_value() for kept in self._parts])

    def _evaluate(self, x: Any, labels: Any, weights: Any, total: Any) -> Sums:
        probabilities = tf.cast(self._model(x, training=False), tf.float32)
        return self._loss(probabilities, labels, weights, total), _count_correct(probabilities, labels)


def _count_correct(probabilities: Any, labels: Any) -> Any:
    hits = tf.equal(tf.argmax(probabilities, axis=-1, output_type=tf.int32), labels)
    return tf.reduce_sum(tf.cast(hits, tf.float32))
