"""Real classifier files by others: each opens with exactly its weights and runs, or is refused for its reason."""

import csv
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest

from tests.conftest import SHARED
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.arrays import Array
from tlstudio.core.model.inspection import describe, leaves
from tlstudio.core.model.kinds import kind_of
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.opening import Opening
from tlstudio.core.model.reading import open_model, with_default_size
from tlstudio.engine.build import build_model
from tlstudio.inspecting import inspect_file

pytestmark = [pytest.mark.shared, pytest.mark.filterwarnings("ignore:.*:UserWarning:keras.*")]
MANIFEST = SHARED / "models/MANIFEST.tsv"


def rows(expected: str) -> list[Any]:
    if not MANIFEST.exists():
        return [pytest.param({}, marks=pytest.mark.skip(reason="shared/models is not here"))]
    with MANIFEST.open() as file:
        found = [row for row in csv.DictReader(file, delimiter="\t") if row["expected of us"] == expected]
    return [pytest.param(row, id=row["path"]) for row in found]


def random_input(model: ModelFile, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    shapes = [model.shapes[model.graph.calls[number].layer] for number in model.graph.inputs]
    return [rng.uniform(0, 1, (2, *[size or 48 for size in shape or ()])).astype(np.float32) for shape in shapes]


def outputs_of(model: keras.Model, images: list[np.ndarray]) -> list[np.ndarray]:
    found = model.predict(images[0] if len(images) == 1 else images, verbose=0)
    return list(found) if isinstance(found, (list, tuple)) else [found]


def arrays_of(model: ModelFile) -> list[Array]:
    return [array for weights in model.weights.values() for weight in weights for array in weight.arrays]


def datasets_in(path: Path) -> set[str]:
    found: set[str] = set()
    with h5py.File(path) as file:
        top = file.get("model_weights", file)
        top.visititems(lambda _name, item: found.add(item.name) if isinstance(item, h5py.Dataset) else None)
    return found


@pytest.mark.parametrize("row", rows("opens"))
def test_that_it_opens_with_exactly_its_weights_and_runs(row: dict[str, str]) -> None:
    path = SHARED / "models" / row["path"]
    inspection, problem = inspect_file(path, Opening())
    assert problem is None
    assert leaves(inspection.layers) and inspection.parameters == sum(n.parameters for n in leaves(inspection.layers))
    model = with_default_size(open_model(path))
    if kind_of(path) == "hdf5":
        places = [array.location for array in arrays_of(model)]
        assert sorted(places) == sorted(datasets_in(path)), "every dataset once, and none left over"
    keras.backend.clear_session()
    network = build_model(model)
    images = random_input(model)
    outputs = outputs_of(network, images)
    for output, number in zip(outputs, model.graph.outputs, strict=True):
        assert np.isfinite(output).all()
        assert output.shape[1:] == model.shapes[model.graph.calls[number].layer]
    if row["stock Keras 3.15.1"] == "ok":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            stock = keras.models.load_model(path, compile=False)
        first = stock.inputs[0].shape
        is_turned = len(first) == 4 and first[1] == images[0].shape[-1] != first[-1]
        expected = outputs_of(stock, [i.transpose(0, 3, 1, 2) for i in images] if is_turned else images)
        for ours, theirs in zip(outputs, expected, strict=True):
            assert np.abs(ours - theirs).max() <= 1e-5 * max(1.0, float(np.abs(theirs).max()))


@pytest.mark.parametrize("row", rows("weights only"))
def test_that_bare_weights_are_listed_and_open_with_an_architecture(row: dict[str, str]) -> None:
    path = SHARED / "models" / row["path"]
    inspection, problem = inspect_file(path, Opening())
    if problem is None:
        assert inspection.recognised, "it opened, so the catalogue knows it"
    else:
        assert problem.code == "weights_only" and "--architecture" in str(problem)
    with h5py.File(path) as file:
        held = sum(int(np.prod(file[name].shape)) for name in datasets_in(path))
    assert inspection.parameters == held and len(inspection.layers) > 3


@pytest.mark.parametrize("row", rows("lambda"))
def test_that_a_lambda_is_named_and_the_part_below_it_usable(row: dict[str, str]) -> None:
    path = SHARED / "models" / row["path"]
    with pytest.raises(TLStudioError) as caught:
        open_model(path)
    assert caught.value.code == "lambda_layer" and caught.value.exit_code == 2
    below = str(caught.value.facts["below"])
    if below:
        model = open_model(path, Opening(output=below))
        assert np.isfinite(outputs_of(build_model(model), random_input(model))[0]).all()
    else:
        assert "No layer lies below it" in str(caught.value)


@pytest.mark.parametrize("row", rows("folder"))
def test_that_a_folder_opens_and_runs(row: dict[str, str]) -> None:
    model = open_model(SHARED / "models" / row["path"])
    assert describe(model).layers
    outputs = outputs_of(build_model(model), random_input(model))
    assert outputs[0].shape[1:] == model.output_shape and np.isfinite(outputs[0]).all()
    assert np.allclose(outputs[0].sum(-1), 1, atol=1e-4), "both end in a softmax"


@pytest.mark.long
def test_that_the_networks_of_keras_itself_read_back_what_we_build(
    shared: Callable[[str], Path], tmp_path: Path
) -> None:
    """What is built and saved loads in stock Keras with the same outputs, in both formats."""
    for name in ("mlcommons__vww_96@8077883.h5", "KonduitAI__conv2d_reshape_theano_1.h5"):
        model = open_model(shared(f"models/keras/{name}"))
        network, images = build_model(model), random_input(model)
        expected = outputs_of(network, images)[0]
        for suffix in (".keras", ".h5"):
            network.save(tmp_path / f"saved{suffix}")
            again = keras.models.load_model(tmp_path / f"saved{suffix}", compile=False)
            assert np.abs(outputs_of(again, images)[0] - expected).max() < 1e-6
            ours = build_model(open_model(tmp_path / f"saved{suffix}"))
            assert np.abs(outputs_of(ours, images)[0] - expected).max() < 1e-6
