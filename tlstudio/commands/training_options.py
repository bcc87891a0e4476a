"""The options that make a training plan: of ``train``, and of ``find-rate`` on the same network."""

from typing import Annotated, Any

import typer

from tlstudio.commands.options import ColumnsOption, GroupOption, LevelOption, gathers, opening_options
from tlstudio.core.model.opening import Opening


@gathers(opening=opening_options)
def plan_options(
    opening: Opening,
    strategy: Annotated[
        str | None, typer.Option(help="auto, features, finetune, lower-features, init or classic.")
    ] = None,
    cut: Annotated[str | None, typer.Option(help="The last layer to keep below the new head.")] = None,
    also: Annotated[
        list[str] | None,
        typer.Option(metavar="LAYER", help="Give the head this layer's features beside the cut's; repeatable."),
    ] = None,
    freeze_below: Annotated[str | None, typer.Option(help="Freeze the layers below this one, free the rest.")] = None,
    freeze: Annotated[list[str] | None, typer.Option(help="Freeze layers by a glob on their paths.")] = None,
    unfreeze: Annotated[list[str] | None, typer.Option(help="Free layers by a glob on their paths.")] = None,
    head: Annotated[str | None, typer.Option(help="keep, none, or hidden sizes such as 256,64.")] = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    accumulate: Annotated[
        int | None, typer.Option(help="Parts that a batch goes through the network in, to need less memory.")
    ] = None,
    learning_rate: float | None = None,
    layer_rates: Annotated[
        str | None, typer.Option(help="Rates over the layers that train: flat, rising (lower layers less) or upper.")
    ] = None,
    layer_rate: Annotated[
        list[str] | None, typer.Option(help="GLOB=FACTOR on the rate of layers; repeatable.")
    ] = None,
    schedule: Annotated[str | None, typer.Option(help="How the rate moves: constant, cosine or plateau.")] = None,
    warmup: Annotated[float | None, typer.Option(help="Epochs in which the rate rises to its full size.")] = None,
    optimizer: Annotated[str | None, typer.Option(help="sgd, adam, adamw or rmsprop.")] = None,
    weight_decay: Annotated[float | None, typer.Option(help="Decoupled, as in AdamW.")] = None,
    label_smoothing: Annotated[
        float | None, typer.Option(help="Share that is spread over the other classes.")
    ] = None,
    solver: Annotated[
        str | None, typer.Option(help="gradient, or logistic: fits a linear head on fixed features at once.")
    ] = None,
    precision: Annotated[str | None, typer.Option(help="float32, or mixed where a GPU gains from it.")] = None,
    patience: int | None = None,
    validation_split: float | None = None,
    augment: Annotated[str | None, typer.Option(help="none, light or strong.")] = None,
    views: Annotated[
        int | None, typer.Option(help="Augmented versions of each image to keep; 0: new ones in each epoch.")
    ] = None,
    class_weights: Annotated[bool, typer.Option("--class-weights", help="Give rare classes more weight.")] = False,
    balanced: Annotated[bool, typer.Option("--balanced", help="Draw each class equally often.")] = False,
    seed: int | None = None,
    checkpoint_format: Annotated[str | None, typer.Option(help="keras or hdf5.")] = None,
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
    """The ``Choices`` of ``tlstudio.planning``. Raises ``option_invalid``."""
    from tlstudio.commands.parsing import images_from, layer_rates_from, layout_from
    from tlstudio.core.data.options import Layout
    from tlstudio.planning import Choices

    layout = layout_from(class_level, table_columns)
    return Choices(
        strategy=strategy,
        cut=cut,
        also=also or [],
        freeze_below=freeze_below,
        freeze=freeze or [],
        unfreeze=unfreeze or [],
        head=head,
        epochs=epochs,
        batch_size=batch_size,
        accumulate=accumulate,
        learning_rate=learning_rate,
        layer_rates=layer_rates,
        layer_rate=layer_rates_from(layer_rate or []),
        schedule=schedule,
        warmup=warmup,
        optimizer=optimizer,
        weight_decay=weight_decay,
        label_smoothing=label_smoothing,
        solver=solver,
        precision=precision,
        patience=patience,
        validation_split=validation_split,
        augment=augment,
        views=views,
        class_weights=True if class_weights else None,
        balanced=True if balanced else None,
        seed=seed,
        checkpoint_format=checkpoint_format,
        preprocess=preprocess,
        fit=fit,
        images=images_from(page, scaling, background),
        group_by=group_by or None,
        remedy=remedy,
        layout=layout if layout != Layout() else None,
        opening=opening,
    )
