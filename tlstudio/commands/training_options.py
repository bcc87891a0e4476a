"""The options that make a training plan: of ``train``, and of ``find-rate`` on the same network."""

from typing import Annotated, Any

import msgspec
import typer

from tlstudio.commands.options import gathers
from tlstudio.commands.reading_options import reading_options


@gathers(reading=reading_options)
def plan_options(
    reading: Any,
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
    keep: Annotated[
        str | None, typer.Option(help="Which epoch the model is of: the best by validation, or the last.")
    ] = None,
    augment: Annotated[str | None, typer.Option(help="none, light or strong.")] = None,
    views: Annotated[
        int | None, typer.Option(help="Augmented versions of each image to keep; 0: new ones in each epoch.")
    ] = None,
    class_weights: Annotated[bool, typer.Option("--class-weights", help="Give rare classes more weight.")] = False,
    balanced: Annotated[bool, typer.Option("--balanced", help="Draw each class equally often.")] = False,
    checkpoint_format: Annotated[str | None, typer.Option(help="keras or hdf5.")] = None,
) -> Any:
    """The ``Choices`` of ``tlstudio.planning``; ``reading``: those of reading. Raises ``option_invalid``."""
    from tlstudio.commands.parsing import layer_rates_from

    return msgspec.structs.replace(
        reading,
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
        keep=keep,
        augment=augment,
        views=views,
        class_weights=True if class_weights else None,
        balanced=True if balanced else None,
        checkpoint_format=checkpoint_format,
    )
