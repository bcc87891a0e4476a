"""The table of runs, and what can be done to the one that is chosen: take it up again, export its model, look at its
files."""

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from tlstudio.desktop.making import make
from tlstudio.desktop.runs_table import RunsTable
from tlstudio.desktop.translated import Translated


class RunsPage(Translated, QWidget):
    resume_requested = Signal(object)  # Path of a run folder
    export_requested = Signal(object)  # the same

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_busy = False
        self.table = RunsTable()
        self.resume_action = make(QAction, "resumeRunAction", self)
        self.export_action = make(QAction, "exportRunAction", self)
        self.folder_action = make(QAction, "showRunFolderAction", self)
        self.table.addActions([self.resume_action, self.export_action, self.folder_action])
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.resume_button = make(QToolButton, "resumeRunButton", focusPolicy=Qt.FocusPolicy.StrongFocus)
        self.export_button = make(QToolButton, "exportRunButton", focusPolicy=Qt.FocusPolicy.StrongFocus)
        self.folder_button = make(QToolButton, "showRunFolderButton", focusPolicy=Qt.FocusPolicy.StrongFocus)
        row = QHBoxLayout()
        for button, action in (
            (self.resume_button, self.resume_action),
            (self.export_button, self.export_action),
            (self.folder_button, self.folder_action),
        ):
            button.setDefaultAction(action)
            row.addWidget(button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self.table, 1)
        self.table.current_changed.connect(self._show)
        self.resume_action.triggered.connect(self._on_resume)
        self.export_action.triggered.connect(self._on_export)
        self.folder_action.triggered.connect(self._on_folder)
        self.setTabOrder(self.table, self.resume_button)
        self.retranslate()

    def retranslate(self) -> None:
        self.resume_action.setText(self.tr("Resume"))
        self.export_action.setText(self.tr("Export model…"))
        self.folder_action.setText(self.tr("Open the run's folder"))
        self._show()

    def set_busy(self, is_busy: bool) -> None:
        """While a run goes on, no other can be taken up, and no model exported."""
        self._is_busy = is_busy
        self._show()

    def _show(self) -> None:
        row = self.table.current
        can_go_on = row is not None and row.interrupted is not None and not row.is_going_on
        self.resume_action.setEnabled(can_go_on and not self._is_busy)
        has_model = row is not None and row.finished is not None and row.finished.checkpoints.best is not None
        self.export_action.setEnabled(has_model and not self._is_busy)
        self.folder_action.setEnabled(row is not None)
        if can_go_on:
            tip = self.tr("Go on with this run from where it was saved last, by its own plan")
        else:
            tip = self.tr("Choose a run that was interrupted or stopped")
        self.resume_action.setToolTip(tip)
        if has_model:
            self.export_action.setToolTip(self.tr("Write the model of this run for other programs"))
        else:
            self.export_action.setToolTip(self.tr("Choose a run that has ended with a model"))

    def _on_resume(self) -> None:
        row = self.table.current
        if row is not None:
            self.resume_requested.emit(row.path)

    def _on_export(self) -> None:
        row = self.table.current
        if row is not None:
            self.export_requested.emit(row.path)

    def _on_folder(self) -> None:
        row = self.table.current
        if row is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(row.path)))
