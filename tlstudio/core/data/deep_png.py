"""PNG images of 16 bits a channel in colour or with transparency, of which Pillow by itself keeps the upper 8 bits.

Pillow can be told to unpack the lower 8 bits instead, so all of its decoding (filters, interlacing, checks) is used
twice, and the halves are put together: 2.5 times as long as once, and exact. Libraries that give the 16 bits at once
are 25 MB and more.
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageFile, ImageOps

from tlstudio.core.data.image_problem import MAX_PIXELS, ImageProblem
from tlstudio.core.data.options import ImageOptions
from tlstudio.core.data.tone import to_8_bits

# How Pillow unpacks such images (PNG's colour types 2, 6 and 4), and the other ways to unpack the same bytes.
_UPPER_LOWER = {"RGB;16B": ("RGB;16B", "RGB;16L"), "RGBA;16B": ("RGBA;16B", "RGBA;16L")}
_GREY = "LA;16B"


def is_deep_png(image: Image.Image, options: ImageOptions) -> bool:
    """An opened, not yet decoded image whose lower bits matter: for a scaling that is chosen, or since one colour of
    16 bits stands for transparency."""
    return (
        image.format == "PNG"
        and _packing(image) in {*_UPPER_LOWER, _GREY}
        and (options.scaling != "full" or "transparency" in image.info)
    )


def read_deep_png(path: Path, packing_of: Image.Image, options: ImageOptions) -> Image.Image:
    """The image in mode ``RGB`` or ``RGBA``, upright. ``packing_of``: the same file, opened.

    Raises ``ImageProblem`` (``too-large``), and what Pillow raises.
    """
    packing = _packing(packing_of)
    if packing_of.width * packing_of.height * len(packing.partition(";")[0]) > MAX_PIXELS:
        raise ImageProblem("too-large", f"It claims {packing_of.width}×{packing_of.height} pixels of 16 bits.")
    if packing == _GREY:
        bytes_ = _unpacked(path, "RGBA").astype(np.uint16)  # the four bytes of grey and alpha
        grey, alpha = bytes_[..., 0] << 8 | bytes_[..., 1], bytes_[..., 2].astype(np.uint8)
        values = np.repeat(grey[..., np.newaxis], 3, axis=-1)
        return _picture(values, alpha, options)
    upper, lower = (_unpacked(path, way) for way in _UPPER_LOWER[packing])
    values = upper[..., :3].astype(np.uint16) << 8 | lower[..., :3]
    clear = packing_of.info.get("transparency")
    if upper.shape[-1] == 4:
        return _picture(values, upper[..., 3], options)
    if isinstance(clear, tuple):
        return _picture(values, np.where((values == clear).all(axis=-1), 0, 255).astype(np.uint8), options)
    return _picture(values, None, options)


def _packing(image: Image.Image) -> str:
    tiles = image.tile if isinstance(image, ImageFile.ImageFile) else []
    return str(tiles[0].args) if len(tiles) == 1 else ""


def _unpacked(path: Path, way: str) -> np.ndarray:
    with Image.open(path, formats=("PNG",)) as image:
        assert isinstance(image, ImageFile.ImageFile)
        image.tile = [image.tile[0]._replace(args=way)]
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        return np.asarray(image)


def _picture(values: np.ndarray, alpha: np.ndarray | None, options: ImageOptions) -> Image.Image:
    picture = to_8_bits(values, options, (0.0, 65535.0))
    if alpha is None:
        return Image.fromarray(picture, "RGB")
    return Image.fromarray(np.dstack([picture, alpha]), "RGBA")
