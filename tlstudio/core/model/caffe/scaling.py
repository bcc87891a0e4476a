"""What becomes of pixels before a Caffe network sees them: BGR or RGB, a mean, a scale.

Caffe's own tools feed networks BGR (as OpenCV reads images) minus the mean of the training images, and say so
only where they train. So the evidence is gathered: the data layers of the description and of the weights file, a
mean image beside them. What it says of numbers becomes a layer at the network's bottom, exactly; the order of
colours becomes the declared preprocessing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tlstudio.core.errors import QT_TRANSLATE_NOOP, TLStudioError
from tlstudio.core.model.arrays import Array, Weight, constant, damage_reported
from tlstudio.core.model.caffe.builder import Builder, Sizes, Tensor
from tlstudio.core.model.caffe.caffemodel import read_blob
from tlstudio.core.model.caffe.layers import CaffeLayer, text
from tlstudio.core.model.description import Preprocessing

CAFFE_MEAN = (104.0, 117.0, 123.0)  # what the mode ``caffe`` of core.data.preprocess subtracts
SCALING = QT_TRANSLATE_NOOP(
    "Repairs", "The mean and the scale that the network was trained with are applied to the images inside it."
)
MEAN_MISSING = QT_TRANSLATE_NOOP(
    "Repairs",
    "The network was trained on images minus a mean image that is not beside it; ImageNet's mean is taken for it.",
)


@dataclass(frozen=True)
class Evidence:
    """``values``: a mean for each channel, or one for all. ``image``: a mean image, (channels, height, width).
    ``scale``: what pixels minus mean are multiplied by. ``named``: a mean file that is named, whether here or not.
    """

    values: tuple[float, ...] = ()
    image: Array | None = None
    scale: float = 1.0
    named: str = ""
    is_told: bool = False


def named_mean(data: Iterable[CaffeLayer]) -> str:
    """The mean file that data layers name; it is a name and is not followed."""
    for layer in data:
        for param in _transforms(layer):
            if param.mean_file:
                return text(param.mean_file)
    return ""


def gather(data: list[CaffeLayer], mean: Path | None) -> Evidence:
    """What data layers say, the foremost first, and the mean image at ``mean``. Raises as ``read_blob``."""
    values: tuple[float, ...] = ()
    scale, is_told = 1.0, False
    for param in (param for layer in data for param in _transforms(layer)):
        told = tuple(float(value) for value in getattr(param, "mean_value", ()))
        if not told and not param.HasField("scale") and not param.mean_file:
            continue
        values, scale, is_told = told, float(param.scale) if param.HasField("scale") else 1.0, True
        break
    image = None if values or mean is None else _as_image(read_blob(mean), mean)
    return Evidence(values, image, scale, named_mean(data), is_told or image is not None)


def _transforms(layer: CaffeLayer) -> Iterable[Any]:
    """Today's settings, and those of old data layers."""
    for kind in ("transform", "data", "image_data"):
        param = layer.param(kind)
        if param.ByteSize():
            yield param


def _as_image(array: Array, path: Path) -> Array:
    shape = array.shape[1:] if len(array.shape) == 4 and array.shape[0] == 1 else array.shape
    if len(shape) != 3 or min(shape) < 1:
        raise TLStudioError("truncated_model", path=path, detail="it is no mean image")
    return Array(file=array.file, location=array.location, shape=shape, dtype=array.dtype, offset=array.offset)


def mean_sizes(evidence: Evidence) -> list[Sizes]:
    """The sizes of the images that a mean image is the mean of."""
    return [] if evidence.image is None else [evidence.image.shape]


def add_scaling(builder: Builder, tensor: Tensor, evidence: Evidence) -> tuple[Tensor, Preprocessing]:
    """What the network does to pixels by itself, as layers above its input, and what is to be done before."""
    channels = tensor.sizes[0]
    if not evidence.is_told:
        return tensor, Preprocessing(mode="caffe" if channels == 3 else "unit", source="assumed")
    if not np.isfinite([evidence.scale, *evidence.values]).all() or len(evidence.values) not in (0, 1, channels):
        builder.complain(f"{len(evidence.values)} means are to be subtracted from {channels} channels")
    if evidence.image is not None:
        return _minus_image(builder, tensor, evidence, evidence.image)
    if evidence.named and not evidence.values:
        builder.warn("caffe_mean_missing", MEAN_MISSING, builder.calls[tensor.call].layer)
        means = CAFFE_MEAN if channels == 3 else ()
        scaled = _minus_values(builder, tensor, means, evidence.scale) if evidence.scale != 1 else tensor
        if evidence.scale != 1:
            return scaled, Preprocessing(mode="bgr" if channels == 3 else "raw", source="assumed")
        return tensor, Preprocessing(mode="caffe" if channels == 3 else "raw", source="assumed")
    if evidence.values == CAFFE_MEAN and evidence.scale == 1:
        return tensor, Preprocessing(mode="caffe", source="declared")
    scaled = _minus_values(builder, tensor, evidence.values, evidence.scale)
    return scaled, Preprocessing(mode=_order(channels, evidence.values), source="declared")


def _order(channels: int, means: tuple[float, ...]) -> str:
    """Photos have more red than blue in them (ImageNet: 123, 117, 104), so the larger mean tells which is which.
    Equal ones tell nothing: then it is BGR, the order of Caffe's own tools."""
    if channels != 3:
        return "raw"
    return "raw" if len(means) == 3 and means[0] > means[2] else "bgr"


def _minus_values(builder: Builder, tensor: Tensor, means: tuple[float, ...], scale: float) -> Tensor:
    if scale == 1 and not any(means):
        return tensor
    spread = means if len(means) == tensor.sizes[0] else (means or (0.0,)) * tensor.sizes[0]
    offset = [-scale * mean for mean in spread]
    path = builder.path_of("scaling")
    builder.note("caffe_scaling", SCALING, path)
    return builder.add(path, "Rescaling", {"scale": scale, "offset": offset}, tensor)


def _minus_image(builder: Builder, tensor: Tensor, evidence: Evidence, image: Array) -> tuple[Tensor, Preprocessing]:
    """A mean image of the images' own size is subtracted as it is; of a larger one, from which a training takes
    random parts, the means over each channel are (as Caffe's own classifier does)."""
    channels = tensor.sizes[0]
    means = _means(image)
    if len(means) != channels:
        builder.complain(f"the mean image has {len(means)} channels, the images {channels}")
    mode = Preprocessing(mode=_order(channels, means), source="declared")
    if image.shape != tensor.sizes:
        return _minus_values(builder, tensor, means, evidence.scale), mode
    path = builder.path_of("mean")
    builder.note("caffe_scaling", SCALING, path)
    sizes = (*image.shape[1:], image.shape[0])
    mean = Weight(shape=image.shape, arrays=(image,)).then("transpose", [1, 2, 0], shape=sizes)
    weights = [mean, constant(sizes, 1.0), constant((), 0.0)]
    minus = builder.add(path, "Normalization", {"axis": [1, 2, 3]}, tensor, weights=weights)
    return _minus_values(builder, minus, (), evidence.scale), mode


def _means(image: Array) -> tuple[float, ...]:
    dtype = np.dtype(image.dtype)
    with damage_reported(Path(image.file)):
        values: np.ndarray = np.memmap(image.file, dtype, "r", image.offset or 0, image.shape)
        if dtype.names:
            values = values[dtype.names[-1]]
        return tuple(float(mean) for mean in values.astype(np.float64).mean(axis=(1, 2)))
