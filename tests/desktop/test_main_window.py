"""The window: what opens, what is refused, how a run is started, paused and stopped, and what is shown of it."""

import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QRadioButton, QTableView, QToolButton, QWidget

from tests.windows import open_model
from tlstudio.core import events
from tlstudio.core.project import load_project
from tlstudio.desktop.dataset_panel import EXAMPLE_HEIGHT, EXAMPLES
from tlstudio.desktop.main_window import MainWindow

NAMES = {
    "mainWindow", "layerTree", "layerFilter", "modelSummary", "datasetPanel", "datasetTable", "openModelAction",
    "openDatasetAction", "strategyWizardAction", "trainAction", "pauseAction", "stopAction", "undoAction",
    "redoAction", "lossChart", "accuracyChart", "trainingProgress", "etaLabel", "runsTable", "resultsView",
    "confusionMatrix", "logView", "messageBar", "repairsList", "modelCard", "openModelFolderAction",
    "modelLibraryAction", "datasetProblems", "datasetSearch", "imagePreview", "imageOptionsAction", "openTableAction",
    "cacheAction", "imageList",
}  # fmt: skip


def open_sample(window: MainWindow, sample: Path, qtbot: Any) -> None:
    window.open_project(sample / "sample.tlstudio")
    qtbot.waitUntil(lambda: window.workspace.dataset is not None, timeout=20_000)


def train_to_end(window: MainWindow, qtbot: Any) -> events.Event:
    with qtbot.waitSignal(window.thread_of_runs.run_ended, timeout=30_000) as ended:
        window.commands.train.trigger()
    return ended.args[0]


def test_that_widgets_are_found_by_their_names(window: MainWindow) -> None:
    from PySide6.QtCore import QObject

    found = {child.objectName() for child in window.findChildren(QObject)} | {window.objectName()}
    assert found >= NAMES


def test_that_a_dropped_folder_and_a_dropped_model_are_opened(window: MainWindow, sample: Path, qtbot: Any) -> None:
    def drop(target: QWidget, path: Path) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        event = QDropEvent(
            QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
        target.dropEvent(event)
        assert event.isAccepted()

    drop(window, sample / "model.hdf5")
    drop(window.dataset_panel, sample / "images")
    space = window.workspace
    qtbot.waitUntil(lambda: space.dataset is not None and space.model is not None, timeout=20_000)
    assert space.plan.dataset == str(sample / "images")
    table = window.findChild(QTableView, "datasetTable").model()
    rows = [[table.data(table.index(row, column)) for column in (0, 2)] for row in range(table.rowCount())]
    assert sorted(rows) == [[name, "110"] for name in ("eight", "five", "nine", "seven", "six")]
    assert table.data(table.index(0, 1), Qt.ItemDataRole.DecorationRole).width() > 50


def test_that_bad_files_give_one_sentence_and_leave_all_as_it_was(
    window: MainWindow, sample: Path, tmp_path: Path, qtbot: Any
) -> None:
    open_sample(window, sample, qtbot)
    plan, dataset = window.workspace.plan, window.workspace.dataset
    text = tmp_path / "notes.h5"
    text.write_text("not a network")
    cut_off = tmp_path / "cut_off.hdf5"
    cut_off.write_bytes((sample / "model.hdf5").read_bytes()[:50_000])
    empty = tmp_path / "empty"
    empty.mkdir()
    bad = ((text, "not a model that TLStudio knows"), (cut_off, "cut off"), (tmp_path / "no.h5", "no model file"))
    for path, words in bad:
        open_model(window, path, qtbot)
        assert words in window.message_bar.text and "\n" not in window.message_bar.text
    with qtbot.waitSignal(window.workspace.failed, timeout=10_000):
        window.open_dataset(empty)
    assert "no images in class folders" in window.message_bar.text
    window.open_dataset(tmp_path / "nowhere")
    assert "no image folder" in window.message_bar.text
    assert (window.workspace.plan, window.workspace.dataset) == (plan, dataset)


def test_that_a_folder_with_one_class_is_refused_when_training_starts(
    window: MainWindow, sample: Path, few_images: Path, qtbot: Any
) -> None:
    import shutil

    for name in ("grey", "light"):
        shutil.rmtree(few_images / name)
    open_model(window, sample / "model.hdf5", qtbot)
    window.open_dataset(few_images)
    qtbot.waitUntil(lambda: window.workspace.dataset is not None, timeout=10_000)
    window.start_training()
    assert "at least two class folders" in window.message_bar.text
    assert not window.is_training


def test_that_a_run_fills_charts_progress_log_and_results(window: MainWindow, sample: Path, qtbot: Any) -> None:
    open_sample(window, sample, qtbot)
    ended = train_to_end(window, qtbot)
    assert isinstance(ended, events.RunFinished)
    assert window.training_panel.loss.epochs_shown == window.training_panel.accuracy.epochs_shown == 6
    assert "90.0 %" in window.results.summary.text() and "20 images" in window.results.summary.text()
    assert window.results.confusion.rowCount() == 2
    assert "5,000,000,000" in window.log.toPlainText()
    assert window.commands.train.isEnabled() and not window.commands.stop.isEnabled()
    qtbot.waitUntil(lambda: window.runs.model().rowCount() == 1, timeout=5000)


def test_that_pause_holds_the_run_and_continue_goes_on(window: MainWindow, sample: Path, qtbot: Any) -> None:
    open_sample(window, sample, qtbot)
    seen: list[events.Event] = []
    window.thread_of_runs.event_happened.connect(seen.append)
    window.commands.train.trigger()
    qtbot.waitUntil(lambda: any(isinstance(e, events.EpochFinished) for e in seen), timeout=10_000)
    window.commands.pause.trigger()
    qtbot.waitUntil(lambda: window.training_panel.state.phase == "paused", timeout=5000)
    assert window.commands.pause.text() == "Continue"
    count = len(seen)
    qtbot.wait(300)
    assert len(seen) == count, "nothing happens while it is paused"
    with qtbot.waitSignal(window.thread_of_runs.run_ended, timeout=10_000) as ended:
        window.commands.pause.trigger()
    assert ended.args[0].stopped == "epochs"


def test_that_stop_ends_the_run_and_also_a_paused_one(window: MainWindow, sample: Path, qtbot: Any) -> None:
    open_sample(window, sample, qtbot)
    for pauses in (False, True):
        window.commands.train.trigger()
        qtbot.waitUntil(lambda: window.training_panel.state.phase == "training", timeout=10_000)
        if pauses:
            window.commands.pause.trigger()
            qtbot.waitUntil(lambda: window.training_panel.state.phase == "paused", timeout=5000)
        with qtbot.waitSignal(window.thread_of_runs.run_ended, timeout=2000) as ended:
            window.commands.stop.trigger()
        assert ended.args[0].stopped == "user"
        assert window.commands.train.isEnabled()


def test_that_training_asked_for_while_scanning_begins_afterwards(
    window: MainWindow, sample: Path, qtbot: Any
) -> None:
    with qtbot.waitSignal(window.thread_of_runs.run_ended, timeout=30_000) as ended:
        window.open_project(sample / "sample.tlstudio")
        window.start_training()
    assert isinstance(ended.args[0], events.RunFinished)


def test_that_runs_of_the_shipped_sample_never_go_beside_it(window: MainWindow, qtbot: Any) -> None:
    from tlstudio.core.resources import resource_path, sample_project

    open_model(window, sample_project(), qtbot)
    assert not window.project_folder().is_relative_to(resource_path(""))


def test_that_a_project_is_saved_and_opened_again_with_its_plan(
    window: MainWindow, sample: Path, tmp_path: Path, qtbot: Any
) -> None:
    open_sample(window, sample, qtbot)
    window.plan_panel.epochs.setValue(17)
    window.save_project(tmp_path / "mine.tlstudio")
    assert load_project(tmp_path / "mine.tlstudio").plan.epochs == 17
    window.close_project()
    assert window.workspace.plan is None and window.model_panel.pages.currentIndex() == 0
    open_model(window, tmp_path / "mine.tlstudio", qtbot)
    assert window.plan_panel.epochs.value() == 17
    assert window.project_folder() == tmp_path


def test_that_edits_of_one_setting_are_one_step_back(window: MainWindow, sample: Path, qtbot: Any) -> None:
    open_model(window, sample / "model.hdf5", qtbot)
    before = window.workspace.plan
    for value in (11, 12, 13):
        window.plan_panel.epochs.setValue(value)
    window.plan_panel.batch_size.setValue(8)
    window.commands.undo.trigger()
    assert window.workspace.plan.epochs == 13
    window.commands.undo.trigger()
    assert window.workspace.plan == before
    assert window.plan_panel.epochs.value() == before.epochs


def test_that_a_head_which_makes_no_sense_is_refused(window: MainWindow, sample: Path, qtbot: Any) -> None:
    open_model(window, sample / "model.hdf5", qtbot)
    before = window.workspace.plan
    window.plan_panel.head.setText("wide")
    window.plan_panel.head.editingFinished.emit()
    assert "“wide” does not describe a head" in window.message_bar.text
    assert window.workspace.plan == before and window.plan_panel.head.text() == "none"
    window.plan_panel.head.setText("keep")
    window.plan_panel.head.editingFinished.emit()
    assert window.workspace.plan.head.kind == "keep" and not window.model_panel.layers.index_of_head().isValid()


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="True has no count of references from Python 3.12 on")
def test_that_signals_do_not_eat_references_to_true(window: MainWindow) -> None:
    before = sys.getrefcount(True)
    for _ in range(100):
        window.workspace.undo_stack.canUndoChanged.emit(True)
    assert abs(sys.getrefcount(True) - before) < 50  # PySide6 6.12 on Python 3.11 loses one for each emit


def test_that_light_and_dark_change_palette_and_charts(window: MainWindow, qtbot: Any) -> None:
    for wish, is_dark in (("light", False), ("dark", True), ("light", False)):
        window.set_theme(wish)
        qtbot.waitUntil(lambda dark=is_dark: (window.palette().window().color().lightness() < 80) == dark)
        assert (window.training_panel.loss.backgroundBrush().color().lightness() < 80) == is_dark
    window.set_theme("system")


def test_that_a_radio_buttons_ring_stands_out_from_the_window(window: MainWindow, qtbot: Any) -> None:
    """Fusion draws it in the window's colour, 1.4 times as dark."""
    for wish in ("dark", "light"):
        window.set_theme(wish)
        button = QRadioButton()
        qtbot.addWidget(button)
        button.ensurePolished()
        ring = button.palette().window().color().darker(140).lightness()
        assert abs(ring - QApplication.palette().window().color().lightness()) > 60, wish
    window.set_theme("system")


@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_that_all_tabs_are_in_sight_on_a_small_screen(window: MainWindow, code: str, qtbot: Any) -> None:
    window.set_language(code)
    window.resize(1024, 700)
    with qtbot.waitExposed(window):
        window.show()
    bar = window.tabs.tabBar()
    qtbot.waitUntil(lambda: not any(button.isVisible() for button in bar.findChildren(QToolButton)), timeout=2000)
    for place in range(bar.count()):
        room = bar.tabRect(place).width()
        assert bar.tabRect(place).right() <= bar.width()
        assert room > bar.fontMetrics().horizontalAdvance(bar.tabText(place)) + 8, "no word touches its border"


def test_that_examples_make_room_for_numbers_on_a_small_screen(window: MainWindow, sample: Path, qtbot: Any) -> None:
    window.set_language("zh_CN")
    open_sample(window, sample, qtbot)
    table = window.dataset_panel.table
    with qtbot.waitExposed(window):
        window.show()
    for width, pictures in ((1900, 3), (1024, 2), (1900, 3)):
        window.resize(width, 700)
        qtbot.waitUntil(lambda pictures=pictures: table.columnWidth(EXAMPLES) // EXAMPLE_HEIGHT == pictures)
        assert table.horizontalHeader().length() <= table.viewport().width()
