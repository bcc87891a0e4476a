"""The learning-rate finder: a curve, a rate that trains, and nothing kept."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tlstudio.core import events, requests
from tlstudio.core.control import Control
from tlstudio.core.model.reading import open_model
from tlstudio.core.strategy import make_plan
from tlstudio.engine.jobs import run_job
from tlstudio.engine.rate_finder import suggestion

pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning:keras.*")


def tried(plan: Any) -> events.RatesTried:
    said: list[Any] = []
    run_job(requests.FindRate(plan=plan), Control(), said.append)
    assert isinstance(said[-1], events.RatesTried), said[-1]
    return said[-1]


def test_that_the_finder_names_a_rate_that_trains_and_touches_nothing(sample: Path, few_images: Path) -> None:
    before = hashlib.sha256((sample / "model.hdf5").read_bytes()).hexdigest()
    plan = make_plan(open_model(sample / "model.hdf5"), str(few_images), "features")
    found = tried(plan)
    assert found == tried(plan), "it can be repeated"
    assert found.rates == sorted(found.rates) and found.rates[0] == pytest.approx(1e-7)
    assert len(found.rates) == len(found.losses) > 30 and np.isfinite(found.losses).all()
    assert found.suggested is not None and 1e-4 < found.suggested < 0.1
    at = found.losses[found.rates.index(min(found.rates, key=lambda rate: abs(rate - found.suggested)))]
    assert at < found.losses[0]
    assert hashlib.sha256((sample / "model.hdf5").read_bytes()).hexdigest() == before


def test_that_the_steepest_fall_before_the_lowest_loss_is_suggested() -> None:
    rates = [10.0**exponent for exponent in range(-6, 1)]
    assert 1e-4 < (suggestion(rates, [1.0, 1.0, 0.99, 0.7, 0.3, 0.25, 2.0]) or 0) < 1e-1
    assert suggestion(rates, [1.0, 1.0, 1.0, 0.99, 0.98, 1.2, 4.0]) is None, "it never fell clearly"
    assert suggestion(rates[:3], [1.0, 0.5, 0.2]) is None, "too few to tell"


def test_that_a_stop_is_honoured(sample: Path, few_images: Path) -> None:
    plan = make_plan(open_model(sample / "model.hdf5"), str(few_images), "finetune")
    control, said = Control(), []

    def stop(event: Any) -> None:
        said.append(event)
        if isinstance(event, events.Preparing) and event.phase == "rates" and event.done == 10:
            control.stop()

    run_job(requests.FindRate(plan=plan), control, stop)
    assert isinstance(said[-1], events.JobStopped)
