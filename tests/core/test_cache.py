"""The cache's limit: set once for every program that uses it, kept by taking away what was unused for longest."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tlstudio.core import cache
from tlstudio.core.data.index import ImageIndex

NOW = time.time()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TLSTUDIO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def keep(folder: Path, name: str, size: int, days_ago: float) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (NOW - days_ago * 86400,) * 2)
    return path


def limited(limit: int) -> int:
    cache.set_cache_limit(limit)
    return cache.make_room()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_that_the_usual_limit_holds_where_none_is_set_or_its_file_is_damaged(folder: Path) -> None:
    assert cache.cache_limit() == cache.USUAL_LIMIT
    folder.mkdir()
    (folder / "limit.json").write_text("{no")
    assert cache.cache_limit() == cache.USUAL_LIMIT
    cache.set_cache_limit(123_456)
    assert cache.cache_limit() == 123_456
    assert json.loads((folder / "limit.json").read_text())["bytes"] == 123_456


def test_that_another_process_obeys_the_limit(folder: Path) -> None:
    cache.set_cache_limit(5_000_000)
    program = "from tlstudio.core.cache import cache_limit; print(cache_limit())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "5000000"


def test_that_a_lower_limit_takes_away_what_was_unused_for_longest_(folder: Path) -> None:
    keep(folder, "arrays/new.npy", 400, 1)
    keep(folder, "arrays/old.npy", 400, 3)
    keep(folder, "indexes/older.index", 400, 4)
    keep(folder, "arrays/middle.npy", 400, 2)
    keep(folder, "notes.txt", 4000, 9)
    assert limited(1600) == 1600
    assert limited(900) == 800
    assert names(folder) == {"new.npy", "middle.npy", "notes.txt", "limit.json"}


def test_that_room_is_made_for_what_comes(folder: Path) -> None:
    keep(folder, "arrays/old.npy", 400, 2)
    keep(folder, "arrays/new.npy", 400, 1)
    cache.set_cache_limit(1000)
    assert cache.make_room(200) == 800
    assert cache.make_room(300) == 400 and names(folder) == {"new.npy", "limit.json"}
    assert cache.make_room(5000) == 0


def test_that_an_array_and_what_says_which_rows_are_usable_go_together(folder: Path) -> None:
    """Without it, rows that could not be decoded would be taken for black images."""
    keep(folder, "arrays/one.npy", 400, 1)
    keep(folder, "arrays/one.usable.npy", 10, 9)
    keep(folder, "arrays/two.npy", 400, 5)
    limited(500)
    assert names(folder) == {"one.npy", "one.usable.npy", "limit.json"}


def test_that_what_is_in_use_stays_in_every_process(folder: Path) -> None:
    path = keep(folder, "arrays/used.npy", 400, 5)
    keep(folder, "arrays/used.usable.npy", 10, 5)
    keep(folder, "arrays/other.npy", 400, 1)
    program = "import sys; from tlstudio.core.cache import make_room, clear_cache\n"
    cache.set_cache_limit(0)
    with cache.hold(path):
        for call in ("make_room()", "clear_cache()"):
            run = [sys.executable, "-c", f"{program}print({call})"]
            assert subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip() == "410"
    assert names(folder) == {"used.npy", "used.usable.npy", "limit.json"}
    assert cache.make_room() == 0 and names(folder) == {"limit.json"}


def test_that_only_abandoned_halves_are_taken_away(folder: Path) -> None:
    keep(folder, "arrays/.half.77.npy", 400, 0.1)
    keep(folder, "arrays/.half.78.npy", 400, 2)
    limited(0)
    assert names(folder) == {".half.77.npy", "limit.json"}


def test_that_a_used_index_is_not_the_first_to_go(folder: Path, tmp_path: Path) -> None:
    index = ImageIndex(tmp_path)
    index.keep_findings("something", [])
    index.save()
    os.utime(index.path, (NOW - 1e6,) * 2)
    keep(folder, "arrays/old.npy", 400, 1)
    ImageIndex(tmp_path)
    limited(399)
    assert names(folder) == {index.path.name, "limit.json"}
