"""PNG images of 16 bits a channel: all bits count when a scaling is chosen."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tlstudio.core.data.decode import ImageProblem, open_image
from tlstudio.core.data.options import ImageOptions
from tlstudio.core.data.tone import to_8_bits

ADAM7 = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)  # x, y, steps
COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
PERCENTILES = ImageOptions(scaling="percentiles", percentiles=(5, 95))
WINDOW = ImageOptions(scaling="window", low=1000, high=1255)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def filtered(rows: np.ndarray, step: int) -> bytes:
    """Lines of bytes under PNG's five filters in turn (PNG specification, section 9)."""
    done = bytearray()
    above = np.zeros(rows.shape[1], int)
    for number, row in enumerate(rows.astype(int)):
        left, corner = (np.concatenate([np.zeros(step, int), some[:-step]]) for some in (row, above))
        guess = left + above - corner
        off = [abs(guess - some) for some in (left, above, corner)]
        paeth = np.where((off[0] <= off[1]) & (off[0] <= off[2]), left, np.where(off[1] <= off[2], above, corner))
        kind = number % 5
        predicted = (np.zeros_like(row), left, above, (left + above) // 2, paeth)[kind]
        done += bytes([kind]) + ((row - predicted) % 256).astype(np.uint8).tobytes()
        above = row
    return bytes(done)


def png(
    path: Path, values: np.ndarray, *chunks: bytes, size: tuple[int, int] | None = None, interlaced: bool = False
) -> Path:
    """``values``: uint16 (height, width, channels)."""
    height, width, channels = values.shape
    header = struct.pack(">IIBBBBB", *(size or (width, height)), 16, COLOUR_TYPES[channels], 0, 0, interlaced)
    parts = [values[y::down, x::across] for x, y, across, down in ADAM7] if interlaced else [values]
    lines = [np.frombuffer(part.astype(">u2").tobytes(), np.uint8).reshape(len(part), -1) for part in parts]
    data = chunk(b"IDAT", zlib.compress(b"".join(filtered(rows, 2 * channels) for rows in lines)))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks) + data + chunk(b"IEND", b""))
    return path


def some_values(channels: int, low: int = 900, high: int = 1400) -> np.ndarray:
    """As a camera of 12 bits gives them: between two steps of the upper 8 bits."""
    return np.random.default_rng(0).integers(low, high, (23, 31, channels)).astype(np.uint16)


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("options", [PERCENTILES, WINDOW])
def test_that_a_chosen_scaling_works_on_all_16_bits_of_colour(
    tmp_path: Path, options: ImageOptions, interlaced: bool
) -> None:
    values = some_values(3)
    image = open_image(png(tmp_path / "a.png", values, interlaced=interlaced), options=options)
    assert image.mode == "RGB" and np.array_equal(np.asarray(image), to_8_bits(values, options, None))
    assert len(np.unique(np.asarray(image))) > 200  # the upper 8 bits alone have three values


def test_that_the_whole_range_stays_as_it_was(tmp_path: Path) -> None:
    values = some_values(3, 0, 65536)
    pixels = np.asarray(open_image(png(tmp_path / "a.png", values)))
    assert np.abs(pixels.astype(int) - to_8_bits(values, ImageOptions(), (0, 65535))).max() <= 1


@pytest.mark.parametrize("channels", [2, 4])
def test_that_transparency_lies_over_the_background_after_scaling(tmp_path: Path, channels: int) -> None:
    values = some_values(channels)
    values[..., -1] = 65535
    values[:5, :, -1] = 0
    options = ImageOptions(scaling="window", low=1000, high=1255, background="black")
    pixels = np.asarray(open_image(png(tmp_path / "a.png", values), options=options))
    wanted = to_8_bits(values[..., :-1], options, None)
    wanted[:5] = 0
    assert np.array_equal(pixels, np.broadcast_to(wanted, pixels.shape))


def test_that_one_transparent_colour_is_told_from_its_neighbours_by_all_bits(tmp_path: Path) -> None:
    values = np.full((4, 4, 3), 5000, np.uint16)
    values[1, 1] = (5000, 5001, 5000)
    path = png(tmp_path / "a.png", values, chunk(b"tRNS", struct.pack(">HHH", 5000, 5001, 5000)))
    pixels = np.asarray(open_image(path, options=ImageOptions(background="white")))
    assert (pixels[1, 1] == 255).all() and (np.delete(pixels.reshape(-1, 3), 5, axis=0) == round(5000 / 257)).all()


def test_that_a_turned_image_is_upright(tmp_path: Path) -> None:
    tags = Image.Exif()
    tags[0x0112] = 6  # orientation: turned by 90 degrees
    values = some_values(3)
    path = png(tmp_path / "a.png", values, chunk(b"eXIf", tags.tobytes().removeprefix(b"Exif\0\0")))
    pixels = np.asarray(open_image(path, options=WINDOW))
    assert np.array_equal(pixels, np.rot90(to_8_bits(values, WINDOW, None), -1))


def test_that_a_cut_off_file_and_one_that_claims_too_much_are_told(tmp_path: Path) -> None:
    whole = png(tmp_path / "a.png", some_values(3)).read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ImageProblem) as cut:
        open_image(tmp_path / "cut.png", options=PERCENTILES)
    assert cut.value.code in {"truncated", "unreadable"}
    png(tmp_path / "bomb.png", some_values(3), size=(10_000, 10_000))
    with pytest.raises(ImageProblem) as bomb:
        open_image(tmp_path / "bomb.png", options=PERCENTILES)
    assert bomb.value.code == "too-large"
