"""A window for each test, with its own settings, and nothing left behind."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QThreadPool, QTimer
from PySide6.QtWidgets import QApplication

from tlstudio.desktop.application import create_application
from tlstudio.desktop.main_window import MainWindow


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TLSTUDIO_SETTINGS", str(tmp_path / "settings.ini"))
    monkeypatch.setenv("TLSTUDIO_HOME", str(tmp_path / "documents"))


@pytest.fixture
def make_window(qapp: QApplication) -> Iterator[Callable[..., MainWindow]]:
    """Makes windows; when the test is over, checks that none left a thread or a timer behind."""
    windows: list[MainWindow] = []

    def make(*arguments: str, run_job: Any = None) -> MainWindow:
        _, window = create_application(["tlstudio", "--language", "en", *arguments], run_job)
        window.measuring.is_automatic = False  # tests of other things need no worker for it
        windows.append(window)
        return window

    yield make
    for window in windows:
        window.shut_down()
        assert not window.thread_of_runs.isRunning()
        active = [timer for timer in window.findChildren(QTimer) if timer.isActive() and not timer.isSingleShot()]
        assert not active, f"timers still run: {[t.parent() for t in active]}"
        window.close()
        window.deleteLater()
    assert QThreadPool.globalInstance().waitForDone(5000)
    windows.clear()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    left = [widget.objectName() for widget in qapp.topLevelWidgets() if widget.objectName() == "mainWindow"]
    assert not left, "a window outlived its test"


def open_model(window: MainWindow, path: Path, qtbot: Any) -> None:
    """Open a model (or a project) and wait until it is there, or was refused."""
    with qtbot.waitSignal(window.workspace.model_opening, timeout=20_000, check_params_cb=lambda name: not name):
        window.open_path(path)


@pytest.fixture
def window(make_window: Callable[..., MainWindow]) -> MainWindow:
    """A window that does its arithmetic by a script of events instead of a network: see ``scripted_jobs``."""
    from tests.desktop.scripted_jobs import scripted_job

    made = make_window(run_job=scripted_job)
    made.show()
    return made
