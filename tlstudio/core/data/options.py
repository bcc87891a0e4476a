"""How image files become 8-bit pictures, where a file leaves something open; part of a plan."""

from typing import Annotated, Literal

import msgspec
import numpy as np

Scaling = Literal["full", "percentiles", "window"]
Background = Literal["white", "black", "grey"]
GREY_LEVEL = 128
Share = Annotated[float, msgspec.Meta(ge=0, le=100)]


class ImageOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``page``: which one of a file of several, from 0. ``background``: what lies under transparency.

    ``scaling`` of images deeper than 8 bits: ``full``, the whole range that the file's type can hold (a DICOM file's
    own window, floats from their smallest to their largest value); ``percentiles`` of each image's own values;
    ``window``, from ``low`` to ``high`` in the file's own units, the same for all images.
    """

    page: Annotated[int, msgspec.Meta(ge=0)] = 0
    scaling: Scaling = "full"
    percentiles: tuple[Share, Share] = (1.0, 99.0)
    low: float = 0.0
    high: float = 65535.0
    background: Background = "white"


def to_8_bits(values: np.ndarray, options: ImageOptions, natural: tuple[float, float] | None) -> np.ndarray:
    """Scale an image of any number type to uint8 of the same shape; what lies outside the range is cut off.

    ``natural``: the range that ``full`` means for this file, None for the values' own.
    """
    numbers = np.nan_to_num(np.asarray(values, np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    if options.scaling == "window":
        low, high = options.low, options.high
    elif options.scaling == "percentiles":
        low, high = (float(np.percentile(numbers, share)) for share in options.percentiles)
    else:
        low, high = natural or (float(numbers.min(initial=0.0)), float(numbers.max(initial=0.0)))
    if high <= low:
        return np.zeros(numbers.shape, np.uint8)
    scaled: np.ndarray = np.clip((numbers - low) * (255.0 / (high - low)), 0, 255)
    return scaled.round().astype(np.uint8)
