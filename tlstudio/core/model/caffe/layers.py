"""Caffe's layers of every age as one kind: the V0 and V1 formats are told as today's is.

Source of what became what: Caffe's ``upgrade_proto``. The layers of the phase in which a network is used, TEST,
are kept; ``include`` and ``exclude`` rules say which those are.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from tlstudio.core.model.caffe.messages import V1_TYPES, message_class

TRAIN, TEST = 0, 1
# Nets for all purposes in one file tell them apart by stages (NVIDIA's DIGITS); the one that is used is this.
STAGES = {"deploy"}


@dataclass(frozen=True)
class CaffeLayer:
    """One layer: names of the blobs it takes and gives, its settings, and the rules when it is there.

    ``settings``: a message that has the ``…_param`` fields. ``scale``: the Scale layer that was joined to it.
    """

    name: str
    type: str
    bottoms: tuple[str, ...] = ()
    tops: tuple[str, ...] = ()
    settings: Any = None
    loss_weight: float | None = None
    scale: "CaffeLayer | None" = field(default=None)

    def param(self, name: str) -> Any:
        """The settings of one kind, empty ones where the layer has none."""
        found = getattr(self.settings, f"{name}_param", None)
        return found if found is not None else getattr(message_class("Layer")(), f"{name}_param")

    @property
    def rules(self) -> tuple[list[Any], list[Any]]:
        return list(self.settings.include), list(self.settings.exclude)


_V1_NAMES = {
    "ABSVAL": "AbsVal", "ACCURACY": "Accuracy", "ARGMAX": "ArgMax", "BNLL": "BNLL", "CONCAT": "Concat",
    "CONTRASTIVE_LOSS": "ContrastiveLoss", "CONVOLUTION": "Convolution", "DATA": "Data",
    "DECONVOLUTION": "Deconvolution", "DROPOUT": "Dropout", "DUMMY_DATA": "DummyData",
    "EUCLIDEAN_LOSS": "EuclideanLoss", "ELTWISE": "Eltwise", "EXP": "Exp", "FLATTEN": "Flatten",
    "HDF5_DATA": "HDF5Data", "HDF5_OUTPUT": "HDF5Output", "HINGE_LOSS": "HingeLoss", "IM2COL": "Im2col",
    "IMAGE_DATA": "ImageData", "INFOGAIN_LOSS": "InfogainLoss", "INNER_PRODUCT": "InnerProduct", "LRN": "LRN",
    "MEMORY_DATA": "MemoryData", "MULTINOMIAL_LOGISTIC_LOSS": "MultinomialLogisticLoss", "MVN": "MVN",
    "POOLING": "Pooling", "POWER": "Power", "RELU": "ReLU", "SIGMOID": "Sigmoid",
    "SIGMOID_CROSS_ENTROPY_LOSS": "SigmoidCrossEntropyLoss", "SILENCE": "Silence", "SOFTMAX": "Softmax",
    "SOFTMAX_LOSS": "SoftmaxWithLoss", "SPLIT": "Split", "SLICE": "Slice", "TANH": "TanH",
    "WINDOW_DATA": "WindowData", "THRESHOLD": "Threshold",
}  # fmt: skip
_V1_BY_NUMBER = {V1_TYPES[old]: new for old, new in _V1_NAMES.items()}
_V0_NAMES = {
    "accuracy": "Accuracy", "bnll": "BNLL", "concat": "Concat", "conv": "Convolution", "data": "Data",
    "dropout": "Dropout", "euclidean_loss": "EuclideanLoss", "flatten": "Flatten", "hdf5_data": "HDF5Data",
    "images": "ImageData", "infogain_loss": "InfogainLoss", "innerproduct": "InnerProduct", "lrn": "LRN",
    "multinomial_logistic_loss": "MultinomialLogisticLoss", "pool": "Pooling", "relu": "ReLU", "sigmoid": "Sigmoid",
    "softmax": "Softmax", "softmax_loss": "SoftmaxWithLoss", "split": "Split", "tanh": "TanH",
    "window_data": "WindowData", "padding": "Padding",
}  # fmt: skip
# Where a V0 layer's settings went: by its type, and by the setting's name.
_V0_SETTINGS: dict[str, tuple[str, dict[str, str]]] = {
    "conv": ("convolution", {"num_output": "num_output", "biasterm": "bias_term", "pad": "pad", "group": "group", "kernelsize": "kernel_size", "stride": "stride"}),
    "pool": ("pooling", {"pad": "pad", "kernelsize": "kernel_size", "stride": "stride", "pool": "pool"}),
    "innerproduct": ("inner_product", {"num_output": "num_output", "biasterm": "bias_term"}),
    "lrn": ("lrn", {"local_size": "local_size", "alpha": "alpha", "beta": "beta", "k": "k"}),
    "dropout": ("dropout", {"dropout_ratio": "dropout_ratio"}),
    "concat": ("concat", {"concat_dim": "concat_dim"}),
    "images": ("image_data", {"new_height": "new_height", "new_width": "new_width"}),
}  # fmt: skip


def layers_of(net: Any) -> list[CaffeLayer]:
    """All layers of a ``Net`` message, whatever the phase, in the file's order."""
    old = [_from_v0(layer) if layer.HasField("layer") else _from_v1(layer) for layer in net.layers]
    return [*_without_padding(old), *(_from_today(layer) for layer in net.layer)]


def _from_today(layer: Any) -> CaffeLayer:
    weight = float(layer.loss_weight[0]) if layer.loss_weight else None
    return CaffeLayer(text(layer.name), text(layer.type), texts(layer.bottom), texts(layer.top), layer, weight)


def text(value: str | bytes) -> str:
    """A name of a message; protobuf leaves those as bytes that are no UTF-8."""
    return value if isinstance(value, str) else value.decode("latin-1")


def texts(values: Iterable[str | bytes]) -> tuple[str, ...]:
    return tuple(text(value) for value in values)


def _from_v1(layer: Any) -> CaffeLayer:
    number = layer.type
    type_ = (
        _V1_BY_NUMBER.get(number) or layer.DESCRIPTOR.fields_by_name["type"].enum_type.values_by_number[number].name
    )
    weight = float(layer.loss_weight[0]) if layer.loss_weight else None
    return CaffeLayer(text(layer.name), type_, texts(layer.bottom), texts(layer.top), layer, weight)


def _from_v0(connection: Any) -> CaffeLayer:
    old = connection.layer
    new = message_class("Layer")()
    kind, names = _V0_SETTINGS.get(text(old.type), ("", {}))
    for before, after in names.items():
        if not old.HasField(before):
            continue
        settings, value = getattr(new, f"{kind}_param"), getattr(old, before)
        if settings.DESCRIPTOR.fields_by_name[after].is_repeated:
            getattr(settings, after).append(value)
        else:
            setattr(settings, after, value)
    for before, after in (("scale", "scale"), ("meanfile", "mean_file"), ("cropsize", "crop_size")):
        if old.HasField(before):
            setattr(new.transform_param, after, getattr(old, before))
    type_ = _V0_NAMES.get(text(old.type), text(old.type))
    if type_ == "Padding":
        new.convolution_param.pad.append(old.pad)
    return CaffeLayer(text(old.name), type_, texts(connection.bottom), texts(connection.top), new)


def _without_padding(layers: list[CaffeLayer]) -> Iterator[CaffeLayer]:
    """V0 had layers of their own for the border that a convolution or pooling works on."""
    paddings = {layer.tops[0]: layer for layer in layers if layer.type == "Padding" and layer.tops and layer.bottoms}
    for layer in layers:
        below = paddings.get(layer.bottoms[0]) if layer.bottoms and layer.type in {"Convolution", "Pooling"} else None
        if layer.type == "Padding" and layer.tops:
            continue
        if below is not None:
            pad = below.settings.convolution_param.pad
            settings = layer.param("convolution" if layer.type == "Convolution" else "pooling")
            settings.ClearField("pad")
            settings.pad.extend(pad)
            layer = replace(layer, bottoms=(below.bottoms[0], *layer.bottoms[1:]))
        yield layer


def is_used(layer: CaffeLayer, phase: int) -> bool:
    """Whether a layer is part of the network in a phase."""
    include, exclude = layer.rules
    if include:
        return any(_meets(rule, phase) for rule in include)
    return not any(_meets(rule, phase) for rule in exclude)


def _meets(rule: Any, phase: int) -> bool:
    return (
        (not rule.HasField("phase") or rule.phase == phase)
        and (not rule.HasField("min_level") or rule.min_level <= 0)
        and (not rule.HasField("max_level") or rule.max_level >= 0)
        and set(rule.stage) <= STAGES
        and not set(rule.not_stage) & STAGES
    )


def with_scales_joined(layers: Iterable[CaffeLayer]) -> tuple[list[CaffeLayer], list[str]]:
    """Join each Scale layer to the BatchNorm layer right below it: Caffe splits in two what is one layer elsewhere.

    Only where nothing else takes what the BatchNorm gives. Returns the layers and the names of those joined.
    """
    layers = list(layers)
    giver: dict[str, int] = {}  # which layer gives the present value of a blob
    takers: dict[int, list[int]] = {}
    for number, layer in enumerate(layers):
        for bottom in layer.bottoms:
            if bottom in giver:
                takers.setdefault(giver[bottom], []).append(number)
        giver.update(dict.fromkeys(layer.tops, number))
    joined, dropped = [], set()
    for number, layer in enumerate(layers):
        above = takers.get(number, [])
        if layer.type != "BatchNorm" or len(above) != 1 or not _scales_channels(layers[above[0]]):
            continue
        scale = layers[above[0]]
        between = {name for other in layers[number + 1 : above[0]] for name in (*other.bottoms, *other.tops)}
        if between & {*layer.tops, *scale.tops}:
            continue
        layers[number] = replace(layer, tops=scale.tops, scale=scale)
        dropped.add(above[0])
        joined.append(scale.name)
    return [layer for number, layer in enumerate(layers) if number not in dropped], joined


def _scales_channels(layer: CaffeLayer) -> bool:
    param = layer.param("scale")
    return (
        layer.type == "Scale"
        and len(layer.bottoms) == 1
        and (not param.HasField("axis") or param.axis == 1)
        and (not param.HasField("num_axes") or param.num_axes == 1)
    )
