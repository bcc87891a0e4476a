"""The shapes of the weights that each kind of layer takes, from its config and what it is given.

They are checked against the file before anything is built: a layer that claims more than the file holds is
refused while it is only a claim. The rules are those of Keras' documentation of each layer.
"""

from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import Any

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model import vocabulary
from tlstudio.core.model.arrays import Weight
from tlstudio.core.model.graph import Graph
from tlstudio.core.model.shapes import Shape, tuple_of

Shapes = list[tuple[int, ...]]
Rule = Callable[[dict[str, Any], tuple[Any, ...]], Shapes]


def expected_shapes(type_: str, config: dict[str, Any], given: Shape) -> Shapes | None:
    """The weights of a layer that is applied to a tensor of shape ``given`` (without the batch axis), in Keras'
    order. None where no rule is known or the input's shape is not; an empty list for a layer without weights."""
    rule = RULES.get(type_)
    if rule is None:
        return [] if type_ in vocabulary.WEIGHTLESS else None
    if given is None:
        return None
    try:
        return rule(config, given)
    except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError):
        return None  # an axis that depends on the input, or a config that makes no sense: building it is refused


def check_weights(graph: Graph, shapes: list[Shape], weights: dict[str, list[Weight]], path: Path) -> None:
    """Raises ``weights_mismatch`` where a layer's weights are missing, too many, or of another shape."""
    checked: set[str] = set()
    for call in graph.calls:
        spec = graph.layers[call.layer]
        if call.layer in checked or not call.args:
            continue
        checked.add(call.layer)
        expected = expected_shapes(spec.type, spec.config, shapes[call.sources[0]] if call.sources else None)
        received = [weight.shape for weight in weights.get(call.layer, [])]
        if expected is None or expected == received:
            continue
        detail = f"layer “{call.layer}” of type {spec.type} takes {_words(expected)}, the file has {_words(received)}"
        raise TLStudioError("weights_mismatch", path=path, detail=detail)


def _words(shapes: Shapes) -> str:
    return ", ".join("×".join(map(str, shape)) or "a number" for shape in shapes[:8]) or "none"


def _bias(config: dict[str, Any], size: int) -> Shapes:
    return [(size,)] if config.get("use_bias", True) else []


def _conv(rank: int) -> Rule:
    def rule(config: dict[str, Any], given: tuple[Any, ...]) -> Shapes:
        filters = int(config["filters"])
        channels = int(given[-1]) // int(config.get("groups") or 1)
        return [(*tuple_of(config["kernel_size"], rank), channels, filters), *_bias(config, filters)]

    return rule


def _transpose(rank: int) -> Rule:
    def rule(config: dict[str, Any], given: tuple[Any, ...]) -> Shapes:
        filters = int(config["filters"])
        return [(*tuple_of(config["kernel_size"], rank), filters, int(given[-1])), *_bias(config, filters)]

    return rule


def _depthwise(rank: int) -> Rule:
    def rule(config: dict[str, Any], given: tuple[Any, ...]) -> Shapes:
        channels, times = int(given[-1]), int(config.get("depth_multiplier") or 1)
        return [(*tuple_of(config["kernel_size"], rank), channels, times), *_bias(config, channels * times)]

    return rule


def _separable(rank: int) -> Rule:
    def rule(config: dict[str, Any], given: tuple[Any, ...]) -> Shapes:
        channels, times, filters = int(given[-1]), int(config.get("depth_multiplier") or 1), int(config["filters"])
        return [
            (*tuple_of(config["kernel_size"], rank), channels, times),
            (*(1,) * rank, channels * times, filters),
            *_bias(config, filters),
        ]

    return rule


def _dense(config: dict[str, Any], given: tuple[Any, ...]) -> Shapes:
    units = int(config["units"])
    return [(int(given[-1]), units), *_bias(config, units)]


def _axis(config: dict[str, Any], given: tuple[Any, ...], default: int = -1) -> tuple[int, ...]:
    """Sizes along the axes that a normalization works on; an axis counts the batch."""
    axis = config.get("axis", default)
    axes = axis if isinstance(axis, list) else [axis]
    return tuple(int(((None, *given))[number]) for number in axes)


def _batch_normalization(config: dict[str, Any], given: tuple[Any, ...]) -> Shapes:
    size = (prod(_axis(config, given)),)
    return [size] * (bool(config.get("scale", True)) + bool(config.get("center", True)) + 2)


def _layer_normalization(config: dict[str, Any], given: tuple[Any, ...]) -> Shapes:
    size = _axis(config, given)
    if config.get("rms_scaling"):
        return [size]
    return [size] * (bool(config.get("scale", True)) + bool(config.get("center", True)))


def _prelu(config: dict[str, Any], given: tuple[Any, ...]) -> Shapes:
    shared = {axis if axis > 0 else axis + 1 + len(given) for axis in config.get("shared_axes") or []}
    return [tuple(1 if place in shared else int(size) for place, size in enumerate(given, 1))]


def _normalization(config: dict[str, Any], given: tuple[Any, ...]) -> Shapes:
    if config.get("mean") is not None or config.get("input_mean") is not None:
        return []
    size = () if config.get("axis", -1) is None else _axis(config, given)
    return [size, size, ()]


def _attention(config: dict[str, Any], given: tuple[Any, ...]) -> Shapes:
    """Self-attention over the last axis; query, key, value and output, each a kernel and a bias."""
    width, heads, key = int(given[-1]), int(config["num_heads"]), int(config["key_dim"])
    value = int(config.get("value_dim") or key)
    out = config.get("output_shape")
    out = width if out is None else int(out if isinstance(out, int) else out[-1])
    bias = bool(config.get("use_bias", True))
    shapes: Shapes = []
    for kernel, of in (
        ((width, heads, key), (heads, key)),
        ((width, heads, key), (heads, key)),
        ((width, heads, value), (heads, value)),
        ((heads, value, out), (out,)),
    ):
        shapes += [kernel, of] if bias else [kernel]
    return shapes


RULES: dict[str, Rule] = {
    "Conv1D": _conv(1),
    "Conv2D": _conv(2),
    "Conv3D": _conv(3),
    "Conv1DTranspose": _transpose(1),
    "Conv2DTranspose": _transpose(2),
    "Conv3DTranspose": _transpose(3),
    "DepthwiseConv1D": _depthwise(1),
    "DepthwiseConv2D": _depthwise(2),
    "SeparableConv1D": _separable(1),
    "SeparableConv2D": _separable(2),
    "Dense": _dense,
    "BatchNormalization": _batch_normalization,
    "LayerNormalization": _layer_normalization,
    "GroupNormalization": _layer_normalization,
    "RMSNormalization": lambda config, given: [_axis(config, given)],
    "PReLU": _prelu,
    "Normalization": _normalization,
    "MultiHeadAttention": _attention,
    "Embedding": lambda config, _given: [(int(config["input_dim"]), int(config["output_dim"]))],
}
