"""What a run has told so far, and how it ended where it could not say so itself: its worker was ended, or died."""

import time
from pathlib import Path

import msgspec

from tlstudio.core import events
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.run_folder import read_events


def events_so_far(run: Path) -> list[events.AnyEvent]:
    """The events in a run's log that still hold: where it was taken up again, later epochs than those it went on
    from are left out. Lines that are no events of this version are passed over; no log at all is no event."""
    try:
        lines = read_events(run)
    except OSError:
        return []
    found: list[events.AnyEvent] = []
    for line in lines:
        try:
            event = msgspec.convert(line, events.AnyEvent)
        except msgspec.ValidationError:
            continue
        if isinstance(event, events.Resumed):
            found = [e for e in found if not isinstance(e, events.EpochFinished) or e.epoch <= event.epoch]
        found.append(event)
    return found


class RunSummary:
    """Watches a run's events and makes its ``RunFinished`` where the job sends none.

    ``before``: what a run that is taken up again told in its earlier parts (``events_so_far``).
    """

    def __init__(self, run: str, plan: TrainingPlan, before: list[events.AnyEvent] | None = None) -> None:
        self._run, self._plan = run, plan
        self._began = time.monotonic()
        self._epochs: list[events.EpochFinished] = []
        self._kept: dict[str, str] = {}
        self._stage: events.StageStarted | None = None
        self._skipped: set[str] = set()
        self._resumed = 0
        for event in before or []:
            self.watch(event)
        self._seconds_before = sum(epoch.seconds for epoch in self._epochs)

    def watch(self, event: events.Event) -> None:
        match event:
            case events.Resumed():
                self._resumed += 1
                self._epochs = [epoch for epoch in self._epochs if epoch.epoch <= event.epoch]
            case events.EpochFinished():
                self._epochs.append(event)
            case events.CheckpointWritten():
                self._kept[event.kind] = event.path
            case events.StageStarted():
                self._stage = event
            case events.ImageSkipped():
                self._skipped.add(event.path)

    def _best(self) -> events.BestEpoch | None:
        for epoch in reversed(self._epochs):
            if epoch.is_best:
                return epoch.as_best()
        return None

    def finish(self, stopped: str) -> events.RunFinished:
        """The end of the run as far as it is known; that frozen weights are unchanged was not proved."""
        return events.RunFinished(
            run=self._run,
            strategy=self._plan.strategy,
            epochs=self._epochs[-1].epoch if self._epochs else 0,
            seconds=self._seconds_before + time.monotonic() - self._began,
            stopped=stopped,
            best=self._best(),
            test=None,
            checkpoints=events.Checkpoints(best=self._kept.get("best"), last=self._kept.get("last")),
            frozen_unchanged=None,
            trainable_parameters=self._stage.trainable_parameters if self._stage else 0,
            cached_layers=self._stage.cached_layers if self._stage else 0,
            skipped=len(self._skipped),
            resumed=self._resumed,
        )
