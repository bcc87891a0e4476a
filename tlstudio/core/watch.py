"""Watching memory and disk while a run goes on, so that it can save and wait before the edge.

Beyond the edge there is nothing to catch: a process that takes more memory than it may is killed, or dies of a
segmentation fault.
"""

import time
from collections.abc import Callable
from pathlib import Path

from tlstudio.core import states
from tlstudio.core.events import Noticed
from tlstudio.core.machine import free_disk, free_memory, in_words, total_memory
from tlstudio.core.notices import notice

SECONDS_BETWEEN = 1.0  # a look costs some 0.2 ms, a batch of a small network hardly more
# Saving takes memory itself (a state is serialised before it is written), and so does going on; 3 % is where the
# kernel begins to reclaim in earnest, and 200 MB is a state of a middling network with Adam's two slots.
LEAST_SHARE, LEAST_MEMORY = 0.03, 200_000_000
# A state, and perhaps a best model of the same size, are written beside those that are there; once more for what
# else writes to this disk meanwhile. The log and the history are within the constant, which is small since disks may
# be: a memory card, a quota.
STATES_TO_WRITE, LEAST_DISK = 3, 4_000_000
# What came back must be clearly more than what was missing, or the run would stop and go on in turns.
MARGIN = 1.5


def least_memory(total: int) -> int:
    """Bytes below which a run waits, on a machine with ``total``."""
    return int(max(LEAST_SHARE * total, LEAST_MEMORY))


class Watch:
    """Looks at free memory and at the disk of a run.

    ``memory`` and ``disk`` give free bytes, ``total`` the bytes of memory that there are; ``clock`` seconds.
    """

    def __init__(
        self,
        run: Path,
        memory: Callable[[], int] = free_memory,
        disk: Callable[[Path], int] = free_disk,
        total: Callable[[], int] = total_memory,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.run = run
        self._memory, self._disk, self._clock = memory, disk, clock
        self._least_memory = least_memory(total())
        self._looked: float | None = None
        self._seen: Noticed | None = None

    def shortage(self) -> Noticed | None:
        """What is short, as the remark to make (``memory_low`` or ``disk_low``), or None.

        Looks at most once a second; in between the answer stays what it was. A disk that can't be asked is not
        short: writing to it will say what is wrong.
        """
        now = self._clock()
        if self._looked is None or now - self._looked >= SECONDS_BETWEEN:
            self._looked, self._seen = now, self._look(1.0)
        return self._seen

    def is_over(self) -> bool:
        """Whether a run that waits may go on: now there is half as much again as makes it wait."""
        is_over = self._look(MARGIN) is None
        if is_over:
            self._looked, self._seen = self._clock(), None
        return is_over

    def _look(self, margin: float) -> Noticed | None:
        free = self._memory()
        if free < margin * self._least_memory:
            return notice("memory_low", free=in_words(free))
        try:
            free = self._disk(self.run)
        except OSError:
            return None
        if free < margin * (STATES_TO_WRITE * self._state_size() + LEAST_DISK):
            return notice("disk_low", free=in_words(free))
        return None

    def _state_size(self) -> int:
        """Bytes of the largest checkpoint, of either kind, that the run has written."""
        sizes = [0]
        for path in [path for _number, path in states.states(self.run)] + list(self._best_models()):
            try:
                sizes.append(path.stat().st_size)
            except OSError:
                continue  # pruned or replaced meanwhile
        return max(sizes)

    def _best_models(self) -> list[Path]:
        return list((self.run / "checkpoints").glob("best.*"))
