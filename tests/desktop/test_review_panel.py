"""The linter's findings in the window: shown with a button that mends, and undone like any edit."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from tests.windows import open_model
from tlstudio.desktop.main_window import MainWindow
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
