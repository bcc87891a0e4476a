"""The layer tree: what it shows, what a tick does, and that all of it can be undone."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy
from PySide6.QtWidgets import QLineEdit, QTreeView

from tests.windows import open_model
from tlstudio.desktop.layer_tree_model import NAME, OUTPUT, PARAMETERS, TYPE, LayerTreeModel
from tlstudio.desktop.main_window import MainWindow


@pytest.fixture
def opened(window: MainWindow, sample: Path, qtbot: Any) -> MainWindow:
    open_model(window, sample / "model.hdf5", qtbot)
    assert window.message_bar.text == ""
    return window


@pytest.fixture
def tester(opened: MainWindow) -> QAbstractItemModelTester:
    """Watches the model and its proxy through all edits of a test."""
    mode = QAbstractItemModelTester.FailureReportingMode.Fatal
    return [QAbstractItemModelTester(m, mode) for m in (opened.model_panel.layers, opened.model_panel.proxy)]


def names(model: Any, parent: QModelIndex | None = None) -> list[str]:
    parent = parent or QModelIndex()
    found = []
    for row in range(model.rowCount(parent)):
        index = model.index(row, NAME, parent)
        found += [model.data(index), *names(model, index)]
    return found


def tick(window: MainWindow, path: str, state: Qt.CheckState) -> None:
    panel = window.model_panel
    index = panel.proxy.mapFromSource(panel.layers.index_of(path))
    assert panel.proxy.setData(index, state.value, Qt.ItemDataRole.CheckStateRole)


def state(window: MainWindow, path: str) -> Qt.CheckState | None:
    layers = window.model_panel.layers
    return layers.data(layers.index_of(path), Qt.ItemDataRole.CheckStateRole)


def test_that_the_tree_shows_every_layer_and_the_new_head_at_the_cut(opened: MainWindow, tester: Any) -> None:
    shown = names(opened.model_panel.layers)
    cut = shown.index("✂ flatten_1")
    assert shown[cut + 1] == "New head"
    assert shown[cut + 2 : cut + 4] == ["head_standardize", "head_output"]
    assert "dense_1" in shown[cut + 4 :]


def test_that_a_tick_changes_the_plan_and_undo_takes_it_back(opened: MainWindow, tester: Any) -> None:
    before = opened.workspace.plan
    assert before is not None and "block1_conv1" in before.frozen
    tick(opened, "block1_conv1", Qt.CheckState.Unchecked)
    assert "block1_conv1" not in opened.workspace.plan.frozen
    assert state(opened, "block1_conv1") == Qt.CheckState.Unchecked
    opened.commands.undo.trigger()
    assert opened.workspace.plan == before
    assert state(opened, "block1_conv1") == Qt.CheckState.Checked
    opened.commands.redo.trigger()
    assert state(opened, "block1_conv1") == Qt.CheckState.Unchecked


def test_that_freezing_everything_below_and_above_goes_by_the_current_layer(opened: MainWindow, tester: Any) -> None:
    panel = opened.model_panel
    for path in ("block1_conv1", "block2_conv1"):
        tick(opened, path, Qt.CheckState.Unchecked)
    panel.tree.setCurrentIndex(panel.proxy.mapFromSource(panel.layers.index_of("block2_conv2")))
    panel.free_above_action.trigger()
    assert opened.workspace.plan.frozen == ("block1_conv2", "block2_conv2")[:1]
    panel.freeze_below_action.trigger()
    assert opened.workspace.plan.frozen == ("block1_conv1", "block1_conv2", "block2_conv1", "block2_conv2")


def test_that_cutting_elsewhere_moves_the_head_and_can_be_undone(opened: MainWindow, tester: Any) -> None:
    panel = opened.model_panel
    panel.tree.setCurrentIndex(panel.proxy.mapFromSource(panel.layers.index_of("block2_pool")))
    panel.cut_action.trigger()
    shown = names(panel.layers)
    assert shown[shown.index("✂ block2_pool") + 1] == "New head"
    assert state(opened, "block3_conv1") is None, "a layer above the cut has nothing to freeze"
    opened.commands.undo.trigger()
    assert "✂ flatten_1" in names(panel.layers)


def test_that_an_illegal_cut_says_why_and_changes_nothing(opened: MainWindow) -> None:
    panel, before = opened.model_panel, opened.workspace.plan
    panel.tree.setCurrentIndex(panel.proxy.mapFromSource(panel.layers.index_of("input_1")))
    panel.cut_action.trigger()
    assert "input_1" in opened.message_bar.text and "nothing would be left below it" in opened.message_bar.text
    assert opened.workspace.plan == before


def test_that_the_filter_keeps_what_matches(opened: MainWindow, tester: Any, qtbot: Any) -> None:
    edit, tree = opened.findChild(QLineEdit, "layerFilter"), opened.findChild(QTreeView, "layerTree")
    qtbot.keyClicks(edit, "block3")
    assert names(tree.model()) == ["block3_conv1", "block3_conv2", "block3_pool"]
    edit.clear()
    assert "block1_conv1" in names(tree.model())


def test_that_a_branch_is_ticked_for_all_its_layers(window: MainWindow, nested_model: Path, qtbot: Any) -> None:
    open_model(window, nested_model, qtbot)
    assert window.message_bar.text == ""
    layers = window.model_panel.layers
    tester = QAbstractItemModelTester(layers, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert state(window, "backbone") == Qt.CheckState.Checked
    tick(window, "backbone/conv_a", Qt.CheckState.Unchecked)
    assert state(window, "backbone") == Qt.CheckState.PartiallyChecked
    spy = QSignalSpy(layers.dataChanged)
    tick(window, "backbone", Qt.CheckState.Unchecked)
    assert state(window, "backbone/conv_b") == Qt.CheckState.Unchecked
    assert spy.count() <= 2, "one range for each parent, not one signal for each layer"
    tick(window, "backbone", Qt.CheckState.Checked)
    assert set(window.workspace.plan.frozen) == {"backbone/conv_a", "backbone/conv_b"}
    del tester


def test_that_parameters_beyond_32_bits_are_shown_whole() -> None:
    from tlstudio.core.model.inspection import CutInfo, LayerNode

    model = LayerTreeModel()
    node = LayerNode(
        path="x", name="x", type="Dense", output_shape=[None, 1], parameters=5_000_000_000, trainable=True,
        cut=CutInfo(legal=True),
    )  # fmt: skip
    model.set_layers([node])
    text = model.data(model.index(0, PARAMETERS))
    assert text.replace(",", "").replace("\u00a0", "") == "5000000000"


def test_that_shapes_and_numbers_are_whole_in_their_columns(opened: MainWindow) -> None:
    tree, layers = opened.model_panel.tree, opened.model_panel.layers
    opened.resize(opened.minimumSizeHint())
    for column, text in ((OUTPUT, "32×32×16"), (PARAMETERS, "49,216")):
        assert tree.header().sectionSize(column) > tree.fontMetrics().horizontalAdvance(text)
        assert len(layers.longest(column)) == len(text)
    assert tree.header().sectionSize(NAME) > tree.header().sectionSize(TYPE)
