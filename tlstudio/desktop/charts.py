"""Live curves of one metric: training and validation by epoch, single batches as faint dots, the best epoch.

New values are collected and drawn at most twelve times a second, and only while the chart can be seen.
"""

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import QWidget

from tlstudio.desktop.theme import Theme

MILLISECONDS_BETWEEN_DRAWINGS = 80
MAX_DOTS = 4000  # older dots are thinned out: more cannot be told apart on a screen


class CurveChart(pg.PlotWidget):
    """``metric`` is "loss" or "accuracy"; epochs count from 1, batches lie between them."""

    def __init__(self, metric: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._metric, self._theme = metric, theme
        self.setObjectName(f"{metric}Chart")
        self.setMinimumHeight(110)
        self.setMenuEnabled(False)
        self.hideButtons()
        plot = self.getPlotItem()
        plot.showGrid(x=True, y=True, alpha=0.15)
        plot.getAxis("left").setWidth(46)
        if metric == "accuracy":
            plot.setYRange(0, 1, padding=0.03)
            plot.setLimits(yMin=-0.05, yMax=1.05)
        self._legend = plot.addLegend(offset=(-8, 8), labelTextSize="8pt")
        self._dots = pg.ScatterPlotItem(size=3, pen=None, pxMode=True)
        self._training = pg.PlotDataItem(symbol="o", symbolSize=4, connect="finite")
        self._validation = pg.PlotDataItem(symbol="t", symbolSize=6, connect="finite")
        self._best = pg.ScatterPlotItem(symbol="star", size=15)
        self._best_line = pg.InfiniteLine(angle=90, movable=False)
        self._best_line.hide()
        for item in (self._dots, self._best_line, self._training, self._validation, self._best):
            plot.addItem(item)
        self._timer = QTimer(self, singleShot=True, interval=MILLISECONDS_BETWEEN_DRAWINGS)
        self._timer.timeout.connect(self._draw)
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
        self._best_epoch: int | None = None
        self._needs_drawing = True
        self._draw()

    def add_batches(self, epoch: int, steps: list[int], steps_per_epoch: int, values: list[float]) -> None:
        self._dot_x += [epoch - 1 + step / steps_per_epoch for step in steps]
        self._dot_y += values
        if len(self._dot_x) > MAX_DOTS:
            self._dot_x, self._dot_y = self._dot_x[::2], self._dot_y[::2]
        self._schedule()

    def add_epoch(self, epoch: int, training: float, validation: float | None, is_best: bool) -> None:
        self._epochs.append(float(epoch))
        self._train_values.append(training)
        self._validation_values.append(math.nan if validation is None else validation)
        if is_best:
            self._best_epoch = epoch
        self._schedule()

    @property
    def epochs_shown(self) -> int:
        return len(self._epochs)

    # -- drawing ----------------------------------------------------------------------------------------

    def _schedule(self) -> None:
        self._needs_drawing = True
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._needs_drawing:
            self._draw()

    def _draw(self) -> None:
        self._needs_drawing = False
        epochs = np.array(self._epochs)
        self._dots.setData(x=np.array(self._dot_x), y=np.array(self._dot_y))
        self._training.setData(epochs, np.array(self._train_values))
        self._validation.setData(epochs, np.array(self._validation_values))
        if self._best_epoch is None:
            self._best.clear()
            self._best_line.hide()
        else:
            place = self._epochs.index(float(self._best_epoch))
            value = self._validation_values[place]
            shown = self._train_values[place] if math.isnan(value) else value
            self._best.setData(x=[self._best_epoch], y=[shown])
            self._best_line.setPos(self._best_epoch)
            self._best_line.show()
        if self._metric == "loss" and self._train_values:
            finite = [v for v in (*self._train_values, *self._validation_values) if math.isfinite(v)]
            self.getPlotItem().setYRange(0, max([*finite, 1e-6]) * 1.05, padding=0.02)
        self.getPlotItem().setXRange(0, max([*self._epochs, *self._dot_x[-1:], 1.0]), padding=0.02)

    # -- words and colours ------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        title = self.tr("Loss") if self._metric == "loss" else self.tr("Accuracy")
        self.setAccessibleName(title)
        plot = self.getPlotItem()
        plot.setLabel("left", title)
        plot.setLabel("bottom", self.tr("Epoch"))
        self._legend.clear()
        self._legend.addItem(self._training, self.tr("Training"))
        self._legend.addItem(self._validation, self.tr("Validation"))
        self._legend.addItem(self._best, self.tr("Best epoch"))

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
