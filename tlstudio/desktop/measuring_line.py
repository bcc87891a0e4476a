"""The line that says how far the measurement is, and what it advises; below the layer tree."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from tlstudio.desktop import texts
from tlstudio.desktop.making import make
from tlstudio.desktop.measuring import Standing
from tlstudio.desktop.translated import Translated


class MeasuringLine(Translated, QWidget):
    stop_requested = Signal()
    begin_requested = Signal()
    advice_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("measuringLine")
        self._standing = Standing()
        self._advised: str | None = None
        self.label = make(QLabel, "measuringText", wordWrap=True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.bar = make(QProgressBar, "measuringProgress", textVisible=False)
        self.bar.setMaximumHeight(8)
        self.bar.setMaximumWidth(60)
        self.stop_button = make(QToolButton, "stopMeasuringButton")
        self.begin_button = make(QToolButton, "beginMeasuringButton")
        self.advice_button = make(QToolButton, "showAdviceButton")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.label, 1)
        for widget in (self.bar, self.stop_button, self.begin_button, self.advice_button):
            layout.addWidget(widget)
        self.stop_button.clicked.connect(self.stop_requested)
        self.begin_button.clicked.connect(self.begin_requested)
        self.advice_button.clicked.connect(self.advice_requested)
        self.retranslate()

    def show_standing(self, standing: Standing, advised: str | None) -> None:
        """``advised``: the recommended way, None where there is none."""
        self._standing, self._advised = standing, advised
        phase = standing.phase
        # While it waits for something else there is nothing to say, and nothing that a person need know.
        self.setVisible(phase in {"working", "measured", "failed", "stopped"})
        self.bar.setVisible(phase == "working")
        self.bar.setRange(0, standing.total)
        self.bar.setValue(standing.done)
        self.stop_button.setVisible(phase == "working")
        self.begin_button.setVisible(phase in {"failed", "stopped"})
        self.advice_button.setVisible(phase == "measured")
        self._speak()

    def retranslate(self) -> None:
        self.bar.setAccessibleName(self.tr("How far the look at your images is"))
        self.stop_button.setText(self.tr("Stop"))
        self.stop_button.setAccessibleName(self.tr("Stop looking at the images"))
        self.begin_button.setText(self.tr("Look again"))
        self.begin_button.setAccessibleName(self.tr("Look at the images through the network"))
        self.advice_button.setText(self.tr("Advice…"))
        self.advice_button.setToolTip(self.tr("What was found out about your images, and what follows from it"))
        self._speak()

    def _speak(self) -> None:
        text = self._words()
        self.label.setText(text)
        self.label.setToolTip(texts.plain_tip(text))

    def _words(self) -> str:
        match self._standing.phase:
            case "working":
                return texts.measuring_text(self._standing.work, self._standing.done, self._standing.total)
            case "stopped":
                return self.tr("The look at your images was stopped.")
            case "failed" if self._standing.failure is not None:
                failure = self._standing.failure
                return self.tr("⚠ {failure}").format(failure=texts.error_text(failure.code, failure.facts))
            case "measured" if self._advised is not None:
                return self.tr("★ Advised: {way}").format(way=texts.strategy_name(self._advised))
            case "measured":
                return self.tr("⚠ Nothing can be learned here")
        return ""
