"""The worker process, spoken to over its pipes."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from tests.conftest import PROJECT
from tlstudio.core import events, requests
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.project import load_project
from tlstudio.core.run_folder import create_run_folder


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tlstudio", "--worker"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=PROJECT, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as process:
        yield process
        process.kill()


def tell(worker: subprocess.Popen[bytes], request: requests.Request) -> None:
    worker.stdin.write(requests.encode(request) + b"\n")
    worker.stdin.flush()


def test_that_the_worker_trains_stops_and_ends_with_its_input(
    worker: subprocess.Popen[bytes], sample: Path, tmp_path: Path
) -> None:
    plan = msgspec.structs.replace(load_project(sample / "sample.tlstudio").plan, epochs=100_000, patience=100_000)
    create_run_folder(tmp_path / "run")
    lines = iter(worker.stdout.readline, b"")
    assert isinstance(events.decode(next(lines)), events.WorkerReady)
    tell(worker, requests.Train(plan=plan, run=str(tmp_path / "run")))
    for line in lines:
        event = events.decode(line)  # nothing but events is ever written here
        if isinstance(event, events.EpochFinished) and event.epoch == 2:
            tell(worker, requests.Stop())
        if isinstance(event, events.RunFinished):
            break
    assert event.stopped == "user" and event.epochs < 1000
    worker.stdin.close()
    assert worker.wait(10) == 0


def test_that_a_request_which_is_none_does_no_harm(worker: subprocess.Popen[bytes]) -> None:
    worker.stdin.write(b"{}\nnonsense\n")
    tell(worker, requests.Predict(source="/nowhere", paths=["/nowhere"]))
    kinds = [type(events.decode(worker.stdout.readline())) for _ in range(2)]
    assert kinds == [events.WorkerReady, events.JobFailed]
    tell(worker, requests.Quit())
    assert worker.wait(10) == 0


def test_that_every_kind_of_job_is_answered(worker: subprocess.Popen[bytes], tmp_path: Path) -> None:
    plan = TrainingPlan(model="/nowhere", dataset="/nowhere")
    create_run_folder(tmp_path / "run")
    asked = [
        requests.Train(plan=plan, run=str(tmp_path / "run")),
        requests.FindRate(plan=plan),
        requests.Measure(plan=plan),
        requests.BakeOff(plans=[plan, plan]),
        requests.Evaluate(source="/nowhere", dataset="/nowhere"),
        requests.Predict(source="/nowhere", paths=["/nowhere"]),
        requests.Export(source="/nowhere", format="onnx", out=str(tmp_path / "x.onnx")),
    ]
    assert {type(request) for request in asked} == set(get_args(requests.JobRequest))
    lines = iter(worker.stdout.readline, b"")
    for request in asked:
        tell(worker, request)
        assert any(requests.is_end(request, events.decode(line)) for line in lines), type(request).__name__
    tell(worker, requests.Quit())
    assert worker.wait(10) == 0
