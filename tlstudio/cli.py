"""The command line: the headless twin of the window, on the same jobs.

Standard output carries the answer (with ``--json``: exactly one JSON object), standard error all that is
for people. Exit codes: 0 done; 1 the job failed; 2 the call or its input is bad; 130 interrupted.
"""

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, get_args

import msgspec
import typer

from tlstudio.core import events, requests
from tlstudio.core.errors import TLStudioError
from tlstudio.core.plan import TrainingPlan

VERBS = {"inspect", "scan", "train", "evaluate", "predict", "demo", "doctor", "library"}

DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")

GroupOption = Annotated[
    str,
    typer.Option("--group-by", help="Images that stay together: folder, or a regular expression on their names."),
]
LevelOption = Annotated[int, typer.Option("--class-level", help="Which folder below the dataset names the class.")]
ColumnsOption = Annotated[
    str, typer.Option("--table-columns", help="Of a table: path=…,label=…,part=…,group=…, where they aren't found.")
]
ArchitectureOption = Annotated[
    str,
    typer.Option("--architecture", help="Of bare weights: a network of the catalogue, or a file that describes it."),
]
InputSizeOption = Annotated[
    str, typer.Option("--input-size", help="HEIGHTxWIDTH, for a network that takes any size.")
]
OutputOption = Annotated[str, typer.Option("--output", help="The layer whose output is used.")]
ReplaceOption = Annotated[
    list[str] | None, typer.Option("--replace", help="LAYER=KIND: what stands in for a Lambda layer; repeatable.")
]

app = typer.Typer(add_completion=False, no_args_is_help=False, rich_markup_mode=None, pretty_exceptions_enable=False)

FitOption = Annotated[
    str, typer.Option("--fit", help="crop, pad or stretch; unless given, a run's own, and stretch for a model file.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
PreprocessOption = Annotated[
    str, typer.Option("--preprocess", help="Pixel values: auto, raw, unit, symmetric, imagenet, caffe or bgr.")
]


def main(argv: list[str] | None = None) -> int:
    """Run the program; returns its exit code. Without a verb the window opens."""
    arguments = sys.argv[1:] if argv is None else argv
    is_debug = "--debug" in arguments
    arguments = [a for a in arguments if a != "--debug"]
    try:
        if not _is_headless(arguments):
            return _open_window(arguments)
        result = app(args=arguments, prog_name="tlstudio", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except TLStudioError as error:
        return _fail(str(error), error.exit_code, is_debug)
    except typer.Exit as done:
        return done.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return _fail("interrupted", 130, is_debug)
    except Exception as error:
        if is_debug:
            raise
        if isinstance(error, _usage_errors()):
            return _fail(f"{error.format_message()} Try “tlstudio --help”.", 2, is_debug)  # type: ignore[attr-defined]
        detail = f"{type(error).__name__}: {error}".splitlines()[0]
        return _fail(str(TLStudioError("internal", detail=detail)), 1, is_debug)


def _usage_errors() -> tuple[type[Exception], ...]:
    """What a wrong call raises: typer brings its own copy of click, or uses the installed one."""
    kinds: list[type[Exception]] = []
    for name in ("click", "typer._click.exceptions"):
        try:
            kinds.append(importlib.import_module(name).ClickException)
        except ImportError:
            continue
    return tuple(kinds)


def _is_headless(arguments: list[str]) -> bool:
    return any(a in VERBS or a in {"--help", "-h", "--version"} for a in arguments[:1])


def _open_window(arguments: list[str]) -> int:
    run_job: Callable[..., None] | None = None
    if "--inline" in arguments:
        from tlstudio.engine import jobs

        run_job = jobs.run_job
        arguments = [a for a in arguments if a != "--inline"]
    for before, argument in pairwise(["", *arguments]):
        is_value = before in {"--language", "--platform", "-platform"}
        if not argument.startswith("-") and not is_value and not Path(argument).exists():
            raise TLStudioError("path_missing", path=argument)
    if sys.platform == "linux" and not any(os.environ.get(name) for name in DISPLAYS):
        # Qt would abort the process, with a page on its plugins.
        raise TLStudioError("window_unavailable", detail="there is no display")
    try:
        from tlstudio.desktop.application import main as open_window
    except ImportError as error:
        raise TLStudioError("window_unavailable", detail=str(error)) from error
    return open_window(["tlstudio", *arguments], run_job)


def _fail(message: str, code: int, is_debug: bool) -> int:
    if is_debug:
        import traceback

        traceback.print_exc()
    sys.stderr.write(f"error: {message}\n")
    return code


def _answer(value: Any, as_json: bool, text: str) -> None:
    """Print the answer: JSON for scripts, words for people."""
    if as_json:
        sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    else:
        sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _version(wanted: bool) -> None:
    if wanted:
        import tlstudio

        sys.stdout.write(f"TLStudio {tlstudio.__version__}\n")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Transfer learning of image classifiers. Without a verb the window opens: tlstudio [PATH]."""


@app.command()
def inspect(
    model: Path,
    architecture: ArchitectureOption = "",
    input_size: InputSizeOption = "",
    output: OutputOption = "",
    replace: ReplaceOption = None,
    json: JsonOption = False,
) -> None:
    """Show what is in a model file. What cannot be used is shown as far as that goes, with exit code 2."""
    from tlstudio.console import model_text
    from tlstudio.inspecting import inspect_file
    from tlstudio.planning import opening_from

    inspection, problem = inspect_file(model, opening_from(architecture, input_size, output, replace or []))
    _answer(inspection, json, model_text(inspection))
    if problem is not None:
        raise problem


@app.command()
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
    from tlstudio.console import Reporter, dataset_text
    from tlstudio.core.data.scan import scan_folder
    from tlstudio.core.data.split import split_dataset
    from tlstudio.planning import check_fraction, layout_from

    check_fraction(validation_split)
    layout = layout_from(class_level, table_columns)
    with Reporter() as reporter:
        found = scan_folder(
            dataset, None, lambda d, t: reporter.emit(events.Preparing(phase="images", done=d, total=t)), layout
        )
    rows = split_dataset(found, validation_split, seed, group_by).counts()
    answer = {
        "classes": rows,
        "images": found.images,
        "usable": len(found.entries),
        "problems": found.problems,
        "split": found.split,
        "fingerprint": found.fingerprint,
    }
    _answer(answer, json, dataset_text(found, rows))


@app.command()
def train(
    model: Path,
    dataset: Path,
    out: Annotated[Path, typer.Option("--out", help="The run folder to make.")],
    strategy: Annotated[
        str | None, typer.Option(help="auto, features, finetune, lower-features, init or classic.")
    ] = None,
    cut: Annotated[str | None, typer.Option(help="The last layer to keep below the new head.")] = None,
    freeze_below: Annotated[str | None, typer.Option(help="Freeze the layers below this one, free the rest.")] = None,
    freeze: Annotated[list[str] | None, typer.Option(help="Freeze layers by a glob on their paths.")] = None,
    unfreeze: Annotated[list[str] | None, typer.Option(help="Free layers by a glob on their paths.")] = None,
    head: Annotated[str | None, typer.Option(help="keep, none, or hidden sizes such as 256,64.")] = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: float | None = None,
    optimizer: Annotated[str | None, typer.Option(help="sgd, adam, adamw or rmsprop.")] = None,
    patience: int | None = None,
    validation_split: float | None = None,
    augment: Annotated[str | None, typer.Option(help="none, light or strong.")] = None,
    class_weights: Annotated[bool, typer.Option("--class-weights", help="Give rare classes more weight.")] = False,
    seed: int | None = None,
    checkpoint_format: Annotated[str | None, typer.Option(help="keras or hdf5.")] = None,
    preprocess: Annotated[str | None, typer.Option(help="auto, or one of raw, unit, symmetric, …")] = None,
    fit: Annotated[str | None, typer.Option(help="crop, pad or stretch.")] = None,
    page: Annotated[int | None, typer.Option(help="Which page of a file of several, from 1.")] = None,
    scaling: Annotated[
        str | None, typer.Option(help="Of images deeper than 8 bits: full, percentiles, or LOW:HIGH.")
    ] = None,
    group_by: GroupOption = "",
    class_level: LevelOption = 1,
    table_columns: ColumnsOption = "",
    remedy: Annotated[
        str, typer.Option(help="Remedy problems of the images: their codes, separated by commas, or all.")
    ] = "",
    background: Annotated[str | None, typer.Option(help="Under transparency: white, black or grey.")] = None,
    architecture: ArchitectureOption = "",
    input_size: InputSizeOption = "",
    output: OutputOption = "",
    replace: ReplaceOption = None,
    plan: Annotated[Path | None, typer.Option(help="A training plan as JSON; other options override it.")] = None,
    json: JsonOption = False,
) -> int:
    """Train a new classifier on a trained model."""
    from tlstudio.core.data.options import Layout
    from tlstudio.planning import Choices, images_from, layout_from, opening_from, plan_from_choices

    layout = layout_from(class_level, table_columns)

    choices = Choices(
        strategy=strategy,
        cut=cut,
        freeze_below=freeze_below,
        freeze=freeze or [],
        unfreeze=unfreeze or [],
        head=head,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        optimizer=optimizer,
        patience=patience,
        validation_split=validation_split,
        augment=augment,
        class_weights=True if class_weights else None,
        seed=seed,
        checkpoint_format=checkpoint_format,
        preprocess=preprocess,
        fit=fit,
        images=images_from(page, scaling, background),
        group_by=group_by or None,
        remedy=remedy,
        layout=layout if layout != Layout() else None,
        opening=opening_from(architecture, input_size, output, replace or []),
    )
    made, remarks = plan_from_choices(model, dataset, choices, plan)
    finished, interrupted = _train(made, out, remarks)
    from tlstudio.console import run_text

    _answer(_untagged(finished), json, run_text(finished))
    return 130 if interrupted else 0


def _train(plan: TrainingPlan, out: Path, remarks: Sequence[str] = ()) -> tuple[events.RunFinished, bool]:
    """Own a run: record its events, commit its checkpoints, write its report."""
    from tlstudio.console import Reporter
    from tlstudio.core.report import write_report
    from tlstudio.core.run_folder import RunRecorder

    run = out.resolve()
    recorder = RunRecorder(run, plan)
    last: events.Event
    try:
        with Reporter() as reporter:
            for remark in remarks:
                reporter.say(f"note: {remark}")

            def emit(event: events.Event) -> None:
                for remark in recorder.handle(event):
                    reporter.emit(remark)
                reporter.emit(event)

            last = reporter.run(requests.Train(plan=plan, run=str(run)), emit)
            interrupted = reporter.was_interrupted
    finally:
        recorder.close()
    if recorder.is_kept:
        write_report(run)
    if isinstance(last, events.RunFinished):
        return last, interrupted
    raise _as_error(last)


@app.command()
def evaluate(
    source: Annotated[Path, typer.Argument(metavar="RUN_OR_MODEL")],
    dataset: Path,
    preprocess: PreprocessOption = "auto",
    fit: FitOption = "",
    architecture: ArchitectureOption = "",
    input_size: InputSizeOption = "",
    output: OutputOption = "",
    replace: ReplaceOption = None,
    json: JsonOption = False,
) -> None:
    """Score a trained classifier on test images."""
    from tlstudio.console import Reporter, score_text
    from tlstudio.planning import opening_from

    opening = opening_from(architecture, input_size, output, replace or [])
    with Reporter() as reporter:
        request = requests.Evaluate(
            source=str(source),
            dataset=str(dataset),
            preprocess=_mode(preprocess),
            opening=opening,
            fit=_fit(fit),
        )
        last = reporter.run(request, reporter.emit)
    if not isinstance(last, events.Evaluated):
        raise _as_error(last)
    _answer(_untagged(last), json, score_text(last))


@app.command()
def predict(
    source: Annotated[Path, typer.Argument(metavar="RUN_OR_MODEL")],
    paths: list[Path],
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the classes to this file, too.")] = None,
    preprocess: PreprocessOption = "auto",
    fit: FitOption = "",
    architecture: ArchitectureOption = "",
    input_size: InputSizeOption = "",
    output: OutputOption = "",
    replace: ReplaceOption = None,
    json: JsonOption = False,
) -> None:
    """Say the classes of images (files or folders)."""
    from tlstudio.console import Reporter, predictions_csv, predictions_text
    from tlstudio.core.files import write_atomically
    from tlstudio.planning import opening_from

    opening = opening_from(architecture, input_size, output, replace or [])
    with Reporter() as reporter:
        request = requests.Predict(
            source=str(source),
            paths=[str(p) for p in paths],
            preprocess=_mode(preprocess),
            opening=opening,
            fit=_fit(fit),
        )
        last = reporter.run(request, reporter.emit)
    if not isinstance(last, events.Predicted):
        raise _as_error(last)
    if csv is not None:
        write_atomically(csv, predictions_csv(last))
    _answer(_untagged(last), json, predictions_text(last))


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", help="The folder to make.")],
    window: Annotated[
        bool, typer.Option("--window", help="Run it in the real window, and keep pictures of it.")
    ] = False,
    json: JsonOption = False,
) -> int:
    """Do the whole job on the sample, no questions asked."""
    from tlstudio.console import run_text
    from tlstudio.core.project import load_project
    from tlstudio.core.resources import sample_project

    project = load_project(sample_project())
    if project.plan is None:
        raise TLStudioError("plan_invalid", path=sample_project(), detail="it has no plan")
    if window:
        from tlstudio.desktop.demo import run_window_demo

        answer = run_window_demo(sample_project(), out.resolve())
        if answer["error"]:
            raise TLStudioError("internal", detail=answer["error"])
        finished = msgspec.convert({"type": "run_finished", **answer["result"]}, events.RunFinished)
        pictures = ", ".join(answer["screenshots"])
        _answer(
            answer["result"] | {"screenshots": answer["screenshots"]},
            json,
            run_text(finished) + f"\nPictures: {pictures}",
        )
        return 0
    finished, interrupted = _train(project.plan, out)
    _answer(_untagged(finished), json, run_text(finished))
    return 130 if interrupted else 0


@app.command()
def library(
    add: Annotated[Path | None, typer.Option("--add", help="Copy this model into the library.")] = None,
    search: Annotated[str, typer.Option("--search", help="Show only what holds every one of these words.")] = "",
    json: JsonOption = False,
) -> None:
    """Show the models on this machine, and where the weights of known networks are or belong."""
    from tlstudio.library_command import add_model, library_text, look_up

    added = add_model(add) if add is not None else None
    answer = look_up(search, added)
    _answer(answer, json, library_text(answer))


@app.command()
def doctor(json: JsonOption = False) -> None:
    """Show versions, devices, memory, disk and libraries."""
    from tlstudio.console import doctor_text
    from tlstudio.doctor import examine

    findings = examine()
    _answer(findings, json, doctor_text(findings))
    if findings["problems"]:
        raise typer.Exit(1)


def _mode(text: str) -> Any:
    from tlstudio.core.data.preprocess import MODES

    if text not in {"auto", *MODES}:
        raise TLStudioError(
            "option_invalid", option="--preprocess", value=text, expected="one of auto, " + ", ".join(MODES)
        )
    return text


def _fit(text: str) -> Any:
    from tlstudio.core.data.options import Fit

    if text and text not in get_args(Fit):
        raise TLStudioError("option_invalid", option="--fit", value=text, expected="crop, pad or stretch")
    return text or None


def _untagged(event: events.Event) -> Any:
    return {name: value for name, value in msgspec.to_builtins(event).items() if name != "type"}


def _as_error(event: events.Event) -> BaseException:
    if isinstance(event, events.JobFailed):
        return TLStudioError(event.code, **event.facts)
    return KeyboardInterrupt()
