"""Model files are read beside the window: in a process that may die of them, asked from one thread alone.

Do: ask for a file and wait for a signal. Don't: touch the reading process from the window's thread, but to end it.
"""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, QThreadPool, QTimer, Signal

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.opening import Opening
from tlstudio.desktop import texts
from tlstudio.desktop.background import Task
from tlstudio.desktop.opening_flow import OpeningFlow, flow_of_error, flow_of_model

if TYPE_CHECKING:
    from tlstudio.core.model.inspection import Inspection
    from tlstudio.core.model.model_file import ModelFile
    from tlstudio.core.model.reader_messages import WeightsListed

# How long a reading that is no longer wanted may go on before its process is ended. Nearly all end by themselves
# in this time, and a new process takes longer to start.
GRACE = 300  # milliseconds
CLOSING = 2.0  # seconds


class Reader(Protocol):
    """What ``core.model.safely.ReaderProcess`` does; tests put another in its place."""

    def warm_up(self) -> None: ...
    def read(self, path: Path, opening: Opening = ...) -> "ModelFile": ...
    def layers_not_finite(self, model: "ModelFile") -> list[str]: ...
    def list_weights(self, path: Path) -> "WeightsListed": ...
    def close(self) -> None: ...


@dataclass(frozen=True)
class Opened:
    """``problem``: why the network is no image classifier, in English words; empty where it is one."""

    model: "ModelFile"
    inspection: "Inspection"
    problem: str


class ModelReading(QObject):
    """One file at a time: asking for another takes back the question before."""

    opened = Signal(object)  # Opened
    asked = Signal(object)  # OpeningFlow: the file leaves something open
    failed = Signal(object)  # TLStudioError
    checked = Signal(object, object)  # ModelFile, paths of its layers that hold NaN or infinite values

    def __init__(self, parent: QObject, make_reader: Callable[[], Reader] | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._pool.setExpiryTimeout(-1)
        self._make_reader = make_reader or _make_reader
        self._reader: Reader | None = None
        self._task: Task | None = None
        self._is_closed = False

    # -- what can be asked for --------------------------------------------------------------------------

    def warm_up(self) -> None:
        """Start the process ahead of the first file; if that fails, the first file will say so."""
        if self._task is None:
            self._begin(self._warm_up, lambda _nothing: None)

    def read(self, path: Path, opening: Opening) -> None:
        """``opened``, ``asked`` or ``failed`` follows."""
        self._begin(lambda: self._read(path, opening), self._on_read, self.failed.emit)

    def answer(self, flow: OpeningFlow) -> None:
        """Read the file again with the choices of a flow; ``opened``, ``asked`` or ``failed`` follows."""
        self._begin(lambda: self._read_again(flow), self._on_read, self.failed.emit)

    def check(self, model: "ModelFile") -> None:
        """Look at every value of an open model; ``checked`` or ``failed`` follows."""
        self._begin(
            lambda: self._own_reader().layers_not_finite(model),
            lambda layers: self.checked.emit(model, layers),
            self.failed.emit,
        )

    def cancel(self) -> None:
        """Nothing is told of what was asked for before."""
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        QTimer.singleShot(GRACE, self, lambda: self._end_if_stuck(task))

    def close(self) -> None:
        """End the process and the thread that asks it."""
        self._is_closed = True
        if self._task is not None:
            self._task.cancel()
            self._task = None
        until = time.monotonic() + CLOSING
        while True:  # a reading that was just beginning may start the process once more
            if self._reader is not None:
                self._reader.close()
            if self._pool.waitForDone(100) or time.monotonic() > until:
                break
        if self._reader is not None:
            self._reader.close()

    # -- in the thread that asks ------------------------------------------------------------------------

    def _own_reader(self) -> Reader:
        if self._reader is None:
            self._reader = self._make_reader()
        return self._reader

    def _warm_up(self) -> None:
        # What the first model needs, loaded while nobody waits for it: half a second of imports.
        import tlstudio.core.head
        import tlstudio.core.model.inspection
        import tlstudio.core.model.library
        import tlstudio.core.strategy  # noqa: F401

        self._own_reader().warm_up()

    def _read(self, path: Path, opening: Opening) -> Opened | OpeningFlow:
        reader = self._own_reader()
        try:
            return _understood(reader.read(path, opening))
        except TLStudioError as error:
            listed = None
            if error.code == "weights_only":
                with contextlib.suppress(TLStudioError):  # then the first error tells all
                    listed = reader.list_weights(path)
            flow = flow_of_error(error, path, opening, listed)
            if flow is None:
                raise
            return flow

    def _read_again(self, flow: OpeningFlow) -> Opened | OpeningFlow:
        from tlstudio.core.model.reading import with_input_size
        from tlstudio.desktop.opening_flow import WRONG_ANSWERS

        opening = flow.result()
        try:
            if flow.is_about_size_alone and flow.model is not None and opening.input_size is not None:
                return _understood(with_input_size(flow.model, opening.input_size))
            return self._read(flow.place(), opening)
        except TLStudioError as error:
            if error.code not in WRONG_ANSWERS:
                raise
            flow.error = error
            return flow

    # -- back in the window's thread --------------------------------------------------------------------

    def _begin(
        self,
        function: Callable[[], Any],
        on_finished: Callable[[Any], object],
        on_failed: Callable[[TLStudioError], object] = lambda _error: None,
    ) -> None:
        self.cancel()
        if self._is_closed:
            return
        task = Task(lambda _task: function(), self)
        task.finished.connect(lambda result: self._on_ended(task, on_finished, result))
        task.failed.connect(lambda error: self._on_ended(task, on_failed, error))
        self._task = task
        task.start(self._pool)

    def _on_ended(self, task: Task, tell: Callable[[Any], object], what: Any) -> None:
        if self._task is task:
            self._task = None
            tell(what)

    def _on_read(self, result: Opened | OpeningFlow) -> None:
        if isinstance(result, OpeningFlow):
            self.asked.emit(result)
        else:
            self.opened.emit(result)

    def _end_if_stuck(self, task: Task) -> None:
        if task.is_running and self._reader is not None:
            self._reader.close()


def _make_reader() -> Reader:
    # Loaded at the first use: the window is up sooner without it.
    from tlstudio.core.model.safely import ReaderProcess

    return ReaderProcess()


def _understood(model: "ModelFile") -> Opened | OpeningFlow:
    from tlstudio.core.model.inspection import classifier_problem, describe

    problem = classifier_problem(model)
    flow = None if problem else flow_of_model(model, _output_words)
    return flow or Opened(model, describe(model), problem)


def _output_words(model: "ModelFile", path: str) -> str:
    shape = model.shapes[path]
    return texts.shape_text(None if shape is None else [None, *shape])
