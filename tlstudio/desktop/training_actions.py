"""What can be done about runs: start, resume, pause, stop, and go on after a failure; and what is shown of them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
from PySide6.QtCore import QObject, Signal

from tlstudio.core import events
from tlstudio.core.errors import TLStudioError
from tlstudio.core.plan import TrainingPlan
from tlstudio.desktop import texts, workspace
from tlstudio.desktop.background import Task
from tlstudio.desktop.log_view import LogView
from tlstudio.desktop.message_bar import Choice, MessageBar
from tlstudio.desktop.training_panel import TrainingPanel
from tlstudio.desktop.training_state import SLOW, WAITS
from tlstudio.desktop.training_thread import TrainingThread
from tlstudio.desktop.ways_on import WayOn, ways_on
from tlstudio.desktop.workspace import Workspace

SAVE_GRACE = 30.0  # seconds for a run to save where it is; a batch of a large network takes a few of them


class Views(NamedTuple):
    """Where runs are shown."""

    panel: TrainingPanel
    bar: MessageBar
    log: LogView


class Current(NamedTuple):
    """The run that goes on, or went on last."""

    plan: TrainingPlan
    path: Path
    is_resumed: bool


class TrainingActions(QObject):
    """Between the window's actions and the training thread. ``folder`` tells where new runs go."""

    failed = Signal(object)  # TLStudioError
    changed = Signal()  # what can be done now
    begun = Signal(object)  # Path of the run folder
    drifted = Signal(dict)  # how far each layer of the open model has moved
    ended = Signal(object)  # the last event of a run; the run folder is complete

    def __init__(
        self,
        thread: TrainingThread,
        space: Workspace,
        views: Views,
        folder: Callable[[], Path],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._thread, self._space, self._folder = thread, space, folder
        self._panel, self._bar, self._log = views
        self._starts_when_ready = False
        self._resuming: Task | None = None
        self.current: Current | None = None
        self.scored: events.Evaluated | None = None
        thread.event_happened.connect(self._on_event)
        thread.run_ended.connect(self._on_run_ended)

    @property
    def is_running(self) -> bool:
        return self._panel.state.is_running

    # -- what is asked for ------------------------------------------------------------------------------

    def start(self) -> None:
        """Train by the plan. While model or images are still being looked at, as soon as that is done."""
        if self.is_running:
            return
        if self._space.is_scanning or self._space.is_reading:
            self._starts_when_ready = True
            self._bar.show_message(
                self.tr("Training begins when the model and all images have been looked at."), "good"
            )
            return
        from tlstudio.core.run_folder import new_run_path

        try:
            plan = self._space.require_ready()
        except TLStudioError as error:
            self.failed.emit(error)
            return
        self._begin(Current(plan, new_run_path(self._folder(), plan.strategy), False))

    def start_if_asked(self) -> None:
        """Begin what was asked for before model and images had been looked at."""
        if not self._starts_when_ready or self._space.is_scanning or self._space.is_reading:
            return
        self._starts_when_ready = False
        if self._space.model is not None and self._space.dataset is not None:
            self.start()

    def forget_wish(self) -> None:
        self._starts_when_ready = False

    def resume_run(self, path: Path, plan: TrainingPlan | None = None) -> None:
        """Go on with a run that was interrupted, by its own plan, whatever is open in the window.

        ``plan``: another than its own, which takes its place.
        """
        if self.is_running or self._resuming is not None:
            text = self.tr("A run is going on already. Stop it before you resume another.")
            self._bar.show_message(text, "warning")
            return

        def look(_task: Task) -> tuple[TrainingPlan, list[events.AnyEvent]]:
            from tlstudio.core.interrupted import require_resumable
            from tlstudio.core.run_summary import events_so_far

            return require_resumable(path), events_so_far(path)

        self._resuming = Task(look, self)
        self._resuming.finished.connect(lambda found: self._on_resumable(path, plan or found[0], found[1]))
        self._resuming.failed.connect(self._on_not_resumable)
        self._resuming.start()

    def _on_resumable(self, path: Path, plan: TrainingPlan, before: list[events.AnyEvent]) -> None:
        self._resuming = None
        self._begin(Current(plan, path, True), before)

    def _on_not_resumable(self, error: TLStudioError) -> None:
        self._resuming = None
        self.failed.emit(error)

    def _begin(self, run: Current, before: list[events.AnyEvent] | None = None) -> None:
        self._starts_when_ready = False
        self.current, self.scored = run, None
        self._bar.hide()
        self._panel.begin(run.path.name, before or [])
        self._thread.submit(run.plan, run.path, run.is_resumed)
        self.begun.emit(run.path)
        self._tell_drift(next((e for e in reversed(before or []) if isinstance(e, events.EpochFinished)), None))
        self.changed.emit()

    def pause_or_continue(self) -> None:
        if self._panel.state.phase == "paused":
            self._thread.resume()
        elif self.is_running:
            self._thread.pause()

    def stop(self) -> None:
        self._starts_when_ready = False
        if self.is_running:
            self._thread.stop()
            self._show_stopping()

    def stop_and_save(self) -> None:
        """Stop as soon as the run has saved where it is; there is nothing to save before it trains."""
        if self._panel.state.phase in {"training", "paused"}:
            self._thread.stop(SAVE_GRACE)
            self._show_stopping()
        else:
            self.stop()

    def _show_stopping(self) -> None:
        self._panel.show_stopping()
        self.changed.emit()

    def cancel(self) -> None:
        """The window closes: nothing is waited for any more."""
        self._panel.rest()
        if self._resuming is not None:
            self._resuming.cancel()
            self._resuming = None

    # -- what happens -----------------------------------------------------------------------------------

    def _on_event(self, event: events.Event) -> None:
        self._log.take(event)
        if isinstance(event, events.Evaluated):
            self.scored = event
        if isinstance(event, events.EpochFinished):
            self._tell_drift(event)
        if isinstance(event, events.Noticed) and event.code not in WAITS and event.code != SLOW:
            self._bar.show_message(texts.notice_text(event), "warning")
        before = self._panel.state.phase
        if self.is_running:
            self._panel.take(event)
        if self._panel.state.phase != before:
            self.changed.emit()

    def _tell_drift(self, epoch: events.EpochFinished | None) -> None:
        run, model = self.current, self._space.model
        is_of_open_model = run is not None and model is not None and Path(run.plan.model) == model.path
        self.drifted.emit(epoch.drift if epoch is not None and is_of_open_model else {})

    def _on_run_ended(self, event: events.Event) -> None:
        if isinstance(event, events.RunFinished) and event.test is not None:
            text = self.tr("Training is done. Test accuracy: {accuracy}")
            self._bar.show_message(text.format(accuracy=f"{100 * event.test.accuracy:.1f} %"), "good")
        elif isinstance(event, events.JobFailed):
            self._offer_ways_on(event)
        self.changed.emit()
        self.ended.emit(event)

    # -- after a failure --------------------------------------------------------------------------------

    def _offer_ways_on(self, failure: events.JobFailed) -> None:
        run = self.current
        ways = ways_on(failure, run.plan, run.is_resumed) if run is not None else []
        choices = [Choice(_BUTTONS[way.kind], self._words(way), partial(self._take, way)) for way in ways]
        self._bar.show_message(texts.error_text(failure.code, failure.facts), "error", choices)

    def _words(self, way: WayOn) -> str:
        match way.kind:
            case "resume":
                return self.tr("Resume")
            case "resume-smaller":
                return self.tr("Resume with smaller batches")
            case "anew-smaller":
                return self.tr("Train anew with smaller batches")
            case "anew-batch":
                return self.tr("Train with batches of {smaller}").format(smaller=way.plan.batch_size)

    def _take(self, way: WayOn) -> None:
        run = self.current
        if run is None:
            return
        if way.resumes:
            self.resume_run(run.path, way.plan)
            return
        plan = self._space.plan
        if plan is not None:
            # Only what is about memory: the plan may have been edited since.
            size, parts = way.plan.batch_size, way.plan.accumulate
            changed = msgspec.structs.replace(plan, batch_size=size, accumulate=parts)
            self._space.change_plan(changed, workspace.SETTING)
        self.start()


_BUTTONS = {
    "resume": "resumeButton",
    "resume-smaller": "resumeSmallerButton",
    "anew-smaller": "trainSmallerButton",
    "anew-batch": "trainSmallerButton",
}
