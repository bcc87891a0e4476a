"""The measurement that advice is made from: begun in the background, kept in memory, and given way to all else."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from tlstudio.core import events
from tlstudio.core.advice.taken_over import MEASURED
from tlstudio.core.errors import TLStudioError
from tlstudio.core.notices import failure_of
from tlstudio.core.plan import TrainingPlan
from tlstudio.desktop.advising import Advising
from tlstudio.desktop.log_view import LogView
from tlstudio.desktop.training_thread import TrainingThread
from tlstudio.desktop.workspace import Workspace

if TYPE_CHECKING:
    from tlstudio.core.advice.recommendation import Recommendation

CALM = 800  # milliseconds without a change that decides; edits come in rows
KEPT = 8  # measurements; each is some kilobytes

Phase = Literal["nothing", "waiting", "working", "measured", "failed", "stopped"]


@dataclass(frozen=True)
class Standing:
    """Where the measurement of what is open stands. ``waiting``: it will begin by itself. ``stopped``: by the person.

    ``work``, ``done`` and ``total`` are about the work of the ``working`` phase; 0: unknown. ``advice``: what follows
    from what was ``measured``; where it is missing, ``failure`` says why none could be given."""

    phase: Phase = "nothing"
    work: str = ""
    done: int = 0
    total: int = 0
    measured: events.Measured | None = None
    advice: "Recommendation | None" = None
    failure: events.JobFailed | None = None

    @property
    def is_coming(self) -> bool:
        return self.phase in {"waiting", "working"}


@dataclass(frozen=True)
class _Subject:
    """What is measured. ``stamps``: of the images and of the model's file, which may be others under one name."""

    plan: TrainingPlan = field(default_factory=TrainingPlan)
    stamps: tuple[str, int] = ("", 0)


class Measuring(QObject):
    """Follows the workspace. ``is_automatic``: begin by itself, once nothing has changed for a moment."""

    changed = Signal(object)  # the standing
    held = Signal(bool)  # whether something else has the worker

    def __init__(self, thread: TrainingThread, space: Workspace, log: LogView, parent: QObject) -> None:
        super().__init__(parent)
        self._thread, self._space, self._log = thread, space, log
        self.standing = Standing()
        self.is_automatic = True
        self._is_held = False  # something else has the worker
        self._subject: _Subject | None = None
        self._asked: TrainingPlan | None = None  # the very object; events of others are of what was given up
        self._kept: list[tuple[_Subject, Standing]] = []
        self._advising = Advising(self)
        self._advising.advised.connect(lambda advice: self._on_advised(advice, None))
        self._advising.failed.connect(lambda error: self._on_advised(None, error))
        self._fresh: events.Measured | None = None  # what advice is being made of
        self._calm = QTimer(self, singleShot=True, interval=CALM)
        self._calm.timeout.connect(self.begin)
        thread.measuring_event_happened.connect(self._on_event)
        for signal in (space.model_changed, space.dataset_changed, space.plan_changed):
            signal.connect(self._follow)

    @property
    def is_held(self) -> bool:
        """Something else has the worker, or is about to."""
        return self._is_held

    # -- what is asked for ------------------------------------------------------------------------------

    def begin(self) -> None:
        """Measure what is open now, unless that is known or under way, or something else has the worker."""
        self._follow()
        self._calm.stop()
        subject = self._subject
        if subject is None or self._is_held or self.standing.phase in {"working", "measured"}:
            return
        self._asked = msgspec.structs.replace(subject.plan)
        self._set(Standing("working"))
        self._thread.measure(self._asked)

    def stop(self) -> None:
        """The person wants no measurement of what is open; ``begin`` starts another."""
        self._calm.stop()
        self._drop()
        if self.standing.is_coming:
            self._set(Standing("stopped"))

    def hold(self, is_held: bool) -> None:
        """``is_held``: something else has the worker, which ends a measurement; it begins anew afterwards."""
        if is_held == self._is_held:
            return
        self._is_held = is_held
        if is_held and self.standing.phase == "working" and self._fresh is None:  # advice needs no worker
            self._drop()
            self._set(Standing("waiting"))
        self._wait()
        self.held.emit(is_held)

    def close(self) -> None:
        """The window closes."""
        self._calm.stop()
        self._is_held = True
        self._drop()

    def _drop(self) -> None:
        self._asked = self._fresh = None
        self._advising.cancel()
        self._thread.drop_measurement()

    # -- what happens -----------------------------------------------------------------------------------

    def _follow(self) -> None:
        subject = self._what_is_open()
        if subject == self._subject:
            return
        if self.standing.phase == "working":
            self._drop()
        self._subject = subject
        known = next((standing for kept, standing in self._kept if _is_of(standing, kept, subject)), None)
        if subject is None:
            self._set(Standing())
        elif known is not None:
            self._set(known)
        else:
            self._set(Standing("waiting"))
        self._wait()

    def _wait(self) -> None:
        self._calm.stop()
        if self.standing.phase == "waiting" and self.is_automatic and not self._is_held:
            self._calm.start()

    def _what_is_open(self) -> _Subject | None:
        """None while there is nothing to measure: no model, no images, or not of a kind that can be trained."""
        from tlstudio.core.data.split import require_trainable

        space = self._space
        if space.model is None or space.plan is None or space.dataset is None or space.split is None:
            return None
        try:
            require_trainable(space.dataset, space.split)
        except TLStudioError:
            return None  # said where the images are shown
        plan = msgspec.structs.replace(TrainingPlan(), **{name: getattr(space.plan, name) for name in MEASURED})
        return _Subject(plan, (space.raw.fingerprint if space.raw else "", _time_of(space.model.path)))

    def _on_event(self, plan: TrainingPlan, event: events.Event) -> None:
        subject = self._subject
        if subject is None or plan is not self._asked:
            return
        match event:
            case events.Preparing():
                self._set(replace(self.standing, work=event.phase, done=event.done, total=event.total))
            case events.Measured():
                self._log.take(event)
                self._advise(event)
            case events.JobFailed():
                self._log.take(event)
                self._set(Standing("failed", failure=event))
            case events.JobStopped():  # for something else, which has been done meanwhile
                self._set(Standing("waiting"))
                self._wait()

    def _advise(self, measured: events.Measured) -> None:
        model, plan = self._space.model, self._space.plan
        if model is not None and plan is not None:
            self._fresh = measured
            self._advising.ask(model, plan, measured)

    def _on_advised(self, advice: "Recommendation | None", error: TLStudioError | None) -> None:
        subject, measured, self._fresh = self._subject, self._fresh, None
        if subject is None or measured is None:
            return
        failure = failure_of(error) if error is not None else None
        if failure is not None:
            self._log.take(failure)
        standing = Standing(
            "measured" if failure is None else "failed", measured=measured, advice=advice, failure=failure
        )
        self._kept = [*self._kept[-KEPT + 1 :], (subject, standing)]
        self._set(standing)

    def _set(self, standing: Standing) -> None:
        if standing != self.standing:
            self.standing = standing
            self.changed.emit(standing)


def _is_of(standing: Standing, kept: _Subject, subject: _Subject | None) -> bool:
    """Advised plans name the scaling that the measurement found, which is then no other one."""
    if subject is None or standing.measured is None:
        return False
    named = msgspec.structs.replace(kept.plan, preprocess=standing.measured.preprocessing)
    return subject.stamps == kept.stamps and subject.plan in (kept.plan, named)


def _time_of(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0  # it was moved away since; whatever reads it says so
