"""What happened, line by line, for those who want to know."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from tlstudio.core import events
from tlstudio.desktop import texts
from tlstudio.desktop.translated import Translated

if TYPE_CHECKING:
    from tlstudio.core.model.graph import Note
    from tlstudio.core.model.inspection import Inspection

MAX_LINES = 5000


class LogView(Translated, QPlainTextEdit):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("logView")
        self.setReadOnly(True)
        self.setMaximumBlockCount(MAX_LINES)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName(self.tr("Log"))

    def add(self, text: str) -> None:
        stamp = time.strftime("%H:%M:%S")
        for line in text.splitlines():
            self.appendPlainText(f"{stamp}  {line}")

    def add_model(self, inspection: "Inspection") -> None:
        """What was opened, and what its file needed."""
        self.add(self.tr("Opened {path} ({writer})").format(path=inspection.path, writer=inspection.writer))
        self.add_notes(inspection.warnings, inspection.repairs)

    def add_notes(self, warnings: "Sequence[Note]" = (), repairs: "Sequence[Note]" = ()) -> None:
        for mark, notes in (("⚠", warnings), ("✔", repairs)):
            for note in notes:
                self.add(f"{mark} {texts.note_text(note)}")

    def take(self, event: events.Event) -> None:
        text = self._text(event)
        if text:
            self.add(text)

    def _text(self, event: events.Event) -> str:
        match event:
            case events.RunStarted():
                text = self.tr("Run {run}: {train} images to train, {validation} to validate, {test} to test")
                return text.format(
                    run=event.run,
                    train=event.train_images,
                    validation=event.validation_images,
                    test=event.test_images,
                )
            case events.Resumed():
                text = self.tr("The run goes on behind epoch {epoch} and {steps} batches of the next one")
                return text.format(epoch=event.epoch, steps=event.step)
            case events.Forecast():
                text = self.tr("Forecast: at most {seconds}, about {needed} of memory; {free} are there for it")
                return text.format(
                    seconds=texts.duration(event.seconds),
                    needed=texts.bytes_text(event.peak_bytes),
                    free=texts.bytes_text(event.free_bytes),
                )
            case events.StageStarted():
                text = self.tr(
                    "Stage {number} begins: {parameters} parameters train, the outputs of {layers} layers were "
                    "computed once, learning rate {rate}"
                )
                return text.format(
                    number=event.index + 1,
                    parameters=texts.number(event.trainable_parameters),
                    layers=event.cached_layers,
                    rate=f"{event.learning_rate:g}",
                )
            case events.EpochFinished():
                line = self.tr("Epoch {epoch}: loss {loss}, accuracy {accuracy}").format(
                    epoch=event.epoch, loss=f"{event.loss:.4f}", accuracy=f"{event.accuracy:.3f}"
                )
                if event.val_loss is not None and event.val_accuracy is not None:
                    line += self.tr("; validation loss {loss}, accuracy {accuracy}").format(
                        loss=f"{event.val_loss:.4f}", accuracy=f"{event.val_accuracy:.3f}"
                    )
                return line + (" ★" if event.is_best else "")
            case events.CheckpointWritten() if event.kind == "best":  # states come with every epoch
                return self.tr("Checkpoint of epoch {epoch}: {path}").format(epoch=event.epoch, path=event.path)
            case events.ImageSkipped():
                return self.tr("Skipped {path}: {problem}").format(
                    path=event.path, problem=texts.problem_name(event.code)
                )
            case events.Noticed():
                return texts.notice_text(event)
            case events.Paused():
                return self.tr("Paused")
            case events.Continued():
                return self.tr("Continued")
            case events.RunFinished():
                return self.tr("The run has ended: {why}").format(why=texts.stopped_text(event.stopped))
            case events.RatesTried() if event.suggested is not None:
                text = self.tr("{count} learning rates were tried; {rate} is proposed")
                return text.format(count=len(event.rates), rate=f"{event.suggested:g}")
            case events.Measured():
                text = self.tr("{images} images were looked at through the network, in {seconds}")
                return text.format(images=texts.number(event.images), seconds=texts.duration(event.seconds))
            case events.Exported():
                text = self.tr(
                    "Exported to {path}; read again by {reader}, probabilities differ by {difference} at most"
                )
                return text.format(path=event.path, reader=event.reader, difference=f"{event.largest_difference:.1g}")
            case events.JobFailed():
                detail = f"\n{event.detail}" if event.detail else ""
                return texts.error_text(event.code, event.facts) + detail
        return ""
