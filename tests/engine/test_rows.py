"""Arrays on the disk, read and written by rows: the same numbers as in memory, in little memory."""

import gc
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from tlstudio.core.cache import clear_cache
from tlstudio.engine.rows import Rows, RowWriter


def written(path: Path, values: np.ndarray) -> Rows:
    writer = RowWriter(path, values.shape, values.dtype.type)
    writer[:2] = values[:2]
    for place in range(len(values) - 1, 1, -1):
        writer[place] = values[place]
    writer.finish()
    return Rows(path)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_that_rows_are_those_that_were_written(tmp_path: Path, dtype: type) -> None:
    values = (np.random.default_rng(1).normal(size=(23, 3, 4)) * 100).astype(dtype)
    rows = written(tmp_path / "rows.npy", values)
    assert (rows.shape, rows.dtype, len(rows)) == (values.shape, values.dtype, 23)
    assert np.array_equal(np.load(tmp_path / "rows.npy"), values), "any program reads it"
    for key in (slice(0, 23), slice(5, 9), slice(None), np.array([3, 4, 5, 0, 22, 22]), np.array([], int)):
        assert np.array_equal(rows[key], values[key])


def test_that_some_rows_are_rows_again(tmp_path: Path) -> None:
    values = np.arange(40, dtype=np.float32).reshape(20, 2)
    places = np.array([7, 2, 19, 3])
    some = written(tmp_path / "rows.npy", values).only(places)
    assert some.shape == (4, 2) and np.array_equal(some[:], values[places])
    assert np.array_equal(some.only(np.array([3, 0]))[:], values[[3, 7]])


def test_that_threads_write_side_by_side(tmp_path: Path) -> None:
    values = np.random.default_rng(2).integers(0, 255, (400, 50), dtype=np.uint8)
    writer = RowWriter(tmp_path / "rows.npy", values.shape, np.uint8)

    def write(first: int) -> None:
        for place in range(first, 400, 4):
            writer[place] = values[place]

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert np.array_equal(Rows(tmp_path / "rows.npy")[:], values)


def test_that_a_file_that_is_no_whole_array_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.npy"
    written(path, np.zeros((9, 4), np.float32))
    data = path.read_bytes()
    path.write_bytes(data[:-1])
    with pytest.raises(ValueError, match="shorter"):
        Rows(path)
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(ValueError):
        Rows(path)
    with pytest.raises(ValueError, match="Expected 1 row"):
        RowWriter(path, (3, 4), np.float32)[0] = np.zeros(5, np.float32)


@pytest.mark.skipif(sys.platform == "win32", reason="open files can't be removed there anyway")
def test_that_rows_in_use_are_not_taken_away_to_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TLSTUDIO_CACHE", str(tmp_path))
    (tmp_path / "arrays").mkdir()
    rows = written(tmp_path / "arrays" / "one.npy", np.ones((4, 2), np.float32))
    clear_cache()
    assert np.array_equal(rows[np.array([3])], np.ones((1, 2), np.float32))
    del rows
    gc.collect()
    clear_cache()
    assert not (tmp_path / "arrays" / "one.npy").exists()
