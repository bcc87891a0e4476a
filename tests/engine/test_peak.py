"""What a run tells of its memory, in a process that has had others before."""

from pathlib import Path

import numpy as np
import pytest

from tests.engine.runs import Run
from tlstudio.core.advice.history import read_history
from tlstudio.core.machine import own_memory
from tlstudio.core.model.reading import open_model
from tlstudio.core.strategy import make_plan


def test_that_a_run_tells_its_own_peak_and_history_keeps_it(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLSTUDIO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("tlstudio.core.advice.history.FLOOR", own_memory())  # as if this were the first job
    former = np.ones(200_000_000)  # 1.6 GB, far more than the run takes
    held = own_memory()
    del former
    plan = make_plan(open_model(sample / "model.hdf5"), str(sample / "images"), "features")
    finished = Run(tmp_path / "run", plan).finished
    assert finished.peak_bytes is not None and own_memory() * 0.9 < finished.peak_bytes < held
    assert len(read_history().memory["features"]) == 1
