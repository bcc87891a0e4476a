"""The linter's findings in the window: shown with a button that mends, and undone like any edit."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from tests.windows import open_model
from tlstudio.desktop.main_window import MainWindow
from tlstudio.desktop.review_panel import IN_SIGHT, MOST_HEIGHT
from tlstudio.desktop.workspace import SETTING


@pytest.fixture
def window(make_window: Callable[..., MainWindow], sample: Path, qtbot: QtBot) -> MainWindow:
    window = make_window()
    window.show()
    open_model(window, sample / "sample.tlstudio", qtbot)
    qtbot.waitUntil(lambda: window.workspace.split is not None, timeout=20_000)
    return window


def test_that_a_rate_too_large_is_said_and_one_press_mends_it(window: MainWindow, qtbot: QtBot) -> None:
    space, review = window.workspace, window.plan_panel.review
    plan = space.plan
    assert plan is not None
    torn = msgspec.structs.replace(
        plan, strategy="init", optimizer=msgspec.structs.replace(plan.optimizer, name="adam", learning_rate=0.1)
    )
    space.change_plan(torn, SETTING)
    qtbot.waitUntil(lambda: review.findChild(QPushButton, "lint_rateButton") is not None)
    label = review.findChild(QLabel, "lint_rateLabel")
    assert review.isVisibleTo(window) and "0.1" in label.text() and "⚠" in label.text()
    button = review.findChild(QPushButton, "lint_rateButton")
    assert button.accessibleDescription() == label.text()
    button.click()
    assert space.plan is not None and space.plan.optimizer.learning_rate == 1e-4
    qtbot.waitUntil(lambda: all(finding.code != "lint_rate" for finding in review.findings))
    window.workspace.undo_stack.undo()
    assert space.plan.optimizer.learning_rate == 0.1
    qtbot.waitUntil(lambda: any(finding.code == "lint_rate" for finding in review.findings))


def test_that_there_is_nothing_to_say_without_images(
    make_window: Callable[..., MainWindow], sample: Path, qtbot: QtBot
) -> None:
    window = make_window()
    window.show()
    open_model(window, sample / "model.hdf5", qtbot)
    window.plan_panel.review.review_now()
    assert window.plan_panel.review.findings == [] and not window.plan_panel.review.isVisibleTo(window)


def test_that_the_most_serious_findings_come_first_and_the_rest_when_asked_for(
    window: MainWindow, qtbot: QtBot
) -> None:
    space, review = window.workspace, window.plan_panel.review
    plan = space.plan
    assert plan is not None
    crowded = msgspec.structs.replace(
        plan,
        strategy="init",
        frozen=(),
        head_first=None,
        batch_size=4096,
        augment="light",
        preprocess="caffe",
        optimizer=msgspec.structs.replace(plan.optimizer, name="adam", learning_rate=0.1),
    )
    space.change_plan(crowded, SETTING)
    qtbot.waitUntil(lambda: len(review.findings) >= 6)
    severities = [finding.severity for finding in review.findings]
    assert severities == sorted(severities, reverse=True) and severities[0] == "warning"
    assert len(review.area.findChildren(QLabel)) == IN_SIGHT
    assert review.more_button.text() == f"{len(review.findings) - IN_SIGHT} more"
    qtbot.mouseClick(review.more_button, Qt.MouseButton.LeftButton)
    assert len(review.area.findChildren(QLabel)) == len(review.findings)
    assert review.area.height() <= MOST_HEIGHT and review.area.verticalScrollBar().maximum() > 0
    qtbot.mouseClick(review.more_button, Qt.MouseButton.LeftButton)
    assert len(review.area.findChildren(QLabel)) == IN_SIGHT


def test_that_one_finding_after_the_other_is_mended_by_keys(window: MainWindow, qtbot: QtBot) -> None:
    review = window.plan_panel.review
    qtbot.waitUntil(lambda: len(review.findings) == 3)
    window.activateWindow()
    for left in (2, 1):
        button = review.area.findChild(QPushButton)
        button.setFocus()
        qtbot.keyClick(button, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda left=left: len(review.findings) == left)
        following = review.area.findChild(QPushButton)
        qtbot.waitUntil(lambda following=following: window.focusWidget() is following)


def test_that_a_mending_takes_back_no_edit_that_came_after_the_review(window: MainWindow, qtbot: QtBot) -> None:
    space, review = window.workspace, window.plan_panel.review
    qtbot.waitUntil(lambda: len(review.findings) == 3)
    button = review.area.findChild(QPushButton, "lint_headButton")
    window.plan_panel.epochs.setValue(33)
    button.click()  # before the changed plan was reviewed
    assert space.plan.head.hidden == () and space.plan.epochs == 33
