"""What older writers put into a layer's config that Keras 3 does not take, each mended by a small function.

Every repair is named in ``LAYER_REPAIRS`` with the Keras versions it is for; what was applied is listed to
the person. A repair works on a private copy of one layer's config.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tlstudio.core.errors import QT_TRANSLATE_NOOP

Config = dict[str, Any]


@dataclass(frozen=True)
class Repair:
    """``apply`` changes the config in place and says whether it had to."""

    code: str
    message: str
    apply: Callable[[str, Config], bool]


def _drop_groups(class_name: str, config: Config) -> bool:
    if class_name in {"DepthwiseConv2D", "SeparableConv2D", "Conv2DTranspose"} and config.get("groups") == 1:
        del config["groups"]
        return True
    return False


def _rename_batch_shape(class_name: str, config: Config) -> bool:
    if "batch_input_shape" not in config:
        return False
    shape = config.pop("batch_input_shape")
    if class_name == "InputLayer":
        config["batch_shape"] = shape
    else:
        config["batch_shape_of_first_layer"] = shape  # the graph takes it out again as the network's input
    return True


def _unlist_axis(class_name: str, config: Config) -> bool:
    axis = config.get("axis")
    if class_name == "BatchNormalization" and isinstance(axis, list) and len(axis) == 1:
        config["axis"] = axis[0]
        return True
    return False


def _rename_class_options(class_name: str, config: Config) -> bool:
    renames = {
        "LeakyReLU": {"alpha": "negative_slope"},
    }.get(class_name, {})
    changed = False
    for old, new in renames.items():
        if old in config:
            config[new] = config.pop(old)
            changed = True
    return changed


def _drop_obsolete(class_name: str, config: Config) -> bool:
    """Keys that say how to train or to compile, or that have no effect any more."""
    obsolete = {
        "ragged", "sparse", "input_dtype", "input_dim", "input_length", "batch_size", "renorm", "virtual_batch_size",
        "fused", "adjustment", "implementation", "optional", "time_major", "experimental_compile", "autocast",
        "renorm_clipping", "renorm_momentum", "quantization_config", "lora_rank", "lora_alpha",
    }  # fmt: skip
    gone = [key for key in config if key in obsolete]
    for key in gone:
        del config[key]
    return bool(
        set(gone) - {"ragged", "sparse", "optional", "quantization_config", "autocast"}
    )  # Keras 3 writes these


def _spell_relu_limits(class_name: str, config: Config) -> bool:
    if class_name != "ReLU":
        return False
    changed = False
    for key in ("negative_slope", "threshold"):
        if key in config and config[key] is None:
            config[key] = 0.0
            changed = True
    return changed


LAYER_REPAIRS: tuple[Repair, ...] = (
    Repair("depthwise_groups", QT_TRANSLATE_NOOP("Repairs", "“groups=1” was dropped, which Keras 3 no longer knows here (written by Keras 2)."), _drop_groups),
    Repair("batch_input_shape", QT_TRANSLATE_NOOP("Repairs", "The input's shape was given in the old way (Keras 1 and 2)."), _rename_batch_shape),
    Repair("axis_list", QT_TRANSLATE_NOOP("Repairs", "The axis of a batch normalization was given as a list (tf.keras 2)."), _unlist_axis),
    Repair("renamed_options", QT_TRANSLATE_NOOP("Repairs", "Options with old names were renamed (Keras 2)."), _rename_class_options),
    Repair("obsolete_options", QT_TRANSLATE_NOOP("Repairs", "Options without effect on the result were dropped (Keras 1 and 2)."), _drop_obsolete),
    Repair("relu_limits", QT_TRANSLATE_NOOP("Repairs", "Unset limits of a ReLU were written out (tf.keras 2)."), _spell_relu_limits),
)  # fmt: skip


def repair_layer(class_name: str, config: Config) -> list[Repair]:
    """Apply every repair that the config needs; return those that were."""
    return [repair for repair in LAYER_REPAIRS if repair.apply(class_name, config)]
