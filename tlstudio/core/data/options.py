"""What a person may say of a dataset where it leaves something open; part of a plan, and plain data."""

from typing import Annotated, Literal

import msgspec

Fit = Literal["crop", "pad", "stretch"]
Scaling = Literal["full", "percentiles", "window"]
Background = Literal["white", "black", "grey"]
GREY_LEVEL = 128
Share = Annotated[float, msgspec.Meta(ge=0, le=100)]


class ImageOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``page``: which one of a file of several, from 0. ``background``: what lies under transparency.

    ``scaling`` of images deeper than 8 bits: ``full``, the whole range that the file's type can hold (a DICOM file's
    own window, floats from their smallest to their largest value); ``percentiles`` of each image's own values;
    ``window``, from ``low`` to ``high`` in the file's own units, the same for all images.
    """

    page: Annotated[int, msgspec.Meta(ge=0)] = 0
    scaling: Scaling = "full"
    percentiles: tuple[Share, Share] = (1.0, 99.0)
    low: float = 0.0
    high: float = 65535.0
    background: Background = "white"


class DatasetEdits(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a person changed of a dataset, by image name: images that are left out, that get another class, and that
    go to another part (``train``, ``validation``, ``test``)."""

    leave_out: tuple[str, ...] = ()
    relabel: dict[str, str] = {}
    move: dict[str, str] = {}


class Columns(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Names of the columns of a table of images, as a person chose them; empty ones are found."""

    path: str = ""
    label: str = ""
    part: str = ""
    group: str = ""


class Layout(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``class_level``: which folder below the dataset (or below ``train`` and its kin) names the class, from 1.
    ``columns``: those of a table, where its own words don't tell them."""

    class_level: Annotated[int, msgspec.Meta(ge=1, le=20)] = 1
    columns: Columns = Columns()
