"""Arrays on the disk, within the cache's limit."""

from pathlib import Path

import numpy as np
import pytest

from tlstudio.core.cache import set_cache_limit
from tlstudio.engine import store


def test_that_training_keeps_its_arrays_within_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TLSTUDIO_CACHE", str(tmp_path / "cache"))
    old = tmp_path / "cache" / "arrays" / "old.npy"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"x" * 4000)
    set_cache_limit(5000)
    assert store.fits((1000,), np.float32) and not store.fits((1251,), np.float32)
    rows, was_known = store.stored_array("new", (500,), np.float32, lambda writer: None)
    assert not was_known and rows.shape == (500,)
    assert [path.name for path in old.parent.iterdir()] == ["new.npy"]
