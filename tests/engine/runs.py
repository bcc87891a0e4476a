"""A run with its events, owned as the command line owns one, and one that is cut off as a kill would."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tlstudio.core import events, requests
from tlstudio.core.control import Control
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.run_folder import RunRecorder
from tlstudio.core.states import newest_state
from tlstudio.engine.checkpoints import read_state
from tlstudio.engine.jobs import run_job

OnEvent = Callable[[Any, Control], None]


class Cut(BaseException):
    """What a kill is to a process; nothing in it may catch this."""


class Run:
    def __init__(
        self,
        folder: Path,
        plan: TrainingPlan,
        on_event: OnEvent | None = None,
        resume: bool = False,
        waits: float | None = None,
    ) -> None:
        self.folder, self.events, self.control = folder, [], Control()
        recorder = RunRecorder(folder, plan, resume)

        def emit(event: events.Event) -> None:
            self.events.extend(recorder.handle(event))
            self.events.append(event)
            if on_event:
                on_event(event, self.control)

        try:
            run_job(requests.Train(plan=plan, run=str(folder), resume=resume, waits=waits), self.control, emit)
        except Cut:
            self.events.append(None)
        recorder.close()

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def finished(self) -> events.RunFinished:
        assert isinstance(self.events[-1], events.RunFinished), self.events[-1]
        return self.events[-1]

    @property
    def model(self) -> keras.Model:
        return keras.models.load_model(self.finished.checkpoints.best)

    @property
    def last_arrays(self) -> dict[str, np.ndarray]:
        """Weights, optimizer and best weights of the newest state."""
        path = newest_state(self.folder)
        assert path is not None
        return read_state(path)[1]


def cut_at(number: int) -> OnEvent:
    """Cut a run off when it says something for the ``number``-th time."""
    left = [number]

    def cut(_event: Any, _control: Control) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Cut

    return cut
