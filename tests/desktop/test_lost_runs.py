"""A worker that dies, hangs or is refused its memory; a run that waits; a window that is closed over a run."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton

from tests.desktop import playing_worker
from tests.desktop.scripted_jobs import EPOCHS
from tests.desktop.test_main_window import open_sample
from tlstudio.core import events, requests
from tlstudio.core.errors import TLStudioError
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.run_folder import read_history
from tlstudio.desktop.main_window import MainWindow
from tlstudio.desktop.pace import SILENCE_TRAINING, SLOW_AFTER, Pace
from tlstudio.desktop.texts import text_of
from tlstudio.desktop.ways_on import ways_on

MakePlaying = Callable[[str], MainWindow]


@pytest.fixture
def playing(
    make_window: Callable[..., MainWindow], sample: Path, tmp_path: Path, qtbot: Any
) -> Iterator[MakePlaying]:
    """Makes a window with the sample open, whose workers play a part."""

    def make(part: str) -> MainWindow:
        folder = tmp_path / "starts"
        folder.mkdir()
        window = make_window()
        window.thread_of_runs.backend = playing_worker.backend(part, folder)
        window.show()
        open_sample(window, sample, qtbot)
        return window

    yield make


def run_to_end(window: MainWindow, qtbot: Any, do: Callable[[], object] | None = None) -> events.Event:
    with qtbot.waitSignal(window.thread_of_runs.run_ended, timeout=30_000) as ended:
        (do or window.start_training)()
    return ended.args[0]


def button(window: MainWindow, name: str) -> QPushButton:
    found = [b for b in window.message_bar.choices if b.objectName() == name]
    assert found, [b.objectName() for b in window.message_bar.choices]
    return found[0]


def test_that_a_killed_run_goes_on_with_smaller_batches_on_a_fresh_worker(playing: MakePlaying, qtbot: Any) -> None:
    window = playing("killed,run")
    failure = run_to_end(window, qtbot)
    assert isinstance(failure, events.JobFailed) and failure.can_resume
    assert "ended by the system, signal 9" in window.message_bar.text
    assert [b.text() for b in window.message_bar.choices] == ["Resume", "Resume with smaller batches"]
    before = window.workspace.plan
    ended = run_to_end(window, qtbot, button(window, "resumeSmallerButton").click)
    assert isinstance(ended, events.RunFinished)
    plan = json.loads((Path(ended.run) / "plan.json").read_text())
    assert (plan["batch_size"], plan["accumulate"]) == (before.batch_size, 2)
    assert window.workspace.plan == before, "the plan that is open is not the run's"
    assert [row["epoch"] for row in read_history(Path(ended.run))] == list(range(1, EPOCHS + 1))
    assert window.training_panel.loss.epochs_shown == EPOCHS


def test_that_a_run_which_ended_with_a_code_can_only_be_resumed_as_it_was(playing: MakePlaying, qtbot: Any) -> None:
    window = playing("exits,run")
    assert run_to_end(window, qtbot).can_resume
    assert [b.text() for b in window.message_bar.choices] == ["Resume"]
    ended = run_to_end(window, qtbot, button(window, "resumeButton").click)
    assert json.loads((Path(ended.run) / "plan.json").read_text())["accumulate"] == 1


def test_that_a_run_killed_before_its_first_state_begins_anew_with_smaller_batches(
    playing: MakePlaying, qtbot: Any
) -> None:
    window = playing("hungry,run")
    failure = run_to_end(window, qtbot)
    assert not failure.can_resume
    assert [b.text() for b in window.message_bar.choices] == ["Train anew with smaller batches"]
    ended = run_to_end(window, qtbot, button(window, "trainSmallerButton").click)
    assert isinstance(ended, events.RunFinished) and window.workspace.plan.accumulate == 2
    window.commands.undo.trigger()
    assert window.workspace.plan.accumulate == 1


def test_that_of_a_job_that_is_no_run_nothing_is_said_to_be_kept(tmp_path: Path) -> None:
    backend = playing_worker.backend("run", tmp_path)
    try:
        for request in (requests.Measure(plan=TrainingPlan()), requests.BakeOff(plans=[TrainingPlan()], seconds=5.0)):
            with pytest.raises(TLStudioError) as caught:
                backend.run(request, lambda _event: None)
            assert caught.value.code == "job_lost" and caught.value.facts["number"] == 9
            text = text_of(caught.value)
            assert "signal 9" in text and "try again" in text and "resume" not in text
    finally:
        backend.close()


def test_that_what_will_not_fit_is_trained_with_the_size_that_does(playing: MakePlaying, qtbot: Any) -> None:
    window = playing("too-large")
    window.plan_panel.batch_size.setValue(64)
    assert run_to_end(window, qtbot).code == "will_not_fit"
    assert "9 GB" in window.message_bar.text
    smaller = button(window, "trainSmallerButton")
    assert smaller.text() == "Train with batches of 8"
    ended = run_to_end(window, qtbot, smaller.click)
    assert isinstance(ended, events.RunFinished) and window.workspace.plan.batch_size == 8
    window.commands.undo.trigger()
    assert window.workspace.plan.batch_size == 64


def test_that_ways_on_keep_the_size_of_a_resumed_runs_batches() -> None:
    plan = TrainingPlan(batch_size=32)
    refused = events.JobFailed(
        code="will_not_fit", facts={"batch": 32, "needed": "", "free": "", "smaller": 6}, message=""
    )
    assert [(w.kind, w.plan.batch_size, w.plan.accumulate) for w in ways_on(refused, plan, True)] == [
        ("resume-smaller", 32, 6)
    ]
    lost = {"detail": "", "detail_code": "killed", "number": 11}
    single = TrainingPlan(batch_size=4, accumulate=4)
    failure = events.JobFailed(code="worker_lost", facts=lost, message="", can_resume=True)
    assert [w.kind for w in ways_on(failure, single, False)] == ["resume"], "a batch has no more parts than images"
    assert [w.plan.accumulate for w in ways_on(failure, TrainingPlan(batch_size=5, accumulate=4), False)] == [4, 5]
    diverged = events.JobFailed(code="training_diverged", facts={}, message="")
    assert ways_on(diverged, plan, False) == []


def test_that_a_slow_step_is_told_until_the_next_one(playing: MakePlaying, qtbot: Any) -> None:
    window = playing("slow")
    remark = window.training_panel.remark
    window.start_training()
    qtbot.waitUntil(lambda: "has not moved for" in remark.text(), timeout=20_000)
    assert remark.isVisible() and window.message_bar.text == ""
    qtbot.waitUntil(lambda: not remark.isVisible(), timeout=10_000)
    assert isinstance(run_to_end(window, qtbot, lambda: None), events.RunFinished)


def batch(step: int, steps: int = 10) -> events.Batches:
    return events.Batches(epoch=1, steps=[step], steps_per_epoch=steps, loss=[1.0], accuracy=[0.0])


def test_that_only_steps_within_an_epoch_are_called_slow_and_each_once() -> None:
    pace = Pace(0.0)
    pace.take(batch(1), 40.0)  # it compiled
    assert pace.slow_step(100.0) is None, "nothing is usual yet"
    pace.take(batch(2), 42.0)
    assert pace.slow_step(42.0 + 19.9) is None and SLOW_AFTER < 19.9
    assert pace.slow_step(42.0 + 20.1) == pytest.approx((20.1, 2.0))
    assert pace.slow_step(42.0 + 30.0) is None, "it was told"
    pace.take(batch(10), 80.0)
    assert pace.slow_step(1000.0) is None, "the epoch's last step is followed by its validation"


def test_that_silence_is_judged_by_the_longest_step_and_not_while_the_job_waits() -> None:
    pace = Pace(0.0)
    assert pace.is_silent(1000.0) is None, "graph building says nothing for minutes"
    pace.take(batch(1), 1.0)
    assert pace.is_silent(1.0 + SILENCE_TRAINING) is None
    assert pace.is_silent(2.0 + SILENCE_TRAINING) == 1.0 + SILENCE_TRAINING
    pace.take(events.Paused(), 3.0)
    assert pace.is_silent(10_000.0) is None
    pace.take(events.Continued(), 10_001.0)
    assert pace.is_silent(10_002.0 + SILENCE_TRAINING) is not None


def test_that_a_run_which_waits_for_memory_says_so_and_goes_on(playing: MakePlaying, qtbot: Any) -> None:
    window = playing("waits")
    panel = window.training_panel
    window.start_training()
    qtbot.waitUntil(lambda: panel.state.phase == "paused", timeout=20_000)
    assert "Only 200 MB of memory are left" in panel.remark.text() and "waits" in panel.title.text()
    assert window.commands.pause.text() == "Continue" and window.commands.pause.isEnabled()
    qtbot.waitUntil(lambda: panel.state.phase == "training" and not panel.remark.isVisible(), timeout=5000)
    assert isinstance(run_to_end(window, qtbot, lambda: None), events.RunFinished)


def test_that_the_forecast_is_shown_until_epochs_tell_more(window: MainWindow) -> None:
    panel = window.training_panel
    panel.begin("a run", [])
    panel.take(events.Forecast(seconds=100.0, peak_bytes=1_500_000_000, free_bytes=8_000_000_000))
    panel._show()
    assert "at most 1 min 40 s left" in panel.eta.text()
    assert panel.memory.text() == "Memory: about 1.5 GB of 8.0 GB"
    panel.take(events.EpochFinished(
        epoch=1, stage="layers", loss=1, accuracy=0, val_loss=1, val_accuracy=0, learning_rate=1, seconds=5.0,
        is_best=True, epochs_without_gain=0,
    ))  # fmt: skip
    panel.rest()


def closing_of(window: MainWindow, name: str) -> QPushButton:
    return window.findChild(QPushButton, name)


def test_that_closing_over_a_run_can_save_it_first(playing: MakePlaying, qtbot: Any) -> None:
    window = playing("lasts")
    window.start_training()
    qtbot.waitUntil(lambda: window.training_panel.state.phase == "training", timeout=20_000)
    assert not window.close() and window.closing.is_open and window.isVisible()
    closing_of(window, "stopAndSaveButton").click()
    assert window.isVisible(), "the window stays until the run has saved"
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=10_000)
    assert not window.thread_of_runs.isRunning()
    run = next((Path(window.project_folder()) / "runs").iterdir())
    assert len(list((run / "checkpoints" / "last").glob("state-*"))) == 1, "it was not ended while it saved"


def test_that_closing_over_a_run_can_be_cancelled_or_leave_it_running(
    window: MainWindow, sample: Path, qtbot: Any
) -> None:
    open_sample(window, sample, qtbot)
    window.start_training()
    for name in ("cancelClosingButton", "keepRunningButton"):
        qtbot.waitUntil(lambda: window.is_training)
        assert not window.close()
        assert not window.close(), "asked twice, it is one question"
        closing_of(window, name).click()
        assert not window.closing.is_open
        assert window.isMinimized() == (name == "keepRunningButton")
    with qtbot.waitSignal(window.thread_of_runs.run_ended, timeout=20_000) as ended:
        pass
    assert ended.args[0].stopped == "epochs"


def test_that_the_question_is_withdrawn_when_the_run_ends(window: MainWindow, sample: Path, qtbot: Any) -> None:
    open_sample(window, sample, qtbot)
    window.start_training()
    qtbot.waitUntil(lambda: window.is_training)
    with qtbot.waitSignal(window.training.ended, timeout=20_000):
        window.close()
    assert not window.closing.is_open and window.isVisible()
    assert window.close()
