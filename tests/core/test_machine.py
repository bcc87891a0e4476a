"""What the machine has for a process, and watching it: with readings that are given, and with real limits."""

import mmap
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.conftest import PROJECT
from tlstudio.core import cgroups, machine
from tlstudio.core.watch import LEAST_DISK, Watch

MB = 1_000_000


def written(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_that_the_tightest_group_of_version_2_counts_and_idle_pages_of_files_are_free(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        {
            "proc/self/cgroup": "0::/jobs/job7\n",
            "sys/fs/cgroup/cpu.max": "max 100000\n",
            "sys/fs/cgroup/jobs/memory.max": "1000\n",
            "sys/fs/cgroup/jobs/memory.current": "900\n",
            "sys/fs/cgroup/jobs/memory.stat": "anon 500\ninactive_file 300\n",
            "sys/fs/cgroup/jobs/cpu.max": "150000 100000\n",
            "sys/fs/cgroup/jobs/job7/memory.max": "max\n",
            "sys/fs/cgroup/jobs/job7/memory.current": "900\n",
        },
    )
    assert cgroups.memory_limit(root) == 1000
    assert cgroups.memory_left(root) == 400
    assert cgroups.processors(root) == 1.5


def test_that_groups_of_version_1_count_where_a_container_shows_only_its_top(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        {
            "proc/self/cgroup": "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n0::/\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "2000\n",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": "1500\n",
            "sys/fs/cgroup/memory/memory.stat": "inactive_file 1\ntotal_inactive_file 100\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "200000\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
        },
    )
    assert cgroups.memory_left(root) == 600
    assert cgroups.processors(root) == 2.0


def test_that_groups_without_a_limit_bound_nothing(tmp_path: Path) -> None:
    assert cgroups.memory_left(tmp_path) is None and cgroups.processors(tmp_path) is None
    root = written(
        tmp_path,
        {
            "proc/self/cgroup": "4:memory:/\n3:cpu:/\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": "1500\n",
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
        },
    )
    assert cgroups.memory_limit(root) is None and cgroups.processors(root) is None


@pytest.mark.skipif(sys.platform == "win32", reason="such limits are POSIX")
@pytest.mark.parametrize("limit", ["RLIMIT_AS", "RLIMIT_DATA"])
def test_that_a_limit_of_the_process_bounds_its_free_memory_and_what_it_takes_counts(limit: str) -> None:
    program = f"""
import resource
resource.setrlimit(resource.{limit}, (600_000_000, resource.RLIM_INFINITY))
from tlstudio.core.machine import free_memory, total_memory
before = free_memory()
taken = bytearray(200_000_000)
print(before, before - free_memory(), total_memory())
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True)
    before, fell, total = map(int, done.stdout.split())
    assert 200_000_000 < before < 600_000_000
    assert 200_000_000 <= fell < 210_000_000
    assert total <= 600_000_000


def test_that_memory_is_at_most_the_systems_and_own_memory_grows_with_what_is_taken() -> None:
    assert 0 < machine.free_memory() <= psutil.virtual_memory().total
    assert machine.free_memory() <= machine.total_memory() <= psutil.virtual_memory().total
    before = machine.own_memory()
    with mmap.mmap(-1, 50 * MB) as taken:  # pages of its own: Python may hold free ones from before
        taken.write(bytes(50 * MB))
        assert machine.own_memory() - before > 0.9 * len(taken)


def test_that_the_disk_of_a_folder_to_be_made_is_that_of_its_parent(tmp_path: Path) -> None:
    free = machine.free_disk(tmp_path / "not" / "there")
    assert free > 0 and abs(free - machine.free_disk(tmp_path)) < 1000 * MB


@pytest.mark.skipif(sys.platform != "linux", reason="affinity is Linux's")
def test_that_a_process_that_is_bound_to_one_processor_has_one() -> None:
    program = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "
        "from tlstudio.core.machine import cores; print(cores())"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"


@pytest.mark.parametrize(("size", "words"), [(85 * MB, "85 MB"), (999 * MB, "999 MB"), (2_440 * MB, "2.4 GB")])
def test_that_bytes_are_said_in_the_unit_that_suits_them(size: int, words: str) -> None:
    assert machine.in_words(size) == words


class Readings:
    """A machine whose figures a test sets; counts how often it was looked at."""

    def __init__(self, memory: int, disk: int, total: int = 8_000 * MB) -> None:
        self.free, self.on_disk, self.total, self.now, self.looks = memory, disk, total, 0.0, 0

    def watch(self, run: Path) -> Watch:
        return Watch(run, self._memory, lambda _run: self.on_disk, lambda: self.total, lambda: self.now)

    def _memory(self) -> int:
        self.looks += 1
        return self.free


def test_that_a_run_waits_when_memory_falls_and_goes_on_only_when_clearly_more_is_free(tmp_path: Path) -> None:
    readings = Readings(memory=4_000 * MB, disk=50_000 * MB)
    watch = readings.watch(tmp_path)
    assert watch.shortage() is None
    readings.free, readings.now = 230 * MB, 5.0
    found = watch.shortage()
    assert found is not None and found.code == "memory_low" and "230 MB" in found.message
    readings.free = 300 * MB
    assert not watch.is_over()  # 240 MB make it wait, 360 MB let it go on
    readings.free = 370 * MB
    assert watch.is_over()
    assert watch.shortage() is None


def test_that_it_looks_once_a_second_and_answers_by_what_it_saw_in_between(tmp_path: Path) -> None:
    readings = Readings(memory=10 * MB, disk=50_000 * MB)
    watch = readings.watch(tmp_path)
    assert watch.shortage() is not None
    readings.free = 4_000 * MB
    for now in (0.2, 0.5, 0.99):
        readings.now = now
        assert watch.shortage() is not None
    assert readings.looks == 1
    readings.now = 1.0
    assert watch.shortage() is None and readings.looks == 2


def test_that_a_small_machine_keeps_200_mb_and_a_large_one_3_percent(tmp_path: Path) -> None:
    small = Readings(memory=190 * MB, disk=50_000 * MB, total=1_000 * MB)
    assert small.watch(tmp_path).shortage() is not None
    small.free = 210 * MB
    assert small.watch(tmp_path).shortage() is None
    large = Readings(memory=1_800 * MB, disk=50_000 * MB, total=64_000 * MB)
    assert large.watch(tmp_path).shortage() is not None


def test_that_the_disk_must_hold_the_next_checkpoints(tmp_path: Path) -> None:
    readings = Readings(memory=4_000 * MB, disk=2 * LEAST_DISK)
    watch = readings.watch(tmp_path)
    assert watch.shortage() is None
    states = tmp_path / "checkpoints" / "last"
    states.mkdir(parents=True)
    with (states / f"state-000001-{'0' * 64}.npz").open("wb") as file:
        file.truncate(200 * MB)
    least = 3 * 200 * MB + LEAST_DISK
    readings.now, readings.on_disk = 2.0, least - MB
    found = watch.shortage()
    assert found is not None and found.code == "disk_low" and machine.in_words(least - MB) in found.message
    readings.on_disk = int(1.5 * least) - MB
    assert not watch.is_over()
    readings.on_disk = int(1.5 * least) + MB
    assert watch.is_over()


def test_that_a_disk_that_cannot_be_asked_does_not_stop_a_run(tmp_path: Path) -> None:
    def gone(_run: Path) -> int:
        raise OSError("stale file handle")

    assert Watch(tmp_path, lambda: 4_000 * MB, gone, lambda: 8_000 * MB).shortage() is None
