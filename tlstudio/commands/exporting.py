"""The verbs that hand on what a run has brought: its classifier in another program's format, and its report."""

from pathlib import Path
from typing import Annotated, Any, cast

import typer

from tlstudio.commands.answering import answer, as_error, untagged
from tlstudio.commands.options import JsonOption, PreprocessOption, gathers, mode_from, opening_options
from tlstudio.core import events, requests
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.opening import Opening


@gathers(opening=opening_options)
def export(
    source: Annotated[Path, typer.Argument(metavar="RUN_OR_MODEL")],
    opening: Opening,
    format: Annotated[str, typer.Option("--format", help="keras, hdf5, savedmodel, tflite or onnx.")],
    out: Annotated[Path, typer.Option("--out", help="The file to make; of savedmodel, the folder.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier export of that name.")] = False,
    preprocess: PreprocessOption = "auto",
    json: JsonOption = False,
) -> None:
    """Write a trained classifier that takes pixels as they are, 0 to 255; it is loaded again and compared."""
    from tlstudio.console import Reporter, export_text
    from tlstudio.core.export import FORMATS

    if format not in FORMATS:
        raise TLStudioError(
            "option_invalid", option="--format", value=format, expected="one of " + ", ".join(FORMATS)
        )
    with Reporter() as reporter:
        request = requests.Export(
            source=str(source),
            format=cast(Any, format),
            out=str(out),
            overwrites=overwrite,
            preprocess=mode_from(preprocess),
            opening=opening,
        )
        last = reporter.run(request, reporter.emit)
    if not isinstance(last, events.Exported):
        raise as_error(last)
    answer(untagged(last), json, export_text(last))


def report(
    run: Annotated[Path, typer.Argument(metavar="RUN")],
    out: Annotated[Path | None, typer.Option("--out", help="The file to make, instead of the run's own.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier report of that name.")] = False,
    json: JsonOption = False,
) -> None:
    """Write the report of a run: one HTML file that stands by itself."""
    from tlstudio.core.report import write_report

    if out is not None and out.exists() and not overwrite:
        raise TLStudioError("export_exists", path=out)
    path = write_report(run.absolute(), out and out.absolute())
    answer({"report": str(path)}, json, str(path))
