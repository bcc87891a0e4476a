"""What whole networks compute that were read from Caffe's files, against Caffe's own definitions."""
# ruff: noqa: E501  (tables)

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests import caffe_by_numpy as by
from tests.caffe_files import caffe_pair, computed, input_layer, layer, old_weights_bytes
from tlstudio.core.data.preprocess import preprocess
from tlstudio.core.model.reading import open_model
from tlstudio.engine.build import build_model
from tlstudio.engine.runtime import keras

Array = np.ndarray
MAPS = (6, 7, 9)  # channels, height, width: no two alike
random = np.random.default_rng(8)


def some(*sizes: int) -> Array:
    return random.normal(size=sizes).astype(np.float32)


BN = [some(6), random.uniform(0.3, 1.5, 6).astype(np.float32), np.array([2.5], np.float32)]
A, B, SLOPES, ROWS = some(6), some(6), some(378), some(6, 9)
K, K2 = some(4, 6, 3, 3), some(6, 6, 1, 1)
W = some(5, 378)
NETWORKS: dict[str, tuple[str, dict[str, list[Array]], Callable[[Array], Array]]] = {
    "BatchNorm and Scale are joined": (
        layer("bn", "BatchNorm", "data") + layer("scale", "Scale", "bn", "bn", "scale_param { bias_term: true }"),
        {"bn": BN, "scale": [A, B]},
        lambda x: by.batch_norm(x, *BN, 1e-5) * by.by_channel(A, x) + by.by_channel(B, x),
    ),
    "BatchNorm and Scale with something between": (
        layer("bn", "BatchNorm", "data") + layer("relu", "ReLU", "bn") + layer("scale", "Scale", "bn") + layer("sum", "Eltwise", "relu scale"),
        {"bn": BN, "scale": [A]},
        lambda x: np.maximum(by.batch_norm(x, *BN, 1e-5), 0) + by.batch_norm(x, *BN, 1e-5) * by.by_channel(A, x),
    ),
    "in place": (
        layer("c1", "Convolution", "data", "c", "convolution_param { num_output: 6 kernel_size: 1 bias_term: false }") + layer("r", "ReLU", "c", "c") + layer("c2", "Convolution", "c", "c", "convolution_param { num_output: 6 kernel_size: 1 bias_term: false }") + layer("both", "Eltwise", "data c", "c"),
        {"c1": [K2], "c2": [K2[::-1].copy()]},
        lambda x: x + by.convolution(np.maximum(by.convolution(x, K2), 0), K2[::-1]),
    ),
    "Eltwise with factors": (
        layer("p", "Power", "data", "", "power_param { scale: 2 }") + layer("e", "Eltwise", "data p data", "", "eltwise_param { operation: SUM coeff: 1 coeff: -0.5 coeff: 3 }"),
        {},
        lambda x: x - x + 3 * x,
    ),
    "Eltwise difference": (
        layer("a", "AbsVal", "data") + layer("e", "Eltwise", "data a", "", "eltwise_param { coeff: 1 coeff: -1 }"),
        {},
        lambda x: x - np.abs(x),
    ),
    "Eltwise product and maximum": (
        layer("s", "Sigmoid", "data") + layer("p", "Eltwise", "data s", "", "eltwise_param { operation: PROD }") + layer("m", "Eltwise", "p s", "", "eltwise_param { operation: MAX }"),
        {},
        lambda x: np.maximum(x / (1 + np.exp(-x)), 1 / (1 + np.exp(-x))),
    ),
    "Concat of channels, of rows, and by its old name": (
        layer("a", "AbsVal", "data") + layer("c", "Concat", "data a") + layer("r", "Concat", "c c", "", "concat_param { axis: 2 }") + layer("o", "Concat", "r r", "", "concat_param { concat_dim: 1 }"),
        {},
        lambda x: np.concatenate([np.concatenate([np.concatenate([x, np.abs(x)], 1)] * 2, 2)] * 2, 1),
    ),
    "Concat of flattened maps": (
        layer("p", "Pooling", "data", "", "pooling_param { kernel_size: 3 stride: 3 }") + layer("f", "Flatten", "data") + layer("g", "Flatten", "p") + layer("c", "Concat", "f g"),
        {},
        lambda x: np.concatenate([x.reshape(2, -1), by.pooling(x, "MAX", (3, 3), (3, 3)).reshape(2, -1)], 1),
    ),
    "Slice in pieces": (
        layer("s", "Slice", "data", "a b c", "slice_param { slice_point: 1 slice_point: 4 }") + layer("j", "Concat", "c a b"),
        {},
        lambda x: np.concatenate([x[:, 4:], x[:, :1], x[:, 1:4]], 1),
    ),
    "Slice in halves, along rows": (
        layer("p", "Pooling", "data", "", "pooling_param { kernel_size: 2 stride: 2 }") + layer("s", "Slice", "p", "a b", "slice_param { axis: -2 }") + layer("j", "Eltwise", "a b"),
        {},
        lambda x: by.pooling(x, "MAX", (2, 2), (2, 2))[:, :, :2] + by.pooling(x, "MAX", (2, 2), (2, 2))[:, :, 2:],
    ),
    "Crop of the sides": (
        layer("p", "Pooling", "data", "", "pooling_param { kernel_size: 3 stride: 1 }") + layer("c", "Crop", "data p", "", "crop_param { offset: 1 offset: 2 }"),
        {},
        lambda x: x[:, :, 1:6, 2:9],
    ),
    "Crop of channels, too": (
        layer("p", "Convolution", "data", "", "convolution_param { num_output: 4 kernel_size: 3 bias_term: false }") + layer("c", "Crop", "data p", "", "crop_param { axis: 1 offset: 2 }"),
        {"p": [K]},
        lambda x: x[:, 2:, 2:, 2:][:, :, :5, :7],
    ),
    "Split": (
        layer("s", "Split", "data", "a b") + layer("r", "ReLU", "a", "a") + layer("e", "Eltwise", "a b"),
        {},
        lambda x: np.maximum(x, 0) + x,
    ),
    "inner product over a flattening": (
        layer("f", "Flatten", "data") + layer("r", "ReLU", "f", "f") + layer("d", "Dropout", "f", "f") + layer("ip", "InnerProduct", "f", "", "inner_product_param { num_output: 5 bias_term: false }"),
        {"ip": [W]},
        lambda x: np.maximum(x.reshape(2, -1), 0) @ W.T,
    ),
    "inner product over a reshaping to one column": (
        layer("f", "Reshape", "data", "", "reshape_param { shape { dim: 0 dim: -1 dim: 1 dim: 1 } }") + layer("ip", "InnerProduct", "f", "", "inner_product_param { num_output: 5 bias_term: false }"),
        {"ip": [W]},
        lambda x: x.reshape(2, -1) @ W.T,
    ),
    "inner product along the last axis": (
        layer("f", "Flatten", "data", "", "flatten_param { axis: 1 end_axis: 2 }") + layer("ip", "InnerProduct", "f", "", "inner_product_param { num_output: 6 axis: 2 bias_term: false }"),
        {"ip": [ROWS]},
        lambda x: x.reshape(2, 42, 9) @ ROWS.T,
    ),
    "rows with BatchNorm, Scale, PReLU and softmax": (
        layer("p", "Pooling", "data", "", "pooling_param { pool: AVE global_pooling: true }") + layer("f", "Flatten", "p") + layer("bn", "BatchNorm", "f") + layer("r", "PReLU", "bn") + layer("s", "Scale", "r", "", "scale_param { bias_term: true }") + layer("q", "Softmax", "s"),
        {"bn": BN, "r": [A], "s": [B, A]},
        lambda x: by.softmax(_leaky(by.batch_norm(x.mean((2, 3)), *BN, 1e-5), A) * B + A),
    ),
    "rows back to maps": (
        layer("f", "Flatten", "data") + layer("m", "Reshape", "f", "", "reshape_param { shape { dim: 0 dim: 7 dim: 6 dim: 9 } }") + layer("p", "Pooling", "m", "", "pooling_param { kernel_size: 3 stride: 3 }"),
        {},
        lambda x: by.pooling(x.reshape(2, 7, 6, 9), "MAX", (3, 3), (3, 3)),
    ),
    "PReLU of flattened maps": (
        layer("f", "Flatten", "data") + layer("r", "PReLU", "f", "", ""),
        {"r": [SLOPES]},
        lambda x: _leaky(x.reshape(2, -1), SLOPES),
    ),
    "a factor for each channel, as squeeze-and-excitation has it": (
        layer("p", "Pooling", "data", "", "pooling_param { pool: AVE global_pooling: true }") + layer("s", "Sigmoid", "p") + layer("x", "Scale", "data s", "", "scale_param { axis: 0 }") + layer("a", "Axpy", "s data x"),
        {},
        lambda x: _excited(x) * x + _excited(x) * x,
    ),
    "a factor for each channel, from rows": (
        layer("p", "Pooling", "data", "", "pooling_param { pool: AVE global_pooling: true }") + layer("f", "Flatten", "p") + layer("s", "Sigmoid", "f") + layer("x", "Scale", "data s", "", "scale_param { axis: 0 }"),
        {},
        lambda x: _excited(x) * x,
    ),
    "SSD's way to flatten": (
        layer("p", "Permute", "data", "", "permute_param { order: 0 order: 2 order: 3 order: 1 }") + layer("f", "Flatten", "p") + layer("ip", "InnerProduct", "f", "", "inner_product_param { num_output: 5 bias_term: false }"),
        {"ip": [W]},
        lambda x: x.transpose(0, 2, 3, 1).reshape(2, -1) @ W.T,
    ),
}  # fmt: skip


def _leaky(x: Array, slopes: Array) -> Array:
    return np.where(x > 0, x, slopes * x)


def _excited(x: Array) -> Array:
    return 1 / (1 + np.exp(-x.mean((2, 3), keepdims=True)))


@pytest.mark.parametrize("case", NETWORKS)
def test_that_layers_work_together_as_in_caffe(case: str, tmp_path: Path) -> None:
    text, blobs, definition = NETWORKS[case]
    description = caffe_pair(tmp_path, input_layer(*MAPS) + text, blobs or {"no": [some(1)]})
    x = some(2, *MAPS)
    expected = definition(x)
    result = computed(description, x)
    assert result.shape == expected.shape
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=5e-5)


V1 = """name: "old" input: "data" input_dim: 1 input_dim: 3 input_dim: 9 input_dim: 9
layers { name: "conv" type: CONVOLUTION bottom: "data" top: "conv" blobs_lr: 1 convolution_param { num_output: 4 kernel_size: 3 group: 1 } }
layers { name: "relu" type: RELU bottom: "conv" top: "conv" }
layers { name: "pool" type: POOLING bottom: "conv" top: "pool" pooling_param { pool: AVE kernel_size: 3 stride: 3 } }
layers { name: "fc" type: INNER_PRODUCT bottom: "pool" top: "fc" inner_product_param { num_output: 5 } }
layers { name: "prob" type: SOFTMAX bottom: "fc" top: "prob" }
"""
V0 = """name: "older" input: "data" input_dim: 1 input_dim: 3 input_dim: 7 input_dim: 7
layers { layer { name: "pad" type: "padding" pad: 1 } bottom: "data" top: "pad" }
layers { layer { name: "conv" type: "conv" num_output: 4 kernelsize: 3 stride: 1 } bottom: "pad" top: "conv" }
layers { layer { name: "relu" type: "relu" } bottom: "conv" top: "conv" }
layers { layer { name: "pool" type: "pool" pool: AVE kernelsize: 3 stride: 3 } bottom: "conv" top: "pool" }
layers { layer { name: "fc" type: "innerproduct" num_output: 5 } bottom: "pool" top: "fc" }
layers { layer { name: "prob" type: "softmax" } bottom: "fc" top: "prob" }
"""


@pytest.mark.parametrize("version", [1, 0])
def test_that_the_old_formats_compute_the_same(version: int, tmp_path: Path) -> None:
    kernel, bias, rows, shift = some(4, 3, 3, 3), some(4), some(5, 36), some(5)
    blobs = {"conv": [kernel, bias], "fc": [rows, shift]}
    types = {"conv": "CONVOLUTION", "fc": "INNER_PRODUCT"} if version else {"conv": "conv", "fc": "innerproduct"}
    (tmp_path / "old.prototxt").write_text(V1 if version else V0)
    (tmp_path / "old.caffemodel").write_bytes(old_weights_bytes(blobs, types, version))
    side = 9 if version else 7
    x = some(2, 3, side, side)
    maps = np.maximum(by.convolution(x, kernel, bias, pad=(0, 0) if version else (1, 1)), 0)
    pooled = by.pooling(maps, "AVE", (3, 3), (3, 3))
    expected = by.softmax(pooled.reshape(2, -1) @ rows.T + shift)
    np.testing.assert_allclose(computed(tmp_path / "old.prototxt", x), expected, rtol=1e-4, atol=1e-5)


def test_that_a_network_of_many_kinds_of_layers_is_saved_and_loaded_by_stock_keras(tmp_path: Path) -> None:
    text = (
        input_layer(*MAPS)
        + layer("c", "Convolution", "data", "", "convolution_param { num_output: 4 kernel_size: 3 pad: 2 }")
        + layer("n/norm", "LRN", "c", "", "lrn_param { local_size: 3 alpha: 0.5 }")
        + layer("m", "Pooling", "n/norm", "", "pooling_param { kernel_size: 3 stride: 2 pad: 1 }")
        + layer("a", "Pooling", "m", "", "pooling_param { pool: AVE kernel_size: 4 stride: 3 pad: 1 }")
        + layer("p", "Power", "a", "", "power_param { power: 2 shift: 1 }")
        + layer("s", "Slice", "p", "s1 s2")
        + layer("e", "Eltwise", "s1 s2", "", "eltwise_param { coeff: 1 coeff: 2 }")
        + layer("f", "InnerProduct", "e", "", "inner_product_param { num_output: 3 }")
        + layer("q", "Softmax", "f")
    )
    description = caffe_pair(tmp_path, text, {"c": [K, some(4)], "f": [some(3, 12), some(3)]})
    model = build_model(open_model(description))
    x = some(2, 7, 9, 6)
    assert {"counts", "m_pad"} & {
        each.name for each in model.layers
    }  # what only operations and maps of factors can do
    model.save(tmp_path / "again.keras")
    again = keras.saving.load_model(tmp_path / "again.keras")
    np.testing.assert_allclose(again([x], training=False), model([x], training=False), atol=1e-6)


def test_that_layers_named_as_operations_of_keras_do_not_clash_with_them(tmp_path: Path) -> None:
    text = (
        input_layer(*MAPS)
        + layer(
            "power", "Convolution", "data", "", "convolution_param { num_output: 4 kernel_size: 3 bias_term: false }"
        )
        + layer("a", "Power", "power", "", "power_param { power: 2 }")
        + layer("square", "ReLU", "a")
        + layer("pad", "Pooling", "square", "", "pooling_param { kernel_size: 3 stride: 2 pad: 1 }")
        + layer("b", "Power", "pad", "", "power_param { power: 2 }")
    )
    x = some(2, *MAPS)
    expected = by.pooling(by.convolution(x, K) ** 2, "MAX", (3, 3), (2, 2), (1, 1)) ** 2
    np.testing.assert_allclose(computed(caffe_pair(tmp_path, text, {"power": [K]}), x), expected, rtol=1e-4)


@pytest.mark.shared
def test_that_squeezenet_names_its_photos_as_the_reference_did(shared: Callable[[str], Path]) -> None:
    from PIL import Image

    folder = shared("models/caffe/squeezenet_v1.0")
    rows = [line.split("\t") for line in (folder / "photos/labels.tsv").read_text().splitlines()[1:]]
    squashed = [
        Image.open(folder / "photos" / row[0]).convert("RGB").resize((227, 227), Image.Resampling.BILINEAR)
        for row in rows
    ]
    file = open_model(folder / "deploy.prototxt")
    x = preprocess(np.stack([np.asarray(photo) for photo in squashed]), file.preprocessing.mode)  # type: ignore[arg-type]
    scores = np.asarray(build_model(file)([x], training=False)).reshape(len(rows), -1)
    found = scores.argmax(1)
    assert [int(row[3]) for row in rows] == list(found)
    assert np.mean(found == [int(row[1]) for row in rows]) > 0.6
    np.testing.assert_allclose(scores[range(len(rows)), found], [float(row[5]) for row in rows], rtol=1e-4)
    other = build_model(open_model(shared("models/squeezenet_imagenet.h5")))
    np.testing.assert_allclose(
        np.asarray(other([x[:4]], training=False)).reshape(4, -1), scores[:4], rtol=1e-5, atol=1e-5
    )


@pytest.mark.shared
def test_that_a_mean_image_is_subtracted_inside_the_network(shared: Callable[[str], Path]) -> None:
    folder = shared("models/caffe/cifar10_quick")
    file = open_model(folder / "cifar10_quick_iter_4000.caffemodel")
    raw = (folder / "mean.binaryproto").read_bytes()
    mean = np.frombuffer(raw[11 : 11 + 4 * 3072], "<f4").reshape(3, 32, 32)
    model = build_model(file)
    x = random.integers(0, 256, (2, 32, 32, 3)).astype(np.float32)
    below = keras.Model(model.inputs, model.get_layer("conv1").input)
    np.testing.assert_allclose(below([x], training=False), x - mean.transpose(1, 2, 0), atol=1e-4)
    assert file.preprocessing.mode == "raw"  # CIFAR's mean has more red in the first channel: it is RGB
