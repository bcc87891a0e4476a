"""Closing the window while a run goes on: stop and save first, keep running, or stay."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from tlstudio.desktop.making import make


class ClosingQuestion(QObject):
    """Asks without blocking: ``ask`` returns at once, and the answer comes as a signal (none for “Cancel”)."""

    stop_chosen = Signal()
    keep_chosen = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._box: QMessageBox | None = None

    def ask(self) -> None:
        """A question that is open already is brought to the front."""
        if self._box is not None:
            self._box.raise_()
            self._box.activateWindow()
            return
        box = make(QMessageBox, "closingQuestion", self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(self.tr("Training is going on"))
        box.setText(self.tr("A training run is going on. What shall become of it?"))
        box.setInformativeText(
            self.tr(
                "A run that is stopped keeps its best model so far, and can be resumed later from where it is now."
            )
        )
        roles = QMessageBox.ButtonRole
        stop = box.addButton(self.tr("Stop and save"), roles.DestructiveRole)
        keep = box.addButton(self.tr("Keep running"), roles.AcceptRole)
        cancel = box.addButton(self.tr("Cancel"), roles.RejectRole)
        for button, name in ((stop, "stopAndSave"), (keep, "keepRunning"), (cancel, "cancelClosing")):
            button.setObjectName(f"{name}Button")
        keep.setToolTip(self.tr("The window is minimised, and the run goes on in it"))
        box.setDefaultButton(keep)
        box.setEscapeButton(cancel)
        stop.clicked.connect(self.stop_chosen)
        keep.clicked.connect(self.keep_chosen)
        box.finished.connect(self._on_finished)
        self._box = box
        box.open()

    def withdraw(self) -> None:
        """The run has ended meanwhile; there is nothing left to ask."""
        if self._box is not None:
            self._box.reject()

    @property
    def is_open(self) -> bool:
        return self._box is not None

    def _on_finished(self) -> None:
        if self._box is not None:
            self._box.deleteLater()
            self._box = None
