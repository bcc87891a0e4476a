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

from tlstudio.core.data.deep_png import is_deep_png, read_deep_png
from tlstudio.core.data.image_problem import MAX_PIXELS, ImageProblem, no_such_page
from tlstudio.core.data.lab_formats import is_dicom, read_dicom, read_tiff
from tlstudio.core.data.options import GREY_LEVEL, Fit, ImageOptions
from tlstudio.core.data.tone import to_8_bits

BITS_PER_SAMPLE = 258  # the TIFF tag
PAGED = {"TIFF", "GIF", "WEBP"}
FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF")
SUFFIXES = {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".dcm", ".dicom"}
LARGE = 20_000_000  # pixels; images beyond are decoded one at a time, since each takes tens of megabytes and more
_LARGE = threading.Lock()


NO_OPTIONS = ImageOptions()
# Pillow's remarks on odd metadata are not about the pixels. Once for all: held back around each image they would be
# exchanged between threads, which share one list of filters.
warnings.filterwarnings("ignore", module=r"PIL\.")


def open_image(
    path: Path, at_least: tuple[int, int] | None = None, options: ImageOptions = NO_OPTIONS
) -> Image.Image:
    """Decode a whole image, upright, in a mode of 8-bit ``L`` or ``RGB``.

    ``at_least`` (width, height) lets JPEG decode at a reduced size that is no smaller.

    Raises:
        ImageProblem: ``not-a-file``, ``empty``, ``not-an-image``, ``too-large``, ``truncated``, ``unreadable``,
            ``no-such-page``.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise ImageProblem("unreadable", error.strerror or str(error)) from error
    if not stat.S_ISREG(status.st_mode):
        raise ImageProblem("not-a-file", "It is a pipe or a device, not a file.")
    if status.st_size == 0:
        raise ImageProblem("empty", "The file is empty.")
    if is_dicom(path):
        return read_dicom(path, options)
    try:
        with Image.open(path, formats=FORMATS) as image:
            if _is_deep_colour(image):
                return read_tiff(path, options)
            if options.page and image.format in PAGED:
                _turn_to(image, options.page)
            if at_least:
                image.draft(None, at_least)
            if image.width * image.height > MAX_PIXELS:
                raise ImageProblem("too-large", f"It claims {image.width}×{image.height} pixels.")
            with _LARGE if image.width * image.height > LARGE else contextlib.nullcontext():
                if is_deep_png(image, options):
                    return _to_picture(read_deep_png(path, image, options), options)
                image.load()
                ImageOps.exif_transpose(image, in_place=True)  # the other way makes a copy of every image
                return _to_picture(image, options)
    except Image.UnidentifiedImageError as error:
        if _is_tiff(path):
            return read_tiff(path, options)
        raise ImageProblem("not-an-image", "It is none of the formats JPEG, PNG, BMP, GIF, WebP, TIFF.") from error
    except Image.DecompressionBombError as error:
        raise ImageProblem("too-large", "It claims more pixels than any photograph has.") from error
    except ImageProblem:
        raise
    except Exception as error:
        code = "truncated" if "truncated" in str(error).lower() else "unreadable"
        raise ImageProblem(code, f"It cannot be decoded ({str(error)[:120] or type(error).__name__}).") from error


def _turn_to(image: Image.Image, page: int) -> None:
    pages = getattr(image, "n_frames", 1)
    if page >= pages:
        raise no_such_page(pages, page)
    image.seek(page)


def _is_deep_colour(image: Image.Image) -> bool:
    """A TIFF of more than 8 bits a channel, of which Pillow would only keep the upper 8."""
    if image.format != "TIFF" or image.mode not in {"RGB", "RGBA", "RGBX", "CMYK"}:
        return False
    bits = getattr(image, "tag_v2", {}).get(BITS_PER_SAMPLE, (8,))
    return max(bits if isinstance(bits, tuple) else (bits,)) > 8


def _is_tiff(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}


def _to_picture(image: Image.Image, options: ImageOptions) -> Image.Image:
    """``L`` or ``RGB``; transparency over the background, deeper images by the options' scaling."""
    mode = image.mode
    if mode in {"L", "RGB"} and "transparency" not in image.info:
        return image
    if mode.startswith("I;16") or mode in {"I", "F"}:
        natural = None if mode == "F" else (0.0, 65535.0)
        return Image.fromarray(to_8_bits(np.asarray(image), options, natural), "L")
    if mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in image.info:
        layered = image.convert("RGBA")
        colour = (GREY_LEVEL,) * 3 if options.background == "grey" else options.background
        ground = Image.new("RGBA", layered.size, colour)
        ground.alpha_composite(layered)
        return ground.convert("L" if mode in {"LA", "La"} else "RGB")
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


def load_for_model(
    path: Path, width: int, height: int, channels: int, fit: Fit, options: ImageOptions = NO_OPTIONS
) -> np.ndarray:
    """``open_image`` and ``fit_image`` in one; see there for the result and what is raised.

    A large JPEG is decoded at the smallest of its own reduced sizes that is no smaller than what is wanted.
    """
    return fit_image(open_image(path, (width, height), options), width, height, channels, fit)
