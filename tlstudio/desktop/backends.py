"""Who does a job's arithmetic: a warm worker process, or (``--inline``) the calling thread itself."""

import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from typing import IO, Any, NamedTuple, Protocol

import msgspec

from tlstudio.core import events, requests
from tlstudio.core.control import Control
from tlstudio.core.errors import TLStudioError
from tlstudio.core.notices import notice
from tlstudio.core.own_process import start_self
from tlstudio.desktop.pace import SLOW_AFTER, Pace

RunJob = Callable[[requests.JobRequest, Control, events.Emit], None]
StartWorker = Callable[[IO[bytes]], "subprocess.Popen[bytes]"]

STOP_GRACE = 0.3  # seconds in which a stop has to be honoured; loading and graph building cannot be interrupted
KEEP_GRACE = 120.0  # for keeping the best model once the stop was honoured


class _Ends(NamedTuple):
    """How a worker's unforeseen end is called: ``lost`` where its process is gone, ``silent`` where it hangs."""

    lost: str
    silent: str


OF_A_RUN = _Ends("worker_lost", "worker_silent")  # which can be resumed
OF_A_JOB = _Ends("job_lost", "job_silent")


class Backend(Protocol):
    """``run`` blocks until the job's last event was emitted; the others may be called from any thread.

    ``grace``: seconds that a job has to honour a stop, before it is ended by force where that is possible.
    """

    def warm_up(self) -> None: ...

    def run(self, request: requests.JobRequest, emit: events.Emit) -> None: ...

    def stop(self, grace: float = STOP_GRACE) -> None: ...

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def close(self) -> None: ...


class InlineBackend:
    """Runs a job's function in the thread that calls ``run``: no second process, and no protection by one."""

    def __init__(self, run_job: RunJob) -> None:
        self._run_job = run_job
        self._control = Control()

    def warm_up(self) -> None:
        """Nothing to do: TensorFlow is loaded by the first job."""

    def run(self, request: requests.JobRequest, emit: events.Emit) -> None:
        try:
            self._run_job(request, self._control, emit)
        finally:
            self._control = Control()  # the next job's

    def stop(self, grace: float = STOP_GRACE) -> None:
        self._control.stop()

    def pause(self) -> None:
        self._control.pause()

    def resume(self) -> None:
        self._control.resume()

    def close(self) -> None:
        self._control.stop()


class WorkerKilledByStop(Exception):  # noqa: N818 (what the person asked for, not an error)
    """The worker did not honour a stop in time and was ended."""


class _Worker:
    """One worker process, with a thread that reads its events into ``inbox`` (None: it has ended)."""

    def __init__(self, start: StartWorker) -> None:
        self.remarks: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed by end)
        try:
            self.process = start(self.remarks)
        except OSError as error:
            self.remarks.close()
            raise TLStudioError("worker_unavailable", detail=error.strerror or str(error)) from error
        self.inbox: queue.SimpleQueue[events.AnyEvent | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._reader = threading.Thread(target=self._read, name="worker-events", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            for line in stream:
                try:
                    self.inbox.put(events.decode(line))
                except msgspec.MsgspecError as error:
                    sys.stderr.write(f"not an event: {error}\n")
        self.inbox.put(None)

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def send(self, request: requests.Request) -> None:
        """A worker that is gone doesn't hear; its end is noticed by who reads its events."""
        with self._lock:
            if self.process.stdin is None or self.process.stdin.closed:
                return
            try:
                self.process.stdin.write(requests.encode(request) + b"\n")
                self.process.stdin.flush()
            except OSError:
                return

    def last_words(self) -> str:
        """The end of what it wrote to standard error."""
        self.remarks.seek(0, os.SEEK_END)
        self.remarks.seek(max(self.remarks.tell() - 4000, 0))
        return self.remarks.read().decode(errors="replace")

    def end(self, grace: float = 0.0) -> int:
        """End the process, by force after ``grace`` seconds; returns its exit code."""
        if grace:
            self.send(requests.Quit())
        try:
            code = self.process.wait(grace)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self._reader.join(5.0)
        with self._lock:
            if self.process.stdin is not None:
                try:
                    self.process.stdin.close()
                except OSError:
                    code = self.process.returncode  # the pipe broke with something unsent in it
        self.remarks.close()
        return code


def _start_worker(remarks: IO[bytes]) -> "subprocess.Popen[bytes]":
    return start_self("--worker", remarks)


class WorkerBackend:
    """Drives a worker process: keeps one warm, ends one that hangs, reports one that died.

    ``start``: makes the process, which reads requests and writes events; its standard error goes into the given
    file. ``slow_after``: seconds from which a step may be called slow.
    """

    def __init__(self, start: StartWorker = _start_worker, slow_after: float = SLOW_AFTER) -> None:
        self._start, self._slow_after = start, slow_after
        self._worker: _Worker | None = None
        self._stop_asked: float | None = None
        self._stop_grace = STOP_GRACE
        self._lock = threading.Lock()
        self._is_paused = False

    @property
    def worker_pid(self) -> int | None:
        worker = self._worker
        return worker.process.pid if worker is not None and worker.is_alive else None

    def warm_up(self) -> None:
        """Start a worker if none is alive. Raises ``worker_unavailable``."""
        with self._lock:
            if self._worker is not None and not self._worker.is_alive:
                self._worker.end()
                self._worker = None
            if self._worker is None:
                self._worker = _Worker(self._start)

    def run(self, request: requests.JobRequest, emit: events.Emit) -> None:
        """Raises ``TLStudioError`` (``worker_lost`` or ``worker_silent`` of a run, which can go on, ``job_lost`` or
        ``job_silent`` of any other job; ``worker_unavailable``) and ``WorkerKilledByStop``; after that the next call
        has a new worker."""
        self._stop_asked, self._is_paused = None, False
        self.warm_up()
        worker = self._worker
        assert worker is not None
        worker.send(request)
        ends = OF_A_RUN if isinstance(request, requests.Train) else OF_A_JOB
        pace, is_keeping = Pace(time.monotonic(), self._slow_after), False
        while True:
            try:
                event = worker.inbox.get(timeout=0.02 if self._stop_asked else 0.25)
            except queue.Empty:
                self._judge_silence(worker, ends, pace, is_keeping, emit)
                continue
            if event is None:
                raise self._lost(worker, ends)
            pace.take(event, time.monotonic())
            is_keeping = is_keeping or isinstance(event, events.Stopping)
            if isinstance(event, events.WorkerReady):
                continue
            emit(event)
            if requests.is_end(request, event):
                return

    def _judge_silence(self, worker: _Worker, ends: _Ends, pace: Pace, is_keeping: bool, emit: events.Emit) -> None:
        now, asked = time.monotonic(), self._stop_asked
        if asked is not None and now - asked > (KEEP_GRACE if is_keeping else self._stop_grace):
            self._discard(worker)
            raise WorkerKilledByStop
        if self._is_paused:
            pace.resume(now)
            return
        silence = pace.is_silent(now)
        if silence is not None:
            self._discard(worker)
            raise TLStudioError(ends.silent, seconds=round(silence))
        slow = pace.slow_step(now)
        if slow is not None:
            emit(notice("step_slow", seconds=round(slow[0]), usual=f"{slow[1]:.2g} s"))

    def _lost(self, worker: _Worker, ends: _Ends) -> TLStudioError:
        code = worker.process.wait()
        words = worker.last_words().strip().splitlines()
        self._discard(worker)
        if words:
            sys.stderr.write("the worker's last words: " + "\n".join(words[-8:]) + "\n")
        if code < 0:
            detail = f"it was ended by the system, signal {-code}"
            return TLStudioError(ends.lost, detail=detail, detail_code="killed", number=-code)
        return TLStudioError(ends.lost, detail=f"it ended with code {code}", detail_code="exited", number=code)

    def _discard(self, worker: _Worker) -> None:
        worker.process.kill()
        worker.end()
        with self._lock:
            if self._worker is worker:
                self._worker = None

    def stop(self, grace: float = STOP_GRACE) -> None:
        self._stop_grace, self._stop_asked = grace, time.monotonic()
        self._send(requests.Stop())

    def pause(self) -> None:
        self._is_paused = True
        self._send(requests.Pause())

    def resume(self) -> None:
        self._is_paused = False
        self._send(requests.Continue())

    def _send(self, request: requests.Request) -> None:
        worker = self._worker
        if worker is not None:
            worker.send(request)

    def close(self) -> None:
        """End the worker; a job that runs on it is lost."""
        with self._lock:
            worker, self._worker = self._worker, None
        if worker is not None:
            worker.end(grace=0.3)


def make_backend(run_job: RunJob | None) -> Any:
    """The worker, or the given function in the calling thread."""
    return WorkerBackend() if run_job is None else InlineBackend(run_job)
