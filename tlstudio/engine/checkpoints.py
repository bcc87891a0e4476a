"""Checkpoints, written aside for the owner of the run to check and rename into place."""

import json
import os
import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tlstudio.core import events
from tlstudio.core.errors import TLStudioError
from tlstudio.core.files import os_error, sha256_of
from tlstudio.core.notices import notice_of
from tlstudio.core.states import TIMES_BETWEEN_FILES, newest_state, state_path, states, states_folder
from tlstudio.engine.saving import save_model

# While epochs fly by: a state at most twice a second, since its owner may have a window to draw meanwhile; a whole
# model less often, since the state holds the best weights.
MIN_SECONDS_BETWEEN = {"last": 0.5, "best": 3.0}
SPARE_BYTES = 1 << 20

Arrays = dict[str, np.ndarray]


class Checkpointer:
    """Writes best models and states of one run into ``run/checkpoints``, at a pace that costs little.

    Full disk: the old checkpoint stays, the person is told once, the run goes on.
    """

    def __init__(self, run: Path, format: str, emit: events.Emit) -> None:
        self.run = run
        self.best_path = run / "checkpoints" / f"best.{format}"
        self.last_folder = states_folder(run)
        self._emit = emit
        self._number = 0
        self._state_number = max([number for number, _path in states(run)], default=0)
        self._newest: tuple[Path, Path] | None = None  # the last state, aside and in its place
        self._due: dict[str, float] = {}
        self._written_at: dict[str, float] = {}
        self._failure: TLStudioError | None = None
        self.written: dict[str, int] = {}  # epoch of the newest one by kind

    def is_due(self, kind: str) -> bool:
        return time.monotonic() >= self._due.get(kind, 0.0)

    def seconds_since(self, kind: str) -> float:
        """Since the last one of a kind was written, or tried; infinite before the first."""
        return time.monotonic() - self._written_at.get(kind, float("-inf"))

    def write_best(self, model: Any, epoch: int) -> bool:
        """A whole Keras model that stock Keras loads. Says whether it was written."""
        size = sum(int(np.prod(v.shape)) * 4 for v in model.variables)
        aside = self._aside(self.best_path)
        digest = self._write("best", aside, self.best_path, size, lambda: save_model(model, aside))
        if digest:
            self._tell("best", epoch, aside, self.best_path, digest)
        return bool(digest)

    def write_state(self, facts: dict[str, Any], arrays: Arrays, epoch: int) -> bool:
        """The state of a run: plain facts and arrays. Says whether it was written."""
        size = sum(array.nbytes for array in arrays.values())
        aside = self._aside(self.last_folder / "state.npz")
        text = np.frombuffer(json.dumps(facts, allow_nan=False).encode(), np.uint8)
        digest = self._write(
            "last",
            aside,
            self.last_folder,
            size,
            lambda: np.savez(aside, allow_pickle=False, **{"facts": text, **arrays}),
        )
        if not digest:
            return False
        self._state_number += 1
        path = state_path(self.run, self._state_number, digest)
        self._newest = aside, path
        self._tell("last", epoch, aside, path, digest)
        return True

    def read_state(self) -> tuple[dict[str, Any], Arrays] | None:
        """The newest whole state, also one that its owner has not put in its place yet; None if there is none."""
        for path in [*(self._newest or ())[::-1], newest_state(self.run)]:
            if path is None:
                continue
            try:
                return read_state(path)
            except (OSError, ValueError, KeyError, zipfile.BadZipFile):
                continue  # moved away meanwhile, or torn: the next one is asked
        return None

    def raise_failure(self) -> None:
        """Raise what kept a checkpoint from being written: a run whose best model is not kept has not ended well."""
        if self._failure is not None:
            raise self._failure

    def _aside(self, path: Path) -> Path:
        self._number += 1
        return path.with_name(f".{path.stem}-{os.getpid()}-{self._number}.part{path.suffix}")

    def _write(self, kind: str, aside: Path, path: Path, size: int, write: Callable[[], Any]) -> str:
        """Write aside and flush; returns the SHA-256, or nothing where it failed."""
        began = time.monotonic()
        try:
            # Asked before a byte is written: libhdf5 dies of a write error in a file's last bytes.
            if shutil.disk_usage(aside.parent).free < 1.2 * size + SPARE_BYTES:
                raise TLStudioError("disk_full", path=path)
            write()
            with aside.open("r+b") as file:  # Windows flushes only what may be written
                os.fsync(file.fileno())
            digest = sha256_of(aside)
        except (OSError, TLStudioError) as error:
            aside.unlink(missing_ok=True)
            self._remember(error if isinstance(error, TLStudioError) else os_error(error, path))
            digest = ""
        now = time.monotonic()
        self._written_at[kind] = now
        self._due[kind] = now + max(TIMES_BETWEEN_FILES * (now - began), MIN_SECONDS_BETWEEN[kind])
        return digest

    def _tell(self, kind: str, epoch: int, aside: Path, path: Path, digest: str) -> None:
        self._emit(events.CheckpointWritten(kind=kind, epoch=epoch, aside=str(aside), path=str(path), sha256=digest))
        self.written[kind] = epoch

    def _remember(self, error: TLStudioError) -> None:
        if self._failure is None or self._failure.code != error.code:
            self._emit(notice_of(error))
        self._failure = error


def read_state(path: Path) -> tuple[dict[str, Any], Arrays]:
    """Facts and arrays of a state; the archive's own checksums are tested on the way.

    Raises ``OSError``, ``ValueError``, ``KeyError``, ``zipfile.BadZipFile``.
    """
    with np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    return json.loads(arrays.pop("facts").tobytes()), arrays
