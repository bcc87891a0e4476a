"""What a few images say about the scaling that a network was trained on.

* ``distance``: how far the values before the lowest BatchNormalization are from the statistics that it carries,
  as the Kullback-Leibler divergence of two normal distributions, averaged over channels. It needs no labels.
  Measured on five networks of known scaling and images of kinds they were not trained on, eleven pairs: the right
  scaling was the nearest in ten and level with another in one; by a factor of 2 to 70 in eight (0.03 against 0.46,
  0.02 against 1.45, 0.13 against 0.42 …), by less where two scalings give nearly the same values.
* ``information``: what the network's own classifier tells of an image: the entropy of its mean prediction minus the
  mean entropy of its predictions, in nats (the mutual information of image and class; Bridle et al. 1991). Pixels
  that are far too small for a network leave it silent: a network for ImageNet gave 0.00 under three scalings and
  0.3 to 2.7 under the other three, on six sets of images. The reverse does not hold: pixels that are too large make
  it sure of itself, so information says which scalings are out, not which one is right.
* ``accuracy``: of a cross-validated probe on the network's features: under the wrong scaling a trained network's
  features say less about the classes. It works for networks without BatchNormalization, and needs labels.
"""

import math
import warnings
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tlstudio.core.control import Control
from tlstudio.core.data.preprocess import Mode
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model import vocabulary
from tlstudio.core.strategy import features_cut
from tlstudio.engine.build import connect, make_layers, set_weights
from tlstudio.engine.features import inference
from tlstudio.engine.inference import fast_inference
from tlstudio.engine.network import Network
from tlstudio.engine.runtime import keras, tf
from tlstudio.engine.sources import Compute, as_input

FOLDS = 3
BATCH = 32
FARTHEST = 1e12  # stands for values that are no numbers any more
HEARD = 16  # images on which the network's own classifier is heard


class Measures:
    """Of one network; each is compiled once for all scalings, and when it is first asked for."""

    def __init__(self, network: Network, features: Compute | None = None, scores: Compute | None = None) -> None:
        self._network, self._graph = network, network.file.graph
        self._tensors = connect(self._graph, network.layers, network.calls, {})
        self._image = self._tensors[network.calls[0]]
        self._rank = len(self._image.shape)
        self._normalization = _lowest_normalization(network)
        self._before: Any = None
        self._scores, self._is_silent = scores, False
        self._features = features

    @property
    def has_statistics(self) -> bool:
        return self._normalization is not None

    def distance(self, mode: Mode, pixels: np.ndarray, control: Control) -> float:
        """Mean over channels of KL(normal of the images ‖ normal of the layer's statistics). Raises ``Stopped``."""
        call = self._graph.calls[self._normalization or 0]
        layer = self._network.layers[call.layer]
        if self._before is None:
            self._before = inference(keras.Model(self._image, self._tensors[call.sources[0]]))
        axis = layer.axis if isinstance(layer.axis, int) else layer.axis[0]
        count, total, squares = 0, np.zeros(()), np.zeros(())
        for given in self._batches(mode, pixels, control):
            values = np.moveaxis(self._before(tf.constant(given)).numpy(), axis, -1)
            values = values.reshape(-1, values.shape[-1]).astype(np.float64)
            count, total = count + len(values), total + values.sum(axis=0)
            squares = squares + np.square(values).sum(axis=0)
        mean = total / count
        own_mean = keras.ops.convert_to_numpy(layer.moving_mean)
        own_variance = keras.ops.convert_to_numpy(layer.moving_variance) + layer.epsilon
        variance = np.maximum(squares / count - np.square(mean), 0) + layer.epsilon
        ratio = variance / own_variance
        distance = float(np.mean(0.5 * (ratio - 1 - np.log(ratio) + np.square(mean - own_mean) / own_variance)))
        return min(distance, FARTHEST) if math.isfinite(distance) else FARTHEST

    def information(self, mode: Mode, pixels: np.ndarray, control: Control) -> float | None:
        """In nats; None where there is no classifier to hear. Raises ``Stopped``."""
        if self._scores is None and not self._is_silent:
            self._scores = self._whole()
            self._is_silent = self._scores is None
        if self._scores is None:
            return None
        found = [self._scores(given) for given in self._batches(mode, pixels[:HEARD], control)]
        return information_of(np.concatenate(found).reshape(min(len(pixels), HEARD), -1))

    def accuracy(self, mode: Mode, pixels: np.ndarray, labels: np.ndarray, seed: int, control: Control) -> float:
        """Of the probe, cross-validated. Raises ``Stopped``."""
        found = []
        for given in self._batches(mode, pixels, control):
            if self._features is None:
                model = keras.Model(self._image, self._tensors[_features_call(self._network)])
                self._features = fast_inference(model, given[:4])
            found.append(_pooled(self._features(given)))
        return _probe(np.concatenate(found), labels, seed)

    def _batches(self, mode: Mode, pixels: np.ndarray, control: Control) -> Any:
        for start in range(0, len(pixels), BATCH):
            control.checkpoint()
            yield as_input(pixels[start : start + BATCH], mode, self._rank)

    def _whole(self) -> Compute | None:
        """What its own classifier says, also where the plan has cut it off; None if it can't be built."""
        graph, file, network = self._graph, self._network.file, self._network
        calls = sorted(graph.used_by(graph.outputs))
        above = [number for number in calls if number not in self._tensors]
        try:
            layers = make_layers(file, above)
            for layer in layers.values():
                layer._name = f"above_{layer.name}"  # beside names of the base
            tensors = connect(graph, {**network.layers, **layers}, calls, self._tensors)
            set_weights(file, layers)
            run = inference(keras.Model(self._image, tensors[graph.outputs[0]]))
        except (TLStudioError, ValueError):
            return None  # evidence less; what can't be used at all is said when it is used
        return lambda given: np.asarray(run(tf.constant(given)))


def information_of(scores: np.ndarray) -> float | None:
    """Of class scores (n, classes), which may be probabilities, logits or sigmoids; None for a single class."""
    if scores.shape[1] == 1:
        scores = np.concatenate([1 - scores, scores], axis=1) if ((scores >= 0) & (scores <= 1)).all() else scores
    if scores.shape[1] < 2:
        return None
    scores = np.nan_to_num(scores.astype(np.float64), nan=0.0, posinf=1e30, neginf=-1e30)
    shares = scores if are_shares(scores) else _softmax(scores)
    return float(_entropy(shares.mean(axis=0)) - _entropy(shares).mean())


def are_shares(scores: np.ndarray) -> bool:
    """Whether class scores (n, classes) are probabilities already."""
    return bool(scores.min() >= 0 and np.abs(scores.sum(axis=1) - 1).max() < 1e-3)


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _entropy(shares: np.ndarray) -> np.ndarray:
    return -(shares * np.log(np.maximum(shares, 1e-300))).sum(axis=-1)


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
