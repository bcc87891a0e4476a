"""What runs on this machine really took, against what was forecast; later forecasts are corrected by it.

Kept in the cache folder, a ratio a run of time and one of memory, the newest ``KEPT`` of each way. A file that is
damaged is begun anew.
"""

import contextlib
import math
import statistics
from pathlib import Path

import msgspec

from tlstudio.core.cache import cache_folder
from tlstudio.core.errors import TLStudioError
from tlstudio.core.files import write_atomically
from tlstudio.core.forecast import FLOOR, Forecast

KEPT = 20
USUAL_SPREAD = 1.3  # a forecast without history is off by so much, up or down, in the usual case (core.forecast)
WEIGHT_OF_NONE = 2  # runs that the forecast itself counts as
LEAST_SECONDS = 5.0  # a run that ended sooner tells of its start alone
FARTHEST = 10.0  # times; what is off by more was another matter: a paused machine, another program's work
USUAL_ERROR = 0.1  # of forecast memory, in the mean (core.forecast); a run that is known less well tells no more


class History(msgspec.Struct, frozen=True):
    """What was taken over what was forecast, the newest last, by way. ``ratios``: of seconds; ``memory``: of the
    process's bytes at its largest."""

    ratios: dict[str, list[float]] = {}
    memory: dict[str, list[float]] = {}

    def corrected(self, strategy: str, seconds: float) -> tuple[float, float, float]:
        """Seconds to expect, and their range from the least to the most."""
        logs = [math.log(ratio) for ratio in self.ratios.get(strategy, [])]
        if not logs:
            return seconds, seconds / USUAL_SPREAD, seconds * USUAL_SPREAD
        middle = _pulled(logs)
        away = statistics.fmean([*(abs(log - middle) for log in logs), *[math.log(USUAL_SPREAD)] * WEIGHT_OF_NONE])
        return (
            seconds * math.exp(middle),
            seconds * math.exp(middle - away),
            seconds * math.exp(middle + away),
        )

    def corrected_peak(self, strategy: str, peak: int) -> int:
        """Bytes to expect of the process at its largest."""
        return round(peak * self.memory_factor(strategy))

    def memory_factor(self, strategy: str) -> float:
        """What to multiply a forecast of memory by."""
        return math.exp(_pulled([math.log(ratio) for ratio in self.memory.get(strategy, [])]))

    def with_run(self, strategy: str, forecast: float, taken: float) -> "History":
        """The history with one more run; as it is for one that tells nothing."""
        if taken < LEAST_SECONDS or forecast <= 0 or not 1 / FARTHEST <= taken / forecast <= FARTHEST:
            return self
        newest = [*self.ratios.get(strategy, []), taken / forecast][-KEPT:]
        return msgspec.structs.replace(self, ratios={**self.ratios, strategy: newest})

    def with_peak(self, strategy: str, forecast: int, peak: int, before: int, floor: int) -> "History":
        """The history with one more run's memory; as it is for one that tells nothing.

        ``peak``: of the process during the run; ``before``: what it held when the run began; ``floor``: what one
        holds before its first job. What former jobs left behind this one may have used again or not, so a process
        of its own would have taken something between what the run added to the floor and the peak. Where that range
        is narrow, the peak counts, to be on the safe side; where it is wide, what of it is nearest to the forecast,
        unless the forecast lies within it.
        """
        least, ratio = min(floor + peak - before, peak), peak / forecast
        if peak - least > USUAL_ERROR * peak:
            ratio = min(max(1.0, least / forecast), ratio)
            if ratio == 1.0:
                return self
        if not 1 / FARTHEST <= ratio <= FARTHEST:
            return self
        newest = [*self.memory.get(strategy, []), ratio][-KEPT:]
        return msgspec.structs.replace(self, memory={**self.memory, strategy: newest})


def _pulled(logs: list[float]) -> float:
    """Their middle, pulled towards no correction as long as there are few runs."""
    return statistics.median(logs) * len(logs) / (len(logs) + WEIGHT_OF_NONE) if logs else 0.0


NO_HISTORY = History()


def read_history() -> History:
    """What is kept on this machine; nothing where there is no such file, or a damaged one."""
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode(_place().read_bytes(), type=History)
    return NO_HISTORY


def record_run(strategy: str, forecast: Forecast, seconds: float | None, peak: int | None, before: int) -> None:
    """Keep what a finished run took (see ``with_run`` and ``with_peak``). ``seconds``: None of one that ended before
    its last planned epoch, which the forecast goes up to; ``peak``: None where it is not known. A disk that can't
    take it is no reason to trouble anyone."""
    former = read_history()
    after = former if seconds is None else former.with_run(strategy, forecast.seconds, seconds)
    if peak is not None:
        after = after.with_peak(strategy, forecast.peak_bytes, peak, before, FLOOR)
    if after is former:
        return
    with contextlib.suppress(TLStudioError, OSError):
        _place().parent.mkdir(parents=True, exist_ok=True)
        write_atomically(_place(), msgspec.json.encode(after))


def _place() -> Path:
    return cache_folder() / "forecasts.json"
