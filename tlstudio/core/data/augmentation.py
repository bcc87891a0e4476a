"""How much training images may be changed at random; part of a plan, and plain data."""

from typing import Annotated, Literal

import msgspec

Choice = Literal["none", "light", "strong", "own"]
Most = Annotated[float, msgspec.Meta(ge=0, le=0.9)]


class Augmentation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How much training images may be changed at most; each amount is drawn evenly on both sides of nothing.

    ``rotation`` in degrees. ``shift`` as a share of the width and of the height. ``zoom``: what is seen is
    1 ± ``zoom`` times the image. ``brightness``: pixels times 1 ± the share, so that black stays black.
    ``contrast``: distances from each channel's mean times 1 ± the share. ``flip`` and ``flip_vertical``: half of the
    images are mirrored left to right, and upside down. What comes into the frame is the image, mirrored at its edge.
    """

    rotation: Annotated[float, msgspec.Meta(ge=0, le=180)] = 0.0
    shift: Annotated[float, msgspec.Meta(ge=0, le=0.5)] = 0.0
    zoom: Most = 0.0
    brightness: Most = 0.0
    contrast: Most = 0.0
    flip: bool = False
    flip_vertical: bool = False

    @property
    def is_plain(self) -> bool:
        """Nothing is changed."""
        return self == NONE


NONE = Augmentation()
# No flip in the light one: left and right may be what the classes are about.
LIGHT = Augmentation(rotation=10.8, shift=0.06, zoom=0.08, contrast=0.1)
STRONG = Augmentation(rotation=28.8, shift=0.12, zoom=0.2, contrast=0.3, flip=True)


def of(choice: str, own: Augmentation | None) -> Augmentation:
    """The amounts that a plan's choice stands for; ``own`` are those of the choice of that name."""
    amounts = {"none": NONE, "light": LIGHT, "strong": STRONG, "own": own or NONE}
    if choice not in amounts:
        raise ValueError(f"Expected one of {', '.join(amounts)}. Received: {choice}")
    return amounts[choice]
