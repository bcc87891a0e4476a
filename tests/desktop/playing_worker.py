"""A worker process that plays a part: ``python -m tests.desktop.playing_worker PART FOLDER``.

Each start takes the next name of ``PART`` (joined by commas; the last one stays): ``run`` replays the script;
``killed``, ``hungry`` and ``exits`` die within the third epoch (of SIGKILL, of SIGKILL before any state is kept, with
code 3); ``slow`` says nothing for some seconds in it; ``too-large`` refuses batches of more than 8; ``waits`` pauses
for memory and goes on by itself; ``lasts`` goes on until it is stopped, then saves for half a second. Of anything
else than a run it dies.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

from tests.conftest import PROJECT
from tests.desktop.scripted_jobs import scripted_run, state_written
from tlstudio.core import events, requests
from tlstudio.core.control import Control
from tlstudio.core.errors import TLStudioError
from tlstudio.core.notices import failure_of, notice
from tlstudio.desktop.backends import WorkerBackend

SLOW_SECONDS = 2.0


def backend(part: str, folder: Path, slow_after: float = 1.0) -> WorkerBackend:
    def start(remarks: IO[bytes]) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.desktop.playing_worker", part, str(folder)]
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=remarks, cwd=PROJECT,
            start_new_session=True,
        )  # fmt: skip

    return WorkerBackend(start, slow_after)


def emit(event: events.Event) -> None:
    sys.stdout.buffer.write(events.encode(event) + b"\n")
    sys.stdout.buffer.flush()


def play(part: str, request: requests.Train, control: Control) -> None:
    run = Path(request.run)
    if part == "too-large" and request.plan.batch_size // request.plan.accumulate > 8:
        emit(
            failure_of(
                TLStudioError("will_not_fit", batch=request.plan.batch_size, needed="9 GB", free="4 GB", smaller=8)
            )
        )
        return

    def watched(event: events.Event) -> None:
        is_third = isinstance(event, events.Batches) and event.epoch == 3 and event.steps[-1] == 2
        if is_third and part in {"killed", "hungry"}:
            os.kill(os.getpid(), signal.SIGKILL)
        if is_third and part == "exits":
            os._exit(3)
        if is_third and part == "slow":
            time.sleep(SLOW_SECONDS)
        if is_third and part == "waits":
            emit(notice("memory_low", free="200 MB"))
            emit(events.Paused())
            time.sleep(1.0)
            emit(events.Continued())
        if isinstance(event, events.Stopping) and part == "lasts":
            time.sleep(0.5)
            emit(state_written(run, 1))
        if part != "hungry" or not isinstance(event, events.CheckpointWritten):
            emit(event)
        if isinstance(event, events.EpochFinished) and part == "lasts":
            while not control.is_stop_requested:
                time.sleep(0.01)
            time.sleep(0.5)  # a batch that takes longer than a stop usually may

    scripted_run(request, control, watched)


def main(parts: list[str], folder: Path) -> None:
    turn = len(list(folder.glob("start-*")))
    (folder / f"start-{turn}").touch()
    part, control = parts[min(turn, len(parts) - 1)], Control()
    emit(events.WorkerReady(versions={}, seconds=0.0))
    for line in sys.stdin.buffer:
        match requests.decode(line):
            case requests.Train() as request:
                control = Control()
                threading.Thread(target=play, args=(part, request, control), daemon=True).start()
            case requests.Measure() | requests.BakeOff():
                os.kill(os.getpid(), signal.SIGKILL)  # whatever the part: only runs are played
            case requests.Stop():
                control.stop()
            case requests.Pause():
                control.pause()
            case requests.Continue():
                control.resume()
            case requests.Quit():
                return


if __name__ == "__main__":
    main(sys.argv[1].split(","), Path(sys.argv[2]))
