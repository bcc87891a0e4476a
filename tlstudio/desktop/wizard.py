"""The strategy wizard on the screen: a QWizard that renders ``wizard_flow``."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QGridLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
    QWizard,
    QWizardPage,
)

from tlstudio.core.errors import TLStudioError
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.strategy import CASES, layers_below
from tlstudio.desktop import texts
from tlstudio.desktop.making import make
from tlstudio.desktop.wizard_flow import PAGES, WizardFlow

SIZES = ("small", "large")
SIMILARITIES = ("similar", "dissimilar")


class _Page(QWizardPage):
    """A page of the flow: ``show_flow`` brings it up to date when it comes up."""

    def __init__(self, flow: WizardFlow, name: str) -> None:
        super().__init__()
        self.setObjectName(f"{name}Page")
        self.flow, self.name = flow, name
        self.box = QVBoxLayout(self)
        self.box.setSpacing(10)

    def add_text(self, text: str = "") -> QLabel:
        label = QLabel(text, wordWrap=True)
        self.box.addWidget(label)
        return label

    def add_choice(self, group: QButtonGroup, name: str, text: str, explanation: str) -> QRadioButton:
        button = make(QRadioButton, name, text)
        button.setAccessibleDescription(explanation)
        group.addButton(button)
        self.box.addWidget(button)
        label = self.add_text(explanation)
        label.setContentsMargins(24, 0, 0, 6)
        return button

    def show_flow(self) -> None:
        raise NotImplementedError

    def initializePage(self) -> None:
        self.show_flow()

    def isComplete(self) -> bool:
        return self.flow.can_leave(self.name)

    def nextId(self) -> int:
        following = self.flow.next_page(self.name)
        return -1 if following is None else PAGES.index(following)


class _SizePage(_Page):
    def __init__(self, flow: WizardFlow) -> None:
        super().__init__(flow, "size")
        self.setTitle(self.tr("How many images are there?"))
        self.counted = self.add_text()
        self.group = QButtonGroup(self)
        few = self.tr("A large network would learn them by heart, so only little of it should be trained.")
        many = self.tr("There is enough to train upper layers, or the whole network, without learning by heart.")
        self.buttons = {
            "small": self.add_choice(self.group, "smallButton", self.tr("Few"), few),
            "large": self.add_choice(self.group, "largeButton", self.tr("Many"), many),
        }
        self.box.addStretch(1)
        for size, button in self.buttons.items():
            button.clicked.connect(lambda _on, size=size: self.flow.answer(size=size))

    def show_flow(self) -> None:
        if self.flow.classes:
            text = self.tr("{images} training images in {classes} classes, about {each} a class. That is {verdict}.")
            verdict = self.tr("few") if self.flow.counted == "small" else self.tr("many")
            self.counted.setText(
                text.format(
                    images=texts.number(self.flow.images),
                    classes=texts.number(self.flow.classes),
                    each=texts.number(round(self.flow.images / self.flow.classes)),
                    verdict=verdict,
                )
            )
        else:
            self.counted.setText(self.tr("No image folder is open, so please say it yourself."))
        self.buttons[self.flow.answers.size].setChecked(True)


class _SimilarityPage(_Page):
    def __init__(self, flow: WizardFlow) -> None:
        super().__init__(flow, "similarity")
        self.setTitle(self.tr("How similar are your images to those that the model was trained on?"))
        self.group = QButtonGroup(self)
        alike = self.tr(
            "For example: the model knows photographs of animals and things, and yours are photographs, too; or it "
            "knows handwritten digits, and yours are other handwritten signs."
        )
        unlike = self.tr("For example: the model knows photographs, and yours are microscope or X-ray images.")
        self.buttons = {
            "similar": self.add_choice(self.group, "similarButton", self.tr("Similar"), alike),
            "dissimilar": self.add_choice(self.group, "dissimilarButton", self.tr("Different"), unlike),
        }
        self.box.addStretch(1)
        for similarity, button in self.buttons.items():
            button.clicked.connect(lambda _on, similarity=similarity: self._on_chosen(similarity))

    def _on_chosen(self, similarity: str) -> None:
        self.flow.answer(similarity=similarity)
        self.completeChanged.emit()

    def show_flow(self) -> None:
        if self.flow.answers.similarity is not None:
            self.buttons[self.flow.answers.similarity].setChecked(True)


class _AdvicePage(_Page):
    """The four ways in their quadrants, the recommended one marked; any of them can be chosen."""

    def __init__(self, flow: WizardFlow) -> None:
        super().__init__(flow, "advice")
        self.setTitle(self.tr("The recommended way"))
        grid = QGridLayout()
        grid.setSpacing(8)
        for column, text in enumerate((self.tr("Similar"), self.tr("Different")), 1):
            grid.addWidget(QLabel(f"<b>{text}</b>", alignment=Qt.AlignmentFlag.AlignCenter), 0, column)
            grid.setColumnStretch(column, 1)
        for line, text in enumerate((self.tr("Few images"), self.tr("Many images")), 1):
            grid.addWidget(QLabel(f"<b>{text}</b>"), line, 0)
        self.group = QButtonGroup(self)
        self.buttons: dict[str, QRadioButton] = {}
        for (size, similarity), strategy in CASES.items():
            button = self._button(strategy)
            grid.addWidget(button, 1 + SIZES.index(size), 1 + SIMILARITIES.index(similarity))
        self.box.addLayout(grid)
        self.box.addWidget(self._button("classic"))
        self.reason = self.add_text()
        self.against = self.add_text()
        self.keep = make(
            QCheckBox,
            "keepHeadBox",
            self.tr("Keep the model's own classifier: the classes are the same"),
        )
        self.keep.clicked.connect(lambda is_on: self.flow.answer(keep_head=is_on))
        self.box.addWidget(self.keep)
        self.box.addStretch(1)

    def _button(self, strategy: str) -> QRadioButton:
        button = make(QRadioButton, f"{strategy}Button", texts.strategy_name(strategy))
        button.clicked.connect(lambda _on: self._on_chosen(strategy))
        self.group.addButton(button)
        self.buttons[strategy] = button
        return button

    def _on_chosen(self, strategy: str) -> None:
        self.flow.answer(strategy=strategy)
        self.show_flow()

    def show_flow(self) -> None:
        recommended, chosen = self.flow.advice.strategy, self.flow.strategy
        for strategy, button in self.buttons.items():
            name = texts.strategy_name(strategy)
            mark = self.tr("★ {name} (recommended)").format(name=name)
            button.setText(mark if strategy == recommended else name)
        self.buttons[chosen].setChecked(True)
        if chosen == recommended or chosen == "classic":
            self.reason.setText(texts.strategy_reason(chosen))
            self.against.clear()
        else:
            self.reason.setText(texts.strategy_reason(recommended))
            text = self.tr("You chose “{chosen}” instead, which is meant for another case.")
            self.against.setText(text.format(chosen=texts.strategy_name(chosen)))
        self.keep.setVisible(self.flow.can_keep_head)
        self.keep.setChecked(self.flow.answers.keep_head)


class _PlanPage(_Page):
    def __init__(self, flow: WizardFlow) -> None:
        super().__init__(flow, "plan")
        self.setTitle(self.tr("The plan"))
        self.add_text(self.tr("This is filled in when you finish. All of it can be changed, and undone, afterwards."))
        self.lines = self.add_text()
        self.lines.setTextFormat(Qt.TextFormat.PlainText)
        self.box.addStretch(1)
        self.error: TLStudioError | None = None

    def show_flow(self) -> None:
        try:
            plan = self.flow.plan()
        except TLStudioError as error:
            self.error = error
            self.lines.setText(texts.text_of(error))
            return
        self.error = None
        below = layers_below(self.flow.model, plan.cut)
        weighted = [path for path in below if self.flow.model.weights.get(path)]
        head = (
            self.tr("the model's own classifier is kept")
            if plan.head.kind == "keep"
            else self.tr("a new one: {layers}").format(
                layers=" + ".join([*(str(units) for units in plan.head.hidden), self.tr("softmax")])
            )
        )
        rows = [
            (self.tr("Way"), texts.strategy_name(plan.strategy)),
            (self.tr("Cut"), plan.cut or self.tr("none")),
            (
                self.tr("Frozen layers"),
                self.tr("{frozen} of {all}").format(frozen=len(plan.frozen), all=len(weighted)),
            ),
            (self.tr("Classifier"), head),
            (self.tr("Optimizer"), f"{plan.optimizer.name}, {plan.optimizer.learning_rate:g}"),
            (self.tr("Epochs"), self.tr("{epochs} at most").format(epochs=plan.epochs)),
            (self.tr("Batch size"), str(plan.batch_size)),
        ]
        colon = self.tr("{name}: {value}")
        self.lines.setText("\n".join("• " + colon.format(name=name, value=value) for name, value in rows))
        self.completeChanged.emit()

    def isComplete(self) -> bool:
        return self.error is None


class StrategyWizard(QWizard):
    """After it was accepted, ``plan`` is the plan to take over."""

    def __init__(self, flow: WizardFlow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strategyWizard")
        self.flow = flow
        self.plan: TrainingPlan | None = None
        self.setWindowTitle(self.tr("Strategy wizard"))
        # On the colour of the window: the outlines of Fusion vanish on that of lists.
        self.setWizardStyle(QWizard.WizardStyle.ClassicStyle)
        self.setOption(QWizard.WizardOption.NoBackButtonOnStartPage)
        for number, page in enumerate((_SizePage(flow), _SimilarityPage(flow), _AdvicePage(flow), _PlanPage(flow))):
            self.setPage(number, page)
        self.setMinimumSize(680, 480)

    def accept(self) -> None:
        self.plan = self.flow.plan()
        super().accept()
