"""From pixels to Qt's picture."""

import numpy as np
from PySide6.QtGui import QImage


def as_image(pixels: np.ndarray) -> QImage:
    """A picture of its own memory. ``pixels``: uint8 (height, width, channels): 1 is grey, of 4 the first three."""
    height, width, channels = pixels.shape
    pixels = np.ascontiguousarray(pixels.repeat(3, axis=-1) if channels == 1 else pixels[..., :3])
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
