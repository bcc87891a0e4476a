"""The whole job in the real window, with the real worker: open, freeze, wizard, train, pause, stop, results."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QComboBox, QPushButton, QRadioButton, QSpinBox, QToolButton, QWizard

from tests.conftest import PROJECT
from tests.desktop import old_models
from tests.windows import open_model
from tlstudio.core import events
from tlstudio.core.plan import HeadFirst
from tlstudio.core.run_folder import read_history
from tlstudio.core.strategy import CASES, make_plan
from tlstudio.desktop import workspace
from tlstudio.desktop.bake_off import BakeOffDialog
from tlstudio.desktop.main_window import MainWindow
from tlstudio.desktop.opening_dialog import OpeningDialog
from tlstudio.desktop.rate_finder import RateFinder
from tlstudio.desktop.wizard import StrategyWizard


@pytest.fixture
def opened(make_window: Callable[..., MainWindow], sample: Path, qtbot: Any) -> MainWindow:
    window = make_window()
    window.show()
    open_model(window, sample / "model.hdf5", qtbot)
    window.open_dataset(sample / "images")
    qtbot.waitUntil(lambda: window.workspace.dataset is not None, timeout=20_000)
    return window


def epochs_seen(window: MainWindow) -> list[events.Event]:
    seen: list[events.Event] = []
    window.thread_of_runs.event_happened.connect(seen.append)
    return seen


def wait_for_epoch(seen: list[events.Event], qtbot: Any) -> None:
    qtbot.waitUntil(lambda: any(isinstance(e, events.EpochFinished) for e in seen), timeout=90_000)


def make_it_long(window: MainWindow) -> None:
    """Thousands of epochs, so that the run goes on until it is stopped."""
    window.plan_panel.epochs.setValue(100_000)
    window.plan_panel.patience.setValue(100_000)


def test_that_the_whole_job_goes_through(opened: MainWindow, qtbot: Any) -> None:
    panel = opened.model_panel
    index = panel.proxy.mapFromSource(panel.layers.index_of("block3_conv2"))
    panel.proxy.setData(index, Qt.CheckState.Unchecked.value, Qt.ItemDataRole.CheckStateRole)
    assert "block3_conv2" not in opened.workspace.plan.frozen
    opened.commands.wizard.trigger()
    wizard = opened.findChild(StrategyWizard, "strategyWizard")
    wizard.button(QWizard.WizardButton.NextButton).click()
    wizard.findChild(QRadioButton, "similarButton").click()
    for _ in range(2):
        wizard.button(QWizard.WizardButton.NextButton).click()
    wizard.button(QWizard.WizardButton.FinishButton).click()
    assert opened.workspace.plan.strategy == "features"
    make_it_long(opened)

    seen = epochs_seen(opened)
    opened.commands.train.trigger()
    wait_for_epoch(seen, qtbot)
    opened.commands.pause.trigger()
    qtbot.waitUntil(lambda: opened.training_panel.state.phase == "paused", timeout=5000)
    count = len(seen)
    qtbot.wait(300)
    assert len(seen) == count
    opened.commands.pause.trigger()
    qtbot.waitUntil(lambda: len(seen) > count + 3, timeout=5000)
    began = time.monotonic()
    with qtbot.waitSignal(opened.thread_of_runs.run_ended, timeout=10_000) as ended:
        opened.commands.stop.trigger()
    assert time.monotonic() - began < 0.5
    finished = ended.args[0]
    assert finished.stopped == "user" and finished.frozen_unchanged
    assert Path(finished.checkpoints.best).is_file()

    opened.plan_panel.epochs.setValue(12)
    with qtbot.waitSignal(opened.thread_of_runs.run_ended, timeout=60_000) as ended:
        opened.commands.train.trigger()
    assert ended.args[0].test.accuracy > 0.85
    assert f"{100 * ended.args[0].test.accuracy:.1f} %" in opened.results.summary.text()
    assert sum(map(sum, opened.results.confusion._counts)) == ended.args[0].test.images
    run = Path(ended.args[0].run)
    assert (run / "report.html").is_file() and not list(run.rglob("*.part*"))
    qtbot.waitUntil(lambda: opened.runs.model().rowCount() == 2, timeout=5000)


def test_that_what_was_left_out_in_the_window_is_not_trained_with(opened: MainWindow, qtbot: Any) -> None:
    opened.dataset_panel.table.selectRow(1)
    page = opened.images
    for row in range(5):
        page.list.selectionModel().select(page.images.index(row), QItemSelectionModel.SelectionFlag.Select)
    names = page.selected()
    page.leave_out_button.click()
    opened.plan_panel.epochs.setValue(1)
    seen: list[events.Event] = []
    opened.thread_of_runs.event_happened.connect(seen.append)
    with qtbot.waitSignal(opened.thread_of_runs.run_ended, timeout=90_000) as ended:
        opened.commands.train.trigger()
    started = next(event for event in seen if isinstance(event, events.RunStarted))
    assert started.train_images + started.validation_images + started.test_images == 5 * 110 - 5
    plan = json.loads((Path(ended.args[0].run) / "plan.json").read_text())
    assert plan["edits"]["leave_out"] == names and len(names) == 5


def test_that_a_killed_run_goes_on_from_its_last_checkpoint(opened: MainWindow, qtbot: Any) -> None:
    make_it_long(opened)
    seen = epochs_seen(opened)
    opened.commands.train.trigger()
    wait_for_epoch(seen, qtbot)
    with qtbot.waitSignal(opened.thread_of_runs.run_ended, timeout=5000) as ended:
        os.kill(opened.thread_of_runs.backend.worker_pid, signal.SIGKILL)
    failure = ended.args[0]
    assert failure.code == "worker_lost" and failure.can_resume
    assert "ended by the system, signal 9" in opened.message_bar.text
    before = [event.epoch for event in seen if isinstance(event, events.EpochFinished)]
    smaller = next(b for b in opened.message_bar.choices if b.objectName() == "resumeSmallerButton")
    seen.clear()
    smaller.click()
    wait_for_epoch(seen, qtbot)
    resumed = next(event for event in seen if isinstance(event, events.Resumed))
    first = next(event for event in seen if isinstance(event, events.EpochFinished))
    assert first.epoch == resumed.epoch + 1 and 1 <= first.epoch <= before[-1] + 1
    with qtbot.waitSignal(opened.thread_of_runs.run_ended, timeout=20_000) as ended:
        opened.commands.stop.trigger()
    finished = ended.args[0]
    assert finished.stopped == "user" and finished.resumed == 1
    history = read_history(Path(finished.run))
    assert [row["epoch"] for row in history] == list(range(1, finished.epochs + 1))
    assert json.loads((Path(finished.run) / "plan.json").read_text())["accumulate"] == 2
    opened.plan_panel.epochs.setValue(2)
    with qtbot.waitSignal(opened.thread_of_runs.run_ended, timeout=90_000) as ended:
        opened.commands.train.trigger()
    assert isinstance(ended.args[0], events.RunFinished), "the worker does the next run, too"


@pytest.mark.long
def test_that_a_window_closed_over_a_run_saves_it_and_another_window_goes_on(
    opened: MainWindow, make_window: Callable[..., MainWindow], qtbot: Any
) -> None:
    make_it_long(opened)
    seen = epochs_seen(opened)
    opened.commands.train.trigger()
    wait_for_epoch(seen, qtbot)
    assert not opened.close()
    opened.findChild(QPushButton, "stopAndSaveButton").click()
    qtbot.waitUntil(lambda: not opened.isVisible(), timeout=30_000)
    run = opened.training.current.path
    window = make_window()
    window.show()
    again = epochs_seen(window)
    window.resume_run(run)
    wait_for_epoch(again, qtbot)
    reached = max(event.epoch for event in seen if isinstance(event, events.EpochFinished))
    assert next(event for event in again if isinstance(event, events.Resumed)).epoch >= reached
    assert window.training_panel.loss.epochs_shown > reached


@pytest.mark.long
def test_that_a_rate_is_found_and_the_next_run_takes_it(opened: MainWindow, qtbot: Any) -> None:
    opened.findChild(QToolButton, "findRateButton").click()
    dialog = opened.findChild(RateFinder)
    qtbot.waitUntil(lambda: dialog.use_button.isVisible(), timeout=90_000)
    rate = dialog.rate
    assert 1e-5 < rate < 1
    dialog.use_button.click()
    assert opened.workspace.plan.optimizer.learning_rate == rate
    opened.plan_panel.epochs.setValue(2)
    seen = epochs_seen(opened)
    with qtbot.waitSignal(opened.thread_of_runs.run_ended, timeout=60_000) as ended:
        opened.commands.train.trigger()
    assert isinstance(ended.args[0], events.RunFinished)
    assert next(event for event in seen if isinstance(event, events.StageStarted)).learning_rate == rate


@pytest.mark.long
def test_that_all_four_ways_are_tried_and_the_chosen_one_is_trained(opened: MainWindow, qtbot: Any) -> None:
    """From the look at the images to a run of the way that was taken, all on the real worker."""
    opened.commands.wizard.trigger()
    wizard = opened.findChild(StrategyWizard, "strategyWizard")
    qtbot.waitUntil(lambda: wizard.currentPage().objectName() == "measuredPage", timeout=120_000)
    qtbot.waitUntil(wizard.currentPage().isComplete, timeout=5000)
    wizard.button(QWizard.WizardButton.NextButton).click()
    wizard.findChild(QPushButton, "bakeOffButton").click()
    dialog = wizard.findChild(BakeOffDialog)
    dialog.seconds.setValue(5)
    dialog.begin_button.click()
    qtbot.waitUntil(lambda: dialog.text.text().startswith("Way 2 of 4"), timeout=120_000)
    dialog.stop_button.click()
    qtbot.waitUntil(lambda: "was stopped" in dialog.text.text(), timeout=20_000)
    said: list[str] = []
    opened.thread_of_runs.baking_event_happened.connect(lambda _plans, _event: said.append(dialog.text.text()))
    dialog.begin_button.click()
    qtbot.waitUntil(dialog.table.isVisible, timeout=180_000)
    assert {text.partition(":")[0] for text in said if text.startswith("Way ")} == {
        f"Way {n} of 4" for n in range(1, 5)
    }
    ways = dialog.table.trained
    assert {way.strategy for way in ways} == set(CASES.values()) and all(way.images == 40 for way in ways)
    assert all(0 <= way.low <= way.accuracy <= way.high <= 1 for way in ways) and ways[0].accuracy > 0.6
    spent = {way.strategy: way.seconds for way in ways}
    assert max(spent.values()) < 5 + 10, "each has the same time, and ends at the first batch after it"
    assert "at most 5 s of computing each" in dialog.equal.text() and "40 validation images" in dialog.equal.text()
    dialog.table.selectRow([way.strategy for way in ways].index("lower-features"))
    dialog.use_button.click()
    assert wizard.flow.strategy == "lower-features"
    wizard.button(QWizard.WizardButton.NextButton).click()
    wizard.button(QWizard.WizardButton.FinishButton).click()
    assert opened.workspace.plan.strategy == "lower-features"
    opened.plan_panel.epochs.setValue(3)
    with qtbot.waitSignal(opened.thread_of_runs.run_ended, timeout=90_000) as ended:
        opened.commands.train.trigger()
    assert isinstance(ended.args[0], events.RunFinished) and ended.args[0].strategy == "lower-features"


def test_that_stop_is_quick_while_tensorflow_is_still_loading(opened: MainWindow, qtbot: Any) -> None:
    opened.commands.train.trigger()
    qtbot.waitUntil(lambda: opened.training_panel.state.is_running, timeout=1000)
    qtbot.wait(200)
    began = time.monotonic()
    with qtbot.waitSignal(opened.thread_of_runs.run_ended, timeout=10_000) as ended:
        opened.commands.stop.trigger()
    assert time.monotonic() - began < 0.5
    assert ended.args[0].stopped == "user" and ended.args[0].checkpoints.best is None


def test_that_a_model_is_trained_with_the_choices_it_was_opened_with(
    make_window: Callable[..., MainWindow], few_images: Path, tmp_path: Path, qtbot: Any
) -> None:
    """A Lambda that is replaced, a free size of images: the worker opens the file with the same answers."""
    window = make_window()
    window.show()
    path = old_models.with_lambdas(tmp_path / "code.h5", shape=(None, None, 3))
    with qtbot.waitSignal(window.workspace.choice_needed, timeout=10_000):
        window.open_model(path)
    dialog = window.findChild(OpeningDialog, "openChoices")
    choices = dialog.findChild(QComboBox, "standInBox")
    choices.setCurrentIndex(choices.findData("unit"))
    choices.activated.emit(choices.currentIndex())
    with qtbot.waitSignal(window.workspace.choice_needed, timeout=10_000):
        dialog.accept()
    dialog = next(d for d in window.findChildren(OpeningDialog, "openChoices") if d.isVisible())
    for name in ("inputHeightBox", "inputWidthBox"):
        dialog.findChild(QSpinBox, name).setValue(16)
    with qtbot.waitSignal(window.workspace.model_changed, timeout=10_000):
        dialog.accept()
    window.open_dataset(few_images)
    qtbot.waitUntil(lambda: window.workspace.dataset is not None, timeout=20_000)
    window.plan_panel.epochs.setValue(2)
    with qtbot.waitSignal(window.thread_of_runs.run_ended, timeout=120_000) as ended:
        window.commands.train.trigger()
    assert isinstance(ended.args[0], events.RunFinished), ended.args[0]
    plan = json.loads((Path(ended.args[0].run) / "plan.json").read_text())
    assert plan["opening"] == {"replacements": {"scale_pixels": "unit"}, "input_size": [16, 16]}


ALONE = """
import sys
from pathlib import Path
from tlstudio.desktop.demo import run_window_demo
answer = run_window_demo(Path(sys.argv[1]), Path(sys.argv[2]))
assert answer["error"] == "", answer
assert answer["result"]["test"]["accuracy"] >= 0.95, answer
assert all(Path(p).is_file() for p in answer["screenshots"]) and len(answer["screenshots"]) == 2
loaded = sorted({name.partition(".")[0] for name in sys.modules} & {"tensorflow", "keras"})
assert not loaded, loaded
"""


def test_that_a_whole_training_leaves_no_tensorflow_in_the_window_process(sample: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", ALONE, str(sample / "sample.tlstudio"), str(tmp_path / "out")]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process are Linux's")
def test_that_a_run_whose_memory_ends_goes_on_with_smaller_batches(opened: MainWindow, qtbot: Any) -> None:
    import resource

    space = opened.workspace
    plan = make_plan(space.model, space.plan.dataset, "init")
    head_first = HeadFirst(epochs=3, patience=3)
    space.change_plan(msgspec.structs.replace(plan, head_first=head_first), workspace.STRATEGY)
    make_it_long(opened)
    seen = epochs_seen(opened)
    opened.commands.train.trigger()
    wait_for_epoch(seen, qtbot)
    pid = opened.thread_of_runs.backend.worker_pid
    size = psutil.Process(pid).memory_info().vms
    with qtbot.waitSignal(opened.thread_of_runs.run_ended, timeout=60_000) as ended:
        resource.prlimit(pid, resource.RLIMIT_AS, (size, size))  # the next stage's graph finds no page more
    failure = ended.args[0]
    assert failure.code in {"worker_lost", "out_of_memory"} and failure.can_resume
    smaller = next(b for b in opened.message_bar.choices if b.objectName() == "resumeSmallerButton")
    seen.clear()
    smaller.click()
    wait_for_epoch(seen, qtbot)
    with qtbot.waitSignal(opened.thread_of_runs.run_ended, timeout=20_000) as ended:
        opened.commands.stop.trigger()
    assert ended.args[0].resumed == 1
