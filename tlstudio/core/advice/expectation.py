"""What accuracy each of the four ways can be expected to reach, from what was measured of the frozen network.

A classifier on fixed features is expected to reach what the probe reaches: that is measured. What tuning adds isn't,
since nothing was trained; it is told from three things, by a form that was written down from the literature:

* There must be something left to gain: the gain is a share of the probe's error.
* The less familiar the images are, the larger that share: fine-tuning takes away next to nothing of a linear
  classifier's error on sets that are like ImageNet, and up to some 60 % on those that are not (Kornblith et al. 2019,
  table 2 and figure 5, full sets of some thousands of images).
* The fewer images, the smaller the share, in proportion to the logarithm of their number (the same, figure 7), from
  50 images on to 5,000.

That tuning spoils features which are right already was found of tuning under an untrained classifier; one that is
trained before, as in all plans here, takes that away (Kumar et al. 2022, table 1 and section 4).
"""

import math

import msgspec

from tlstudio.core.advice.best_cut import score_at
from tlstudio.core.advice.intervals import Z, overlap
from tlstudio.core.advice.measured import LayerScore
from tlstudio.core.plan import Strategy

FEW, MANY = 50, 5000  # images
FULL_SHARE = 0.6  # of the error, with many images that are not familiar at all
SHARE_OF_FEW = 0.4  # of the full share, that few images bring
FAMILIAR_SHARE = 0.15  # of the error, with many images that are as familiar as can be
UNSURE = 0.5  # of the gain: it may be half, or half more


class Expectation(msgspec.Struct, frozen=True):
    """Accuracy on new images, 0 to 1."""

    value: float
    low: float
    high: float


def expectations(
    layers: list[LayerScore], top: str, lower: str, images: int, similarity: int
) -> dict[Strategy, Expectation]:
    """By way. ``top``, ``lower``: where the new classifiers of the two fixed ways sit; ``similarity``: 0 to 100."""
    at_top = score_at(layers, top) or max(layers, key=lambda layer: layer.score)
    at_lower = score_at(layers, lower) or min(layers, key=lambda layer: layer.score)
    found: dict[Strategy, Expectation] = {
        "features": Expectation(at_top.score, at_top.low, at_top.high),
        "lower-features": Expectation(_unflattered(at_lower, at_top), at_lower.low, at_lower.high),
    }
    for way in ("finetune", "init"):
        gain = gain_of_tuning(way, 1 - at_top.score, images, similarity)
        spread = UNSURE * abs(gain)
        found[way] = Expectation(
            _share(at_top.score + gain), _share(at_top.low + gain - spread), _share(at_top.high + gain + spread)
        )
    return found


def gain_of_tuning(way: str, error: float, images: int, similarity: int) -> float:
    """What tuning adds to the accuracy of a classifier on the highest features, whose error is given.

    ``finetune`` leaves the lowest layers as they are, and takes half of the share. ``init`` moves them, too, and
    takes all of it where images are many; few can't say where to, and freeing everything brings no more than freeing
    a part (Lee et al. 2023, section 3.1).
    """
    unfamiliar = 1 - similarity / 100
    enough = min(max(math.log(max(images, 1) / FEW) / math.log(MANY / FEW), 0.0), 1.0)
    share = FULL_SHARE * unfamiliar * (SHARE_OF_FEW + (1 - SHARE_OF_FEW) * enough)
    familiar = FAMILIAR_SHARE * (1 - unfamiliar) * enough
    if way == "finetune":
        return (share / 2 + familiar) * error
    return share * (1 + enough) / 2 * error


def _unflattered(lower: LayerScore, top: LayerScore) -> float:
    """The best of many lower places looks better than it is. Where its interval overlaps that of the features above,
    it is not expected to be better than they are: the higher cut is preferred. Else the part of its lead that chance
    has in leads of this size is taken away (shrinkage by signal over signal and noise, James and Stein 1961)."""
    lead = lower.score - top.score
    if lead <= 0:
        return lower.score
    if overlap(lower.low, lower.high, top.low, top.high):
        return top.score
    noise = sum(((layer.high - layer.low) / 2 / Z) ** 2 for layer in (lower, top))
    return top.score + lead * lead**2 / (lead**2 + noise)


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0)
