"""From the text of single options to what they mean. Each function raises ``option_invalid`` for what it can't be."""

import math
from typing import Any, get_args

from tlstudio.core.data.options import Background, Columns, Layout
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.opening import Opening


def opening_from(architecture: str, input_size: str, output: str, replace: list[str]) -> Opening:
    """The choices of the command line for a model file that leaves something open. Raises ``option_invalid``."""
    replacements = {}
    for pair in replace:
        layer, found, choice = pair.partition("=")
        if not found or not layer or not choice:
            expected = "write LAYER=KIND, such as lambda_1=symmetric"
            raise TLStudioError("option_invalid", option="--replace", value=pair, expected=expected)
        replacements[layer] = choice
    size = _size_from(input_size) if input_size else None
    return Opening(architecture=architecture, input_size=size, output=output, replacements=replacements)


def layer_rates_from(pairs: list[str]) -> dict[str, float]:
    """Factors on the learning rate by glob. Raises ``option_invalid``."""
    factors = {}
    for pair in pairs:
        pattern, _, text = pair.rpartition("=")
        try:
            factor = float(text)
        except ValueError:
            factor = math.nan
        if not pattern or not 0 <= factor <= 1000:
            expected = "write GLOB=FACTOR, such as block1_*=0.1, with a factor from 0 to 1000"
            raise TLStudioError("option_invalid", option="--layer-rate", value=pair, expected=expected)
        factors[pattern] = factor
    return factors


def layout_from(class_level: int, table_columns: str) -> Layout:
    """How the dataset says which image is of which class. Raises ``option_invalid``."""
    if not 1 <= class_level <= 20:
        raise TLStudioError("option_invalid", option="--class-level", value=class_level, expected="between 1 and 20")
    named = {}
    for pair in filter(None, table_columns.split(",")):
        kind, found, name = pair.partition("=")
        if not found or kind.strip() not in Columns.__struct_fields__:
            expected = f"write KIND=NAME, separated by commas, with the kinds {', '.join(Columns.__struct_fields__)}"
            raise TLStudioError("option_invalid", option="--table-columns", value=pair, expected=expected)
        named[kind.strip()] = name.strip()
    return Layout(class_level=class_level, columns=Columns(**named))


def images_from(page: int | None, scaling: str | None, background: str | None) -> dict[str, Any]:
    """What was said of deep, many-paged and transparent images, as fields of ``ImageOptions``.

    Raises ``option_invalid``.
    """
    fields: dict[str, Any] = {}
    if page is not None:
        if page < 1:
            raise TLStudioError("option_invalid", option="--page", value=page, expected="at least 1")
        fields["page"] = page - 1
    if background is not None:
        if background not in get_args(Background):
            expected = "choose " + " or ".join(get_args(Background))
            raise TLStudioError("option_invalid", option="--background", value=background, expected=expected)
        fields["background"] = background
    if scaling in {"full", "percentiles"}:
        fields["scaling"] = scaling
    elif scaling is not None:
        fields |= {"scaling": "window"} | dict(zip(("low", "high"), _window_from(scaling), strict=True))
    return fields


def _window_from(text: str) -> tuple[float, float]:
    low, found, high = text.partition(":")
    try:
        window = float(low), float(high)
    except ValueError:
        window = (0.0, 0.0)
    if not found or not -math.inf < window[0] < window[1] < math.inf:
        expected = "choose full or percentiles, or write LOW:HIGH in the file's units, such as 0:4095"
        raise TLStudioError("option_invalid", option="--scaling", value=text, expected=expected)
    return window


def _size_from(text: str) -> tuple[int, int]:
    sides = text.lower().replace("×", "x").split("x")
    if len(sides) == 1:
        sides *= 2
    if len(sides) == 2 and all(side.strip().isdigit() and 1 <= int(side) <= 8192 for side in sides):
        return int(sides[0]), int(sides[1])
    expected = "write HEIGHTxWIDTH in pixels, such as 224x224"
    raise TLStudioError("option_invalid", option="--input-size", value=text, expected=expected)


def check_fraction(value: float | None) -> None:
    """Raises ``option_invalid`` for a validation split that leaves nothing to train or nothing to validate."""
    if value is not None and not 0 < value < 0.9:
        expected = "above 0 and below 0.9"
        raise TLStudioError("option_invalid", option="--validation-split", value=value, expected=expected)
