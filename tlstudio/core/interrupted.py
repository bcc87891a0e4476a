"""Runs that did not come to their end, and can go on: after a power cut, a kill, a stop, an error."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tlstudio.core import states
from tlstudio.core.documents import load_document
from tlstudio.core.errors import TLStudioError
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.run_folder import is_owned, read_events

COMPLETE = {"epochs", "early-stopping"}


class InterruptedRun(msgspec.Struct, frozen=True, kw_only=True):
    """``epoch``: whole epochs that its log tells of; ``stopped``: ``user``, ``error``, or ``cut`` where the run
    could not say any more why it ended."""

    path: Path
    plan: TrainingPlan
    epoch: int
    stopped: str
    when: datetime


def require_resumable(run: Path) -> TrainingPlan:
    """The plan of a run that can go on.

    Raises ``run_missing``, ``run_finished``, ``run_without_state``, ``run_busy``, ``plan_invalid``.
    """
    if not (run / "plan.json").is_file():
        raise TLStudioError("run_missing", path=run)
    if is_owned(run):
        raise TLStudioError("run_busy", path=run)
    if _ending(run)[0] in COMPLETE:
        raise TLStudioError("run_finished", path=run)
    if not states.states(run):
        raise TLStudioError("run_without_state", path=run)
    return load_document(TrainingPlan, run / "plan.json")


def interrupted_runs(runs: Path) -> list[InterruptedRun]:
    """Those in a folder of runs that can go on, newest first; what can't be read is no run."""
    found = []
    for folder in sorted(runs.iterdir(), reverse=True) if runs.is_dir() else []:
        try:
            plan = require_resumable(folder)
            stopped, epoch = _ending(folder)
            when = datetime.fromtimestamp((folder / "events.jsonl").stat().st_mtime, UTC)
        except (TLStudioError, OSError):
            continue
        found.append(InterruptedRun(path=folder, plan=plan, epoch=epoch, stopped=stopped, when=when))
    return found


def _ending(run: Path) -> tuple[str, int]:
    """How the log of a run ends, and its last whole epoch."""
    stopped, epoch = "cut", 0
    try:
        log = read_events(run)
    except OSError:
        return stopped, epoch
    for event in log:
        match event.get("type"):
            case "resumed":
                stopped, epoch = "cut", int(event["epoch"])
            case "epoch_finished":
                stopped, epoch = "cut", int(event["epoch"])
            case "run_finished":
                stopped = str(event["stopped"])
            case "job_failed":
                stopped = "error"
    return stopped, epoch
