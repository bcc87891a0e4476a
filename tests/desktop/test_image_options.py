"""How images are read, as the person sets it; tables beside folders; the cache and its button."""

import os
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QDoubleSpinBox, QPushButton

from tests.desktop.datasets import spoiled, table
from tests.desktop.test_dataset_edits import counts, open_dataset, open_spoiled
from tests.windows import open_model
from tlstudio.core import cache
from tlstudio.core.data.options import Columns
from tlstudio.core.data.tables import columns_of
from tlstudio.core.errors import TLStudioError
from tlstudio.core.project import load_project
from tlstudio.desktop.cache_dialog import CacheDialog
from tlstudio.desktop.column_boxes import ColumnsDialog
from tlstudio.desktop.image_options import PATTERN, ImageOptionsDialog
from tlstudio.desktop.main_window import MainWindow


def options(window: MainWindow) -> ImageOptionsDialog:
    window.commands.image_options.trigger()
    dialog = window.findChild(ImageOptionsDialog, "imageOptions")
    assert dialog.isVisible()
    return dialog


def choose(box: Any, data: str) -> None:
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def deep_images(root: Path) -> Path:
    """16-bit images that use a fortieth of their range: black, by the whole range."""
    random = np.random.default_rng(3)
    for label, level in (("dim", 600), ("bright", 1200)):
        (root / label).mkdir(parents=True)
        for number in range(6):
            values = random.integers(level - 300, level + 300, (40, 40)).astype(np.uint16)
            Image.fromarray(values).save(root / label / f"{number}.png")
    return root


def test_that_scaling_changes_what_is_shown_and_is_undone(
    window: MainWindow, sample: Path, tmp_path: Path, qtbot: Any
) -> None:
    open_model(window, sample / "model.hdf5", qtbot)
    open_dataset(window, deep_images(tmp_path / "deep"), qtbot)
    window.dataset_panel.table.selectRow(0)
    preview = window.images.preview
    preview.show_image("dim/0.png")
    qtbot.waitUntil(lambda: preview._shown is not None, timeout=5000)

    def brightness() -> float:
        picture = preview._shown.original
        return float(np.mean([picture.pixelColor(x, x).red() for x in range(picture.width())]))

    assert brightness() < 10
    strip = window.workspace.scan.thumbnails["dim"]
    dialog = options(window)
    choose(dialog.scaling, "window")
    dialog.window_high.setValue(1500)
    dialog.window_high.setValue(1400)
    assert window.workspace.plan.images.high == 1400
    qtbot.waitUntil(lambda: preview._shown is not None and brightness() > 80, timeout=5000)
    qtbot.waitUntil(lambda: window.workspace.scan.thumbnails["dim"] != strip, timeout=5000)
    window.commands.undo.trigger()
    assert window.workspace.plan.images.high == 65535 and dialog.window_high.value() == 65535
    window.commands.undo.trigger()
    assert window.workspace.plan.images.scaling == "full" and not window.workspace.undo_stack.canUndo()
    assert dialog.scaling.currentData() == "full"


def test_that_percentiles_page_and_background_are_edits(window: MainWindow, tmp_path: Path, qtbot: Any) -> None:
    open_spoiled(window, tmp_path, qtbot)
    dialog = options(window)
    choose(dialog.scaling, "percentiles")
    assert dialog.percent_low.isVisible() and not dialog.window_low.isVisible()
    dialog.percent_low.setValue(5)
    dialog.page.setValue(2)
    choose(dialog.background, "black")
    images = window.workspace.data_plan.images
    assert (images.percentiles, images.page, images.background) == ((5.0, 99.0), 1, "black")
    for _ in range(4):
        window.commands.undo.trigger()
    assert images != window.workspace.data_plan.images and not window.workspace.undo_stack.canUndo()
    assert dialog.page.value() == 1


def test_that_groups_are_counted_and_a_bad_pattern_is_refused(window: MainWindow, tmp_path: Path, qtbot: Any) -> None:
    open_spoiled(window, tmp_path, qtbot)
    dialog = options(window)

    def shows(count: int) -> None:
        qtbot.waitUntil(lambda: dialog.groups.text().startswith(f"{count} group"), timeout=5000)

    shows(37)  # 39 usable images, two of which are copies and belong to the image they are copies of
    choose(dialog.group_by, PATTERN)
    dialog.pattern.setText("(")
    dialog.pattern.editingFinished.emit()
    qtbot.waitUntil(lambda: "“(”" in dialog.groups.text(), timeout=5000)
    assert window.workspace.data_plan.group_by == ""
    dialog.pattern.setText(r"^(\w)/")
    dialog.pattern.editingFinished.emit()
    shows(2)  # the copy in another class joins the two
    assert window.workspace.data_plan.group_by == r"^(\w)/"
    choose(dialog.group_by, "folder")
    assert window.workspace.data_plan.group_by == "folder" and not dialog.pattern.isVisible()
    window.commands.undo.trigger()
    assert dialog.group_by.currentData() == PATTERN and dialog.pattern.text() == r"^(\w)/"
    shows(2)


def test_that_a_pattern_without_an_end_leaves_the_window_alive_and_the_plan_as_it_was(
    window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    root = spoiled(tmp_path / "images")
    shutil.copy(root / "b" / "00.png", root / "b" / ("a" * 120 + "!.png"))
    open_dataset(window, root, qtbot)
    dialog = options(window)
    choose(dialog.group_by, PATTERN)
    longest, last = 0.0, time.monotonic()
    dialog.pattern.setText("(a|aa)+$")
    dialog.pattern.editingFinished.emit()

    def ended() -> bool:
        nonlocal longest, last
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
        return "takes too long" in dialog.groups.text()

    qtbot.waitUntil(ended, timeout=30_000)
    assert longest < 1.0  # the search itself takes two seconds and more
    assert window.workspace.data_plan.group_by == "" and not window.workspace.undo_stack.canUndo()


def test_that_the_class_level_is_set_in_the_dialog(window: MainWindow, tmp_path: Path, qtbot: Any) -> None:
    for side in ("left", "right"):
        spoiled(tmp_path / "deep" / side)
    open_dataset(window, tmp_path / "deep", qtbot)
    dialog = options(window)
    dialog.class_level.setValue(2)
    qtbot.waitUntil(lambda: not window.workspace.is_scanning, timeout=20_000)
    assert window.workspace.classes == ["a", "b", "c"]
    dialog.class_level.setValue(9)
    qtbot.waitUntil(lambda: not window.workspace.is_scanning, timeout=20_000)
    assert dialog.class_level.value() == 2, "what holds no image is not taken"


# -- tables ---------------------------------------------------------------------------------------------


def drop(window: MainWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    window.dataset_panel.dropEvent(event)
    assert event.isAccepted()


@pytest.mark.parametrize("name", ["labels.csv", "labels.tsv"])
def test_that_a_table_that_does_not_tell_its_columns_is_asked_about(
    window: MainWindow, sample: Path, tmp_path: Path, name: str, qtbot: Any
) -> None:
    open_model(window, sample / "model.hdf5", qtbot)
    path = table(spoiled(tmp_path / "images"), name)
    with qtbot.waitSignal(window.workspace.failed, timeout=10_000):
        drop(window, path)
    dialog = window.findChild(ColumnsDialog, "columnsDialog")
    box = dialog.boxes.boxes["label"]
    assert [box.itemData(place) for place in range(box.count())] == ["", "file", "kind", "other"]
    choose(box, "other")
    dialog.accept()
    qtbot.waitUntil(lambda: window.workspace.dataset is not None, timeout=10_000)
    assert counts(window) == {"even": 18, "odd": 18}
    assert window.workspace.plan.layout.columns == Columns(label="other")
    options_dialog = options(window)
    assert options_dialog.columns.isVisible() and not options_dialog.class_level.isVisible()
    choose(options_dialog.columns.boxes["label"], "kind")
    qtbot.waitUntil(lambda: window.workspace.classes == ["a", "b", "c"], timeout=10_000)
    window.commands.undo.trigger()
    qtbot.waitUntil(lambda: window.workspace.classes == ["even", "odd"], timeout=10_000)
    window.save_project(tmp_path / "table.tlstudio")
    assert load_project(tmp_path / "table.tlstudio").dataset == str(path)
    window.close_project()
    open_model(window, tmp_path / "table.tlstudio", qtbot)
    qtbot.waitUntil(lambda: window.workspace.dataset is not None, timeout=10_000)
    assert window.workspace.classes == ["even", "odd"]


def test_that_the_columns_of_a_table_are_those_of_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    for text, names in (
        ('\ufeff"the image";kind\n1;2\n', ["the image", "kind"]),
        ("a,b,c", ["a", "b", "c"]),
        ("a\tb\r1\t2\r", ["a", "b"]),
        ("", []),
    ):
        path.write_text(text)
        assert columns_of(path) == names
    with pytest.raises(TLStudioError, match="missing"):
        columns_of(tmp_path / "missing.csv")


# -- the cache ------------------------------------------------------------------------------------------


def test_that_the_cache_is_measured_and_emptied_but_for_what_is_not_ours(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: Any
) -> None:
    monkeypatch.setenv("TLSTUDIO_CACHE", str(tmp_path / "cache"))
    for name, size in (("arrays/a.npy", 2_000_000), ("indexes/b.index", 500_000), ("foreign.txt", 7)):
        path = tmp_path / "cache" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
    window.commands.cache.trigger()
    dialog = window.findChild(CacheDialog, "cacheDialog")
    button = dialog.findChild(QPushButton, "clearCacheButton")
    qtbot.waitUntil(button.isEnabled, timeout=5000)
    assert "2.5 MB" in dialog.size_label.text()
    button.click()
    qtbot.waitUntil(lambda: "0 bytes" in dialog.size_label.text(), timeout=5000)
    assert not button.isEnabled() and cache.cache_size() == 0
    assert (tmp_path / "cache" / "foreign.txt").is_file()


def test_that_a_lower_limit_of_the_cache_makes_room_at_once_and_is_there_the_next_time(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: Any
) -> None:
    monkeypatch.setenv("TLSTUDIO_CACHE", str(tmp_path / "cache"))
    arrays = tmp_path / "cache" / "arrays"
    arrays.mkdir(parents=True)
    for name, used in (("old", 1e6), ("new", 2e6)):
        with (arrays / f"{name}.npy").open("wb") as file:
            file.truncate(300_000_000)  # a hole: it takes no space
        os.utime(arrays / f"{name}.npy", (used, used))
    window.commands.cache.trigger()
    dialog = window.findChild(CacheDialog, "cacheDialog")
    box = dialog.findChild(QDoubleSpinBox, "cacheLimitBox")
    assert box.value() == 10.0
    for value in (0.8, 0.5):
        box.setValue(value)
    qtbot.waitUntil(lambda: "300" in dialog.size_label.text(), timeout=5000)
    assert [path.name for path in arrays.iterdir()] == ["new.npy"] and cache.cache_limit() == 500_000_000
    dialog.close()
    window.open_cache()
    again = window.findChildren(CacheDialog)[-1]
    assert again.limit_box.value() == 0.5 and again.limit_box.isEnabled()


def test_that_a_cache_in_use_is_neither_emptied_nor_limited(window: MainWindow, qtbot: Any) -> None:
    dialog = CacheDialog(True, window)
    qtbot.waitUntil(lambda: "…" not in dialog.size_label.text(), timeout=5000)
    assert not dialog.limit_box.isEnabled() and not dialog.clear_button.isEnabled()
    assert "training" in dialog.limit_box.toolTip()
    dialog.close()


def test_that_a_limit_which_cannot_be_written_says_so(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: Any
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("TLSTUDIO_CACHE", str(tmp_path / "file" / "cache"))
    dialog = CacheDialog(False, window)
    dialog.limit_box.setValue(3)
    qtbot.waitUntil(lambda: "cannot be written" in dialog.size_label.text(), timeout=5000)
    dialog.close()


def test_that_the_cache_is_the_one_that_training_uses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from tlstudio.core.data.index import index_folder

    monkeypatch.setenv("TLSTUDIO_CACHE", str(tmp_path))
    source = (Path(cache.__file__).parent.parent / "engine" / "store.py").read_text()
    assert index_folder().parent == cache.cache_folder() and index_folder().name in cache.OURS
    assert 'cache_folder() / "arrays"' in source and "arrays" in cache.OURS


@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_that_what_is_said_of_groups_is_never_cut_off(
    window: MainWindow, sample: Path, code: str, qtbot: Any
) -> None:
    window.set_language(code)
    open_model(window, sample / "model.hdf5", qtbot)
    open_dataset(window, sample / "images", qtbot)
    dialog = options(window)
    dialog.resize(dialog.minimumSize())
    qtbot.waitUntil(lambda: "…" not in dialog.groups.text(), timeout=5000)
    dialog._say_of_groups(f"{dialog.groups.text()} " * 4)
    qtbot.waitUntil(
        lambda: dialog.groups.height() >= dialog.groups.heightForWidth(dialog.groups.width()), timeout=2000
    )
