"""A search for a learning rate, from the wish to the plan's new rate: between plan, training thread and dialog."""

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from tlstudio.core import events
from tlstudio.core.errors import TLStudioError
from tlstudio.desktop import workspace
from tlstudio.desktop.log_view import LogView
from tlstudio.desktop.theme import Theme
from tlstudio.desktop.training_thread import TrainingThread
from tlstudio.desktop.workspace import Workspace

ENDS = (events.RatesTried, events.JobFailed, events.JobStopped)


class RateSearch(QObject):
    failed = Signal(object)  # TLStudioError

    def __init__(self, thread: TrainingThread, space: Workspace, log: LogView, look: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._thread, self._space, self._log, self._theme, self._window = thread, space, log, look, window
        self.is_running = False
        thread.rate_event_happened.connect(self._on_event)

    def begin(self) -> None:
        """Show the dialog and begin, if the plan could be trained; ``failed`` says why not."""
        from tlstudio.desktop.rate_finder import RateFinder

        if self.is_running:
            return
        try:
            plan = self._space.require_ready()
        except TLStudioError as error:
            self.failed.emit(error)
            return
        self.is_running = True
        dialog = RateFinder(self._theme, self._window)
        dialog.rate_chosen.connect(self._use)
        dialog.stop_requested.connect(self._thread.stop)
        self._thread.rate_event_happened.connect(dialog.take)
        dialog.open()  # it holds the window: no run begins beside it
        self._thread.find_rate(plan)

    def _on_event(self, event: events.Event) -> None:
        self._log.take(event)
        if isinstance(event, ENDS):
            self.is_running = False

    def _use(self, rate: float) -> None:
        plan = self._space.plan
        if plan is not None:
            optimizer = msgspec.structs.replace(plan.optimizer, learning_rate=rate)
            self._space.change_plan(msgspec.structs.replace(plan, optimizer=optimizer), workspace.SETTING)
