"""What the command line says to people while a run goes on."""

import traceback
from pathlib import Path

import pytest

from tlstudio.commands.answering import as_error
from tlstudio.commands.training import may_go_on, report_on
from tlstudio.console import PHASES, Reporter, doctor_text, duration, rates_text
from tlstudio.core import events
from tlstudio.core.errors import TLStudioError
from tlstudio.core.notices import failure_of, notice
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.run_folder import RunRecorder
from tlstudio.desktop import texts


def said(capsys: pytest.CaptureFixture[str], *happened: events.Event) -> str:
    with Reporter() as reporter:
        for event in happened:
            reporter.emit(event)
    return " ".join(capsys.readouterr().err.split())


def test_that_a_forecast_is_said_in_round_figures(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, events.Forecast(seconds=754.3, peak_bytes=1_449_000_000, free_bytes=12_340_000_000))
    assert "at most 13 min; 1.4 GB of memory, and 12.3 GB are there" in text


def test_that_a_run_that_waits_says_why_and_when_it_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, notice("memory_low", free="180 MB"), events.Paused(), events.Continued())
    assert text.index("180 MB") < text.index("waiting") < text.index("going on")


def test_that_a_resumed_run_says_where_it_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert "stage layers, behind epoch 7, batch 12" in said(capsys, events.Resumed(epoch=7, step=12, stage="layers"))


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (89, "89 s"), (100, "2 min"), (3600, "60 min"), (9000, "2.5 h")]
)
def test_that_durations_are_said_as_exactly_as_they_are_known(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_that_the_rate_finder_says_what_to_type() -> None:
    tried = events.RatesTried(rates=[1e-5, 1e-4], losses=[1.0, 0.5], suggested=3.2e-5)
    assert rates_text(tried).splitlines()[-1] == "suggested: --learning-rate 3.2e-05"
    none = events.RatesTried(rates=[1e-5], losses=[1.0], suggested=None)
    assert "none to suggest" in rates_text(none)


def test_that_a_graphics_processor_is_named_with_what_it_can() -> None:
    gpu = {"name": "A card", "device": "/physical_device:GPU:0", "kind": "GPU", "capability": "8.6"}
    assert "devices: GPU A card, compute capability 8.6" in doctor_text({"devices": [gpu], "problems": []})


def test_that_people_are_spared_a_traceback_which_debugging_shows(capsys: pytest.CaptureFixture[str]) -> None:
    detail = "Traceback (most recent call last):\nEOFError: No data left in file"
    failure = failure_of(TLStudioError("internal", detail="EOFError: No data left in file"), detail)
    assert said(capsys, failure) == ""
    error = as_error(failure)
    assert "Traceback" not in str(error)
    assert detail in "".join(traceback.format_exception(error))


def test_that_the_command_line_has_words_for_each_phase_that_the_window_has_words_for() -> None:
    assert set(PHASES) == set(texts.PHASES)


@pytest.mark.parametrize(
    ("code", "facts", "leads_on"),
    [
        ("run_without_state", {"path": "run"}, False),
        ("run_inputs_changed", {"path": "run", "what": "images"}, False),
        ("training_diverged", {"epoch": 2, "rate": "1"}, False),
        ("disk_full", {"path": "run"}, True),
        ("memory_ended", {"free": "1 MB"}, True),
    ],
)
def test_that_resuming_is_named_only_where_it_leads_on(code: str, facts: dict[str, object], leads_on: bool) -> None:
    assert may_go_on(failure_of(TLStudioError(code, **facts))) is leads_on


def test_that_a_report_that_cannot_be_written_takes_nothing_from_the_run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    recorder = RunRecorder(run, TrainingPlan(), resume=False)
    recorder.handle(notice("precision_kept"))
    recorder.close()
    (run / "report.html").mkdir()
    report_on(run)
    assert "report.html" in capsys.readouterr().err
    (run / "report.html").rmdir()
    report_on(run)
    assert (run / "report.html").is_file()
    assert capsys.readouterr().err == ""
