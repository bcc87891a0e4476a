"""The measured speed of this machine, and multiply-adds as they were published."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tlstudio.core.forecast import forecast
from tlstudio.core.machine import cores
from tlstudio.core.model.reading import open_model
from tlstudio.core.speed import Counts, Speed
from tlstudio.core.strategy import make_plan
from tlstudio.core.work import work_of
from tlstudio.engine import speed
from tlstudio.engine.runtime import keras

pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning:keras.*")


def kept_in(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "speed.json").read_text())


def test_that_it_is_measured_once_and_kept_for_the_machine_it_was_measured_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLSTUDIO_CACHE", str(tmp_path))
    first = speed.machine_speed()
    assert 1e8 < first.frozen.multiply_adds < 1e15 and 1e8 < first.train.multiply_adds < 1e15
    assert first.train.multiply_adds < 3 * first.frozen.multiply_adds  # an update goes forward and back
    assert first.decode > 1 and first.change > 1e4 and 0 < first.step < 1 and 0 <= first.layer < 10
    (tmp_path / "speed.json").write_text(json.dumps(kept_in(tmp_path) | {"others": 0.0}))  # as on a calm machine

    def measured_again() -> tuple[Speed, float]:
        raise AssertionError("it was measured again")

    monkeypatch.setattr(speed, "measure", measured_again)
    assert speed.machine_speed() == first
    monkeypatch.setattr(speed.platform, "node", lambda: "another")
    with pytest.raises(AssertionError, match="measured again"):
        speed.machine_speed()


def test_that_figures_of_a_busy_machine_are_replaced_by_calmer_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLSTUDIO_CACHE", str(tmp_path))
    monkeypatch.setattr(speed, "AGAIN_AFTER", 0.0)
    usual, _others = speed.measure()
    slow, fast = msgspec.structs.replace(usual, decode=1.0), msgspec.structs.replace(usual, decode=2.0)
    for measured, others, expected in ((slow, 0.8, slow), (fast, 0.4, fast), (slow, 0.6, fast), (slow, 0.05, slow)):
        monkeypatch.setattr(speed, "measure", lambda found=(measured, others): found)
        assert speed.machine_speed() == expected
    monkeypatch.setattr(speed, "measure", lambda: (fast, 0.0))
    assert speed.machine_speed() == slow  # it was calm


def test_that_other_programs_are_noticed() -> None:
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(cores())]
    try:
        assert speed.measure()[1] > 0.2
    finally:
        for process in busy:
            process.kill()
            process.wait()


def test_that_damaged_figures_are_measured_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TLSTUDIO_CACHE", str(tmp_path))
    (tmp_path / "speed.json").write_text('{"of": {}, "speed"')
    assert speed.machine_speed().decode > 0


@pytest.mark.parametrize(
    ("name", "multiply_adds"),
    [
        ("MobileNetV2", 300e6),  # Sandler et al. 2018, table 4
        ("ResNet50", 3.8e9),  # He et al. 2016, table 1
        ("EfficientNetB0", 0.39e9),  # Tan and Le 2019, table 2
    ],
)
def test_that_multiply_adds_are_the_published_ones(tmp_path: Path, name: str, multiply_adds: float) -> None:
    getattr(keras.applications, name)(weights=None).save(tmp_path / "model.keras")
    model = open_model(tmp_path / "model.keras")
    whole = work_of(model, range(len(model.graph.calls)))
    assert whole.multiply_adds == pytest.approx(multiply_adds, rel=0.03)


def test_that_a_forecast_can_be_made_for_each_way_on_this_machine(sample: Path) -> None:
    model, here = open_model(sample / "model.hdf5"), speed.machine_speed()
    counts = Counts(train=200, validation=20, test=20, classes=5)
    for way in ("features", "finetune", "lower-features", "init", "classic"):
        expected = forecast(model, make_plan(model, "", way), counts, here)
        assert 0 < expected.seconds < 3600 and 6e8 < expected.peak_bytes < 2e9
