"""Starting the window."""

import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QObject, QSettings, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

import tlstudio
from tlstudio.core.errors import TLStudioError
from tlstudio.desktop.backends import RunJob, make_backend
from tlstudio.desktop.file_opener import FileOpener
from tlstudio.desktop.icons import application_icon
from tlstudio.desktop.input_method import choose_input_method
from tlstudio.desktop.language import Language
from tlstudio.desktop.main_window import MainWindow
from tlstudio.desktop.settings import open_settings
from tlstudio.desktop.theme import Theme
from tlstudio.desktop.training_thread import TrainingThread


def create_application(
    argv: list[str], run_job: RunJob | None = None, settings: QSettings | None = None
) -> tuple[QApplication, MainWindow]:
    """The application and its window, not yet shown; the event loop is not entered.

    ``argv``: the program's name, then at most one path to open, and ``--language CODE``. ``run_job``: do the
    arithmetic by this function in the training thread instead of in a worker process. ``settings``: others than
    the person's own.
    """
    choose_input_method()
    application = QApplication.instance() or QApplication(argv[:1])
    assert isinstance(application, QApplication)
    application.setStyle("Fusion")
    QCoreApplication.setApplicationName("TLStudio")
    QCoreApplication.setApplicationVersion(tlstudio.__version__)
    application.setDesktopFileName("tlstudio")
    application.setWindowIcon(application_icon())
    settings = settings or open_settings()
    wish, paths = _parse(argv[1:])
    language = Language(application, wish or str(settings.value("language", "")))
    look = Theme(application, str(settings.value("theme", "system")))
    window = MainWindow(TrainingThread(make_backend(run_job)), settings, language, look)
    application.installEventFilter(FileOpener(window.open_path, window))
    for path in paths:
        # After the first paint: the window is there before anything is read.
        QTimer.singleShot(0, window, lambda path=path: window.open_path(path))
    return application, window


def _parse(arguments: list[str]) -> tuple[str, list[Path]]:
    language, paths = "", []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--language":
            language = next(rest, "")
        elif not argument.startswith("-"):
            paths.append(Path(argument))
    return language, paths


class CrashReporter(QObject):
    """Brings what nobody caught, in whichever thread, into the window: once each, with its traceback in the log."""

    happened = Signal(str, str)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._seen: set[str] = set()
        self.happened.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        sys.excepthook = self._on_exception
        threading.excepthook = lambda args: self._on_exception(
            args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
        )

    def _on_exception(self, kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
        text = "".join(traceback.format_exception(kind, error, at))
        sys.stderr.write(text)
        if text not in self._seen:
            self._seen.add(text)
            self.happened.emit(f"{kind.__name__}: {error}", text)

    def _show(self, detail: str, text: str) -> None:
        self._window.show_error(TLStudioError("internal", detail=detail))
        self._window.log.add(text)


def main(argv: list[str], run_job: RunJob | None = None) -> int:
    """Open the window and stay until it is closed; returns the exit code."""
    application, window = create_application(argv, run_job)
    CrashReporter(window).install()
    application.aboutToQuit.connect(window.shut_down)
    window.show()
    return application.exec()
