"""A menu of the dataset's classes, and of one that isn't there yet."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from tlstudio.desktop.translated import Translated


class ClassMenu(Translated, QMenu):
    class_chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._labels: list[QAction] = []
        self.new_class = QAction(self)
        self._line = self.addSeparator()
        self.addAction(self.new_class)
        self.triggered.connect(self._on_triggered)
        self.retranslate()

    def retranslate(self) -> None:
        self.new_class.setText(self.tr("New class…"))

    def set_classes(self, classes: list[str]) -> None:
        """Actions are used again and deleted later: this may be called while one of them is being triggered."""
        for _label in classes[len(self._labels) :]:
            action = QAction(self)
            self.insertAction(self._line, action)
            self._labels.append(action)
        for action in self._labels[len(classes) :]:
            self.removeAction(action)
            action.deleteLater()
        del self._labels[len(classes) :]
        for action, label in zip(self._labels, classes, strict=True):
            action.setText(label.replace("&", "&&"))
            action.setData(label)

    def _on_triggered(self, action: QAction) -> None:
        if action is not self.new_class:
            self.class_chosen.emit(str(action.data()))
            return
        dialog = QInputDialog(self.parentWidget())
        dialog.setObjectName("newClassDialog")
        dialog.setWindowTitle(self.tr("New class"))
        dialog.setLabelText(self.tr("Name of the class"))
        dialog.textValueSelected.connect(self._on_named)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_named(self, name: str) -> None:
        """Names that could not be a folder's are none of a class: they are written to files, one on a line."""
        name = " ".join(name.split())
        if name:
            self.class_chosen.emit(name)
