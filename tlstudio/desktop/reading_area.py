"""Words that may be longer than their place: they scroll, by keys too, and then show that they have the focus."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QLabel, QScrollArea, QWidget

BORDER = 2  # pixels around the words, for the sign of the focus


class ReadingArea(QScrollArea):
    """No stop for Tab while there is nothing to scroll. Shows the colour of what it lies on."""

    def __init__(self, label: QLabel, parent: QWidget | None = None) -> None:
        super().__init__(parent, widgetResizable=True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportMargins(BORDER, BORDER, BORDER, BORDER)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)  # names of layers are a stranger's
        label.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setWidget(label)
        for widget in (self.viewport(), label):
            widget.setAutoFillBackground(False)
        self.verticalScrollBar().rangeChanged.connect(self._on_range_changed)
        self._on_range_changed(0, 0)

    def _on_range_changed(self, _least: int, most: int) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if most > 0 else Qt.FocusPolicy.NoFocus)

    def event(self, event: QEvent) -> bool:
        result = super().event(event)
        if event.type() == QEvent.Type.Paint and self.hasFocus():
            painter = QPainter(self)
            painter.setPen(QPen(self.palette().text().color(), 1, Qt.PenStyle.DotLine))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        elif event.type() in {QEvent.Type.FocusIn, QEvent.Type.FocusOut}:
            self.update()
        return result
