"""Class probabilities of images by a whole classifier, and the scores of a test."""

from typing import Any

import numpy as np
from sklearn import metrics

from tlstudio.core import events
from tlstudio.core.control import Control
from tlstudio.core.data.preprocess import Mode
from tlstudio.engine.features import Progress, inference
from tlstudio.engine.rows import Rows
from tlstudio.engine.runtime import tf
from tlstudio.engine.sources import BATCH, as_input


class Scorer:
    """A whole classifier, compiled once for all images that it is given."""

    def __init__(self, model: Any, mode: Mode) -> None:
        self._run = inference(model)
        self._mode, self._rank = mode, len(model.input.shape)

    def probabilities(
        self, pixels: np.ndarray | Rows, control: Control, on_progress: Progress | None = None
    ) -> np.ndarray:
        """``pixels``: uint8 (n, height, width, channels). Returns float32 (n, classes). Raises ``Stopped``."""
        found = []
        for start in range(0, len(pixels), BATCH):
            control.checkpoint()
            batch = as_input(np.asarray(pixels[start : start + BATCH]), self._mode, self._rank)
            found.append(self._run(tf.constant(batch)).numpy().reshape(len(batch), -1))
            if on_progress:
                on_progress(min(start + BATCH, len(pixels)), len(pixels))
        if not found:
            return np.zeros((0, 0), np.float32)
        return as_shares(np.concatenate(found))


def as_shares(values: np.ndarray) -> np.ndarray:
    """Probabilities (n, classes); a single output unit gives that of the second of two classes."""
    return np.concatenate([1 - values, values], axis=1) if values.shape[1] == 1 else values


def score(true: np.ndarray, probabilities: np.ndarray, labels: list[str], run: str = "") -> events.Evaluated:
    """Accuracy, macro F1, and precision, recall, F1 and support of each class; 0 where a class is never met."""
    predicted = probabilities.argmax(axis=1)
    places = list(range(len(labels)))
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        true, predicted, labels=places, zero_division=0.0
    )
    return events.Evaluated(
        images=len(true),
        accuracy=float(metrics.accuracy_score(true, predicted)),
        macro_f1=float(np.mean(f1)),
        per_class=[
            events.ClassScore(
                name=name,
                precision=float(precision[i]),
                recall=float(recall[i]),
                f1=float(f1[i]),
                support=int(support[i]),
            )
            for i, name in enumerate(labels)
        ],
        confusion=metrics.confusion_matrix(true, predicted, labels=places).tolist(),
        run=run,
    )
