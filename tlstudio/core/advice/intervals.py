"""Intervals of accuracies that were seen on a number of images."""

import math

# Two independent intervals of 84 % that just touch differ at a level of about 5 % (Goldstein and Healy 1995), so that
# "they overlap" may be read as "no difference was shown".
Z = 1.4

FOLDS_VARY = 2.25  # times the variance of independent images: 1 + 5 * (1/4), for five folds (Nadeau and Bengio 2003)
FALSE_GAIN = 0.05  # how often the lower end of a gain may lie above nothing where there is none


def wilson(correct: float, total: int, z: float = Z) -> tuple[float, float]:
    """Low and high end, 0 to 1, for ``correct`` of ``total`` images (Wilson 1927); 0 and 1 where there are none."""
    if total <= 0:
        return 0.0, 1.0
    share, square = correct / total, z * z / total
    middle = (share + square / 2) / (1 + square)
    half = z / (1 + square) * math.sqrt(share * (1 - share) / total + square / (4 * total))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def overlap(low: float, high: float, other_low: float, other_high: float) -> bool:
    return low <= other_high and other_low <= high


def z_of(level: float) -> float:
    """How many deviations a normal variable exceeds with this probability, 0 < level < 0.5."""
    from statistics import NormalDist

    return NormalDist().inv_cdf(1 - level)


def paired_gain(better: int, worse: int, total: int) -> tuple[float, float, float]:
    """How much more is right of ``total`` images that were held out of folds, with its interval, -1 to 1; ``better``:
    images that only the new one has right, ``worse``: that only the old one has.

    Images that both have right, or wrong, tell nothing of the difference (McNemar 1947), so that it is known better
    than either accuracy. Folds share what they are fitted to, so their differences vary more than those of as
    many independent images.
    """
    if total <= 0:
        return 0.0, -1.0, 1.0
    gain = (better - worse) / total
    variance = (better + worse) / total - gain * gain
    half = z_of(FALSE_GAIN) * math.sqrt(FOLDS_VARY * variance / total)
    return gain, max(gain - half, -1.0), min(gain + half, 1.0)
