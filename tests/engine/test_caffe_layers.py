"""What layers compute that were read from Caffe's files, against Caffe's own definitions."""
# ruff: noqa: E501  (a table)

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import caffe_by_numpy as by
from tests.caffe_files import caffe_pair, computed, one_layer

Array = np.ndarray
MAPS = (6, 7, 9)  # channels, height, width: no two alike, none of a round number of windows
random = np.random.default_rng(7)


def some(*sizes: int) -> Array:
    return random.normal(size=sizes).astype(np.float32)


def positive(*sizes: int) -> Array:
    return random.uniform(0.3, 1.5, sizes).astype(np.float32)


def conv(**numbers: Any) -> Callable[..., Array]:
    return lambda x, kernel, bias=None: by.convolution(x, kernel, bias, **numbers)


def deconv(**numbers: Any) -> Callable[..., Array]:
    return lambda x, kernel, bias=None: by.deconvolution(x, kernel, bias, **numbers)


def pool(*arguments: Any, **numbers: Any) -> Callable[..., Array]:
    return lambda x: by.pooling(x, *arguments, **numbers)


C, P, D = "Convolution", "Pooling", "Deconvolution"
BN = [some(6), positive(6), np.array([2.5], np.float32)]
CASES: dict[str, tuple[str, str, list[Array], Callable[..., Array]]] = {
    "convolution": (C, "convolution_param { num_output: 4 kernel_size: 3 }", [some(4, 6, 3, 3), some(4)], conv()),
    "convolution, same border": (C, "convolution_param { num_output: 4 kernel_size: 3 pad: 1 }", [some(4, 6, 3, 3), some(4)], conv(pad=(1, 1))),
    "convolution, stride and border": (C, "convolution_param { num_output: 4 kernel_size: 3 pad: 1 stride: 2 }", [some(4, 6, 3, 3), some(4)], conv(pad=(1, 1), stride=(2, 2))),
    "convolution, sides apart": (C, "convolution_param { num_output: 4 kernel_h: 1 kernel_w: 5 pad_h: 0 pad_w: 2 stride_h: 2 stride_w: 1 bias_term: false }", [some(4, 6, 1, 5)], conv(pad=(0, 2), stride=(2, 1))),
    "convolution, sides repeated": (C, "convolution_param { num_output: 4 kernel_size: 2 kernel_size: 3 pad: 1 pad: 0 stride: 3 stride: 2 }", [some(4, 6, 2, 3), some(4)], conv(pad=(1, 0), stride=(3, 2))),
    "convolution, one pixel with a border": (C, "convolution_param { num_output: 4 kernel_size: 1 pad: 1 }", [some(4, 6, 1, 1), some(4)], conv(pad=(1, 1))),
    "convolution, dilated": (C, "convolution_param { num_output: 4 kernel_size: 3 dilation: 2 pad: 2 }", [some(4, 6, 3, 3), some(4)], conv(pad=(2, 2), dilation=(2, 2))),
    "convolution, dilated with stride": (C, "convolution_param { num_output: 4 kernel_size: 2 dilation: 3 stride: 2 pad: 1 }", [some(4, 6, 2, 2), some(4)], conv(pad=(1, 1), dilation=(3, 3), stride=(2, 2))),
    "convolution, groups": (C, "convolution_param { num_output: 4 kernel_size: 3 group: 2 }", [some(4, 3, 3, 3), some(4)], conv(group=2)),
    "convolution, a group a channel": (C, "convolution_param { num_output: 6 kernel_size: 3 group: 6 pad: 1 stride: 2 }", [some(6, 1, 3, 3), some(6)], conv(group=6, pad=(1, 1), stride=(2, 2))),
    "convolution, two filters a channel": (C, "convolution_param { num_output: 12 kernel_size: 3 group: 6 }", [some(12, 1, 3, 3), some(12)], conv(group=6)),
    "convolution, a group a channel, strides apart": (C, "convolution_param { num_output: 6 kernel_size: 3 group: 6 stride_h: 1 stride_w: 2 }", [some(6, 1, 3, 3), some(6)], conv(group=6, stride=(1, 2))),
    "depthwise convolution of forks": ("DepthwiseConvolution", "convolution_param { num_output: 6 kernel_size: 3 }", [some(6, 1, 3, 3), some(6)], conv(group=6)),
    "deconvolution": (D, "convolution_param { num_output: 4 kernel_size: 4 stride: 2 pad: 1 }", [some(6, 4, 4, 4), some(4)], deconv(stride=(2, 2), pad=(1, 1))),
    "deconvolution without border": (D, "convolution_param { num_output: 4 kernel_size: 3 stride: 2 }", [some(6, 4, 3, 3), some(4)], deconv(stride=(2, 2))),
    "deconvolution, stride beyond kernel": (D, "convolution_param { num_output: 4 kernel_size: 2 stride: 3 bias_term: false }", [some(6, 4, 2, 2)], deconv(stride=(3, 3))),
    "deconvolution, groups": (D, "convolution_param { num_output: 6 kernel_size: 4 stride: 2 pad: 1 group: 3 }", [some(6, 2, 4, 4), some(6)], deconv(stride=(2, 2), pad=(1, 1), group=3)),
    "max pooling, even": (P, "pooling_param { pool: MAX kernel_size: 3 stride: 2 }", [], pool("MAX", (3, 3), (2, 2))),
    "max pooling, rounded up": (P, "pooling_param { kernel_size: 2 stride: 2 }", [], pool("MAX", (2, 2), (2, 2))),
    "max pooling, rounded up by two": (P, "pooling_param { kernel_size: 3 stride: 4 }", [], pool("MAX", (3, 3), (4, 4))),
    "max pooling, border": (P, "pooling_param { kernel_size: 3 stride: 2 pad: 1 }", [], pool("MAX", (3, 3), (2, 2), (1, 1))),
    "max pooling, border and stride 1": (P, "pooling_param { kernel_size: 3 stride: 1 pad: 1 }", [], pool("MAX", (3, 3), (1, 1), (1, 1))),
    "max pooling, a last window in the border": (P, "pooling_param { kernel_size: 2 stride: 2 pad: 1 }", [], pool("MAX", (2, 2), (2, 2), (1, 1))),
    "max pooling, sides apart": (P, "pooling_param { kernel_h: 2 kernel_w: 5 stride_h: 3 stride_w: 2 pad_h: 1 pad_w: 2 }", [], pool("MAX", (2, 5), (3, 2), (1, 2))),
    "max pooling, rounded down": (P, "pooling_param { kernel_size: 2 stride: 2 round_mode: FLOOR }", [], pool("MAX", (2, 2), (2, 2), floor=True)),
    "max pooling, rounded down with a border": (P, "pooling_param { kernel_size: 3 stride: 2 pad: 1 ceil_mode: false }", [], pool("MAX", (3, 3), (2, 2), (1, 1), floor=True)),
    "max pooling of all": (P, "pooling_param { pool: MAX global_pooling: true }", [], pool("MAX", MAPS[1:], (1, 1))),
    "average pooling, even": (P, "pooling_param { pool: AVE kernel_size: 3 stride: 2 }", [], pool("AVE", (3, 3), (2, 2))),
    "average pooling, rounded up": (P, "pooling_param { pool: AVE kernel_size: 2 stride: 2 }", [], pool("AVE", (2, 2), (2, 2))),
    "average pooling, rounded up by two": (P, "pooling_param { pool: AVE kernel_size: 3 stride: 4 }", [], pool("AVE", (3, 3), (4, 4))),
    "average pooling, border": (P, "pooling_param { pool: AVE kernel_size: 3 stride: 1 pad: 1 }", [], pool("AVE", (3, 3), (1, 1), (1, 1))),
    "average pooling, border and rounded up": (P, "pooling_param { pool: AVE kernel_size: 4 stride: 3 pad: 1 }", [], pool("AVE", (4, 4), (3, 3), (1, 1))),
    "average pooling, window beyond the image": (P, "pooling_param { pool: AVE kernel_size: 8 stride: 3 }", [], pool("AVE", (8, 8), (3, 3))),
    "average pooling of all": (P, "pooling_param { pool: AVE global_pooling: true }", [], pool("AVE", MAPS[1:], (1, 1))),
    "inner product over maps": ("InnerProduct", "inner_product_param { num_output: 5 }", [some(5, 378), some(5)], lambda x, w, b: x.reshape(len(x), -1) @ w.T + b),
    "inner product, transposed": ("InnerProduct", "inner_product_param { num_output: 5 transpose: true bias_term: false }", [some(378, 5)], lambda x, w: x.reshape(len(x), -1) @ w),
    "LRN across channels": ("LRN", "lrn_param { local_size: 3 alpha: 0.7 beta: 0.6 k: 2 }", [], lambda x: by.lrn_across(x, 3, 0.7, 0.6, 2)),
    "LRN, more neighbours than channels": ("LRN", "lrn_param { local_size: 15 alpha: 0.7 }", [], lambda x: by.lrn_across(x, 15, 0.7, 0.75)),
    "LRN within a channel": ("LRN", "lrn_param { local_size: 3 alpha: 0.7 beta: 0.6 norm_region: WITHIN_CHANNEL }", [], lambda x: by.lrn_within(x, 3, 0.7, 0.6)),
    "BatchNorm": ("BatchNorm", "batch_norm_param { eps: 0.01 }", BN, lambda x, *b: by.batch_norm(x, *b, 0.01)),
    "BatchNorm, its own scale": ("BatchNorm", "batch_norm_param { scale_bias: true }", [*BN, some(6), some(6)], lambda x, m, v, f, s, b: by.batch_norm(x, m, v, f, 1e-5) * by.by_channel(s, x) + by.by_channel(b, x)),
    "BatchNorm that was never trained": ("BatchNorm", "", [np.zeros(6), np.zeros(6), np.zeros(1)], lambda x, *_: x / np.sqrt(1e-5)),
    "Scale": ("Scale", "scale_param { bias_term: true }", [some(6), some(6)], lambda x, s, b: x * by.by_channel(s, x) + by.by_channel(b, x)),
    "Scale without shift": ("Scale", "", [some(6)], lambda x, s: x * by.by_channel(s, x)),
    "Bias": ("Bias", "", [some(6)], lambda x, b: x + by.by_channel(b, x)),
    "MVN": ("MVN", "", [], lambda x: (x - x.mean((2, 3), keepdims=True)) / (x.std((2, 3), keepdims=True) + 1e-9)),
    "MVN across channels, mean only": ("MVN", "mvn_param { across_channels: true normalize_variance: false }", [], lambda x: x - x.mean((1, 2, 3), keepdims=True)),
    "ReLU": ("ReLU", "", [], lambda x: np.maximum(x, 0)),
    "ReLU with a slope": ("ReLU", "relu_param { negative_slope: 0.3 }", [], lambda x: np.where(x > 0, x, 0.3 * x)),
    "PReLU": ("PReLU", "", [some(6)], lambda x, a: np.where(x > 0, x, by.by_channel(a, x) * x)),
    "PReLU with one slope": ("PReLU", "prelu_param { channel_shared: true }", [some(1)], lambda x, a: np.where(x > 0, x, a * x)),
    "Sigmoid": ("Sigmoid", "", [], lambda x: 1 / (1 + np.exp(-x))),
    "TanH": ("TanH", "", [], np.tanh),
    "ELU": ("ELU", "elu_param { alpha: 0.7 }", [], lambda x: np.where(x > 0, x, 0.7 * np.expm1(x))),
    "BNLL": ("BNLL", "", [], lambda x: np.log1p(np.exp(x))),
    "AbsVal": ("AbsVal", "", [], np.abs),
    "Power": ("Power", "power_param { power: 2 scale: 0.5 shift: 3 }", [], lambda x: (3 + 0.5 * x) ** 2),
    "Power of one": ("Power", "power_param { scale: 0.5 }", [], lambda x: 0.5 * x),
    "Power of nothing": ("Power", "", [], lambda x: x),
    "Exp": ("Exp", "", [], np.exp),
    "Exp to a base": ("Exp", "exp_param { base: 2 scale: 0.5 shift: 1 }", [], lambda x: 2 ** (1 + 0.5 * x)),
    "Log": ("Log", "log_param { base: 10 scale: 0.1 shift: 3 }", [], lambda x: np.log10(3 + 0.1 * x)),
    "Clip": ("Clip", "clip_param { min: -0.5 max: 1.2 }", [], lambda x: np.clip(x, -0.5, 1.2)),
    "ReLU6": ("ReLU6", "", [], lambda x: np.clip(x, 0, 6)),
    "Swish": ("Swish", "", [], lambda x: x / (1 + np.exp(-x))),
    "Swish with a factor": ("Swish", "swish_param { beta: 0.6 }", [], lambda x: x / (1 + np.exp(-0.6 * x))),
    "Dropout": ("Dropout", "dropout_param { dropout_ratio: 0.7 }", [], lambda x: x),
    "Dropout that scales in use": ("Dropout", "dropout_param { dropout_ratio: 0.7 scale_train: false }", [], lambda x: 0.3 * x),
    "Softmax": ("Softmax", "", [], by.softmax),
    "Softmax along rows": ("Softmax", "softmax_param { axis: 2 }", [], lambda x: by.softmax(x, 2)),
    "Flatten": ("Flatten", "", [], lambda x: x.reshape(len(x), -1)),
    "Flatten the sides": ("Flatten", "flatten_param { axis: 2 }", [], lambda x: x.reshape(len(x), 6, -1)),
    "Reshape": ("Reshape", "reshape_param { shape { dim: 0 dim: 3 dim: -1 dim: 2 } }", [], lambda x: x.reshape(len(x), 3, 63, 2)),
    "Reshape into rows": ("Reshape", "reshape_param { shape { dim: 0 dim: -1 } }", [], lambda x: x.reshape(len(x), -1)),
    "Reshape of some axes": ("Reshape", "reshape_param { shape { dim: 3 dim: 2 } axis: 1 num_axes: 1 }", [], lambda x: x.reshape(len(x), 3, 2, 7, 9)),
    "Permute": ("Permute", "permute_param { order: 0 order: 2 order: 3 order: 1 }", [], lambda x: x.transpose(0, 2, 3, 1)),
    "Permute, the rest left": ("Permute", "permute_param { order: 0 order: 3 }", [], lambda x: x.transpose(0, 3, 1, 2)),
    "Reduction to means": ("Reduction", "reduction_param { operation: MEAN axis: 2 }", [], lambda x: x.mean((2, 3))),
    "Reduction of squares": ("Reduction", "reduction_param { operation: SUMSQ axis: 3 coeff: 0.5 }", [], lambda x: 0.5 * (x**2).sum(3)),
    "ShuffleChannel": ("ShuffleChannel", "shuffle_channel_param { group: 3 }", [], lambda x: x.reshape(len(x), 3, 2, 7, 9).swapaxes(1, 2).reshape(x.shape)),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_that_a_layer_computes_what_caffe_defines(case: str, tmp_path: Path) -> None:
    type_, settings, blobs, definition = CASES[case]
    description = caffe_pair(
        tmp_path, one_layer(MAPS, f'type: "{type_}" {settings}'), {"layer": blobs} if blobs else {"no": [some(1)]}
    )
    x = some(2, *MAPS)
    expected = definition(x, *blobs)
    result = computed(description, x)
    assert result.shape == expected.shape
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=2e-5)
