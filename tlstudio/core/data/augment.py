"""Random changes of training images: turned, moved, zoomed, mirrored, brighter or duller; a pure function.

The same image in the same view changes in the same way in whatever order, batch, thread or machine it comes, so that
a run that is resumed sees what the uninterrupted one saw.
"""

import math

import numpy as np
from PIL import Image

from tlstudio.core.data.augmentation import LIGHT, NONE, STRONG, Augmentation, of

__all__ = ["LIGHT", "NONE", "STRONG", "Augmentation", "augmented", "of"]

Matrix = tuple[float, float, float, float, float, float]

# Coefficients of the transform are multiples of this. All of Pillow's arithmetic on them is then exact in 53 bits
# (19 of each coordinate's fraction, twice, and 8 of the pixel), so compilers that fuse or reorder it change nothing.
_GRID = 2.0**18
_MODES = {1: "L", 3: "RGB"}  # Pillow takes the fourth channel for transparency and would multiply the others by it


def augmented(pixels: np.ndarray, augmentation: Augmentation, seed: int, view: int, image: int) -> np.ndarray:
    """A changed version of an image; the same array where nothing is to be changed.

    ``pixels``: uint8 (height, width, channels). ``view`` and ``image`` are numbers from 0: which version, such as the
    epoch, and of which image. Takes 1.3 ms of one core for 224×224×3 pixels, during most of which other threads run.

    Returns:
        uint8 array of the same shape, not to be written to.
    """
    if augmentation.is_plain:
        return pixels
    # All are drawn whether they are used or not: a change of one amount leaves the other draws as they are.
    draws = [float(draw) for draw in np.random.default_rng([seed % 2**64, view, image]).uniform(-1.0, 1.0, 8)]
    return _changed(pixels, augmentation, draws)


def _changed(pixels: np.ndarray, most: Augmentation, draws: list[float]) -> np.ndarray:
    height, width, channels = pixels.shape
    if channels not in _MODES:
        return np.concatenate([_changed(pixels[..., i : i + 1], most, draws) for i in range(channels)], axis=-1)
    matrix = _matrix(width, height, most, draws[:6])
    picture = _moved(pixels, matrix)
    if most.brightness or most.contrast:
        picture = picture.point(_table(picture, 1 + draws[6] * most.brightness, 1 + draws[7] * most.contrast))
    return np.asarray(picture).reshape(pixels.shape)


def _matrix(width: int, height: int, most: Augmentation, draws: list[float]) -> Matrix:
    """From places in the output to places in the input, in pixels: turned and zoomed about the centre, then moved."""
    turn, right, down, out, mirror, upside = draws
    angle, seen = math.radians(turn * most.rotation), 1.0 + out * most.zoom
    across = -seen if most.flip and mirror < 0 else seen
    along = -seen if most.flip_vertical and upside < 0 else seen
    a, b = _on_grid(across * math.cos(angle)), _on_grid(-across * math.sin(angle))
    d, e = _on_grid(along * math.sin(angle)), _on_grid(along * math.cos(angle))
    x, y = width / 2 + right * most.shift * width, height / 2 + down * most.shift * height
    return a, b, _on_grid(width / 2 - a * x - b * y), d, e, _on_grid(height / 2 - d * x - e * y)


def _on_grid(value: float) -> float:
    return round(value * _GRID) / _GRID


def _moved(pixels: np.ndarray, matrix: Matrix) -> Image.Image:
    """One affine transform, and so one interpolation; first the image is mirrored as far as the frame reaches."""
    height, width, channels = pixels.shape
    a, b, c, d, e, f = matrix
    corners = [(x, y) for x in (0.5, width - 0.5) for y in (0.5, height - 0.5)]  # centres of pixels, as Pillow counts
    left, after = _beyond([a * x + b * y + c for x, y in corners], width)
    above, below = _beyond([d * x + e * y + f for x, y in corners], height)
    padded = np.pad(pixels, ((above, below), (left, after), (0, 0)), mode="symmetric")
    picture = Image.fromarray(padded[..., 0] if channels == 1 else padded, _MODES[channels])
    inside = (a, b, c + left, d, e, f + above)
    return picture.transform((width, height), Image.Transform.AFFINE, inside, Image.Resampling.BILINEAR)


def _beyond(places: list[float], size: int) -> tuple[int, int]:
    """How many pixels the places lie before 0 and beyond ``size``, which itself is outside for Pillow."""
    return max(0, math.ceil(-min(places))), max(0, math.floor(max(places)) + 1 - size)


def _table(picture: Image.Image, gain: float, spread: float) -> list[int]:
    """256 new values a channel: brightness, then contrast about the channel's mean."""
    levels = np.arange(256)
    counts = np.array(picture.histogram()).reshape(-1, 256)
    means = (counts @ levels)[:, np.newaxis] / (picture.width * picture.height) * gain
    values: list[int] = (
        np.clip(np.rint((levels * gain - means) * spread + means), 0, 255).astype(int).ravel().tolist()
    )
    return values
