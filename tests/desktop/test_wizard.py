"""The strategy wizard: the flow without Qt, and the pages that render it."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QRadioButton, QWizard

from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.reading import open_model
from tlstudio.desktop.main_window import MainWindow
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
