"""What Caffe's layers compute, by their definitions, one loop at a time: slow, short, and independent of the program.

Images are (batch, channels, height, width). Sources: Caffe's layer catalogue and its layers' CPU code.
"""

from math import ceil

import numpy as np

Pair = tuple[int, int]


def convolution(
    x: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray | None = None,
    stride: Pair = (1, 1),
    pad: Pair = (0, 0),
    dilation: Pair = (1, 1),
    group: int = 1,
) -> np.ndarray:
    x = np.pad(x, ((0, 0), (0, 0), (pad[0],) * 2, (pad[1],) * 2)).astype(np.float64)
    filters, each, kh, kw = kernel.shape
    height = (x.shape[2] - (kh - 1) * dilation[0] - 1) // stride[0] + 1
    width = (x.shape[3] - (kw - 1) * dilation[1] - 1) // stride[1] + 1
    out = np.zeros((len(x), filters, height, width))
    for f in range(filters):
        first = f // (filters // group) * each
        for i in range(height):
            for j in range(width):
                top, left = i * stride[0], j * stride[1]
                seen = x[
                    :,
                    first : first + each,
                    top : top + (kh - 1) * dilation[0] + 1 : dilation[0],
                    left : left + (kw - 1) * dilation[1] + 1 : dilation[1],
                ]
                out[:, f, i, j] = (seen * kernel[f]).sum((1, 2, 3))
    return out if bias is None else out + bias[:, None, None]


def deconvolution(
    x: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray | None = None,
    stride: Pair = (1, 1),
    pad: Pair = (0, 0),
    group: int = 1,
) -> np.ndarray:
    inputs, each, kh, kw = kernel.shape
    height, width = (x.shape[2] - 1) * stride[0] + kh, (x.shape[3] - 1) * stride[1] + kw
    out = np.zeros((len(x), each * group, height, width))
    for c in range(inputs):
        first = c // (inputs // group) * each
        for i in range(x.shape[2]):
            for j in range(x.shape[3]):
                spread = x[:, c, i, j][:, None, None, None] * kernel[c]
                out[
                    :, first : first + each, i * stride[0] : i * stride[0] + kh, j * stride[1] : j * stride[1] + kw
                ] += spread
    out = out[:, :, pad[0] : height - pad[0], pad[1] : width - pad[1]]
    return out if bias is None else out + bias[:, None, None]


def pooling(
    x: np.ndarray, kind: str, kernel: Pair, stride: Pair, pad: Pair = (0, 0), floor: bool = False
) -> np.ndarray:
    counts = []
    for side, k, s, p in zip(x.shape[2:], kernel, stride, pad, strict=True):
        count = (side + 2 * p - k) / s
        count = int(count // 1 if floor else ceil(count)) + 1
        if p and (count - 1) * s >= side + p:
            count -= 1
        counts.append(count)
    out = np.zeros((*x.shape[:2], *counts))
    for i in range(counts[0]):
        for j in range(counts[1]):
            top, left = i * stride[0] - pad[0], j * stride[1] - pad[1]
            bottom, right = min(top + kernel[0], x.shape[2] + pad[0]), min(left + kernel[1], x.shape[3] + pad[1])
            size = (bottom - top) * (right - left)
            seen = x[:, :, max(top, 0) : min(bottom, x.shape[2]), max(left, 0) : min(right, x.shape[3])]
            out[:, :, i, j] = seen.max((2, 3)) if kind == "MAX" else seen.sum((2, 3)) / size
    return out


def lrn_across(x: np.ndarray, size: int, alpha: float, beta: float, k: float = 1.0) -> np.ndarray:
    out = np.zeros(x.shape)
    for c in range(x.shape[1]):
        near = x[:, max(c - size // 2, 0) : c + size // 2 + 1].astype(np.float64)
        out[:, c] = x[:, c] * (k + alpha / size * (near**2).sum(1)) ** -beta
    return out


def lrn_within(x: np.ndarray, size: int, alpha: float, beta: float) -> np.ndarray:
    half, out = size // 2, np.zeros(x.shape)
    for i in range(x.shape[2]):
        for j in range(x.shape[3]):
            near = x[:, :, max(i - half, 0) : i + half + 1, max(j - half, 0) : j + half + 1].astype(np.float64)
            out[:, :, i, j] = x[:, :, i, j] * (1 + alpha / size**2 * (near**2).sum((2, 3))) ** -beta
    return out


def batch_norm(x: np.ndarray, mean: np.ndarray, variance: np.ndarray, factor: np.ndarray, eps: float) -> np.ndarray:
    shape = (1, -1, *(1,) * (x.ndim - 2))
    mean, variance = mean / factor[0], variance / factor[0]
    return (x - mean.reshape(shape)) / np.sqrt(variance.reshape(shape) + eps)


def by_channel(values: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Values of channels, to be computed with images or rows."""
    return values.reshape(1, -1, *(1,) * (x.ndim - 2))


def softmax(x: np.ndarray, axis: int = 1) -> np.ndarray:
    powers = np.exp(x - x.max(axis, keepdims=True))
    return powers / powers.sum(axis, keepdims=True)
