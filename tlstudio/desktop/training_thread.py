"""The training thread: one long-lived QThread that owns each run from start to end.

Threading rules. Do: call ``submit``, ``stop``, ``pause`` and ``resume`` from the window; listen to its signals,
which arrive queued. Don't: touch a widget in here, or read the run folder of a run that is going on.
"""

import queue
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal

from tlstudio.core import events, requests
from tlstudio.core.errors import TLStudioError
from tlstudio.core.notices import failure_of, notice_of
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.run_summary import RunSummary
from tlstudio.desktop.backends import Backend, WorkerKilledByStop

_WARM_UP = "warm up"
STACK = 64 << 20  # bytes; the default on macOS is 512 KB, which BLAS overflows in an inline run


class TrainingThread(QThread):
    event_happened = Signal(object)  # an event of ``core.events``, also the last one of a run
    run_ended = Signal(object)  # the last event, once the run folder is complete

    def __init__(self, backend: Backend, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trainingThread")
        self.setStackSize(STACK)
        self.backend = backend
        self._wishes: queue.SimpleQueue[tuple[TrainingPlan, Path] | str | None] = queue.SimpleQueue()
        self._is_stop_asked = False

    # -- called by the window ---------------------------------------------------------------------------

    def warm_up(self) -> None:
        """Have a worker ready by the time that it is wanted."""
        self._ensure_started()
        self._wishes.put(_WARM_UP)

    def submit(self, plan: TrainingPlan, run: Path) -> None:
        """Begin a run in a run folder that does not exist yet."""
        self._is_stop_asked = False
        self._ensure_started()
        self._wishes.put((plan, run))

    def stop(self) -> None:
        self._is_stop_asked = True
        self.backend.stop()

    def pause(self) -> None:
        self.backend.pause()

    def resume(self) -> None:
        self.backend.resume()

    def close(self) -> None:
        """End a run that is going on, the worker and the thread; returns when all have ended."""
        if self.isRunning():
            self.stop()
            self._wishes.put(None)
            if not self.wait(5000):
                self.backend.close()  # its death ends the run that waits for it
                self.wait()
        self.backend.close()

    def _ensure_started(self) -> None:
        if not self.isRunning():
            self.start()

    # -- in the thread ----------------------------------------------------------------------------------

    def run(self) -> None:
        while (wish := self._wishes.get()) is not None:
            if isinstance(wish, tuple):
                self._run(*wish)
            self._warm_up()
        self.backend.close()

    def _warm_up(self) -> None:
        try:
            self.backend.warm_up()
        except TLStudioError as error:
            self.event_happened.emit(notice_of(error))

    def _run(self, plan: TrainingPlan, run: Path) -> None:
        from tlstudio.core.report import write_report
        from tlstudio.core.run_folder import RunRecorder

        try:
            recorder = RunRecorder(run, plan)
        except TLStudioError as error:
            self._end(failure_of(error))
            return
        request = requests.Train(plan=plan, run=str(run))
        last: list[events.Event] = []
        summary = RunSummary(str(run), plan)

        def take(event: events.Event) -> None:
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
