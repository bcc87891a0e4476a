"""The images and the problems of a dataset in the window: lists, previews, and edits that can be undone."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QInputDialog, QLineEdit, QListView, QTableView, QTreeView, QWidget

from tests.desktop.datasets import spoiled
from tests.desktop.test_dataset_edits import counts, open_dataset, open_spoiled
from tests.windows import open_model
from tlstudio.core.data.decode import load_for_model
from tlstudio.core.data.problem import ImageEntry, Problem
from tlstudio.core.data.scan import Dataset
from tlstudio.desktop import texts
from tlstudio.desktop.dataset_scan import divided, scan_of
from tlstudio.desktop.image_preview import LargePreview
from tlstudio.desktop.main_window import MainWindow
from tlstudio.desktop.problem_tree import ProblemTree, rank
from tlstudio.desktop.problem_words import image_sentence
from tlstudio.desktop.thumbnails import Thumbnails


def kind(window: MainWindow, code: str) -> QModelIndex:
    tree = window.problems.tree
    rows = (tree.index(place, 0) for place in range(tree.rowCount()))
    return next(index for index in rows if tree.row(index).code == code)


def select(window: MainWindow, index: QModelIndex) -> None:
    window.problems.view.setCurrentIndex(index)
    window.problems.view.selectionModel().select(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)


def choose_class(window: MainWindow, name: str) -> None:
    table = window.findChild(QTableView, "datasetTable")
    names = [table.model().index(row, 0).data() for row in range(table.model().rowCount())]
    table.selectRow(names.index(name))


def content_of(root: Path) -> dict[str, str]:
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(root.rglob("*")) if p.is_file()}


# -- problems -------------------------------------------------------------------------------------------


def test_that_problems_are_grouped_with_counts_and_the_gravest_first(
    window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    open_spoiled(window, tmp_path, qtbot)
    view = window.findChild(QTreeView, "datasetProblems")
    tree = window.problems.tree
    tester = QAbstractItemModelTester(tree, QAbstractItemModelTester.FailureReportingMode.Fatal)
    shown = [view.model().index(row, 0).data() for row in range(view.model().rowCount())]
    assert shown[:2] == ["the same picture in two classes (1)", "the same picture twice (1)"]
    assert {"one colour, nothing to see (1)", "not an image (1)"} <= set(shown)
    conflict = tree.index(0, 0, kind(window, "label-conflict"))
    assert conflict.data() == "a/wrong.png" and tree.index(0, 0, conflict).data() == "b/05.png"
    assert "in the classes a, b" in conflict.data(Qt.ItemDataRole.ToolTipRole)
    assert "4 problems found" in window.dataset_panel.problems_button.text()
    del tester


def test_that_a_remedy_is_one_step_shows_as_done_and_touches_no_file(
    window: MainWindow, sample: Path, tmp_path: Path, qtbot: Any
) -> None:
    open_model(window, sample / "model.hdf5", qtbot)
    root = open_spoiled(window, tmp_path, qtbot)
    before, plan = content_of(root), window.workspace.plan
    page = window.problems
    select(window, kind(window, "duplicate"))
    offered = {code for code, button in page.buttons.items() if not button.isHidden()}
    assert offered == {"leave-out-copies"}
    page.buttons["leave-out-copies"].click()
    assert counts(window)["a"] == 14 and window.workspace.plan.edits.leave_out == ("a/copy.png",)
    done = kind(window, "duplicate")
    assert done.data().startswith("✔ ")
    row = page.tree.index(0, 0, done)
    assert row.data().startswith("✔ ") and row.data(Qt.ItemDataRole.FontRole).strikeOut()
    assert not page.buttons["leave-out-copies"].isEnabled()
    assert "3 problems found" in window.dataset_panel.problems_button.text()
    window.commands.undo.trigger()
    assert window.workspace.plan == plan and kind(window, "duplicate").data() == "the same picture twice (1)"
    assert content_of(root) == before


def test_that_a_conflict_is_settled_by_a_class_of_the_menu(window: MainWindow, tmp_path: Path, qtbot: Any) -> None:
    open_spoiled(window, tmp_path, qtbot)
    page = window.problems
    select(window, page.tree.index(0, 0, kind(window, "label-conflict")))
    assert not page.buttons["relabel"].isHidden() and not page.buttons["leave-out-all"].isHidden()
    next(action for action in page.class_menu.actions() if action.data() == "b").trigger()
    assert window.workspace.data_plan.edits.relabel == {"a/wrong.png": "b", "b/05.png": "b"}
    assert counts(window) == {"a": 14, "b": 13, "c": 12}
    assert kind(window, "label-conflict").data().startswith("✔ ")


def test_that_copies_of_which_one_is_left_out_already_lose_only_one_more(
    window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    root = spoiled(tmp_path / "images")
    (root / "a" / "again.png").write_bytes((root / "a" / "03.png").read_bytes())
    open_dataset(window, root, qtbot)
    choose_class(window, "a")
    images = window.images
    names = [entry.path for entry in images.images.entries]
    images.list.setCurrentIndex(images.images.index(names.index("a/03.png")))
    images.leave_out_button.click()
    select(window, kind(window, "duplicate"))
    window.problems.buttons["leave-out-copies"].click()
    left = {"a/03.png", "a/again.png", "a/copy.png"} - set(window.workspace.data_plan.edits.leave_out)
    assert len(left) == 1


def test_that_class_weights_are_a_remedy(window: MainWindow, tmp_path: Path, qtbot: Any) -> None:
    root = tmp_path / "images"
    for number in range(9):
        spoiled(root / "many" / str(number))
    few = spoiled(tmp_path / "other") / "a"
    (root / "few").mkdir()
    for name in ("00.png", "01.png", "02.png"):
        (few / name).rename(root / "few" / name)
    open_dataset(window, root, qtbot)
    select(window, kind(window, "imbalance"))
    window.problems.buttons["class-weights"].click()
    assert window.workspace.data_plan.class_weights
    assert kind(window, "imbalance").data().startswith("✔ ")
    select(window, kind(window, "few-images"))
    window.problems.buttons["leave-out-class"].click()
    assert window.workspace.classes == ["many"]
    for _ in range(2):
        window.commands.undo.trigger()
    assert window.workspace.classes == ["few", "many"] and not window.workspace.data_plan.class_weights


def test_that_ten_thousand_problems_decode_no_more_than_is_seen(
    window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    root = open_spoiled(window, tmp_path, qtbot)
    problems = [
        Problem(code="blurred", path=f"a/{number:05d}.png", message="It is blurred.") for number in range(10_000)
    ]
    window.problems.tree.show(problems, set())
    window.tabs.setCurrentWidget(window.problems)
    view = window.problems.view
    view.expandAll()
    qtbot.waitUntil(lambda: window.thumbnails.decoded > 0, timeout=5000)
    qtbot.waitUntil(lambda: not window.thumbnails._waiting and not window.thumbnails._running, timeout=20_000)
    visible = view.viewport().height() // view.visualRect(view.model().index(0, 0)).height() + 2
    assert 0 < window.thumbnails.decoded <= 2 * visible
    assert root.is_dir()


def test_that_an_edit_says_only_the_rows_anew_that_it_has_changed(qtbot: Any) -> None:
    """A long list that is unfolded is asked for row by row otherwise, and the window stands still."""
    page = QWidget()
    qtbot.addWidget(page)
    tree = ProblemTree(Thumbnails(page), page)
    tester = QAbstractItemModelTester(tree, QAbstractItemModelTester.FailureReportingMode.Fatal)
    problems = [
        Problem(code="duplicate", path=f"a/{n}.png", message="x", related=[f"a/copy{n}.png"]) for n in range(5000)
    ]
    tree.show(problems, set())
    said: list[tuple[int, int, bool]] = []
    tree.dataChanged.connect(lambda first, last: said.append((first.row(), last.row(), first.parent().isValid())))
    gone = {id(problems[4000]), id(problems[4001])}
    tree.show(problems, gone)
    assert said == [(0, 0, False), (4000, 4001, True), (0, 0, True), (0, 0, True)]
    kind = tree.index(0, 0)
    assert kind.data() == f"the same picture twice ({texts.number(4998)} of {texts.number(5000)} left)"
    assert (
        tree.index(4000, 0, kind).data().startswith("✔ ")
        and tree.index(0, 0, tree.index(4001, 0, kind)).data(Qt.ItemDataRole.FontRole).strikeOut()
    )
    tree.show(problems, set())
    assert kind.data() == f"the same picture twice ({texts.number(5000)})"
    del tester


def test_that_what_makes_scores_wrong_comes_before_what_is_odd() -> None:
    codes = sorted(texts.PROBLEMS, key=rank)
    assert codes[0] == "leak" and codes[-1] == "odd-aspect"
    assert codes.index("label-conflict") < codes.index("duplicate") < codes.index("truncated")


@pytest.mark.shared
@pytest.mark.filterwarnings("ignore")  # Pillow's, of what is wrong with these files: what is ignored is the process's
def test_that_every_sentence_about_hostile_images_is_known_in_chinese(
    window: MainWindow, shared: Callable[[str], Path], tmp_path: Path, qtbot: Any
) -> None:
    import tarfile

    with tarfile.open(shared("hostile/images.tar.gz")) as archive:
        archive.extractall(tmp_path / "hostile", filter="tar")
    root = tmp_path / "hostile" / "images"
    window.open_dataset(root)
    qtbot.waitUntil(lambda: not window.workspace.is_scanning, timeout=60_000)
    assert window.workspace.raw is not None, window.message_bar.text
    window.set_language("zh_CN")
    said = {problem.message for problem in window.workspace.raw.problems}
    assert len(said) > 5
    unknown = {text for text in said if image_sentence(text) == text}
    assert not unknown


# -- images ---------------------------------------------------------------------------------------------


def test_that_a_class_shows_its_images_and_a_search_finds_them(
    window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    open_spoiled(window, tmp_path, qtbot)
    choose_class(window, "a")
    assert window.tabs.currentWidget() is window.images
    model = window.findChild(QListView, "imageList").model()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert model.rowCount() == 15 and model.index(0).data() == "00.png"
    search = window.findChild(QLineEdit, "datasetSearch")
    qtbot.keyClicks(search, "WRONG")
    qtbot.waitUntil(lambda: model.rowCount() == 1, timeout=2000)
    assert model.index(0).data() == "wrong.png" and window.images.count.text() == "1 image"
    search.clear()
    qtbot.waitUntil(lambda: model.rowCount() == 15, timeout=2000)
    model.index(3).data(Qt.ItemDataRole.DecorationRole)
    qtbot.waitUntil(
        lambda: model.index(3).data(Qt.ItemDataRole.DecorationRole).toImage().pixelColor(30, 30).alpha() > 0,
        timeout=5000,
    )
    window.images.all_button.click()
    assert model.rowCount() == 39 and window.images.all_button.isHidden()
    del tester


def test_that_images_are_left_out_taken_back_and_given_another_class(
    window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    open_spoiled(window, tmp_path, qtbot)
    choose_class(window, "b")
    page = window.images
    for row in (2, 4):
        index = page.images.index(row)
        page.list.selectionModel().select(index, QItemSelectionModel.SelectionFlag.Select)
    page.leave_out_button.click()
    assert window.workspace.data_plan.edits.leave_out == ("b/02.png", "b/04.png")
    assert page.images.index(2).data() == "✖ 02.png"
    assert page.images.index(2).data(Qt.ItemDataRole.FontRole).strikeOut()
    assert page.leave_out_button.text() == "Take back" and counts(window)["b"] == 10
    page.leave_out_button.click()
    assert counts(window)["b"] == 12
    next(action for action in page.class_menu.actions() if action.data() == "c").trigger()
    assert counts(window) == {"a": 15, "b": 10, "c": 14}
    assert page.images.rowCount() == 10, "the class shows what is in it now"
    for _ in range(3):
        window.commands.undo.trigger()
    assert counts(window) == {"a": 15, "b": 12, "c": 12} and not window.workspace.undo_stack.canUndo()


def test_that_an_image_can_be_given_a_class_that_is_new(window: MainWindow, tmp_path: Path, qtbot: Any) -> None:
    open_spoiled(window, tmp_path, qtbot)
    choose_class(window, "b")
    page = window.images
    page.list.setCurrentIndex(page.images.index(1))
    page.class_menu.new_class.trigger()
    dialog = page.findChild(QInputDialog, "newClassDialog")
    dialog.setTextValue(" not \n sure ")
    dialog.accept()
    assert window.workspace.data_plan.edits.relabel == {"b/01.png": "not sure"}
    assert window.workspace.classes == ["a", "b", "c", "not sure"]
    assert "not sure" in [action.data() for action in window.problems.class_menu.actions()]


def test_that_the_delete_key_leaves_out_and_enter_shows_an_image_large(
    window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    open_spoiled(window, tmp_path, qtbot)
    choose_class(window, "b")
    view = window.images.list
    view.setCurrentIndex(window.images.images.index(1))
    window.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus, timeout=5000)
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert window.workspace.data_plan.edits.leave_out == ("b/01.png",)
    assert window.dataset_panel.summary.text().endswith("1 left out")
    qtbot.keyClick(view, Qt.Key.Key_Return)
    large = window.findChild(LargePreview, "largePreview")
    qtbot.waitUntil(lambda: large.preview._shown is not None, timeout=5000)
    assert "left out" in large.preview.words.text()


def test_that_the_preview_shows_the_file_beside_what_the_network_sees(
    window: MainWindow, sample: Path, tmp_path: Path, qtbot: Any
) -> None:
    open_model(window, sample / "model.hdf5", qtbot)
    root = open_spoiled(window, tmp_path, qtbot)
    preview = window.findChild(QWidget, "imagePreview")
    preview.show_image("a/wrong.png")
    qtbot.waitUntil(lambda: preview._shown is not None, timeout=5000)
    height, width, channels = window.workspace.model.input_shape
    seen, original = preview._shown.seen, preview._shown.original
    assert (original.width(), original.height()) == (48, 40) and (seen.width(), seen.height()) == (width, height)
    wanted = load_for_model(root / "a" / "wrong.png", width, height, channels, window.workspace.plan.fit)
    got = np.array([[seen.pixelColor(x, y).red() for x in range(width)] for y in range(height)])
    assert np.array_equal(got, wanted[..., 0])
    words = preview.words.text()
    assert "48×40 pixels" in words and "Class “a”" in words and "in the classes a, b" in words
    window.plan_panel.fit.setCurrentIndex(window.plan_panel.fit.findData("pad"))
    window.plan_panel.fit.activated.emit(1)
    qtbot.waitUntil(lambda: preview._shown is not None and preview._shown.seen != seen, timeout=5000)


def test_that_a_replaced_file_is_shown_anew_when_the_folder_is_opened_again(
    window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    root = open_spoiled(window, tmp_path, qtbot)
    window.images.preview.show_image("c/00.png")
    window.thumbnails.picture("c/00.png")
    qtbot.waitUntil(lambda: window.thumbnails.picture("c/00.png") is not None, timeout=5000)
    Image.new("RGB", (200, 20), (255, 0, 0)).save(root / "c" / "00.png")
    open_dataset(window, root, qtbot)
    qtbot.waitUntil(lambda: "200×20" in window.images.preview.words.text(), timeout=5000)
    qtbot.waitUntil(lambda: window.thumbnails.picture("c/00.png") is not None, timeout=5000)
    assert window.thumbnails.picture("c/00.png").toImage().pixelColor(40, 40).red() == 255


def test_that_a_file_which_is_no_image_says_so_in_the_preview(window: MainWindow, tmp_path: Path, qtbot: Any) -> None:
    open_spoiled(window, tmp_path, qtbot)
    preview = window.findChild(QWidget, "problemPreview")
    select(window, window.problems.tree.index(0, 0, kind(window, "not-an-image")))
    qtbot.waitUntil(lambda: preview._shown is not None, timeout=5000)
    assert "none of the formats" in preview.words.text() and preview._shown.original.isNull()


def test_that_a_hundred_thousand_images_are_listed_and_only_visible_ones_decoded(
    window: MainWindow, few_images: Path, qtbot: Any
) -> None:
    """The names lead nowhere; a list that opened more files than it shows would count them."""
    import time

    open_dataset(window, few_images, qtbot)
    space = window.workspace
    entries = [ImageEntry(f"dark/{number:06d}.png", "dark", None) for number in range(100_000)]
    raw = Dataset(
        root=str(few_images), classes=["dark"], entries=entries, problems=[], images=len(entries),
        split="automatic", fingerprint="",
    )  # fmt: skip
    space.data.take(scan_of(few_images, raw, divided(raw, space.data_plan), {}))
    began = time.monotonic()
    choose_class(window, "dark")
    view = window.images.list
    qtbot.waitUntil(lambda: window.thumbnails.decoded > 0, timeout=5000)
    view.scrollToBottom()
    qtbot.waitUntil(lambda: not window.thumbnails._waiting and not window.thumbnails._running, timeout=20_000)
    assert time.monotonic() - began < 10
    cells = (
        view.viewport().width()
        // view.gridSize().width()
        * (view.viewport().height() // view.gridSize().height() + 2)
    )
    assert window.images.images.rowCount() == 100_000
    assert window.thumbnails.decoded <= 4 * max(cells, 4)
    window.images.search.setText("09999")
    window.images._search()
    assert window.images.images.rowCount() == 11, "009999 and 09999x"
