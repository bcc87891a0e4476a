"""What a kept head ends in: probabilities, and nothing on top where the network gives them itself."""

from pathlib import Path

import numpy as np
import pytest

from tests.core.test_model_files import CONV, DENSE, FLAT, WEIGHTS, sequential, write_h5
from tlstudio.core.model.reading import open_model
from tlstudio.core.plan import Head, TrainingPlan
from tlstudio.engine.network import make_network


@pytest.mark.filterwarnings("ignore:.*:UserWarning:keras.*")
def test_that_a_hard_sigmoid_of_keras_2_is_the_probability(tmp_path: Path) -> None:
    network = sequential(
        ("Conv2D", CONV), ("Flatten", FLAT), ("Dense", {**DENSE, "units": 1, "activation": "hard_sigmoid"})
    )
    weights = {**WEIGHTS, "scores": [np.zeros((72, 1), np.float32), np.array([-1.5], np.float32)]}
    file = open_model(write_h5(tmp_path / "old.h5", network, weights))
    made = make_network(file, TrainingPlan(model=str(file.path), head=Head(kind="keep")), 1)
    assert float(made.model(np.zeros((1, 8, 8, 3), np.float32))[0, 0]) == pytest.approx(0.2 * -1.5 + 0.5)
