"""The four ways in their quadrants: few or many images, unlike or like what the network knows, the dataset a dot."""

import math

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QLabel,
    QRadioButton,
    QSizePolicy,
    QWidget,
)

from tlstudio.core.advice.recommendation import Recommendation, Way
from tlstudio.core.plan import Strategy
from tlstudio.core.strategy import CASES, LARGE_PER_CLASS
from tlstudio.desktop import texts
from tlstudio.desktop.making import make

ROWS, COLUMNS = ("large", "small"), ("dissimilar", "similar")
# Where the dot stays at the edge: so many times more or fewer images a class than at the border of few and many.
FARTHEST = 32.0
DOT = 9  # pixels from its middle to its corners
MARGIN = 8
BETWEEN = 2  # pixels between a name and its facts
WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
RING, INDICATOR = 12, 22  # pixels: the sign of what is chosen, and what it takes beside the name
OUTLINE = 110  # of 255; fainter, a place that isn't chosen can't be told from the page


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
        faint = QColor(palette.text().color())
        faint.setAlpha(OUTLINE)
        painter.setPen(QPen(accent if is_on else faint, 3 if is_on else 1))
        frame = self.rect().adjusted(2, 2, -2, -2)
        painter.drawRoundedRect(frame, 5, 5)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(palette.text().color(), 1, Qt.PenStyle.DotLine))
            painter.drawRoundedRect(frame.adjusted(4, 4, -4, -4), 3, 3)
        name, facts = self._places()
        self._draw_indicator(painter, name.top())
        painter.setPen(palette.text().color())
        painter.setFont(self._bold())
        painter.drawText(name, WRAPPED, self.text())
        painter.setFont(self.font())
        painter.drawText(facts, WRAPPED, self._facts)

    def _bold(self) -> QFont:
        bold = self.font()
        bold.setBold(True)
        return bold

    def _places(self) -> tuple[QRect, QRect]:
        """Where the name stands, and the facts below it."""
        inner = self.rect().adjusted(MARGIN + INDICATOR, MARGIN, -MARGIN, -MARGIN)
        name = QFontMetrics(self._bold()).boundingRect(inner, WRAPPED, self.text()).height()
        facts = self.fontMetrics().boundingRect(inner, WRAPPED, self._facts).height() if self._facts else 0
        top = inner.top()
        if self._alignment == Qt.AlignmentFlag.AlignBottom:
            top = max(inner.bottom() - name - facts - BETWEEN, top)
        return (
            QRect(inner.left(), top, inner.width(), name),
            QRect(inner.left(), top + name + BETWEEN, inner.width(), facts),
        )

    def free_place(self) -> QRect:
        """Where nothing is written, in its own coordinates."""
        name, facts = self._places()
        if self._alignment == Qt.AlignmentFlag.AlignBottom:
            return QRect(0, 0, self.width(), name.top())
        return QRect(0, facts.bottom(), self.width(), self.height() - facts.bottom())

    def _draw_indicator(self, painter: QPainter, top: int) -> None:
        """As of any other radio button, since a frame alone would be a sign by colour and width. Fusion's own can't
        be seen on this ground in the dark."""
        place, text = QRect(MARGIN, top + 1, RING, RING), self.palette().text().color()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(text, 1.2))
        painter.drawEllipse(place)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(text)
            painter.drawEllipse(place.adjusted(3, 3, -2, -2))


class _Dot(QWidget):
    """The dataset, over the quadrants, as a diamond: a disc would look like the sign of a choice. Clicks go through
    it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.at: QPointF | None = None

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.at is None:
            return
        painter, palette = QPainter(self), self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        corners = [QPointF(0, -DOT), QPointF(DOT, 0), QPointF(0, DOT), QPointF(-DOT, 0)]
        diamond = QPolygonF([self.at + corner for corner in corners])
        painter.setBrush(palette.highlight())
        for pen in (QPen(palette.base().color(), 5), QPen(palette.text().color(), 2)):
            painter.setPen(pen)
            painter.drawPolygon(diamond)


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
        self.key = make(QLabel, "datasetKey", self.tr("◆ Your images"), wordWrap=True)
        self.key.setMaximumWidth(64)
        grid.addWidget(self.key, 2, 0)
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
        self._place: tuple[float, float] | None = None

    def show_ways(self, recommended: Strategy | None, advice: Recommendation | None) -> None:
        """``advice``: None where nothing was measured; then the names alone are shown, without a dot."""
        ways = {way.strategy: way for way in advice.ways} if advice is not None else {}
        for strategy, button in self.buttons.items():
            name = texts.strategy_name(strategy)
            is_recommended = strategy == recommended
            mark = self.tr("★ {name}").format(name=name)
            way = ways.get(strategy)  # type: ignore[call-overload]
            facts = [self.tr("Recommended")] if is_recommended else []
            facts += [self._facts(way, recommended is not None)] if way else []
            button.show_way(mark if is_recommended else name, "\n".join(facts), is_recommended)
        self._place = place_of(advice) if advice is not None else None
        self.key.setVisible(advice is not None)
        self._move_dot()

    def _move_dot(self) -> None:
        """Into its quadrant, beside what is written there."""
        self._dot.at = None
        if self._place is not None:
            x, y = self._place
            column, row = int(x >= 0.5), int(y < 0.5)
            button = self.buttons[CASES[ROWS[row], COLUMNS[column]]]  # type: ignore[index]
            room = button.free_place().adjusted(2 * DOT, 2 * DOT, -2 * DOT, -2 * DOT)
            across, up = 2 * x - column, 2 * y - (1 - row)
            left = room.left() + across * max(room.width(), 0)
            top = room.bottom() - up * room.height() if room.height() > 0 else room.center().y()
            self._dot.at = QPointF(button.pos() - self._dot.pos()) + QPointF(left, top)
        self._dot.update()

    def _facts(self, way: Way, is_promising: bool) -> str:
        """``is_promising``: something can be learned; else there is nothing to expect of any way."""
        if not is_promising:
            return texts.duration(way.seconds)
        right = self.tr("{share} right").format(share=f"{100 * way.expected:.0f} %")
        time = texts.duration(way.seconds)
        return self.tr("{right}, {time}").format(right=right, time=time)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        first, last = self.buttons["init"].geometry(), self.buttons["features"].geometry()
        self._dot.setGeometry(first.united(last))
        self._dot.raise_()
        self._move_dot()
