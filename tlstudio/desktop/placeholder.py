"""What an empty pane says: what belongs there, and the button that brings it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget


class Placeholder(QWidget):
    clicked = Signal()
    other_clicked = Signal()  # of the second button, which not every pane has

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        font = self._title.font()
        font.setPointSizeF(font.pointSizeF() * 1.25)
        self._title.setFont(font)
        self._hint = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._button = QPushButton()
        self._button.clicked.connect(self.clicked)
        self._other = QPushButton(flat=True)
        self._other.clicked.connect(self.other_clicked)
        self._other.hide()
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(self._title)
        layout.addWidget(self._hint)
        layout.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self._other, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(2)

    def set_texts(self, title: str, hint: str, button: str, other: str = "") -> None:
        self._title.setText(title)
        self._hint.setText(hint)
        self._button.setText(button)
        self._other.setText(other)
        self._other.setVisible(bool(other))
