"""How a run ended that could not say so itself: its worker was ended, or died."""

import time

from tlstudio.core import events
from tlstudio.core.plan import TrainingPlan


class RunSummary:
    """Watches a run's events and makes its ``RunFinished`` where the job sends none."""

    def __init__(self, run: str, plan: TrainingPlan) -> None:
        self._run, self._plan = run, plan
        self._began = time.monotonic()
        self._epochs = 0
        self._best: events.BestEpoch | None = None
        self._kept: dict[str, str] = {}
        self._stage: events.StageStarted | None = None
        self._skipped = 0

    def watch(self, event: events.Event) -> None:
        match event:
            case events.EpochFinished():
                self._epochs = event.epoch
                if event.is_best:
                    best = events.BestEpoch(
                        epoch=event.epoch, val_accuracy=event.val_accuracy, val_loss=event.val_loss
                    )
                    self._best = best
            case events.CheckpointWritten():
                self._kept[event.kind] = event.path
            case events.StageStarted():
                self._stage = event
            case events.ImageSkipped():
                self._skipped += 1

    def finish(self, stopped: str) -> events.RunFinished:
        """The end of the run as far as it is known; that frozen weights are unchanged was not proved."""
        return events.RunFinished(
            run=self._run,
            strategy=self._plan.strategy,
            epochs=self._epochs,
            seconds=time.monotonic() - self._began,
            stopped=stopped,
            best=self._best,
            test=None,
            checkpoints=events.Checkpoints(best=self._kept.get("best"), last=self._kept.get("last")),
            frozen_unchanged=None,
            trainable_parameters=self._stage.trainable_parameters if self._stage else 0,
            cached_layers=self._stage.cached_layers if self._stage else 0,
            skipped=self._skipped,
        )
