"""Interrupted runs and how the command line takes them up, each call in a process of its own."""

import csv
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT
from tests.journeys.test_command_line import ask, call

EPOCHS = 40
RECIPE = (
    "--strategy", "init", "--epochs", EPOCHS, "--patience", 1000, "--augment", "light", "--schedule", "cosine",
    "--batch-size", 8, "--seed", 3,
)  # fmt: skip


def start(*arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tlstudio", *map(str, arguments)]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def wait_for_epoch(process: "subprocess.Popen[str]", number: int) -> str:
    """Read what it says to people until it tells of that epoch's end."""
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        found = re.search(r"epoch +(\d+): loss", line)
        if found and int(found[1]) >= number:
            return said
    raise AssertionError(said)


def epochs_of(run: Path) -> list[int]:
    with (run / "history.csv").open() as file:
        return [int(row["epoch"]) for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A run that Ctrl-C ended behind its third epoch: its folder, exit code, answer and what it said."""
    from tests.conftest import SAMPLE

    place = tmp_path_factory.mktemp("interrupted")
    sample = Path(shutil.copytree(SAMPLE, place / "sample"))
    run = place / "my run"
    process = start("train", sample / "model.hdf5", sample / "images", *RECIPE, "--out", run, "--json")
    said = wait_for_epoch(process, 3)
    process.send_signal(signal.SIGINT)
    out, rest = process.communicate(timeout=120)
    return run, process.returncode, out, said + rest


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
class TestAnInterruptedRun:
    def test_that_it_ends_with_130_and_says_how_to_go_on(self, interrupted: Any) -> None:
        run, code, out, said = interrupted
        assert code == 130
        assert json.loads(out)["stopped"] == "user" and "Traceback" not in said
        command = next(line for line in said.splitlines() if "tlstudio resume" in line).partition("tlstudio ")[2]
        assert shlex.split(command) == ["resume", str(run)]

    def test_that_it_goes_on_where_it_was_and_then_is_complete(self, interrupted: Any, tmp_path: Path) -> None:
        run = Path(shutil.copytree(interrupted[0], tmp_path / "run"))
        before = epochs_of(run)
        done = call("resume", run, "--json")
        answer = json.loads(done.stdout)
        assert answer["stopped"] == "epochs" and answer["epochs"] == EPOCHS and answer["resumed"] == 1
        assert Path(answer["run"]) == run and answer["test"]["images"] > 0
        assert "going on with stage" in done.stderr
        assert before and epochs_of(run) == list(range(1, EPOCHS + 1))
        again = call("resume", run, code=2)
        assert again.stderr.splitlines()[-1].startswith("error: ") and "nothing left to resume" in again.stderr

    def test_that_it_can_go_on_in_parts_where_memory_was_short(self, interrupted: Any, tmp_path: Path) -> None:
        run = Path(shutil.copytree(interrupted[0], tmp_path / "run"))
        assert ask("resume", run, "--accumulate", 4)["stopped"] == "epochs"
        plan = json.loads((run / "plan.json").read_text())
        assert (plan["accumulate"], plan["batch_size"]) == (4, 8)
        assert "at least 1" in call("resume", run, "--accumulate", 0, code=2).stderr


def test_that_only_runs_can_be_resumed(sample: Path, tmp_path: Path) -> None:
    for path, words in ((tmp_path, "finished run folder"), (sample / "model.hdf5", "finished run folder")):
        last = call("resume", path, code=2).stderr.strip().splitlines()[-1]
        assert last.startswith("error: ") and words in last


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_that_a_killed_run_ends_as_if_it_had_never_been(sample: Path, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    recipe = ("train", sample / "model.hdf5", sample / "images", *RECIPE, "--epochs", 8)
    expected = ask(*recipe, "--out", whole)
    process = start(*recipe, "--out", cut)
    wait_for_epoch(process, 4)
    process.kill()
    process.communicate(timeout=60)
    answer = ask("resume", cut)
    assert answer["resumed"] == 1 and answer["best"] == expected["best"] and answer["test"] == expected["test"]
    rows = [
        [line.rsplit(",", 1)[0] for line in (run / "history.csv").read_text().splitlines()] for run in (whole, cut)
    ]
    assert rows[0] == rows[1]  # all columns but the seconds
