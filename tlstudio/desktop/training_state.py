"""Where a run stands, made from its events one by one. Qt-free; the training panel renders it."""

import time
from typing import Literal

import msgspec

from tlstudio.core import events

Phase = Literal["idle", "preparing", "training", "paused", "stopping", "ended"]
WAITS = {"memory_low", "disk_low"}  # remarks behind which a run pauses by itself
SLOW = "step_slow"


class TrainingState(msgspec.Struct, frozen=True, kw_only=True):
    """``run`` is the name of its folder. ``work``, ``done`` and ``total`` are about the work of the ``preparing``
    phase; 0: unknown. ``remark``: why the run waits, or that it is slow, as long as that holds."""

    phase: Phase = "idle"
    run: str = ""
    work: str = ""
    done: int = 0
    total: int = 0
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps: int = 0
    stage: str = ""
    without_gain: int = 0
    patience: int = 0
    best: events.BestEpoch | None = None
    epoch_seconds: tuple[float, ...] = ()
    forecast: events.Forecast | None = None
    remark: events.Noticed | None = None
    ended: events.Event | None = None

    @property
    def is_running(self) -> bool:
        return self.phase not in {"idle", "ended"}

    @property
    def can_pause(self) -> bool:
        return self.phase in {"preparing", "training", "paused"}

    @property
    def seconds_an_epoch(self) -> float | None:
        """Of the stage's last epochs; the first is left out where there are others: it compiles."""
        times = self.epoch_seconds[1:] or self.epoch_seconds
        return sum(times[-10:]) / len(times[-10:]) if times else None

    @property
    def seconds_left(self) -> float | None:
        """Until the last epoch that is planned, by the epochs so far; early stopping makes it less."""
        each = self.seconds_an_epoch
        if each is None or self.phase not in {"training", "paused"}:
            return None
        within = self.step / self.steps if self.steps else 0.0
        return max(self.epochs - self.epoch + 1 - within, 0.0) * each

    @property
    def share_done(self) -> float | None:
        """Of the epochs, 0 to 1; None while it is unknown."""
        if self.phase == "preparing":
            return self.done / self.total if self.total else None
        if not self.epochs:
            return None
        within = self.step / self.steps if self.steps else 0.0
        return min((max(self.epoch - 1, 0) + within) / self.epochs, 1.0)


def started(run: str) -> TrainingState:
    """A run that was asked for and has not spoken yet."""
    return TrainingState(phase="preparing", work="network", run=run)


def after(state: TrainingState, event: events.Event) -> TrainingState:
    """The state that an event leads to."""
    change = msgspec.structs.replace
    match event:
        case events.RunStarted():
            return change(state, epochs=event.epochs, patience=event.patience)
        case events.Resumed():
            best = state.best if state.best is not None and state.best.epoch <= event.epoch else None
            return change(state, epoch=event.epoch + 1, step=event.step, steps=0, stage=event.stage, best=best)
        case events.Forecast():
            return change(state, forecast=event)
        case events.Noticed() if event.code in WAITS or event.code == SLOW:
            return change(state, remark=event)
        case events.Preparing():
            phase: Phase = state.phase if state.phase in {"stopping", "paused"} else "preparing"
            return change(state, phase=phase, work=event.phase, done=event.done, total=event.total)
        case events.StageStarted():
            return change(state, stage=event.stage, without_gain=0, epoch_seconds=(), step=0, steps=0)
        case events.Batches():
            phase = "training" if state.phase == "preparing" else state.phase
            step, steps = event.steps[-1], event.steps_per_epoch
            return change(state, phase=phase, epoch=event.epoch, step=step, steps=steps, remark=None)
        case events.EpochFinished():
            best = event.as_best() if event.is_best else state.best
            return change(
                state,
                epoch=event.epoch,
                step=state.steps,
                best=best,
                without_gain=event.epochs_without_gain,
                epoch_seconds=(*state.epoch_seconds[-20:], event.seconds),
                remark=None,
            )
        case events.Paused():
            return change(state, phase="paused")
        case events.Continued():
            return change(state, phase="training", remark=None)
        case events.Stopping():
            return change(state, phase="stopping", remark=None)
        case events.RunFinished() | events.JobFailed() | events.JobStopped():
            return change(state, phase="ended", ended=event, remark=None)
    return state


def so_far(state: TrainingState, before: list[events.AnyEvent]) -> TrainingState:
    """The state of a run that is taken up again: what its earlier parts tell of epochs, and nothing of their ends."""
    phase = state.phase
    for event in before:
        if isinstance(event, (events.RunStarted, events.Resumed, events.StageStarted, events.EpochFinished)):
            state = after(state, event)
    return msgspec.structs.replace(state, phase=phase, epoch_seconds=())


class Clock:
    """Counts the seconds of a run without its pauses."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._paused_at: float | None = None
        self._paused = 0.0

    def pause(self) -> None:
        if self._paused_at is None:
            self._paused_at = time.monotonic()

    def resume(self) -> None:
        if self._paused_at is not None:
            self._paused += time.monotonic() - self._paused_at
            self._paused_at = None

    @property
    def seconds(self) -> float:
        until = self._paused_at if self._paused_at is not None else time.monotonic()
        return until - self._began - self._paused
