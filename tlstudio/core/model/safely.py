"""Reading a stranger's model file in a process that may hang or die of it: libhdf5 does both on damaged files.

The owner waits a bounded time, and gets a model file or one sentence.
"""

import contextlib
import queue
import subprocess
import threading
import time
from pathlib import Path
from types import TracebackType

import msgspec

from tlstudio.core.errors import QT_TRANSLATE_NOOP, TLStudioError
from tlstudio.core.model import model_file
from tlstudio.core.model.graph import Note
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.opening import Opening
from tlstudio.core.model.reader_messages import (
    Answer,
    CheckValues,
    ListWeights,
    ModelRead,
    Question,
    ReadModel,
    Refused,
    ValuesChecked,
    WeightsListed,
)
from tlstudio.core.own_process import start_self

# Seconds. The description of the largest network of Keras Applications is read in 0.2; a cold disk and a busy
# machine may make ten times that of it.
READ_SECONDS = 8.0
CHECK_BYTES_PER_SECOND = 40e6  # the slowest disk that a large file may lie on
NOT_FINITE = QT_TRANSLATE_NOOP(
    "Repairs", "Some weights are not numbers (NaN or infinite); nothing can be computed with these layers."
)
NO_CHOICES = Opening()
_SINGLE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}  # no arithmetic is done, and threads take memory


class ReaderProcess:
    """One reading process, started at the first question and again after one that it did not survive.

    One thread at a time may ask.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()

    def __enter__(self) -> "ReaderProcess":
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.close()

    def warm_up(self) -> None:
        """Start the process if none is alive. Raises ``worker_unavailable``."""
        if self._process is not None and self._process.poll() is None:
            return
        self.close()
        try:
            self._process = start_self("--reader", subprocess.DEVNULL, _SINGLE_THREAD)
        except OSError as error:
            raise TLStudioError("worker_unavailable", detail=error.strerror or str(error)) from error
        self._lines = queue.SimpleQueue()
        threading.Thread(target=_pump, args=(self._process, self._lines), name="reader-answers", daemon=True).start()

    def read(self, path: Path, opening: Opening = NO_CHOICES) -> ModelFile:
        """Read a model file as data. Raises as ``core.model.reading.open_model`` does, and ``reader_gave_up``."""
        answer = self._ask(ReadModel(path=str(path), opening=opening), path, READ_SECONDS)
        if not isinstance(answer, ModelRead):
            raise _unexpected(path)
        try:
            return model_file.decode(bytes(answer.model))
        except msgspec.MsgspecError as error:
            raise _unexpected(path) from error

    def layers_not_finite(self, model: ModelFile) -> list[str]:
        """Paths of the layers that hold NaN or infinite values; every value is looked at. Raises as ``read`` does."""
        size = sum(file.stat().st_size for file in model.files if file.exists())
        seconds = READ_SECONDS + size / CHECK_BYTES_PER_SECOND
        answer = self._ask(CheckValues(path=str(model.path), opening=model.opening), model.path, seconds)
        if not isinstance(answer, ValuesChecked):
            raise _unexpected(model.path)
        return answer.not_finite

    def list_weights(self, path: Path) -> WeightsListed:
        """What a weights-only file holds. Raises as ``read`` does."""
        answer = self._ask(ListWeights(path=str(path)), path, READ_SECONDS)
        if not isinstance(answer, WeightsListed):
            raise _unexpected(path)
        return answer

    def close(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        if process.stdin is not None:
            with contextlib.suppress(OSError):  # the pipe broke with something unsent in it
                process.stdin.close()

    def _ask(self, question: Question, path: Path, seconds: float) -> Answer:
        self.warm_up()
        process = self._process
        assert process is not None and process.stdin is not None
        began = time.monotonic()
        try:
            process.stdin.write(msgspec.json.encode(question) + b"\n")
            process.stdin.flush()
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            self.close()
            detail = f"reading it took more than {round(time.monotonic() - began)} seconds"
            raise TLStudioError("reader_gave_up", path=path, detail=detail) from None
        except OSError:
            line = None
        if line is None:
            code = process.wait()
            self.close()
            detail = f"the process that read it ended with {f'signal {-code}' if code < 0 else f'code {code}'}"
            raise TLStudioError("reader_gave_up", path=path, detail=detail)
        try:
            answer = msgspec.json.decode(line, type=Answer)
        except msgspec.MsgspecError as error:
            self.close()
            raise _unexpected(path) from error
        if isinstance(answer, Refused):
            raise TLStudioError(answer.code, **answer.facts)
        return answer


def _pump(process: "subprocess.Popen[bytes]", lines: "queue.SimpleQueue[bytes | None]") -> None:
    assert process.stdout is not None
    with process.stdout as stream:
        for line in stream:
            lines.put(line)
    lines.put(None)


def _unexpected(path: Path) -> TLStudioError:
    return TLStudioError(
        "reader_gave_up", path=path, detail="the process that read it gave no answer that makes sense"
    )


def read_model(path: Path, opening: Opening = NO_CHOICES) -> ModelFile:
    """Read one model file, in a process of its own. Raises as ``ReaderProcess.read`` does."""
    with ReaderProcess() as reader:
        return reader.read(path, opening)


def not_finite_note(layers: list[str]) -> Note:
    """The warning about layers that hold NaN or infinite values."""
    return Note(code="weights_not_finite", message=NOT_FINITE, layers=tuple(layers))
