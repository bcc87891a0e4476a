"""From pixels to Qt's picture."""

import numpy as np
from PySide6.QtGui import QImage


def as_image(pixels: np.ndarray) -> QImage:
    """A picture of its own memory. ``pixels``: uint8 (height, width, 3)."""
    height, width, _ = pixels.shape
    pixels = np.ascontiguousarray(pixels)
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
