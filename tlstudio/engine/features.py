"""The frozen part's outputs, computed once and kept: what the trained part sees in every epoch.

It runs as inference (dropout off, BatchNormalization by its stored statistics), with the cache and without
it alike, so that keeping the outputs changes the time and never the result.
"""

from collections.abc import Callable
from contextlib import closing
from typing import Any

import msgspec
import numpy as np

from tlstudio.core import events
from tlstudio.core.control import Control
from tlstudio.core.data.preprocess import Mode
from tlstudio.core.notices import notice
from tlstudio.engine.images import Images
from tlstudio.engine.inference import Inference, engine, fast_inference
from tlstudio.engine.network import Network
from tlstudio.engine.rows import Rows, RowWriter
from tlstudio.engine.runtime import tf
from tlstudio.engine.sources import BATCH, ComputedImages, RandomChanges, as_input, batches
from tlstudio.engine.store import fits, is_stored, key_of, stored_array

TRUSTED_ON = 4  # images on which the faster engine is held against Keras

Progress = Callable[[int, int], None]


class FrozenPart:
    """The part of a network up to ``boundary``: ``model`` in Keras, and the ``rest``, which trains.

    What computes it is made when it is first needed, and held against Keras on the images that it is needed for.
    """

    def __init__(self, network: Network, boundary: int, emit: events.Emit) -> None:
        self.boundary, self._emit = boundary, emit
        self.model, self.rest = network.split_at(boundary)
        self.rank = len(self.model.input.shape)
        self._inference: Inference | None = None
        self._weights = {"of": network.hashes(set(network.layers_up_to(boundary)))}

    def compute(self, x: np.ndarray) -> np.ndarray:
        """Outputs, float32 (n, …), for preprocessed images, float32 (n, height, width, channels)."""
        return self._engine(x)(x)

    def _engine(self, x: np.ndarray) -> Inference:
        if self._inference is None:
            self._inference = fast_inference(self.model, x[:TRUSTED_ON])
            if self._inference.reason:
                self._emit(notice("engine_fell_back", reason=self._inference.reason))
        return self._inference

    def keep(
        self,
        images: Images,
        mode: Mode,
        control: Control,
        on_progress: Progress,
        changes: RandomChanges | None = None,
        view: int = 0,
    ) -> Rows | None:
        """Outputs for all images, float32 (n, …), or for one view of changed ones; taken from the cache where they
        are there.

        Returns None where they are too large to be kept. Raises ``Stopped``, ``disk_full``.
        """
        shape = (len(images), *(int(size) for size in self.model.output.shape[1:]))
        if not fits(shape, np.float32):
            return None
        facts: dict[str, Any] = {}
        if changes is not None:
            facts = {
                "augmentation": msgspec.to_builtins(changes.augmentation),
                "seed": changes.seed,
                "view": view,
            }
        facts |= {"images": images.key, "mode": mode, "weights": self._weights, "network": _structure(self.model)}
        # Engines differ in the last bits, and a resumed run wants them all: the key has the one that was really used.
        key = key_of(what="features", version=2, engine=engine(), **facts)
        if not is_stored(key):
            some = as_input(np.asarray(images.pixels[np.arange(min(TRUSTED_ON, len(images)))]), mode, self.rank)
            key = key_of(what="features", version=2, engine=self._engine(some).name, **facts)

        def fill(array: RowWriter) -> None:
            source = ComputedImages(images, mode, self.rank, changes=changes)
            at = 0
            with closing(batches(source, np.arange(len(images)), BATCH, view)) as coming:
                for values in coming:
                    control.checkpoint()
                    array[at : at + len(values)] = self.compute(values)
                    at += len(values)
                    on_progress(at, len(images))

        values, _ = stored_array(key, shape, np.float32, fill)
        return values


def inference(model: Any) -> Any:
    """The model as one compiled function, in inference mode; the batch size is free."""
    signature = tf.TensorSpec([None, *model.input.shape[1:]], tf.float32)
    return tf.function(lambda x: model(x, training=False), autograph=False, input_signature=[signature])


def _structure(model: Any) -> Any:
    """What computes the outputs, but for its weights: types, options and connections of the layers. Whether a layer
    trains is no part of it: here it never does."""
    config = model.get_config()
    return _without(["trainable"], [config["layers"], config["output_layers"]])


def _without(names: list[str], value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without(names, item) for key, item in value.items() if key not in names}
    return [_without(names, item) for item in value] if isinstance(value, (list, tuple)) else value
