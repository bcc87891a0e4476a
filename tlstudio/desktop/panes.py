"""How the window is divided: model, then images over plan, then training over tabs, with movable borders."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QProxyStyle,
    QScrollArea,
    QSplitter,
    QStyle,
    QStyleOption,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

LEAST = (310, 240, 330)  # pixels of width; narrower, nothing can be read
SNUG = 8  # pixels that each tab gives up of its margins, so that all are in sight on a small screen


class _SnugStyle(QProxyStyle):
    def pixelMetric(
        self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> int:
        value = super().pixelMetric(metric, option, widget)
        return value - SNUG if metric == QStyle.PixelMetric.PM_TabBarTabHSpace else value


class SnugTabs(QTabWidget):
    """Tabs beside each other without buttons to scroll them, where the pane has the width that it has on a screen of
    1024 pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.setDocumentMode(True)
        self._style = _SnugStyle("Fusion")
        self._style.setParent(self)
        self.tabBar().setStyle(self._style)


def scrolled(widget: QWidget) -> QScrollArea:
    """The widget in an area that scrolls down but never across."""
    area = QScrollArea(widgetResizable=True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setWidget(widget)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area


def divided(model: QWidget, images: QWidget, plan: QWidget, training: QWidget, tabs: QWidget) -> QSplitter:
    for pane, width in zip((model, images, training), LEAST, strict=True):
        pane.setMinimumWidth(width)
    middle = _splitter(Qt.Orientation.Vertical, (images, plan), (11, 10))
    right = _splitter(Qt.Orientation.Vertical, (training, tabs), (12, 10))
    return _splitter(Qt.Orientation.Horizontal, (model, middle, right), (12, 10, 13))


def below_each_other(widgets: Sequence[QWidget]) -> QWidget:
    """The last one takes what room is left."""
    central = QWidget()
    layout = QVBoxLayout(central)
    layout.setContentsMargins(8, 6, 8, 8)
    for widget in widgets:
        layout.addWidget(widget, int(widget is widgets[-1]))
    return central


def _splitter(orientation: Qt.Orientation, widgets: tuple[QWidget, ...], shares: tuple[int, ...]) -> QSplitter:
    splitter = QSplitter(orientation, childrenCollapsible=False)
    for widget, share in zip(widgets, shares, strict=True):
        splitter.addWidget(widget)
        splitter.setStretchFactor(splitter.count() - 1, share)
    splitter.setSizes([100 * share for share in shares])
    return splitter
