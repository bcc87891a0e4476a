"""Kernels as older Keras versions and Theano kept them, brought into the order that Keras 3 takes.

Sources: Keras 2's own ``preprocess_weights_for_loading`` for what changed, and the definition of a convolution,
which Theano computes and TensorFlow doesn't (it correlates: the kernel is not turned).
"""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from tlstudio.core.errors import QT_TRANSLATE_NOOP
from tlstudio.core.model.arrays import Weight, constant
from tlstudio.core.model.graph import Graph, LayerSpec, with_notes
from tlstudio.core.model.keras_file import KerasFile

Weights = list[Weight]
_TURNED = {"Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "Conv3DTranspose"}


@dataclass(frozen=True)
class KernelRepair:
    """``applies`` looks at the file, ``mend`` gives the layer's weights changed, or as they were."""

    code: str
    message: str
    applies: Callable[[KerasFile], bool]
    mend: Callable[[LayerSpec, Weights], Weights]


def is_theano(file: KerasFile) -> bool:
    """The file says so or, before Keras 2, its arrays are named without TensorFlow's ``:0``."""
    if file.backend is not None:
        return file.backend == "theano"
    return is_keras_1(file) and bool(file.arrays) and not file.has_ports


def is_keras_1(file: KerasFile) -> bool:
    """By its version, which Keras 1 did not write into every file; only Keras 3 numbers groups by type."""
    return file.layout == "legacy" and (file.keras_version or "1").startswith("1")


def _theirs_first(spec: LayerSpec, weights: Weights) -> Weights:
    """Theano's image order kept kernels as (filters, channels, height, width) in Keras 1, with any backend."""
    if spec.type not in {"Conv2D", "Conv2DTranspose"} or spec.config.get("data_format") != "channels_first":
        return weights
    kernel = weights[0]
    if len(kernel.shape) != 4:
        return weights
    axes = (2, 3, 1, 0)
    return [kernel.then("transpose", axes, shape=tuple(kernel.shape[axis] for axis in axes)), *weights[1:]]


def _flat_conv1d(spec: LayerSpec, weights: Weights) -> Weights:
    """Keras 1 kept the kernel of a Conv1D as that of a Conv2D of width 1."""
    if spec.type != "Conv1D" or len(weights[0].shape) != 4:
        return weights
    length, one, channels, filters = weights[0].shape
    if one != 1 or length != spec.config.get("kernel_size", [length])[0]:  # Keras 1.1: (filters, channels, length, 1)
        filters, channels, length, _one = weights[0].shape
        turned = weights[0].then("transpose", (2, 3, 1, 0), shape=(length, 1, channels, filters))
        return [turned.then("reshape", (length, channels, filters), shape=(length, channels, filters)), *weights[1:]]
    return [weights[0].then("reshape", (length, channels, filters), shape=(length, channels, filters)), *weights[1:]]


def _turn(spec: LayerSpec, weights: Weights) -> Weights:
    if spec.type not in _TURNED or all(size == 1 for size in weights[0].shape[:-2]):
        return weights
    return [weights[0].then("turn_kernel"), *weights[1:]]


def _add_count(spec: LayerSpec, weights: Weights) -> Weights:
    """A Normalization of Keras 3 also keeps how many images it was adapted on; no result depends on it."""
    if spec.type != "Normalization" or len(weights) != 2:
        return weights
    return [*weights, constant((), 0.0)]


def _as_depthwise(spec: LayerSpec, weights: Weights) -> Weights:
    """One number for each channel, where a depthwise convolution of one pixel does the work of a LayerScale."""
    if spec.type != "DepthwiseConv2D" or len(weights) != 1 or len(weights[0].shape) != 1:
        return weights
    shape = (1, 1, weights[0].size, 1)
    return [weights[0].then("reshape", shape, shape=shape)]


KERNEL_REPAIRS: tuple[KernelRepair, ...] = (
    KernelRepair("keras1_kernel_order", QT_TRANSLATE_NOOP("Repairs", "Kernels were stored in Theano's order and were transposed (Keras 1)."), is_keras_1, _theirs_first),
    KernelRepair("keras1_conv1d", QT_TRANSLATE_NOOP("Repairs", "Kernels of one-dimensional convolutions had a superfluous axis (Keras 1)."), is_keras_1, _flat_conv1d),
    KernelRepair("theano_kernels", QT_TRANSLATE_NOOP("Repairs", "The network was trained with Theano, which turns kernels round; they were turned back."), is_theano, _turn),
    KernelRepair("normalization_count", QT_TRANSLATE_NOOP("Repairs", "The number of images that a normalization was adapted on was missing and was set to 0 (Keras 2)."), lambda _file: True, _add_count),
    KernelRepair("layer_scale", QT_TRANSLATE_NOOP("Repairs", "A layer that scales channels became a depthwise convolution, which does the same."), lambda _file: True, _as_depthwise),
)  # fmt: skip


def mend_kernels(file: KerasFile, graph: Graph, weights: dict[str, Weights]) -> tuple[Graph, dict[str, Weights]]:
    """Apply every repair that the file needs; the graph comes back with what was done noted."""
    repairs, mended = graph.repairs, dict(weights)
    for repair in KERNEL_REPAIRS:
        if not repair.applies(file):
            continue
        for path, before in list(mended.items()):
            after = repair.mend(graph.layers[path], before) if before else before
            if after is not before:
                mended[path] = after
                repairs = with_notes(repairs, repair.code, repair.message, path)
    return msgspec.structs.replace(graph, repairs=repairs), mended
