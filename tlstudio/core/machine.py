"""What this machine has for this process: memory, disk, processors. Bytes and counts, read anew at each call."""

import math
import os
import shutil
import sys
from pathlib import Path

import psutil

from tlstudio.core import cgroups


def free_memory() -> int:
    """Bytes that this process may still take, before swapping and before any of its limits.

    That is what the system calls available, bounded by the control groups and by the process's own limits on its
    address space and data (``ulimit -v``, ``ulimit -d``).
    """
    bounds = [psutil.virtual_memory().available, cgroups.memory_left()]
    used = psutil.Process().memory_info()
    # "data" is what the kernel holds against RLIMIT_DATA: private memory that can be written, and the stack.
    bounds += [_left_of("RLIMIT_AS", used.vms), _left_of("RLIMIT_DATA", getattr(used, "data", 0))]
    return max(min(bound for bound in bounds if bound is not None), 0)


def total_memory() -> int:
    """Bytes that this process could have on an otherwise idle machine."""
    bounds = [psutil.virtual_memory().total, cgroups.memory_limit()]
    bounds += [_left_of("RLIMIT_AS", 0), _left_of("RLIMIT_DATA", 0)]
    return min(bound for bound in bounds if bound is not None)


def own_memory() -> int:
    """Bytes of memory that this process holds now (its resident set)."""
    return int(psutil.Process().memory_info().rss)


def free_disk(path: Path) -> int:
    """Bytes that may still be written where ``path`` is, or will be. Raises ``OSError`` if that can't be told."""
    place = path.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    return shutil.disk_usage(place).free


def cores() -> int:
    """Processors that this process may use: those that it is bound to, and its control groups' share of time."""
    bound = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    share = cgroups.processors()
    return bound if share is None else max(min(bound, math.ceil(share)), 1)


def in_words(size: float) -> str:
    """Bytes for people, such as 850 MB or 2.4 GB (powers of ten, as file managers count)."""
    return f"{size / 1e9:.1f} GB" if size >= 999.5e6 else f"{size / 1e6:.0f} MB"


def _left_of(limit: str, used: int) -> int | None:
    if sys.platform == "win32":
        return None  # job objects limit by what psutil sees
    import resource

    allowed = resource.getrlimit(getattr(resource, limit))[0] if hasattr(resource, limit) else resource.RLIM_INFINITY
    return None if allowed == resource.RLIM_INFINITY else max(allowed - used, 0)
