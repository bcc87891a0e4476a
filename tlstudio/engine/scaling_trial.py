"""Which scaling of pixels a network was trained to see, found by trial where the file doesn't tell.

For each candidate the features of a few training images at the cut are computed, and a linear classifier on
them is cross-validated: under the wrong scaling a trained network's features say less about the classes.
Wrong scaling raises no error anywhere and costs the most accuracy of all mistakes, so it is worth seconds.
"""

import math
import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tlstudio.core.control import Control
from tlstudio.core.data.preprocess import MODES, Mode
from tlstudio.engine.features import as_input, inference
from tlstudio.engine.images import Images
from tlstudio.engine.network import Network
from tlstudio.engine.runtime import tf

PER_CLASS = 20  # enough to tell the scalings apart, few enough for seconds
MAX_IMAGES = 200
FOLDS = 3


@dataclass(frozen=True)
class Trial:
    """``scores``: cross-validated accuracy by mode, in the order tried; empty where the file declares it."""

    mode: Mode
    source: str  # "declared" | "tried" | "assumed"
    scores: dict[str, float]


def find_scaling(network: Network, images: Images, seed: int, control: Control) -> Trial:
    """The scaling to use. Raises ``Stopped``.

    In the order unit, symmetric, caffe, imagenet, raw (the most usual first), a later one is only taken if it is
    better by more than chance: many networks without BatchNormalization give the same features at any scale.
    """
    declared = network.file.preprocessing
    if declared.source == "declared":
        return Trial(_as_mode(declared.mode), "declared", {})
    places = _few_of_each(images.labels, seed)
    labels = images.labels[places]
    if np.unique(labels, return_counts=True)[1].min(initial=len(labels)) < FOLDS:
        return Trial(_as_mode(declared.mode), "assumed", {})
    pixels = np.asarray(images.pixels[places])
    prefix, _rest = network.split_at(network.calls[-1])
    run = inference(prefix)
    scores: dict[str, float] = {}
    for mode in ("unit", "symmetric", "caffe", "imagenet", "raw"):
        features = []
        for start in range(0, len(pixels), 32):
            control.checkpoint()
            batch = as_input(pixels[start : start + 32], _as_mode(mode), len(prefix.input.shape))
            features.append(_pooled(run(tf.constant(batch)).numpy()))
        scores[mode] = _probe(np.concatenate(features), labels, seed)
    best = "unit"
    for mode, accuracy in scores.items():
        if accuracy > scores[best] + _standard_error(scores[best], len(labels)):
            best = mode
    return Trial(_as_mode(best), "tried", scores)


def _few_of_each(labels: np.ndarray, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    classes = np.unique(labels)
    each = max(FOLDS, min(PER_CLASS, MAX_IMAGES // len(classes)))
    chosen = [random.permutation(np.flatnonzero(labels == c))[:each] for c in classes]
    return np.sort(np.concatenate(chosen))


def _pooled(values: np.ndarray) -> np.ndarray:
    while values.ndim > 2:
        values = values.mean(axis=1)
    return values


def _probe(features: np.ndarray, labels: np.ndarray, seed: int) -> float:
    if not np.isfinite(features).all():
        return 0.0
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=100))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a rough fit ranks scalings as well as a full one
        return float(cross_val_score(probe, features, labels, cv=folds).mean())


def _standard_error(accuracy: float, images: int) -> float:
    """Of a share observed on that many images."""
    return math.sqrt(max(accuracy * (1 - accuracy), 1e-4) / images)


def _as_mode(name: str) -> Mode:
    if name not in MODES:
        raise ValueError(f"Expected one of {', '.join(MODES)}. Received: {name}")
    return name  # type: ignore[return-value]
