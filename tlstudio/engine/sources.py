"""Where batches of a stage come from: kept features, or images, as they are or changed at random."""

import os
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tlstudio.core.data.augment import Augmentation, augmented
from tlstudio.core.data.preprocess import Mode, preprocess
from tlstudio.engine.images import Images
from tlstudio.engine.rows import Rows

BATCH = 32  # of inference: large enough to fill two cores, small enough for any network's memory
WORTH_A_THREAD = 1 << 18  # bytes of a batch from which it is fetched while the one before it is computed on

Compute = Callable[[np.ndarray], np.ndarray]


def as_input(pixels: np.ndarray, mode: Mode, rank: int) -> np.ndarray:
    """Preprocessed images as the network takes them: without the channel axis where it has none."""
    values = preprocess(pixels, mode)
    return values[..., 0] if rank == 3 else values


class Source(Protocol):
    """Values of images by place: float32 (n, …). ``epoch`` counts from 1 and says which random changes they get."""

    def __len__(self) -> int: ...

    def batch(self, places: np.ndarray, epoch: int) -> np.ndarray: ...


@dataclass(frozen=True)
class Examples:
    """A source and its labels, int32 (n,)."""

    source: Source
    labels: np.ndarray


class KeptFeatures:
    """The outputs of a frozen part, kept on the disk: for each image, or for each of several views, which the epochs
    take in turns."""

    def __init__(self, views: list[Rows]) -> None:
        self._views = views

    def __len__(self) -> int:
        return len(self._views[0])

    def batch(self, places: np.ndarray, epoch: int) -> np.ndarray:
        return np.asarray(self._views[(epoch - 1) % len(self._views)][places], np.float32)


class RandomChanges:
    """Changes training images at random, by (seed, view, place of the image): the same at any time, in any order."""

    def __init__(self, augmentation: Augmentation, seed: int) -> None:
        self.augmentation, self.seed = augmentation, seed
        self._pool = ThreadPoolExecutor(max_workers=os.cpu_count() or 1, thread_name_prefix="augmentation")

    def __call__(self, pixels: np.ndarray, places: np.ndarray, view: int) -> np.ndarray:
        """``pixels``: uint8 (n, height, width, channels); returns the same shape."""
        changed = self._pool.map(
            lambda pair: augmented(pair[0], self.augmentation, self.seed, view, int(pair[1])),
            zip(pixels, places, strict=True),
        )
        return np.stack(list(changed))


class ComputedImages:
    """Images as the part that trains takes them: preprocessed, and where something below it is frozen, through that.

    ``changes``: of training images, anew in each epoch, or one of ``views`` in turns.
    """

    def __init__(
        self,
        images: Images,
        mode: Mode,
        rank: int,
        frozen: Compute | None = None,
        changes: RandomChanges | None = None,
        views: int = 0,
    ) -> None:
        self._images, self._mode, self._rank = images, mode, rank
        self._frozen, self._changes, self._views = frozen, changes, views

    def __len__(self) -> int:
        return len(self._images)

    def batch(self, places: np.ndarray, epoch: int) -> np.ndarray:
        pixels = np.asarray(self._images.pixels[places])
        if self._changes is not None:
            view = (epoch - 1) % self._views if self._views else epoch
            pixels = self._changes(pixels, places, view)
        values = as_input(pixels, self._mode, self._rank)
        return values if self._frozen is None else self._frozen(values)


def batches(
    source: Source, order: np.ndarray, size: int, epoch: int, start: int = 0
) -> Generator[np.ndarray, None, None]:
    """The values of ``order``'s places in batches, from batch ``start``; large ones are fetched one ahead."""
    pieces = [order[at : at + size] for at in range(start * size, len(order), size)]
    if not pieces:
        return
    first = source.batch(pieces[0], epoch)
    if first.nbytes < WORTH_A_THREAD and isinstance(source, KeptFeatures):
        yield first
        for piece in pieces[1:]:
            yield source.batch(piece, epoch)
        return
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="batches") as ahead:
        coming = ahead.submit(source.batch, pieces[1], epoch) if len(pieces) > 1 else None
        yield first
        for place in range(1, len(pieces)):
            assert coming is not None
            values = coming.result()
            coming = ahead.submit(source.batch, pieces[place + 1], epoch) if place + 1 < len(pieces) else None
            yield values
