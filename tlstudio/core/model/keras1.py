"""The names of Keras 1, and what Keras 2 and 3 call them.

Source: the tables of Keras 2's own ``legacy/interfaces.py`` and the documentation of Keras 1.2.2.
"""

from typing import Any

Config = dict[str, Any]

TYPES = {
    "Convolution1D": "Conv1D", "Convolution2D": "Conv2D", "Convolution3D": "Conv3D", "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D", "SeparableConvolution2D": "SeparableConv2D", "Deconvolution2D": "Conv2DTranspose",
}  # fmt: skip

# In any layer.
_OPTIONS = {
    "W_regularizer": "kernel_regularizer", "b_regularizer": "bias_regularizer", "W_constraint": "kernel_constraint",
    "b_constraint": "bias_constraint", "init": "kernel_initializer", "border_mode": "padding", "bias": "use_bias",
    "nb_filter": "filters", "subsample": "strides", "subsample_length": "strides", "atrous_rate": "dilation_rate",
    "filter_length": "kernel_size", "pool_length": "pool_size", "stride": "strides", "inner_init": "recurrent_initializer",
    "inner_activation": "recurrent_activation", "dropout_W": "dropout", "dropout_U": "recurrent_dropout",
    "depthwise_init": "depthwise_initializer", "pointwise_init": "pointwise_initializer",
}  # fmt: skip

# In one type of layer, where the same word means something else elsewhere.
_OPTIONS_OF = {
    "Dense": {"output_dim": "units"},
    "LSTM": {"output_dim": "units"},
    "GRU": {"output_dim": "units"},
    "SimpleRNN": {"output_dim": "units"},
    "Dropout": {"p": "rate"},
    "SpatialDropout1D": {"p": "rate"},
    "SpatialDropout2D": {"p": "rate"},
    "GaussianDropout": {"p": "rate"},
    "GaussianNoise": {"sigma": "stddev"},
    "UpSampling1D": {"length": "size"},
}

# What has no effect on the result, or said what is known without it.
_DROPPED = {"weights", "input_dim", "input_length", "input_dtype", "U_regularizer", "consume_less", "forget_bias_init",
            "beta_init", "gamma_init", "dropout_regularizer"}  # fmt: skip

_MERGES = {
    "concat": "Concatenate",
    "sum": "Add",
    "mul": "Multiply",
    "ave": "Average",
    "max": "Maximum",
    "min": "Minimum",
}


def rename(type_: str, config: Config) -> str | None:
    """Names of types and options. Returns the type where something had to change, else None."""
    options = {**_OPTIONS, **_OPTIONS_OF.get(TYPES.get(type_, type_), {})}
    is_old = type_ in TYPES or "dim_ordering" in config or bool(options.keys() & config.keys())
    if not is_old:
        return None
    for key in _DROPPED & config.keys() - ({"input_dim"} if type_ == "Embedding" else set()):
        del config[key]
    if "output_shape" in config and type_ == "Deconvolution2D":
        del config["output_shape"]  # follows from the strides and the padding
    _join(config, "kernel_size", "nb_row", "nb_col")
    _join(config, "kernel_size", "kernel_dim1", "kernel_dim2", "kernel_dim3")
    for old, new in options.items():
        if old in config:
            config[new] = config.pop(old)
    if isinstance(config.get("kernel_size"), int):
        config["kernel_size"] = [config["kernel_size"]]
    order = config.pop("dim_ordering", None)
    if order in {"th", "tf"}:
        config["data_format"] = "channels_first" if order == "th" else "channels_last"
    return TYPES.get(type_, type_)


def _join(config: Config, new: str, *old: str) -> None:
    if all(name in config for name in old):
        config[new] = [config.pop(name) for name in old]


def split_merge(type_: str, config: Config) -> str | None:
    """``Merge`` did what seven layers do now, by its mode; a mode that is program code stays what it is."""
    mode = config.get("mode")
    if type_ != "Merge" or not isinstance(mode, str) or mode not in _MERGES or "layers" in config:
        return None
    axis = config.get("concat_axis", -1)
    config.clear()
    if mode == "concat":
        config["axis"] = axis
    return _MERGES[mode]


def drop_batch_mode(type_: str, config: Config) -> str | None:
    """Mode 0 and 2 normalize by feature with kept statistics, as all do now; mode 1 went by sample."""
    if type_ != "BatchNormalization" or config.get("mode") not in {0, 2}:
        return None
    del config["mode"]
    return type_
