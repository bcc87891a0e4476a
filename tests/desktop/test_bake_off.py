"""The bake-off in the window: how long, how far, a ranking with ranges, and a stop that works."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QTableWidget

from tlstudio.core import events, requests
from tlstudio.core.control import Control, Stopped
from tlstudio.core.plan import TrainingPlan
from tlstudio.desktop.bake_off import BakeOffDialog
from tlstudio.desktop.main_window import MainWindow
from tlstudio.desktop.ways_tried import ACCURACY, COMPARED, EPOCHS, RANGE, WAY

PLANS = [TrainingPlan(strategy=way) for way in ("features", "finetune", "lower-features", "init")]


def tried(strategy: str, accuracy: float, low: float, high: float, failed: str = "") -> events.WayTried:
    return events.WayTried(
        strategy=strategy, accuracy=accuracy, low=low, high=high, images=40, epochs=3, seconds=60.0, failed=failed
    )


APART = [
    tried("finetune", 0.95, 0.9, 0.98),
    tried("features", 0.8, 0.7, 0.88),
    tried("init", 0, 0, 1, "out_of_memory"),
]


def baking(request: requests.JobRequest, control: Control, emit: events.Emit) -> None:
    """Ranks at once; at 7 seconds a way it goes on until it is stopped, at 9 it fails."""
    assert isinstance(request, requests.BakeOff) and len(request.plans) == 4
    emit(events.Preparing(phase="bake-off", done=3, total=20))
    if request.seconds == 9:
        emit(events.JobFailed(code="disk_full", facts={"path": "/x"}, message="the disk is full"))
        return
    try:
        while request.seconds == 7:
            control.checkpoint()
            time.sleep(0.01)
    except Stopped:
        emit(events.JobStopped())
        return
    emit(events.BakedOff(ways=APART))


@pytest.fixture
def dialog(make_window: Callable[..., MainWindow], qtbot: Any) -> Iterator[BakeOffDialog]:
    window = make_window(run_job=baking)
    window.show()
    made = BakeOffDialog(window.thread_of_runs, PLANS, "features", window)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    made.open()
    yield made
    made.reject()


def button(dialog: BakeOffDialog, name: str) -> QPushButton:
    found = dialog.findChild(QPushButton, name)
    assert found is not None
    return found


def test_that_ways_are_ranked_with_ranges_and_the_best_can_be_chosen(dialog: BakeOffDialog, qtbot: Any) -> None:
    assert not dialog.table.isVisible() and dialog.seconds.value() == 60
    button(dialog, "beginBakeOffButton").click()
    assert not dialog.seconds.isVisible()
    table = dialog.findChild(QTableWidget, "bakeOffTable")
    qtbot.waitUntil(table.isVisible, timeout=5000)
    assert [table.item(row, WAY).text() for row in range(2)] == ["Fine-tuning", "Fixed feature extractor"]
    assert (table.item(0, ACCURACY).text(), table.item(0, RANGE).text()) == ("95 %", "90 % to 98 %")
    assert "beyond the ranges" in dialog.text.text()
    with qtbot.waitSignal(dialog.way_chosen) as chosen:
        button(dialog, "useWayButton").click()
    assert chosen.args == ["finetune"]


def test_that_a_way_that_failed_is_named_and_cannot_be_chosen(dialog: BakeOffDialog, qtbot: Any) -> None:
    button(dialog, "beginBakeOffButton").click()
    qtbot.waitUntil(dialog.table.isVisible, timeout=5000)
    dialog.table.selectRow(2)
    assert "does not fit into memory" in dialog.table.item(2, WAY).text()
    assert not button(dialog, "useWayButton").isEnabled()
    dialog.table.selectRow(1)
    assert dialog.chosen == "features"


def test_that_ranges_that_overlap_are_called_no_difference(dialog: BakeOffDialog, qtbot: Any) -> None:
    button(dialog, "beginBakeOffButton").click()
    qtbot.waitUntil(dialog.table.isVisible, timeout=5000)
    ways = [tried("init", 0.9, 0.8, 0.95), tried("features", 0.85, 0.75, 0.92)]
    dialog.take(events.BakedOff(ways=ways))
    assert "No difference was shown: on 40 validation images" in dialog.text.text()
    assert dialog.chosen == "features", "the recommended one, since none is better"
    dialog.take(events.BakedOff(ways=[*ways, tried("finetune", 0.5, 0.4, 0.6)]))
    assert (
        "among “Trained weights as the starting point”, “Fixed feature extractor”; the others" in dialog.text.text()
    )
    assert [dialog.table.item(row, COMPARED).text() for row in range(3)] == ["best", "no difference", "worse"]


def until_stopped(dialog: BakeOffDialog, qtbot: Any) -> Any:
    return qtbot.waitSignal(
        dialog._thread.baking_event_happened,
        timeout=5000,
        check_params_cb=lambda _plans, event: isinstance(event, events.JobStopped),
    )


def begin_a_long_one(dialog: BakeOffDialog, qtbot: Any) -> None:
    dialog.seconds.setValue(7)
    button(dialog, "beginBakeOffButton").click()
    qtbot.waitUntil(lambda: (dialog.progress.value(), dialog.progress.maximum()) == (3, 20), timeout=5000)


def test_that_it_says_which_way_is_tried_and_a_stop_leaves_it_open_for_another_try(
    dialog: BakeOffDialog, qtbot: Any
) -> None:
    begin_a_long_one(dialog, qtbot)
    assert dialog.text.text().startswith("Way 1 of 4: Fixed feature extractor. 3 s of at most 20 s")
    stop = button(dialog, "stopBakeOffButton")
    assert stop.hasFocus()
    with until_stopped(dialog, qtbot):
        qtbot.keyClick(stop, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: "was stopped" in dialog.text.text(), timeout=5000)
    dialog.seconds.setValue(5)
    qtbot.keyClick(dialog.seconds, Qt.Key.Key_Return)  # the default button begins anew
    qtbot.waitUntil(dialog.table.isVisible, timeout=5000)


def test_that_closing_it_early_stops_the_job_and_the_worker_is_free(dialog: BakeOffDialog, qtbot: Any) -> None:
    begin_a_long_one(dialog, qtbot)
    with until_stopped(dialog, qtbot):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_that_the_late_end_of_a_stopped_one_does_not_end_the_next(dialog: BakeOffDialog, qtbot: Any) -> None:
    begin_a_long_one(dialog, qtbot)
    dialog._on_event(list(PLANS), events.JobStopped())
    assert dialog.is_running and not button(dialog, "beginBakeOffButton").isVisible()


def test_that_where_nothing_can_be_learned_it_says_so_before_it_begins(
    make_window: Callable[..., MainWindow], qtbot: Any
) -> None:
    window = make_window(run_job=baking)
    window.show()
    made = BakeOffDialog(window.thread_of_runs, PLANS, None, window)
    made.open()
    assert "found nothing that can be learned" in made.text.text() and button(made, "beginBakeOffButton").isEnabled()
    made.reject()


def test_that_what_was_equal_is_said_and_who_had_too_little_time(dialog: BakeOffDialog, qtbot: Any) -> None:
    button(dialog, "beginBakeOffButton").click()
    qtbot.waitUntil(dialog.table.isVisible, timeout=5000)
    assert "at most 1 min 0 s of computing each" in dialog.equal.text()
    assert "too short" not in dialog.equal.text()
    short = msgspec.structs.replace(tried("init", 0.2, 0.1, 0.3), epochs=0)
    dialog.take(events.BakedOff(ways=[APART[0], short]))
    assert "too short for “Trained weights as the starting point”" in dialog.equal.text()
    assert dialog.table.item(1, EPOCHS).text() == "none"
    head_alone = msgspec.structs.replace(tried("finetune", 0.9, 0.8, 0.95), stages=2, begun=1)
    dialog.take(events.BakedOff(ways=[head_alone, tried("features", 0.9, 0.8, 0.95)]))
    assert "too short for “Fine-tuning”:" in dialog.equal.text()
    assert [dialog.table.item(row, EPOCHS).text() for row in (0, 1)] == ["3, unfinished", "3"]


def test_that_a_failure_is_a_sentence_in_the_dialog(dialog: BakeOffDialog, qtbot: Any) -> None:
    dialog.seconds.setValue(9)
    button(dialog, "beginBakeOffButton").click()
    qtbot.waitUntil(button(dialog, "closeBakeOffButton").isVisible, timeout=5000)
    assert not dialog.table.isVisible() and not dialog.progress.isVisible()
    assert "disk" in dialog.text.text()
