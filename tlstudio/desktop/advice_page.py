"""The wizard's page with the four ways: the recommended one with its reason, and what speaks against the others."""

import html
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QRadioButton, QVBoxLayout, QWidget

from tlstudio.core.advice.measured import LayerScore
from tlstudio.core.advice.recommendation import ExtraPlan, Way
from tlstudio.core.plan import TrainingPlan
from tlstudio.desktop import texts
from tlstudio.desktop.making import make
from tlstudio.desktop.quadrants import Quadrants
from tlstudio.desktop.reading_area import ReadingArea
from tlstudio.desktop.transfer_curve import TransferCurve
from tlstudio.desktop.wizard_flow import WizardFlow
from tlstudio.desktop.wizard_page import FlowPage


class AdvicePage(FlowPage):
    """The recommended way is marked; any of them can be chosen."""

    images_requested = Signal()
    bake_off_requested = Signal(list)  # of plans, one for each way

    def __init__(self, flow: WizardFlow) -> None:
        super().__init__(flow, "advice")
        self.setTitle(self.tr("The recommended way"))
        self._layers: Sequence[LayerScore] = ()
        self._chance = 0.0
        self._is_busy = False
        self.reason = self.add_text()
        self.reason.setTextFormat(Qt.TextFormat.PlainText)  # names of layers are a stranger's
        self.images_button = make(QPushButton, "lookAtImagesButton", self.tr("&Look at the images and their labels…"))
        self.images_button.clicked.connect(self.images_requested)
        self.box.addWidget(self.images_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.quadrants = Quadrants()
        self.quadrants.chosen.connect(self._on_chosen)
        self.details = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignTop)
        self.details.setObjectName("wayDetails")
        self.details.setTextFormat(Qt.TextFormat.PlainText)
        self.against = self.details
        self.curve = TransferCurve()
        right = QVBoxLayout()
        right.addWidget(ReadingArea(self.details), 1)
        right.addWidget(self.curve, 1)
        middle = QHBoxLayout()
        middle.addWidget(self.quadrants, 5)
        middle.addLayout(right, 4)
        self.box.addLayout(middle, 1)
        self.classic = make(QRadioButton, "classicButton", texts.strategy_name("classic"))
        self.classic.clicked.connect(lambda _on: self._on_chosen("classic"))
        self.quadrants.group.addButton(self.classic)
        self.keep = make(
            QCheckBox,
            "keepHeadBox",
            self.tr("Keep the model's own classifier: the classes are the same"),
        )
        self.keep.clicked.connect(lambda is_on: self.flow.answer(keep_head=is_on))
        self.bake_button = make(QPushButton, "bakeOffButton")
        self.bake_button.clicked.connect(lambda: self.bake_off_requested.emit(self.plans))
        self.advanced = QWidget()
        self.advanced.setObjectName("advancedPlans")
        self.extras: dict[str, QRadioButton] = {
            "several-layers": make(QRadioButton, "several-layersButton"),
            "one-block": make(QRadioButton, "one-blockButton"),
        }
        offered = QHBoxLayout(self.advanced)
        offered.setContentsMargins(0, 0, 0, 0)
        offered.addWidget(QLabel(self.tr("Advanced:")))
        for kind, button in self.extras.items():
            button.setText(self._extra_name(kind))
            button.clicked.connect(lambda _on, kind=kind: self._on_extra_chosen(kind))
            self.quadrants.group.addButton(button)
            offered.addWidget(button)
        offered.addStretch(1)
        self.box.addWidget(self.advanced)
        row = QHBoxLayout()
        row.addWidget(self.classic)
        row.addWidget(self.keep)
        row.addStretch(1)
        row.addWidget(self.bake_button)
        self.box.addLayout(row)

    @property
    def plans(self) -> list[TrainingPlan]:
        """Of the four ways; empty where nothing was measured."""
        advice = self.flow.recommendation
        return [way.plan for way in advice.ways] if advice is not None else []

    def take_layers(self, layers: Sequence[LayerScore], chance: float) -> None:
        """What was measured of the layers, for the curve."""
        self._layers, self._chance = layers, chance

    def set_busy(self, is_busy: bool) -> None:
        """While a run goes on, nothing else can be trained."""
        self._is_busy = is_busy
        self._show_bake_off()

    def choose(self, strategy: str) -> None:
        self._on_chosen(strategy)

    def _on_chosen(self, strategy: str) -> None:
        self.flow.answer(strategy=strategy)
        self.show_flow()

    def _on_extra_chosen(self, kind: str) -> None:
        self.flow.answer(extra=kind)
        self.show_flow()

    def _extra_name(self, kind: str) -> str:
        names = {
            "several-layers": self.tr("A classifier on several layers"),
            "one-block": self.tr("Tune one block alone"),
        }
        return names[kind]

    def show_flow(self) -> None:
        advice, extra = self.flow.recommendation, self.flow.extra
        self.quadrants.show_ways(self.flow.recommended, advice)
        self._show_extras()
        self._check(self.flow.strategy if extra is None else extra.kind)
        self._show_reason()
        self.details.setText(self._details())
        self.curve.setVisible(bool(self._layers) and advice is not None)
        if advice is not None:
            self.curve.show_layers(self._layers, advice.cut, self._chance)
        self._show_bake_off()
        self.keep.setVisible(self.flow.can_keep_head)
        self.keep.setChecked(self.flow.answers.keep_head)
        self.completeChanged.emit()

    def _show_extras(self) -> None:
        """Only those that are offered; mostly none are."""
        offered = {extra.kind: extra for extra in self.flow.extras}
        self.advanced.setVisible(bool(offered))
        for kind, button in self.extras.items():
            button.setVisible(kind in offered)
            reason = texts.remarks_text(offered[kind].reason) if kind in offered else ""
            button.setToolTip(html.escape(reason))  # names of layers are a stranger's
            button.setAccessibleDescription(reason)

    def _show_bake_off(self) -> None:
        self.bake_button.setVisible(self.flow.recommendation is not None)
        self.bake_button.setEnabled(not self._is_busy)
        self.bake_button.setText(
            self.tr("Try all four, when the run has ended…") if self._is_busy else self.tr("&Try all four…")
        )
        told = self.tr("Train each way for the same short time on your images, and compare how they do")
        busy = self.tr("A run is going on; the ways can be tried when it has ended")
        self.bake_button.setToolTip(busy if self._is_busy else told)

    def _check(self, chosen: str | None) -> None:
        buttons: dict[str, QRadioButton] = {**self.quadrants.buttons, **self.extras, "classic": self.classic}
        self.quadrants.group.setExclusive(False)
        for strategy, button in buttons.items():
            button.setChecked(strategy == chosen)
            # As an exclusive group does by itself: Tab comes to what is chosen, arrows go on from there.
            tab = chosen is None or strategy == chosen
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if tab else Qt.FocusPolicy.ClickFocus)
        self.quadrants.group.setExclusive(True)

    def _show_reason(self) -> None:
        advice = self.flow.recommendation
        is_hopeless = self.flow.is_hopeless
        self.setTitle(self.tr("No way can be recommended") if is_hopeless else self.tr("The recommended way"))
        self.images_button.setVisible(is_hopeless)
        font = self.font()
        if is_hopeless:
            font.setPointSizeF(1.3 * font.pointSizeF())
            font.setBold(True)
        self.reason.setFont(font)
        if advice is not None:
            self.reason.setText(texts.remarks_text(advice.reason))
        else:
            recommended = self.flow.recommended or "features"
            is_classic = self.flow.strategy == "classic"
            self.reason.setText(texts.strategy_reason("classic" if is_classic else recommended))

    def _details(self) -> str:
        chosen, way, extra = self.flow.strategy, self.flow.way, self.flow.extra
        if extra is not None:
            why = ["", *(texts.remark_text(remark) for remark in extra.reason)]
            return "\n".join([self._extra_name(extra.kind), *self._facts(extra), *why])
        if chosen is None:
            return self.tr("You may still choose a way by hand.")
        if way is None:
            if chosen == "classic" and self.flow.is_measured:
                return texts.strategy_reason("classic")
            if chosen in {self.flow.recommended, "classic"}:
                return ""
            text = self.tr("You chose “{chosen}” instead, which is meant for another case.")
            return text.format(chosen=texts.strategy_name(chosen))
        lines = [texts.strategy_name(way.strategy), *self._facts(way)]
        if way.against:
            lines += ["", self.tr("What speaks against it:")]
            lines += [f"• {texts.remark_text(remark)}" for remark in way.against]
        return "\n".join(lines)

    def _facts(self, way: Way | ExtraPlan) -> list[str]:
        low, high = (f"{100 * share:.0f} %" for share in (way.expected_low, way.expected_high))
        lines = [
            "• "
            + self.tr("Expected to be right on {share} of new images ({low} to {high}).").format(
                share=f"{100 * way.expected:.0f} %", low=low, high=high
            ),
            "• "
            + self.tr("Takes about {time} on this machine ({least} to {most}).").format(
                time=texts.duration(way.seconds),
                least=texts.duration(way.seconds_low),
                most=texts.duration(way.seconds_high),
            ),
        ]
        memory = (
            self.tr("Needs about {size} of memory, which this machine has.")
            if way.fits
            else self.tr("Needs about {size} of memory, more than this machine has free.")
        )
        lines.append("• " + memory.format(size=texts.bytes_text(way.peak_bytes)))
        # What cannot be told from guessing promises nothing, whatever the network was worth elsewhere.
        return lines[1:] if self.flow.is_hopeless else lines
