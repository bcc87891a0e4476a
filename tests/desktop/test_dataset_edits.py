"""What a plan changes of a dataset shows in the window: its classes, counts and split, there and back."""

from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPalette

from tests.desktop.datasets import spoiled
from tests.windows import open_model
from tlstudio.core.data.options import DatasetEdits, Layout
from tlstudio.desktop import workspace
from tlstudio.desktop.class_bars import ShareRole, bar_in
from tlstudio.desktop.dataset_panel import EXAMPLES, IMAGES
from tlstudio.desktop.dataset_scan import THUMBNAIL
from tlstudio.desktop.main_window import MainWindow


def open_spoiled(window: MainWindow, folder: Path, qtbot: Any) -> Path:
    root = spoiled(folder / "images")
    open_dataset(window, root, qtbot)
    return root


def open_dataset(window: MainWindow, path: Path, qtbot: Any) -> None:
    window.open_dataset(path)
    qtbot.waitUntil(lambda: not window.workspace.is_scanning, timeout=20_000)


def counts(window: MainWindow) -> dict[str, int]:
    return {row.name: row.images for row in window.workspace.split.counts()}


def edit(window: MainWindow, edits: DatasetEdits) -> None:
    space = window.workspace
    space.change_plan(msgspec.structs.replace(space.data_plan, edits=edits), workspace.REMEDY)


def test_that_edits_change_classes_counts_and_split_and_are_undone(
    window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    open_spoiled(window, tmp_path, qtbot)
    space = window.workspace
    assert counts(window) == {"a": 15, "b": 12, "c": 12}
    edit(window, DatasetEdits(leave_out=("a/00.png",), relabel={"b/01.png": "new"}))
    assert counts(window) == {"a": 14, "b": 11, "c": 12, "new": 1}
    assert space.classes == ["a", "b", "c", "new"] and len(space.raw.entries) == 39
    window.commands.undo.trigger()
    assert counts(window) == {"a": 15, "b": 12, "c": 12}
    window.commands.redo.trigger()
    assert counts(window)["a"] == 14


def test_that_bars_show_how_large_classes_are_beside_the_largest(
    window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    open_spoiled(window, tmp_path, qtbot)
    table = window.dataset_panel.table
    shares = [window.dataset_panel.classes.index(row, IMAGES).data(ShareRole) for row in range(3)]
    assert shares == [1.0, 12 / 15, 12 / 15]
    cell = table.visualRect(window.dataset_panel.classes.index(1, IMAGES))
    bar = bar_in(cell, shares[1])
    ratio = table.devicePixelRatioF()
    seen = table.viewport().grab().toImage()
    wanted = table.palette().color(QPalette.ColorRole.Highlight)
    inside, beyond = bar.center(), QPoint(bar.right() + 3, bar.center().y())
    assert seen.pixelColor(inside * ratio).rgb() == wanted.rgb() and cell.contains(beyond)
    assert seen.pixelColor(beyond * ratio).rgb() != wanted.rgb()
    assert bar_in(cell, 0.0).width() == 0 and bar_in(cell, 1e-6).width() == 1


def test_that_a_class_made_by_an_edit_has_examples_and_others_follow_their_images(
    window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    open_spoiled(window, tmp_path, qtbot)
    space = window.workspace
    before = dict(space.scan.thumbnails)
    edit(window, DatasetEdits(leave_out=("c/00.png",), relabel={"b/01.png": "new", "b/02.png": "new"}))
    qtbot.waitUntil(lambda: "new" in space.scan.thumbnails, timeout=5000)
    now = space.scan.thumbnails
    assert now["new"].width() == 2 * THUMBNAIL and now["c"] != before["c"] and now["a"] is before["a"]
    assert space.scan.examples["c"] == ["c/01.png", "c/02.png", "c/03.png"]
    rows = {row.name: place for place, row in enumerate(space.split.counts())}
    table = window.dataset_panel.classes
    qtbot.waitUntil(lambda: table.index(rows["new"], EXAMPLES).data(Qt.ItemDataRole.DecorationRole) is not None)
    window.commands.undo.trigger()
    qtbot.waitUntil(lambda: space.scan.thumbnails["c"] == before["c"], timeout=5000)


def test_that_a_class_without_a_readable_example_is_not_read_again_and_again(
    window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    root = open_spoiled(window, tmp_path, qtbot)
    (root / "b" / "01.png").unlink()
    space = window.workspace
    edit(window, DatasetEdits(relabel={"b/01.png": "gone"}))
    qtbot.waitUntil(lambda: "gone" in space.scan.thumbnails, timeout=5000)
    assert space.scan.thumbnails["gone"].isNull()
    edit(window, DatasetEdits(relabel={"b/01.png": "gone"}, leave_out=("a/05.png",)))
    assert space.data._drawing is None


def test_that_a_project_opens_with_its_edits(window: MainWindow, sample: Path, tmp_path: Path, qtbot: Any) -> None:
    open_model(window, sample / "model.hdf5", qtbot)
    open_spoiled(window, tmp_path, qtbot)
    edit(window, DatasetEdits(leave_out=("a/00.png", "a/01.png")))
    window.save_project(tmp_path / "mine.tlstudio")
    window.close_project()
    open_model(window, tmp_path / "mine.tlstudio", qtbot)
    qtbot.waitUntil(lambda: window.workspace.dataset is not None, timeout=20_000)
    assert counts(window)["a"] == 13
    assert window.workspace.plan.edits.leave_out == ("a/00.png", "a/01.png")


def test_that_edits_made_before_a_model_is_open_stay_with_the_dataset(
    window: MainWindow, sample: Path, tmp_path: Path, qtbot: Any
) -> None:
    open_spoiled(window, tmp_path, qtbot)
    edit(window, DatasetEdits(leave_out=("a/00.png",)))
    window.save_project(tmp_path / "no_model.tlstudio")
    open_model(window, sample / "model.hdf5", qtbot)
    assert window.workspace.plan.edits.leave_out == ("a/00.png",) and counts(window)["a"] == 14
    window.close_project()
    window.open_project(tmp_path / "no_model.tlstudio")
    qtbot.waitUntil(lambda: window.workspace.dataset is not None, timeout=20_000)
    assert counts(window)["a"] == 14


def test_that_another_dataset_begins_without_the_edits_of_the_last(
    window: MainWindow, sample: Path, few_images: Path, tmp_path: Path, qtbot: Any
) -> None:
    open_model(window, sample / "model.hdf5", qtbot)
    open_spoiled(window, tmp_path / "first", qtbot)
    edit(window, DatasetEdits(leave_out=("a/00.png",)))
    open_dataset(window, few_images, qtbot)
    assert window.workspace.plan.edits == DatasetEdits()
    window.commands.undo.trigger()
    assert window.workspace.plan.edits == DatasetEdits() and window.workspace.plan.dataset == str(few_images)


def test_that_seed_and_groups_divide_anew(window: MainWindow, sample: Path, tmp_path: Path, qtbot: Any) -> None:
    open_model(window, sample / "model.hdf5", qtbot)
    open_spoiled(window, tmp_path, qtbot)
    space = window.workspace
    before = space.split
    space.change_plan(msgspec.structs.replace(space.plan, seed=5), workspace.SETTING)
    assert set(space.split.test) != set(before.test)
    pattern = r"(\d)\d\.png"
    with qtbot.waitSignal(space.dataset_changed, timeout=5000):  # a pattern is searched off the window's thread
        space.change_plan(msgspec.structs.replace(space.plan, group_by=pattern), workspace.IMAGES)
    sides = [
        {path[2] for path, _label in part if path[2].isdigit()} for part in (space.split.train, space.split.test)
    ]
    assert not sides[0] & sides[1]
    for _ in range(2):
        window.commands.undo.trigger()
    assert space.split == before


def test_that_another_class_level_reads_the_folder_anew_and_is_undone(
    window: MainWindow, sample: Path, tmp_path: Path, qtbot: Any
) -> None:
    root = tmp_path / "deep"
    for side in ("left", "right"):
        spoiled(root / side)
    open_model(window, sample / "model.hdf5", qtbot)
    open_dataset(window, root, qtbot)
    space = window.workspace
    assert space.classes == ["left", "right"]
    space.change_layout(Layout(class_level=2))
    qtbot.waitUntil(lambda: not space.is_scanning, timeout=20_000)
    assert space.classes == ["a", "b", "c"] and space.plan.layout.class_level == 2
    window.commands.undo.trigger()
    qtbot.waitUntil(lambda: not space.is_scanning, timeout=20_000)
    assert space.classes == ["left", "right"] and space.plan.layout.class_level == 1


def test_that_a_layout_that_fits_no_image_leaves_all_as_it_was(
    window: MainWindow, sample: Path, tmp_path: Path, qtbot: Any
) -> None:
    open_model(window, sample / "model.hdf5", qtbot)
    open_spoiled(window, tmp_path, qtbot)
    plan = window.workspace.plan
    with qtbot.waitSignal(window.workspace.failed, timeout=10_000):
        window.workspace.change_layout(Layout(class_level=7))
    assert window.workspace.plan == plan and window.workspace.classes == ["a", "b", "c"]
    assert not window.workspace.undo_stack.canUndo()


def test_that_the_wizard_keeps_what_was_said_of_the_dataset(
    window: MainWindow, sample: Path, tmp_path: Path, qtbot: Any
) -> None:
    from tlstudio.core.strategy import make_plan

    open_model(window, sample / "model.hdf5", qtbot)
    open_spoiled(window, tmp_path, qtbot)
    edit(window, DatasetEdits(leave_out=("a/00.png",)))
    space = window.workspace
    window.plan_dialogs.take_plan(make_plan(space.model, "", "finetune"))
    assert space.plan.strategy == "finetune"
    assert space.plan.edits.leave_out == ("a/00.png",) and space.plan.dataset == str(space.dataset_path)


def test_that_classes_stream_in_before_all_images_have_been_looked_at(
    window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    root = spoiled(tmp_path / "images")
    panel = window.dataset_panel
    names = panel.named.model()
    with qtbot.waitSignal(window.workspace.data.named, timeout=10_000):
        window.open_dataset(root)
    assert window.workspace.is_scanning and panel.pages.currentIndex() == 1 and not panel.named.isHidden()
    assert [names.index(row).data() for row in range(names.rowCount())] == ["a (15)", "b (12)", "c (13)"]
    qtbot.waitUntil(lambda: not window.workspace.is_scanning, timeout=20_000)
    assert panel.pages.currentIndex() == 2
    with qtbot.waitSignal(window.workspace.dataset_scanning, timeout=10_000):
        window.open_dataset(root / "a")
    assert not names.rowCount() and panel.named.isHidden()
    window.workspace.cancel_scan()
