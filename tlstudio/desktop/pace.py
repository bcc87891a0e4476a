"""How long a job may say nothing: when its silence is worth a word, and when it is taken for dead. Qt-free."""

from tlstudio.core import events

SILENCE_PREPARING = 1800.0  # seconds; building the graph of a large network takes minutes and says nothing meanwhile
SILENCE_TRAINING = 120.0  # at least; and at least so many times the longest step so far:
SILENCE_FACTOR = 30.0
SLOW_AFTER = 10.0  # seconds; at least; and at least so many times the longest usual step:
SLOW_FACTOR = 10.0


class Pace:
    """Watches when events come. Times are seconds of any steady clock.

    A stage's first step is no usual one: it compiles. What follows an epoch's last batch (validation, checkpoints)
    is no step at all, so only silence between two batches of an epoch counts as slow.
    """

    def __init__(self, now: float, slow_after: float = SLOW_AFTER) -> None:
        self._slow_after = slow_after
        self._last = now
        self._longest = self._usual = 0.0
        self._limit = SILENCE_PREPARING
        self._is_within_epoch = self._is_told = False
        self.is_paused = False  # by the job itself; silence is then what was meant

    def take(self, event: events.Event, now: float) -> None:
        gap, self._last, self._is_told = now - self._last, now, False
        match event:
            case events.Batches():
                self._longest = max(self._longest, gap)
                self._limit = max(SILENCE_TRAINING, SILENCE_FACTOR * self._longest)
                if self._is_within_epoch:
                    self._usual = max(self._usual, gap)
                self._is_within_epoch, self.is_paused = event.steps[-1] < event.steps_per_epoch, False
            case events.Preparing() | events.StageStarted():
                self._limit, self._is_within_epoch = SILENCE_PREPARING, False
            case events.Paused() | events.Continued():
                self.is_paused, self._is_within_epoch = isinstance(event, events.Paused), False
            case events.EpochFinished() | events.Stopping():
                self._is_within_epoch = False

    def resume(self, now: float) -> None:
        """Silence before now was asked for."""
        self._last = now

    def is_silent(self, now: float) -> float | None:
        """For how many seconds the job has said nothing, where that is too long; else None."""
        silence = now - self._last
        return silence if silence > self._limit and not self.is_paused else None

    def slow_step(self, now: float) -> tuple[float, float] | None:
        """Once in each silence: its seconds so far, and those of the longest usual step."""
        silence = now - self._last
        if self._is_told or self.is_paused or not self._is_within_epoch or not self._usual:
            return None
        if silence < max(self._slow_after, SLOW_FACTOR * self._usual):
            return None
        self._is_told = True
        return silence, self._usual
