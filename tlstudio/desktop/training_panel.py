"""The training pane: the curves, how far the run is, and what is left of it."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tlstudio.core import events
from tlstudio.desktop import texts
from tlstudio.desktop.charts import CurveChart, Drawing
from tlstudio.desktop.elided_label import ElidedLabel
from tlstudio.desktop.making import make
from tlstudio.desktop.theme import Theme
from tlstudio.desktop.training_state import Clock, TrainingState, after, so_far, started
from tlstudio.desktop.translated import Translated

PROGRESS_STEPS = 1000
MILLISECONDS_BETWEEN_TEXTS = 120  # faster than that nobody reads


class TrainingPanel(Translated, QWidget):
    """Renders ``state``; buttons for train, pause and stop show the window's own actions."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = TrainingState()
        self._clock = Clock()
        self._forecast_at = 0.0  # seconds of the clock
        self._theme = theme
        self._build()
        self.retranslate()

    def _build(self) -> None:
        drawing = Drawing(self)
        self.loss = CurveChart("loss", self._theme, drawing)
        self.accuracy = CurveChart("accuracy", self._theme, drawing)
        charts = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
        charts.addWidget(self.loss)
        charts.addWidget(self.accuracy)
        self.title = make(ElidedLabel, "trainingTitle")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.progress = make(QProgressBar, "trainingProgress", textVisible=False)
        self.eta = make(QLabel, "etaLabel")
        self.gain = make(QLabel, "gainLabel")
        self.best = make(QLabel, "bestLabel")
        self.memory = make(QLabel, "memoryLabel")
        self.run = make(ElidedLabel, "runLabel")
        self.remark = make(QLabel, "trainingRemark", wordWrap=True)
        self.remark.hide()
        self.buttons = [QToolButton() for _ in range(3)]
        for label in (self.title, self.eta, self.gain, self.best, self.memory, self.run):
            # A text that changes many times a second must not move the panes: each move repaints all of them.
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for label in (self.gain, self.run):
            label.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.run.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout()
        for button in self.buttons:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            row.addWidget(button)
        row.addWidget(self.progress, 1)
        facts = QGridLayout()
        facts.addWidget(self.eta, 0, 0)
        facts.addWidget(self.gain, 0, 1)
        facts.addWidget(self.best, 1, 0, 1, 2)
        facts.addWidget(self.memory, 2, 0)
        facts.addWidget(self.run, 2, 1)
        facts.setColumnStretch(0, 3)
        facts.setColumnStretch(1, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.title)
        layout.addLayout(row)
        layout.addWidget(self.remark)
        layout.addLayout(facts)
        layout.addWidget(charts, 1)
        self._ticking = QTimer(self, interval=1000)  # only while a run goes on: the elapsed time
        self._ticking.timeout.connect(self._show)
        self._soon = QTimer(self, interval=MILLISECONDS_BETWEEN_TEXTS, singleShot=True)
        self._soon.timeout.connect(self._show)

    def retranslate(self) -> None:
        self.gain.setToolTip(
            self.tr("Epochs in a row that brought nothing better; training ends at the second number")
        )
        self.progress.setAccessibleName(self.tr("Progress of the training"))
        self.memory.setToolTip(
            self.tr("What the run is expected to need at its largest, and what this machine has for it")
        )
        self._show()

    # -- what happens -----------------------------------------------------------------------------------

    def begin(self, run: str, before: list[events.AnyEvent]) -> None:
        """``run``: the name of its folder; ``before``: what it told in its earlier parts (``events_so_far``)."""
        self.loss.clear_values()
        self.accuracy.clear_values()
        for event in before:
            if isinstance(event, events.EpochFinished):
                self._add_epoch(event)
        self._clock = Clock()
        self._ticking.start()
        self._set(so_far(started(run), before))
        self._show()

    def _add_epoch(self, event: events.EpochFinished) -> None:
        self.loss.add_epoch(event.epoch, event.loss, event.val_loss, event.is_best)
        self.accuracy.add_epoch(event.epoch, event.accuracy, event.val_accuracy, event.is_best)

    def show_stopping(self) -> None:
        """Stop was asked for and not yet honoured."""
        self._set(after(self.state, events.Stopping()))

    def rest(self) -> None:
        """Count no seconds any more."""
        self._ticking.stop()

    def take(self, event: events.Event) -> None:
        match event:
            case events.Batches():
                self.loss.add_batches(event.epoch, event.steps, event.steps_per_epoch, event.loss)
                self.accuracy.add_batches(event.epoch, event.steps, event.steps_per_epoch, event.accuracy)
            case events.EpochFinished():
                self._add_epoch(event)
            case events.Resumed():
                self.loss.forget_after(event.epoch)
                self.accuracy.forget_after(event.epoch)
            case events.Forecast():
                self._forecast_at = self._clock.seconds
            case events.Paused():
                self._clock.pause()
            case events.Continued():
                self._clock.resume()
        self._set(after(self.state, event))

    def _set(self, state: TrainingState) -> None:
        is_new_phase = state.phase != self.state.phase or state.remark != self.state.remark
        self.state = state
        if not state.is_running:
            self._ticking.stop()
        if is_new_phase:
            self._show()
        elif not self._soon.isActive():
            self._soon.start()

    # -- what is shown ----------------------------------------------------------------------------------

    def _show(self) -> None:
        state = self.state
        self.title.setText(self._title(state))
        self.title.setToolTip(texts.plain_tip(self.title.text()))
        share = 1.0 if isinstance(state.ended, events.RunFinished) else state.share_done
        if share is None and state.is_running:
            self.progress.setRange(0, 0)
        else:
            self.progress.setRange(0, PROGRESS_STEPS)
            self.progress.setValue(round(PROGRESS_STEPS * (share or 0.0)))
        self._show_forecast(state)
        left = self._seconds_left(state)
        if state.is_running:
            elapsed = texts.duration(self._clock.seconds)
            if left is None:
                self.eta.setText(self.tr("{elapsed} so far").format(elapsed=elapsed))
            else:
                text = self.tr("{elapsed} so far, at most {left} left")
                self.eta.setText(text.format(elapsed=elapsed, left=texts.duration(left)))
        elif isinstance(state.ended, events.RunFinished):
            self.eta.setText(self.tr("It took {seconds}").format(seconds=texts.duration(state.ended.seconds)))
        else:
            self.eta.setText("")
        if state.patience and state.epoch:
            gain = self.tr("Without gain: {count} of {patience}")
            self.gain.setText(gain.format(count=state.without_gain, patience=state.patience))
        else:
            self.gain.clear()
        best = state.best
        if best is not None and best.val_accuracy is not None:
            text = self.tr("Model of epoch {epoch}, validation accuracy {accuracy}")
            self.best.setText(text.format(epoch=best.epoch, accuracy=f"{100 * best.val_accuracy:.1f} %"))
        else:
            self.best.clear()

    def _seconds_left(self, state: TrainingState) -> float | None:
        """By the epochs, and before they tell, by the forecast."""
        left = state.seconds_left
        if left is None and state.forecast is not None and state.phase in {"preparing", "training", "paused"}:
            left = max(state.forecast.seconds - (self._clock.seconds - self._forecast_at), 0.0)
        return left

    def _show_forecast(self, state: TrainingState) -> None:
        self.run.setText(state.run)
        self.run.setToolTip(texts.plain_tip(self.tr("Run {run}").format(run=state.run)) if state.run else "")
        forecast = state.forecast
        if forecast is None or not state.is_running:
            self.memory.clear()
        else:
            text = self.tr("Memory: about {needed} of {free}")
            needed, free = texts.bytes_text(forecast.peak_bytes), texts.bytes_text(forecast.free_bytes)
            self.memory.setText(text.format(needed=needed, free=free))
        remark = state.remark
        self.remark.setVisible(remark is not None)
        self.remark.setText(f"⚠ {texts.notice_text(remark)}" if remark is not None else "")

    def _title(self, state: TrainingState) -> str:
        match state.phase:
            case "idle":
                return self.tr("Nothing is being trained yet.")
            case "preparing":
                text = texts.phase_name(state.work)
                if state.total:
                    text += f" {texts.number(state.done)} / {texts.number(state.total)}"
                return text
            case "training":
                stage = self.tr("the new head") if state.stage == "head" else self.tr("the chosen layers")
                text = self.tr("Training {stage}: epoch {epoch} of at most {epochs}, batch {step}/{steps}")
                return text.format(
                    stage=stage, epoch=state.epoch, epochs=state.epochs, step=state.step, steps=state.steps
                )
            case "paused" if state.remark is not None:
                return self.tr("The run waits in epoch {epoch}").format(epoch=state.epoch)
            case "paused":
                return self.tr("Paused in epoch {epoch}").format(epoch=state.epoch)
            case "stopping":
                return self.tr("Stopping; the best model so far is kept…")
        if isinstance(state.ended, events.RunFinished):
            text = self.tr("Done after {epochs} epochs: {why}")
            return text.format(epochs=state.ended.epochs, why=texts.stopped_text(state.ended.stopped))
        if isinstance(state.ended, events.JobFailed):
            return self.tr("The run was ended by an error.")
        return ""
