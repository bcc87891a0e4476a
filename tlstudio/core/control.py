"""Stop and pause of a running job, asked for by one thread and honoured by another at every batch."""

import threading
import time
from collections.abc import Callable


class Stopped(Exception):  # noqa: N818 (a request that was honoured, not an error)
    """The person asked the job to stop, and it stops here."""


class Control:
    """Carries stop and pause into a job.

    The job calls ``checkpoint()`` between batches: it waits there while the job is paused and raises
    ``Stopped`` once a stop was asked for. ``seconds_paused`` is left out of the job's own time.
    """

    def __init__(self) -> None:
        self._go_on = threading.Event()
        self._go_on.set()
        self._stop = threading.Event()
        self._waits_by_itself = False
        self.seconds_paused = 0.0

    @property
    def is_stop_requested(self) -> bool:
        return self._stop.is_set()

    @property
    def is_pause_requested(self) -> bool:
        return not self._go_on.is_set()

    def stop(self) -> None:
        self._stop.set()
        self._go_on.set()

    def pause(self, by_itself: bool = False) -> None:
        """``by_itself``: the job waits for something; the end of that does not end a person's pause."""
        if not self._stop.is_set():
            self._waits_by_itself = by_itself
            self._go_on.clear()

    def resume(self) -> None:
        self._go_on.set()

    def checkpoint(
        self, on_paused: Callable[[bool], None] | None = None, is_over: Callable[[], bool] | None = None
    ) -> None:
        """Wait while paused, raise ``Stopped`` if a stop was asked for; tell ``on_paused`` of both edges.

        ``is_over``: asked twice a second; where it says so, the pause ends by itself; what it raises ends the job.
        """
        if self._stop.is_set():
            raise Stopped
        if self._go_on.is_set():
            return
        began = time.monotonic()
        if on_paused:
            on_paused(True)
        try:
            while not self._go_on.wait(0.5 if is_over else None):
                if is_over is not None and is_over() and self._waits_by_itself:
                    self._go_on.set()
        finally:
            self.seconds_paused += time.monotonic() - began
        if on_paused:
            on_paused(False)
        if self._stop.is_set():
            raise Stopped
