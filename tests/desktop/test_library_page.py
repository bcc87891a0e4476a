"""The library's page: what it lists, search, opening, adding, removing, and the folder it is in."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QAbstractButton, QDialog, QMessageBox

from tests.windows import open_model
from tlstudio.core.model.library import Card, Library
from tlstudio.core.model.safely import read_model
from tlstudio.desktop.library_adding import _as_one
from tlstudio.desktop.library_page import LibraryPage
from tlstudio.desktop.library_table import PLACE, TITLE
from tlstudio.desktop.main_window import MainWindow


@pytest.fixture
def folder(tmp_path: Path, sample: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library of two models, one with a card; Keras' cache is empty."""
    folder = tmp_path / "library"
    monkeypatch.setenv("TLSTUDIO_LIBRARY", str(folder))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    card = Card(title="Digits", source="the sample", licence="CC0", classes=("five", "six"), input_size=(32, 32))
    Library(folder).add(sample / "model.hdf5", card)
    (folder / "plain.h5").write_bytes(b"nothing yet")
    return folder


@pytest.fixture
def page(window: MainWindow, folder: Path, qtbot: Any) -> LibraryPage:
    window.commands.library.trigger()
    page = window.findChild(LibraryPage, "libraryPage")
    qtbot.waitUntil(lambda: page.models.rowCount() > 0, timeout=10_000)
    return page


def titles(page: LibraryPage) -> list[str]:
    return [page.found.index(row, TITLE).data() for row in range(page.found.rowCount())]


def drop(page: LibraryPage, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    page.dropEvent(event)
    assert event.isAccepted()


def test_that_the_page_lists_models_and_where_missing_files_belong(page: LibraryPage, folder: Path) -> None:
    shown = titles(page)
    assert shown[:2] == ["Digits", "plain"] and "VGG16" in shown
    place = page.found.index(shown.index("VGG16"), PLACE).data()
    assert place == "missing: vgg16_weights_tf_dim_ordering_tf_kernels.h5"
    assert str(folder) in page.folder.text()


def test_that_an_empty_pane_leads_to_the_library(window: MainWindow, folder: Path, qtbot: Any) -> None:
    button = next(b for b in window.model_panel.findChildren(QAbstractButton) if b.text() == "Model library…")
    button.click()
    page = window.findChild(LibraryPage, "libraryPage")
    assert page.isVisible()
    qtbot.waitUntil(lambda: "Digits" in titles(page), timeout=10_000)


def test_that_the_search_goes_by_every_word_of_the_cards(page: LibraryPage, qtbot: Any) -> None:
    fatal = QAbstractItemModelTester.FailureReportingMode.Fatal
    testers = [QAbstractItemModelTester(model, fatal) for model in (page.models, page.found)]
    qtbot.keyClicks(page.search, "cc0 sample six")
    assert titles(page) == ["Digits"]
    page.search.setText("vgg16 notop")
    assert titles(page) == ["VGG16"], "names of files are searched, too"
    page.search.setText("nothing has this")
    assert titles(page) == [] and "Nothing in the library" in page.details.text()
    page.search.clear()
    page.refresh()
    qtbot.waitUntil(lambda: page._listing is None, timeout=5000)
    assert len(titles(page)) > 40
    del testers


def test_that_enter_in_the_search_opens_what_was_found(window: MainWindow, page: LibraryPage, qtbot: Any) -> None:
    qtbot.keyClicks(page.search, "digits")
    with qtbot.waitSignal(window.workspace.model_changed, timeout=10_000):
        page.search.setFocus()
        qtbot.keyClick(page, Qt.Key.Key_Return)
    assert window.workspace.model.path.name == "model.hdf5" and not page.isVisible()
    qtbot.waitUntil(lambda: "CC0" in window.card.values["licence"].text(), timeout=10_000)
    assert not window.card.add_button.isEnabled(), "it is in the library"


def test_that_a_missing_network_says_where_its_file_belongs(
    window: MainWindow, page: LibraryPage, folder: Path, qtbot: Any
) -> None:
    page.search.setText("Xception")
    page.table.setCurrentIndex(page.found.index(0, TITLE))
    assert not page.open_button.isEnabled() and not page.remove_button.isEnabled()
    page.table.activated.emit(page.found.index(0, TITLE))
    assert "xception_weights_tf_dim_ordering_tf_kernels.h5" in page.message_bar.text
    assert not window.workspace.is_reading


def test_that_a_network_in_the_cache_of_keras_is_listed_there(
    window: MainWindow, folder: Path, tmp_path: Path, qtbot: Any
) -> None:
    from tlstudio.core.model.catalogue import networks

    network, file = next((n, f) for n in networks() for f in n.files if f.top)
    cache = tmp_path / "keras" / "models"
    cache.mkdir(parents=True)
    with (cache / file.name).open("wb") as stream:  # sparse: it takes no room
        os.ftruncate(stream.fileno(), 4 * network.whole.parameters)
    window.commands.library.trigger()
    page = window.findChild(LibraryPage, "libraryPage")
    qtbot.waitUntil(lambda: network.name in titles(page), timeout=10_000)
    row = page.found.index(titles(page).index(network.name), PLACE)
    assert row.data() == str(cache / file.name)
    page.table.setCurrentIndex(row)
    assert page.open_button.isEnabled() and not page.remove_button.isEnabled(), "Keras' own files are not ours"


def test_that_a_dropped_model_is_copied_and_a_folder_of_images_is_not(
    page: LibraryPage, folder: Path, sample: Path, nested_model: Path, qtbot: Any
) -> None:
    drop(page, nested_model)
    qtbot.waitUntil(lambda: "nested" in titles(page), timeout=10_000)
    assert (folder / "nested.keras").read_bytes() == nested_model.read_bytes()
    card = next(entry.card for entry in Library(folder).entries() if entry.card.title == "nested")
    assert (card.input_size, card.class_count) == ((16, 16), 4), "what the file tells is on its card"
    assert "nested.keras" in page.message_bar.text
    drop(page, sample / "images")
    qtbot.waitUntil(lambda: page._adding is None, timeout=10_000)
    assert "not a model" in page.message_bar.text and not (folder / "images").exists()


@pytest.mark.shared
def test_that_a_dropped_caffe_network_is_copied_with_its_other_file(
    page: LibraryPage, folder: Path, shared: Callable[[str], Path], qtbot: Any
) -> None:
    source = shared("models/caffe/cifar10_quick/cifar10_quick_iter_4000.caffemodel")
    drop(page, source)
    qtbot.waitUntil(lambda: source.stem in titles(page), timeout=20_000)
    inside = {path.name for path in (folder / source.stem).iterdir()}
    assert inside >= {source.name, "cifar10_quick.prototxt"}
    assert read_model(folder / source.stem).output_units == 10


def test_that_a_model_is_removed_after_a_question(page: LibraryPage, folder: Path, qtbot: Any) -> None:
    page.table.setCurrentIndex(page.found.index(0, TITLE))
    for answer, is_left in (("Cancel", True), ("Delete", False)):
        page.remove_button.click()
        box = page.findChild(QMessageBox, "removeFromLibrary")
        next(b for b in box.findChildren(QAbstractButton) if b.text().replace("&", "") == answer).click()
        qtbot.waitUntil(lambda: page._listing is None, timeout=5000)
        assert (folder / "model.hdf5").exists() == is_left
        qtbot.waitUntil(lambda: page.findChild(QMessageBox, "removeFromLibrary") is None, timeout=5000)
    assert titles(page)[0] == "plain"


def test_that_another_folder_is_kept_in_the_settings(
    window: MainWindow, page: LibraryPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: Any
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    page._choosing.models_folder = lambda _now: other  # type: ignore[method-assign]
    page.folder_button.click()
    qtbot.waitUntil(lambda: page._listing is None, timeout=5000)
    assert "Digits" not in titles(page) and str(other) in page.folder.text()
    assert window._settings.value("library") == str(other)


def test_that_the_open_model_is_added_with_its_source(
    window: MainWindow, folder: Path, nested_model: Path, qtbot: Any
) -> None:
    open_model(window, nested_model, qtbot)
    window.card.add_button.click()
    dialog = window.findChild(QDialog, "addToLibrary")
    dialog.title.setText("Mine")
    dialog.source.setText("a colleague")
    dialog.accept()
    page = window.findChild(LibraryPage, "libraryPage")
    qtbot.waitUntil(lambda: "Mine" in titles(page), timeout=10_000)
    card = next(entry.card for entry in Library(folder).entries() if entry.card.title == "Mine")
    assert (card.source, card.input_size, card.class_count) == ("a colleague", (16, 16), 4)
    qtbot.waitUntil(lambda: window.card.values["source"].text() == "a colleague", timeout=10_000)


def test_that_a_model_that_lies_in_the_library_without_a_card_gets_one(
    window: MainWindow, folder: Path, nested_model: Path, qtbot: Any
) -> None:
    by_hand = folder / "by_hand.keras"
    by_hand.write_bytes(nested_model.read_bytes())
    open_model(window, by_hand, qtbot)
    window.card.add_button.click()
    window.findChild(QDialog, "addToLibrary").accept()
    qtbot.waitUntil(lambda: not window.card.add_button.isEnabled(), timeout=10_000)
    assert [e.has_card for e in Library(folder).entries() if e.path == by_hand] == [True]
    assert not (folder / "by_hand-2.keras").exists()


def test_that_a_model_of_several_files_is_gathered_into_one_folder(
    window: MainWindow, folder: Path, sample: Path, qtbot: Any
) -> None:
    import msgspec

    open_model(window, sample / "model.hdf5", qtbot)
    other = sample / "labels.txt"
    other.write_text("a\nb\n")
    model = msgspec.structs.replace(window.workspace.model, files=(sample / "model.hdf5", other))
    with _as_one(folder, model) as place:
        assert sorted(path.name for path in place.iterdir()) == ["labels.txt", "model.hdf5"]
        assert place.name == "model"
    assert not place.exists() and other.exists()
