"""Finding out what pixel values a network was trained to see, where neither its file nor the catalogue tells.

Wrong scaling raises no error anywhere and costs the most accuracy of all mistakes, so it is worth seconds. The
evidence is that of ``scaling_evidence``: first what needs no labels, and costs little; the probe is left with the
scalings that are still in the race.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from tlstudio.core import events
from tlstudio.core.control import Control
from tlstudio.core.data.preprocess import MODES, Mode
from tlstudio.core.notices import notice
from tlstudio.engine.network import Network
from tlstudio.engine.rows import Rows
from tlstudio.engine.scaling_evidence import FOLDS, Measures
from tlstudio.engine.sources import Compute

PER_CLASS = 20  # enough to tell the scalings apart, few enough for seconds
MAX_IMAGES = 200
MAX_UNLABELLED = 60
ORDER: tuple[Mode, ...] = ("unit", "symmetric", "caffe", "imagenet", "raw")  # the most usual first
CLEARLY_NEARER = 2.0  # see the text on distance: what is nearer by less is left to the probe, or to the order
SILENT = 0.03  # of the most information; the right scaling had 0.1 or more of it in thirty-six pairs


@dataclass(frozen=True)
class Evidence:
    """What was seen under one scaling; None where it was not measured."""

    mode: Mode
    accuracy: float | None = None
    distance: float | None = None
    information: float | None = None

    def __str__(self) -> str:
        parts = [] if self.accuracy is None else [f"accuracy {self.accuracy:.2f}"]
        parts += [] if self.distance is None else [f"distance {self.distance:.2g}"]
        parts += [] if self.information is None else [f"information {self.information:.2g}"]
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
    network: Network,
    pixels: np.ndarray | Rows,
    labels: np.ndarray | None,
    seed: int,
    control: Control,
    features: Compute | None = None,
    scores: Compute | None = None,
) -> Trial:
    """The scaling to use. ``pixels``: uint8 (n, height, width, channels); ``labels``: (n,) or None.
    ``features``, ``scores``: what computes the network's features and its own classifier's scores, if there is
    something already.

    Raises ``Stopped``.
    """
    known = network.file.preprocessing
    if known.source != "assumed":
        return Trial(as_mode(known.mode), known.source)
    places, use_labels = _few_of(len(pixels), labels, seed)
    measures = Measures(network, features, scores)
    if not len(places) or not (use_labels or measures.has_statistics):
        return Trial(as_mode(known.mode), "assumed")
    some = np.asarray(pixels[places])
    mixed = some[np.random.default_rng(seed).permutation(len(some))]  # of all classes
    found = []
    for mode in dict.fromkeys((as_mode(known.mode), *ORDER)):
        if measures.has_statistics:
            found.append(Evidence(mode, distance=measures.distance(mode, some, control)))
        else:
            found.append(Evidence(mode, information=measures.information(mode, mixed, control)))
    close = in_the_race(found)
    if use_labels and labels is not None and len(close) > 1:
        probed = [
            replace(e, accuracy=measures.accuracy(e.mode, some, labels[places], seed, control)) if e in close else e
            for e in found
        ]
        found = probed
    ranked = rank(found, len(places))
    return Trial(ranked[0].mode, "tried", tuple(ranked))


def in_the_race(found: list[Evidence]) -> list[Evidence]:
    """Those under which the network is not silent, and whose distance is not clearly farther than the nearest's."""
    most = max((e.information for e in found if e.information is not None), default=0.0)
    heard = [e for e in found if e.information is None or e.information >= SILENT * most]
    nearest = min((e.distance for e in heard if e.distance is not None), default=None)
    return [e for e in heard if nearest is None or (e.distance or 0.0) <= CLEARLY_NEARER * nearest]


def rank(found: list[Evidence], images: int) -> list[Evidence]:
    """The evidence, the best first. Ties keep the order given.

    Of those in the race a later one must be better by more than chance (one standard error) in the probe. The rest
    follow by distance, then accuracy.
    """
    close = in_the_race(found)
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


def _standard_error(accuracy: float, images: int) -> float:
    """Of a share observed on that many images."""
    return math.sqrt(max(accuracy * (1 - accuracy), 1e-4) / images)


def as_mode(name: str) -> Mode:
    if name not in MODES:
        raise ValueError(f"Expected one of {', '.join(MODES)}. Received: {name}")
    return name  # type: ignore[return-value]
