"""One image file: opened warily, decoded, turned upright, brought to 8 bits and to the model's size.

Only the formats below are given to Pillow: it would start Ghostscript for an EPS file named ``.jpg``.
"""

import contextlib
import stat
import threading
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from tlstudio.core.plan import Fit

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF")
SUFFIXES = {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff"}
# Pillow holds a decoded pixel in 4 bytes: at most 560 MB. A JPEG may claim more, if it decodes at a smaller size.
MAX_PIXELS = 140_000_000


LARGE = 20_000_000  # pixels; images beyond are decoded one at a time, since each takes tens of megabytes and more
_LARGE = threading.Lock()


class ImageProblem(Exception):  # noqa: N818 (the file has it, the program goes on)
    """An image that cannot be used. ``code`` says why, the message is for people."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def open_image(path: Path, at_least: tuple[int, int] | None = None) -> Image.Image:
    """Decode a whole image, upright, in a mode of 8-bit ``L`` or ``RGB``.

    ``at_least`` (width, height) lets JPEG decode at a reduced size that is no smaller.

    Raises:
        ImageProblem: ``not-a-file``, ``empty``, ``not-an-image``, ``too-large``, ``truncated``, ``unreadable``.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise ImageProblem("unreadable", error.strerror or str(error)) from error
    if not stat.S_ISREG(status.st_mode):
        raise ImageProblem("not-a-file", "It is a pipe or a device, not a file.")
    if status.st_size == 0:
        raise ImageProblem("empty", "The file is empty.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks on odd metadata are not about the pixels
            with Image.open(path, formats=FORMATS) as image:
                if at_least:
                    image.draft(None, at_least)
                if image.width * image.height > MAX_PIXELS:
                    raise ImageProblem("too-large", f"It claims {image.width}×{image.height} pixels.")
                with _LARGE if image.width * image.height > LARGE else contextlib.nullcontext():
                    image.load()
                    ImageOps.exif_transpose(image, in_place=True)  # the other way makes a copy of every image
                    return _to_8_bits(image)
    except Image.UnidentifiedImageError as error:
        raise ImageProblem("not-an-image", "It is none of the formats JPEG, PNG, BMP, GIF, WebP, TIFF.") from error
    except Image.DecompressionBombError as error:
        raise ImageProblem("too-large", "It claims more pixels than any photograph has.") from error
    except ImageProblem:
        raise
    except Exception as error:
        code = "truncated" if "truncated" in str(error).lower() else "unreadable"
        raise ImageProblem(code, f"It cannot be decoded ({str(error)[:120] or type(error).__name__}).") from error


def _to_8_bits(image: Image.Image) -> Image.Image:
    """``L`` or ``RGB``; transparency over white, 16 bits by their full range, floats by their own range."""
    mode = image.mode
    if mode in {"L", "RGB"} and "transparency" not in image.info:
        return image
    if mode.startswith("I;16") or mode in {"I", "F"}:
        values = np.asarray(image, dtype=np.float64)
        values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
        low, high = (0.0, 65535.0) if mode != "F" else (float(values.min()), float(values.max()))
        scaled = (values - low) * (255.0 / (high - low)) if high > low else np.zeros_like(values)
        return Image.fromarray(np.clip(scaled, 0, 255).round().astype(np.uint8), "L")
    if mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in image.info:
        layered = image.convert("RGBA")
        white = Image.new("RGBA", layered.size, "white")
        white.alpha_composite(layered)
        return white.convert("L" if mode in {"LA", "La"} else "RGB")
    if mode == "1":
        return image.convert("L")
    return image.convert("RGB")


def fit_image(image: Image.Image, width: int, height: int, channels: int, fit: Fit) -> np.ndarray:
    """Bring an image to a model's size.

    ``crop`` fills the frame and cuts what hangs over, ``pad`` shows all of it on black, ``stretch`` ignores
    the aspect. Colour becomes grey by luminance, grey becomes colour by repeating.

    Returns:
        uint8 array (height, width, channels).
    """
    image = image.convert("L" if channels == 1 else "RGB")
    size, method = (width, height), Image.Resampling.BILINEAR
    if fit == "stretch":
        fitted = image.resize(size, method, reducing_gap=2.0)
    elif fit == "pad":
        fitted = ImageOps.pad(image, size, method)
    else:
        fitted = ImageOps.fit(image, size, method)
    pixels = np.asarray(fitted, dtype=np.uint8)
    if channels == 1:
        return pixels[..., np.newaxis]
    if channels == 4:
        return np.concatenate([pixels, np.full((height, width, 1), 255, np.uint8)], axis=-1)
    return pixels


def load_for_model(path: Path, width: int, height: int, channels: int, fit: Fit) -> np.ndarray:
    """``open_image`` and ``fit_image`` in one; see there for the result and what is raised."""
    return fit_image(open_image(path, (2 * width, 2 * height)), width, height, channels, fit)
