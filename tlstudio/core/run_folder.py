"""The run folder: what a training run leaves on the disk, and who may write it.

The owner of a run (the command line, or the window's training thread) makes a ``RunRecorder`` and hands it
every event. The job writes its checkpoints aside; the recorder checks them and renames them into place.
"""

import json
import os
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from tlstudio.core import events
from tlstudio.core.documents import load_document, save_document
from tlstudio.core.errors import TLStudioError
from tlstudio.core.files import commit, require_writable, sha256_of, translate_os_errors, write_atomically
from tlstudio.core.notices import notice_of
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.states import prune_states

LOCK_TRIES, SECONDS_BETWEEN_TRIES = 10, 0.05
HISTORY_COLUMNS = ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds"]


def new_run_path(project_folder: Path, strategy: str) -> Path:
    """``runs/<utc>-<strategy>``, with a number behind it where two runs begin in one second."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    path = project_folder / "runs" / f"{stamp}-{strategy}"
    number = 2
    while path.exists():
        path = project_folder / "runs" / f"{stamp}-{strategy}-{number}"
        number += 1
    return path


def require_new(path: Path) -> None:
    """Raises ``run_exists`` if the folder is there and not empty, ``folder_not_writable`` if it can't be made."""
    with translate_os_errors(path):
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise TLStudioError("run_exists", path=path)
    require_writable(next(place for place in (path, *path.absolute().parents) if place.exists()))


def create_run_folder(path: Path) -> None:
    """Raises as ``require_new`` does, and ``disk_full``."""
    require_new(path)
    with translate_os_errors(path):
        (path / "checkpoints" / "last").mkdir(parents=True, exist_ok=True)


class RunRecorder:
    """Keeps the event log, the history and the checkpoints of one run, and owns its folder meanwhile.

    ``resume``: take up a run that is there instead of making a new one; the log goes on, and the history loses what
    lies behind the checkpoint that the job goes on from.
    ``handle`` returns remarks of its own (a checkpoint that could not be kept) for the owner to show.

    Raises ``run_exists``, ``run_busy``, ``folder_not_writable``, ``disk_full``.
    """

    def __init__(self, path: Path, plan: TrainingPlan, resume: bool = False) -> None:
        self.path = path
        self._was_there = path.exists()
        self._has_begun = resume
        if not resume:
            create_run_folder(path)
        self._lock = _own(path)
        self._sequence = 0
        try:
            if resume:
                self._sequence = _mend_log(path)
                for aside in (path / "checkpoints").rglob(".*.part*"):
                    aside.unlink(missing_ok=True)
            save_document(plan, path / "plan.json")
            if not resume:
                write_atomically(path / "history.csv", ",".join(HISTORY_COLUMNS) + "\n")
            with translate_os_errors(path):
                self._log = (path / "events.jsonl").open("a", encoding="utf-8")
                self._history = (path / "history.csv").open("a", encoding="utf-8", newline="")
        except BaseException:
            self._lock.close()
            raise

    def handle(self, event: events.Event) -> list[events.Noticed]:
        """Record an event. On a full disk the run goes on and the remark says what was not written."""
        remarks: list[events.Noticed] = []
        self._has_begun = self._has_begun or not isinstance(event, (events.JobFailed, events.Preparing))
        try:
            with translate_os_errors(self.path):
                self._handle(event)
        except TLStudioError as error:
            remarks.append(notice_of(error))
        return remarks

    @property
    def is_kept(self) -> bool:
        """Whether the run got as far as to leave something."""
        return self._has_begun

    def close(self) -> None:
        """Close the files. A run that never began leaves no folder behind."""
        for file in (self._log, self._history, self._lock):
            try:
                file.close()
            except OSError:  # a full disk: what was buffered is lost, what stands is whole
                continue
        if not self._has_begun:
            shutil.rmtree(self.path, ignore_errors=True)
            if self._was_there:
                self.path.mkdir(exist_ok=True)

    def _handle(self, event: events.Event) -> None:
        if isinstance(event, events.CheckpointWritten):
            self._commit(event)
        if isinstance(event, events.Resumed):
            self._forget_after(event.epoch)
        if isinstance(event, events.EpochFinished):
            row = [getattr(event, column) for column in HISTORY_COLUMNS]
            self._history.write(",".join("" if v is None else f"{v:.10g}" for v in row) + "\n")
            self._history.flush()
        if not isinstance(event, (events.Batches, events.Validating, events.Preparing)):
            self._append(event)

    def _forget_after(self, epoch: int) -> None:
        """Rows of epochs that are trained again leave the history; the log keeps all that happened."""
        self._history.close()
        path = self.path / "history.csv"
        rows = [row for row in _whole_rows(path) if int(row.split(",")[0]) <= epoch]
        write_atomically(path, "\n".join([",".join(HISTORY_COLUMNS), *rows]) + "\n")
        self._history = path.open("a", encoding="utf-8", newline="")

    def _append(self, event: events.Event) -> None:
        line: dict[str, Any] = json.loads(events.encode(event))
        self._sequence += 1
        line = {
            "type": line.pop("type"),
            "seq": self._sequence,
            "time": datetime.now(UTC).isoformat(),
            **line,
        }
        self._log.write(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n")
        self._log.flush()
        if isinstance(event, (events.RunFinished, events.JobFailed)):
            os.fsync(self._log.fileno())

    def _commit(self, event: events.CheckpointWritten) -> None:
        aside, place = Path(event.aside), Path(event.path)
        if sha256_of(aside) != event.sha256:
            aside.unlink(missing_ok=True)
            raise TLStudioError("folder_not_writable", path=place, detail="the checkpoint was damaged on its way")
        commit(aside, place)
        if event.kind == "last":
            prune_states(self.path)


def _own(path: Path) -> BinaryIO:
    """Claim a run folder for this process, until the file that is returned is closed or the process ends.

    Raises ``run_busy``, ``folder_not_writable``.
    """
    with translate_os_errors(path):
        file = (path / ".lock").open("ab")
    for _ in range(LOCK_TRIES):
        if _try_lock(file):
            return file
        time.sleep(SECONDS_BETWEEN_TRIES)  # somebody may just be asking whether the run is owned
    file.close()
    raise TLStudioError("run_busy", path=path)


def is_owned(path: Path) -> bool:
    """Whether somebody is just writing a run."""
    try:
        with (path / ".lock").open("r+b") as file:
            return not _try_lock(file)
    except OSError:
        return False  # there is no lock, or nobody may write there at all


def _try_lock(file: BinaryIO) -> bool:
    """The system takes such a lock away with the process that held it, so none is ever left behind."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _mend_log(path: Path) -> int:
    """Cut off what a power cut left of a last line; returns the number of the last whole one."""
    log, last = path / "events.jsonl", 0
    if not log.exists():
        return last
    found, whole = log.read_bytes(), []
    for line in found.splitlines():
        try:
            last = int(json.loads(line)["seq"])
        except (ValueError, KeyError, TypeError):
            continue
        whole.append(line)
    mended = b"".join(line + b"\n" for line in whole)
    if mended != found:
        write_atomically(log, mended)
    return last


def _whole_rows(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()[1:] if path.exists() else []
    return [line for line in lines if line.count(",") == len(HISTORY_COLUMNS) - 1 and line.split(",")[0].isdigit()]


def write_environment(path: Path, facts: dict[str, Any]) -> None:
    """``environment.json``: versions, seed, hashes and the resolved conversion of images."""
    write_atomically(path / "environment.json", json.dumps(facts, indent=2, ensure_ascii=False) + "\n")


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed to use a finished run again. ``preprocess`` is what ``auto`` was resolved to."""

    path: Path
    plan: TrainingPlan
    labels: list[str]
    model: Path
    preprocess: str


def load_run(path: Path) -> RunInfo:
    """Read a run folder.

    Raises:
        TLStudioError: ``run_missing``, ``run_unfinished``, ``plan_invalid``.
    """
    if not (path / "plan.json").is_file():
        raise TLStudioError("run_missing", path=path)
    plan = load_document(TrainingPlan, path / "plan.json")
    best = [p for p in (path / "checkpoints" / f"best.{plan.checkpoint_format}",) if p.is_file()]
    labels_file, environment_file = path / "labels.txt", path / "environment.json"
    if not best or not labels_file.is_file() or not environment_file.is_file():
        raise TLStudioError("run_unfinished", path=path)
    try:
        preprocess = str(json.loads(environment_file.read_text(encoding="utf-8"))["images"]["preprocess"])
    except (ValueError, KeyError, TypeError) as error:
        raise TLStudioError("plan_invalid", path=environment_file, detail=str(error)) from error
    labels = labels_file.read_text(encoding="utf-8").splitlines()
    return RunInfo(path=path, plan=plan, labels=labels, model=best[0], preprocess=preprocess)


def read_history(path: Path) -> list[dict[str, float | None]]:
    """Rows of ``history.csv``; an empty cell is None."""
    lines = (path / "history.csv").read_text(encoding="utf-8").splitlines()
    names = lines[0].split(",") if lines else []
    return [{n: float(v) if v else None for n, v in zip(names, line.split(","), strict=True)} for line in lines[1:]]


def read_events(path: Path) -> list[dict[str, Any]]:
    """The event log as plain dicts; an unfinished last line (a power cut) is left out."""
    found = []
    for line in (path / "events.jsonl").read_bytes().splitlines():  # a torn character is no text
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def best_on_disk(run: Path, model: Path) -> events.BestEpoch | None:
    """Which epoch the best model on the disk is of, by the log of its run; None if there is no model.

    A kill may have come between the model and its line in the log: then it is of the last epoch that was the best.
    """
    if not model.exists():
        return None
    digest = sha256_of(model)
    by_epoch: dict[int, events.BestEpoch] = {}
    last: events.BestEpoch | None = None
    kept: events.BestEpoch | None = None
    for event in read_events(run):
        if event.get("type") == "epoch_finished":
            found = events.BestEpoch(
                epoch=event["epoch"],
                val_accuracy=event["val_accuracy"],
                val_loss=event["val_loss"],
                stage=event.get("stage", ""),
            )
            by_epoch[found.epoch] = found
            last = found if event["is_best"] else last
        if event.get("type") == "checkpoint_written" and event["kind"] == "best" and event["sha256"] == digest:
            kept = by_epoch.get(event["epoch"])
    return kept or last
