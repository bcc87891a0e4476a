"""Updates shared by devices and by machines are those of one device with the whole batch."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import PROJECT
from tlstudio.core.errors import TLStudioError
from tlstudio.engine import devices


def start(
    sample: Path, out: Path, parts: int = 1, cluster: dict[str, object] | None = None
) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if name != "TF_CONFIG"}
    if cluster is not None:
        environment["TF_CONFIG"] = json.dumps(cluster)
    command = [sys.executable, "-m", "tests.engine.shared_updates", str(sample / "model.hdf5"), str(out), str(parts)]
    return subprocess.Popen(command, cwd=PROJECT, env=environment, stderr=subprocess.PIPE)


def result(process: subprocess.Popen[bytes], out: Path) -> dict[str, np.ndarray]:
    _, said = process.communicate(timeout=240)
    assert process.returncode == 0, said.decode()[-2000:]
    with np.load(out, allow_pickle=False) as file:
        return dict(file)


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def assert_equal_to_tolerance(found: dict[str, np.ndarray], alone: dict[str, np.ndarray]) -> None:
    """To what the order of a sum does in float32; what an update moves is a thousand times more."""
    assert set(found) == set(alone)
    for name in set(alone) - {"replicas"}:
        np.testing.assert_allclose(found[name], alone[name], rtol=2e-5, atol=2e-6, err_msg=name)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    from tests.conftest import SAMPLE

    out = tmp_path_factory.mktemp("alone") / "alone.npz"
    return result(start(SAMPLE, out), out)


@pytest.mark.long
def test_that_two_machines_do_what_one_does_with_the_whole_batch(
    sample: Path, tmp_path: Path, alone: dict[str, np.ndarray]
) -> None:
    addresses = [f"127.0.0.1:{port}" for port in free_ports(2)]
    outs = [tmp_path / f"{place}.npz" for place in range(2)]
    running = [
        start(sample, out, 1, {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": place}})
        for place, out in enumerate(outs)
    ]
    found = [result(process, out) for process, out in zip(running, outs, strict=True)]
    assert [int(one["replicas"]) for one in found] == [2, 2] and int(alone["replicas"]) == 1
    for one in found:
        assert_equal_to_tolerance(one, alone)
    for name in found[0]:  # both machines hold the same bits
        assert np.array_equal(found[0][name], found[1][name]), name


@pytest.mark.long
def test_that_several_devices_do_what_one_does_with_the_whole_batch(
    sample: Path, tmp_path: Path, alone: dict[str, np.ndarray]
) -> None:
    found = result(start(sample, tmp_path / "three.npz", 3), tmp_path / "three.npz")
    assert int(found["replicas"]) == 3
    assert_equal_to_tolerance(found, alone)


@pytest.mark.long
def test_that_the_updates_compared_are_large_enough_to_tell(alone: dict[str, np.ndarray]) -> None:
    """A rate, a factor or a gradient that was off by a hundredth would be seen."""
    moved = [
        float(np.abs(alone[name] - alone[name.replace("sgd", "adamw")]).max()) for name in alone if "sgd/w" in name
    ]
    assert max(moved) > 1e-3
    assert not np.array_equal(alone["sgd/sums"], alone["adamw/sums"])
    for name in alone:
        if name.startswith("parts/"):  # and a batch in parts is the whole batch
            np.testing.assert_allclose(alone[name], alone[name.replace("parts/", "sgd/")], rtol=2e-5, atol=2e-6)


def test_that_only_one_machine_writes_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TF_CONFIG", raising=False)
    assert devices.machines() == 1 and devices.is_chief() and devices.make_strategy() is None
    for cluster, roles in (
        ({"worker": ["a:1", "b:1"]}, [("worker", 0, True), ("worker", 1, False)]),
        ({"chief": ["a:1"], "worker": ["b:1"]}, [("chief", 0, True), ("worker", 0, False)]),
    ):
        for kind, index, is_chief in roles:
            monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}}))
            assert devices.machines() == 2 and devices.is_chief() == is_chief
    monkeypatch.setenv("TF_CONFIG", "worker-1")
    with pytest.raises(TLStudioError, match="TF_CONFIG"):
        devices.machines()


def test_that_the_processor_is_among_the_devices() -> None:
    found = devices.devices()
    assert any(device["kind"] == "CPU" for device in found)
    assert all({"name", "device", "kind", "capability"} == set(device) for device in found)
