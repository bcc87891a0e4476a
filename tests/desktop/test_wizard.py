"""The strategy wizard: the flow without Qt, and the pages that render it."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QPushButton, QRadioButton, QWizard

from tests.desktop.scripted_jobs import measured, measured_for_extras
from tests.desktop.test_main_window import open_sample
from tests.desktop.test_measuring import until, with_seed
from tests.windows import open_model as open_path
from tlstudio.core import events
from tlstudio.core.advice.decision import recommend
from tlstudio.core.advice.recommendation import Recommendation
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.reading import open_model
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.strategy import CASES, Similarity, Size
from tlstudio.desktop.bake_off import BakeOffDialog
from tlstudio.desktop.main_window import MainWindow
from tlstudio.desktop.quadrants import Quadrant, Quadrants, place_of
from tlstudio.desktop.wizard import StrategyWizard
from tlstudio.desktop.wizard_flow import PAGES, WizardFlow


@pytest.fixture
def model(sample: Path) -> ModelFile:
    return open_model(sample / "model.hdf5")


@pytest.mark.parametrize(
    ("images", "similarity", "strategy"),
    [
        (100, "similar", "features"),
        (100, "dissimilar", "lower-features"),
        (5000, "similar", "finetune"),
        (5000, "dissimilar", "init"),
    ],
)
def test_that_size_and_similarity_lead_to_the_four_ways(
    model: ModelFile, images: int, similarity: str, strategy: str
) -> None:
    flow = WizardFlow(model, "/images", images, 5)
    flow.answer(similarity=similarity)
    assert flow.plan().strategy == strategy


def test_that_the_similarity_question_has_to_be_answered(model: ModelFile) -> None:
    flow = WizardFlow(model, "/images", 100, 5)
    assert [page for page in PAGES if not flow.can_leave(page)] == ["similarity"]
    flow.answer(similarity="similar")
    assert all(flow.can_leave(page) for page in PAGES)


def test_that_another_answer_takes_back_a_way_chosen_by_hand(model: ModelFile) -> None:
    flow = WizardFlow(model, "/images", 100, 5)
    flow.answer(similarity="similar")
    flow.answer(strategy="init")
    assert flow.strategy == "init"
    flow.answer(size="large")
    assert flow.strategy == "finetune"


def test_that_the_old_head_is_only_offered_where_it_fits(model: ModelFile) -> None:
    flow = WizardFlow(model, "/images", 5000, 5)
    flow.answer(similarity="similar")
    assert flow.can_keep_head
    flow.answer(keep_head=True)
    assert flow.plan().head.kind == "keep"
    assert not WizardFlow(model, "/images", 5000, 7).can_keep_head


def test_that_the_wizard_is_walked_by_hand_and_its_plan_can_be_undone(
    window: MainWindow, sample: Path, qtbot: Any
) -> None:
    window.open_project(sample / "sample.tlstudio")
    qtbot.waitUntil(lambda: window.workspace.dataset is not None, timeout=20_000)
    window.measuring.stop()
    window.workspace.change_plan(window.workspace.plan, "")
    before = window.workspace.plan
    window.commands.wizard.trigger()
    wizard = window.findChild(StrategyWizard, "strategyWizard")
    following = wizard.button(QWizard.WizardButton.NextButton)
    assert "few" in wizard.currentPage().counted.text()
    following.click()
    assert not following.isEnabled()
    wizard.findChild(QRadioButton, "dissimilarButton").click()
    following.click()
    assert "too special" in wizard.currentPage().reason.text()
    assert wizard.findChild(QRadioButton, "lower-featuresButton").isChecked()
    following.click()
    wizard.button(QWizard.WizardButton.FinishButton).click()
    assert window.workspace.plan.strategy == "lower-features"
    assert window.workspace.plan.dataset == before.dataset
    window.commands.undo.trigger()
    assert window.workspace.plan == before


def measured_flow(model: ModelFile, learnable: bool = True, is_coming: bool = False) -> WizardFlow:
    """Its questions are answered at once."""
    plan, answer = TrainingPlan(model=str(model.path), dataset="/images", seed=5), measured(model, learnable)

    def advise(size: Size | None = None, similarity: Similarity | None = None) -> Recommendation:
        return recommend(model, plan, answer, 8 << 30, size, similarity)

    def ask(_measured: events.Measured, size: Size | None, similarity: Similarity | None) -> None:
        flow.take_advice(advise(size, similarity))

    flow = WizardFlow(model, "/images", 372, 5, ask, is_coming)
    if not is_coming:
        flow.take_measurement(answer, advise())
    return flow


def test_that_with_a_measurement_nothing_is_asked(model: ModelFile) -> None:
    flow = measured_flow(model)
    pages = [flow.first_page]
    while (following := flow.next_page(pages[-1])) is not None:
        assert flow.can_leave(pages[-1])
        pages.append(following)
    assert pages == ["measured", "advice", "plan"]
    assert flow.plan() == flow.recommendation.way.plan
    assert flow.plan().seed == 5, "what of the plan is about the images is kept"


@pytest.mark.parametrize(("case", "strategy"), list(CASES.items()))
def test_that_verdicts_can_be_overruled_and_the_advice_follows(
    model: ModelFile, case: tuple[Size, Similarity], strategy: str
) -> None:
    flow = measured_flow(model)
    flow.answer(size=case[0], similarity=case[1])
    assert flow.recommended == flow.strategy == flow.plan().strategy == strategy
    x, y = place_of(flow.recommendation)
    assert (x >= 0.5, y >= 0.5) == (case[1] == "similar", case[0] == "large"), "the dot lies in its quadrant"
    flow.answer(size=None, similarity=None)
    assert flow.recommendation == measured_flow(model).recommendation


@pytest.mark.parametrize("is_chosen", [True, False])
def test_that_name_and_facts_of_a_way_are_written_whether_it_is_chosen_or_not(is_chosen: bool, qtbot: Any) -> None:
    way = Quadrant("init", Qt.AlignmentFlag.AlignTop)
    qtbot.addWidget(way)
    way.resize(180, 120)
    way.setChecked(is_chosen)
    pictures = []
    for name, facts in (("", ""), ("Fine-tuning", ""), ("Fine-tuning", "98 % right")):
        way.show_way(name, facts, False)
        pictures.append(way.grab().toImage())
    assert pictures[0] != pictures[1] != pictures[2]


@pytest.mark.parametrize("size", [(330, 260), (520, 420)])
def test_that_the_mark_of_the_dataset_covers_no_words(model: ModelFile, size: tuple[int, int], qtbot: Any) -> None:
    flow, quadrants = measured_flow(model), Quadrants()
    qtbot.addWidget(quadrants)
    quadrants.resize(*size)
    quadrants.show()
    for case, strategy in CASES.items():
        flow.answer(size=case[0], similarity=case[1])
        quadrants.show_ways(flow.recommended, flow.recommendation)
        at = quadrants._dot.pos() + quadrants._dot.at.toPoint()
        button = quadrants.buttons[strategy]
        assert quadrants.childAt(at) is button, "in its own quadrant; clicks go through it"
        assert button.free_place().contains(button.mapFromParent(at))


def test_that_the_wizard_waits_for_a_measurement_unless_told_otherwise(model: ModelFile) -> None:
    flow = measured_flow(model, is_coming=True)
    assert flow.first_page == "measuring" and not flow.can_leave("measuring")
    other = measured_flow(model)
    flow.take_measurement(measured(model), other.as_measured)
    assert flow.first_page == "measured"
    impatient = measured_flow(model, is_coming=True)
    impatient.give_up()
    assert impatient.first_page == "size"


def test_that_no_advice_is_shown_until_the_one_by_the_newest_verdicts_has_come(model: ModelFile) -> None:
    asked = []
    flow = WizardFlow(model, "/images", 372, 5, lambda *question: asked.append(question), is_coming=True)
    known = measured_flow(model).as_measured
    flow.take_measurement(measured(model), known)
    assert flow.first_page == "measured" and not flow.can_leave("measured") and flow.recommended is None
    flow.take_advice(known)
    assert flow.can_leave("measured") and flow.recommended == known.strategy
    flow.answer(size="large", similarity="dissimilar")
    assert asked[-1][1:] == ("large", "dissimilar")
    assert not flow.can_leave("measured") and not flow.can_leave("advice") and flow.recommended is None
    assert flow.as_measured == known, "verdicts and evidence as measured stay in sight"


def test_that_where_nothing_can_be_learned_only_a_choice_by_hand_goes_on(model: ModelFile) -> None:
    flow = measured_flow(model, learnable=False)
    assert flow.is_hopeless and flow.strategy is None and not flow.can_leave("advice")
    flow.answer(strategy="features")
    assert flow.can_leave("advice") and flow.plan().strategy == "features"


def test_that_the_old_head_is_kept_on_a_measured_way(model: ModelFile) -> None:
    flow = measured_flow(model)
    flow.answer(strategy="finetune", keep_head=True)
    assert flow.plan().head.kind == "keep" and flow.plan().cut is None


@pytest.fixture
def opened(window: MainWindow, sample: Path, qtbot: Any) -> MainWindow:
    open_sample(window, sample, qtbot)
    return window


def wizard_of(window: MainWindow) -> StrategyWizard:
    window.commands.wizard.trigger()
    return next(w for w in window.findChildren(StrategyWizard, "strategyWizard") if w.isVisible())


def test_that_the_measured_wizard_shows_its_evidence_and_gives_the_advised_plan(
    opened: MainWindow, qtbot: Any
) -> None:
    opened.measuring.begin()
    until(opened, "measured", qtbot)
    wizard = wizard_of(opened)
    page, following = wizard.currentPage(), wizard.button(QWizard.WizardButton.NextButton)
    assert page.objectName() == "measuredPage"
    assert "372 training images in 5 classes" in page.size_evidence.text()
    assert page.bar.value() == wizard.flow.as_measured.similarity.score
    qtbot.waitUntil(page.isComplete, timeout=5000)
    following.click()
    recommended = wizard.flow.recommended
    buttons = wizard.advice.quadrants.buttons
    assert [name for name, button in buttons.items() if button.text().startswith("★")] == [recommended]
    tab = [name for name, button in buttons.items() if button.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert tab == [recommended], "Tab comes to what is chosen"
    assert buttons[recommended].isChecked() and "right" in buttons[recommended].accessibleDescription()
    assert "What speaks against it" not in wizard.advice.details.text()
    other = next(name for name in buttons if name != recommended)
    buttons[other].setFocus()
    qtbot.keyClick(buttons[other], Qt.Key.Key_Space)
    assert wizard.flow.strategy == other and "What speaks against it" in wizard.advice.details.text()
    qtbot.mouseClick(buttons[recommended], Qt.MouseButton.LeftButton)
    following.click()
    wizard.button(QWizard.WizardButton.FinishButton).click()
    assert opened.workspace.plan == opened.measuring.standing.advice.way.plan


def test_that_a_verdict_is_overruled_in_the_wizard(opened: MainWindow, qtbot: Any) -> None:
    opened.measuring.begin()
    until(opened, "measured", qtbot)
    wizard = wizard_of(opened)
    for name, code in (("sizeBox", "large"), ("similarityBox", "dissimilar")):
        box = wizard.findChild(QComboBox, name)
        box.setCurrentIndex(box.findData(code))
        box.activated.emit(box.currentIndex())
    assert wizard.currentPage().size_verdict.text() == "Many, as you say (measured: Few)"
    qtbot.waitUntil(wizard.currentPage().isComplete, timeout=5000)
    wizard.button(QWizard.WizardButton.NextButton).click()
    assert wizard.findChild(QRadioButton, "initButton").isChecked()
    wizard.reject()


def test_that_the_wizard_goes_on_when_the_measurement_comes(opened: MainWindow, qtbot: Any) -> None:
    wizard = wizard_of(opened)  # it begins the measurement
    assert wizard.currentPage().objectName() == "measuringPage"
    qtbot.waitUntil(lambda: wizard.currentPage().objectName() == "measuredPage", timeout=10_000)
    wizard.reject()


def test_that_after_not_waiting_the_network_can_be_asked_to_look_after_all(opened: MainWindow, qtbot: Any) -> None:
    wizard = wizard_of(opened)
    wizard.findChild(QPushButton, "stopLookingButton").click()
    look = wizard.findChild(QPushButton, "lookNowButton")
    assert wizard.currentPage().objectName() == "sizePage" and look.isVisible()
    look.click()
    qtbot.waitUntil(lambda: wizard.currentPage().objectName() == "measuredPage", timeout=10_000)
    wizard.reject()


def test_that_a_folder_that_is_still_being_read_is_waited_for(
    window: MainWindow, sample: Path, tmp_path: Path, qtbot: Any
) -> None:
    open_path(window, sample / "model.hdf5", qtbot)
    window.open_dataset(sample / "images")
    wizard = wizard_of(window)
    assert wizard.currentPage().objectName() == "measuringPage" and "still being read" in wizard.measuring.text.text()
    qtbot.waitUntil(lambda: wizard.currentPage().objectName() == "measuredPage", timeout=20_000)
    assert wizard.flow.images == 372 and wizard.flow.dataset == str(sample / "images")
    wizard.reject()
    (tmp_path / "empty").mkdir()
    window.open_dataset(tmp_path / "empty")
    wizard = wizard_of(window)
    assert wizard.currentPage().objectName() == "measuringPage", "what is known is of the other folder"
    qtbot.waitUntil(lambda: wizard.currentPage().objectName() == "measuredPage", timeout=20_000)
    assert wizard.flow.images == 372, "which is still open, since the new one can't be"
    wizard.reject()


def test_that_the_two_questions_are_answered_by_keys(window: MainWindow, sample: Path, qtbot: Any) -> None:
    open_path(window, sample / "model.hdf5", qtbot)
    wizard = wizard_of(window)
    qtbot.keyClick(wizard, Qt.Key.Key_Return)
    assert wizard.currentPage().objectName() == "similarityPage"
    qtbot.waitUntil(lambda: wizard.focusWidget() is wizard.findChild(QRadioButton, "similarButton"))
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Return):
        qtbot.keyClick(wizard.focusWidget(), key)
    assert wizard.currentPage().objectName() == "advicePage" and wizard.flow.strategy == "features"
    qtbot.keyClick(wizard, Qt.Key.Key_Escape)
    assert not wizard.isVisible()


def test_that_a_folder_that_cannot_be_read_leaves_the_two_questions(
    window: MainWindow, sample: Path, tmp_path: Path, qtbot: Any
) -> None:
    open_path(window, sample / "model.hdf5", qtbot)
    (tmp_path / "empty").mkdir()
    window.open_dataset(tmp_path / "empty")
    wizard = wizard_of(window)
    qtbot.waitUntil(lambda: wizard.currentPage().objectName() == "sizePage", timeout=20_000)
    assert "No image folder is open" in wizard.size_page.counted.text() and wizard.size_page.look_button.isHidden()
    wizard.reject()


def test_that_during_a_run_nothing_is_tried_and_the_wizard_says_why(opened: MainWindow, qtbot: Any) -> None:
    """A bake-off that is closed stops the worker, which would have stopped the run."""
    opened.measuring.hold(True)
    wizard = wizard_of(opened)
    assert "a run is going on" in wizard.size_page.failure.text() and wizard.size_page.look_button.isHidden()
    wizard.reject()
    opened.measuring.hold(False)
    opened.measuring.begin()
    until(opened, "measured", qtbot)
    wizard = wizard_of(opened)
    opened.measuring.hold(True)
    bake = wizard.findChild(QPushButton, "bakeOffButton")
    assert not bake.isEnabled() and "when the run has ended" in bake.text()
    opened.measuring.hold(False)
    assert bake.isEnabled()
    wizard.reject()


@pytest.mark.parametrize("name", ["dontWaitButton", "stopLookingButton"])
def test_that_it_need_not_be_waited_for(opened: MainWindow, name: str, qtbot: Any) -> None:
    with_seed(opened, 7)  # goes on until it is stopped
    wizard = wizard_of(opened)
    qtbot.waitUntil(lambda: "340 of 1,000" in wizard.measuring.text.text(), timeout=5000)
    wizard.findChild(QPushButton, name).click()
    assert wizard.currentPage().objectName() == "sizePage"
    assert opened.measuring.standing.phase == ("stopped" if name == "stopLookingButton" else "working")
    wizard.reject()


def test_that_after_a_failure_the_two_questions_decide(opened: MainWindow, qtbot: Any) -> None:
    with_seed(opened, 8)
    wizard = wizard_of(opened)
    qtbot.waitUntil(lambda: wizard.currentPage().objectName() == "sizePage", timeout=5000)
    assert "could not be looked at" in wizard.currentPage().failure.text()
    wizard.reject()


def test_that_hopeless_labels_lead_to_the_images(opened: MainWindow, qtbot: Any) -> None:
    with_seed(opened, 9)
    opened.measuring.begin()
    until(opened, "measured", qtbot)
    wizard = wizard_of(opened)
    following = wizard.button(QWizard.WizardButton.NextButton)
    qtbot.waitUntil(wizard.currentPage().isComplete, timeout=5000)
    following.click()
    assert "Nothing can be learned here" in wizard.advice.reason.text() and not following.isEnabled()
    buttons = wizard.advice.quadrants.buttons
    assert not any(button.isChecked() for button in buttons.values())
    assert not any("right" in button.accessibleDescription() for button in buttons.values())
    buttons["features"].click()
    assert "Takes about" in wizard.advice.details.text() and "Expected" not in wizard.advice.details.text()
    following.click()
    assert "Expected: no better than guessing" in wizard.currentPage().lines.text()
    wizard.back()
    wizard.advice.images_button.click()
    assert opened.tabs.currentWidget() is opened.images


def test_that_a_way_that_did_best_in_a_bake_off_is_chosen(opened: MainWindow, qtbot: Any) -> None:
    opened.measuring.begin()
    until(opened, "measured", qtbot)
    wizard = wizard_of(opened)
    qtbot.waitUntil(wizard.currentPage().isComplete, timeout=5000)
    wizard.button(QWizard.WizardButton.NextButton).click()
    wizard.findChild(QPushButton, "bakeOffButton").click()
    dialog = wizard.findChild(BakeOffDialog, "bakeOff")
    dialog.findChild(QPushButton, "beginBakeOffButton").click()
    use = dialog.findChild(QPushButton, "useWayButton")
    qtbot.waitUntil(use.isVisible, timeout=5000)
    dialog.table.selectRow(0)
    use.click()
    best = wizard.flow.recommendation.ways[-1].strategy
    assert wizard.flow.strategy == best and wizard.advice.quadrants.buttons[best].isChecked()
    wizard.reject()


def test_that_an_advanced_plan_takes_the_place_of_a_way_and_a_way_that_of_it(model: ModelFile) -> None:
    plan, answer = TrainingPlan(model=str(model.path), dataset="/images", seed=6), measured_for_extras(model)
    flow = WizardFlow(model, "/images", 372, 5, lambda *_question: flow.take_advice(advice))
    advice = recommend(model, plan, answer, 8 << 30)
    flow.take_measurement(answer, advice)
    assert [extra.kind for extra in flow.extras] == ["several-layers", "one-block"] and flow.extra is None
    for extra in flow.extras:
        flow.answer(extra=extra.kind)
        assert flow.plan() == extra.plan and flow.way is None and flow.strategy == extra.plan.strategy
        assert not flow.can_keep_head
    flow.answer(strategy="init")
    assert flow.extra is None and flow.plan().strategy == "init" and flow.can_keep_head
    flow.answer(extra="one-block")
    flow.answer(size="large")
    assert flow.extra is None and flow.plan() == advice.way.plan


def test_that_advanced_plans_are_shown_where_they_are_offered_and_undone_like_others(
    opened: MainWindow, qtbot: Any
) -> None:
    with_seed(opened, 6)
    opened.measuring.begin()
    until(opened, "measured", qtbot)
    before, wizard = opened.workspace.plan, wizard_of(opened)
    qtbot.waitUntil(wizard.currentPage().isComplete, timeout=5000)
    following = wizard.button(QWizard.WizardButton.NextButton)
    following.click()
    page = wizard.advice
    assert page.advanced.isVisible() and all(button.isVisible() for button in page.extras.values())
    button = page.extras["several-layers"]
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert button.isChecked() and not any(other.isChecked() for other in page.quadrants.buttons.values())
    assert "3 layers at once" in page.details.text() and "3 layers at once" in button.accessibleDescription()
    qtbot.mouseClick(page.extras["one-block"], Qt.MouseButton.LeftButton)
    assert "Between “block2_pool” and “flatten_1”" in page.details.text() and not button.isChecked()
    button.click()
    following.click()
    lines = wizard.currentPage().lines.text()
    assert "Further layers: block1_pool, block2_pool" in lines and "92 % right" in lines
    wizard.button(QWizard.WizardButton.FinishButton).click()
    assert opened.workspace.plan.also == ("block1_pool", "block2_pool")
    assert "block1_pool, block2_pool" in opened.plan_panel.strategy.text()
    opened.commands.undo.trigger()
    assert opened.workspace.plan == before


def test_that_nothing_advanced_is_shown_where_nothing_speaks_for_it(opened: MainWindow, qtbot: Any) -> None:
    opened.measuring.begin()
    until(opened, "measured", qtbot)
    wizard = wizard_of(opened)
    qtbot.waitUntil(wizard.currentPage().isComplete, timeout=5000)
    wizard.button(QWizard.WizardButton.NextButton).click()
    assert wizard.currentPage() is wizard.advice and wizard.advice.advanced.isHidden()
