"""Exporting a run's model: where to, in which format, and how it went; between results, thread and message bar."""

from pathlib import Path

from PySide6.QtCore import QObject, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QProgressDialog, QWidget

from tlstudio.core import events
from tlstudio.core.requests import Export
from tlstudio.desktop import texts
from tlstudio.desktop.choosing import Choosing
from tlstudio.desktop.log_view import LogView
from tlstudio.desktop.message_bar import Choice, MessageBar
from tlstudio.desktop.training_thread import TrainingThread

ENDS = (events.Exported, events.JobFailed, events.JobStopped)


class ModelExport(QObject):
    """One export at a time; ``changed``: whether one is going on."""

    changed = Signal()

    def __init__(
        self, thread: TrainingThread, choosing: Choosing, bar: MessageBar, log: LogView, window: QWidget
    ) -> None:
        super().__init__(window)
        self._thread, self._choosing, self._bar, self._log = thread, choosing, bar, log
        self._window = window
        self._progress: QProgressDialog | None = None
        thread.export_event_happened.connect(self._on_event)

    @property
    def is_running(self) -> bool:
        return self._progress is not None

    def begin(self, run: Path) -> None:
        """Ask where to, and begin. ``run``: a run folder with a model in it."""
        if self.is_running:
            return
        place = self._choosing.place_for_export(run.name)
        if place is not None:
            path, format, overwrites = place
            self.export(Export(source=str(run), format=format, out=str(path), overwrites=overwrites))

    def export(self, request: Export) -> None:
        """The window is held meanwhile: no run begins beside it."""
        self._bar.hide()
        progress = QProgressDialog(self._window)
        progress.setObjectName("exportProgress")
        progress.setWindowModality(Qt.WindowModality.WindowModal)
        progress.setWindowTitle(self.tr("Export model"))
        progress.setLabelText(texts.phase_name("network"))
        progress.setCancelButtonText(self.tr("Cancel"))
        progress.setRange(0, 0)
        progress.setMinimumDuration(0)
        progress.setMinimumWidth(360)
        progress.setAutoClose(False)
        progress.setAutoReset(False)
        progress.canceled.connect(self._thread.stop)
        self._progress = progress
        progress.show()
        self._thread.export(request)
        self.changed.emit()

    def _on_event(self, event: events.Event) -> None:
        self._log.take(event)
        progress = self._progress
        if isinstance(event, events.Preparing) and progress is not None:
            progress.setLabelText(texts.phase_name(event.phase))
        if not isinstance(event, ENDS):
            return
        if progress is not None:
            progress.canceled.disconnect(self._thread.stop)
            progress.close()
            progress.deleteLater()
            self._progress = None
        self._tell(event)
        self.changed.emit()

    def _tell(self, event: events.Event) -> None:
        match event:
            case events.Exported():
                text = self.tr(
                    "The model was written to {path} ({size}) and loaded again: it gives the run's probabilities. It "
                    "takes pixels from 0 to 255."
                ).format(path=event.path, size=texts.bytes_text(event.bytes))
                folder = QUrl.fromLocalFile(str(Path(event.path).parent))
                show = Choice("showExportButton", self.tr("Open the folder"), lambda: _open(folder))
                self._bar.show_message(text, "good", [show])
            case events.JobFailed():
                self._bar.show_message(texts.error_text(event.code, event.facts), "error")
            case events.JobStopped():
                self._bar.show_message(self.tr("The export was stopped; nothing was written."), "warning")


def _open(place: QUrl) -> None:
    QDesktopServices.openUrl(place)
