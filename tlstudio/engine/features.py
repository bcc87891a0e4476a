"""The frozen part's outputs, computed once and kept: what the trained part sees in every epoch.

It runs as inference (dropout off, BatchNormalization by its stored statistics), with the cache and without
it alike, so that keeping the outputs changes the time and never the result.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from tlstudio.core.control import Control
from tlstudio.core.data.preprocess import Mode, preprocess
from tlstudio.engine.images import Images
from tlstudio.engine.network import Network
from tlstudio.engine.rows import Rows, RowWriter
from tlstudio.engine.runtime import tf
from tlstudio.engine.store import fits, key_of, stored_array

BATCH = 32  # large enough to fill two cores, small enough for any network's memory
Progress = Callable[[int, int], None]


def as_input(pixels: np.ndarray, mode: Mode, rank: int) -> np.ndarray:
    """Preprocessed images as the network takes them: without the channel axis where it has none."""
    values = preprocess(pixels, mode)
    return values[..., 0] if rank == 3 else values


class Features:
    """The outputs of a frozen part for a set of images, by place: (n, …) float32."""

    def __init__(self, values: Rows) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def batch(self, places: np.ndarray) -> np.ndarray:
        return np.asarray(self._values[places], np.float32)


class PlainImages:
    """Preprocessed images instead of features, where nothing is frozen at the bottom.

    ``change``: what augmentation does to a batch of pixels (float32 0..255), or None.
    """

    def __init__(
        self, images: Images, mode: Mode, rank: int, change: Callable[[np.ndarray], np.ndarray] | None = None
    ) -> None:
        self._images, self._mode, self._rank, self._change = images, mode, rank, change

    def __len__(self) -> int:
        return len(self._images)

    def batch(self, places: np.ndarray) -> np.ndarray:
        pixels = np.asarray(self._images.pixels[places])
        return as_input(self._change(pixels) if self._change else pixels, self._mode, self._rank)


def keep_features(
    network: Network, prefix: Any, boundary: int, images: Images, mode: Mode, control: Control, on_progress: Progress
) -> Features | None:
    """Compute the frozen part's outputs for all images, or take them from the cache.

    Returns None where they are too large to be kept. Raises ``Stopped``, ``disk_full``.
    """
    shape = (len(images), *(int(size) for size in prefix.output.shape[1:]))
    if not fits(shape, np.float32):
        return None
    key = key_of(
        what="features",
        version=1,
        images=images.key,
        mode=mode,
        weights=network.hashes(set(network.layers_up_to(boundary))),
        network=_structure(prefix),
    )
    run = inference(prefix)

    def fill(array: RowWriter) -> None:
        for start in range(0, len(images), BATCH):
            control.checkpoint()
            stop = min(start + BATCH, len(images))
            x = as_input(np.asarray(images.pixels[start:stop]), mode, len(prefix.input.shape))
            array[start:stop] = run(tf.constant(x)).numpy()
            on_progress(stop, len(images))

    values, _ = stored_array(key, shape, np.float32, fill)
    return Features(values)


def inference(model: Any) -> Any:
    """The model as one compiled function, in inference mode; the batch size is free."""
    signature = tf.TensorSpec([None, *model.input.shape[1:]], tf.float32)
    return tf.function(lambda x: model(x, training=False), input_signature=[signature])


def _structure(model: Any) -> list[Any]:
    """What computes the outputs, but for its weights: types, options and connections of the layers."""
    config = model.get_config()
    return [config["layers"], config["output_layers"]]
