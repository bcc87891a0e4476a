"""A network's own speed: updates of its upper part, and what they change of the machine's figures."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from tests.core.test_forecast import SPEED
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.safely import read_model
from tlstudio.core.plan import Head, TrainingPlan
from tlstudio.core.work import work_of
from tlstudio.engine import timing
from tlstudio.engine.network import Network
from tlstudio.engine.one_pass import OnePass
from tlstudio.engine.timing import Timed, Updates, speed_of, time_updates


def built(path: Path) -> tuple[ModelFile, Network]:
    file = read_model(path)
    plan = TrainingPlan(model=str(path), head=Head(kind="keep"), opening=file.opening)
    return file, OnePass(file, plan).network


def test_that_updates_of_a_small_network_are_those_of_the_whole(sample: Path) -> None:
    file, network = built(sample / "model.hdf5")
    before = [np.array(weight) for weight in network.model.get_weights()]
    found = time_updates(file, network, 100)
    assert found is not None and found.seconds > 0
    assert found.work == work_of(file, network.calls)
    assert found.prepared > 5 * found.seconds  # putting a graph together takes many times an image's update
    # They really were updates: what trains has moved, a little.
    moved = [np.abs(a - b).max() for a, b in zip(before, network.model.get_weights(), strict=True)]
    assert 0 < max(moved) < 0.1


def test_that_of_a_large_network_the_upper_part_alone_is_tried(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, network = built(sample / "model.hdf5")
    monkeypatch.setattr(timing, "MOST_CALLS", 6)
    lowest = {path: network.layers[path].get_weights() for path in network.weighted_layers}
    found = time_updates(file, network, 100)
    assert found is not None
    whole = work_of(file, network.calls)
    assert 0 < found.work.layers <= 6 < whole.layers and found.work.multiply_adds < whole.multiply_adds
    untouched = [
        path
        for path, weights in lowest.items()
        if all(np.array_equal(a, b) for a, b in zip(weights, network.layers[path].get_weights(), strict=True))
    ]
    calls = network.calls[: whole.layers - found.work.layers]
    assert set(untouched) == {file.graph.calls[number].layer for number in calls} & set(lowest)


def test_that_nothing_is_tried_where_memory_may_be_too_short(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, network = built(sample / "model.hdf5")
    monkeypatch.setattr(timing, "free_memory", lambda: 1 << 20)
    assert time_updates(file, network, 100) is None


def test_that_the_machines_figures_give_what_was_measured(sample: Path) -> None:
    file, network = built(sample / "model.hdf5")
    whole = work_of(file, network.calls)
    upper = work_of(file, network.calls[-6:])
    found = speed_of(SPEED, file, network, Timed(3.0, 0.02, None), Updates(upper, 0.004, 1.2))
    assert found.frozen.seconds(whole) == pytest.approx(0.02)
    assert found.train.seconds(upper) == pytest.approx(0.004)
    assert found.ready == pytest.approx(3.0 / whole.layers) and found.layer == pytest.approx(0.2)
    assert (found.decode, found.change, found.step) == (SPEED.decode, SPEED.change, SPEED.step)
    without = speed_of(SPEED, file, network, Timed(3.0, 0.02, 50.0), None)
    assert (without.train, without.layer, without.decode) == (SPEED.train, SPEED.layer, 50.0)
    assert without == msgspec.structs.replace(found, train=SPEED.train, layer=SPEED.layer, decode=50.0)
