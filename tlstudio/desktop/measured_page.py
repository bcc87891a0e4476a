"""The wizard's pages about the measurement: how far it is, and what was found out about the images."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tlstudio.core.advice.recommendation import SimilarityVerdict, SizeVerdict
from tlstudio.desktop import texts
from tlstudio.desktop.making import fill_choices, make
from tlstudio.desktop.measuring import Standing
from tlstudio.desktop.reading_area import ReadingArea
from tlstudio.desktop.wizard_flow import WizardFlow
from tlstudio.desktop.wizard_page import FlowPage

AS_MEASURED = "measured"


class MeasuringPage(FlowPage):
    """Goes on by itself when the measurement has come."""

    skipped = Signal()  # it is not waited for
    stopped = Signal()  # nor wanted at all

    def __init__(self, flow: WizardFlow) -> None:
        super().__init__(flow, "measuring")
        self.setTitle(self.tr("Your images are being looked at"))
        self.add_text(
            self.tr(
                "Some of your training images go through the network once, to find out how much it knows about them. "
                "This takes a minute or less, and advice follows from it."
            )
        )
        self.text = self.add_text()
        self.bar = make(QProgressBar, "wizardProgress", textVisible=False)
        self.bar.setAccessibleName(self.tr("How far the look at your images is"))
        self.box.addWidget(self.bar)
        row = QHBoxLayout()
        self.skip_button = make(QPushButton, "dontWaitButton", self.tr("&Don't wait: ask me two questions"))
        self.stop_button = make(QPushButton, "stopLookingButton", self.tr("&Stop looking at the images"))
        self.skip_button.clicked.connect(self.skipped)
        self.stop_button.clicked.connect(self.stopped)
        row.addWidget(self.skip_button)
        row.addWidget(self.stop_button)
        row.addStretch(1)
        self.box.addLayout(row)
        self.box.addStretch(1)

    def show_flow(self) -> None:
        self.completeChanged.emit()

    def show_standing(self, standing: Standing, is_read: bool = True) -> None:
        """``is_read``: the folder of images is."""
        self.bar.setRange(0, standing.total if is_read else 0)
        self.bar.setValue(standing.done)
        if is_read:
            self.text.setText(texts.measuring_text(standing.work, standing.done, standing.total))
        else:
            self.text.setText(self.tr("The image folder is still being read…"))


class MeasuredPage(FlowPage):
    """Both verdicts with their evidence; each can be overruled."""

    def __init__(self, flow: WizardFlow) -> None:
        super().__init__(flow, "measured")
        self.setTitle(self.tr("What was found out about your images"))
        row = QHBoxLayout()
        self.size_verdict, self.size_evidence, self.size_box = QLabel(), QLabel(), make(QComboBox, "sizeBox")
        self.alike_verdict, self.alike_evidence = QLabel(), QLabel()
        self.alike_box = make(QComboBox, "similarityBox")
        self.bar = make(QProgressBar, "similarityBar", minimum=0, maximum=100)
        self.bar.setFormat("%v / 100")
        self.bar.setAccessibleName(self.tr("Similarity to what the network knows, of 100"))
        size = self._group(
            self.tr("How many images are there?"), [self.size_verdict], self.size_evidence, self.size_box
        )
        alike = self._group(
            self.tr("How similar are they to what the network knows?"),
            [self.alike_verdict, self.bar],
            self.alike_evidence,
            self.alike_box,
        )
        row.addWidget(size, 1)
        row.addWidget(alike, 1)
        self.box.addLayout(row, 1)
        self.size_box.activated.connect(lambda: self._overrule(size=self.size_box.currentData()))
        self.alike_box.activated.connect(lambda: self._overrule(similarity=self.alike_box.currentData()))

    def _group(self, title: str, top: list[QWidget], evidence: QLabel, box: QComboBox) -> QGroupBox:
        group = QGroupBox(title)
        inside = QVBoxLayout(group)
        for widget in top:
            if isinstance(widget, QLabel):
                bold = widget.font()
                bold.setBold(True)
                widget.setFont(bold)
                widget.setWordWrap(True)
            inside.addWidget(widget)
        inside.addWidget(ReadingArea(evidence), 1)
        form = QFormLayout()
        label = QLabel(self.tr("To be taken"))
        label.setBuddy(box)
        box.setAccessibleName(f"{title} {label.text()}")
        form.addRow(label, box)
        inside.addLayout(form)
        return group

    def _overrule(self, **answer: str) -> None:
        self.flow.answer(**{name: None if value == AS_MEASURED else value for name, value in answer.items()})
        self.show_flow()

    def show_flow(self) -> None:
        """What was measured stays as it is whatever a person says to it; only the verdict is then hers."""
        advice = self.flow.as_measured
        if advice is None:
            return
        self._show_size(advice.size)
        self._show_similarity(advice.similarity)
        self.completeChanged.emit()

    def _show_size(self, size: SizeVerdict) -> None:
        words = {"small": self.tr("Few"), "large": self.tr("Many")}
        self.size_verdict.setText(self._verdict(words, size.verdict, self.flow.answers.size))
        self.size_evidence.setText("\n".join(f"• {texts.remark_text(remark)}" for remark in size.evidence))
        choices = {AS_MEASURED: self.tr("as measured"), "small": self.tr("as few"), "large": self.tr("as many")}
        fill_choices(self.size_box, choices)
        self.size_box.setCurrentIndex(self.size_box.findData(self.flow.answers.size or AS_MEASURED))

    def _show_similarity(self, alike: SimilarityVerdict) -> None:
        words = {"similar": self.tr("Similar"), "dissimilar": self.tr("Different")}
        self.alike_verdict.setText(self._verdict(words, alike.verdict, self.flow.answers.similarity))
        self.bar.setValue(alike.score)
        self.alike_evidence.setText("\n".join(f"• {texts.remark_text(remark)}" for remark in alike.evidence))
        choices = {
            AS_MEASURED: self.tr("as measured"),
            "similar": self.tr("as similar"),
            "dissimilar": self.tr("as different"),
        }
        fill_choices(self.alike_box, choices)
        self.alike_box.setCurrentIndex(self.alike_box.findData(self.flow.answers.similarity or AS_MEASURED))

    def _verdict(self, words: dict[str, str], measured: str, own: str | None) -> str:
        if own is None or own == measured:
            return words[measured]
        return self.tr("{own}, as you say (measured: {measured})").format(own=words[own], measured=words[measured])
