"""How a network reacts to images: what its classifier makes of them, and how far its activations are from those that
its BatchNormalizations remember."""

import math
from typing import Any

import numpy as np
from scipy.special import logsumexp

from tlstudio.core.advice.measured import Signs
from tlstudio.core.data.preprocess import Mode
from tlstudio.core.model.model_file import ModelFile
from tlstudio.engine.one_pass import OnePass, Passed, Run
from tlstudio.engine.runtime import keras
from tlstudio.engine.scaling_evidence import are_shares, information_of
from tlstudio.engine.sources import as_input

PARTS = 4  # a side
LEAST_DEVIATION = 1e-6


def signs_of(
    one: OnePass,
    run: Run,
    passed: Passed,
    some: np.ndarray,
    pixels: np.ndarray,
    mode: Mode,
    enlargement: float,
    seed: int,
) -> Signs:
    """``some``: places of a few of the images that went through, which are heard again; ``pixels``: those images,
    uint8 (k, height, width, channels)."""
    information = energy = None
    scores = passed.scores
    if scores is not None and scores.shape[1] > 1 and np.isfinite(scores).all():
        nats = information_of(scores)
        most = math.log(min(scores.shape[1], len(scores)))
        information = None if nats is None or most <= 0 else float(np.clip(nats / most, 0, 1))
        shuffled = one.divided(run(as_input(_shuffled(pixels, seed), mode, len(one.model.input.shape)))).scores
        if shuffled is not None and np.isfinite(shuffled).all():
            energy = _excess(_energy(scores[some]), _energy(shuffled))
    return Signs(
        information=information,
        energy=energy,
        distance=_distance(one.network.layers, passed),
        grey=_grey(pixels),
        enlargement=enlargement,
    )


def sides(file: ModelFile) -> int:
    """The longer side of what the network takes."""
    shape = file.input_shape or ()
    return max((size or 1 for size in shape[:2]), default=1)


def _energy(scores: np.ndarray) -> np.ndarray:
    """The negative free energy of class scores (Liu et al. 2020): large where the network knows what it sees.

    Of probabilities the scores are known up to a constant for each image; there the largest share stands for it.
    """
    if are_shares(scores):
        return np.log(np.maximum(scores.max(axis=1), 1e-30))
    return np.asarray(logsumexp(scores.astype(np.float64), axis=1))


def _excess(own: np.ndarray, shuffled: np.ndarray) -> float | None:
    deviation = float(np.concatenate([own - own.mean(), shuffled - shuffled.mean()]).std())
    if deviation < LEAST_DEVIATION:
        return None
    return float((own.mean() - shuffled.mean()) / deviation)


def _distance(layers: dict[str, Any], passed: Passed) -> float | None:
    """Median over BatchNormalizations of the mean over channels of KL(normal of the images ‖ normal of the layer)."""
    found = []
    for path, (means, squares) in passed.normalized.items():
        layer = layers[path]
        own_mean = keras.ops.convert_to_numpy(layer.moving_mean).astype(np.float64)
        own_variance = keras.ops.convert_to_numpy(layer.moving_variance).astype(np.float64) + layer.epsilon
        mean = means.mean(axis=0, dtype=np.float64)
        variance = np.maximum(squares.mean(axis=0, dtype=np.float64) - mean**2, 0) + layer.epsilon
        ratio = variance / own_variance
        found.append(float(np.mean(0.5 * (ratio - 1 - np.log(ratio) + (mean - own_mean) ** 2 / own_variance))))
    finite = [value for value in found if math.isfinite(value)]
    return float(np.median(finite)) if finite else None


def _grey(pixels: np.ndarray) -> float:
    """Share of images whose three channels are the same (nearly: JPEG rounds)."""
    if pixels.shape[-1] != 3:
        return 1.0
    spread = pixels.max(axis=-1).astype(np.int16) - pixels.min(axis=-1)
    return float((spread.reshape(len(pixels), -1).mean(axis=1) < 2).mean())


def _shuffled(pixels: np.ndarray, seed: int) -> np.ndarray:
    """Each image cut into 4 x 4 parts that are laid in another order: the same colours and textures, no shapes."""
    made = pixels.copy()
    height, width = pixels.shape[1] // PARTS, pixels.shape[2] // PARTS
    if not height or not width:
        return made
    random = np.random.default_rng(seed)
    for image, target in zip(pixels, made, strict=True):
        for place, source in enumerate(random.permutation(PARTS * PARTS)):
            to, of = divmod(place, PARTS), divmod(int(source), PARTS)
            target[to[0] * height : (to[0] + 1) * height, to[1] * width : (to[1] + 1) * width] = image[
                of[0] * height : (of[0] + 1) * height, of[1] * width : (of[1] + 1) * width
            ]
    return made
