"""Power cuts: runs that are killed at any moment end with the bits of the one that was not."""

import contextlib
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from tlstudio.core.documents import save_document
from tlstudio.core.model.reading import open_model
from tlstudio.core.plan import Head, HeadFirst, Optimizer, Schedule, TrainingPlan
from tlstudio.core.run_folder import read_history
from tlstudio.core.states import newest_state
from tlstudio.core.strategy import make_plan
from tlstudio.engine.checkpoints import read_state

KILLS = 20


def start(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tlstudio", *map(str, arguments), "--json"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def answer(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, said = process.communicate(timeout=240)
    assert process.returncode == 0, said
    found: dict[str, Any] = json.loads(out)
    return found


def hashes(run: Path) -> dict[str, str]:
    """Of all that training has made: weights, the optimizer's variables, the best weights."""
    path = newest_state(run)
    assert path is not None
    return {name: hashlib.sha256(values.tobytes()).hexdigest() for name, values in read_state(path)[1].items()}


def numbers(run: Path) -> list[list[float | None]]:
    return [[value for name, value in row.items() if name != "seconds"] for row in read_history(run)]


@pytest.fixture
def plan(sample: Path, tmp_path: Path) -> Path:
    """Dropout, augmentation, momentum, warm-up and a schedule, in two stages; some twenty seconds of training."""
    made = make_plan(open_model(sample / "model.hdf5"), str(sample / "images"), "finetune")
    made = msgspec.structs.replace(
        made,
        head=Head(hidden=(16,), dropout=0.3),
        head_first=HeadFirst(epochs=4),
        optimizer=Optimizer(name="adam", learning_rate=1e-4),
        schedule=Schedule(kind="cosine", warmup=1.0),
        augment="light",
        batch_size=4,
        epochs=24,
        patience=24,
    )
    save_document(made, tmp_path / "plan.json")
    return tmp_path / "plan.json"


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
def test_that_a_run_killed_twenty_times_ends_with_the_same_bits(sample: Path, plan: Path, tmp_path: Path) -> None:
    model, images, chance = sample / "model.hdf5", sample / "images", random.Random(5)
    whole = answer(start("train", model, images, "--plan", plan, "--out", tmp_path / "whole"))
    run = tmp_path / "killed"
    process = start("train", model, images, "--plan", plan, "--out", run)
    kills = 0
    while kills < KILLS:
        log = run / "events.jsonl"
        size = log.stat().st_size if log.exists() else 0
        while process.poll() is None and (not log.exists() or log.stat().st_size <= size):
            time.sleep(0.01)  # until it has something to say
        time.sleep(chance.uniform(0.0, 2.5))  # in a batch, a validation, a save, or before the first
        if process.poll() is not None:
            break
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += 1
        process = start("resume", run) if newest_state(run) else _anew(run, model, images, plan)
    last = answer(process)
    assert kills == KILLS, "the run is too short for the test"
    assert last["resumed"] >= 1 and last["best"] == whole["best"] and last["test"] == whole["test"]
    assert hashes(run) == hashes(tmp_path / "whole")
    assert numbers(run) == numbers(tmp_path / "whole")


def _anew(run: Path, model: Path, images: Path, plan: Path) -> subprocess.Popen[str]:
    """It was killed before its first checkpoint."""
    import shutil

    shutil.rmtree(run)
    return start("train", model, images, "--plan", plan, "--out", run)


SAVING = """
import os, random, signal, sys, time
from pathlib import Path
import numpy as np
from tlstudio.core import events
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.run_folder import RunRecorder
from tlstudio.core.states import newest_state, states
from tlstudio.engine.checkpoints import Checkpointer, read_state

run, chance, last = Path(sys.argv[1]), random.Random(1), 0
values = np.arange(2_000_000, dtype=np.float32)
first = RunRecorder(run, TrainingPlan())
first.handle(events.Continued())  # a run that has not begun leaves no folder
first.close()

def save_for_ever():
    recorder = RunRecorder(run, TrainingPlan(), resume=True)
    checkpoints = Checkpointer(run, "keras", recorder.handle)
    number = last
    while True:
        number += 1
        checkpoints.write_state({"number": number}, {"model/0": values + number}, number)

for kill in range(100):
    child = os.fork()
    if child == 0:
        save_for_ever()
    time.sleep(chance.uniform(0.02, 0.25))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    newest = newest_state(run)
    if newest is None:
        assert last == 0, "a state that was there is gone"
        continue
    facts, arrays = read_state(newest)
    assert facts["number"] >= last, "it fell back"
    assert np.array_equal(arrays["model/0"], values + facts["number"]), "it is not whole"
    assert len(states(run)) <= 3
    last = facts["number"]
print(last)
"""


@pytest.mark.long
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_that_a_hundred_kills_in_saves_leave_no_unreadable_state(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SAVING, str(tmp_path / "run")], capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) > 100


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounting a small disk takes root")
def test_that_a_full_small_disk_leaves_the_last_checkpoint_whole(
    sample: Path, few_images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.engine.runs import Run
    from tlstudio.core import events
    from tlstudio.engine import checkpoints

    monkeypatch.setattr(checkpoints, "MIN_SECONDS_BETWEEN", {"last": 0.0, "best": 3.0})  # epochs fly by
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip("this system does not let us mount a small disk")
    made = make_plan(open_model(sample / "model.hdf5"), str(few_images), "features")
    plan: TrainingPlan = msgspec.structs.replace(made, epochs=30, patience=30)
    try:

        def fill(event: events.Event, _control: Any) -> None:
            if isinstance(event, events.EpochFinished) and event.epoch == 3:
                with (disk / "others").open("wb", buffering=0) as file, contextlib.suppress(OSError):
                    while file.write(bytes(1 << 16)):
                        continue

        run = Run(disk / "run", plan, fill, waits=0.5)
        assert run.events[-1].code == "disk_full", run.events[-1]
        state = newest_state(disk / "run")
        assert state is not None and read_state(state)[0]["epoch"] >= 1
        (disk / "others").unlink()
        resumed = Run(disk / "run", plan, resume=True)
        assert resumed.finished.epochs == 30
        whole = Run(tmp_path / "whole", plan)
        for one, other in zip(whole.model.get_weights(), resumed.model.get_weights(), strict=True):
            assert np.array_equal(one, other)
    finally:
        subprocess.run(["umount", disk], check=True)
