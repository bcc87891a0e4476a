"""In which order an epoch sees the training images: drawn from (seed, epoch) alone, so that it can be drawn again."""

import numpy as np


def epoch_order(labels: np.ndarray, seed: int, epoch: int, is_balanced: bool) -> np.ndarray:
    """Places of images, as many as there are ``labels`` (n,).

    ``is_balanced``: each class is drawn equally often, rare ones again and again; within a class every image is taken
    before one is taken anew.
    """
    rng = np.random.default_rng([seed, epoch])
    if not is_balanced:
        return rng.permutation(len(labels))
    classes = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    share, left = divmod(len(labels), len(classes))
    extra = set(rng.permutation(len(classes))[:left].tolist())
    drawn = [_draw(rng, own, share + (place in extra)) for place, own in enumerate(classes)]
    return rng.permutation(np.concatenate(drawn))


def _draw(rng: np.random.Generator, places: np.ndarray, count: int) -> np.ndarray:
    rounds = [rng.permutation(places) for _ in range(-(-count // len(places)))]
    return np.concatenate(rounds)[:count] if rounds else places[:0]
