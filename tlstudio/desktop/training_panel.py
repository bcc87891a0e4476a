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
from tlstudio.desktop.making import make
from tlstudio.desktop.theme import Theme
from tlstudio.desktop.training_state import Clock, TrainingState, after, started
from tlstudio.desktop.translated import Translated

PROGRESS_STEPS = 1000
MILLISECONDS_BETWEEN_TEXTS = 120  # faster than that nobody reads


class TrainingPanel(Translated, QWidget):
    """Renders ``state``; buttons for train, pause and stop show the window's own actions."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = TrainingState()
        self._clock = Clock()
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
        self.title = make(QLabel, "trainingTitle")
        self.progress = make(QProgressBar, "trainingProgress", textVisible=False)
        self.eta = make(QLabel, "etaLabel")
        self.gain = make(QLabel, "gainLabel")
        self.best = make(QLabel, "bestLabel")
        self.buttons = [QToolButton() for _ in range(3)]
        for label in (self.title, self.eta, self.gain, self.best):
            # A text that changes many times a second must not move the panes: each move repaints all of them.
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.gain.setAlignment(Qt.AlignmentFlag.AlignRight)
        row = QHBoxLayout()
        for button in self.buttons:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            row.addWidget(button)
        row.addWidget(self.progress, 1)
        facts = QGridLayout()
        facts.addWidget(self.eta, 0, 0)
        facts.addWidget(self.gain, 0, 1)
        facts.addWidget(self.best, 1, 0, 1, 2)
        facts.setColumnStretch(0, 3)
        facts.setColumnStretch(1, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.title)
        layout.addLayout(row)
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
        self._show()

    # -- what happens -----------------------------------------------------------------------------------

    def begin(self) -> None:
        self.loss.clear_values()
        self.accuracy.clear_values()
        self._clock = Clock()
        self._ticking.start()
        self._set(started())

    def show_stopping(self) -> None:
        """Stop was asked for and not yet honoured."""
        self._set(after(self.state, events.Stopping()))

    def take(self, event: events.Event) -> None:
        match event:
            case events.Batches():
                self.loss.add_batches(event.epoch, event.steps, event.steps_per_epoch, event.loss)
                self.accuracy.add_batches(event.epoch, event.steps, event.steps_per_epoch, event.accuracy)
            case events.EpochFinished():
                self.loss.add_epoch(event.epoch, event.loss, event.val_loss, event.is_best)
                self.accuracy.add_epoch(event.epoch, event.accuracy, event.val_accuracy, event.is_best)
            case events.Paused():
                self._clock.pause()
            case events.Continued():
                self._clock.resume()
        self._set(after(self.state, event))

    def _set(self, state: TrainingState) -> None:
        is_new_phase = state.phase != self.state.phase
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
        share = 1.0 if state.phase == "ended" else state.share_done
        if share is None and state.is_running:
            self.progress.setRange(0, 0)
        else:
            self.progress.setRange(0, PROGRESS_STEPS)
            self.progress.setValue(round(PROGRESS_STEPS * (share or 0.0)))
        left = state.seconds_left
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
            text = self.tr("Best: epoch {epoch}, validation accuracy {accuracy}")
            self.best.setText(text.format(epoch=best.epoch, accuracy=f"{100 * best.val_accuracy:.1f} %"))
        else:
            self.best.clear()

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
                text = self.tr("Training {stage}: epoch {epoch} of at most {epochs}, batch {step} of {steps}")
                return text.format(
                    stage=stage, epoch=state.epoch, epochs=state.epochs, step=state.step, steps=state.steps
                )
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
