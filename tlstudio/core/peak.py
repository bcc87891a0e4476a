"""How large the process gets from a moment on: a worker is kept warm, and what it once held was for another job.

Linux forgets a peak when it is asked to (``proc(5)``, ``clear_refs``). Where a system does not, the peak is known
only if it was passed anew.
"""

import contextlib
import sys
from pathlib import Path

import psutil

from tlstudio.core.machine import own_memory


class PeakMemory:
    """Watches from its making on. ``before``: bytes that the process held then."""

    def __init__(self) -> None:
        if sys.platform == "linux":
            with contextlib.suppress(OSError):  # a container may forbid it: then as on other systems
                Path("/proc/self/clear_refs").write_text("5")
        self.before, self._passed = own_memory(), _peak_so_far()

    @property
    def bytes(self) -> int | None:
        """The largest size since; None where the process has never been larger than before."""
        peak = _peak_so_far()
        return peak if peak > self._passed else None


def _peak_so_far() -> int:
    if sys.platform == "linux":
        lines = Path("/proc/self/status").read_text().splitlines()
        return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS
