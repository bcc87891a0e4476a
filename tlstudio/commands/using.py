"""Verbs that use a trained classifier."""

from pathlib import Path
from typing import Annotated

import typer

from tlstudio.commands.answering import answer, as_error, untagged
from tlstudio.commands.options import (
    FitOption,
    JsonOption,
    PreprocessOption,
    fit_from,
    gathers,
    mode_from,
    opening_options,
)
from tlstudio.core import events, requests
from tlstudio.core.model.opening import Opening


@gathers(opening=opening_options)
def evaluate(
    source: Annotated[Path, typer.Argument(metavar="RUN_OR_MODEL")],
    dataset: Path,
    opening: Opening,
    preprocess: PreprocessOption = "auto",
    fit: FitOption = "",
    json: JsonOption = False,
) -> None:
    """Score a trained classifier on test images."""
    from tlstudio.console import Reporter, score_text

    with Reporter() as reporter:
        request = requests.Evaluate(
            source=str(source),
            dataset=str(dataset),
            preprocess=mode_from(preprocess),
            opening=opening,
            fit=fit_from(fit),
        )
        last = reporter.run(request, reporter.emit)
    if not isinstance(last, events.Evaluated):
        raise as_error(last)
    answer(untagged(last), json, score_text(last))


@gathers(opening=opening_options)
def predict(
    source: Annotated[Path, typer.Argument(metavar="RUN_OR_MODEL")],
    paths: list[Path],
    opening: Opening,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the classes to this file, too.")] = None,
    preprocess: PreprocessOption = "auto",
    fit: FitOption = "",
    json: JsonOption = False,
) -> None:
    """Say the classes of images (files or folders)."""
    from tlstudio.console import Reporter, predictions_csv, predictions_text
    from tlstudio.core.files import write_atomically

    with Reporter() as reporter:
        request = requests.Predict(
            source=str(source),
            paths=[str(path) for path in paths],
            preprocess=mode_from(preprocess),
            opening=opening,
            fit=fit_from(fit),
        )
        last = reporter.run(request, reporter.emit)
    if not isinstance(last, events.Predicted):
        raise as_error(last)
    if csv is not None:
        write_atomically(csv, predictions_csv(last))
    answer(untagged(last), json, predictions_text(last))
