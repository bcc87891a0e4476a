"""Who may write a run folder, and what of a torn log is kept."""

import fcntl
import sys
import threading
import time
from pathlib import Path

import pytest

from tlstudio.core import events
from tlstudio.core.errors import TLStudioError
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.run_folder import LOCK_TRIES, SECONDS_BETWEEN_TRIES, RunRecorder, read_events

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="locks by the other system's calls")


def held(run: Path, seconds: float) -> threading.Thread:
    """Somebody who holds the lock of a run for so long from now on."""
    file = (run / ".lock").open("ab")
    fcntl.flock(file.fileno(), fcntl.LOCK_EX)

    def hold() -> None:
        time.sleep(seconds)
        file.close()

    thread = threading.Thread(target=hold)
    thread.start()
    return thread


def test_that_who_only_looks_keeps_nobody_from_a_run(tmp_path: Path) -> None:
    run = tmp_path / "run"
    RunRecorder(run, TrainingPlan()).close()
    run.mkdir(exist_ok=True)
    looking = held(run, LOCK_TRIES * SECONDS_BETWEEN_TRIES / 2)
    RunRecorder(run, TrainingPlan(), resume=True).close()
    looking.join()


def test_that_a_run_that_somebody_owns_is_refused_soon(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    owning = held(run, 4 * LOCK_TRIES * SECONDS_BETWEEN_TRIES)
    began = time.monotonic()
    with pytest.raises(TLStudioError) as refused:
        RunRecorder(run, TrainingPlan(), resume=True)
    assert refused.value.code == "run_busy"
    assert time.monotonic() - began < 2 * LOCK_TRIES * SECONDS_BETWEEN_TRIES
    owning.join()


def test_that_a_torn_line_of_the_log_is_cut_off_and_numbers_go_on(tmp_path: Path) -> None:
    run = tmp_path / "run"
    (run / "checkpoints").mkdir(parents=True)
    (run / "events.jsonl").write_bytes(b'{"type":"paused","seq":7}\n{"type":"continued","se')
    recorder = RunRecorder(run, TrainingPlan(), resume=True)
    recorder.handle(events.Paused())
    recorder.close()
    assert [event["seq"] for event in read_events(run)] == [7, 8]
    assert (run / "events.jsonl").read_bytes().count(b"\n") == 2
