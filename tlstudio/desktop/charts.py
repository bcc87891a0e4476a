"""Live curves of one metric: training and validation by epoch, single batches as faint dots, the epoch that is kept.

New values are collected and drawn at most twelve times a second, and only while the chart can be seen.
"""

import math
import time

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import QWidget

from tlstudio.desktop.theme import Theme
from tlstudio.desktop.translated import Translated

MILLISECONDS_BETWEEN_DRAWINGS = 60  # of all charts together: each is drawn some eight times a second
# More cannot be told apart on a chart of some 400 pixels, and each costs: with 4000 dots and 700 epochs as drawn
# symbols two charts held the window for 60 ms at each drawing, with these limits for under 15.
MAX_DOTS = 600  # older ones are thinned out
MAX_POINTS = 200  # epochs are then averaged over spans
MAX_SYMBOLS = 60  # epochs up to which each has its symbol
SHARE_OF_TIME = 6  # a drawing that took a millisecond is followed by at least so many without one


def _thinned(values: list[float]) -> np.ndarray:
    """At most ``MAX_POINTS`` values: means over spans of equal length."""
    span = math.ceil(len(values) / MAX_POINTS) or 1
    if span == 1:
        return np.array(values)
    whole = np.array(values[: len(values) // span * span]).reshape(-1, span).mean(axis=1)
    return np.append(whole, values[-1])


class Drawing(QObject):
    """Draws the charts that have something new, one at a time: two in one go would hold the window twice as long."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[CurveChart] = []
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._draw_next)

    def request(self, chart: "CurveChart") -> None:
        if chart not in self._waiting:
            self._waiting.append(chart)
        if not self._timer.isActive():
            self._timer.start(MILLISECONDS_BETWEEN_DRAWINGS)

    def _draw_next(self) -> None:
        chart = self._waiting.pop(0)
        chart.draw()
        if self._waiting:
            self._timer.start(max(MILLISECONDS_BETWEEN_DRAWINGS, round(SHARE_OF_TIME * chart.cost)))


class CurveChart(Translated, pg.PlotWidget):
    """``metric`` is "loss" or "accuracy"; epochs count from 1, batches lie between them."""

    def __init__(self, metric: str, theme: Theme, drawing: Drawing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._metric, self._theme, self._drawing = metric, theme, drawing
        self.setObjectName(f"{metric}Chart")
        self.setMinimumHeight(110)
        self.setMenuEnabled(False)
        self.hideButtons()
        plot = self.getPlotItem()
        plot.showGrid(x=False, y=True, alpha=0.15)
        plot.getAxis("left").setWidth(46)
        plot.getAxis("left").enableAutoSIPrefix(False)
        if metric == "accuracy":
            plot.setYRange(0, 1, padding=0.03)
            plot.setLimits(yMin=-0.05, yMax=1.05)
        self._legend = plot.addLegend(offset=(-6, 2 if metric == "loss" else -2), labelTextSize="8pt", colCount=3)
        self._dots = pg.ScatterPlotItem(size=3, pen=None, pxMode=True)
        self._training = pg.PlotDataItem(symbol="o", symbolSize=4, symbolPen=None, connect="finite")
        self._validation = pg.PlotDataItem(symbol="t", symbolSize=6, symbolPen=None, connect="finite")
        self._best = pg.ScatterPlotItem(symbol="star", size=15)
        self._best_line = pg.InfiniteLine(angle=90, movable=False)
        self._best_line.hide()
        for item in (self._dots, self._best_line, self._training, self._validation, self._best):
            plot.addItem(item)
        theme.changed.connect(self._on_theme_changed)
        self.clear_values()
        self.retranslate()
        self._on_theme_changed()

    # -- values -----------------------------------------------------------------------------------------

    def clear_values(self) -> None:
        self._epochs: list[float] = []
        self._train_values: list[float] = []
        self._validation_values: list[float] = []
        self._dot_x: list[float] = []
        self._dot_y: list[float] = []
        self._best_epochs: list[int] = []  # each was the best when it ended
        self._highest = 0.0
        self._shown_epochs = self._shown_top = 0.0
        self.cost = 0.0  # of the last drawing, in milliseconds
        self._needs_drawing = True
        self.draw()

    def add_batches(self, epoch: int, steps: list[int], steps_per_epoch: int, values: list[float]) -> None:
        self._dot_x += [epoch - 1 + step / steps_per_epoch for step in steps]
        self._dot_y += values
        if len(self._dot_x) > MAX_DOTS:
            self._dot_x, self._dot_y = self._dot_x[::2], self._dot_y[::2]
        self._schedule()

    def add_epoch(self, epoch: int, training: float, validation: float | None, is_best: bool) -> None:
        if self._epochs and epoch <= self._epochs[-1]:  # it is trained once more
            self.forget_after(epoch - 1)
        self._epochs.append(float(epoch))
        self._train_values.append(training)
        self._validation_values.append(math.nan if validation is None else validation)
        for value in (training, validation):
            if value is not None and math.isfinite(value):
                self._highest = max(self._highest, value)
        if is_best:
            self._best_epochs.append(epoch)
        self._schedule()

    def forget_after(self, epoch: int) -> None:
        """Take back the epochs behind one, and their batches: the run goes on from there."""
        kept = sum(e <= epoch for e in self._epochs)
        self._epochs = self._epochs[:kept]
        self._train_values, self._validation_values = self._train_values[:kept], self._validation_values[:kept]
        dots = sum(x <= epoch for x in self._dot_x)
        self._dot_x, self._dot_y = self._dot_x[:dots], self._dot_y[:dots]
        self._best_epochs = [e for e in self._best_epochs if e <= epoch]
        shown = [v for v in self._train_values + self._validation_values if math.isfinite(v)]
        self._highest = max(shown, default=0.0)
        self._schedule()

    @property
    def epochs_shown(self) -> int:
        return len(self._epochs)

    # -- drawing ----------------------------------------------------------------------------------------

    def _schedule(self) -> None:
        self._needs_drawing = True
        if self.isVisible():
            self._drawing.request(self)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._needs_drawing:
            self.draw()

    def draw(self) -> None:
        began = time.perf_counter()
        self._needs_drawing = False
        self._dots.setData(x=np.array(self._dot_x), y=np.array(self._dot_y))
        epochs = _thinned(self._epochs)
        has_symbols = len(self._epochs) <= MAX_SYMBOLS
        for curve, values, symbol in (
            (self._training, self._train_values, "o"),
            (self._validation, self._validation_values, "t"),
        ):
            curve.setData(epochs, _thinned(values), symbol=symbol if has_symbols else None)
        self._mark_best()
        self._fit()
        self.cost = 1000 * (time.perf_counter() - began)

    def _mark_best(self) -> None:
        if not self._best_epochs:
            self._best.clear()
            self._best_line.hide()
            return
        best = self._best_epochs[-1]
        place = best - int(self._epochs[0])
        value = self._validation_values[place]
        shown = self._train_values[place] if math.isnan(value) else value
        self._best.setData(x=[best], y=[shown])
        self._best_line.setPos(best)
        self._best_line.show()

    def _fit(self) -> None:
        """Show all of it. The range grows in steps, since new ticks cost more than new points."""
        reached = max([*self._epochs[-1:], *self._dot_x[-1:], 1.0])
        if not reached <= self._shown_epochs <= 1.5 * reached + 1:
            step = 10 ** max(math.floor(math.log10(reached)) - 1, 0)
            self._shown_epochs = float(math.ceil(reached / step) * step)
            self.getPlotItem().setXRange(0, self._shown_epochs, padding=0.02)
        if self._metric == "loss" and self._train_values:
            top = max(self._highest, 1e-6) * 1.05
            if top != self._shown_top:
                self._shown_top = top
                self.getPlotItem().setYRange(0, top, padding=0.02)

    # -- words and colours ------------------------------------------------------------------------------

    def retranslate(self) -> None:
        title = self.tr("Loss") if self._metric == "loss" else self.tr("Accuracy")
        self.setAccessibleName(title)
        plot = self.getPlotItem()
        plot.setLabel("left", title)
        plot.setLabel("bottom", self.tr("Epoch"))
        self._legend.clear()
        self._legend.addItem(self._training, self.tr("Training"))
        self._legend.addItem(self._validation, self.tr("Validation"))
        self._legend.addItem(self._best, self.tr("Epoch that is kept"))

    def _on_theme_changed(self) -> None:
        c = self._theme.colours
        self.setBackground(c.base)
        plot = self.getPlotItem()
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(pg.mkPen(c.line))
            axis.setTextPen(pg.mkPen(c.text))
        self._training.setPen(pg.mkPen(c.training, width=2))
        self._training.setSymbolBrush(c.training)
        self._training.setSymbolPen(None)
        self._validation.setPen(pg.mkPen(c.validation, width=2, style=Qt.PenStyle.DashLine))
        self._validation.setSymbolBrush(c.validation)
        self._validation.setSymbolPen(None)
        faint = QColor(c.training)
        faint.setAlpha(70)
        self._dots.setBrush(pg.mkBrush(faint))
        self._best.setBrush(pg.mkBrush(c.best))
        self._best.setPen(pg.mkPen(c.base))
        self._best_line.setPen(pg.mkPen(c.best, style=Qt.PenStyle.DotLine))
        self._legend.setLabelTextColor(c.text)
        self.retranslate()
