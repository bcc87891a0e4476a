"""The sample's whole job in the real window, driven by its own actions, with pictures of it."""

import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QEventLoop, QMessageLogContext, QSettings, QTimer, QtMsgType, qInstallMessageHandler

from tlstudio.core import events
from tlstudio.desktop import texts
from tlstudio.desktop.application import create_application
from tlstudio.desktop.backends import RunJob
from tlstudio.desktop.main_window import MainWindow

MINUTES = 10  # a slow machine loads TensorFlow in one and trains the sample in another


def run_window_demo(project: Path, out: Path, run_job: RunJob | None = None) -> dict[str, Any]:
    """Open the sample, train it, keep pictures in ``out``.

    Returns:
        ``result``: the fields of ``RunFinished`` or None; ``error``: a sentence or ""; ``screenshots``: paths.
    """
    out.mkdir(parents=True, exist_ok=True)
    qInstallMessageHandler(_say)
    application, window = create_application(["tlstudio", "--language", "en"], run_job, _no_settings())
    pictures = _Pictures(window, out)
    window.project_folder = lambda: out  # type: ignore[method-assign]
    ended: list[events.Event] = []
    loop = QEventLoop()

    def on_event(event: events.Event) -> None:
        if isinstance(event, events.EpochFinished) and event.epoch == 8:
            pictures.take("training")

    def on_ended(event: events.Event) -> None:
        ended.append(event)
        QTimer.singleShot(300, loop.quit)  # the last curves are drawn by then

    window.thread_of_runs.event_happened.connect(on_event)
    window.thread_of_runs.run_ended.connect(on_ended)
    window.show()
    window.open_project(project)
    window.workspace.failed.connect(loop.quit)
    window.start_training()
    QTimer.singleShot(MINUTES * 60_000, loop, loop.quit)
    loop.exec()
    pictures.take("done")
    message = window.message_bar.text
    window.shut_down()
    window.close()
    application.processEvents()
    if ended and isinstance(ended[0], events.RunFinished):
        result = {name: value for name, value in msgspec.to_builtins(ended[0]).items() if name != "type"}
        return {"result": result, "error": "", "screenshots": pictures.paths}
    if ended and isinstance(ended[0], events.JobFailed):
        message = texts.error_text(ended[0].code, ended[0].facts)
    return {"result": None, "error": message or "the training did not end", "screenshots": pictures.paths}


def _say(_kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    """Qt's remarks, but for one that the invisible screen makes at every change of a layout."""
    if "propagateSizeHints" not in text:
        sys.stderr.write(text + "\n")


def _no_settings() -> QSettings:
    """The demo looks the same whatever the person has set."""
    folder = tempfile.mkdtemp(prefix="tlstudio-demo-")
    settings = QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)
    settings.setValue("theme", "light")
    return settings


class _Pictures:
    def __init__(self, window: MainWindow, out: Path) -> None:
        self._window, self._out = window, out
        self.paths: list[str] = []

    def take(self, name: str) -> None:
        path = self._out / f"window-{name}.png"
        if self._window.grab().save(str(path)):
            self.paths.append(str(path))
