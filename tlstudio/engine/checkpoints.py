"""Checkpoints, written aside for the owner of the run to check and rename into place."""

import io
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tlstudio.core import events
from tlstudio.core.errors import TLStudioError
from tlstudio.core.files import os_error, sha256_of
from tlstudio.core.notices import notice_of
from tlstudio.engine.saving import save_model

MIN_SECONDS_BETWEEN = 3.0  # between two checkpoints of a kind while epochs fly by
SHARE_OF_TIME = 10  # and at least so many times what the last one cost


class Checkpointer:
    """Writes best models and states of one run into ``run/checkpoints``, at a pace that costs little.

    Full disk: the old checkpoint stays, the person is told once, the run goes on.
    """

    def __init__(self, run: Path, format: str, emit: events.Emit) -> None:
        self.folder = run / "checkpoints"
        self.best_path = self.folder / f"best.{format}"
        self.last_path = self.folder / "last" / "state.npz"
        self._emit = emit
        self._number = 0
        self._due: dict[str, float] = {}
        self._failure: TLStudioError | None = None
        self.written: dict[str, int] = {}  # epoch of the newest one by kind

    def is_due(self, kind: str) -> bool:
        return time.monotonic() >= self._due.get(kind, 0.0)

    def write_best(self, model: Any, epoch: int) -> bool:
        """A whole Keras model that stock Keras loads. Says whether it was written."""
        size = sum(int(np.prod(v.shape)) * 4 for v in model.variables)
        return self._write("best", epoch, self.best_path, size, lambda aside: save_model(model, aside))

    def write_last(self, facts: dict[str, Any], arrays: dict[str, np.ndarray], epoch: int) -> bool:
        """The state of a run: plain facts and arrays."""
        buffer = io.BytesIO()
        text = np.frombuffer(json.dumps(facts).encode(), np.uint8)
        np.savez(buffer, allow_pickle=False, facts=text, **arrays)
        data = buffer.getvalue()

        def write(aside: Path) -> None:
            aside.write_bytes(data)

        return self._write("last", epoch, self.last_path, len(data), write)

    def require_best(self) -> None:
        """Raise what kept the best model from being written, if no version of it ever was."""
        if "best" not in self.written and self._failure is not None:
            raise self._failure

    def _write(self, kind: str, epoch: int, path: Path, size: int, write: Callable[[Path], None]) -> bool:
        began = time.monotonic()
        self._number += 1
        aside = path.with_name(f".{path.stem}-{self._number}.part{path.suffix}")
        try:
            # Asked before a byte is written: libhdf5 dies of a write error in a file's last bytes.
            if shutil.disk_usage(path.parent).free < 1.2 * size + (1 << 20):
                raise TLStudioError("disk_full", path=path)
            write(aside)
            with aside.open("rb") as file:
                os.fsync(file.fileno())
            digest = sha256_of(aside)
        except (OSError, TLStudioError) as error:
            aside.unlink(missing_ok=True)
            self._remember(error if isinstance(error, TLStudioError) else os_error(error, path))
            return False
        self._emit(events.CheckpointWritten(kind=kind, epoch=epoch, aside=str(aside), path=str(path), sha256=digest))
        self.written[kind] = epoch
        cost = time.monotonic() - began
        self._due[kind] = time.monotonic() + max(MIN_SECONDS_BETWEEN, SHARE_OF_TIME * cost)
        return True

    def _remember(self, error: TLStudioError) -> None:
        if self._failure is None or self._failure.code != error.code:
            self._emit(notice_of(error))
        self._failure = error
