"""Verbs that look: at a model, a dataset, the library, the machine. None of them runs a network."""

from pathlib import Path
from typing import Annotated

import typer

from tlstudio.commands.answering import answer
from tlstudio.commands.options import ColumnsOption, GroupOption, JsonOption, LevelOption, gathers, opening_options
from tlstudio.core import events
from tlstudio.core.model.opening import Opening


@gathers(opening=opening_options)
def inspect(model: Path, opening: Opening, json: JsonOption = False) -> None:
    """Show what is in a model file. What cannot be used is shown as far as that goes, with exit code 2."""
    from tlstudio.console import model_text
    from tlstudio.inspecting import inspect_file

    inspection, problem = inspect_file(model, opening)
    answer(inspection, json, model_text(inspection))
    if problem is not None:
        raise problem


def scan(
    dataset: Path,
    validation_split: Annotated[float, typer.Option(help="Share of training images kept to validate.")] = 0.1,
    seed: int = 0,
    group_by: GroupOption = "",
    class_level: LevelOption = 1,
    table_columns: ColumnsOption = "",
    json: JsonOption = False,
) -> None:
    """Show what is in an image folder."""
    from tlstudio.commands.parsing import check_fraction, layout_from
    from tlstudio.console import Reporter, dataset_text
    from tlstudio.core.data.scan import scan_folder
    from tlstudio.core.data.split import split_dataset

    check_fraction(validation_split)
    layout = layout_from(class_level, table_columns)
    with Reporter() as reporter:
        found = scan_folder(
            dataset, None, lambda d, t: reporter.emit(events.Preparing(phase="images", done=d, total=t)), layout
        )
    rows = split_dataset(found, validation_split, seed, group_by).counts()
    counts = {
        "classes": rows,
        "images": found.images,
        "usable": len(found.entries),
        "problems": found.problems,
        "split": found.split,
        "fingerprint": found.fingerprint,
    }
    answer(counts, json, dataset_text(found, rows))


def library(
    add: Annotated[Path | None, typer.Option("--add", help="Copy this model into the library.")] = None,
    search: Annotated[str, typer.Option("--search", help="Show only what holds every one of these words.")] = "",
    json: JsonOption = False,
) -> None:
    """Show the models on this machine, and where the weights of known networks are or belong."""
    from tlstudio.library_command import add_model, library_text, look_up

    added = add_model(add) if add is not None else None
    found = look_up(search, added)
    answer(found, json, library_text(found))


def doctor(json: JsonOption = False) -> None:
    """Show versions, devices, memory, disk and libraries."""
    from tlstudio.console import doctor_text
    from tlstudio.doctor import examine

    findings = examine()
    answer(findings, json, doctor_text(findings))
    if findings["problems"]:
        raise typer.Exit(1)
