"""A function off the window's thread, and its result or its error back in it.

Do: give it a function of ``core`` and plain values. Don't: touch a widget in it, or start another from it.
"""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from tlstudio.core.control import Control, Stopped
from tlstudio.core.errors import TLStudioError


class Task(QObject):
    """One call. Its signals arrive in the thread that made it; after ``cancel`` none does."""

    finished = Signal(object)
    failed = Signal(object)  # TLStudioError
    progressed = Signal(int, int)

    def __init__(self, function: Callable[["Task"], Any], parent: QObject) -> None:
        super().__init__(parent)
        self.control = Control()
        self._function = function
        self._is_cancelled = False
        self.is_running = False  # its function has begun and has not returned
        self._answer = _Answer(self)

    def start(self, pool: QThreadPool | None = None) -> None:
        """``pool``: another than the program's own, for calls that must not run side by side."""
        (pool or QThreadPool.globalInstance()).start(_Runnable(self._function, self, self._answer))

    def cancel(self) -> None:
        self._is_cancelled = True
        self.control.stop()

    @property
    def is_cancelled(self) -> bool:
        return self._is_cancelled

    def _receive(self, result: Any, error: TLStudioError | None) -> None:
        if self._is_cancelled:
            pass
        elif error is not None:
            self.failed.emit(error)
        else:
            self.finished.emit(result)
        self.deleteLater()


class _Answer(QObject):
    """Lives in the window's thread, so that its slot runs there; outlives the task while a call is running."""

    ended = Signal(object, object)

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.ended.connect(task._receive)


class _Runnable(QRunnable):
    def __init__(self, function: Callable[[Task], Any], task: Task, answer: _Answer) -> None:
        super().__init__()
        self._function, self._task, self._answer = function, task, answer

    def run(self) -> None:
        result, error = None, None
        try:
            if self._task.is_cancelled:  # while it waited for its turn
                raise Stopped
            self._task.is_running = True
            result = self._function(self._task)
        except Stopped:
            self._task._is_cancelled = True
        except TLStudioError as caught:
            error = caught
        except Exception as caught:  # noqa: BLE001 (becomes a sentence in the window)
            error = TLStudioError("internal", detail=f"{type(caught).__name__}: {caught}")
        self._task.is_running = False
        try:
            self._answer.ended.emit(result, error)
        except RuntimeError:
            return  # the window was closed meanwhile, and nobody waits for the answer
