"""Finding out what pixel values a network was trained to see, where neither its file nor the catalogue tells.

Wrong scaling raises no error anywhere and costs the most accuracy of all mistakes, so it is worth seconds. Two
kinds of evidence are gathered on a few images for each usual scaling:

* ``distance``: how far the values before the lowest BatchNormalization are from the statistics that it carries,
  as the Kullback-Leibler divergence of two normal distributions, averaged over channels. It needs no labels.
  Measured on five networks of known scaling and images of kinds they were not trained on, eleven pairs: the right
  scaling was the nearest in ten and level with another in one; by a factor of 2 to 70 in eight (0.03 against 0.46,
  0.02 against 1.45, 0.13 against 0.42 …), by less where two scalings give nearly the same values.
* ``accuracy``: of a cross-validated probe on the network's features: under the wrong scaling a trained network's
  features say less about the classes. It works for networks without BatchNormalization, and needs labels.
"""

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tlstudio.core import events
from tlstudio.core.control import Control
from tlstudio.core.data.preprocess import MODES, Mode
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model import vocabulary
from tlstudio.core.notices import notice
from tlstudio.core.strategy import features_cut
from tlstudio.engine.build import connect
from tlstudio.engine.features import inference
from tlstudio.engine.network import Network
from tlstudio.engine.rows import Rows
from tlstudio.engine.runtime import keras, tf
from tlstudio.engine.sources import as_input

PER_CLASS = 20  # enough to tell the scalings apart, few enough for seconds
MAX_IMAGES = 200
MAX_UNLABELLED = 60
FOLDS = 3
BATCH = 32
ORDER: tuple[Mode, ...] = ("unit", "symmetric", "caffe", "imagenet", "raw")  # the most usual first
FARTHEST = 1e12  # stands for values that are no numbers any more
CLEARLY_NEARER = 2.0  # see the module's text: what is nearer by less is left to the probe, or to the order


@dataclass(frozen=True)
class Evidence:
    """What was seen under one scaling; None where it could not be measured."""

    mode: Mode
    accuracy: float | None = None
    distance: float | None = None

    def __str__(self) -> str:
        parts = [] if self.accuracy is None else [f"accuracy {self.accuracy:.2f}"]
        parts += [] if self.distance is None else [f"distance {self.distance:.2g}"]
        return f"{self.mode} {', '.join(parts)}"


@dataclass(frozen=True)
class Trial:
    """``source``: declared, catalogue, tried or assumed; ``evidence``: the best scaling first, empty if not tried."""

    mode: Mode
    source: str
    evidence: tuple[Evidence, ...] = ()

    def tell(self, emit: events.Emit) -> None:
        """Say what was decided, if there was something to decide."""
        if self.evidence:
            emit(notice("preprocessing_tried", mode=self.mode, tried="; ".join(map(str, self.evidence))))
        elif self.source == "assumed":
            emit(notice("preprocessing_assumed", mode=self.mode))


def find_scaling(
    network: Network, pixels: np.ndarray | Rows, labels: np.ndarray | None, seed: int, control: Control
) -> Trial:
    """The scaling to use. ``pixels``: uint8 (n, height, width, channels); ``labels``: (n,) or None.

    Raises ``Stopped``.
    """
    known = network.file.preprocessing
    if known.source != "assumed":
        return Trial(as_mode(known.mode), known.source)
    places, use_labels = _few_of(len(pixels), labels, seed)
    normalization = _lowest_normalization(network)
    if not len(places) or not (use_labels or normalization is not None):
        return Trial(as_mode(known.mode), "assumed")
    some = np.asarray(pixels[places])
    measure = _Measure(network, normalization, labels[places] if use_labels and labels is not None else None, seed)
    order = dict.fromkeys((as_mode(known.mode), *ORDER))
    found = [measure.under(mode, some, control) for mode in order]
    ranked = rank(found, len(places))
    return Trial(ranked[0].mode, "tried", tuple(ranked))


def rank(found: list[Evidence], images: int) -> list[Evidence]:
    """The evidence, the best first. Ties keep the order given.

    The nearest by distance and those not clearly farther stay in the race; among them a later one must be better
    by more than chance (one standard error) in the probe. The rest follow by distance, then accuracy.
    """
    nearest = min((e.distance for e in found if e.distance is not None), default=None)
    close = [e for e in found if nearest is None or (e.distance or 0.0) <= CLEARLY_NEARER * nearest]
    best = close[0]
    for evidence in close[1:]:
        if evidence.accuracy is None or best.accuracy is None:
            if (evidence.distance or 0.0) < (best.distance or 0.0):
                best = evidence
        elif evidence.accuracy > best.accuracy + _standard_error(best.accuracy, images):
            best = evidence

    def place(evidence: Evidence) -> tuple[bool, bool, float, float]:
        far = evidence.distance if evidence not in close and evidence.distance is not None else 0.0
        return evidence is not best, evidence not in close, far, -(evidence.accuracy or 0.0)

    return sorted(found, key=place)


class _Measure:
    """The network up to where evidence is taken, compiled once for all scalings."""

    def __init__(self, network: Network, normalization: int | None, labels: np.ndarray | None, seed: int) -> None:
        self._labels, self._seed = labels, seed
        graph = network.file.graph
        tensors = connect(graph, network.layers, network.calls, {})
        image = tensors[network.calls[0]]
        self._rank = len(image.shape)
        outputs: dict[str, Any] = {}
        if labels is not None:
            outputs["features"] = tensors[_features_call(network)]
        if normalization is not None:
            layer = network.layers[graph.calls[normalization].layer]
            outputs["before"] = tensors[graph.calls[normalization].sources[0]]
            self._axis = layer.axis if isinstance(layer.axis, int) else layer.axis[0]
            self._mean = keras.ops.convert_to_numpy(layer.moving_mean)
            self._variance = keras.ops.convert_to_numpy(layer.moving_variance) + layer.epsilon
            self._epsilon = layer.epsilon
        self._run = inference(keras.Model(image, outputs))

    def under(self, mode: Mode, pixels: np.ndarray, control: Control) -> Evidence:
        features, sums = [], []
        for start in range(0, len(pixels), BATCH):
            control.checkpoint()
            given = self._run(tf.constant(as_input(pixels[start : start + BATCH], mode, self._rank)))
            if "features" in given:
                features.append(_pooled(given["features"].numpy()))
            if "before" in given:
                values = np.moveaxis(given["before"].numpy(), self._axis, -1)
                values = values.reshape(-1, values.shape[-1]).astype(np.float64)
                sums.append((len(values), values.sum(axis=0), np.square(values).sum(axis=0)))
        accuracy = _probe(np.concatenate(features), self._labels, self._seed) if self._labels is not None else None
        return Evidence(mode, accuracy, self._distance(sums) if sums else None)

    def _distance(self, sums: list[tuple[int, np.ndarray, np.ndarray]]) -> float:
        """Mean over channels of KL(normal of the images ‖ normal of the layer's statistics)."""
        count = sum(rows for rows, _total, _squares in sums)
        mean = sum(total for _rows, total, _squares in sums) / count
        variance = np.maximum(sum(s for _rows, _total, s in sums) / count - np.square(mean), 0) + self._epsilon
        ratio = variance / self._variance
        distance = float(np.mean(0.5 * (ratio - 1 - np.log(ratio) + np.square(mean - self._mean) / self._variance)))
        return min(distance, FARTHEST) if math.isfinite(distance) else FARTHEST


def _lowest_normalization(network: Network) -> int | None:
    """Number of the lowest call of a BatchNormalization in the base, if it has one."""
    graph = network.file.graph
    for number in network.calls:
        if graph.layers[graph.calls[number].layer].type in vocabulary.BATCH_NORMALIZATION:
            return number
    return None


def _features_call(network: Network) -> int:
    """Where the probe looks: the top of the base, below its own classifier where that was kept."""
    if network.plan.cut is not None:
        return network.calls[-1]
    try:
        return network.file.graph.calls_of(features_cut(network.file))[-1]
    except TLStudioError:
        return network.calls[-1]  # no layer below the classifier that everything passes through


def _few_of(count: int, labels: np.ndarray | None, seed: int) -> tuple[np.ndarray, bool]:
    """Places of some images, and whether there are enough of each class for a probe."""
    random = np.random.default_rng(seed)
    if labels is not None:
        classes = np.unique(labels)
        each = max(FOLDS, min(PER_CLASS, MAX_IMAGES // len(classes)))
        chosen = [random.permutation(np.flatnonzero(labels == c))[:each] for c in classes]
        if len(classes) > 1 and min(map(len, chosen)) >= FOLDS:
            return np.sort(np.concatenate(chosen)), True
    return np.sort(random.permutation(count)[:MAX_UNLABELLED]), False


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


def as_mode(name: str) -> Mode:
    if name not in MODES:
        raise ValueError(f"Expected one of {', '.join(MODES)}. Received: {name}")
    return name  # type: ignore[return-value]
