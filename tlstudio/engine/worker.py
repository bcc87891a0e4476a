"""The worker process: takes requests on standard input, answers with events on standard output.

Kept warm by its owner, since loading TensorFlow takes seconds. It ends when its input ends, so it never
outlives a window that died.
"""

import os
import queue
import sys
import threading
import time
from typing import BinaryIO

import msgspec

from tlstudio.core import events, requests
from tlstudio.core.control import Control


def main() -> int:
    """Serve until ``Quit`` or the end of input; returns the exit code."""
    began = time.monotonic()
    if hasattr(os, "nice"):
        os.nice(5)  # the window, and whatever else the person does meanwhile, comes first
    answers = _claim_stdout()
    lock = threading.Lock()

    def emit(event: events.Event) -> None:
        with lock:
            answers.write(events.encode(event) + b"\n")
            answers.flush()

    jobs: queue.SimpleQueue[requests.JobRequest | None] = queue.SimpleQueue()
    desk = _Desk(jobs)
    threading.Thread(target=desk.listen, args=(sys.stdin.buffer,), name="requests", daemon=True).start()
    from tlstudio.engine import runtime
    from tlstudio.engine.jobs import run_job

    emit(events.WorkerReady(versions=runtime.versions(), seconds=time.monotonic() - began))
    try:
        while (request := jobs.get()) is not None:
            run_job(request, desk.control_for(request), emit)
    except BrokenPipeError:
        return 0  # the owner is gone, and nobody is left to tell
    return 0


class _Desk:
    """Reads requests: jobs queue up, stop and pause act on the running job (or the next one, if none runs)."""

    def __init__(self, jobs: "queue.SimpleQueue[requests.JobRequest | None]") -> None:
        self._jobs = jobs
        self._controls: dict[int, Control] = {}
        self._current: Control | None = None

    def control_for(self, request: requests.JobRequest) -> Control:
        return self._controls.pop(id(request))

    def listen(self, stream: BinaryIO) -> None:
        for line in stream:
            try:
                request = requests.decode(line)
            except msgspec.MsgspecError as error:
                sys.stderr.write(f"not a request: {error}\n")
                continue
            match request:
                case requests.Stop() if self._current:
                    self._current.stop()
                case requests.Pause() if self._current:
                    self._current.pause()
                case requests.Continue() if self._current:
                    self._current.resume()
                case requests.Quit():
                    break
                case requests.Stop() | requests.Pause() | requests.Continue():
                    sys.stderr.write("nothing runs that this could act on\n")
                case _:
                    self._current = self._controls[id(request)] = Control()
                    self._jobs.put(request)
        if self._current:
            self._current.stop()
        self._jobs.put(None)


def _claim_stdout() -> BinaryIO:
    """Keep the pipe for events alone: whatever else prints goes to standard error."""
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return pipe
