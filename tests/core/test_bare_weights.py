"""Files that hold only weights: recognised, or matched to the network that a person names, or refused."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.core.weight_files import SMALL, save_json, save_legacy, save_oldest, save_v3, small_weights, weights_of
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.arrays import read_weights
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.opening import Opening
from tlstudio.core.model.reading import open_model
from tlstudio.inspecting import inspect_file

MOBILENET = "MobileNet 0.25"


def open_as(path: Path, architecture: str | Path = "") -> ModelFile:
    return open_model(path, Opening(architecture=str(architecture)))


def refusal(call: Callable[[], object]) -> TLStudioError:
    with pytest.raises(TLStudioError) as caught:
        call()
    return caught.value


def assert_holds(model: ModelFile, expected: dict[str, list[np.ndarray]]) -> None:
    """Exactly these weights, in these layers."""
    found = dict(read_weights(model.weights))
    assert found.keys() == expected.keys()
    for path, arrays in expected.items():
        for ours, theirs in zip(found[path], arrays, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def renamed(weights: dict[str, list[np.ndarray]]) -> dict[str, list[np.ndarray]]:
    return {f"somebody_{number}": arrays for number, arrays in enumerate(weights.values())}


def codes(model: ModelFile) -> set[str]:
    return {note.code for note in (*model.graph.repairs, *model.warnings)}


def test_that_a_network_of_the_catalogue_is_recognised(tmp_path: Path) -> None:
    weights = weights_of(MOBILENET)
    model = open_as(save_legacy(tmp_path / "weights.h5", weights))
    assert_holds(model, weights)
    assert (model.recognised, model.output_units) == ("MobileNet (alpha 0.25)", 1000)
    assert (model.preprocessing.mode, model.preprocessing.source) == ("symmetric", "catalogue")
    assert "network_recognised" in codes(model)


def test_that_without_its_top_it_takes_images_of_any_size(tmp_path: Path) -> None:
    weights = weights_of("MobileNet 0.25 notop")
    model = open_as(save_legacy(tmp_path / "weights.h5", weights))
    assert_holds(model, weights)
    assert (model.input_shape, model.asks) == ((None, None, 3), ("input_size",))
    assert model.preprocessing.source == "catalogue"


def test_that_other_names_are_matched_by_order_and_only_assumed(tmp_path: Path) -> None:
    weights = weights_of("MobileNet 0.25 notop")
    model = open_as(save_legacy(tmp_path / "weights.h5", renamed(weights)))
    assert_holds(model, weights)
    assert (model.preprocessing.mode, model.preprocessing.source) == ("symmetric", "assumed")
    assert "matched_by_order" in codes(model)


def test_that_layers_side_by_side_are_never_guessed(tmp_path: Path) -> None:
    weights = renamed(weights_of("ResNet50 notop"))
    error = refusal(lambda: open_as(save_legacy(tmp_path / "weights.h5", weights)))
    assert error.code == "weights_mismatch"
    assert "conv2_block1_0_conv" in str(error) and "conv2_block1_3_conv" in str(error)


def test_that_old_names_of_a_resnet_find_their_layers_whatever_their_order(tmp_path: Path) -> None:
    weights = weights_of("ResNet50 notop")

    def old(name: str) -> str:
        if name.startswith("conv1_"):
            return {"conv1_conv": "conv1", "conv1_bn": "bn_conv1"}[name]
        stage, block, place, kind = name.removeprefix("conv").replace("block", "").split("_")
        branch = "1" if place == "0" else "2" + "0abc"[int(place)]
        return f"{'res' if kind == 'conv' else 'bn'}{stage}{chr(96 + int(block))}_branch{branch}"

    named = {old(name): arrays for name, arrays in reversed(weights.items())}
    model = open_as(save_legacy(tmp_path / "weights.h5", named))
    assert_holds(model, weights)
    assert "matched_by_order" not in codes(model)


def test_that_numbers_may_begin_anywhere(tmp_path: Path) -> None:
    weights = weights_of("Xception notop")

    def shifted(name: str) -> str:
        kind, _, number = (
            name.rpartition("_") if name[-1].isdigit() and not name.startswith("block") else (name, "", "0")
        )
        return f"{kind}_{int(number) + 95}" if kind in {"conv2d", "batch_normalization"} else name

    assert sum(shifted(name) != name for name in weights) == 8
    model = open_as(save_legacy(tmp_path / "w.h5", {shifted(name): arrays for name, arrays in weights.items()}))
    assert_holds(model, weights)


def test_that_the_file_of_a_nested_network_is_recognised(tmp_path: Path) -> None:
    weights = weights_of("MobileNet 0.25 notop")
    path = tmp_path / "nested.h5"
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = b"2.4.0"
        file.attrs["layer_names"] = [b"mobilenet_0.25_224"]
        group = file.create_group("mobilenet_0.25_224")
        keys = [(f"{name}/weight_{i}:0", array) for name, own in weights.items() for i, array in enumerate(own)]
        group.attrs["weight_names"] = [key.encode() for key, _array in keys]
        for key, array in keys:
            group.create_dataset(key, data=array)
    assert_holds(open_as(path), weights)


def test_that_what_is_not_in_the_catalogue_is_listed_in_every_layout(tmp_path: Path) -> None:
    weights = small_weights()
    files = [
        save_legacy(tmp_path / "a.h5", weights),
        save_oldest(tmp_path / "b.h5", [weights["first"], [], weights["second"], [], weights["scores"]]),
        save_v3(tmp_path / "c.weights.h5", {"conv2d": weights["first"], "dense": weights["scores"]}),
    ]
    for path in files:
        inspection, problem = inspect_file(path, Opening())
        assert problem is not None and (problem.code, problem.exit_code) == ("weights_only", 2)
        assert any(node.parameters == weights["first"][0].size + 4 for node in inspection.layers)


def test_that_a_file_may_name_the_network(tmp_path: Path) -> None:
    weights, json_file = small_weights(), save_json(tmp_path / "network.json")
    by_type = {"conv2d": weights["first"], "conv2d_1": weights["second"], "dense": weights["scores"]}
    for path in (
        save_legacy(tmp_path / "a.h5", weights),
        save_legacy(tmp_path / "b.h5", renamed(weights)),
        save_v3(tmp_path / "c.weights.h5", by_type),
    ):
        model = open_as(path, json_file)
        assert_holds(model, weights)
        assert model.files == (path, json_file)
    assert_holds(open_as(save_legacy(tmp_path / "d.h5", renamed(small_weights(1))), json_file), small_weights(1))


def test_that_the_first_misfit_is_named(tmp_path: Path) -> None:
    weights, json_file = small_weights(), save_json(tmp_path / "network.json")
    wrong = renamed({**weights, "second": [np.zeros((3, 3, 4, 6), np.float32), np.zeros(6, np.float32)]})
    error = refusal(lambda: open_as(save_legacy(tmp_path / "a.h5", wrong), json_file))
    assert error.code == "weights_mismatch"
    assert "“somebody_1” holds 3×3×4×6, 6, where “second” takes 3×3×4×5, 5" in str(error)
    missing = renamed({name: weights[name] for name in ("first", "second")})
    error = refusal(lambda: open_as(save_legacy(tmp_path / "b.h5", missing), json_file))
    assert "there are no weights for the layer “scores”" in str(error)
    more = renamed({**weights, "more": [np.zeros((2, 2), np.float32)]})
    error = refusal(lambda: open_as(save_legacy(tmp_path / "c.h5", more), json_file))
    assert "the network has no layer for “somebody_3”" in str(error)


def test_that_the_top_may_be_left_away_and_is_then_named(tmp_path: Path) -> None:
    base = weights_of("MobileNet 0.25 notop")
    head = [np.zeros((256, 7), np.float32), np.zeros(7, np.float32)]
    path = save_legacy(tmp_path / "grown.h5", {**base, "my_scores": head})
    assert refusal(lambda: open_as(path)).code == "weights_only"
    assert inspect_file(path, Opening())[0].recognised == "MobileNet (alpha 0.25)"
    model = open_as(path, "mobilenet 0.25 without top")
    assert_holds(model, base)
    unused = next(note for note in model.warnings if note.code == "weights_unused")
    assert unused.layers == ("my_scores",)
    assert (model.preprocessing.mode, model.preprocessing.source) == ("symmetric", "assumed")
    assert refusal(lambda: open_as(path, "mobilenet 0.25")).code == "weights_mismatch"


def test_that_its_own_top_may_be_left_away_too(tmp_path: Path) -> None:
    path = save_legacy(tmp_path / "whole.h5", weights_of(MOBILENET))
    model = open_as(path, "mobilenet 0.25 notop")
    assert (model.output_shape, model.preprocessing.source) == ((None, None, 256), "catalogue")
    assert next(note for note in model.warnings if note.code == "weights_unused").layers == ("conv_preds",)


def test_that_a_named_network_takes_the_place_of_program_code(tmp_path: Path) -> None:
    weights = weights_of("MobileNet 0.25 notop")
    path = save_legacy(tmp_path / "whole.h5", weights)
    layers = [{"class_name": "Lambda", "config": {"name": "code", "batch_input_shape": [None, 8, 8, 3]}}]
    with h5py.File(path, "r+") as file:
        own = {name: file.attrs[name] for name in file.attrs}
        holder = file.create_group("model_weights")
        for name in list(file):
            if name != "model_weights":
                file.move(name, f"model_weights/{name}")
        holder.attrs["layer_names"] = own["layer_names"]
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"layers": layers}})
    assert refusal(lambda: open_as(path)).code in {"lambda_layer", "weights_mismatch"}
    assert_holds(open_as(path, "mobilenet 0.25 notop"), weights)


def test_that_an_unknown_architecture_is_refused(tmp_path: Path) -> None:
    path = save_legacy(tmp_path / "a.h5", small_weights())
    assert refusal(lambda: open_as(path, "lenet")).code == "architecture_unknown"
    assert refusal(lambda: open_as(path, path)).code == "weights_only"


def test_that_weights_of_theano_are_turned_and_their_rows_reordered(tmp_path: Path) -> None:
    weights = small_weights()
    rows = weights["scores"][0].reshape(4, 4, 5, 2).transpose(2, 0, 1, 3).reshape(80, 2)
    theirs = [
        [weights["first"][0][::-1, ::-1].transpose(3, 2, 0, 1), weights["first"][1]],
        [weights["second"][0][::-1, ::-1].transpose(3, 2, 0, 1), weights["second"][1]],
        [],
        [rows, weights["scores"][1]],
    ]
    model = open_as(save_oldest(tmp_path / "old.h5", theirs), save_json(tmp_path / "network.json"))
    assert_holds(model, weights)
    assert {"keras1_kernel_order", "flatten_order", "theano_kernels"} <= codes(model)


def test_that_kernels_of_tensorflow_are_transposed_but_not_turned(tmp_path: Path) -> None:
    weights = small_weights()
    rows = weights["scores"][0].reshape(4, 4, 5, 2).transpose(2, 0, 1, 3).reshape(80, 2)
    theirs = {
        "first": [weights["first"][0].transpose(3, 2, 0, 1), weights["first"][1]],
        "second": [weights["second"][0].transpose(3, 2, 0, 1), weights["second"][1]],
        "scores": [rows, weights["scores"][1]],
    }
    path = save_legacy(tmp_path / "old.h5", theirs, version=None)
    assert_holds(open_as(path, save_json(tmp_path / "network.json")), weights)


def test_that_the_catalogues_kernels_in_tensorflows_order_are_never_turned(tmp_path: Path) -> None:
    weights = weights_of("MobileNet 0.25 notop")
    path = save_legacy(tmp_path / "bare.h5", weights, version=None, suffix="")
    assert_holds(open_as(path), weights)


def test_that_a_description_tells_who_wrote_its_weights(tmp_path: Path) -> None:
    """Keras 2 under Theano: kernels in TensorFlow's order, but turned; the weights file does not say so."""
    weights = small_weights()
    turned = {
        name: [kernel[::-1, ::-1] if kernel.ndim == 4 else kernel, bias] for name, (kernel, bias) in weights.items()
    }
    for suffix in (":0", ""):
        path = save_legacy(tmp_path / "network.h5", turned, version=None, suffix=suffix)
        written = {**SMALL, "keras_version": "2.1.0", "backend": "theano"}
        assert_holds(open_as(path, save_json(tmp_path / "network.json", written)), weights)
        written = {**SMALL, "keras_version": "2.1.0", "backend": "tensorflow"}
        assert_holds(open_as(path, save_json(tmp_path / "network.json", written)), turned)


def test_that_the_vgg16_of_2015_opens_in_a_blink(tmp_path: Path) -> None:
    """``layer_0/param_0``, Theano's kernels, half a gigabyte: the file with which transfer learning began."""
    widths = [64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
    shapes = [[(width, below, 3, 3), (width,)] for width, below in zip(widths, [3, *widths], strict=False)]
    shapes += [[(25088, 4096), (4096,)], [(4096, 4096), (4096,)], [(4096, 1000), (1000,)]]
    path = tmp_path / "vgg16_weights.h5"
    kernel = np.arange(64 * 27, dtype=np.float32).reshape(64, 3, 3, 3)
    early = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    early.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)  # a sparse file: its room is taken, nothing is written
    early.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    with h5py.File(path, "w") as file:
        file.attrs["nb_layers"] = 2 * len(shapes)
        for number, own in enumerate(shapes):
            file.create_group(f"layer_{2 * number}").attrs["nb_params"] = 0
            group = file.create_group(f"layer_{2 * number + 1}")
            for place, shape in enumerate(own):
                space = h5py.h5s.create_simple(shape)
                h5py.h5d.create(group.id, f"param_{place}".encode(), h5py.h5t.IEEE_F32LE, space, early)
        file["layer_1/param_0"][:] = kernel
    assert path.stat().st_size > 500e6
    began = time.perf_counter()
    model = open_as(path)
    assert time.perf_counter() - began < 0.5
    assert (model.recognised, model.preprocessing.mode, model.preprocessing.source) == ("VGG16", "caffe", "catalogue")
    ((_path, (first, _bias)),) = read_weights({"block1_conv1": model.weights["block1_conv1"]})
    np.testing.assert_array_equal(first, kernel.transpose(2, 3, 1, 0)[::-1, ::-1])
    assert [step.name for step in model.weights["fc1"][0].steps] == ["rows_from_channels_first"]
    assert model.weights["fc1"][0].steps[0].numbers == (512, 7, 7)
    assert model.weights["fc2"][0].steps == ()


def test_that_the_catalogue_says_nothing_of_other_networks(tmp_path: Path) -> None:
    model = open_as(save_legacy(tmp_path / "a.h5", small_weights()), save_json(tmp_path / "n.json", SMALL))
    assert (model.recognised, model.preprocessing.source) == ("", "assumed")
