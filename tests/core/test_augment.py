"""Random changes of training images: repeatable to the bit, and never beyond the amounts."""

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.core.data.augment import LIGHT, NONE, STRONG, Augmentation, augmented, of

SIDE = 64
EVERYTHING = Augmentation(
    rotation=180, shift=0.5, zoom=0.9, brightness=0.9, contrast=0.9, flip=True, flip_vertical=True
)
counts = st.integers(0, 2**31)


def picture(height: int = SIDE, width: int = SIDE, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, (height, width, channels), dtype=np.uint8)


def dot(x: int, y: int, height: int = 80, width: int = 120) -> np.ndarray:
    """A bright spot of 3 by 3 pixels on black."""
    pixels = np.zeros((height, width, 1), np.uint8)
    pixels[y - 1 : y + 2, x - 1 : x + 2] = 255
    return pixels


def place_of(pixels: np.ndarray) -> tuple[float, float]:
    weights = pixels[..., 0].astype(float)
    ys, xs = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    return float((weights * xs).sum() / weights.sum()), float((weights * ys).sum() / weights.sum())


@given(seed=counts, view=counts, image=counts)
def test_that_the_same_arguments_give_the_same_bits(seed: int, view: int, image: int) -> None:
    once = augmented(picture(), EVERYTHING, seed, view, image)
    assert once.tobytes() == augmented(picture(), EVERYTHING, seed, view, image).tobytes()
    assert once.dtype == np.uint8


def test_that_threads_and_their_order_change_nothing() -> None:
    pixels = picture()
    alone = [augmented(pixels, STRONG, 1, 2, image).tobytes() for image in range(40)]
    with ThreadPoolExecutor(4) as pool:
        backwards = list(pool.map(lambda image: augmented(pixels, STRONG, 1, 2, image).tobytes(), range(39, -1, -1)))
    assert backwards[::-1] == alone


def test_that_the_bits_are_those_of_every_machine() -> None:
    """The sums were written down once; a change of them changes runs that are resumed."""
    sums = [
        hashlib.sha256(augmented(picture(channels=channels), EVERYTHING, 3, 5, 8).tobytes()).hexdigest()[:12]
        for channels in (1, 3)
    ]
    assert sums == ["9abd0e7b6fec", "c5be18696d75"]


def test_that_another_seed_view_or_image_gives_other_pixels() -> None:
    numbers = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (-1, 0, 0)]
    assert len({augmented(picture(), LIGHT, *some).tobytes() for some in numbers}) == len(numbers)


def test_that_nothing_to_change_gives_the_image_itself() -> None:
    pixels = picture()
    assert NONE.is_plain and augmented(pixels, NONE, 1, 2, 3) is pixels
    assert not any(some.is_plain for some in (LIGHT, STRONG, Augmentation(flip_vertical=True)))


@given(seed=counts, share=st.floats(0, 0.45))
def test_that_a_shift_stays_within_its_share_of_the_sides(seed: int, share: float) -> None:
    before = place_of(dot(60, 40))
    after = place_of(augmented(dot(60, 40), Augmentation(shift=share), seed, 0, 0))
    assert abs(after[0] - before[0]) <= share * 120 + 0.1
    assert abs(after[1] - before[1]) <= share * 80 + 0.1


@given(seed=counts, degrees=st.floats(1, 180))
def test_that_a_rotation_stays_within_its_degrees_and_is_round_on_oblong_images(seed: int, degrees: float) -> None:
    x, y = place_of(augmented(dot(85, 40), Augmentation(rotation=degrees), seed, 0, 0))
    x, y = x - 59.5, y - 39.5
    assert abs(np.degrees(np.arctan2(y - 0.5, x))) <= degrees + 2
    assert np.hypot(x, y) == pytest.approx(np.hypot(25.5, 0.5), abs=0.5)


@given(seed=counts, share=st.floats(0, 0.9))
def test_that_what_is_seen_is_zoomed_within_its_share(seed: int, share: float) -> None:
    pixels = np.zeros((SIDE, SIDE, 1), np.uint8)
    pixels[28:36, 28:36] = 200
    side = np.sqrt(augmented(pixels, Augmentation(zoom=share), seed, 0, 0).sum() / 200)
    if side < SIDE - 1 and 32 / (1 + share) > 20:  # else the mirror images of the square show, too
        assert 8 / (1 + share) - 0.5 <= side <= 8 / (1 - share) + 0.5


@given(seed=counts, share=st.floats(0, 0.9))
def test_that_brightness_and_contrast_stay_within_their_shares(seed: int, share: float) -> None:
    pixels = np.full((8, 8, 3), 100, np.uint8)
    bright = augmented(pixels, Augmentation(brightness=share), seed, 0, 0)
    assert 100 * (1 - share) - 0.5 <= bright.min() == bright.max() <= min(255, 100 * (1 + share) + 0.5)
    pixels[:4], pixels[4:] = 80, 120
    duller = augmented(pixels, Augmentation(contrast=share), seed, 0, 0)
    assert abs(int(duller.mean()) - 100) <= 1
    assert 40 * (1 - share) - 1 <= int(duller[7, 0, 0]) - int(duller[0, 0, 0]) <= 40 * (1 + share) + 1


def test_that_the_whole_range_of_each_amount_is_drawn() -> None:
    most = Augmentation(shift=0.25)
    places = [place_of(augmented(dot(60, 40), most, 0, 0, image)) for image in range(400)]
    for axis, side, middle in ((0, 120, 60), (1, 80, 40)):
        moved = np.array([place[axis] for place in places]) - middle
        assert moved.min() < -0.24 * side and moved.max() > 0.24 * side
        assert abs(moved.mean()) < 0.02 * side


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_that_half_of_the_images_are_mirrored_and_exactly_so(channels: int) -> None:
    pixels = picture(16, 24, channels)
    for most, mirrored in (
        (Augmentation(flip=True), pixels[:, ::-1]),
        (Augmentation(flip_vertical=True), pixels[::-1]),
    ):
        made = [augmented(pixels, most, 0, 0, image) for image in range(1000)]
        count = sum(np.array_equal(some, mirrored) for some in made)
        assert 440 < count < 560
        assert all(np.array_equal(some, pixels) or np.array_equal(some, mirrored) for some in made)


def test_that_left_and_right_are_never_exchanged_lightly() -> None:
    pixels = np.zeros((32, 32, 1), np.uint8)
    pixels[:, 20:] = 255
    assert all(
        augmented(pixels, LIGHT, 0, 0, image)[:, 26:].mean() > augmented(pixels, LIGHT, 0, 0, image)[:, :6].mean()
        for image in range(200)
    )


@given(height=st.integers(1, 40), width=st.integers(1, 40), channels=st.integers(1, 5), seed=counts)
def test_that_every_shape_is_kept_and_nothing_black_comes_in_from_outside(
    height: int, width: int, channels: int, seed: int
) -> None:
    bright = np.full((height, width, channels), 200, np.uint8)
    moved = augmented(bright, Augmentation(rotation=180, shift=0.5, zoom=0.9, flip=True), seed, 0, 0)
    assert moved.shape == bright.shape
    assert np.abs(moved.astype(int) - 200).max() <= 1


def test_that_a_channel_changes_as_it_does_alone() -> None:
    pixels = picture(channels=3)
    together = augmented(pixels, EVERYTHING, 1, 2, 3)
    assert np.array_equal(together[..., 1:2], augmented(pixels[..., 1:2], EVERYTHING, 1, 2, 3))


def test_that_a_plan_choice_stands_for_its_amounts() -> None:
    own = Augmentation(zoom=0.3)
    assert [of(choice, own) for choice in ("none", "light", "strong", "own")] == [NONE, LIGHT, STRONG, own]
    assert of("own", None) is NONE
    with pytest.raises(ValueError, match="medium"):
        of("medium", None)


def test_that_the_amounts_of_a_plan_are_read_without_pillow_and_numpy() -> None:
    """The window starts without them."""
    program = (
        "import sys, tlstudio.core.plan, tlstudio.core.data.augmentation;"
        "print(sorted({'PIL', 'numpy'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
