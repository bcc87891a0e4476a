"""How similar images are to what a network was trained on: a score, with the evidence in words.

Four signs are asked, each as a share from 0 (unknown to it) to 1 (as its own), and the mean of those that the network
can give is taken. None of them was fitted to a dataset:

* Does the probes' curve still rise at the top? Upper layers are the special ones (Yosinski et al. 2014). Where the
  upper third of the depth brings a third of what all layers bring, it is in full use: 1.
* What the old classifier tells of an image, against the most that so many images could tell. A classifier on its own
  kind of images tells nearly all; 0.4 is taken as full, since new images are rarely spread evenly over old classes.
* The energy of its scores on the images, against that on the same images with their parts shuffled, as a logistic
  function: one half where it finds the images no more telling than the shuffled ones (Liu et al. 2020).
* How far activations are from what BatchNormalizations remember: exp(-divergence), which is 0.9 for the deviation
  that a few hundred images of the same kind have, and falls below one half at a shift of about a deviation.

Images without colour for a network of colours, and images much smaller than it takes, are marked down by ten points
each: both lack what the lowest layers look for.
"""

import math

from tlstudio.core.advice.measured import LayerScore, Signs
from tlstudio.core.advice.recommendation import SimilarityVerdict
from tlstudio.core.advice.words import Remark, percent, remark
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.strategy import layers_below

SIMILAR_FROM = 50  # of 100: the middle of the scale
FULL_INFORMATION = 0.4
UPPER_THIRD = 1 / 3
MARK_DOWN = 10
MANY_GREY = 0.9  # of the images
MUCH_SMALLER = 3.0  # times


def similarity_of(
    model: ModelFile, layers: list[LayerScore], top: str, chance: float, signs: Signs
) -> SimilarityVerdict:
    """``top``: the highest cut below the old classifier; ``chance``: the accuracy of guessing."""
    shares: list[float] = []
    evidence: list[Remark] = []
    rise = _rise(model, layers, top, chance)
    if rise is not None:
        shares.append(min(max(rise / UPPER_THIRD, 0.0), 1.0))
        evidence.append(
            remark("curve_rises" if shares[-1] >= 0.5 else "curve_is_flat", share=percent(max(rise, 0.0)))
        )
    if signs.information is not None:
        shares.append(min(signs.information / FULL_INFORMATION, 1.0))
        code = "classifier_tells" if shares[-1] >= 0.5 else "classifier_is_vague"
        evidence.append(remark(code, share=percent(signs.information)))
    if signs.energy is not None:
        shares.append(1 / (1 + math.exp(-signs.energy)))
        evidence.append(remark("shapes_are_known" if shares[-1] >= 0.5 else "shapes_are_unknown"))
    if signs.distance is not None:
        shares.append(math.exp(-signs.distance))
        code = "activations_are_usual" if shares[-1] >= 0.5 else "activations_are_unusual"
        evidence.append(remark(code, distance=f"{signs.distance:.2g}"))
    score = 100 * sum(shares) / len(shares) if shares else float(SIMILAR_FROM)
    if not shares:
        evidence.append(remark("no_signs"))
    if signs.grey >= MANY_GREY and (model.input_shape or (0,))[-1] == 3:
        score -= MARK_DOWN
        evidence.append(remark("images_are_grey"))
    if signs.enlargement >= MUCH_SMALLER:
        score -= MARK_DOWN
        evidence.append(remark("images_are_small", times=f"{signs.enlargement:.0f}"))
    whole = min(max(round(score), 0), 100)
    verdict = "similar" if whole >= SIMILAR_FROM else "dissimilar"
    return SimilarityVerdict(score=whole, verdict=verdict, evidence=evidence)


def depths(model: ModelFile, top: str) -> dict[str, float]:
    """How deep each layer up to ``top`` lies, 0 to 1, counted in layers with weights."""
    found, weighted = {}, 0
    for path in layers_below(model, top):
        weighted += bool(model.weights.get(path))
        found[path] = float(weighted)
    return {path: depth / max(weighted, 1) for path, depth in found.items()}


def _rise(model: ModelFile, layers: list[LayerScore], top: str, chance: float) -> float | None:
    """The share of what the features tell beyond guessing that the upper third of the depth adds."""
    depth = depths(model, top)
    scores = {layer.path: layer.score for layer in layers if layer.path in depth}
    lower = [score for path, score in scores.items() if depth[path] <= 1 - UPPER_THIRD]
    if top not in scores or not lower:
        return None
    gained = max(*scores.values(), chance) - chance
    return None if gained <= 0 else (scores[top] - max(*lower, chance)) / gained
