"""The options that say how model and images are read: of every verb that measures or trains."""

from typing import Annotated, Any

import typer

from tlstudio.commands.options import ColumnsOption, GroupOption, LevelOption, gathers, opening_options
from tlstudio.core.model.opening import Opening


@gathers(opening=opening_options)
def reading_options(
    opening: Opening,
    validation_split: float | None = None,
    seed: int | None = None,
    preprocess: Annotated[str | None, typer.Option(help="auto, or one of raw, unit, symmetric, …")] = None,
    fit: Annotated[str | None, typer.Option(help="crop, pad or stretch.")] = None,
    page: Annotated[int | None, typer.Option(help="Which page of a file of several, from 1.")] = None,
    scaling: Annotated[
        str | None, typer.Option(help="Of images deeper than 8 bits: full, percentiles, or LOW:HIGH.")
    ] = None,
    background: Annotated[str | None, typer.Option(help="Under transparency: white, black or grey.")] = None,
    group_by: GroupOption = "",
    class_level: LevelOption = 1,
    table_columns: ColumnsOption = "",
    remedy: Annotated[
        str, typer.Option(help="Remedy problems of the images: their codes, separated by commas, or all.")
    ] = "",
) -> Any:
    """The ``Choices`` of ``tlstudio.planning`` that say how model and images are read. Raises ``option_invalid``."""
    from tlstudio.commands.parsing import images_from, layout_from
    from tlstudio.core.data.options import Layout
    from tlstudio.planning import Choices

    layout = layout_from(class_level, table_columns)
    return Choices(
        validation_split=validation_split,
        seed=seed,
        preprocess=preprocess,
        fit=fit,
        images=images_from(page, scaling, background),
        group_by=group_by or None,
        remedy=remedy,
        layout=layout if layout != Layout() else None,
        opening=opening,
    )
