"""What is known of one image after looking at it once: its size, its content's hashes, how bright and sharp it is."""

import hashlib
from pathlib import Path

import msgspec
import numpy as np
from PIL import Image, ImageFilter

from tlstudio.core.data.decode import open_image

LOOK = 256  # pixels a side: enough to tell blur, small enough for JPEG's own reduced-size decoding
HASH_SIDE = 16


class ImageFacts(msgspec.Struct, frozen=True, array_like=True):
    """``width`` and ``height`` in pixels, upright; ``digest``: BLAKE2b of the file's bytes, hexadecimal.

    ``look``: a difference hash of 256 bits, hexadecimal: whether each of 16×16 fields is brighter than its right
    neighbour; like pictures have hashes that differ in few bits. ``brightness`` and ``contrast``: mean and deviation
    of grey, 0..255. ``sharpness``: variance of the Laplacian over that of the grey values (Pech-Pacheco 2000).
    """

    width: int
    height: int
    digest: str
    look: str
    brightness: float
    contrast: float
    sharpness: float


def look_at(path: Path) -> ImageFacts:
    """Decode an image, which is the only way to know that all of it is there. Raises ``ImageProblem``."""
    image = open_image(path, (LOOK, LOOK))
    width, height = size_of(path, image)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    grey = image.convert("L")
    grey.thumbnail((LOOK, LOOK), Image.Resampling.BILINEAR, reducing_gap=2.0)
    values = np.asarray(grey, np.float64)
    variance = float(values.var())
    edges = np.asarray(grey.filter(_LAPLACIAN), np.float64)[1:-1, 1:-1] - 128.0 if min(grey.size) > 2 else values * 0
    return ImageFacts(
        width=width,
        height=height,
        digest=digest,
        look=_look_hash(grey),
        brightness=float(values.mean()),
        contrast=float(np.sqrt(variance)),
        sharpness=float(edges.var()) / variance if variance > 0 else 0.0,
    )


# Halved and shifted by 128, so that it stays within 8 bits.
_LAPLACIAN = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=2, offset=128)


def size_of(path: Path, image: Image.Image) -> tuple[int, int]:
    """The file's own width and height, upright; ``image`` may have been decoded at a smaller size."""
    try:
        with Image.open(path) as header:
            width, height = header.size
    except (OSError, Image.DecompressionBombError):
        return image.size  # a kind that Pillow doesn't know, decoded at its full size
    is_turned = (width > height) != (image.width > image.height) and image.width != image.height
    return (height, width) if is_turned else (width, height)


def _look_hash(grey: Image.Image) -> str:
    fields = np.asarray(grey.resize((HASH_SIDE + 1, HASH_SIDE), Image.Resampling.BOX), np.int16)
    return np.packbits(fields[:, :-1] > fields[:, 1:]).tobytes().hex()
