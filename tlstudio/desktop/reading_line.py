"""The line that says that a model file is being read, for as long as it takes."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from tlstudio.desktop.making import make
from tlstudio.desktop.texts import plain_tip
from tlstudio.desktop.translated import Translated

PATIENCE = 200  # milliseconds; most files are read in less, and a line that flashes up tells nobody anything


class ReadingLine(Translated, QWidget):
    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("readingLine")
        self._name = ""
        self.label = make(QLabel, "readingText")
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.bar = make(QProgressBar, "readingProgress", minimum=0, maximum=0, textVisible=False)
        self.bar.setMaximumHeight(8)
        self.cancel_button = make(QToolButton, "cancelReadingButton")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.label, 1)
        layout.addWidget(self.bar, 1)
        layout.addWidget(self.cancel_button)
        self._timer = QTimer(self, singleShot=True, interval=PATIENCE)
        self._timer.timeout.connect(self.show)
        self.cancel_button.clicked.connect(self.cancelled)
        self.retranslate()
        self.hide()

    def show_reading(self, name: str) -> None:
        """``name``: of the file that is being read; empty when that ended."""
        self._name = name
        self._speak()
        if name:
            self._timer.start()
        else:
            self._timer.stop()
            self.hide()

    def retranslate(self) -> None:
        self.cancel_button.setText(self.tr("Cancel"))
        self.cancel_button.setAccessibleName(self.tr("Leave off reading the model"))
        self.bar.setAccessibleName(self.tr("The model is being read"))
        self._speak()

    def _speak(self) -> None:
        text = self.tr("Reading {name}…").format(name=self._name)
        width = max(self.label.width(), 160)
        self.label.setText(self.label.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, width))
        self.label.setToolTip(plain_tip(text))
