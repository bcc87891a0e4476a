"""Learning rates in the layer tree, and how far layers have moved."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy
from PySide6.QtWidgets import QDoubleSpinBox, QTreeView

from tests.desktop.scripted_jobs import interrupted_run
from tests.desktop.test_main_window import open_sample, train_to_end
from tests.windows import open_model
from tlstudio.core.strategy import make_plan
from tlstudio.desktop import workspace
from tlstudio.desktop.layer_tree_model import DRIFT, NAME, OUTPUT, RATE, TYPE, ShareRole
from tlstudio.desktop.main_window import MainWindow


@pytest.fixture
def opened(window: MainWindow, nested_model: Path, qtbot: Any) -> MainWindow:
    """A window with a model in whose branch ``backbone`` both layers train, watched through all edits."""
    open_model(window, nested_model, qtbot)
    space, panel = window.workspace, window.model_panel
    mode = QAbstractItemModelTester.FailureReportingMode.Fatal
    window.testers = [QAbstractItemModelTester(m, mode) for m in (panel.layers, panel.proxy)]
    space.change_plan(make_plan(space.model, "", "init"), workspace.STRATEGY)
    return window


def index(window: MainWindow, path: str, column: int) -> Any:
    panel = window.model_panel
    place = panel.proxy.mapFromSource(panel.layers.index_of(path))
    return place.siblingAtColumn(column)


def text(window: MainWindow, path: str, column: int) -> str:
    return index(window, path, column).data()


def type_in(window: MainWindow, path: str, value: str, qtbot: Any) -> None:
    tree = window.model_panel.tree
    tree.setCurrentIndex(index(window, path, RATE))
    tree.edit(index(window, path, RATE))
    box = tree.findChildren(QDoubleSpinBox, "layerRateBox")[-1]  # an earlier one may wait to be deleted
    box.selectAll()
    qtbot.keyClicks(box, value)
    qtbot.keyClick(box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: tree.state() != QTreeView.State.EditingState, timeout=3000)


def test_that_a_rate_is_typed_into_the_tree_and_can_be_undone(opened: MainWindow, qtbot: Any) -> None:
    assert text(opened, "backbone/conv_a", RATE) == "1"
    type_in(opened, "backbone/conv_a", "0.25", qtbot)
    assert opened.workspace.plan.layer_rates == {"backbone/conv_a": 0.25}
    assert text(opened, "backbone/conv_a", RATE) == "0.25"
    assert text(opened, "backbone", RATE) == "0.25–1", "a group shows the span of its layers"
    opened.commands.undo.trigger()
    assert opened.workspace.plan.layer_rates == {} and text(opened, "backbone", RATE) == "1"


def test_that_a_group_sets_all_layers_in_it(opened: MainWindow, qtbot: Any) -> None:
    type_in(opened, "backbone", "0.5", qtbot)
    assert opened.workspace.plan.layer_rates == {"backbone/conv_a": 0.5, "backbone/conv_b": 0.5}
    type_in(opened, "backbone", "1", qtbot)
    assert opened.workspace.plan.layer_rates == {}


def test_that_only_layers_that_train_have_a_rate(opened: MainWindow) -> None:
    panel = opened.model_panel
    panel.proxy.setData(
        index(opened, "backbone/conv_a", NAME), Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole
    )
    assert text(opened, "backbone/conv_a", RATE) == ""
    assert not index(opened, "backbone/conv_a", RATE).flags() & Qt.ItemFlag.ItemIsEditable
    assert text(opened, "backbone", RATE) == "1"
    assert not panel.proxy.setData(index(opened, "backbone/conv_b", RATE), 2000.0), "more than a plan allows"
    assert not panel.tree.isColumnHidden(RATE)
    panel.proxy.setData(index(opened, "backbone", NAME), Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole)
    assert panel.tree.isColumnHidden(RATE), "nothing of the base trains"


def test_that_presets_are_one_step_each(opened: MainWindow) -> None:
    actions = opened.model_panel.rate_actions
    for name in ("rising", "upper"):
        actions[name].trigger()
        assert opened.workspace.plan.layer_rates == {"backbone/conv_a": 0.1}
        opened.commands.undo.trigger()
        assert opened.workspace.plan.layer_rates == {}
    actions["upper"].trigger()
    actions["flat"].trigger()
    assert opened.workspace.plan.layer_rates == {}


def test_that_drift_is_shown_at_the_layers_and_the_farthest_at_their_group(opened: MainWindow, qtbot: Any) -> None:
    panel = opened.model_panel
    assert panel.tree.isColumnHidden(DRIFT)
    changes = QSignalSpy(panel.layers.dataChanged)
    for step in range(1, 9):
        panel.take_drift({"backbone/conv_a": 0.0004 * step, "backbone/conv_b": 0.0016 * step})
    qtbot.waitUntil(lambda: panel.layers.has_drift, timeout=3000)
    assert changes.count() == 2, "eight epochs in a row repaint once: the layers, and their group"
    assert [text(opened, path, DRIFT) for path in ("backbone/conv_a", "backbone/conv_b", "backbone", "pool")] == [
        "0.32 %", "1.3 %", "1.3 %", "",
    ]  # fmt: skip
    assert index(opened, "backbone/conv_a", DRIFT).data(ShareRole) == pytest.approx(0.25)
    assert not panel.tree.isColumnHidden(DRIFT)
    panel.take_drift({})
    qtbot.waitUntil(lambda: panel.tree.isColumnHidden(DRIFT), timeout=3000)
    assert text(opened, "backbone", DRIFT) == ""


def test_that_a_narrow_pane_keeps_names_rates_and_drifts(opened: MainWindow, qtbot: Any) -> None:
    panel = opened.model_panel
    opened.resize(900, 600)
    panel.take_drift({"backbone/conv_a": 0.1})
    qtbot.waitUntil(lambda: panel.layers.has_drift, timeout=3000)
    hidden = {column for column in (NAME, TYPE, OUTPUT, RATE, DRIFT) if panel.tree.isColumnHidden(column)}
    assert hidden and hidden <= {TYPE, OUTPUT}
    assert panel.tree.header().sectionSize(NAME) >= 100


def test_that_a_runs_drift_is_shown_for_the_open_model_only(window: MainWindow, sample: Path, qtbot: Any) -> None:
    open_sample(window, sample, qtbot)
    told: list[dict[str, float]] = []
    window.training.drifted.connect(told.append)
    train_to_end(window, qtbot)
    assert told[0] == {} and told[-1] == {"block3_conv2": pytest.approx(0.06)}
    other = msgspec.structs.replace(window.workspace.plan, model="/another.h5")
    run = window.project_folder() / "runs" / "20250101T000000Z-init"
    interrupted_run(run, other, 2, 2)
    with qtbot.waitSignal(window.thread_of_runs.run_ended, timeout=30_000):
        window.resume_run(run)
    assert told[-1] == {}, "the layers of another model have the same names"


def test_that_another_head_stays_as_open_or_closed_as_the_one_before(
    window: MainWindow, sample: Path, qtbot: Any
) -> None:
    open_model(window, sample / "model.hdf5", qtbot)
    space, panel = window.workspace, window.model_panel
    for is_open in (True, False):
        panel.tree.setExpanded(panel.proxy.mapFromSource(panel.layers.index_of_head()), is_open)
        for strategy in ("finetune", "classic"):
            space.change_plan(make_plan(space.model, "", strategy), workspace.STRATEGY)
            assert panel.tree.isExpanded(panel.proxy.mapFromSource(panel.layers.index_of_head())) == is_open
