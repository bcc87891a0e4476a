"""What a Linux container or job scheduler lets this process have: memory and processor time of its control groups.

psutil tells of the whole machine. In a container, or under a scheduler such as Slurm, the limit of the group counts:
beyond it the process is killed without a word. Kernel documentation: admin-guide/cgroup-v2 (memory.max, cpu.max) and
admin-guide/cgroup-v1/memory (memory.limit_in_bytes).
"""

from collections.abc import Iterator
from pathlib import Path

NO_LIMIT = 1 << 60  # version 1 writes "none" as the largest multiple of a page below 2**63


def memory_limit(root: Path = Path("/")) -> int | None:
    """Bytes that the tightest of this process's groups may hold; None without a limit."""
    return min((limit for limit, _used in _memory(root)), default=None)


def memory_left(root: Path = Path("/")) -> int | None:
    """Bytes until the first of this process's groups is full; None without a limit."""
    return min((max(limit - used, 0) for limit, used in _memory(root)), default=None)


def processors(root: Path = Path("/")) -> float | None:
    """How many processors' time the groups allow in each period; None without a limit."""
    shares = []
    for folder in _folders(root, "cpu"):
        words = _text(folder / "cpu.max").split() or [
            _text(folder / "cpu.cfs_quota_us").strip(),
            _text(folder / "cpu.cfs_period_us").strip(),
        ]
        if len(words) == 2 and all(word.isdigit() for word in words) and int(words[1]) > 0:
            shares.append(int(words[0]) / int(words[1]))  # "max" and "-1" are no digits
    return min(shares, default=None)


def _memory(root: Path) -> Iterator[tuple[int, int]]:
    """Limit and use of each group that has a limit. Pages of files count as used, and are given up where memory is
    wanted, so those that were not read lately are taken off."""
    for folder in _folders(root, "memory"):
        limit = _number(folder / "memory.max") or _number(folder / "memory.limit_in_bytes")
        if limit is None or limit >= NO_LIMIT:
            continue
        used = _number(folder / "memory.current") or _number(folder / "memory.usage_in_bytes") or 0
        counts = dict(line.split()[:2] for line in _text(folder / "memory.stat").splitlines() if " " in line)
        idle = int(counts.get("total_inactive_file", counts.get("inactive_file", "0")))
        yield limit, max(used - idle, 0)


def _folders(root: Path, controller: str) -> Iterator[Path]:
    """Folders of this process's group and of those that it is in, of both versions, where they are there.

    Inside a container the path may be the host's, of which only the top is to be seen: it is the container's own.
    """
    for line in _text(root / "proc/self/cgroup").splitlines():
        number, _, rest = line.partition(":")
        names, _, path = rest.partition(":")
        if number == "0" and not names:
            tops = [root / "sys/fs/cgroup", root / "sys/fs/cgroup/unified"]
        elif controller in names.split(","):
            tops = [root / "sys/fs/cgroup" / names, root / "sys/fs/cgroup" / controller]
        else:
            continue
        parts = [part for part in path.split("/") if part and part != ".."]
        top = next((top for top in tops if top.is_dir()), None)
        for depth in range(len(parts), -1, -1) if top is not None else ():
            folder = (top or root).joinpath(*parts[:depth])
            if folder.is_dir():
                yield folder


def _number(path: Path) -> int | None:
    text = _text(path).strip()
    return int(text) if text.isdigit() else None


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # no such control, another system, or nothing that we may read
