"""The measurement in the background: when it begins, what ends it, and the bars that it gives the layer tree."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from tests.desktop.test_main_window import open_sample
from tests.windows import open_model
from tlstudio.core import events
from tlstudio.desktop import texts
from tlstudio.desktop.layer_tree_model import TRANSFER
from tlstudio.desktop.main_window import MainWindow


@pytest.fixture
def opened(window: MainWindow, sample: Path, qtbot: Any) -> MainWindow:
    open_sample(window, sample, qtbot)
    return window


def until(window: MainWindow, phase: str, qtbot: Any) -> None:
    qtbot.waitUntil(lambda: window.measuring.standing.phase == phase, timeout=10_000)


def with_seed(window: MainWindow, seed: int) -> None:
    window.workspace.change_plan(msgspec.structs.replace(window.workspace.plan, seed=seed), "")


def test_that_it_begins_by_itself_once_model_and_images_are_there(
    window: MainWindow, sample: Path, qtbot: Any
) -> None:
    window.measuring.is_automatic = True
    open_model(window, sample / "model.hdf5", qtbot)
    assert window.measuring.standing.phase == "nothing" and window.model_panel.measuring_line.isHidden()
    window.open_dataset(sample / "images")
    until(window, "measured", qtbot)
    advised = texts.strategy_name(window.measuring.standing.advice.strategy)
    assert window.model_panel.measuring_line.label.text() == f"★ Advised: {advised}"
    assert "372 images were looked at" in window.log.toPlainText()


def test_that_only_what_decides_makes_a_new_one_and_known_ones_are_kept(opened: MainWindow, qtbot: Any) -> None:
    opened.measuring.begin()
    until(opened, "measured", qtbot)
    opened.plan_panel.epochs.setValue(7)
    assert opened.measuring.standing.phase == "measured"
    with_seed(opened, 3)
    assert opened.measuring.standing.phase == "waiting" and not opened.model_panel.layers.has_transfers
    opened.commands.undo.trigger()
    assert opened.measuring.standing.phase == "measured" and opened.model_panel.layers.has_transfers


def test_that_taking_the_scaling_that_was_found_is_no_reason_to_look_again(opened: MainWindow, qtbot: Any) -> None:
    opened.measuring.begin()
    until(opened, "measured", qtbot)
    found = opened.measuring.standing.measured.preprocessing
    for scaling, phase in ((found, "measured"), ("caffe", "waiting"), ("auto", "measured")):
        opened.workspace.change_plan(msgspec.structs.replace(opened.workspace.plan, preprocess=scaling), "")
        assert opened.measuring.standing.phase == phase, scaling


def test_that_training_does_not_wait_for_it_and_it_begins_anew_afterwards(opened: MainWindow, qtbot: Any) -> None:
    with_seed(opened, 7)  # goes on until it is stopped
    opened.measuring.is_automatic = True
    opened.measuring.begin()
    qtbot.waitUntil(lambda: opened.measuring.standing.done == 340, timeout=5000)
    line = opened.model_panel.measuring_line
    assert "Looking at your images through the network… 340 of 1,000" in line.label.text()
    with qtbot.waitSignal(opened.thread_of_runs.run_ended, timeout=20_000) as ended:
        opened.start_training()
    assert isinstance(ended.args[0], events.RunFinished) and ended.args[0].stopped == "epochs"
    qtbot.waitUntil(lambda: opened.measuring.standing.done == 340, timeout=5000)
    opened.measuring.is_automatic = False
    line.stop_button.click()
    assert opened.measuring.standing.phase == "stopped" and line.begin_button.isVisible()


def test_that_a_measurement_that_waits_for_its_turn_is_given_up_with_what_it_was_of(
    opened: MainWindow, qtbot: Any
) -> None:
    with_seed(opened, 7)
    opened.measuring.begin()
    with_seed(opened, 1)  # before the first one has begun, or while it goes on: it must not hold the second one up
    opened.measuring.begin()
    until(opened, "measured", qtbot)


def test_that_a_failure_is_told_in_the_line_and_the_log_and_nowhere_else(opened: MainWindow, qtbot: Any) -> None:
    with_seed(opened, 8)
    opened.measuring.begin()
    until(opened, "failed", qtbot)
    line = opened.model_panel.measuring_line
    assert line.isVisible() and line.begin_button.isVisible()
    assert line.label.text().startswith("⚠ ") and line.label.text()[2:] in opened.log.toPlainText()
    assert opened.message_bar.text == ""


def test_that_each_cut_has_its_bar_and_the_best_one_its_star(opened: MainWindow, qtbot: Any) -> None:
    layers, tree = opened.model_panel.layers, opened.model_panel.tree
    tester = [
        QAbstractItemModelTester(m, QAbstractItemModelTester.FailureReportingMode.Fatal)
        for m in (layers, opened.model_panel.proxy)
    ]
    assert tree.isColumnHidden(TRANSFER)
    opened.measuring.begin()
    until(opened, "measured", qtbot)
    assert not tree.isColumnHidden(TRANSFER)
    shown = {path: layers.data(layers.index_of(path).siblingAtColumn(TRANSFER)) for path in layers.leaf_order()}
    starred = [path for path, text in shown.items() if text.startswith("★")]
    assert starred == [opened.measuring.standing.advice.cut]
    illegal = [path for path, cut in opened.workspace.model.cuts.items() if not cut.legal]
    assert illegal and not any(shown[path] for path in illegal)
    said = layers.data(layers.index_of(starred[0]).siblingAtColumn(TRANSFER), Qt.ItemDataRole.AccessibleTextRole)
    assert "best place to cut" in said and "between" in said
    with_seed(opened, 2)
    assert tree.isColumnHidden(TRANSFER)
    del tester


def test_that_a_branch_shows_the_best_of_its_layers(window: MainWindow, nested_model: Path, qtbot: Any) -> None:
    from tlstudio.desktop.layer_transfer import Transfer

    open_model(window, nested_model, qtbot)
    layers = window.model_panel.layers
    window.model_panel.show_transfers(
        {"backbone/conv_a": Transfer(0.5, 0.4, 0.6), "backbone/conv_b": Transfer(0.4, 0.3, 0.5, True)}
    )
    index = layers.index_of("backbone").siblingAtColumn(TRANSFER)
    assert layers.data(index) == "★ 40 %"
    assert "Its best layer" in layers.data(index, Qt.ItemDataRole.ToolTipRole)
