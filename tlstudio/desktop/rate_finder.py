"""The search for a learning rate: how far it is, the curve that it gives, and the rate that is taken from it."""

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from tlstudio.core import events
from tlstudio.desktop import texts
from tlstudio.desktop.making import make
from tlstudio.desktop.theme import Theme
from tlstudio.desktop.translated import Translated

DIGITS = 2  # of a rate; the curve says no more


class RateFinder(Translated, QDialog):
    """Shows the events of one search. ``stop_requested`` when it is closed before its end."""

    rate_chosen = Signal(float)
    stop_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("rateFinder")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._theme = theme
        self._work: events.Preparing | None = None
        self._ended: events.Event | None = None
        self._build()
        self.retranslate()
        theme.changed.connect(self._colour)
        self._colour()

    def _build(self) -> None:
        self.text = make(QLabel, "rateFinderText", wordWrap=True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.progress = make(QProgressBar, "rateFinderProgress", textVisible=False)
        self.chart = make(pg.PlotWidget, "rateChart")
        self.chart.setMenuEnabled(False)
        self.chart.hideButtons()
        self.chart.setMinimumSize(460, 240)
        plot = self.chart.getPlotItem()
        plot.setLogMode(x=True, y=False)
        plot.showGrid(x=True, y=True, alpha=0.15)
        for side in ("left", "bottom"):
            plot.getAxis(side).enableAutoSIPrefix(False)  # “x0.001” belongs to no rate and no loss
        self._curve = plot.plot([], [])
        self._line = pg.InfiniteLine(angle=90, movable=True)
        self._line.hide()
        self._line.sigPositionChanged.connect(self._show)
        plot.addItem(self._line)
        buttons = QDialogButtonBox()
        self.use_button = make(QPushButton, "useRateButton")
        self.close_button = make(QPushButton, "closeRateFinderButton")
        buttons.addButton(self.use_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.close_button, QDialogButtonBox.ButtonRole.RejectRole)
        self.use_button.clicked.connect(self._on_used)
        self.close_button.clicked.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.text)
        layout.addWidget(self.progress)
        layout.addWidget(self.chart, 1)
        layout.addWidget(buttons)
        self.resize(620, 460)

    # -- what happens -----------------------------------------------------------------------------------

    def take(self, event: events.Event) -> None:
        match event:
            case events.Preparing():
                self._work = event
            case events.RatesTried():
                self._ended = event
                self._draw(event)
            case events.JobFailed() | events.JobStopped():
                self._ended = event
        self._show()

    def _draw(self, tried: events.RatesTried) -> None:
        rates, losses = np.array(tried.rates), np.array(tried.losses)
        self._curve.setData(rates, losses)
        if len(losses):
            # Where the loss explodes, the curve would press all the rest to a line.
            lowest = int(losses.argmin())
            low, top = float(losses[lowest]), float(losses[: lowest + 1].max())
            high = min(float(losses.max()), top + max(0.5 * (top - low), 0.1 * abs(top)))
            self.chart.getPlotItem().setYRange(low, max(high, low + 1e-6), padding=0.05)
            self._line.setBounds((math.log10(rates.min()), math.log10(rates.max())))
        if tried.suggested is not None:
            self._line.setPos(math.log10(tried.suggested))
            self._line.show()

    @property
    def rate(self) -> float | None:
        """What “Use it” takes: the proposed rate, or where the person has moved the line."""
        if not isinstance(self._ended, events.RatesTried) or self._ended.suggested is None:
            return None
        return float(f"{10 ** float(self._line.value()):.{DIGITS}g}")

    def _on_used(self) -> None:
        rate = self.rate
        if rate is not None:
            self.rate_chosen.emit(rate)
        self.accept()

    def reject(self) -> None:
        if self._ended is None:
            self.stop_requested.emit()
        super().reject()

    # -- what is shown ----------------------------------------------------------------------------------

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Learning-rate finder"))
        self.progress.setAccessibleName(self.tr("Progress of the search"))
        self.chart.setAccessibleName(self.tr("Loss by learning rate"))
        self.chart.getPlotItem().setLabel("left", self.tr("Training loss"))
        self.chart.getPlotItem().setLabel("bottom", self.tr("Learning rate"))
        self._show()

    def _show(self) -> None:
        is_working = self._ended is None
        self.progress.setVisible(is_working)
        self.close_button.setText(self.tr("Cancel") if is_working else self.tr("Close"))
        work, rate = self._work, self.rate
        known = work is not None and work.total > 0
        self.progress.setRange(0, work.total if work is not None and known else 0)
        self.progress.setValue(work.done if work is not None and known else 0)
        self.use_button.setVisible(rate is not None)
        self.use_button.setText(self.tr("Use {rate}").format(rate=f"{rate:g}" if rate is not None else ""))
        self.text.setText(self._words(rate))

    def _words(self, rate: float | None) -> str:
        match self._ended:
            case events.JobFailed() as failure:
                return texts.error_text(failure.code, failure.facts)
            case events.JobStopped():
                return self.tr("The search was stopped.")
            case events.RatesTried() if rate is not None:
                return self.tr(
                    "The loss falls well at a learning rate of {rate}. Move the line to choose another one: best "
                    "left of the lowest point, where the curve still falls."
                ).format(rate=f"{rate:g}")
            case events.RatesTried():
                return self.tr(
                    "The loss never fell, so no rate can be proposed. More images or another head may help."
                )
        if self._work is None:
            return self.tr("Learning rates are tried, from tiny to far too large. Nothing of your plan is changed.")
        return texts.phase_name(self._work.phase)

    def _colour(self) -> None:
        c = self._theme.colours
        self.chart.setBackground(c.base)
        for side in ("left", "bottom"):
            axis = self.chart.getPlotItem().getAxis(side)
            axis.setPen(pg.mkPen(c.line))
            axis.setTextPen(pg.mkPen(c.text))
        self._curve.setPen(pg.mkPen(c.training, width=2))
        self._line.setPen(pg.mkPen(c.best, width=2, style=Qt.PenStyle.DashLine))
        self._line.setHoverPen(pg.mkPen(c.best, width=3))
