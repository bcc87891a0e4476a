"""Output shapes of layers, computed from their configs in plain Python.

A shape is a tuple without the batch axis; None is a size that depends on the input. An unknown rule gives
None for the whole shape. The rules are those of Keras' documentation of each layer.
"""

from collections.abc import Callable
from math import ceil, prod
from typing import Any

from tlstudio.core.model import vocabulary
from tlstudio.core.model.graph import Call, Graph, refs_in

Shape = tuple[int | None, ...] | None
MAX_VALUES = 1 << 34  # of one image in one layer; a network that claims more is not for this machine


def infer_shapes(graph: Graph) -> list[Shape]:
    """The output shape of each call, in the order of ``graph.calls``."""
    shapes: list[Shape] = []
    for call in graph.calls:
        inputs = [shapes[ref.call] for ref in refs_in(call.args)]
        shapes.append(_shape_of(graph, call, inputs))
    return shapes


def _shape_of(graph: Graph, call: Call, inputs: list[Shape]) -> Shape:
    spec = graph.layers[call.layer]
    if spec.type == "InputLayer":
        return tuple(spec.config["shape"])
    if not inputs or any(shape is None for shape in inputs):
        return None
    known = [shape for shape in inputs if shape is not None]
    if spec.type in vocabulary.SHAPE_KEEPING:
        return known[0]
    rule = _RULES.get(spec.type)
    try:
        return rule(spec.config, known) if rule else None
    except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError):
        return None  # a config that makes no sense: the shape is unknown, and building it will be refused


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


def _slide(size: int | None, window: int, stride: int, padding: str, dilation: int = 1) -> int | None:
    if size is None:
        return None
    reach = (window - 1) * dilation + 1
    return ceil(size / stride) if padding == "same" else (size - reach) // stride + 1


def _slide_2d(config: dict[str, Any], shape: tuple[int | None, ...], window: Any) -> tuple[int | None, ...]:
    windows, strides = _pair(window), _pair(config.get("strides") or window)
    dilations = _pair(config.get("dilation_rate", 1))
    padding = config.get("padding", "valid")
    return tuple(_slide(shape[i], windows[i], strides[i], padding, dilations[i]) for i in (0, 1))


def _conv2d(config: dict[str, Any], inputs: list[tuple[int | None, ...]]) -> Shape:
    return (*_slide_2d({"strides": 1, **config}, inputs[0], config["kernel_size"]), int(config["filters"]))


def _depthwise(config: dict[str, Any], inputs: list[tuple[int | None, ...]]) -> Shape:
    channels = inputs[0][2]
    grown = None if channels is None else channels * int(config.get("depth_multiplier", 1))
    return (*_slide_2d({"strides": 1, **config}, inputs[0], config["kernel_size"]), grown)


def _pool2d(config: dict[str, Any], inputs: list[tuple[int | None, ...]]) -> Shape:
    return (*_slide_2d(config, inputs[0], config.get("pool_size", 2)), inputs[0][2])


def _transpose(config: dict[str, Any], inputs: list[tuple[int | None, ...]]) -> Shape:
    kernel, stride = _pair(config["kernel_size"]), _pair(config.get("strides", 1))
    sizes = [
        None if size is None else size * s if config.get("padding") == "same" else size * s + max(k - s, 0)
        for size, k, s in zip(inputs[0][:2], kernel, stride, strict=True)
    ]
    return (*sizes, int(config["filters"]))


def _one_dimensional(config: dict[str, Any], inputs: list[tuple[int | None, ...]]) -> Shape:
    window = config.get("kernel_size", config.get("pool_size", 2))
    window = window if isinstance(window, int) else window[0]
    stride = config.get("strides") or (1 if "kernel_size" in config else window)
    stride = stride if isinstance(stride, int) else stride[0]
    length = _slide(inputs[0][0], window, stride, config.get("padding", "valid"))
    return (length, int(config.get("filters") or inputs[0][1] or 0))


def _global_pool(config: dict[str, Any], inputs: list[tuple[int | None, ...]]) -> Shape:
    kept = (1,) * (len(inputs[0]) - 1) if config.get("keepdims") else ()
    return (*kept, inputs[0][-1])


def _dense(config: dict[str, Any], inputs: list[tuple[int | None, ...]]) -> Shape:
    return (*inputs[0][:-1], int(config["units"]))


def _flatten(config: dict[str, Any], inputs: list[tuple[int | None, ...]]) -> Shape:
    sizes = [size for size in inputs[0] if size is not None]
    return (prod(sizes) if len(sizes) == len(inputs[0]) else None,)


def _reshape(config: dict[str, Any], inputs: list[tuple[int | None, ...]]) -> Shape:
    target = [int(size) for size in config["target_shape"]]
    if -1 in target:
        whole = _flatten(config, inputs)
        rest = prod(size for size in target if size != -1)
        target[target.index(-1)] = -1 if whole is None or whole[0] is None else whole[0] // rest
    return tuple(None if size == -1 else size for size in target)


def _concatenate(config: dict[str, Any], inputs: list[tuple[int | None, ...]]) -> Shape:
    axis = int(config.get("axis", -1))
    axis = axis if axis < 0 else axis - 1 - len(inputs[0])
    sizes = [shape[axis] for shape in inputs]
    joined = list(inputs[0])
    joined[axis] = None if None in sizes else sum(size for size in sizes if size is not None)
    return tuple(joined)


def _merge(config: dict[str, Any], inputs: list[tuple[int | None, ...]]) -> Shape:
    rank = max(len(shape) for shape in inputs)
    padded = [(1,) * (rank - len(shape)) + shape for shape in inputs]
    return tuple(
        None if None in sizes else max(s for s in sizes if s is not None) for sizes in zip(*padded, strict=True)
    )


def _borders(config: dict[str, Any], key: str) -> list[tuple[int, int]]:
    value = config[key]
    if isinstance(value, int):
        return [(value, value), (value, value)]
    return [(side, side) if isinstance(side, int) else (int(side[0]), int(side[1])) for side in value]


def _pad(config: dict[str, Any], inputs: list[tuple[int | None, ...]]) -> Shape:
    added = [sum(sides) for sides in _borders(config, "padding")]
    return (*(None if s is None else s + a for s, a in zip(inputs[0][:2], added, strict=True)), inputs[0][2])


def _crop(config: dict[str, Any], inputs: list[tuple[int | None, ...]]) -> Shape:
    taken = [sum(sides) for sides in _borders(config, "cropping")]
    return (*(None if s is None else s - t for s, t in zip(inputs[0][:2], taken, strict=True)), inputs[0][2])


def _upsample(config: dict[str, Any], inputs: list[tuple[int | None, ...]]) -> Shape:
    factor = _pair(config.get("size", 2))
    return (*(None if s is None else s * f for s, f in zip(inputs[0][:2], factor, strict=True)), inputs[0][2])


_RULES: dict[str, Callable[[dict[str, Any], list[tuple[int | None, ...]]], Shape]] = {
    "Conv2D": _conv2d,
    "SeparableConv2D": _conv2d,
    "DepthwiseConv2D": _depthwise,
    "Conv2DTranspose": _transpose,
    "Conv1D": _one_dimensional,
    "MaxPooling1D": _one_dimensional,
    "AveragePooling1D": _one_dimensional,
    "MaxPooling2D": _pool2d,
    "AveragePooling2D": _pool2d,
    "GlobalAveragePooling1D": _global_pool,
    "GlobalMaxPooling1D": _global_pool,
    "GlobalAveragePooling2D": _global_pool,
    "GlobalMaxPooling2D": _global_pool,
    "Dense": _dense,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Permute": lambda config, inputs: tuple(inputs[0][d - 1] for d in config["dims"]),
    "RepeatVector": lambda config, inputs: (int(config["n"]), *inputs[0]),
    "Resizing": lambda config, inputs: (int(config["height"]), int(config["width"]), inputs[0][2]),
    "Concatenate": _concatenate,
    "ZeroPadding2D": _pad,
    "Cropping2D": _crop,
    "UpSampling2D": _upsample,
    "Embedding": lambda config, inputs: (*inputs[0], int(config["output_dim"])),
    **dict.fromkeys(vocabulary.MERGING - {"Concatenate"}, _merge),
}
