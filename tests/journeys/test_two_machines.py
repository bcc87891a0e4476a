"""``tlstudio train`` on two machines together, both of them processes of this one."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT
from tests.engine.test_distributed import free_ports

RECIPE = (
    "--strategy", "finetune", "--epochs", "8", "--patience", "100", "--batch-size", "16", "--accumulate", "2",
    "--augment", "light", "--schedule", "cosine", "--layer-rates", "rising", "--class-weights", "--json",
)  # fmt: skip


def start(sample: Path, out: Path, cache: Path, cluster: dict[str, Any] | None = None) -> "subprocess.Popen[str]":
    environment = {name: value for name, value in os.environ.items() if name != "TF_CONFIG"}
    environment["TLSTUDIO_CACHE"] = str(cache)
    if cluster is not None:
        environment["TF_CONFIG"] = json.dumps(cluster)
    command = [sys.executable, "-m", "tlstudio", "train", str(sample / "model.hdf5"), str(sample / "images")]
    return subprocess.Popen(
        [*command, *RECIPE, "--out", str(out)],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def answer(process: "subprocess.Popen[str]") -> dict[str, Any]:
    out, said = process.communicate(timeout=240)
    assert process.returncode == 0, said[-2000:]
    return json.loads(out)


def losses(run: Path) -> list[float]:
    with (run / "history.csv").open() as file:
        return [float(row[name]) for row in csv.DictReader(file) for name in ("loss", "val_loss")]


@pytest.mark.long
def test_that_two_machines_train_what_one_does_and_one_of_them_writes_it(sample: Path, tmp_path: Path) -> None:
    alone = answer(start(sample, tmp_path / "alone", tmp_path / "cache"))
    addresses = [f"127.0.0.1:{port}" for port in free_ports(2)]
    out = tmp_path / "together"
    running = [
        start(
            sample,
            out,
            tmp_path / f"cache{place}",
            {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": place}},
        )
        for place in range(2)
    ]
    chief, helper = [answer(process) for process in running]
    assert chief["run"] == str(out) and not Path(helper["run"]).exists()
    assert chief["best"]["epoch"] == helper["best"]["epoch"] == alone["best"]["epoch"]
    assert chief["test"] == helper["test"] and chief["test"]["images"] == alone["test"]["images"]
    assert losses(out) == pytest.approx(losses(tmp_path / "alone"), rel=1e-3, abs=1e-4)
    assert (out / "checkpoints" / "best.keras").is_file() and (out / "report.html").is_file()
