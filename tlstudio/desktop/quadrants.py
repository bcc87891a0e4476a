"""The four ways in their quadrants: few or many images, unlike or like what the network knows, the dataset a dot."""

import math

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QLabel, QRadioButton, QSizePolicy, QWidget

from tlstudio.core.advice.recommendation import Recommendation, Way
from tlstudio.core.plan import Strategy
from tlstudio.core.strategy import CASES, LARGE_PER_CLASS
from tlstudio.desktop import texts
from tlstudio.desktop.making import make

ROWS, COLUMNS = ("large", "small"), ("dissimilar", "similar")
# Where the dot stays at the edge: so many times more or fewer images a class than at the border of few and many.
FARTHEST = 32.0
DOT = 7  # pixels
MARGIN = 8


class Quadrant(QRadioButton):
    """One way: its name, and what is to be expected of it; all of it can be clicked."""

    def __init__(self, strategy: str, alignment: Qt.AlignmentFlag) -> None:
        super().__init__()
        self.setObjectName(f"{strategy}Button")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._alignment = alignment
        self._is_recommended, self._facts = False, ""

    def show_way(self, name: str, facts: str, is_recommended: bool) -> None:
        self._is_recommended, self._facts = is_recommended, facts
        self.setText(name)
        self.setAccessibleDescription(facts)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(170, 96)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 76)

    def hitButton(self, point: QPoint) -> bool:
        return self.rect().contains(point)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, palette = QPainter(self), self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        accent = palette.highlight().color()
        back = QColor(palette.base().color())
        painter.setBrush(back)
        is_on = self.isChecked()
        painter.setPen(QPen(accent if is_on else palette.mid().color(), 3 if is_on else 1))
        frame = self.rect().adjusted(2, 2, -2, -2)
        painter.drawRoundedRect(frame, 5, 5)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(palette.text().color(), 1, Qt.PenStyle.DotLine))
            painter.drawRoundedRect(frame.adjusted(4, 4, -4, -4), 3, 3)
        painter.setPen(palette.text().color())
        inner = self.rect().adjusted(MARGIN + 3, MARGIN, -MARGIN - 3, -MARGIN)
        bold = self.font()
        bold.setBold(True)
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        painter.setFont(bold)
        needed = painter.boundingRect(inner, flags, self.text())
        painter.setFont(self.font())
        below = painter.boundingRect(inner, flags, self._facts) if self._facts else QRect()
        top = inner.top()
        if self._alignment == Qt.AlignmentFlag.AlignBottom:
            top = max(inner.bottom() - needed.height() - below.height() - 2, top)
        painter.setFont(bold)
        painter.drawText(QRect(inner.left(), top, inner.width(), needed.height()), flags, self.text())
        painter.setFont(self.font())
        if self._facts:
            rest = QRect(inner.left(), top + needed.height() + 2, inner.width(), below.height())
            painter.drawText(rest, flags, self._facts)


class _Dot(QWidget):
    """The dataset, over the quadrants; clicks go through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.place: tuple[float, float] | None = None  # 0 to 1 from the left and from below

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.place is None:
            return
        painter, palette = QPainter(self), self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = self.rect().adjusted(2 * DOT, 2 * DOT, -2 * DOT, -2 * DOT)
        x, y = self.place
        at = QPointF(room.left() + x * room.width(), room.bottom() - y * room.height())
        painter.setPen(QPen(palette.base().color(), 3))
        painter.setBrush(palette.highlight())
        painter.drawEllipse(at, DOT + 1, DOT + 1)
        painter.setPen(QPen(palette.text().color(), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(at, DOT + 2, DOT + 2)


def place_of(advice: Recommendation) -> tuple[float, float]:
    """Where the dataset lies, 0 to 1: similarity from the left, images a class from below on a scale of logarithms.

    A verdict of the person's own counts: the dot then lies in the middle of its half.
    """
    each = max(advice.size.per_class, 1)
    height = math.log(each / LARGE_PER_CLASS) / math.log(FARTHEST)
    is_large = advice.size.verdict == "large"
    if (height >= 0) != is_large:
        height = 0.5 if is_large else -0.5
    return advice.similarity.score / 100, min(max((1 + height) / 2, 0.0), 1.0)


class Quadrants(QWidget):
    chosen = Signal(str)  # a strategy

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("quadrants")
        self.group = QButtonGroup(self)
        self.buttons: dict[str, Quadrant] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        for line, text in enumerate((self.tr("Many images"), self.tr("Few images"))):
            label = QLabel(f"<b>{text}</b>", wordWrap=True)
            label.setMaximumWidth(64)
            grid.addWidget(label, line, 0)
            grid.setRowStretch(line, 1)
        for column, text in enumerate((self.tr("Different"), self.tr("Similar")), 1):
            grid.addWidget(QLabel(f"<b>{text}</b>", alignment=Qt.AlignmentFlag.AlignCenter), 2, column)
            grid.setColumnStretch(column, 1)
        for line, size in enumerate(ROWS):
            for column, similarity in enumerate(COLUMNS, 1):
                strategy = CASES[size, similarity]  # type: ignore[index]
                alignment = Qt.AlignmentFlag.AlignBottom if line else Qt.AlignmentFlag.AlignTop
                button = Quadrant(strategy, alignment)
                button.clicked.connect(lambda _on, strategy=strategy: self.chosen.emit(strategy))
                self.group.addButton(button)
                self.buttons[strategy] = button
                grid.addWidget(button, line, column)
        self._dot = make(_Dot, "datasetDot", self)

    def show_ways(self, recommended: Strategy | None, advice: Recommendation | None) -> None:
        """``advice``: None where nothing was measured; then the names alone are shown, without a dot."""
        ways = {way.strategy: way for way in advice.ways} if advice is not None else {}
        for strategy, button in self.buttons.items():
            name = texts.strategy_name(strategy)
            is_recommended = strategy == recommended
            mark = self.tr("★ {name} (recommended)").format(name=name)
            way = ways.get(strategy)  # type: ignore[call-overload]
            button.show_way(mark if is_recommended else name, self._facts(way) if way else "", is_recommended)
        self._dot.place = place_of(advice) if advice is not None else None
        self._dot.update()

    def _facts(self, way: Way) -> str:
        right = self.tr("{share} right").format(share=f"{100 * way.expected:.0f} %")
        time = texts.duration(way.seconds)
        return self.tr("{right}, {time}").format(right=right, time=time)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        first, last = self.buttons["init"].geometry(), self.buttons["features"].geometry()
        self._dot.setGeometry(first.united(last))
        self._dot.raise_()
