"""The learning-rate finder in the window: it shows a curve, and only “Use it” changes the plan."""

import math
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QToolButton

from tests.desktop.test_main_window import open_sample
from tests.windows import open_model
from tlstudio.core import events
from tlstudio.desktop.main_window import MainWindow
from tlstudio.desktop.rate_finder import RateFinder


@pytest.fixture
def opened(window: MainWindow, sample: Path, qtbot: Any) -> MainWindow:
    open_sample(window, sample, qtbot)
    return window


def search(window: MainWindow) -> RateFinder:
    window.findChild(QToolButton, "findRateButton").click()
    return window.findChildren(RateFinder)[-1]


def test_that_the_proposed_rate_is_taken_and_can_be_undone(opened: MainWindow, qtbot: Any) -> None:
    before = opened.workspace.plan
    dialog = search(opened)
    qtbot.waitUntil(lambda: dialog.use_button.isVisible(), timeout=5000)
    assert not dialog.progress.isVisible() and "learning rate of 0.004" in dialog.text.text()
    shown, _losses = dialog._curve.getData()
    assert (shown[0], shown[-1]) == pytest.approx((-6, 1)), "the axis of rates is logarithmic"
    assert opened.workspace.plan == before
    dialog.use_button.click()
    assert opened.workspace.plan.optimizer.learning_rate == 0.004
    assert opened.plan_panel.rate.value() == 0.004
    opened.commands.undo.trigger()
    assert opened.workspace.plan == before


def test_that_another_rate_is_chosen_with_the_line(opened: MainWindow, qtbot: Any) -> None:
    dialog = search(opened)
    qtbot.waitUntil(lambda: dialog.use_button.isVisible(), timeout=5000)
    dialog._line.setPos(math.log10(0.0123))
    assert dialog.use_button.text() == "Use 0.012"
    dialog._line.setPos(5)
    assert dialog.use_button.text() == "Use 10", "no further than what was tried"
    dialog.close_button.click()
    assert opened.workspace.plan.optimizer.learning_rate != 10


def test_that_a_search_is_stopped_when_its_dialog_is_closed(opened: MainWindow, qtbot: Any) -> None:
    opened.plan_panel.batch_size.setValue(7)
    dialog = search(opened)
    qtbot.waitUntil(lambda: "Trying learning rates" in dialog.text.text(), timeout=5000)
    assert (dialog.progress.value(), dialog.progress.maximum()) == (3, 100)
    dialog.close_button.click()
    qtbot.waitUntil(lambda: not opened.rate_search.is_running, timeout=5000)
    opened.plan_panel.batch_size.setValue(8)
    again = search(opened)
    qtbot.waitUntil(lambda: again.use_button.isVisible(), timeout=5000)
    again.reject()


def test_that_where_the_loss_never_fell_nothing_is_proposed(opened: MainWindow, qtbot: Any) -> None:
    opened.plan_panel.batch_size.setValue(1)
    dialog = search(opened)
    qtbot.waitUntil(lambda: "never fell" in dialog.text.text(), timeout=5000)
    assert not dialog.use_button.isVisible()
    dialog.reject()


def test_that_no_rates_are_tried_without_images_or_beside_a_run(window: MainWindow, sample: Path, qtbot: Any) -> None:
    open_model(window, sample / "model.hdf5", qtbot)
    button = window.findChild(QToolButton, "findRateButton")
    button.click()
    assert "Open an image folder first" in window.message_bar.text
    open_sample(window, sample, qtbot)
    with qtbot.waitSignal(window.thread_of_runs.run_ended, timeout=20_000):
        window.start_training()
        assert not button.isEnabled()
    assert button.isEnabled()


def test_that_the_curve_is_in_sight_down_to_its_lowest_point_with_plain_numbers(
    opened: MainWindow, qtbot: Any
) -> None:
    dialog = search(opened)
    qtbot.waitUntil(lambda: dialog.use_button.isVisible(), timeout=5000)
    # As of a network that was trained already: the first loss is low by chance, and small losses tempt to “x0.001”.
    losses = [0.033, 0.060, 0.055, 0.040, 0.018, 9.0]
    rates = [10.0**exponent for exponent in range(-7, -1)]
    dialog.take(events.RatesTried(rates=rates, losses=losses, suggested=1e-4))
    plot = dialog.chart.getPlotItem()
    low, high = plot.viewRange()[1]
    assert low < 0.018 and 0.060 < high < 1
    assert not any("x0.001" in plot.getAxis(side).labelString() for side in ("left", "bottom"))
