"""From images of any depth to 8 bits."""

import numpy as np

from tlstudio.core.data.options import ImageOptions


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
