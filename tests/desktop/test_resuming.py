"""Runs that were interrupted: how they are shown, offered and taken up again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtWidgets import QPushButton, QToolButton

from tests.desktop.scripted_jobs import EPOCHS, interrupted_run, scripted_run
from tests.windows import open_model
from tlstudio.core import events
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.run_folder import RunRecorder, read_history
from tlstudio.core.run_summary import RunSummary, events_so_far
from tlstudio.desktop.main_window import MainWindow

PLAN = TrainingPlan(model="/models/m.h5", dataset="/images", strategy="finetune")


@pytest.fixture
def runs(sample: Path) -> Path:
    """The folder of runs beside the sample's project, with one that was cut off behind its fourth epoch, of which
    three are kept."""
    interrupted_run(sample / "runs" / "20260101T000000Z-finetune", PLAN, 4, 3)
    return sample / "runs"


def resumed_to_end(window: MainWindow, qtbot: Any, do: Callable[[], object]) -> events.Event:
    with qtbot.waitSignal(window.thread_of_runs.run_ended, timeout=30_000) as ended:
        do()
    return ended.args[0]


def offer_of(window: MainWindow) -> str:
    return window.offer._bar.text


def test_that_what_holds_of_a_log_ends_at_the_epoch_that_was_gone_on_from(runs: Path) -> None:
    run = next(runs.iterdir())
    recorder = RunRecorder(run, PLAN, resume=True)
    recorder.handle(events.Resumed(epoch=2, step=1, stage="layers"))
    recorder.close()
    so_far = events_so_far(run)
    assert [e.epoch for e in so_far if isinstance(e, events.EpochFinished)] == [1, 2]
    finished = RunSummary(str(run), PLAN, so_far).finish("user")
    assert (finished.epochs, finished.best.epoch, finished.resumed) == (2, 2, 1)
    assert finished.checkpoints.last is not None


def test_that_a_run_goes_on_by_its_own_plan_behind_what_was_kept(window: MainWindow, runs: Path, qtbot: Any) -> None:
    run = next(runs.iterdir())
    ended = resumed_to_end(window, qtbot, lambda: window.resume_run(run))
    assert isinstance(ended, events.RunFinished) and ended.run == str(run)
    assert window.workspace.model is None, "nothing had to be opened for it"
    assert window.training_panel.run.text() == run.name
    assert window.training_panel.loss.epochs_shown == EPOCHS, "the earlier epochs are in the charts, too"
    assert [row["epoch"] for row in read_history(run)] == [1, 2, 3, 4, 5, 6]
    assert msgspec.json.decode((run / "plan.json").read_bytes(), type=TrainingPlan) == PLAN


def test_that_the_table_says_which_runs_can_go_on_and_resumes_one(window: MainWindow, runs: Path, qtbot: Any) -> None:
    run = next(runs.iterdir())
    open_model(window, runs.parent / "sample.tlstudio", qtbot)
    table, button = window.runs, window.findChild(QToolButton, "resumeRunButton")
    qtbot.waitUntil(lambda: table.model().rowCount() == 1, timeout=5000)
    texts = [table.model().index(0, column).data() for column in range(6)]
    assert texts == [run.name, "interrupted; can go on", "4", "", "", "Fine-tuning"]
    assert not button.isEnabled(), "no run is chosen"
    table.selectRow(0)
    assert button.isEnabled()
    ended = resumed_to_end(window, qtbot, button.click)
    assert isinstance(ended, events.RunFinished)
    qtbot.waitUntil(lambda: table.model().index(0, 1).data() == "all epochs were done", timeout=5000)
    assert table.current is not None and not button.isEnabled(), "a complete run has nothing left to resume"


def test_that_a_stopped_run_can_go_on(window: MainWindow, runs: Path, qtbot: Any) -> None:
    run = next(runs.iterdir())
    window.resume_run(run)
    panel = window.training_panel
    qtbot.waitUntil(lambda: panel.state.phase == "training" and panel.state.epoch > 4, timeout=10_000)
    ended = resumed_to_end(window, qtbot, window.commands.stop.trigger)
    assert ended.stopped == "user"
    open_model(window, runs.parent / "sample.tlstudio", qtbot)
    qtbot.waitUntil(lambda: window.runs.model().index(0, 1).data() == "stopped by you; can go on", timeout=5000)
    assert offer_of(window) == "", "what a person stopped is not offered"
    assert resumed_to_end(window, qtbot, lambda: window.resume_run(run)).stopped == "epochs"


def test_that_a_run_that_cannot_go_on_gives_a_sentence(window: MainWindow, runs: Path, qtbot: Any) -> None:
    bare = runs.parent / "runs" / "bare"
    interrupted_run(bare, PLAN, 1, 0)
    for path, words in ((bare, "ended before its first checkpoint"), (runs / "nowhere", "neither a finished run")):
        window.resume_run(path)
        qtbot.waitUntil(lambda words=words: words in window.message_bar.text, timeout=5000)
        assert not window.is_training
    owner = RunRecorder(next(runs.glob("2*")), PLAN, resume=True)
    window.resume_run(owner.path)
    qtbot.waitUntil(lambda: "going on in another window" in window.message_bar.text, timeout=5000)
    owner.close()


def test_that_a_second_run_is_not_resumed_beside_the_first(window: MainWindow, runs: Path, qtbot: Any) -> None:
    window.resume_run(next(runs.iterdir()))
    window.resume_run(next(runs.iterdir()))
    assert "going on already" in window.message_bar.text
    with qtbot.waitSignal(window.thread_of_runs.run_ended, timeout=30_000):
        pass


def test_that_an_opened_project_offers_its_run_until_it_is_declined(
    make_window: Callable[..., MainWindow], runs: Path, qtbot: Any
) -> None:
    for is_declined in (False, True):
        window = make_window(run_job=scripted_run)
        window.show()
        open_model(window, runs.parent / "sample.tlstudio", qtbot)
        qtbot.waitUntil(lambda w=window: w.runs.model().rowCount() == 1, timeout=5000)
        assert ("was interrupted after 4 epochs" in offer_of(window)) != is_declined
        if not is_declined:
            window.findChild(QPushButton, "notNowButton").click()
            assert offer_of(window) == ""
        window.shut_down()


def test_that_the_run_of_a_window_that_died_is_offered_at_the_next_start(
    make_window: Callable[..., MainWindow], runs: Path, qtbot: Any
) -> None:
    first = make_window(run_job=scripted_run)
    first.offer.remember(next(runs.iterdir()))  # and then the power was cut
    window = make_window(run_job=scripted_run)
    window.show()
    qtbot.waitUntil(lambda: "was interrupted" in offer_of(window), timeout=5000)
    window.set_language("zh_CN")
    qtbot.waitUntil(lambda: "中断" in offer_of(window), timeout=5000)
    ended = resumed_to_end(window, qtbot, window.findChild(QPushButton, "resumeOfferButton").click)
    assert isinstance(ended, events.RunFinished) and offer_of(window) == ""


def test_that_runs_of_no_project_are_offered_at_the_start(
    make_window: Callable[..., MainWindow], tmp_path: Path, qtbot: Any
) -> None:
    interrupted_run(tmp_path / "documents" / "some_model" / "runs" / "20260102T000000Z-features", PLAN, 2, 2)
    window = make_window(run_job=scripted_run)
    window.show()
    qtbot.waitUntil(lambda: "after 2 epochs" in offer_of(window), timeout=5000)
