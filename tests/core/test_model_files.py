"""Reading model files as data: what is in them, what is mended, what is refused."""

import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.conftest import PROJECT
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.cuts import resolve_cut
from tlstudio.core.model.inspection import Inspection, LayerNode, describe, leaves, require_classifier
from tlstudio.core.model.reading import open_model


def inspect_model(path: Path) -> Inspection:
    return describe(open_model(path))


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(TLStudioError) as caught:
        call()
    return caught.value.code


def write_h5(path: Path, config: dict, weights: dict[str, list[np.ndarray]] | None = None) -> Path:
    """A file as Keras 2 wrote it, with the given architecture."""
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = b"2.4.0"
        file.attrs["backend"] = b"tensorflow"
        file.attrs["model_config"] = json.dumps(config).encode()
        group = file.create_group("model_weights")
        names = list(weights or {})
        group.attrs["layer_names"] = [name.encode() for name in names]
        for name, arrays in (weights or {}).items():
            inside = group.create_group(name)
            keys = [f"{name}/weight_{i}:0" for i in range(len(arrays))]
            inside.attrs["weight_names"] = [key.encode() for key in keys]
            for key, array in zip(keys, arrays, strict=True):
                inside.create_dataset(key, data=array)
    return path


def write_bare(model: Path, path: Path) -> Path:
    """The weights of a model file alone, as ``save_weights`` of Keras 2 wrote them."""
    with h5py.File(model) as whole, h5py.File(path, "w") as bare:
        for name in whole["model_weights"]:
            whole.copy(f"model_weights/{name}", bare, name)
        for key, value in whole["model_weights"].attrs.items():
            bare.attrs[key] = value
    return path


def sequential(*layers: tuple[str, dict]) -> dict:
    return {"class_name": "Sequential", "config": {"name": "net", "layers": [
        {"class_name": kind, "config": config} for kind, config in layers]}}  # fmt: skip


IMAGE = [None, 8, 8, 3]
CONV = {"name": "conv", "filters": 2, "kernel_size": [3, 3], "batch_input_shape": IMAGE, "activation": "relu"}
FLAT = {"name": "flatten_1"}
DENSE = {"name": "scores", "units": 2, "activation": "softmax"}
WEIGHTS = {
    "conv": [np.ones((3, 3, 3, 2), np.float32), np.zeros(2, np.float32)],
    "flatten_1": [],
    "scores": [np.ones((72, 2), np.float32), np.zeros(2, np.float32)],
}


def test_that_the_sample_is_read_without_tensorflow(sample: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from tlstudio.core.model.reading import open_model;"
        "m = open_model(Path(sys.argv[1])); assert m.parameters == 100_853, m.parameters;"
        "bad = {n.split('.')[0] for n in sys.modules} & {'tensorflow', 'keras', 'PySide6'}; assert not bad, bad"
    )
    command = [sys.executable, "-c", script, str(sample / "model.hdf5")]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_that_the_sample_has_its_layers_shapes_and_scaling(sample: Path) -> None:
    found = inspect_model(sample / "model.hdf5")
    by_path = {node.path: node for node in leaves(found.layers)}
    assert (found.format, found.input_shape, found.output_shape) == ("hdf5", [None, 32, 32, 3], [None, 5])
    assert by_path["flatten_1"].output_shape == [None, 768]
    assert by_path["block1_conv1"].parameters == 448
    assert found.preprocessing.source == "declared"
    assert found.repairs == [] and found.warnings == []


def test_that_nested_models_are_branches(nested_model: Path) -> None:
    found = inspect_model(nested_model)
    branch = next(node for node in found.layers if node.name == "backbone")
    assert [child.path for child in branch.children if child.parameters] == ["backbone/conv_a", "backbone/conv_b"]
    assert branch.parameters == sum(child.parameters for child in branch.children) > 0


def test_that_a_file_of_100_megabytes_is_inspected_in_half_a_second(tmp_path: Path) -> None:
    size = 5000
    config = sequential(
        ("Flatten", {"name": "flat", "batch_input_shape": [None, 50, 100, 1]}),
        ("Dense", {"name": "wide", "units": size, "activation": "relu"}),
        ("Dense", DENSE),
    )
    weights = {
        "wide": [np.ones((5000, size), np.float32), np.zeros(size, np.float32)],
        "scores": [np.ones((size, 2), np.float32), np.zeros(2, np.float32)],
    }
    path = write_h5(tmp_path / "large.h5", config, weights)
    assert path.stat().st_size > 100_000_000
    began = time.perf_counter()
    assert inspect_model(path).parameters == 5000 * size + size + 2 * size + 2
    assert time.perf_counter() - began < 0.5


def test_that_old_ways_of_writing_are_mended_and_named(tmp_path: Path) -> None:
    config = sequential(
        (
            "DepthwiseConv2D",
            {"name": "deep", "kernel_size": [3, 3], "groups": 1, "batch_input_shape": IMAGE},
        ),
        ("Flatten", FLAT),
        ("Dense", DENSE),
    )
    weights = {
        "deep": [np.ones((3, 3, 3, 1), np.float32), np.zeros(3, np.float32)],
        "scores": [np.ones((108, 2), np.float32), np.zeros(2, np.float32)],
    }
    found = inspect_model(write_h5(tmp_path / "old.h5", config, weights))
    assert {"depthwise_groups", "batch_input_shape"} <= {note.code for note in found.repairs}
    assert [n.type for n in leaves(found.layers)] == ["InputLayer", "DepthwiseConv2D", "Flatten", "Dense"]


def test_that_a_bare_list_of_layers_is_read(tmp_path: Path) -> None:
    config = sequential(("Conv2D", CONV), ("Flatten", FLAT), ("Dense", DENSE))
    config["config"] = config["config"]["layers"]
    found = inspect_model(write_h5(tmp_path / "bare.h5", config, WEIGHTS))
    assert "bare_list" in {note.code for note in found.repairs}
    assert found.output_shape == [None, 2]


def test_that_what_is_no_model_is_named(sample: Path, tmp_path: Path) -> None:
    text, cut_off, other = tmp_path / "a.h5", tmp_path / "b.hdf5", tmp_path / "c.h5"
    text.write_text("hello")
    cut_off.write_bytes((sample / "model.hdf5").read_bytes()[:60_000])
    with h5py.File(other, "w") as file:
        file["measurements"] = np.zeros(3)
    assert code_of(lambda: open_model(tmp_path / "nowhere.h5")) == "model_missing"
    assert code_of(lambda: open_model(tmp_path)) in {"not_a_model", "model_missing"}
    assert code_of(lambda: open_model(text)) == "not_a_model"
    assert code_of(lambda: open_model(cut_off)) == "truncated_model"
    assert code_of(lambda: open_model(other)) == "not_a_model"


def test_that_weights_without_a_network_say_so(sample: Path, tmp_path: Path) -> None:
    path = write_bare(sample / "model.hdf5", tmp_path / "weights.h5")
    assert code_of(lambda: open_model(path)) == "weights_only"


def test_that_code_in_a_file_is_refused_and_never_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    evil = {"name": "evil", "function": f"open({str(mark)!r}, 'w')", "batch_input_shape": [None, 8, 8, 3]}
    config = sequential(("Lambda", evil), ("Flatten", FLAT), ("Dense", DENSE))
    code = code_of(lambda: open_model(write_h5(tmp_path / "evil.h5", config, {})))
    assert code in {"lambda_layer"} and not mark.exists()


def test_that_a_zip_with_a_path_outside_is_refused(tmp_path: Path, nested_model: Path) -> None:
    path = tmp_path / "evil.keras"
    path.write_bytes(nested_model.read_bytes())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../outside.txt", "x")
    assert code_of(lambda: open_model(path)) == "unsafe_model"
    assert not (tmp_path.parent / "outside.txt").exists()


def test_that_a_text_network_is_no_image_classifier(tmp_path: Path) -> None:
    config = sequential(
        ("Embedding", {"name": "words", "input_dim": 10, "output_dim": 4, "batch_input_shape": [None, 7]}),
        ("LSTM", {"name": "lstm", "units": 3}),
        ("Dense", DENSE),
    )
    path = write_h5(tmp_path / "text.h5", config, {
        "words": [np.ones((10, 4), np.float32)],
        "lstm": [np.ones((4, 12), np.float32), np.ones((3, 12), np.float32), np.ones(12, np.float32)],
        "scores": [np.ones((3, 2), np.float32), np.zeros(2, np.float32)],
    })  # fmt: skip
    assert code_of(lambda: require_classifier(open_model(path))) == "not_image_classifier"


def test_that_a_cut_beside_a_branch_is_refused_with_its_reason(residual_model: Path) -> None:
    graph = open_model(residual_model).graph
    with pytest.raises(TLStudioError) as caught:
        resolve_cut(graph, "inner")
    assert caught.value.code == "cut_illegal" and "join it only at “join”" in str(caught.value)
    assert resolve_cut(graph, "join") == "join"
    assert code_of(lambda: resolve_cut(graph, "nothing")) == "cut_unknown"
    assert code_of(lambda: resolve_cut(graph, "image")) == "cut_illegal"


@pytest.mark.shared
def test_that_every_shared_model_opens_or_is_refused_in_one_sentence(shared: Callable[[str], Path]) -> None:
    folder, opened = shared("models"), 0
    for path in sorted(p for p in folder.rglob("*") if p.suffix in {".h5", ".hdf5", ".keras"}):
        try:
            nodes: list[LayerNode] = leaves(inspect_model(path).layers)
        except TLStudioError as error:
            assert "\n" not in str(error)
            continue
        assert nodes
        opened += 1
    assert opened >= 30
