"""What the linter has against the plan, below its settings; each finding with a button that mends it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from tlstudio.core.plan import TrainingPlan
from tlstudio.desktop import texts, workspace
from tlstudio.desktop.making import make
from tlstudio.desktop.translated import Translated
from tlstudio.desktop.workspace import Workspace

if TYPE_CHECKING:
    from tlstudio.core.advice.linter import Finding
    from tlstudio.core.events import Measured

CALM = 200  # milliseconds; edits in a row are reviewed once


class ReviewPanel(Translated, QWidget):
    """Hidden while there is nothing to say, or no model and images to say it of."""

    def __init__(self, space: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("reviewPanel")
        self._space = space
        self._measured: Measured | None = None
        self.findings: list[Finding] = []
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._timer = QTimer(self, interval=CALM, singleShot=True)
        self._timer.timeout.connect(self.review_now)
        for signal in (space.plan_changed, space.dataset_changed, space.model_changed):
            signal.connect(self._timer.start)
        self.hide()

    def set_measured(self, measured: "Measured | None") -> None:
        if measured is not self._measured:
            self._measured = measured
            self._timer.start()

    def review_now(self) -> None:
        """Find and show what there is to say of the plan as it is."""
        space = self._space
        model, plan, dataset, split = space.model, space.plan, space.dataset, space.split
        found: list[Finding]
        if model is None or plan is None or dataset is None or split is None or space.problem:
            found = []
        else:
            from tlstudio.core.advice.linter import review

            found = review(model, plan, dataset, split, self._measured)
        if found != self.findings:
            self.findings = found
            self._show()

    def retranslate(self) -> None:
        self._show()

    def _show(self) -> None:
        while (item := self._box.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for finding in self.findings:
            # A sign and a word, since a colour alone says nothing to some.
            mark = self.tr("⚠ {text}") if finding.severity == "warning" else self.tr("Hint: {text}")
            text = mark.format(text=texts.remark_text(finding.remark))
            label = make(QLabel, f"{finding.code}Label", text, wordWrap=True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            self._box.addWidget(label)
            if finding.fix is not None and finding.fix_words is not None:
                button = make(QPushButton, f"{finding.code}Button", texts.remark_text(finding.fix_words))
                button.setAccessibleDescription(text)
                button.clicked.connect(lambda _on=False, fix=finding.fix: self._mend(fix))
                self._box.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.setVisible(bool(self.findings))

    def _mend(self, plan: TrainingPlan) -> None:
        self._space.change_plan(plan, workspace.SETTING)
