"""Output shapes of layers, computed from their configs in plain Python.

A shape is a tuple without the batch axis; None is a size that depends on the input. An unknown rule gives
None for the whole shape. The rules are those of Keras' documentation of each layer.
"""

from collections.abc import Callable
from math import ceil, prod
from pathlib import Path
from typing import Any

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model import vocabulary
from tlstudio.core.model.graph import Call, Graph, refs_in

Shape = tuple[int | None, ...] | None
Sizes = tuple[int | None, ...]
# Values of one image in one layer. ResNet50 on 224 x 224 pixels has 0.8 million in its largest layer; four
# billion bytes for one image in one layer is no network that a workstation runs.
MAX_VALUES = 1 << 30


def infer_shapes(graph: Graph) -> list[Shape]:
    """The output shape of each call, in the order of ``graph.calls``."""
    shapes: list[Shape] = []
    for call in graph.calls:
        inputs = [shapes[ref.call] for ref in refs_in(call.args)]
        shapes.append(_shape_of(graph, call, inputs))
    return shapes


def check_sizes(graph: Graph, shapes: list[Shape], path: Path) -> None:
    """Raises ``unsafe_model`` where a layer would give more than any machine holds, ``unreadable_network`` where
    nothing is left of an image."""
    for call, shape in zip(graph.calls, shapes, strict=True):
        if shape is None:
            continue
        known = [size for size in shape if size is not None]
        if any(size <= 0 for size in known):
            detail = f"layer “{call.layer}” would give an output of shape {'×'.join(map(str, shape))}"
            raise TLStudioError("unreadable_network", path=path, detail=detail)
        if prod(known) > MAX_VALUES:
            found = f"layer “{call.layer}” would give {prod(known)} values for one image"
            raise TLStudioError("unsafe_model", path=path, found=found)


def tuple_of(value: Any, rank: int) -> tuple[int, ...]:
    """One number for all axes, or one each."""
    sizes = (int(value),) * rank if isinstance(value, (int, float)) else tuple(int(size) for size in value)
    if len(sizes) == 1:
        sizes *= rank
    if len(sizes) != rank:
        raise ValueError(f"expected {rank} numbers, got {value}")
    return sizes


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


Rule = Callable[[dict[str, Any], list[Sizes]], Shape]


def _slide(size: int | None, window: int, stride: int, padding: str, dilation: int = 1) -> int | None:
    if size is None:
        return None
    reach = (window - 1) * dilation + 1
    return ceil(size / stride) if padding == "same" else (size - reach) // stride + 1


def _slid(config: dict[str, Any], shape: Sizes, window: Any, default_stride: Any) -> Sizes:
    rank = len(shape) - 1
    windows, strides = tuple_of(window, rank), tuple_of(config.get("strides") or default_stride, rank)
    dilations, padding = tuple_of(config.get("dilation_rate", 1), rank), config.get("padding", "valid")
    return tuple(
        _slide(shape[i], windows[i], strides[i], "same" if padding == "causal" else padding, dilations[i])
        for i in range(rank)
    )


def _conv(config: dict[str, Any], inputs: list[Sizes]) -> Shape:
    return (*_slid(config, inputs[0], config["kernel_size"], 1), int(config["filters"]))


def _depthwise(config: dict[str, Any], inputs: list[Sizes]) -> Shape:
    channels = inputs[0][-1]
    grown = None if channels is None else channels * int(config.get("depth_multiplier") or 1)
    return (*_slid(config, inputs[0], config["kernel_size"], 1), grown)


def _pool(config: dict[str, Any], inputs: list[Sizes]) -> Shape:
    window = config.get("pool_size", 2)
    return (*_slid(config, inputs[0], window, window), inputs[0][-1])


def _transpose(config: dict[str, Any], inputs: list[Sizes]) -> Shape:
    rank = len(inputs[0]) - 1
    kernel, stride = tuple_of(config["kernel_size"], rank), tuple_of(config.get("strides", 1), rank)
    dilation = tuple_of(config.get("dilation_rate", 1), rank)
    extra = config.get("output_padding")
    more = tuple_of(extra, rank) if extra is not None else None
    sizes: list[int | None] = []
    for i, size in enumerate(inputs[0][:-1]):
        reach = (kernel[i] - 1) * dilation[i] + 1
        if size is None:
            sizes.append(None)
        elif more is None:
            sizes.append(
                size * stride[i] if config.get("padding") == "same" else size * stride[i] + max(reach - stride[i], 0)
            )
        else:
            pad = reach // 2 if config.get("padding") == "same" else 0
            sizes.append((size - 1) * stride[i] + reach - 2 * pad + more[i])
    return (*sizes, int(config["filters"]))


def _global_pool(config: dict[str, Any], inputs: list[Sizes]) -> Shape:
    kept = (1,) * (len(inputs[0]) - 1) if config.get("keepdims") else ()
    return (*kept, inputs[0][-1])


def _dense(config: dict[str, Any], inputs: list[Sizes]) -> Shape:
    return (*inputs[0][:-1], int(config["units"]))


def _flatten(config: dict[str, Any], inputs: list[Sizes]) -> Shape:
    sizes = [size for size in inputs[0] if size is not None]
    return (prod(sizes) if len(sizes) == len(inputs[0]) else None,)


def _reshape(config: dict[str, Any], inputs: list[Sizes]) -> Shape:
    target = [int(size) for size in config["target_shape"]]
    if -1 in target:
        whole = _flatten(config, inputs)
        rest = prod(size for size in target if size != -1)
        target[target.index(-1)] = -1 if whole is None or whole[0] is None else whole[0] // rest
    return tuple(None if size == -1 else size for size in target)


def _concatenate(config: dict[str, Any], inputs: list[Sizes]) -> Shape:
    axis = int(config.get("axis", -1))
    axis = axis if axis < 0 else axis - 1 - len(inputs[0])
    sizes = [shape[axis] for shape in inputs]
    joined = list(inputs[0])
    joined[axis] = None if None in sizes else sum(size for size in sizes if size is not None)
    return tuple(joined)


def _merge(config: dict[str, Any], inputs: list[Sizes]) -> Shape:
    rank = max(len(shape) for shape in inputs)
    padded = [(1,) * (rank - len(shape)) + shape for shape in inputs]
    return tuple(
        None if None in sizes else max(s for s in sizes if s is not None) for sizes in zip(*padded, strict=True)
    )


def _borders(value: Any, rank: int) -> list[tuple[int, int]]:
    if isinstance(value, int):
        return [(value, value)] * rank
    if rank == 1 and len(value) == 2 and all(isinstance(side, int) for side in value):
        return [(int(value[0]), int(value[1]))]
    return [(side, side) if isinstance(side, int) else (int(side[0]), int(side[1])) for side in value]


def _border(key: str, sign: int) -> Rule:
    def rule(config: dict[str, Any], inputs: list[Sizes]) -> Shape:
        sides = _borders(config[key], len(inputs[0]) - 1)
        sizes = inputs[0][:-1]
        return (*(None if s is None else s + sign * sum(b) for s, b in zip(sizes, sides, strict=True)), inputs[0][-1])

    return rule


def _upsample(config: dict[str, Any], inputs: list[Sizes]) -> Shape:
    factors = tuple_of(config.get("size", 2), len(inputs[0]) - 1)
    return (*(None if s is None else s * f for s, f in zip(inputs[0][:-1], factors, strict=True)), inputs[0][-1])


def _to_size(config: dict[str, Any], inputs: list[Sizes]) -> Shape:
    return (int(config["height"]), int(config["width"]), inputs[0][2])


def _reduce(config: dict[str, Any], inputs: list[Sizes]) -> Shape:
    axes = {axis if axis > 0 else axis + 1 + len(inputs[0]) for axis in config["axis"]}
    if config.get("keepdims"):
        return tuple(1 if place in axes else size for place, size in enumerate(inputs[0], 1))
    return tuple(size for place, size in enumerate(inputs[0], 1) if place not in axes)


def _pad_all(config: dict[str, Any], inputs: list[Sizes]) -> Shape:
    return tuple(None if s is None else s + sum(b) for s, b in zip(inputs[0], config["padding"], strict=True))


def _slice(config: dict[str, Any], inputs: list[Sizes]) -> Shape:
    """``axis`` counts the batch; ``start``, ``stop`` and ``step`` as in Python."""
    axis = int(config["axis"]) % (len(inputs[0]) + 1) - 1
    size = inputs[0][axis]
    length = (
        None if size is None else len(range(size)[slice(config.get("start"), config.get("stop"), config.get("step"))])
    )
    return (*inputs[0][:axis], length, *inputs[0][axis + 1 :])


def _expand(config: dict[str, Any], inputs: list[Sizes]) -> Shape:
    axis = int(config["axis"]) % (len(inputs[0]) + 2) - 1
    return (*inputs[0][:axis], 1, *inputs[0][axis:])


def _squeeze(config: dict[str, Any], inputs: list[Sizes]) -> Shape:
    axis = int(config["axis"]) % (len(inputs[0]) + 1) - 1
    return (*inputs[0][:axis], *inputs[0][axis + 1 :])


def _stack(config: dict[str, Any], inputs: list[Sizes]) -> Shape:
    axis = int(config["axis"]) % (len(inputs[0]) + 2) - 1
    return (*inputs[0][:axis], len(inputs), *inputs[0][axis:])


def _each_rank(name: str, rule: Rule, suffix: str = "") -> dict[str, Rule]:
    return {f"{name}{rank}D{suffix}": rule for rank in (1, 2, 3)}


_RULES: dict[str, Rule] = {
    **_each_rank("Conv", _conv),
    **_each_rank("SeparableConv", _conv),
    **_each_rank("DepthwiseConv", _depthwise),
    **_each_rank("Conv", _transpose, "Transpose"),
    **_each_rank("MaxPooling", _pool),
    **_each_rank("AveragePooling", _pool),
    **_each_rank("GlobalAveragePooling", _global_pool),
    **_each_rank("GlobalMaxPooling", _global_pool),
    **_each_rank("ZeroPadding", _border("padding", 1)),
    **_each_rank("Cropping", _border("cropping", -1)),
    **_each_rank("UpSampling", _upsample),
    "Dense": _dense,
    "MultiHeadAttention": lambda config, inputs: inputs[0] if config.get("output_shape") is None else None,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Permute": lambda config, inputs: tuple(inputs[0][d - 1] for d in config["dims"]),
    "RepeatVector": lambda config, inputs: (int(config["n"]), *inputs[0]),
    **dict.fromkeys(("Resizing", "CenterCrop", "RandomCrop"), _to_size),
    "Concatenate": _concatenate,
    "Embedding": lambda config, inputs: (*inputs[0], int(config["output_dim"])),
    **dict.fromkeys(vocabulary.MERGING - {"Concatenate"} | {"Divide"}, _merge),
    **dict.fromkeys(
        ("Absolute", "Exp", "Log", "Power", "Reciprocal", "Sqrt", "Square", "TanhGelu"),
        lambda _config, inputs: inputs[0],
    ),
    **dict.fromkeys(("Max", "Mean", "Min", "Sum"), _reduce),
    "Pad": _pad_all,
    "Slice": _slice,
    "Pick": lambda config, inputs: tuple(
        s for i, s in enumerate(inputs[0], 1) if i != config["axis"] % (len(inputs[0]) + 1)
    ),
    "Stack": _stack,
    "ExpandDims": _expand,
    "Squeeze": _squeeze,
}
