"""Layers of a file may bear any name, also those that TLStudio and Keras give to what they put beside them."""

from pathlib import Path

import keras
import msgspec
import pytest

from tests.engine.runs import Run
from tlstudio.core import events, requests
from tlstudio.core.control import Control
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.safely import read_model
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.strategy import make_plan, with_old_head
from tlstudio.engine.jobs import run_job

pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning:keras.*")


@pytest.fixture(
    scope="module", params=[("flatten", "mean", "concatenate", "square"), ("one_pass", "features", "x", "y")]
)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output is three logits, in a map of one place: a finish of two layers has to be put on it."""
    first, second, third, fourth = request.param
    layers = keras.layers
    image = layers.Input((32, 32, 3), name="pixels")
    values = layers.Conv2D(4, 3, activation="relu", name=first)(image)
    values = layers.BatchNormalization(name=second)(values)
    values = layers.MaxPooling2D(6, name=third)(values)
    values = layers.Conv2D(6, 3, activation="relu", name=fourth)(values)
    values = layers.Conv2D(8, 3, activation="relu", name="class_scores")(values)
    values = layers.Conv2D(3, 1, name="class_probabilities")(values)
    path = tmp_path_factory.mktemp("names") / "model.keras"
    keras.Model(image, values).save(path)
    return path


def test_that_a_network_is_looked_at_whatever_its_layers_are_called(model: Path, few_images: Path) -> None:
    said: list[object] = []
    run_job(requests.Measure(plan=TrainingPlan(model=str(model), dataset=str(few_images))), Control(), said.append)
    assert isinstance(said[-1], events.Measured), said[-1]
    assert {"class_scores", "class_probabilities"} <= {layer.path for layer in said[-1].layers}


@pytest.mark.parametrize("way", ["features", "finetune", "init", "the old head"])
def test_that_a_network_is_trained_whatever_its_layers_are_called(
    model: Path, few_images: Path, tmp_path: Path, way: str
) -> None:
    plan = plan_of(read_model(model), few_images, way)
    finished = Run(tmp_path / "run", msgspec.structs.replace(plan, epochs=2)).finished
    assert finished.epochs == 2
    assert keras.models.load_model(finished.checkpoints.best).output_shape == (None, 3)


def plan_of(file: ModelFile, images: Path, way: str) -> TrainingPlan:
    if way != "the old head":
        return make_plan(file, str(images), way)
    plan = with_old_head(file, make_plan(file, str(images), "finetune"))
    # What is frozen ends below a layer whose name the frozen part's outputs would get.
    return msgspec.structs.replace(plan, frozen=tuple(file.graph.layers)[:2])
