"""Caffe's files as data: which belong together, what they declare, what of them is refused."""
# ruff: noqa: E501  (descriptions of networks)

import random
import time
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.caffe_files import (
    Blobs,
    blob_bytes,
    caffe_pair,
    input_layer,
    layer,
    old_weights_bytes,
    part,
    weights_bytes,
    whole_bytes,
)
from tests.caffe_zoo import vgg16
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.arrays import layers_not_finite, read_weights
from tlstudio.core.model.labels import read_labels
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.opening import Opening
from tlstudio.core.model.reading import open_model
from tlstudio.core.model.safely import ReaderProcess

CONV = layer("conv", "Convolution", "data", "", "convolution_param { num_output: 4 kernel_size: 3 }")
TOP = layer("pool", "Pooling", "conv", "", "pooling_param { pool: AVE global_pooling: true }") + layer(
    "fc", "InnerProduct", "pool", "", "inner_product_param { num_output: 5 }"
)
BODY = CONV + TOP + layer("prob", "Softmax", "fc")


def blobs() -> Blobs:
    values = np.random.default_rng(3)
    return {
        "conv": [values.normal(size=(4, 3, 3, 3)), values.normal(size=4)],
        "fc": [values.normal(size=(5, 4)), values.normal(size=5)],
    }


def pair(folder: Path, text: str, more: Blobs | None = None) -> Path:
    return caffe_pair(folder, text, blobs() | (more or {}))


def refused(path: Path, opening: Opening | None = None) -> TLStudioError:
    with pytest.raises(TLStudioError) as caught:
        open_model(path, opening or Opening())
    assert len(str(caught.value).splitlines()) == 1
    return caught.value


def codes(model: ModelFile) -> set[str]:
    return {note.code for note in (*model.graph.repairs, *model.warnings)}


# -- inputs ---------------------------------------------------------------------------------------------

INPUTS = {
    "input_dim": 'input: "data" input_dim: 1 input_dim: 3 input_dim: 20 input_dim: 24',
    "input_shape": 'input: "data" input_shape { dim: 10 dim: 3 dim: 20 dim: 24 }',
    "Input": 'layer { name: "in" type: "Input" top: "data" input_param { shape: { dim: [1, 3, 20, 24] } } }',
    "DummyData": 'layer { name: "in" type: "DummyData" top: "data" dummy_data_param { shape { dim: 1 dim: 3 dim: 20 dim: 24 } } }',
    "DummyData of old": 'layer { name: "in" type: "DummyData" top: "data" dummy_data_param { num: 1 channels: 3 height: 20 width: 24 } }',
    "MemoryData": 'layer { name: "in" type: "MemoryData" top: "data" top: "label" memory_data_param { batch_size: 1 channels: 3 height: 20 width: 24 } }',
    "ImageData": 'layer { name: "in" type: "ImageData" top: "data" top: "label" image_data_param { source: "no/list.txt" new_height: 20 new_width: 24 } }',
}  # fmt: skip


@pytest.mark.parametrize("way", INPUTS)
def test_that_an_input_may_be_declared_in_many_ways(way: str, tmp_path: Path) -> None:
    model = open_model(pair(tmp_path, INPUTS[way] + "\n" + BODY))
    assert model.input_shape == (20, 24, 3)
    assert model.shapes["conv"] == (18, 22, 4)
    assert model.output_units == 5


TRAINING = """
layer { name: "data" type: "Data" top: "data" top: "label" include { phase: TRAIN } transform_param { crop_size: 22 mean_value: 90 mean_value: 100 mean_value: 120 scale: 0.5 } data_param { source: "/no/train_lmdb" batch_size: 64 backend: LMDB } }
layer { name: "data" type: "Data" top: "data" top: "label" include { phase: TEST } transform_param { crop_size: 20 mean_value: 90 mean_value: 100 mean_value: 120 scale: 0.5 } data_param { source: "/no/val_lmdb" batch_size: 50 backend: LMDB } }
"""
LOSSES = layer("loss", "SoftmaxWithLoss", "fc label") + layer(
    "acc", "Accuracy", "fc label", "", "include { phase: TEST }"
)


def test_that_a_training_description_is_opened_as_it_is_used(tmp_path: Path) -> None:
    dropped = layer("extra", "Dropout", "fc", "fc", "include { phase: TRAIN } dropout_param { dropout_ratio: 0.3 }")
    model = open_model(pair(tmp_path, TRAINING + CONV + TOP + dropped + LOSSES))
    assert model.input_shape == (20, 20, 3)
    assert model.graph.layers[model.graph.calls[model.graph.outputs[0]].layer].type == "Softmax"
    assert not {"label", "acc", "extra"} & model.graph.layers.keys()
    assert "caffe_training_layers" in codes(model)


def test_that_a_description_for_training_alone_tells_the_size_too(tmp_path: Path) -> None:
    only = TRAINING.strip().splitlines()[0]
    assert open_model(pair(tmp_path, only + CONV + TOP + LOSSES)).input_shape == (22, 22, 3)


def test_that_a_softmax_beside_a_loss_is_the_answer_alone(tmp_path: Path) -> None:
    test = layer("prob", "Softmax", "fc", "", "include { phase: TEST }")
    assert open_model(pair(tmp_path, TRAINING + CONV + TOP + LOSSES + test)).outputs == ("prob",)


V1_TRAINING = """
layers { name: "data" type: DATA top: "data" top: "label" include { phase: TRAIN } data_param { source: "/no" mean_file: "/no/mean" batch_size: 9 crop_size: 20 mirror: true } }
layers { name: "conv" type: CONVOLUTION bottom: "data" top: "conv" blobs_lr: 1 blobs_lr: 2 convolution_param { num_output: 4 kernel_size: 3 } }
layers { name: "pool" type: POOLING bottom: "conv" top: "pool" pooling_param { pool: AVE kernel_size: 18 } }
layers { name: "fc" type: INNER_PRODUCT bottom: "pool" top: "fc" inner_product_param { num_output: 5 } }
layers { name: "loss" type: SOFTMAX_LOSS bottom: "fc" bottom: "label" }
layers { name: "acc" type: ACCURACY bottom: "fc" bottom: "label" top: "acc" include { phase: TEST } }
"""
V0_TRAINING = """
layers { layer { name: "data" type: "data" source: "/no" meanfile: "/no/mean" batchsize: 9 cropsize: 20 mirror: true } top: "data" top: "label" }
layers { layer { name: "conv" type: "conv" num_output: 4 kernelsize: 3 weight_filler { type: "gaussian" std: 0.01 } blobs_lr: 1. } bottom: "data" top: "conv" }
layers { layer { name: "pool" type: "pool" pool: AVE kernelsize: 18 } bottom: "conv" top: "pool" }
layers { layer { name: "fc" type: "innerproduct" num_output: 5 biasterm: true } bottom: "pool" top: "fc" }
layers { layer { name: "loss" type: "softmax_loss" } bottom: "fc" bottom: "label" }
"""


@pytest.mark.parametrize(("text", "version"), [(V1_TRAINING, 1), (V0_TRAINING, 0)])
def test_that_old_training_descriptions_are_opened_as_they_are_used(text: str, version: int, tmp_path: Path) -> None:
    types = {"conv": "CONVOLUTION", "fc": "INNER_PRODUCT"} if version else {"conv": "conv", "fc": "innerproduct"}
    (tmp_path / "net.prototxt").write_text(text)
    (tmp_path / "net.caffemodel").write_bytes(old_weights_bytes(blobs(), types, version))
    model = open_model(tmp_path / "net.prototxt")
    assert (model.input_shape, model.output_units) == ((20, 20, 3), 5)
    assert model.graph.layers["loss"].type == "Softmax"
    assert codes(model) == {"caffe_training_layers", "caffe_mean_missing"}


def test_that_stages_of_one_file_for_all_purposes_are_told_apart(tmp_path: Path) -> None:
    text = (
        'layer { name: "train" type: "Data" top: "data" top: "label" include { stage: "train" } data_param { source: "/no" } }\n'
        'layer { name: "use" type: "Input" top: "data" include { stage: "deploy" } input_param { shape { dim: 1 dim: 3 dim: 16 dim: 16 } } }\n'
        + CONV + TOP
        + layer("loss", "SoftmaxWithLoss", "fc label", "", 'exclude { stage: "deploy" }')
        + layer("prob", "Softmax", "fc", "", 'include { stage: "deploy" }')
    )  # fmt: skip
    model = open_model(pair(tmp_path, text))
    assert model.input_shape == (16, 16, 3)
    assert list(model.graph.layers)[-1] == "prob"


def test_that_the_heaviest_of_several_losses_is_the_answer(tmp_path: Path) -> None:
    aside = layer("aside", "InnerProduct", "pool", "", "inner_product_param { num_output: 5 }")
    light = 'layer { name: "light" type: "SoftmaxWithLoss" bottom: "aside" bottom: "label" top: "light" loss_weight: 0.3 }\n'
    text = TRAINING + CONV + TOP + aside + light + LOSSES
    path = pair(tmp_path, text, {"aside": blobs()["fc"]})
    model = open_model(path)
    assert model.outputs == ("loss",)
    assert "caffe_auxiliary" in codes(model)
    assert "aside" not in model.graph.layers
    assert open_model(path, Opening(output="light")).outputs == ("light", "loss")


# -- data that is elsewhere -----------------------------------------------------------------------------


def test_that_a_data_layer_is_not_followed_and_asks_for_the_size(tmp_path: Path) -> None:
    secret = tmp_path / "secret.h5"
    secret.write_text("not to be read")
    data = f'layer {{ name: "data" type: "HDF5Data" top: "data" hdf5_data_param {{ source: "{secret}" batch_size: 1 }} }}\n'
    path = pair(tmp_path, data + BODY)
    assert refused(path).code == "caffe_input_unknown"
    assert open_model(path, Opening(input_size=(9, 11))).input_shape == (9, 11, 3)


def test_that_a_layer_in_python_is_named_and_not_run(tmp_path: Path) -> None:
    code = layer("own", "Python", "conv", "", 'python_param { module: "os" layer: "system" param_str: "touch x" }')
    path = pair(
        tmp_path, input_layer(3, 9, 9) + CONV + code + layer("r", "ReLU", "own") + TOP.replace('"conv"', '"r"')
    )
    error = refused(path)
    assert (error.code, error.facts["layer"], error.facts["type"]) == ("unsupported_layer", "own", "Python")
    assert error.facts["below"] == "conv"
    assert open_model(path, Opening(output="conv")).output_shape == (7, 7, 4)


def test_that_a_layer_that_would_write_a_file_is_refused(tmp_path: Path) -> None:
    writer = layer("out", "HDF5Output", "fc", "", f'hdf5_output_param {{ file_name: "{tmp_path}/written" }}')
    assert (
        refused(pair(tmp_path, input_layer(3, 9, 9) + BODY + writer.replace('top: "out"', ""))).code == "unsafe_model"
    )
    assert not (tmp_path / "written").exists()


def test_that_an_unsupported_setting_is_named_with_its_layer(tmp_path: Path) -> None:
    pool = layer("random", "Pooling", "conv", "", "pooling_param { pool: STOCHASTIC kernel_size: 2 }")
    error = refused(pair(tmp_path, input_layer(3, 9, 9) + CONV + pool))
    assert error.facts["layer"] == "random"
    assert error.facts["type"] == "Pooling STOCHASTIC"


def test_that_what_may_be_used_below_an_unsupported_layer_is_named_in_a_detector_too(tmp_path: Path) -> None:
    """Its layers look at the image again far above, so that no layer lies between the image and everything else."""
    above = (
        layer("odd", "Normalize", "conv")
        + layer("boxes", "PriorBox", "odd data")
        + layer("found", "DetectionOutput", "boxes odd")
    )
    path = pair(tmp_path, input_layer(3, 9, 9) + CONV + above)
    assert (refused(path).facts["layer"], refused(path).facts["below"]) == ("odd", "conv")
    assert refused(path, Opening(output="found")).code == "unsupported_layer"


def test_that_a_type_of_some_fork_is_named_in_the_old_format_too(tmp_path: Path) -> None:
    text = """input: "data" input_dim: 1 input_dim: 3 input_dim: 9 input_dim: 9
    layers { name: "conv" type: CONVOLUTION bottom: "data" top: "conv" convolution_param { num_output: 4 kernel_size: 3 } }
    layers { name: "odd" type: SPATIAL_THING bottom: "conv" top: "odd" }"""
    (tmp_path / "net.prototxt").write_text(text)
    (tmp_path / "net.caffemodel").write_bytes(old_weights_bytes({"conv": blobs()["conv"]}, {"conv": "CONVOLUTION"}))
    assert refused(tmp_path / "net.prototxt").facts["type"] == "SPATIAL_THING"


def test_that_newer_types_are_known_in_the_old_format(tmp_path: Path) -> None:
    text = """input: "data" input_dim: 1 input_dim: 3 input_dim: 9 input_dim: 9
    layers { name: "conv" type: CONVOLUTION bottom: "data" top: "conv" convolution_param { num_output: 4 kernel_size: 3 } }
    layers { name: "slope" type: PRELU bottom: "conv" top: "conv" prelu_param { channel_shared: true } }"""
    (tmp_path / "net.prototxt").write_text(text)
    types = {"conv": "CONVOLUTION", "slope": "NONE"}
    stored = {"conv": blobs()["conv"], "slope": [np.ones(1)]}
    (tmp_path / "net.caffemodel").write_bytes(old_weights_bytes(stored, types))
    model = open_model(tmp_path / "net.prototxt")
    assert model.graph.layers["slope"].type == "PReLU"
    assert model.weights["slope"][0].shape == (1, 1, 1)
    assert not codes(model)


# -- weights --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("style", "digits"), [("packed", 7), ("old", 7), ("unpacked", 7), ("double", 7), ("half", 2)]
)
def test_that_blobs_of_every_kind_are_read(style: str, digits: int, tmp_path: Path) -> None:
    path = caffe_pair(tmp_path, input_layer(3, 9, 9) + BODY, blobs(), style)
    read = dict(read_weights(open_model(path).weights))
    np.testing.assert_allclose(read["conv"][0], blobs()["conv"][0].transpose(2, 3, 1, 0), atol=10.0**-digits)
    np.testing.assert_allclose(read["fc"][0], blobs()["fc"][0].T, atol=10.0**-digits)


def test_that_a_snapshot_in_hdf5_is_read(tmp_path: Path) -> None:
    path = tmp_path / "net.prototxt"
    path.write_text((input_layer(3, 9, 9) + BODY).replace('name: "conv"', 'name: "block/conv"'))
    weights = tmp_path / "net_iter_7.caffemodel.h5"
    with h5py.File(weights, "w") as file:
        for name, values in blobs().items():
            group = file.create_group(f"data/{'block/conv' if name == 'conv' else name}")
            for number, value in enumerate(values):
                group.create_dataset(str(number), data=value.astype("<f4"))
        file.create_group("diff")
    for opened in (path, weights, tmp_path):
        read = dict(read_weights(open_model(opened).weights))
        np.testing.assert_allclose(read["block/conv"][0], blobs()["conv"][0].transpose(2, 3, 1, 0), atol=1e-6)
    with h5py.File(weights, "a") as file:
        del file["data/fc/0"]
        file["data/fc/0"] = h5py.ExternalLink("/etc/hostname", "/x")
    assert refused(path).code == "unsafe_model"


@pytest.mark.parametrize("style", ["packed", "unpacked", "double"])
def test_that_values_that_are_no_numbers_are_found(style: str, tmp_path: Path) -> None:
    spoiled = blobs()
    spoiled["fc"][0][4, 3] = np.nan
    model = open_model(caffe_pair(tmp_path, input_layer(3, 9, 9) + BODY, spoiled, style))
    assert layers_not_finite(model.weights) == ["fc"]


def test_that_missing_and_unfitting_weights_are_refused_and_unused_ones_told(tmp_path: Path) -> None:
    text = input_layer(3, 9, 9) + BODY
    assert "conv" in str(refused(caffe_pair(tmp_path, text, {"fc": blobs()["fc"]})))
    assert "4×3×3×3" in str(refused(pair(tmp_path, text, {"conv": [np.zeros((4, 3, 5, 5)), np.zeros(4)]})))
    model = open_model(pair(tmp_path, text, {"other": [np.zeros(3)]}))
    assert [note.layers for note in model.warnings if note.code == "caffe_unused_weights"] == [("other",)]


def test_that_a_snapshot_is_opened_without_a_description(tmp_path: Path) -> None:
    path = tmp_path / "snapshot_iter_10.caffemodel"
    path.write_bytes(whole_bytes('name: "n"' + TRAINING.strip().splitlines()[0] + CONV + TOP + LOSSES, blobs()))
    model = open_model(path)
    assert model.input_shape == (22, 22, 3)
    assert model.output_units == 5
    path.write_bytes(weights_bytes(blobs()))
    assert refused(path).code == "caffe_network_missing"


# -- which files belong together ------------------------------------------------------------------------


def test_that_the_description_for_use_is_taken_before_that_for_training(tmp_path: Path) -> None:
    (tmp_path / "train_val.prototxt").write_text(TRAINING + CONV + TOP + LOSSES)
    (tmp_path / "solver.prototxt").write_text('net: "train_val.prototxt"')
    weights = tmp_path / "net_iter_9.caffemodel"
    weights.write_bytes(weights_bytes(blobs()))
    assert open_model(weights).input_shape == (20, 20, 3)
    (tmp_path / "deploy.prototxt").write_text(input_layer(3, 9, 9) + BODY)
    assert open_model(weights).input_shape == (9, 9, 3)
    assert open_model(tmp_path).input_shape == (9, 9, 3)
    named = Opening(architecture="train_val.prototxt")
    assert open_model(weights, named).input_shape == (20, 20, 3)


def test_that_names_tell_several_networks_of_a_folder_apart(tmp_path: Path) -> None:
    for name, side in (("deploy_age", 9), ("deploy_gender", 11)):
        (tmp_path / f"{name}.prototxt").write_text(input_layer(3, side, side) + BODY)
    for name in ("age_net", "gender_net"):
        (tmp_path / f"{name}.caffemodel").write_bytes(weights_bytes(blobs()))
    assert open_model(tmp_path / "age_net.caffemodel").input_shape == (9, 9, 3)
    assert open_model(tmp_path / "gender_net.caffemodel").input_shape == (11, 11, 3)
    assert open_model(tmp_path / "deploy_gender.prototxt").files[1].name == "gender_net.caffemodel"
    assert refused(tmp_path).code == "caffe_several"


def test_that_a_description_without_weights_says_what_to_do(tmp_path: Path) -> None:
    path = pair(tmp_path, input_layer(3, 9, 9) + BODY)
    (tmp_path / "net.caffemodel").unlink()
    assert refused(path).code == "caffe_weights_missing"
    assert refused(path, Opening(architecture="nowhere.caffemodel")).code == "model_missing"
    assert refused(tmp_path).code == "caffe_weights_missing"


def test_that_what_belongs_to_a_network_is_named_where_it_is_opened_itself(tmp_path: Path) -> None:
    path = pair(tmp_path, input_layer(3, 9, 9) + BODY)
    path.write_text('net: "train_val.prototxt" base_lr: 0.1')
    assert "solver" in str(refused(path))
    mean = tmp_path / "mean.binaryproto"
    mean.write_bytes(blob_bytes(np.ones((1, 3, 9, 9)), "old"))
    assert "mean image" in str(refused(mean))


def test_that_what_lies_in_the_place_of_a_file_is_named(tmp_path: Path) -> None:
    path = pair(tmp_path, input_layer(3, 9, 9) + BODY)
    weights = tmp_path / "net.caffemodel"
    path.write_bytes(weights.read_bytes())
    assert "exchanged" in str(refused(path))
    path.write_text(input_layer(3, 9, 9) + BODY)
    weights.write_bytes(path.read_bytes())
    assert "exchanged" in str(refused(weights))
    weights.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n")
    assert "Git LFS" in str(refused(path))


def test_that_links_are_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    weights = pair(elsewhere, input_layer(3, 9, 9) + BODY).with_suffix(".caffemodel")
    (tmp_path / "net.prototxt").write_text(input_layer(3, 9, 9) + BODY)
    (tmp_path / "net.caffemodel").symlink_to(weights)
    assert refused(tmp_path / "net.prototxt").code == "caffe_weights_missing"


# -- preprocessing --------------------------------------------------------------------------------------


def scaling_of(model: ModelFile) -> tuple[str, str, list[float] | float | None]:
    rescaling = next((spec for spec in model.graph.layers.values() if spec.type == "Rescaling"), None)
    return model.preprocessing.mode, model.preprocessing.source, rescaling.config["offset"] if rescaling else None


def test_that_nothing_told_is_said_to_be_assumed(tmp_path: Path) -> None:
    assert scaling_of(open_model(pair(tmp_path, input_layer(3, 9, 9) + BODY))) == ("caffe", "assumed", None)


@pytest.mark.parametrize(
    ("transform", "expected"),
    [
        ("mean_value: 104 mean_value: 117 mean_value: 123", ("caffe", "declared", None)),
        ("mean_value: 90 mean_value: 100 mean_value: 120", ("bgr", "declared", [-90.0, -100.0, -120.0])),
        ("mean_value: 120 mean_value: 100 mean_value: 90", ("raw", "declared", [-120.0, -100.0, -90.0])),
        ("mean_value: 128 scale: 0.5", ("bgr", "declared", [-64.0, -64.0, -64.0])),
        ("scale: 0.5", ("bgr", "declared", [-0.0, -0.0, -0.0])),
        ('mean_file: "/no/mean.binaryproto"', ("caffe", "assumed", None)),
    ],
)  # fmt: skip
def test_that_a_data_layer_declares_the_scaling(
    transform: str, expected: tuple[str, str, list[float] | None], tmp_path: Path
) -> None:
    data = f'layer {{ name: "data" type: "Data" top: "data" top: "label" transform_param {{ crop_size: 9 {transform} }} }}\n'
    assert scaling_of(open_model(pair(tmp_path, data + CONV + TOP + LOSSES))) == expected


def test_that_a_snapshot_tells_the_scaling_of_its_training(tmp_path: Path) -> None:
    path = pair(tmp_path, input_layer(3, 22, 22) + BODY)
    (tmp_path / "net.caffemodel").write_bytes(
        whole_bytes('name: "n"' + TRAINING.strip().splitlines()[0] + CONV + TOP + LOSSES, blobs())
    )
    assert scaling_of(open_model(path)) == ("bgr", "declared", [-45.0, -50.0, -60.0])


def test_that_the_trainings_description_beside_tells_the_scaling_of_its_own_network_only(tmp_path: Path) -> None:
    path = pair(tmp_path, input_layer(3, 9, 9) + BODY)
    (tmp_path / "train_val.prototxt").write_text(TRAINING + CONV + TOP + LOSSES)
    assert scaling_of(open_model(path)) == ("bgr", "declared", [-45.0, -50.0, -60.0])
    (tmp_path / "train_val.prototxt").write_text(TRAINING + CONV + TOP.replace("fc", "other") + LOSSES)
    assert scaling_of(open_model(path)) == ("caffe", "assumed", None)
    (tmp_path / "train_val.prototxt").write_text("layer { ? }")
    assert scaling_of(open_model(path)) == ("caffe", "assumed", None)


@pytest.mark.parametrize(("means", "mode"), [((104, 117, 123), "bgr"), ((123, 117, 104), "raw")])
def test_that_a_mean_image_beside_tells_the_order_of_colours(
    means: tuple[int, ...], mode: str, tmp_path: Path
) -> None:
    path = pair(tmp_path, input_layer(3, 9, 9) + BODY)
    for side in (9, 12):
        image = np.ones((1, 3, side, side)) * np.reshape(means, (1, 3, 1, 1))
        (tmp_path / "net_mean.binaryproto").write_bytes(blob_bytes(image, "old"))
        model = open_model(path)
        assert (model.preprocessing.mode, model.preprocessing.source) == (mode, "declared")
        if side == 9:
            assert model.files[-1].name == "net_mean.binaryproto"
            mean = dict(read_weights(model.weights))["mean"][0]
            np.testing.assert_allclose(mean, image[0].transpose(1, 2, 0))
        else:
            assert scaling_of(model)[2] == [-float(value) for value in means]


def test_that_class_names_lose_wordnets_numbers_unless_they_need_them(tmp_path: Path) -> None:
    file = tmp_path / "synset.txt"
    file.write_text("'n01491361 tiger shark, Galeocerdo cuvieri'\n'n02012849 crane'\n'n03126707 crane'\n")
    assert read_labels(file) == ("tiger shark, Galeocerdo cuvieri", "crane (n02012849)", "crane (n03126707)")
    file.write_text("n01491361 tiger shark\nnobody\n")
    assert read_labels(file) == ("n01491361 tiger shark", "nobody")


# -- names ----------------------------------------------------------------------------------------------


def test_that_slashes_in_names_make_branches_and_clashes_are_told_apart(tmp_path: Path) -> None:
    names = ["block/a", "block/b", "block", "block/a", "a b/c:d", "x", "x/y"]
    text, below = input_layer(3, 9, 9), "data"
    for number, name in enumerate(names):
        text += layer(name, "ReLU", below, f"t{number}")
        below = f"t{number}"
    model = open_model(caffe_pair(tmp_path, text, blobs()))
    paths = [call.layer for call in model.graph.calls][1:]
    assert paths == ["block/a", "block/b", "block_2", "block_a", "a_b/c_d", "x", "x_y"]
    assert set(model.graph.branches) == {"block", "a_b"}


# -- strangers' files -----------------------------------------------------------------------------------


def test_that_a_circle_is_refused(tmp_path: Path) -> None:
    assert "“prob”" in str(
        refused(pair(tmp_path, input_layer(3, 9, 9) + BODY.replace('bottom: "data"', 'bottom: "prob"')))
    )


@pytest.mark.parametrize(
    "settings",
    [
        "num_output: 4 kernel_size: 100000", "num_output: 4 kernel_size: 3 stride: 0", "num_output: 0 kernel_size: 3",
        "num_output: 4 kernel_size: 3 pad: 4000000000", "num_output: 4 kernel_size: 3 group: 3",
        "num_output: 4 kernel_size: 30", "num_output: 4 kernel_size: -3",
    ],
)  # fmt: skip
def test_that_senseless_numbers_are_refused(settings: str, tmp_path: Path) -> None:
    conv = layer("conv", "Convolution", "data", "", f"convolution_param {{ {settings} }}")
    assert refused(pair(tmp_path, input_layer(3, 9, 9) + conv + TOP)).code in {
        "unreadable_network",
        "weights_mismatch",
    }


@pytest.mark.parametrize("number", ["nan", "inf", "1e999"])
def test_that_settings_that_are_no_numbers_are_refused(number: str, tmp_path: Path) -> None:
    power = layer("odd", "Power", "data", "", f"power_param {{ scale: {number} }}")
    assert "odd" in str(refused(caffe_pair(tmp_path, input_layer(3, 9, 9) + power, blobs())))


def test_that_what_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    huge = input_layer(3, 60000, 60000) + layer(
        "p", "Pooling", "data", "", "pooling_param { pool: AVE kernel_size: 3 pad: 1 stride: 1 }"
    )
    assert refused(caffe_pair(tmp_path, huge, blobs())).code == "unsafe_model"
    many = input_layer(3, 9, 9) + layer("r", "ReLU", "data", "data") * 20_001
    assert refused(caffe_pair(tmp_path, many, blobs())).code == "unsafe_model"
    (tmp_path / "net.prototxt").write_text("layer { }" + "#" * (5 << 20))
    assert refused(tmp_path / "net.prototxt").code == "unsafe_model"


def test_that_unknown_settings_are_passed_over_with_a_warning(tmp_path: Path) -> None:
    model = open_model(pair(tmp_path, input_layer(3, 9, 9) + BODY + "some_fork { of: 1 }"))
    assert codes(model) == {"caffe_unknown_fields"}


def test_that_damaged_files_give_a_sentence_and_nothing_else(tmp_path: Path) -> None:
    path = pair(tmp_path, input_layer(3, 9, 9) + BODY)
    whole, dice = (tmp_path / "net.caffemodel").read_bytes(), random.Random(5)
    for _time in range(1500):
        data = bytearray(whole[: dice.choice([len(whole), dice.randrange(1, len(whole))])])
        for _byte in range(dice.randrange(1, 4)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        (tmp_path / "net.caffemodel").write_bytes(data)
        try:
            open_model(path)
        except TLStudioError as error:
            assert error.exit_code == 2


def test_that_a_length_beyond_the_file_is_damage(tmp_path: Path) -> None:
    path = pair(tmp_path, input_layer(3, 9, 9) + BODY)
    (tmp_path / "net.caffemodel").write_bytes(part(1, b"n") + b"\xa2\x06" + b"\xff" * 4 + b"\x7f" + b"abc")
    assert refused(path).code == "truncated_model"
    (tmp_path / "net.caffemodel").write_bytes(weights_bytes(blobs()) + part(6, b"\xff\xff"))  # a state that is none
    assert refused(path).code == "truncated_model"


@pytest.mark.shared
def test_that_the_hostile_caffe_files_get_what_they_should(shared: Callable[[str], Path], tmp_path: Path) -> None:
    import tarfile

    with tarfile.open(shared("hostile/models.tar.gz")) as archive:
        archive.extractall(tmp_path, filter="data")
    wanted = [line.split("\t") for line in shared("hostile/models.MANIFEST.tsv").read_text().splitlines()[1:]]
    caffe = [row for row in wanted if row[0].endswith((".prototxt", ".caffemodel"))]
    assert len(caffe) > 9
    with ReaderProcess() as reader:
        for name, *_rest, must in caffe:
            file = next(tmp_path.rglob(name))
            began = time.monotonic()
            try:
                model = reader.read(file)
                assert must.startswith("open"), name
                assert bool(reader.layers_not_finite(model)) == ("nan" in name)
            except TLStudioError as error:
                assert "reject" in must, name
                assert (error.exit_code, len(str(error).splitlines())) == (2, 1)
            assert time.monotonic() - began < 5


@pytest.mark.shared
def test_that_real_networks_are_described(shared: Callable[[str], Path]) -> None:
    squeezenet = open_model(shared("models/caffe/squeezenet_v1.0/squeezenet_v1.0.caffemodel"))
    assert (squeezenet.input_shape, squeezenet.output_units) == ((227, 227, 3), 1000)
    assert squeezenet.labels[3] == "tiger shark, Galeocerdo cuvieri"
    assert squeezenet.parameters == 1_248_424
    cifar = open_model(shared("models/caffe/cifar10_quick/cifar10_quick.prototxt"))
    assert cifar.preprocessing.mode == "raw"
    assert cifar.shapes["pool1"] == (16, 16, 32)


def test_that_weights_of_half_a_gigabyte_are_not_read_to_show_the_tree(tmp_path: Path) -> None:
    path = vgg16().write(tmp_path)
    assert path.with_suffix(".caffemodel").stat().st_size > 500e6
    with ReaderProcess() as reader:
        with pytest.raises(TLStudioError):
            reader.read(tmp_path / "nothing")  # what a process needs to start is not what is measured
        began = time.monotonic()
        model = reader.read(path)
        assert time.monotonic() - began < 0.5
    assert model.parameters == 138_357_544
