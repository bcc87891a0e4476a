"""What is measured of a network and images before advice is given; ``engine.measuring`` fills it in."""

import msgspec

Share = float  # 0 to 1


class LayerScore(msgspec.Struct, frozen=True, kw_only=True):
    """How well the pooled features of a layer tell the classes apart, on images that the probe was not fitted to.

    ``score``: accuracy of a cross-validated linear probe; ``neighbours``: of the nearest neighbours' classes. Each
    with an interval (``core.advice.intervals``). ``width``: how many features there are.
    """

    path: str
    score: Share
    low: Share
    high: Share
    neighbours: Share
    neighbours_low: Share
    neighbours_high: Share
    width: int


class JointScore(msgspec.Struct, frozen=True, kw_only=True):
    """How well the pooled features of several layers, beside each other, tell the classes apart, by the linear probe.

    ``paths``: the layers, the highest last. ``over``: the best single layer of all; ``gain``: how much more is right
    than on that one, of the same held-out images, -1 to 1, with the interval of that difference. ``width``: how many
    features there are.
    """

    paths: tuple[str, ...]
    score: Share
    low: Share
    high: Share
    over: str
    gain: float
    gain_low: float
    gain_high: float
    width: int


class CurvePoint(msgspec.Struct, frozen=True, kw_only=True):
    """Accuracy of the probe on the highest features when it is fitted to so many images."""

    images: int
    accuracy: Share
    low: Share
    high: Share


class Signs(msgspec.Struct, frozen=True, kw_only=True):
    """How the network reacts to the images; None where it can't be asked.

    ``information``: what its own classifier tells of an image, the mutual information of image and its classes, as a
    share of the most that so many images could give. ``energy``: by how many deviations the energy of its scores (Liu
    et al. 2020) on the images exceeds that on the same images with their parts shuffled. ``distance``: of the
    activations from the statistics that its BatchNormalizations carry, the divergence of two normal distributions in
    nats, the median over layers. ``grey``: share of images without colour; ``enlargement``: the network's side over
    the images' own, in the median.
    """

    information: Share | None = None
    energy: float | None = None
    distance: float | None = None
    grey: Share = 0.0
    enlargement: float = 1.0
