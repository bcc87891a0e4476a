"""All that advice wants to know of a network, from one pass of the images through it.

The network is given one output for each image: the pooled features of every legal cut, beside each other, then what
each BatchNormalization was given (means, and means of squares), then the class scores. So a single compiled function
serves, and nothing is computed twice.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model import vocabulary
from tlstudio.core.model.cuts import legal_cuts
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.strategy import features_cut
from tlstudio.engine.build import connect, free_name, make_layers, set_weights
from tlstudio.engine.network import Network
from tlstudio.engine.runtime import keras

MOST_VALUES = 60_000  # of an image, over all cuts; DenseNet121 has 34,000


@dataclass(frozen=True)
class Passed:
    """What came out: float32 (n, …) each. ``features`` by path; ``normalized`` by path of a BatchNormalization: the
    means and the means of squares over each image, (n, channels) both; ``scores``: (n, classes), or None."""

    features: dict[str, np.ndarray]
    normalized: dict[str, tuple[np.ndarray, np.ndarray]]
    scores: np.ndarray | None


class OnePass:
    """``network``: the whole one, its own classifier included where that can be built; ``model``: Keras, from images
    (batch, height, width, channels) to what ``divided`` takes apart. Raises ``TLStudioError`` as ``engine.build``."""

    def __init__(self, file: ModelFile, plan: TrainingPlan) -> None:
        self.network, self.has_classifier = _whole(file, plan)
        graph, calls = file.graph, self.network.calls
        tensors = connect(graph, self.network.layers, calls, {})
        self._slices: list[tuple[str, str, int, int]] = []
        taken: list[Any] = []
        at = 0

        def take(kind: str, path: str, tensor: Any) -> None:
            nonlocal at
            width = prod(tensor.shape[1:]) if kind == "scores" else int(tensor.shape[-1])
            self._slices.append((kind, path, at, at + width))
            taken.append(tensor)
            at += width

        for path in legal_cuts(graph):
            number = graph.calls_of(path)[-1]
            if number in tensors and at < MOST_VALUES:
                take("features", path, tensors[number])
        for number in calls:
            call = graph.calls[number]
            if graph.layers[call.layer].type in vocabulary.BATCH_NORMALIZATION and _is_last_axis(
                self.network.layers[call.layer], tensors[call.sources[0]]
            ):
                given = tensors[call.sources[0]]
                take("means", call.layer, given)
                take("squares", call.layer, given)
        if self.has_classifier:
            take("scores", "", tensors[calls[-1]])
        if not taken:
            raise TLStudioError("no_legal_cut")
        kinds = [kind for kind, _path, _start, _stop in self._slices]
        name = free_name("one_pass", {layer.name for layer in self.network.layers.values()})
        self.model = keras.Model(tensors[calls[0]], _BesideEachOther(kinds, name=name)(taken))

    @property
    def paths(self) -> list[str]:
        """Of the layers whose features are given, from the input up."""
        return [path for kind, path, _start, _stop in self._slices if kind == "features"]

    def divided(self, values: np.ndarray) -> Passed:
        """``values``: float32 (n, all of them)."""
        found: dict[str, dict[str, np.ndarray]] = {"features": {}, "means": {}, "squares": {}, "scores": {}}
        for kind, path, start, stop in self._slices:
            found[kind][path] = values[:, start:stop]
        normalized = {path: (means, found["squares"][path]) for path, means in found["means"].items()}
        return Passed(found["features"], normalized, found["scores"].get(""))


def _whole(file: ModelFile, plan: TrainingPlan) -> tuple[Network, bool]:
    """The network with its classifier, or without it where that can't be built."""
    try:
        return _network(file, plan, file.graph.outputs), True
    except TLStudioError as error:
        if error.code != "unreadable_network":
            raise
        return _network(file, plan, (file.graph.calls_of(features_cut(file))[-1],)), False


def _network(file: ModelFile, plan: TrainingPlan, tops: tuple[int, ...]) -> Network:
    calls = sorted(file.graph.used_by(tops))
    layers = make_layers(file, calls)
    tensors = connect(file.graph, layers, calls, {})
    set_weights(file, layers)
    return Network(
        file=file,
        plan=plan,
        model=keras.Model(tensors[calls[0]], tensors[calls[-1]]),
        layers=layers,
        calls=calls,
        head=[],
    )


class _BesideEachOther(keras.layers.Layer):
    """One layer for all that is taken: operations of their own would bear names that the file's layers may have."""

    def __init__(self, kinds: list[str], **options: Any) -> None:
        super().__init__(**options)
        self._kinds = kinds

    def call(self, tensors: list[Any]) -> Any:
        parts = [_taken(kind, tensor) for kind, tensor in zip(self._kinds, tensors, strict=True)]
        return keras.ops.concatenate(parts, axis=-1) if len(parts) > 1 else parts[0]


def _taken(kind: str, tensor: Any) -> Any:
    """Scores as they are, in one row; of others the means over all places: (batch, channels)."""
    if kind == "scores":
        return keras.ops.reshape(tensor, (-1, prod(tensor.shape[1:])))
    values = keras.ops.square(tensor) if kind == "squares" else tensor
    axes = tuple(range(1, len(tensor.shape) - 1))
    return keras.ops.mean(values, axis=axes) if axes else values


def _is_last_axis(layer: Any, given: Any) -> bool:
    axis = layer.axis if isinstance(layer.axis, int) else layer.axis[0]
    return axis in (-1, len(given.shape) - 1)


Run = Callable[[np.ndarray], np.ndarray]


class Passing:
    """Sends images through, and tells how long that takes. While ``remembers``, what came of an image is kept and
    given again: scalings are tried on some of the images that all go through the network under one of them later.

    ``seconds`` and ``images``: of what has been computed so far.
    """

    def __init__(self, run: Run) -> None:
        self.remembers = True
        self.seconds, self.images = 0.0, 0
        self._run = run
        self._found: dict[bytes, np.ndarray] = {}

    def __call__(self, given: np.ndarray) -> np.ndarray:
        """``given``: float32 (n, height, width, channels); float32 (n, values)."""
        if not self.remembers:
            return self._computed(given)
        keys = [hashlib.blake2b(np.ascontiguousarray(image).data, digest_size=16).digest() for image in given]
        new = [place for place, key in enumerate(keys) if key not in self._found]
        if new:
            self._found |= zip((keys[place] for place in new), self._computed(given[new]), strict=True)
        return np.stack([self._found[key] for key in keys])

    def _computed(self, given: np.ndarray) -> np.ndarray:
        began = time.monotonic()
        found = self._run(given)
        self.seconds += time.monotonic() - began
        self.images += len(given)
        return found
