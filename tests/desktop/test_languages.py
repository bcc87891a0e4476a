"""English and Simplified Chinese are complete, and switch while the program runs."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QGroupBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTreeWidget,
    QWidget,
)

from tests.conftest import PROJECT
from tests.desktop import old_models
from tests.desktop.datasets import spoiled, table
from tests.desktop.scripted_jobs import interrupted_run
from tests.windows import open_model
from tlstudio.core import events
from tlstudio.core.notices import notice
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.resources import resource_path
from tlstudio.core.strategy import make_plan
from tlstudio.desktop import texts
from tlstudio.desktop.details import DETAILS
from tlstudio.desktop.language import LANGUAGES
from tlstudio.desktop.main_window import MainWindow
from tlstudio.desktop.rate_finder import RateFinder
from tlstudio.desktop.training_actions import Current


def messages(path: Path) -> dict[tuple[str, str], list[str]]:
    found = {}
    for context in ET.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            forms = [form.text or "" for form in translation.iter("numerusform")] or [translation.text or ""]
            unfinished = translation.get("type") == "unfinished"
            found[context.findtext("name"), message.findtext("source")] = [] if unfinished else forms
    return found


def test_that_every_text_of_the_program_is_translated(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.ts"
    sources = [str(path) for path in sorted((PROJECT / "tlstudio").rglob("*.py"))]
    tool = Path(sys.executable).parent / "pyside6-lupdate"
    subprocess.run([tool, *sources, "-ts", fresh], check=True, capture_output=True)
    ours = messages(resource_path("translations/tlstudio_zh_CN.ts"))
    assert set(ours) == set(messages(fresh)), "run packaging/translate.sh and translate what is new"
    for (context, source), forms in ours.items():
        assert forms and all(forms), (context, source)
        for form in forms:
            assert set(re.findall(r"\{\w*\}|%n", form)) == set(re.findall(r"\{\w*\}|%n", source)), source


def test_that_the_compiled_translations_are_those_of_the_sources(tmp_path: Path) -> None:
    tool = Path(sys.executable).parent / "pyside6-lrelease"
    for code in LANGUAGES:
        source, made = resource_path(f"translations/tlstudio_{code}.ts"), tmp_path / f"{code}.qm"
        subprocess.run([tool, source, "-qm", made], check=True, capture_output=True)
        assert made.read_bytes() == source.with_suffix(".qm").read_bytes()


@pytest.mark.parametrize("code", list(LANGUAGES))
def test_that_the_window_speaks_one_language(window: MainWindow, sample: Path, code: str, qtbot: Any) -> None:
    window.set_language(code)
    window.open_project(sample / "sample.tlstudio")
    qtbot.waitUntil(lambda: window.workspace.dataset is not None, timeout=20_000)
    with qtbot.waitSignal(window.thread_of_runs.run_ended, timeout=30_000):
        window.commands.train.trigger()
    window.open_wizard()
    shown = [w.text() for kind in (QLabel, QAbstractButton) for w in window.findChildren(kind)]
    shown += [action.text() for action in window.actions()] + window.log.toPlainText().splitlines()
    shown += [window.tabs.tabText(i) for i in range(window.tabs.count())]
    words = " ".join(text for text in shown if text)
    assert ("训练" in words) == (code == "zh_CN")
    for text in ("Train", "Epochs", "images in", "Test accuracy", "Strategy wizard", "Undo"):
        assert (text in words) == (code == "en"), text


def shown_texts(top: QWidget) -> list[str]:
    """Every text that a window and its dialogs show now."""
    found = [top.windowTitle()]
    for widget in top.findChildren(QWidget):
        found.append(widget.windowTitle())
        found.append(widget.toolTip())
        found.append(widget.accessibleName())
        if isinstance(widget, (QLabel, QAbstractButton)):
            found.append(widget.text())
        if isinstance(widget, QGroupBox):
            found.append(widget.title())
        if isinstance(widget, QLineEdit):
            found.append(widget.placeholderText())
        if isinstance(widget, QComboBox):
            found += [widget.itemText(place) for place in range(widget.count())]
        if isinstance(widget, QHeaderView) and widget.model() is not None:
            columns = range(widget.model().columnCount())
            found += [str(widget.model().headerData(column, Qt.Orientation.Horizontal)) for column in columns]
    for tree in top.findChildren(QTreeWidget):
        found += [tree.topLevelItem(row).text(0)[2:] for row in range(tree.topLevelItemCount())]
    return [text.replace("&", "") for text in found if text]


@pytest.mark.parametrize("code", list(LANGUAGES))
def test_that_every_dialog_about_models_speaks_one_language(
    window: MainWindow, sample: Path, tmp_path: Path, code: str, qtbot: Any
) -> None:
    window.set_language(code)
    shown: list[str] = []
    asking = (
        old_models.pooled(tmp_path / "any.h5", shape=(None, None, 3), outputs=2),
        old_models.with_lambdas(tmp_path / "code.h5"),
        old_models.bare_weights(tmp_path / "weights.h5")[0],
    )
    for path in asking:
        with qtbot.waitSignal(window.workspace.choice_needed, timeout=10_000):
            window.open_model(path)
        shown += shown_texts(window)
        window.close_project()
    open_model(window, old_models.two_inputs(tmp_path / "two.h5"), qtbot)
    window.model_panel.notes_button.setChecked(True)
    shown += shown_texts(window)
    open_model(window, sample / "model.hdf5", qtbot)
    window.card.add_button.click()
    window.commands.library.trigger()
    qtbot.waitUntil(lambda: window.findChild(QWidget, "libraryTable").model().rowCount() > 0, timeout=10_000)
    shown += shown_texts(window)
    ours = messages(resource_path("translations/tlstudio_zh_CN.ts"))
    foreign = {source for (_context, source), forms in ours.items() if source not in forms}
    left = {text for text in shown if text in foreign}
    if code == "zh_CN":
        assert not left
    else:
        assert left >= {
            "Several outputs", "Size of images", "Program code in the file", "Weights without a network",
            "Model library", "Add to library", "Remove…", "Written by",
        }  # fmt: skip


@pytest.mark.parametrize("code", list(LANGUAGES))
def test_that_all_about_the_dataset_speaks_one_language(
    window: MainWindow, sample: Path, tmp_path: Path, code: str, qtbot: Any
) -> None:
    window.set_language(code)
    open_model(window, sample / "model.hdf5", qtbot)
    path = table(spoiled(tmp_path / "images"))
    with qtbot.waitSignal(window.workspace.failed, timeout=10_000):
        window.open_dataset(path)
    shown = shown_texts(window)
    window.findChild(QWidget, "columnsDialog").reject()
    window.open_dataset(path.parent)
    qtbot.waitUntil(lambda: window.workspace.dataset is not None, timeout=10_000)
    window.commands.image_options.trigger()
    window.commands.cache.trigger()
    tree = window.problems.tree
    kinds = [tree.index(row, 0) for row in range(tree.rowCount())]
    said = []
    for index in kinds:
        window.problems.view.setCurrentIndex(tree.index(0, 0, index))
        said.append(window.problems.detail.text())
    window.images.preview.show_image("a/wrong.png")
    shown += shown_texts(window) + [index.data() for index in kinds] + [action.text() for action in window.actions()]
    ours = messages(resource_path("translations/tlstudio_zh_CN.ts"))
    foreign = {source for (_context, source), forms in ours.items() if source not in forms}
    left = {text for text in shown if text in foreign}
    is_chinese = [bool(re.search("[\u4e00-\u9fff]", text)) for text in said]
    if code == "zh_CN":
        assert not left and all(is_chinese) and said
    else:
        wanted = {"Scaling of deep images", "Empty the cache", "Leave out", "Search by name", "The file", "Images…"}
        assert left >= wanted and not any(is_chinese)


def test_that_switching_reaches_what_is_already_shown(window: MainWindow, sample: Path, qtbot: Any) -> None:
    open_model(window, sample / "model.hdf5", qtbot)
    for code, train, word, strategy in (
        ("zh_CN", "训练", "输入", "<b>固定特征提取器</b>"),
        ("en", "Train", "input", "<b>Fixed feature extractor</b>"),
    ):
        window.set_language(code)
        qtbot.waitUntil(lambda train=train: window.commands.train.text() == train, timeout=2000)
        assert word in window.model_panel.summary.text()
        assert window.plan_panel.strategy.text().startswith(strategy)
    assert texts.error_text("no_model_open", {}).startswith("Open a model first")


def test_that_plurals_are_right_in_english(make_window: Callable[..., MainWindow]) -> None:
    panel = make_window().dataset_panel
    assert panel.tr("%Ln problem(s) found", "", 1) == "1 problem found"
    assert panel.tr("%Ln problem(s) found", "", 3000) == "3,000 problems found"


def test_that_details_of_errors_are_known_by_the_words_that_are_used() -> None:
    sources = [
        path.read_text() for room in ("core", "engine") for path in (PROJECT / "tlstudio" / room).rglob("*.py")
    ]
    for template in DETAILS:
        pieces = re.split(r"\{\w+\}", template)
        assert any(all(piece in source for piece in pieces) for source in sources), template


def test_that_details_of_errors_are_translated(window: MainWindow, qtbot: Any) -> None:
    known = {"path": "a.h5", "detail": "layer “conv” takes 3×3, the file has 5×5"}
    window.set_language("zh_CN")
    assert "层“conv”需要 3×3，文件中是 5×5" in texts.error_text("weights_mismatch", known)
    assert "Oops" in texts.error_text("truncated_model", {"path": "a.h5", "detail": "Oops"})
    window.set_language("en")
    assert "layer “conv” takes 3×3, the file has 5×5" in texts.error_text("weights_mismatch", known)


@pytest.mark.parametrize("code", list(LANGUAGES))
def test_that_all_about_training_speaks_one_language(window: MainWindow, sample: Path, code: str, qtbot: Any) -> None:
    window.set_language(code)
    plan = TrainingPlan(strategy="finetune")
    interrupted_run(sample / "runs" / "20260101T000000Z-finetune", plan, 4, 3)
    open_model(window, sample / "sample.tlstudio", qtbot)
    qtbot.waitUntil(lambda: window.runs.model().rowCount() == 1, timeout=5000)
    qtbot.waitUntil(lambda: window.workspace.dataset is not None, timeout=20_000)
    runs = window.runs.model()
    said = [runs.index(0, column).data() for column in (1, 5)] + [window.offer._bar.text]
    assert all(said)
    window.plan_dialogs.open_recipe()
    window.rate_search.begin()
    qtbot.waitUntil(lambda: window.findChild(RateFinder).use_button.isVisible(), timeout=5000)
    window.closing.ask()
    panel = window.training_panel
    panel.begin("a run", [])
    for event in (
        events.Forecast(seconds=90.0, peak_bytes=10**9, free_bytes=4 * 10**9), notice("memory_low", free="200 MB"),
        events.Paused(), events.Resumed(epoch=3, step=1, stage="layers"),
    ):  # fmt: skip
        panel.take(event)
        window.log.take(event)
    panel.rest()
    window.workspace.change_plan(make_plan(window.workspace.model, window.workspace.plan.dataset, "init"), "x")
    window.model_panel.take_drift({"block1_conv1": 0.1})
    qtbot.waitUntil(lambda: window.model_panel.layers.has_drift, timeout=3000)
    failure = events.JobFailed(
        code="worker_lost", facts={"detail": "", "detail_code": "killed", "number": 9}, message="", can_resume=True
    )
    window.training.current = Current(plan, sample / "runs", False)
    window.training._offer_ways_on(failure)
    shown = shown_texts(window) + [action.text() for action in window.model_panel.rate_actions.values()]
    ours = messages(resource_path("translations/tlstudio_zh_CN.ts"))
    foreign = {source for (_context, source), forms in ours.items() if source not in forms}
    said += [panel.title.text(), panel.remark.text(), panel.memory.text()]
    said += window.log.toPlainText().splitlines()[-4:]
    assert all(said)
    is_chinese = [bool(re.search("[\u4e00-\u9fff]", text)) for text in said]
    if code == "zh_CN":
        assert all(is_chinese) and not {text for text in shown if text in foreign}
    else:
        assert not any(is_chinese) and {"Resume", "Advanced training settings", "Stop and save"} <= set(shown)
    window.findChild(RateFinder).reject()
    window.closing.withdraw()
