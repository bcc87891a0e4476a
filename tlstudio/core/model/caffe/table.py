"""Which of Caffe's layers becomes what. Any other is named to the person, and what lies below it can be used."""

from collections.abc import Callable

from tlstudio.core.model.caffe import arithmetic, normalization, shaping
from tlstudio.core.model.caffe.arithmetic import activation
from tlstudio.core.model.caffe.builder import Builder, Tensor
from tlstudio.core.model.caffe.convolution import convolution, deconvolution
from tlstudio.core.model.caffe.layers import CaffeLayer
from tlstudio.core.model.caffe.pooling import pooling

Rule = Callable[[Builder, str, CaffeLayer, list[Tensor]], Tensor | list[Tensor]]

RULES: dict[str, Rule] = {
    "AbsVal": arithmetic.absolute,
    "Axpy": arithmetic.axpy,
    "BNLL": activation("softplus"),
    "BatchNorm": normalization.batch_norm,
    "Bias": normalization.bias,
    "Clip": arithmetic.clip,
    "Concat": shaping.concat,
    "Convolution": convolution,
    "ConvolutionDepthwise": convolution,
    "Crop": shaping.crop,
    "Deconvolution": deconvolution,
    "DepthwiseConvolution": convolution,
    "Dropout": arithmetic.dropout,
    "ELU": arithmetic.elu,
    "Eltwise": arithmetic.eltwise,
    "Exp": arithmetic.exponential,
    "Flatten": shaping.flatten,
    "InnerProduct": shaping.inner_product,
    "LRN": normalization.lrn,
    "Log": arithmetic.logarithm,
    "MVN": normalization.mvn,
    "PReLU": arithmetic.prelu,
    "Permute": shaping.permute,
    "Pooling": pooling,
    "Power": arithmetic.power,
    "ReLU": arithmetic.relu,
    "ReLU6": arithmetic.relu6,
    "Reduction": shaping.reduction,
    "Reshape": shaping.reshape,
    "Scale": normalization.scale,
    "ShuffleChannel": shaping.shuffle_channel,
    "Sigmoid": activation("sigmoid"),
    "Slice": shaping.slices,
    "Softmax": shaping.softmax,
    "Split": shaping.split,
    "Swish": arithmetic.swish,
    "TanH": activation("tanh"),
}

# Losses that hold the last step of the network in them: the layer that takes that step in use.
LOSSES: dict[str, str] = {
    "SoftmaxWithLoss": "Softmax",
    "SoftmaxLoss": "Softmax",
    "SigmoidCrossEntropyLoss": "Sigmoid",
}
# Layers that measure, or end what nobody wants: nothing of the network's answer comes out of them.
ASIDE = {
    "Accuracy", "ArgMax", "ContrastiveLoss", "EuclideanLoss", "HingeLoss", "InfogainLoss",
    "MultinomialLogisticLoss", "Silence",
}  # fmt: skip
WRITERS = {"HDF5Output"}  # they write what they are given to a file that the network names
# Layers that give what the network is shown.
DATA = {
    "AnnotatedData", "Data", "DummyData", "HDF5Data", "ImageData", "Input", "MemoryData", "WindowData",
}  # fmt: skip

_BY_SMALL_NAME = {name.lower(): name for name in (*RULES, *LOSSES, *ASIDE, *WRITERS, *DATA)}


def type_of(name: str) -> str:
    """The type of a layer. Forks of the V1 format wrote newer types in its capitals: ``PRELU``, ``BATCH_NORM``."""
    return _BY_SMALL_NAME.get(name.replace("_", "").lower(), name) if name.isupper() else name


def is_data(layer: CaffeLayer) -> bool:
    """Whether a layer gives what the network is shown: it takes nothing, and may be of a kind of its author's."""
    return layer.type in DATA or (not layer.bottoms and bool(layer.tops) and layer.type not in RULES)
