"""The training thread: one long-lived QThread that owns each run from start to end.

Threading rules. Do: call ``submit``, ``find_rate``, ``measure``, ``bake_off``, ``export``, ``stop``, ``pause`` and
``resume`` from the window; listen to its signals, which arrive queued. Don't: touch a widget in here, or read the run
folder of a run that is going on.
"""

import importlib
import queue
import threading
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QThread, Signal

from tlstudio.core import events, requests
from tlstudio.core.errors import TLStudioError
from tlstudio.core.notices import failure_of, notice_of
from tlstudio.core.plan import TrainingPlan
from tlstudio.desktop.backends import STOP_GRACE, Backend, WorkerKilledByStop

# Ends after which a run that has a whole state can go on as if nothing had been.
LOST = {"worker_lost", "worker_silent", "out_of_memory"}
# Seconds in which a measurement may end of its own when something else is wanted: less than the five and more that a
# new worker takes to load.
MEASURING_GRACE = 3.0
STACK = 64 << 20  # bytes; the default on macOS is 512 KB, which BLAS overflows in an inline run


@dataclass(frozen=True)
class _WarmUp:
    """Have a worker ready."""


@dataclass(frozen=True)
class _Run:
    plan: TrainingPlan
    path: Path
    resume: bool


@dataclass(frozen=True)
class _FindRate:
    plan: TrainingPlan


@dataclass(frozen=True)
class _BakeOff:
    plans: list[TrainingPlan]
    seconds: float


@dataclass(eq=False)
class _Measure:
    """``is_dropped``: nobody waits for it any more."""

    plan: TrainingPlan
    is_dropped: bool = False


@dataclass(frozen=True)
class _Export:
    request: requests.Export


_Wish = _WarmUp | _Run | _FindRate | _BakeOff | _Measure | _Export


class TrainingThread(QThread):
    event_happened = Signal(object)  # an event of ``core.events``, also the last one of a run
    run_ended = Signal(object)  # the last event, once the run folder is complete
    rate_event_happened = Signal(object)  # the same of a search for a learning rate; its last event ends it
    baking_event_happened = Signal(object, object)  # the plans of a bake-off, and an event; the last one ends it
    export_event_happened = Signal(object)  # the same of an export
    measuring_event_happened = Signal(object, object)  # the plan that is measured, and an event; the last one ends it

    def __init__(self, backend: Backend, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trainingThread")
        self.setStackSize(STACK)
        self.backend = backend
        self._wishes: queue.SimpleQueue[_Wish | None] = queue.SimpleQueue()
        self._is_stop_asked = False
        self._lock = threading.Lock()
        self._measure: _Measure | None = None  # the one that was asked for last
        self._measured_now: _Measure | None = None  # the one that the worker is at

    # -- called by the window ---------------------------------------------------------------------------

    def warm_up(self) -> None:
        """Have a worker ready by the time that it is wanted."""
        self._ask(_WarmUp())

    def submit(self, plan: TrainingPlan, run: Path, resume: bool = False) -> None:
        """Begin a run in a run folder that does not exist yet; or go on with one (``resume``), whose plan becomes
        the given one."""
        self._is_stop_asked = False
        self.drop_measurement()
        self._ask(_Run(plan, run, resume))

    def find_rate(self, plan: TrainingPlan) -> None:
        """Try learning rates on the plan's network; ends in ``RatesTried``, ``JobStopped`` or ``JobFailed``."""
        self._is_stop_asked = False
        self.drop_measurement()
        self._ask(_FindRate(plan))

    def bake_off(self, plans: list[TrainingPlan], seconds: float) -> None:
        """Train each plan for so long, and compare them; ends in ``BakedOff``, ``JobStopped`` or ``JobFailed``. Each
        event comes with the very list, since those of a bake-off that was given up come late."""
        self._is_stop_asked = False
        self.drop_measurement()
        self._ask(_BakeOff(plans, seconds))

    def export(self, request: requests.Export) -> None:
        """Write a run's model in another format; ends in ``Exported``, ``JobStopped`` or ``JobFailed``."""
        self._is_stop_asked = False
        self.drop_measurement()
        self._ask(_Export(request))

    def measure(self, plan: TrainingPlan) -> None:
        """Look at images through a network, for advice; ends in ``Measured``, ``JobStopped`` or ``JobFailed``. It
        gives way to whatever else is asked for."""
        self.drop_measurement()
        self._measure = _Measure(plan)
        self._ask(self._measure)

    def drop_measurement(self) -> None:
        """End a measurement that goes on, or is waiting for its turn."""
        with self._lock:
            if self._measure is not None:
                self._measure.is_dropped = True
            if self._measured_now is not None:
                self.backend.stop(MEASURING_GRACE)

    def stop(self, grace: float = STOP_GRACE) -> None:
        """``grace``: seconds in which what runs may come to an end of its own, and save what it reached."""
        self._is_stop_asked = True
        self.backend.stop(grace)

    def pause(self) -> None:
        self.backend.pause()

    def resume(self) -> None:
        self.backend.resume()

    def close(self) -> None:
        """End a run that is going on, the worker and the thread; returns when all have ended."""
        if self.isRunning():
            self.drop_measurement()
            self.stop()
            self._wishes.put(None)
            if not self.wait(5000):
                self.backend.close()  # its death ends the run that waits for it
                self.wait()
        self.backend.close()

    def _ask(self, wish: _Wish) -> None:
        if not self.isRunning():
            self.start()
        self._wishes.put(wish)

    # -- in the thread ----------------------------------------------------------------------------------

    def run(self) -> None:
        while (wish := self._wishes.get()) is not None:
            match wish:
                case _Run():
                    self._run(wish)
                case _FindRate():
                    self._do(requests.FindRate(plan=wish.plan), self.rate_event_happened.emit)
                case _BakeOff():
                    request = requests.BakeOff(plans=wish.plans, seconds=wish.seconds)
                    self._do(request, partial(self.baking_event_happened.emit, wish.plans))
                case _Export():
                    self._do(wish.request, self.export_event_happened.emit)
                case _Measure():
                    self._look(wish)
            self._warm_up()
        self.backend.close()

    def _warm_up(self) -> None:
        try:
            self.backend.warm_up()
        except TLStudioError as error:
            self.event_happened.emit(notice_of(error))
        # The report's engine: imported when a run has ended, beside a busy window, it took 0.8 to 1.6 s, by which
        # every stop took longer.
        importlib.import_module("jinja2")

    def _run(self, wish: _Run) -> None:
        from tlstudio.core.report import write_report
        from tlstudio.core.run_folder import RunRecorder
        from tlstudio.core.run_summary import RunSummary, events_so_far

        run = wish.path
        try:
            recorder = RunRecorder(wish.path, wish.plan, wish.resume)
        except TLStudioError as error:
            self._end(failure_of(error))
            return
        request = requests.Train(plan=wish.plan, run=str(run), resume=wish.resume)
        last: list[events.Event] = []
        summary = RunSummary(str(run), wish.plan, events_so_far(run) if wish.resume else [])

        def take(event: events.Event) -> None:
            if isinstance(event, events.JobFailed):
                event = _with_way_on(event, run)
            summary.watch(event)
            for remark in recorder.handle(event):
                self.event_happened.emit(remark)
            if requests.is_end(request, event):
                last[:] = [event]
            else:
                self.event_happened.emit(event)

        try:
            if self._is_stop_asked:  # asked before the run had begun
                take(summary.finish("user"))
            else:
                self.backend.run(request, take)
        except WorkerKilledByStop:
            take(summary.finish("user"))
        except TLStudioError as error:
            take(failure_of(error))
        finally:
            recorder.close()
        if not last:
            last.append(failure_of(TLStudioError("internal", detail="the job said nothing of its end")))
        try:
            if recorder.is_kept:
                write_report(run)
        except TLStudioError as error:
            self.event_happened.emit(notice_of(error))
        self._end(last[0])

    def _end(self, event: events.Event) -> None:
        self.event_happened.emit(event)
        self.run_ended.emit(event)

    def _do(self, request: requests.JobRequest, emit: events.Emit) -> None:
        """A job that no run folder hears of."""
        try:
            if self._is_stop_asked:
                emit(events.JobStopped())
            else:
                self.backend.run(request, emit)
        except WorkerKilledByStop:
            emit(events.JobStopped())
        except TLStudioError as error:
            emit(failure_of(error))

    def _look(self, wish: _Measure) -> None:
        request = requests.Measure(plan=wish.plan)
        is_stopped = False

        def take(event: events.Event) -> None:
            nonlocal is_stopped
            with self._lock:
                if requests.is_end(request, event):
                    self._measured_now = None  # a stop from here on would hit what comes next
                elif wish.is_dropped and not is_stopped:
                    is_stopped = True  # the first stop may have come before the worker had begun
                    self.backend.stop(MEASURING_GRACE)
            self.measuring_event_happened.emit(wish.plan, event)

        with self._lock:
            is_dropped = wish.is_dropped
            self._measured_now = None if is_dropped else wish
        try:
            if is_dropped:
                take(events.JobStopped())
            else:
                self.backend.run(request, take)
        except WorkerKilledByStop:
            take(events.JobStopped())
        except TLStudioError as error:
            take(failure_of(error))


def _with_way_on(failure: events.JobFailed, run: Path) -> events.JobFailed:
    """The same failure, with ``can_resume`` where the run was lost and has a whole state."""
    from tlstudio.core.states import newest_state

    if failure.can_resume or failure.code not in LOST or newest_state(run) is None:
        return failure
    return msgspec.structs.replace(failure, can_resume=True)
