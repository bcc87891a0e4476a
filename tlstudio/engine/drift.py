"""How far training has moved the weights of each layer: the norm of the change over the norm of the start.

A layer that has moved by much no longer holds what the network had learnt; one that hasn't moved might as well be
frozen.
"""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from tlstudio.engine.network import Network


class Drift:
    """Made before the first update; measures the base's layers that the plan frees."""

    def __init__(self, network: Network) -> None:
        frozen = set(network.plan.frozen)
        self._layers: dict[str, list[tuple[Any, np.ndarray]]] = {
            path: [(weight, weight.numpy()) for weight in network.layers[path].weights]
            for path in network.weighted_layers
            if path not in frozen
        }

    def __call__(self) -> dict[str, float]:
        """By layer path; infinite changes are left out."""
        found = {}
        for path, weights in self._layers.items():
            changed = _norm(now.numpy() - then for now, then in weights)
            share = changed / max(_norm(then for _now, then in weights), 1e-12)
            if np.isfinite(share):
                found[path] = share
        return found


def _norm(arrays: Iterable[np.ndarray]) -> float:
    """In double precision: weights that a rate has torn apart are finite long after their squares are not."""
    return math.sqrt(sum(float(np.sum(np.square(values, dtype=np.float64))) for values in arrays))
