"""Class probabilities of images by a whole classifier, and the scores of a test."""

from typing import Any

import numpy as np
from sklearn import metrics

from tlstudio.core import events
from tlstudio.core.control import Control
from tlstudio.core.data.preprocess import Mode
from tlstudio.engine.features import BATCH, Progress, as_input, inference
from tlstudio.engine.runtime import tf


def probabilities_of(
    model: Any, pixels: np.ndarray, mode: Mode, control: Control, on_progress: Progress | None = None
) -> np.ndarray:
    """``pixels``: uint8 (n, height, width, channels). Returns float32 (n, classes). Raises ``Stopped``."""
    run = inference(model)
    found = []
    for start in range(0, len(pixels), BATCH):
        control.checkpoint()
        batch = as_input(np.asarray(pixels[start : start + BATCH]), mode, len(model.input.shape))
        found.append(run(tf.constant(batch)).numpy().reshape(len(batch), -1))
        if on_progress:
            on_progress(min(start + BATCH, len(pixels)), len(pixels))
    return np.concatenate(found) if found else np.zeros((0, 0), np.float32)


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
