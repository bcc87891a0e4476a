"""“Export model…” in the window: where it is offered, what it asks of the job, and what is said of the outcome."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tlstudio.core import events, requests
from tlstudio.core.errors import TLStudioError
from tlstudio.core.notices import failure_of
from tlstudio.desktop.choosing import format_of, with_suffix_of
from tlstudio.desktop.main_window import MainWindow


def finished(run: Path, best: str | None) -> events.RunFinished:
    return events.RunFinished(
        run=str(run), strategy="features", epochs=1, seconds=1.0, stopped="epochs", best=None, test=None,
        checkpoints=events.Checkpoints(best=best, last=None), frozen_unchanged=True, trainable_parameters=1,
        cached_layers=0,
    )  # fmt: skip


@pytest.fixture
def asked() -> list[requests.Export]:
    return []


@pytest.fixture
def window(make_window: Callable[..., MainWindow], asked: list[requests.Export]) -> MainWindow:
    def job(request: Any, _control: Any, emit: events.Emit) -> None:
        asked.append(request)
        emit(events.Preparing(phase="export"))
        if request.format == "onnx":
            emit(failure_of(TLStudioError("export_failed", format="onnx", detail="no such operation")))
            return
        emit(
            events.Exported(
                run=request.source, format=request.format, path=request.out, bytes=3_000_000, files=[request.out],
                input_shape=[None, 32, 32, 3], output_shape=[None, 2], labels=["a", "b"], preprocessing="unit",
                fit="crop", largest_difference=5e-7, tolerance=1e-3, images=12, generated=4,
                reader="keras 3.15.1", seconds=1.0,
            )
        )  # fmt: skip

    made = make_window(run_job=job)
    made.show()
    return made


def test_that_it_is_offered_for_a_run_with_a_model_alone(window: MainWindow, tmp_path: Path) -> None:
    action = window.commands.export
    assert not action.isEnabled()
    window.results.show_run(finished(tmp_path, None), None)
    assert not action.isEnabled()
    window.results.show_run(finished(tmp_path, "best.keras"), None)
    assert action.isEnabled() and window.results.export_button.isEnabled()
    window.results.clear()
    assert not action.isEnabled()


def test_that_the_run_shown_is_exported_where_the_person_says(
    window: MainWindow, asked: list[requests.Export], tmp_path: Path, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "seven.tflite"
    monkeypatch.setattr(window.choosing, "place_for_export", lambda _name: (out, "tflite", True))
    window.results.show_run(finished(tmp_path / "run", "best.keras"), None)
    window.commands.export.trigger()
    qtbot.waitUntil(lambda: str(out) in window.message_bar.text, timeout=10_000)
    assert asked == [requests.Export(source=str(tmp_path / "run"), format="tflite", out=str(out), overwrites=True)]
    assert not window.model_export.is_running and window.commands.export.isEnabled()
    assert [button.objectName() for button in window.message_bar.choices] == ["showExportButton"]
    assert "keras 3.15.1" in window.log.toPlainText()


def test_that_a_failure_is_told_in_a_sentence(
    window: MainWindow, tmp_path: Path, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window.choosing, "place_for_export", lambda _name: (tmp_path / "a.onnx", "onnx", False))
    window.runs_page.export_requested.emit(tmp_path / "run")
    qtbot.waitUntil(lambda: "no such operation" in window.message_bar.text, timeout=10_000)
    assert not window.model_export.is_running


@pytest.mark.parametrize(
    ("typed", "filtered", "format", "name"),
    [
        ("run.keras", "keras", "keras", "run.keras"),
        ("run.keras", "onnx", "onnx", "run.onnx"),
        ("run.keras", "savedmodel", "savedmodel", "run"),
        ("run.h5", "keras", "hdf5", "run.h5"),
        ("run-1.5", "tflite", "tflite", "run-1.5.tflite"),
    ],
)
def test_that_name_and_kind_go_together(typed: str, filtered: str, format: str, name: str) -> None:
    assert format_of(Path(typed), filtered) == format
    assert with_suffix_of(format, Path(typed)).name == name  # type: ignore[arg-type]
