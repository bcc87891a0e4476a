"""What runs on this machine really took, against what was forecast; later forecasts are corrected by it.

Kept in the cache folder, one ratio a run, the newest ``KEPT`` of each way. A file that is damaged is begun anew.
"""

import contextlib
import math
import statistics
from pathlib import Path

import msgspec

from tlstudio.core.cache import cache_folder
from tlstudio.core.errors import TLStudioError
from tlstudio.core.files import write_atomically

KEPT = 20
USUAL_SPREAD = 1.3  # a forecast without history is off by so much, up or down, in the usual case (core.forecast)
WEIGHT_OF_NONE = 2  # runs that the forecast itself counts as
LEAST_SECONDS = 5.0  # a run that ended sooner tells of its start alone
FARTHEST = 10.0  # times; what is off by more was another matter: a paused machine, another program's work


class History(msgspec.Struct, frozen=True):
    """``ratios``: seconds taken over seconds forecast, the newest last, by way."""

    ratios: dict[str, list[float]] = {}

    def corrected(self, strategy: str, seconds: float) -> tuple[float, float, float]:
        """Seconds to expect, and their range from the least to the most."""
        logs = [math.log(ratio) for ratio in self.ratios.get(strategy, [])]
        if not logs:
            return seconds, seconds / USUAL_SPREAD, seconds * USUAL_SPREAD
        # Pulled towards no correction as long as there are few runs.
        middle = statistics.median(logs) * len(logs) / (len(logs) + WEIGHT_OF_NONE)
        away = statistics.fmean([*(abs(log - middle) for log in logs), *[math.log(USUAL_SPREAD)] * WEIGHT_OF_NONE])
        return (
            seconds * math.exp(middle),
            seconds * math.exp(middle - away),
            seconds * math.exp(middle + away),
        )

    def with_run(self, strategy: str, forecast: float, taken: float) -> "History":
        """The history with one more run; as it is for one that tells nothing."""
        if taken < LEAST_SECONDS or forecast <= 0 or not 1 / FARTHEST <= taken / forecast <= FARTHEST:
            return self
        newest = [*self.ratios.get(strategy, []), taken / forecast][-KEPT:]
        return History({**self.ratios, strategy: newest})


NO_HISTORY = History()


def read_history() -> History:
    """What is kept on this machine; nothing where there is no such file, or a damaged one."""
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode(_place().read_bytes(), type=History)
    return NO_HISTORY


def record_run(strategy: str, forecast: float, taken: float) -> None:
    """Keep what a finished run took; a disk that can't take it is no reason to trouble anyone."""
    before = read_history()
    after = before.with_run(strategy, forecast, taken)
    if after is before:
        return
    with contextlib.suppress(TLStudioError, OSError):
        _place().parent.mkdir(parents=True, exist_ok=True)
        write_atomically(_place(), msgspec.json.encode(after))


def _place() -> Path:
    return cache_folder() / "forecasts.json"
