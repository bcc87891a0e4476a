"""Verbs that train: ``train``, ``resume``, ``demo``; and ``find-rate``, which only tries."""

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from tlstudio.commands.answering import answer, as_error, untagged
from tlstudio.commands.options import JsonOption, gathers
from tlstudio.commands.training_options import plan_options
from tlstudio.core import events, requests
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.plan import TrainingPlan

# Failures that a run would meet again at the same place, since it goes on exactly as it was, or for want of what it
# needs to go on.
HOPELESS = {"run_without_state", "run_inputs_changed", "training_diverged", "frozen_changed"}
SECONDS_TO_WAIT = 60.0  # for memory or disk: a script should hear of it, and can resume the run

PlanOption = Annotated[Path | None, typer.Option(help="A training plan as JSON; other options override it.")]


@gathers(choices=plan_options)
def train(
    model: Path,
    dataset: Path,
    out: Annotated[Path, typer.Option("--out", help="The run folder to make.")],
    choices: Any,
    plan: PlanOption = None,
    json: JsonOption = False,
) -> int:
    """Train a new classifier on a trained model."""
    from tlstudio.core.run_folder import require_new
    from tlstudio.planning import plan_from_choices

    with _folder_for(out.resolve()) as folder:
        require_new(folder)  # measuring for a plan takes minutes
        made = plan_from_choices(model, dataset, choices, plan)
        return _train_and_answer(made.plan, folder, json, remarks=[*made.remarks, *_warnings(made.model, made.plan)])


def _warnings(file: ModelFile, plan: TrainingPlan) -> list[str]:
    """What the linter says against a plan, but for its learning rate: that is the run's own remark."""
    from tlstudio.core.advice.linter import review
    from tlstudio.core.control import Control
    from tlstudio.core.data.remedies import with_edits
    from tlstudio.core.data.scan import scan_folder
    from tlstudio.core.data.split import split_dataset
    from tlstudio.core.strategy import check_plan

    # The job looks at the images again, by their index: 0.3 s for 20,000 that took 22 s the first time.
    dataset = with_edits(scan_folder(Path(plan.dataset), Control(), None, plan.layout), plan.edits)
    check_plan(file, plan, len(dataset.classes))
    split = split_dataset(dataset, plan.validation_split, plan.seed, plan.group_by)
    found = review(file, plan, dataset, split)
    return [x.remark.english for x in found if x.severity == "warning" and x.code != "lint_rate"]


def resume(
    run: Path,
    accumulate: Annotated[
        int | None, typer.Option(help="Parts that a batch goes through the network in, if memory was short.")
    ] = None,
    json: JsonOption = False,
) -> int:
    """Go on with an interrupted run, from its last checkpoint."""
    from tlstudio.core.interrupted import require_resumable

    if accumulate is not None and accumulate < 1:
        raise TLStudioError("option_invalid", option="--accumulate", value=accumulate, expected="at least 1")
    with _folder_for(run.resolve(), resume=True) as folder:
        plan = require_resumable(folder)
        if accumulate is not None:
            plan = msgspec.structs.replace(plan, accumulate=accumulate)
        return _train_and_answer(plan, folder, json, resume=True)


@gathers(choices=plan_options)
def find_rate(model: Path, dataset: Path, choices: Any, plan: PlanOption = None, json: JsonOption = False) -> None:
    """Try learning rates, from tiny to far too large, on what ``train`` would train; nothing of it is kept."""
    from tlstudio.console import Reporter, rates_text
    from tlstudio.planning import plan_from_choices

    made = plan_from_choices(model, dataset, choices, plan)
    with Reporter() as reporter:
        for remark in made.remarks:
            reporter.say(f"note: {remark}")
        last = reporter.run(requests.FindRate(plan=made.plan), reporter.emit)
    if not isinstance(last, events.RatesTried):
        raise as_error(last)
    answer(untagged(last), json, rates_text(last))


def demo(
    out: Annotated[Path, typer.Option("--out", help="The folder to make.")],
    window: Annotated[
        bool, typer.Option("--window", help="Run it in the real window, and keep pictures of it.")
    ] = False,
    json: JsonOption = False,
) -> int:
    """Do the whole job on the sample, no questions asked."""
    from tlstudio.core.project import load_project
    from tlstudio.core.resources import sample_project

    project = load_project(sample_project())
    if project.plan is None:
        raise TLStudioError("plan_invalid", path=sample_project(), detail="it has no plan")
    if window:
        _demo_in_window(sample_project(), out, json)
        return 0
    return _train_and_answer(project.plan, out.resolve(), json)


def _demo_in_window(project: Path, out: Path, json: bool) -> None:
    from tlstudio.console import run_text
    from tlstudio.desktop.demo import run_window_demo

    found = run_window_demo(project, out.resolve())
    if found["error"]:
        raise TLStudioError("internal", detail=found["error"])
    finished = msgspec.convert({"type": "run_finished", **found["result"]}, events.RunFinished)
    pictures = ", ".join(found["screenshots"])
    text = run_text(finished) + f"\nPictures: {pictures}"
    answer(found["result"] | {"screenshots": found["screenshots"]}, json, text)


@contextlib.contextmanager
def _folder_for(run: Path, resume: bool = False) -> Iterator[Path]:
    """The run folder. Where several machines train together (``TF_CONFIG``), one of them writes it; each other one
    has a folder of its own, which goes with it."""
    if not os.environ.get("TF_CONFIG"):
        yield run
        return
    from tlstudio.engine.devices import is_chief

    if is_chief():
        yield run
        return
    with tempfile.TemporaryDirectory(prefix="tlstudio-") as place:
        own = Path(place) / "run"
        if resume and run.is_dir():
            shutil.copytree(run, own)
        yield own


def _train_and_answer(
    plan: TrainingPlan, run: Path, as_json: bool, resume: bool = False, remarks: Sequence[str] = ()
) -> int:
    """Own a run to its end and print its answer; returns the exit code."""
    from tlstudio.console import run_text

    finished, interrupted = _own_run(plan, run, resume, remarks)
    answer(untagged(finished), as_json, run_text(finished))
    return 130 if interrupted else 0


def _own_run(plan: TrainingPlan, run: Path, resume: bool, remarks: Sequence[str]) -> tuple[events.RunFinished, bool]:
    """Record a run's events, commit its checkpoints, write its report."""
    from tlstudio.console import Reporter
    from tlstudio.core.run_folder import RunRecorder

    recorder = RunRecorder(run, plan, resume)
    last: events.Event
    try:
        with Reporter() as reporter:
            for remark in remarks:
                reporter.say(f"note: {remark}")

            def emit(event: events.Event) -> None:
                for remark in recorder.handle(event):
                    reporter.emit(remark)
                reporter.emit(event)

            try:
                last = reporter.run(
                    requests.Train(plan=plan, run=str(run), resume=resume, waits=SECONDS_TO_WAIT), emit
                )
            except KeyboardInterrupt:
                _tell_of_resuming(reporter, run)
                raise
            interrupted = reporter.was_interrupted
            if may_go_on(last):
                _tell_of_resuming(reporter, run)
    finally:
        recorder.close()
    if recorder.is_kept:
        report_on(run)
    if isinstance(last, events.RunFinished):
        return last, interrupted
    raise as_error(last)


def report_on(run: Path) -> None:
    """Write the run's report. What keeps it from being written is said and does not change how the run ended."""
    from tlstudio.core.report import write_report

    try:
        write_report(run)
    except TLStudioError as error:
        sys.stderr.write(f"note: {error}\n")


def may_go_on(last: events.Event) -> bool:
    """Whether resuming a run that ended so may lead further: neither is it complete, nor would it end so again."""
    if isinstance(last, events.JobFailed):
        return last.code not in HOPELESS
    return not isinstance(last, events.RunFinished) or last.stopped in {"user", "error"}


def _tell_of_resuming(reporter: Any, run: Path) -> None:
    """Say how it goes on, if there is something to go on from."""
    from tlstudio.core.states import states

    if states(run):
        reporter.say(f"to go on with this run: tlstudio resume {_quoted(run)}")


def _quoted(path: Path) -> str:
    """As it can be pasted into a terminal."""
    import shlex
    import subprocess

    return subprocess.list2cmdline([str(path)]) if os.name == "nt" else shlex.quote(str(path))
