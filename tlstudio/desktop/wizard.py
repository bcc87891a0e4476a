"""The strategy wizard on the screen: a QWizard that renders ``wizard_flow``."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget, QWizard

from tlstudio.core.advice.recommendation import Recommendation
from tlstudio.core.errors import TLStudioError
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.strategy import layers_below
from tlstudio.desktop import texts
from tlstudio.desktop.advice_page import AdvicePage
from tlstudio.desktop.advising import Advising
from tlstudio.desktop.making import make
from tlstudio.desktop.measured_page import MeasuredPage, MeasuringPage
from tlstudio.desktop.measuring import Measuring, Standing
from tlstudio.desktop.training_thread import TrainingThread
from tlstudio.desktop.wizard_flow import PAGES, WizardFlow
from tlstudio.desktop.wizard_page import FlowPage
from tlstudio.desktop.workspace import Workspace


class _SizePage(FlowPage):
    def __init__(self, flow: WizardFlow) -> None:
        super().__init__(flow, "size")
        self.setTitle(self.tr("How many images are there?"))
        self.failure = self.add_text()
        self.failure.setTextFormat(Qt.TextFormat.PlainText)
        self.counted = self.add_text()
        self.group = QButtonGroup(self)
        few = self.tr("A large network would learn them by heart, so only little of it should be trained.")
        many = self.tr("There is enough to train upper layers, or the whole network, without learning by heart.")
        self.buttons = {
            "small": self.add_choice(self.group, "smallButton", self.tr("Few"), few),
            "large": self.add_choice(self.group, "largeButton", self.tr("Many"), many),
        }
        self.look_button = make(QPushButton, "lookNowButton", self.tr("&Let the network look at them instead"))
        self.look_button.setAutoDefault(False)  # Return goes on to the next page
        self.box.addWidget(self.look_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.box.addStretch(1)
        for size, button in self.buttons.items():
            button.clicked.connect(lambda _on, size=size: self.flow.answer(size=size))

    def show_flow(self) -> None:
        self.failure.setVisible(bool(self.flow.failure))
        self.look_button.setVisible(self.flow.can_look)
        text = self.tr("Your images could not be looked at through the network: {why}")
        self.failure.setText(text.format(why=self.flow.failure))
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
        self.buttons[self.flow.size].setChecked(True)


class _SimilarityPage(FlowPage):
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

    def initializePage(self) -> None:
        super().initializePage()
        # A wizard gives the focus to its next button, which is off here; it went on to the one that cancels.
        button = self.buttons[self.flow.answers.similarity or "similar"]
        # With this reason the style shows that it has the focus.
        QTimer.singleShot(0, button, lambda: button.setFocus(Qt.FocusReason.TabFocusReason))

    def _on_chosen(self, similarity: str) -> None:
        self.flow.answer(similarity=similarity)
        self.completeChanged.emit()

    def show_flow(self) -> None:
        if self.flow.answers.similarity is not None:
            self.buttons[self.flow.answers.similarity].setChecked(True)


class _PlanPage(FlowPage):
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
            (self.tr("Random changes"), self._augmentation(plan.augment)),
            (self.tr("Optimizer"), f"{plan.optimizer.name}, {plan.optimizer.learning_rate:g}"),
            (self.tr("Epochs"), self._epochs(plan)),
            (self.tr("Batch size"), str(plan.batch_size)),
        ]
        if plan.keeps_last:
            rows.append((self.tr("Keeps the model of"), self.tr("the last epoch")))
        if plan.patience < plan.epochs:
            without = self.tr("after {epochs} epochs without gain").format(epochs=plan.patience)
            rows.append((self.tr("Ends early"), without))
        if plan.also:
            rows.insert(2, (self.tr("Further layers"), ", ".join(plan.also)))
        way = self.flow.extra or self.flow.way
        if way is not None and plan == way.plan:  # with the old classifier it is another plan than was forecast
            share = self.tr("{share} right").format(share=f"{100 * way.expected:.0f} %")
            rows += [
                (self.tr("Expected"), self.tr("no better than guessing") if self.flow.is_hopeless else share),
                (self.tr("Time at most"), texts.duration(way.seconds)),
                (self.tr("Memory"), texts.bytes_text(way.peak_bytes)),
            ]
        colon = self.tr("{name}: {value}")
        self.lines.setText("\n".join("• " + colon.format(name=name, value=value) for name, value in rows))
        self.completeChanged.emit()

    def _epochs(self, plan: TrainingPlan) -> str:
        if plan.head_first is None:
            return self.tr("{epochs} at most").format(epochs=plan.epochs)
        text = self.tr("{epochs} at most, of which {first} for the new classifier alone")
        return text.format(epochs=plan.epochs, first=min(plan.head_first.epochs, plan.epochs // 2))

    def _augmentation(self, choice: str) -> str:
        words = {"light": self.tr("light"), "strong": self.tr("strong"), "own": self.tr("own mix")}
        return words.get(choice, self.tr("none"))

    def isComplete(self) -> bool:
        return self.error is None


class StrategyWizard(QWizard):
    """After it was accepted, ``plan`` is the plan to take over. ``thread`` does the bake-off."""

    images_requested = Signal()  # to be shown with their labels; the wizard has closed

    def __init__(
        self,
        flow: WizardFlow,
        space: Workspace,
        measuring: Measuring,
        advising: Advising,
        thread: TrainingThread,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("strategyWizard")
        self.flow, self._space, self._measuring, self._thread = flow, space, measuring, thread
        self.plan: TrainingPlan | None = None
        self.setWindowTitle(self.tr("Strategy wizard"))
        # On the colour of the window: the outlines of Fusion vanish on that of lists.
        self.setWizardStyle(QWizard.WizardStyle.ClassicStyle)
        self.setOption(QWizard.WizardOption.NoBackButtonOnStartPage)
        self.measuring, self.advice, self.size_page = MeasuringPage(flow), AdvicePage(flow), _SizePage(flow)
        others = {"measured": MeasuredPage(flow), "size": self.size_page, "similarity": _SimilarityPage(flow)}
        pages = {**others, "measuring": self.measuring, "advice": self.advice, "plan": _PlanPage(flow)}
        for number, name in enumerate(PAGES):
            self.setPage(number, pages[name])
        advising.setParent(self)
        advising.advised.connect(self._on_advised)
        advising.failed.connect(self._on_no_advice)
        measuring.changed.connect(self._on_standing_changed)
        measuring.held.connect(self._on_held)
        space.dataset_changed.connect(self._on_dataset_changed)
        self.measuring.skipped.connect(self._on_skipped)
        self.measuring.stopped.connect(self._on_stopped)
        self.size_page.look_button.clicked.connect(self._on_look_wanted)
        self.advice.images_requested.connect(self._on_images_requested)
        self.advice.bake_off_requested.connect(self._bake_off)
        self.setMinimumSize(680, 480)
        self.resize(880, 580)
        if measuring.standing.phase == "waiting":
            measuring.begin()
        self._take(measuring.standing)
        self.advice.set_busy(measuring.is_held)
        self.setStartId(PAGES.index(flow.first_page))

    # -- the measurement --------------------------------------------------------------------------------

    def _on_standing_changed(self, standing: Standing) -> None:
        """It goes on by itself when what it waits for has come, or will not come."""
        if not self.flow.is_coming:
            self._show_whether_it_can_look()
            return
        self._take(standing)
        if not self.flow.is_coming:
            self._begin_anew()

    def _on_dataset_changed(self) -> None:
        space = self._space
        dataset = space.plan.dataset if space.plan is not None else ""
        self.flow.know_images(dataset, len(space.split.train) if space.split else 0, len(space.classes))
        if self.flow.is_coming and self._measuring.standing.phase == "waiting":
            self._measuring.begin()
        self._on_standing_changed(self._measuring.standing)
        self._show_page()

    def _take(self, standing: Standing) -> None:
        flow, failure = self.flow, standing.failure
        self._show_whether_it_can_look()
        if standing.measured is not None:
            self.advice.take_layers(standing.measured.layers, standing.measured.chance)
        if self._space.is_scanning:
            pass  # whatever is known is of another folder
        elif standing.measured is not None and standing.advice is not None:
            flow.take_measurement(standing.measured, standing.advice)
        elif failure is not None:
            flow.give_up(texts.error_text(failure.code, failure.facts))
        elif standing.is_coming and self._measuring.is_held:
            flow.give_up(self.tr("a run is going on. They are looked at when it has ended."))
        elif not standing.is_coming:
            flow.give_up()
        self.measuring.show_standing(standing, not self._space.is_scanning)

    def _begin_anew(self) -> None:
        """From what is the first page now; there is no way back to one that has had its time."""
        self.setStartId(PAGES.index(self.flow.first_page))
        self.restart()

    def _show_whether_it_can_look(self) -> None:
        self.flow.can_look = self._measuring.standing.phase != "nothing" and not self._measuring.is_held
        self.size_page.show_flow()

    def _on_held(self, is_held: bool) -> None:
        self.advice.set_busy(is_held)
        self._show_whether_it_can_look()

    def _on_advised(self, advice: Recommendation) -> None:
        self.flow.take_advice(advice)
        self._show_page()

    def _on_no_advice(self, error: TLStudioError) -> None:
        self.flow.give_up(texts.text_of(error))
        self._begin_anew()

    def _show_page(self) -> None:
        page = self.currentPage()
        if isinstance(page, FlowPage):
            page.show_flow()

    def _on_skipped(self) -> None:
        self.flow.give_up()
        self._begin_anew()

    def _on_stopped(self) -> None:
        self.flow.give_up()
        self._measuring.stop()
        self._begin_anew()

    def _on_look_wanted(self) -> None:
        self.flow.wait()
        self._measuring.begin()
        self._take(self._measuring.standing)
        self._begin_anew()

    # -- what the pages ask for -------------------------------------------------------------------------

    def _on_images_requested(self) -> None:
        self.reject()
        self.images_requested.emit()

    def _bake_off(self, plans: list[TrainingPlan]) -> None:
        from tlstudio.desktop.bake_off import BakeOffDialog

        dialog = BakeOffDialog(self._thread, plans, self.flow.recommended, self)
        dialog.way_chosen.connect(self.advice.choose)
        dialog.open()

    def accept(self) -> None:
        self.plan = self.flow.plan()
        super().accept()
