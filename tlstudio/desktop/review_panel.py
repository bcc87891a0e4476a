"""What the linter has against the plan, above its settings; each finding with a button that mends it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from tlstudio.core.plan import TrainingPlan
from tlstudio.desktop import texts, workspace
from tlstudio.desktop.background import Task
from tlstudio.desktop.making import make
from tlstudio.desktop.translated import Translated
from tlstudio.desktop.workspace import Workspace

if TYPE_CHECKING:
    from tlstudio.core.advice.linter import Finding
    from tlstudio.core.events import Measured

CALM = 200  # milliseconds; edits in a row are reviewed once
# Findings that are in sight without being asked for. On a screen of 700 pixels two of them leave room for three
# settings, and three for none.
IN_SIGHT = 2
MOST_HEIGHT = 190  # pixels of all findings together; more of them scroll


class ReviewPanel(Translated, QWidget):
    """The most serious ones first, and the rest when they are asked for. Hidden while there is nothing to say, or no
    model and images to say it of."""

    def __init__(self, space: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("reviewPanel")
        self._space = space
        self._measured: Measured | None = None
        self.findings: list[Finding] = []
        self._reviewed: TrainingPlan | None = None  # the very object that they are about
        self._task: Task | None = None
        self.more_button = make(QToolButton, "moreFindingsButton", checkable=True)
        self.more_button.setAutoRaise(True)
        self.more_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more_button.toggled.connect(self._show)
        self.area = make(_Low, "findingsArea")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.area)
        layout.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignLeft)
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
        """Find what there is to say of the plan as it is; it is shown in a moment."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        plan, reviewing = self._space.plan, self._reviewing()
        if plan is None or reviewing is None:
            self._take(None, [])
            return
        # Off the window's thread: reading the linter's own modules took 36 ms the first time.
        self._task = Task(lambda _task: reviewing(), self)
        self._task.finished.connect(lambda found: self._take(plan, found))
        self._task.start()

    def _reviewing(self) -> "Callable[[], list[Finding]] | None":
        space, measured = self._space, self._measured
        model, plan, dataset, split = space.model, space.plan, space.dataset, space.split
        if model is None or plan is None or dataset is None or split is None or space.problem:
            return None

        def find() -> "list[Finding]":
            from tlstudio.core.advice.linter import review

            return review(model, plan, dataset, split, measured)

        return find

    def _take(self, plan: TrainingPlan | None, found: "list[Finding]") -> None:
        self._task = None
        self._reviewed = plan
        if found != self.findings:
            self.findings = found
            self._show()

    def retranslate(self) -> None:
        self._show()

    def _show(self) -> None:
        had_focus = self.area.isAncestorOf(self.window().focusWidget() or self.window())
        more = len(self.findings) - IN_SIGHT
        is_all = self.more_button.isChecked()
        content = QWidget()
        box = QVBoxLayout(content)
        box.setContentsMargins(0, 0, 0, 0)
        for finding in self.findings if is_all else self.findings[:IN_SIGHT]:
            self._add(finding, box)
        box.addStretch(1)
        self.area.show_content(content)
        self.more_button.setVisible(more > 0)
        self.more_button.setArrowType(Qt.ArrowType.DownArrow if is_all else Qt.ArrowType.RightArrow)
        self.more_button.setText(self.tr("Fewer") if is_all else self.tr("%n more", "", more))
        self.setVisible(bool(self.findings))
        if had_focus:
            self._keep_focus()

    def _add(self, finding: "Finding", box: QVBoxLayout) -> None:
        # A sign and a word, since a colour alone says nothing to some.
        mark = self.tr("⚠ {text}") if finding.severity == "warning" else self.tr("Hint: {text}")
        text = mark.format(text=texts.remark_text(finding.remark))
        label = make(QLabel, f"{finding.code}Label", text, wordWrap=True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        box.addWidget(label)
        if finding.fix is not None and finding.fix_words is not None:
            button = make(QPushButton, f"{finding.code}Button", texts.remark_text(finding.fix_words))
            button.setAccessibleDescription(text)
            button.clicked.connect(lambda _on=False, code=finding.code: self._mend(code))
            box.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def _keep_focus(self) -> None:
        """Whoever mends one finding after the other by keys need not go back to them each time."""
        button = self.area.findChild(QPushButton)
        if button is not None:
            button.setFocus()
        elif not self.more_button.isHidden():
            self.more_button.setFocus()
        else:
            self.focusNextChild()

    def _mend(self, code: str) -> None:
        """A mending is a whole plan. Of a plan that was changed since, it would take the changes back."""
        if self._reviewed is not self._space.plan:
            reviewing = self._reviewing()
            self._take(self._space.plan, reviewing() if reviewing is not None else [])
        plan = next((finding.fix for finding in self.findings if finding.code == code), None)
        if plan is not None:
            self._space.change_plan(plan, workspace.SETTING)


class _Low(QScrollArea):
    """As high as its content, up to ``MOST_HEIGHT``."""

    def __init__(self) -> None:
        super().__init__(widgetResizable=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the buttons in it scroll into sight as they get the focus
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_content(self, content: QWidget) -> None:
        old = self.takeWidget()
        if old is not None:
            old.deleteLater()
        self.setWidget(content)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        content = self.widget()
        if content is not None:
            layout = content.layout()
            needed = layout.totalHeightForWidth(self.viewport().width()) if layout is not None else 0
            self.setFixedHeight(min(max(needed, 0), MOST_HEIGHT))
