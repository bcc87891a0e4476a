"""The command line: the headless twin of the window, on the same jobs.

Standard output carries the answer (with ``--json``: exactly one JSON object), standard error all that is
for people. Exit codes: 0 done; 1 the job failed; 2 the call or its input is bad; 130 interrupted.
"""

import importlib
import os
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer

from tlstudio.commands import advising, exporting, looking, training, using
from tlstudio.core.errors import TLStudioError

COMMANDS: tuple[Callable[..., object], ...] = (
    looking.inspect, looking.scan, advising.recommend, training.train, training.resume, training.find_rate,
    using.evaluate, using.predict, exporting.export, exporting.report, training.demo, looking.library,
    looking.doctor,
)  # fmt: skip
VERBS = {command.__name__.replace("_", "-") for command in COMMANDS}

DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")

app = typer.Typer(add_completion=False, no_args_is_help=False, rich_markup_mode=None, pretty_exceptions_enable=False)
for _command in COMMANDS:
    app.command()(_command)


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
