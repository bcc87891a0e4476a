"""The curve of what each layer's features are good for, with its intervals and a star at the best cut."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from tlstudio.core.advice.measured import LayerScore
from tlstudio.desktop import texts
from tlstudio.desktop.making import make

BAND = 80  # of 255: the interval behind the line
LIGHTER = 140  # of 255: the second line
LEAST_HEIGHT = 96  # pixels of the plot; lower, its axis has no room for two numbers


class TransferCurve(QWidget):
    """Two lines: a linear probe with its interval as a band, and the nearest neighbours, lighter; guessing dotted.
    The layer below the mouse is named in a tip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transferCurve")
        self._layers: list[LayerScore] = []
        self._is_starred = False
        self.plot_widget = make(pg.PlotWidget, "transferPlot")
        self.plot_widget.setMenuEnabled(False)
        self.plot_widget.hideButtons()
        self.plot_widget.setMouseEnabled(False, False)
        self.plot_widget.setMinimumHeight(LEAST_HEIGHT)
        # What a plot asks for would leave no room for the words beside it.
        self.plot_widget.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.plot_widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # there is nothing to do in it by keys
        plot = self.plot_widget.getPlotItem()
        plot.showGrid(x=False, y=True, alpha=0.15)
        plot.setYRange(0, 1, padding=0.06)
        left = plot.getAxis("left")
        left.enableAutoSIPrefix(False)
        left.setScale(100)
        left.setWidth(46)
        plot.getAxis("bottom").setTicks([[]])
        self._low, self._high = pg.PlotDataItem(), pg.PlotDataItem()
        self._band = pg.FillBetweenItem(self._low, self._high)
        self.probe = pg.PlotDataItem(symbol="o", symbolSize=5, symbolPen=None)
        self.neighbours = pg.PlotDataItem(symbol="t1", symbolSize=6, symbolPen=None)
        self._chance = pg.InfiniteLine(angle=0, movable=False)
        self._star = pg.ScatterPlotItem(symbol="star", size=16)
        for item in (self._band, self._chance, self.neighbours, self.probe, self._star):
            plot.addItem(item)
        self.key = make(QLabel, "transferKey", wordWrap=True)
        self.key.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.plot_widget, 1)
        layout.addWidget(self.key)
        self.setAccessibleName(self.tr("Accuracy by layer"))
        plot.setLabel("left", self.tr("Accuracy, %"))
        plot.setLabel("bottom", self.tr("Layers, from the input up"))
        self.plot_widget.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self._colour()

    def show_layers(self, layers: Sequence[LayerScore], best: str | None, chance: float) -> None:
        """``layers``: from the input up; ``best``: the path of the starred one; ``chance``: what guessing reaches."""
        self._layers = list(layers)
        at = np.arange(len(layers))
        self._low.setData(at, np.array([layer.low for layer in layers]))
        self._high.setData(at, np.array([layer.high for layer in layers]))
        self.probe.setData(at, np.array([layer.score for layer in layers]))
        self.neighbours.setData(at, np.array([layer.neighbours for layer in layers]))
        self._chance.setPos(chance)
        place = next((place for place, layer in enumerate(layers) if layer.path == best), None)
        if place is None:
            self._star.clear()
        else:
            self._star.setData(x=[place], y=[layers[place].score])
        self._tell_signs(place is not None)
        self._describe(place, chance)
        self.plot_widget.getPlotItem().setXRange(0, max(len(layers) - 1, 1), padding=0.04)

    def _describe(self, place: int | None, chance: float) -> None:
        if not self._layers:
            self.setAccessibleDescription("")
            return
        layer = self._layers[place] if place is not None else max(self._layers, key=lambda layer: layer.score)
        guessing = self.tr("Guessing reaches {chance}.").format(chance=texts.percent(chance))
        self.setAccessibleDescription(f"{self.words_of(layer)} {guessing}")

    def words_of(self, layer: LayerScore) -> str:
        text = self.tr(
            "{layer}: {score} right by a simple classifier ({low} to {high}), {near} by nearest neighbours."
        )
        return text.format(
            layer=layer.path,
            score=texts.percent(layer.score),
            low=texts.percent(layer.low),
            high=texts.percent(layer.high),
            near=texts.percent(layer.neighbours),
        )

    def _on_mouse_moved(self, point: QPointF) -> None:
        box = self.plot_widget.getPlotItem().getViewBox()
        place = round(box.mapSceneToView(point).x())
        is_inside = box.sceneBoundingRect().contains(point) and 0 <= place < len(self._layers)
        self.plot_widget.setToolTip(texts.plain_tip(self.words_of(self._layers[place])) if is_inside else "")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "key"):
            self._colour()

    def _colour(self) -> None:
        palette = self.palette()
        text, accent = palette.text().color(), palette.highlight().color()
        self.plot_widget.setBackground(palette.base().color())
        for side in ("left", "bottom"):
            axis = self.plot_widget.getPlotItem().getAxis(side)
            axis.setPen(pg.mkPen(palette.mid().color()))
            axis.setTextPen(pg.mkPen(text))
        band, lighter = QColor(accent), QColor(text)
        band.setAlpha(BAND)
        lighter.setAlpha(LIGHTER)
        self._band.setBrush(pg.mkBrush(band))
        self.probe.setPen(pg.mkPen(accent, width=2))
        self.probe.setSymbolBrush(accent)
        self.neighbours.setPen(pg.mkPen(lighter, width=1, style=Qt.PenStyle.DashLine))
        self.neighbours.setSymbolBrush(lighter)
        self._chance.setPen(pg.mkPen(text, style=Qt.PenStyle.DotLine))
        self._star.setBrush(pg.mkBrush(text))
        self._star.setPen(pg.mkPen(palette.base().color()))
        self._tell_signs(self._is_starred)

    def _tell_signs(self, is_starred: bool) -> None:
        self._is_starred = is_starred
        accent = self.palette().highlight().color()
        signs = [
            (f"<span style='color:{accent.name()}'>●</span>", self.tr("a simple classifier (band: its range)")),
            ("▲", self.tr("nearest neighbours")),
            ("┄", self.tr("guessing")),
        ]
        if is_starred:
            signs.append(("★", self.tr("the best cut")))
        self.key.setText(" &nbsp; ".join(f"{sign}&nbsp;{words.replace(' ', '&nbsp;')}" for sign, words in signs))
