"""The curve of what each layer's features are good for, with its intervals and a star at the best cut."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from tlstudio.core.advice.measured import LayerScore

BAND = 60  # of 255: the interval behind the line


class TransferCurve(pg.PlotWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transferCurve")
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setMouseEnabled(False, False)
        self.setMinimumHeight(120)
        self._layers: list[LayerScore] = []
        plot = self.getPlotItem()
        plot.showGrid(x=False, y=True, alpha=0.15)
        plot.setYRange(0, 1, padding=0.03)
        plot.getAxis("left").enableAutoSIPrefix(False)
        plot.getAxis("left").setWidth(46)
        plot.getAxis("bottom").setTicks([[]])
        self._low, self._high = pg.PlotDataItem(), pg.PlotDataItem()
        self._band = pg.FillBetweenItem(self._low, self._high)
        self._line = pg.PlotDataItem(symbol="o", symbolSize=4, symbolPen=None)
        self._chance = pg.InfiniteLine(angle=0, movable=False)
        self._star = pg.ScatterPlotItem(symbol="star", size=16)
        for item in (self._band, self._chance, self._line, self._star):
            plot.addItem(item)
        self.setAccessibleName(self.tr("Accuracy by layer"))
        plot.setLabel("left", self.tr("Right"))
        plot.setLabel("bottom", self.tr("Layers, from the input up (★: the best cut)"))
        self._colour()

    def show_layers(self, layers: Sequence[LayerScore], best: str | None, chance: float) -> None:
        """``layers``: from the input up; ``best``: the path of the starred one; ``chance``: what guessing reaches."""
        self._layers = list(layers)
        at = np.arange(len(layers))
        scores = np.array([layer.score for layer in layers])
        self._low.setData(at, np.array([layer.low for layer in layers]))
        self._high.setData(at, np.array([layer.high for layer in layers]))
        self._line.setData(at, scores)
        self._chance.setPos(chance)
        place = next((place for place, layer in enumerate(layers) if layer.path == best), None)
        if place is None:
            self._star.clear()
        else:
            self._star.setData(x=[place], y=[scores[place]])
            told = self.tr("Best at {layer}: {score} right, between {low} and {high}; guessing reaches {chance}")
            layer = layers[place]
            facts = {"score": layer.score, "low": layer.low, "high": layer.high, "chance": chance}
            words = {name: f"{100 * share:.0f} %" for name, share in facts.items()}
            self.setAccessibleDescription(told.format(layer=layer.path, **words))
        self.getPlotItem().setXRange(0, max(len(layers) - 1, 1), padding=0.04)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_star"):
            self._colour()

    def _colour(self) -> None:
        palette = self.palette()
        text, accent = palette.text().color(), palette.highlight().color()
        self.setBackground(palette.base().color())
        for side in ("left", "bottom"):
            axis = self.getPlotItem().getAxis(side)
            axis.setPen(pg.mkPen(palette.mid().color()))
            axis.setTextPen(pg.mkPen(text))
        band = QColor(accent)
        band.setAlpha(BAND)
        self._band.setBrush(pg.mkBrush(band))
        self._line.setPen(pg.mkPen(accent, width=2))
        self._line.setSymbolBrush(accent)
        self._chance.setPen(pg.mkPen(text, style=Qt.PenStyle.DotLine))
        self._star.setBrush(pg.mkBrush(text))
        self._star.setPen(pg.mkPen(palette.base().color()))
