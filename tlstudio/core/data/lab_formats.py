"""Images as instruments write them: DICOM, and TIFF files that Pillow does not decode (16-bit colour, floats).

Both are read as numbers and scaled to 8 bits by the plan's options. Sizes are checked before anything is decoded.
"""

from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tlstudio.core.data.image_problem import MAX_PIXELS, ImageProblem, no_such_page
from tlstudio.core.data.options import ImageOptions
from tlstudio.core.data.tone import to_8_bits

DICOM_MARK = 128, b"DICM"  # where the mark stands, behind a preamble (DICOM part 10, section 7.1)
# What a stored image may unpack to, as a multiple of the file: real ones stay below 50, bombs lie beyond 1,000.
MAX_RATIO = 1000


def is_dicom(path: Path) -> bool:
    """By its mark, whatever its name is. False for what can't be read, and for pipes and devices."""
    place, mark = DICOM_MARK
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            file.seek(place)
            return file.read(len(mark)) == mark
    except OSError:
        return False


def read_dicom(path: Path, options: ImageOptions) -> Image.Image:
    """One frame of a DICOM image in mode ``L`` or ``RGB``.

    Values are those of the modality (rescale slope and intercept applied); ``full`` is the file's own first window,
    or the range of its stored bits. MONOCHROME1 is turned so that more is brighter.

    Raises ``ImageProblem``.
    """
    import pydicom  # half a second to load, and few have such files
    from pydicom.pixels import apply_modality_lut

    try:
        data = pydicom.dcmread(path)
        rows, columns, frames = int(data.Rows), int(data.Columns), int(getattr(data, "NumberOfFrames", 1) or 1)
        _check_size(rows * columns * frames * int(getattr(data, "SamplesPerPixel", 1)), path)
        if options.page >= frames:
            raise ImageProblem(
                "no-such-page", f"It has {frames} frame(s), and number {options.page + 1} is asked for."
            )
        pixels: np.ndarray = data.pixel_array
        if frames > 1:
            pixels = pixels[options.page]
        if pixels.ndim == 3:
            return Image.fromarray(to_8_bits(pixels, options, (0.0, float(2 ** int(data.BitsStored) - 1))), "RGB")
        values = np.asarray(apply_modality_lut(pixels, data), np.float64)
        picture = to_8_bits(values, options, _window(data) or _stored_range(data))
    except ImageProblem:
        raise
    except Exception as error:  # pydicom raises whatever the file's errors lead to
        raise ImageProblem("unreadable", f"The DICOM file cannot be decoded ({_first_line(error)}).") from error
    if str(getattr(data, "PhotometricInterpretation", "")) == "MONOCHROME1":
        picture = 255 - picture
    return Image.fromarray(picture, "L")


def _window(data: Any) -> tuple[float, float] | None:
    """The file's first window as (low, high); the linear function of DICOM part 3, C.11.2.1.2."""
    centre, width = getattr(data, "WindowCenter", None), getattr(data, "WindowWidth", None)
    if centre is None or width is None:
        return None
    centre = float(centre[0] if hasattr(centre, "__len__") and not isinstance(centre, str) else centre)
    width = float(width[0] if hasattr(width, "__len__") and not isinstance(width, str) else width)
    return (centre - 0.5 - (width - 1) / 2, centre - 0.5 + (width - 1) / 2) if width > 1 else None


def _stored_range(data: Any) -> tuple[float, float]:
    bits, is_signed = int(data.BitsStored), int(getattr(data, "PixelRepresentation", 0))
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if is_signed else (0, 2**bits - 1)
    slope, intercept = float(getattr(data, "RescaleSlope", 1) or 1), float(getattr(data, "RescaleIntercept", 0) or 0)
    ends = (low * slope + intercept, high * slope + intercept)
    return min(ends), max(ends)


def read_tiff(path: Path, options: ImageOptions) -> Image.Image:
    """One page of a TIFF file in mode ``L`` or ``RGB``: grey, colour, or the first three of more channels.

    Raises ``ImageProblem``.
    """
    import tifffile

    try:
        with tifffile.TiffFile(path) as file:
            if options.page >= len(file.pages):
                raise no_such_page(len(file.pages), options.page)
            page = file.pages[options.page]
            _check_size(prod(page.shape), path, page.dtype.itemsize if page.dtype is not None else 1)
            values = page.asarray()
            if page.axes.startswith("S") and values.ndim == 3:
                values = np.moveaxis(values, 0, -1)
    except ImageProblem:
        raise
    except Exception as error:  # tifffile raises whatever the file's errors lead to
        raise ImageProblem("unreadable", f"The TIFF file cannot be decoded ({_first_line(error)}).") from error
    values = np.squeeze(values)
    if values.ndim == 3 and values.shape[-1] == 2:
        values = values[..., 0]  # grey and alpha
    if values.ndim not in {2, 3} or (values.ndim == 3 and values.shape[-1] < 3):
        raise ImageProblem("unreadable", f"A page of shape {values.shape} is not a picture.")
    natural = None if values.dtype.kind == "f" else _type_range(values.dtype)
    picture = to_8_bits(values[..., :3] if values.ndim == 3 else values, options, natural)
    return Image.fromarray(picture, "RGB" if picture.ndim == 3 else "L")


def _type_range(dtype: np.dtype) -> tuple[float, float]:
    if dtype.kind == "b":
        return 0.0, 1.0
    limits = np.iinfo(dtype)
    return float(limits.min), float(limits.max)


def _check_size(values: int, path: Path, bytes_each: int = 2) -> None:
    if values > MAX_PIXELS or values * bytes_each > MAX_RATIO * max(path.stat().st_size, 1):
        raise ImageProblem("too-large", f"It claims {values} values in a file of {path.stat().st_size} bytes.")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]
