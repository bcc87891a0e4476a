"""A run whose memory falls short saves, waits, goes on by itself, and says so."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from tests.engine.runs import Run
from tlstudio.core import events, requests
from tlstudio.core.control import Control
from tlstudio.core.model.reading import open_model
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.run_folder import RunRecorder
from tlstudio.core.states import newest_state
from tlstudio.core.strategy import make_plan
from tlstudio.core.watch import Watch
from tlstudio.engine import training
from tlstudio.engine.jobs import run_job

pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning:keras.*")


class Machine:
    """Its free memory falls in the second epoch, and comes back when it was asked for ``looks`` times."""

    def __init__(self, looks: int) -> None:
        self.is_short, self.looks = False, looks

    def memory(self) -> int:
        self.looks -= self.is_short
        return 10_000_000 if self.is_short and self.looks > 0 else 8_000_000_000

    def on_event(self, event: events.Event, _control: Control) -> None:
        if isinstance(event, events.EpochFinished) and event.epoch == 2:
            self.is_short = True


@pytest.fixture
def plan(sample: Path, few_images: Path) -> TrainingPlan:
    made = make_plan(open_model(sample / "model.hdf5"), str(few_images), "features")
    return msgspec.structs.replace(made, epochs=4, batch_size=4)


def watched(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(10**6))  # each look counts as a second
    monkeypatch.setattr(training, "Watch", lambda run: Watch(run, machine.memory, clock=lambda: float(next(clock))))


def test_that_a_run_waits_for_memory_and_goes_on_by_itself(
    plan: TrainingPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(looks=3)
    watched(machine, monkeypatch)
    run = Run(tmp_path / "run", plan, machine.on_event)
    kinds = [type(event) for event in run.events]
    at = kinds.index(events.Paused)
    told = [event.code for event in run.events[:at] if isinstance(event, events.Noticed)]
    assert told[-1] == "memory_low" and events.CheckpointWritten in kinds[at - 2 : at], "saved before it waits"
    assert kinds[at + 1] is events.Continued and run.finished.epochs == 4


def test_that_a_run_nobody_waits_for_ends_with_a_sentence_and_can_be_resumed(
    plan: TrainingPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched(machine := Machine(looks=10**9), monkeypatch)
    said: list[Any] = []
    recorder = RunRecorder(tmp_path / "run", plan)

    def emit(event: events.Event) -> None:
        recorder.handle(event)
        said.append(event)
        machine.on_event(event, Control())

    run_job(requests.Train(plan=plan, run=str(tmp_path / "run"), waits=0.2), Control(), emit)
    recorder.close()
    assert said[-1].code == "memory_ended" and "resume it" in said[-1].message
    assert newest_state(tmp_path / "run") is not None
    monkeypatch.undo()
    assert Run(tmp_path / "run", plan, resume=True).finished.epochs == 4


def test_that_a_device_without_memory_for_a_batch_gets_it_in_parts(
    plan: TrainingPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tlstudio.engine.runtime import tf
    from tlstudio.engine.steps import Steps

    real, most = Steps.train, 1

    def small_device(self: Steps, x: Any, labels: Any, weights: Any, parts: int = 1) -> Any:
        if len(labels) / parts > most:
            raise tf.errors.ResourceExhaustedError(None, None, "out of memory")
        return real(self, x, labels, weights, parts)

    whole = Run(tmp_path / "whole", plan)
    monkeypatch.setattr(Steps, "train", small_device)
    run = Run(tmp_path / "small", plan)
    halved = [event.facts["parts"] for event in run.of(events.Noticed) if event.code == "batch_halved"]
    assert halved == [2, 4]
    for one, other in zip(whole.model.get_weights(), run.model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    most = 0
    failed = Run(tmp_path / "none", plan).events[-1]
    assert failed.code == "out_of_memory"
