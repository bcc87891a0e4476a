"""What older writers put into a layer's config that Keras 3 does not take, each mended by a small function.

Every repair is named in ``LAYER_REPAIRS`` with the versions of Keras that need it; what was applied is listed to
the person. A repair works on a private copy of one layer's config. Those of Keras 1 are in ``keras1``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tlstudio.core.errors import QT_TRANSLATE_NOOP
from tlstudio.core.model import keras1, vocabulary

Config = dict[str, Any]
Mend = Callable[[str, Config], str | None]


@dataclass(frozen=True)
class Repair:
    """``mend`` changes the config in place; it returns the layer's type (often the same) where it had to change
    something, else None. ``writers``: who wrote such files."""

    code: str
    writers: str
    message: str
    mend: Mend


def _drop_groups(type_: str, config: Config) -> str | None:
    if (
        type_ in {"DepthwiseConv2D", "DepthwiseConv1D", "SeparableConv2D", "Conv2DTranspose"}
        and config.get("groups") == 1
    ):
        del config["groups"]
        return type_
    return None


def _rename_batch_shape(type_: str, config: Config) -> str | None:
    if "batch_input_shape" not in config:
        return None
    config["batch_shape"] = config.pop("batch_input_shape")
    return type_


def _unlist_axis(type_: str, config: Config) -> str | None:
    axis = config.get("axis")
    if type_ == "BatchNormalization" and isinstance(axis, list) and len(axis) == 1:
        config["axis"] = axis[0]
        return type_
    return None


def _rename_leak(type_: str, config: Config) -> str | None:
    if type_ == "LeakyReLU" and "alpha" in config:
        config["negative_slope"] = config.pop("alpha")
        return type_
    return None


# Types that other writers used for what is a plain layer of Keras 3.
_OTHER_TYPES = {
    "BatchNormalizationV1": "BatchNormalization", "BatchNormalizationV2": "BatchNormalization",
    "SyncBatchNormalization": "BatchNormalization", "FrozenBatchNormalization": "BatchNormalization",
    "FixedDropout": "Dropout",  # in the EfficientNets of qubvel
    "CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU", "LSTMV2": "LSTM", "GRUV2": "GRU",
    "Convolution2DTranspose": "Conv2DTranspose", "DepthwiseConvolution2D": "DepthwiseConv2D",
    "GlobalAvgPool2D": "GlobalAveragePooling2D", "GlobalMaxPool2D": "GlobalMaxPooling2D",
    "MaxPool2D": "MaxPooling2D", "AvgPool2D": "AveragePooling2D",
}  # fmt: skip


def _plain_type(type_: str, _config: Config) -> str | None:
    return _OTHER_TYPES.get(type_)


_WRAPPED_ACTIVATIONS = {
    "Swish": "swish", "Mish": "mish", "HSwish": "hard_swish", "Hswish": "hard_swish", "HardSwish": "hard_swish",
    "Relu6": "relu6", "ReLU6": "relu6",
}  # fmt: skip


def _activation_layers(type_: str, config: Config) -> str | None:
    """Activations that somebody wrapped in a layer class of their own, under a well-known name."""
    name = _WRAPPED_ACTIVATIONS.get(type_)
    if name is None:
        return None
    config.clear()
    config["activation"] = name
    return "Activation"


_OF_ALL = {"dtype", "dtype_policy"}  # what any layer's config may hold


def _scale_channels(type_: str, config: Config) -> str | None:
    """ConvNeXt's own layer multiplies each channel by a weight: so does a depthwise convolution of one pixel."""
    if type_ != "LayerScale" or config.keys() - _OF_ALL != {"init_values", "projection_dim"}:
        return None
    config.clear()
    config.update(kernel_size=[1, 1], use_bias=False)
    return "DepthwiseConv2D"


def _keep_paths(type_: str, config: Config) -> str | None:
    """ConvNeXt drops paths at random while it is trained, and only then."""
    if type_ != "StochasticDepth" or config.keys() - _OF_ALL != {"drop_path_rate"}:
        return None
    config.clear()
    config["activation"] = "linear"
    return "Activation"


def _drop_random_sizes(type_: str, config: Config) -> str | None:
    """RandomHeight and RandomWidth act while training only; in prediction they pass images on."""
    if type_ not in {"RandomHeight", "RandomWidth"}:
        return None
    config.clear()
    config["activation"] = "linear"
    return "Activation"


def _spell_thresholded(type_: str, config: Config) -> str | None:
    if type_ != "ThresholdedReLU":
        return None
    config["threshold"] = config.pop("theta", 1.0)
    return "ReLU"


def _drop_obsolete(type_: str, config: Config) -> str | None:
    """Keys that say how to train or to compile, or that have no effect any more."""
    obsolete = {
        "input_dtype", "input_dim", "input_length", "batch_size", "virtual_batch_size", "fused", "adjustment",
        "implementation", "time_major", "experimental_compile", "experimental_autocast", "jit_compile",
    }  # fmt: skip
    if config.get("renorm"):
        return None  # it does have an effect; building such a layer is refused
    harmless = {"ragged", "sparse", "optional", "quantization_config", "autocast", "lora_rank", "lora_alpha",
                "build_config", "synchronized", "renorm", "renorm_clipping", "renorm_momentum"}  # fmt: skip
    for key in harmless & config.keys():
        del config[key]
    gone = obsolete & config.keys() - ({"input_dim"} if type_ == "Embedding" else set())
    for key in gone:
        del config[key]
    return type_ if gone else None


def _spell_relu_limits(type_: str, config: Config) -> str | None:
    if type_ != "ReLU":
        return None
    unset = [key for key in ("negative_slope", "threshold") if key in config and config[key] is None]
    for key in unset:
        config[key] = 0.0
    return type_ if unset else None


# Options that Keras 2 inherited from another layer and that never had an effect, by type.
_INHERITED = {
    "SeparableConv1D": {"groups", "kernel_initializer", "kernel_regularizer", "kernel_constraint"},
    "SeparableConv2D": {"groups", "kernel_initializer", "kernel_regularizer", "kernel_constraint"},
    "DepthwiseConv1D": {"filters", "kernel_initializer", "kernel_regularizer", "kernel_constraint"},
    "DepthwiseConv2D": {"filters", "kernel_initializer", "kernel_regularizer", "kernel_constraint"},
    "Conv2DTranspose": {"groups"},
    "MultiHeadAttention": {"query_shape", "key_shape", "value_shape", "softmax_robust_masking"},  # no mask is given
    **{name: {"rng_type"} for name in vocabulary.RANDOM},
}  # fmt: skip


def _drop_inherited(type_: str, config: Config) -> str | None:
    gone = _INHERITED.get(type_, set()) & config.keys()
    for key in gone:
        del config[key]
    return type_ if gone else None


def _drop_noise_shape(type_: str, config: Config) -> str | None:
    """Dropout for whole maps, as some write it, has the batch in its shape; only training is affected."""
    if not type_.endswith(("Dropout", "Dropout1D", "Dropout2D", "Dropout3D")) or "noise_shape" not in config:
        return None
    is_given = config.pop("noise_shape") is not None  # layers other than Dropout have inherited it from there
    return type_ if is_given else None


LAYER_REPAIRS: tuple[Repair, ...] = (
    Repair("keras1_names", "Keras 1", QT_TRANSLATE_NOOP("Repairs", "Layers and options with the names of Keras 1 were renamed."), keras1.rename),
    Repair("keras1_merge", "Keras 1", QT_TRANSLATE_NOOP("Repairs", "A Merge layer became the layer that does the same now (Keras 1)."), keras1.split_merge),
    Repair("keras1_batch_mode", "Keras 1", QT_TRANSLATE_NOOP("Repairs", "The mode of a batch normalization was dropped, which is the usual one (Keras 1)."), keras1.drop_batch_mode),
    Repair("other_types", "tf.keras 1 and 2", QT_TRANSLATE_NOOP("Repairs", "Variants of a layer became the layer itself (tf.keras, others)."), _plain_type),
    Repair("activation_layers", "others", QT_TRANSLATE_NOOP("Repairs", "A self-made layer for a known activation became Keras' own."), _activation_layers),
    Repair("layer_scale", "Keras Applications", QT_TRANSLATE_NOOP("Repairs", "A layer that scales channels became a depthwise convolution, which does the same."), _scale_channels),
    Repair("stochastic_depth", "Keras Applications", QT_TRANSLATE_NOOP("Repairs", "Paths that were dropped at random in training are kept now; the result is the same."), _keep_paths),
    Repair("thresholded_relu", "Keras 1 and 2", QT_TRANSLATE_NOOP("Repairs", "A ThresholdedReLU became a ReLU with that threshold (Keras 2)."), _spell_thresholded),
    Repair("random_sizes", "Keras 2", QT_TRANSLATE_NOOP("Repairs", "A random change of image sizes while training, which Keras 3 does not have, was left out."), _drop_random_sizes),
    Repair("depthwise_groups", "Keras 2", QT_TRANSLATE_NOOP("Repairs", "“groups=1” was dropped, which Keras 3 no longer knows here (written by Keras 2)."), _drop_groups),
    Repair("batch_input_shape", "Keras 1 and 2", QT_TRANSLATE_NOOP("Repairs", "The input's shape was given in the old way (Keras 1 and 2)."), _rename_batch_shape),
    Repair("axis_list", "tf.keras 2", QT_TRANSLATE_NOOP("Repairs", "The axis of a batch normalization was given as a list (tf.keras 2)."), _unlist_axis),
    Repair("renamed_options", "Keras 1 and 2", QT_TRANSLATE_NOOP("Repairs", "Options with old names were renamed (Keras 2)."), _rename_leak),
    Repair("obsolete_options", "Keras 1 and 2", QT_TRANSLATE_NOOP("Repairs", "Options without effect on the result were dropped (Keras 1 and 2)."), _drop_obsolete),
    Repair("inherited_options", "Keras 2", QT_TRANSLATE_NOOP("Repairs", "Options that never had an effect on a layer of this type were dropped (Keras 2)."), _drop_inherited),
    Repair("relu_limits", "tf.keras 2", QT_TRANSLATE_NOOP("Repairs", "Unset limits of a ReLU were written out (tf.keras 2)."), _spell_relu_limits),
    Repair("noise_shape", "Keras 2", QT_TRANSLATE_NOOP("Repairs", "A dropout's noise shape was dropped; it has no effect on the result."), _drop_noise_shape),
)  # fmt: skip


def repair_layer(type_: str, config: Config) -> tuple[str, list[Repair]]:
    """Apply every repair that the config needs; return the layer's type and the repairs that were applied."""
    applied = []
    for repair in LAYER_REPAIRS:
        changed = repair.mend(type_, config)
        if changed is not None:
            type_ = changed
            applied.append(repair)
    return type_, applied
