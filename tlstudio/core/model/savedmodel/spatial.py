"""Operations of a graph that work on the places of an image: convolutions, pooling, borders, sizes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tlstudio.core.model.savedmodel import attributes
from tlstudio.core.model.savedmodel.arguments import integers
from tlstudio.core.model.savedmodel.known import Known, UnsupportedError, reshaped
from tlstudio.core.model.savedmodel.permuted import carried, channels_first, channels_last
from tlstudio.core.model.savedmodel.pieces import WRAPPERS, Piece, make, settled


def in_its_order(node: Any, name: str, x: Piece, apply: Callable[[Piece], Piece]) -> Piece:
    """What works on maps of features with the channels last, for a node that may have them first."""
    if x.type in WRAPPERS or not attributes.is_channels_first(node):
        return apply(x)
    return channels_first(name, apply(channels_last(name, x)))


def convolution(node: Any, name: str, x: Piece, kernel: Known) -> Piece:
    if len(kernel.shape) != 4:
        raise UnsupportedError("a convolution of another rank")
    if x.type == "Spaced":
        x = settled(x)
        return replace(x, inputs=(_dilated(node, name, x, kernel),))
    return in_its_order(node, name, x, lambda maps: _on_maps(node, name, maps, kernel))


def _on_maps(node: Any, name: str, x: Piece, kernel: Known) -> Piece:
    if x.rank != 3:
        raise UnsupportedError("a convolution of another rank")
    dilation = attributes.over_image(node, "dilations")
    strides = attributes.over_image(node, "strides")
    x, padding = _padded(node, name, x)
    return _convolve(node.op, name, x, kernel, strides=strides, padding=padding, dilation_rate=dilation)


def _convolve(op: str, name: str, x: Piece, kernel: Known, **config: Any) -> Piece:
    channels = (x.shape or (None,))[-1]
    if max(config["strides"]) > 1 and max(config["dilation_rate"]) > 1:
        raise UnsupportedError("a convolution with strides and dilation")
    size = kernel.shape[:2]
    if op == "DepthwiseConv2dNative":
        if channels != kernel.shape[2]:
            raise UnsupportedError("a depthwise convolution of other channels")
        return make(
            "DepthwiseConv2D", name, (x,), (kernel,), kernel_size=size, depth_multiplier=kernel.shape[3], use_bias=False,
            **config,
        )  # fmt: skip
    if channels is None or kernel.shape[2] == 0 or channels % kernel.shape[2]:
        raise UnsupportedError("a convolution of other channels")
    groups = channels // kernel.shape[2]
    return make(
        "Conv2D",
        name,
        (x,),
        (kernel,),
        filters=kernel.shape[3],
        kernel_size=size,
        groups=groups,
        use_bias=False,
        **config,
    )


def _padded(node: Any, name: str, x: Piece) -> tuple[Piece, str]:
    padding = attributes.text(node, "padding", "VALID")
    if padding in {"SAME", "VALID"}:
        return x, padding.lower()
    sides = attributes.in_order(node, attributes.numbers(node, "explicit_paddings", [0] * 8))
    if padding != "EXPLICIT" or len(sides) != 8 or any(sides[:2]) or any(sides[6:]):
        raise UnsupportedError(f"the padding {padding}")
    if not any(sides):
        return x, "valid"
    return make("ZeroPadding2D", f"{name}_pad", (x,), padding=[sides[2:4], sides[4:6]]), "valid"


def _dilated(node: Any, name: str, tiles: Piece, kernel: Known) -> Piece:
    """On tiles that take every n-th place, a convolution is one with dilation n on the whole."""
    if attributes.text(node, "padding", "VALID") != "VALID" or attributes.over_image(node, "strides") != (1, 1):
        raise UnsupportedError("a dilated convolution with borders of its own")
    return _convolve(
        node.op, name, tiles.inputs[0], kernel, strides=(1, 1), padding="valid", dilation_rate=tiles.config["block"]
    )


def space_to_batch(name: str, x: Piece, block: Known, padding: Known) -> Piece:
    factors, sides = integers(block), integers(padding)
    if x.rank != 3 or len(factors) != 2 or len(sides) != 4:
        raise UnsupportedError("SpaceToBatchND of another rank")
    return Piece("Spaced", {"block": factors, "padding": [sides[:2], sides[2:]]}, (x,), shape=None, name=name)


def batch_to_space(name: str, tiles: Piece, block: Known, crops: Known) -> Piece:
    if tiles.type != "Spaced" or integers(block) != tiles.config["block"]:
        raise UnsupportedError("BatchToSpaceND without SpaceToBatchND")
    sides = integers(crops)
    inner = tiles.inputs[0]
    if not any(sides):
        return inner
    return make("Cropping2D", f"{name}_crop", (inner,), cropping=[sides[:2], sides[2:]])


def transposed_convolution(node: Any, name: str, sizes: Known, kernel: Known, x: Piece) -> Piece:
    padding = attributes.text(node, "padding", "VALID").lower()
    if len(kernel.shape) != 4 or x.rank != 3 or padding not in {"same", "valid"}:
        raise UnsupportedError("a transposed convolution of another rank")
    wanted = [None if item is None else int(item) for item in attributes.in_order(node, _items(sizes))][1:3]
    config: dict[str, Any] = {
        "filters": kernel.shape[2], "kernel_size": kernel.shape[:2], "strides": attributes.over_image(node, "strides"),
        "padding": padding, "dilation_rate": attributes.over_image(node, "dilations"), "use_bias": False,
    }  # fmt: skip
    made = make("Conv2DTranspose", name, (x,), (kernel,), **config)
    if made.shape is not None and None not in wanted and list(made.shape[:2]) != wanted:
        extra = []
        for size, out, window, stride in zip(
            x.shape or (), wanted, config["kernel_size"], config["strides"], strict=False
        ):
            if size is None or out is None:
                raise UnsupportedError("a transposed convolution of unknown size")
            extra.append(out - ((size - 1) * stride + window - 2 * (window // 2 if padding == "same" else 0)))
        if any(not 0 <= more < stride for more, stride in zip(extra, config["strides"], strict=True)):
            raise UnsupportedError("a transposed convolution of another size")
        made = make("Conv2DTranspose", name, (x,), (kernel,), **config, output_padding=extra)
    return made


def _items(value: Known) -> list[Any]:
    if value.numbers is None:
        raise UnsupportedError("a size that depends on the image")
    return list(value.numbers.reshape(-1))


def pooling(node: Any, name: str, x: Piece) -> Piece:
    if x.rank != 3:
        raise UnsupportedError("pooling of another rank")
    type_ = "MaxPooling2D" if node.op == "MaxPool" else "AveragePooling2D"
    window, strides = attributes.over_image(node, "ksize"), attributes.over_image(node, "strides")
    padding = attributes.text(node, "padding", "VALID")
    if padding not in {"SAME", "VALID"}:
        raise UnsupportedError(f"the padding {padding}")
    return make(type_, name, (x,), pool_size=window, strides=strides, padding=padding.lower())


def batch_normalization(
    node: Any, name: str, x: Piece, scale: Known, offset: Known, mean: Known, variance: Known
) -> Piece:
    if x.type == "Folded":
        return replace(x, inputs=(_layer_normalization(node, name, x, scale, offset),))
    if attributes.flag(node, "is_training", True):
        raise UnsupportedError("batch normalization by the batch's own statistics")
    channels = (x.shape or (None,))[-1]
    weights = (scale, offset, mean, variance)
    if channels is None or any(value.size != channels for value in weights):
        raise UnsupportedError("batch normalization of other channels")
    has_scale, has_offset = scale.scalar != 1, offset.scalar != 0
    kept = [value for value, is_kept in zip(weights, (has_scale, has_offset, True, True), strict=True) if is_kept]
    return make(
        "BatchNormalization", name, (x,), tuple(reshaped(value, (channels,)) for value in kept), axis=-1, scale=has_scale,
        epsilon=attributes.number(node, "epsilon", 1e-4), center=has_offset,
    )  # fmt: skip


def _layer_normalization(node: Any, name: str, folded: Piece, scale: Known, offset: Known) -> Piece:
    is_own = attributes.flag(node, "is_training", True) and attributes.text(node, "data_format") == "NCHW"
    if not is_own or scale.scalar != 1 or offset.scalar != 0:
        raise UnsupportedError("batch normalization of a folded tensor")
    axis = folded.config["axis"]
    return make(
        "LayerNormalization", name, folded.inputs, axis=axis[0] if len(axis) == 1 else axis, scale=False, center=False,
        epsilon=attributes.number(node, "epsilon", 1e-4),
    )  # fmt: skip


def padding(name: str, x: Piece, borders: Known, value: Known | None) -> Piece:
    sides = integers(borders)
    pairs = [sides[place : place + 2] for place in range(0, len(sides), 2)]
    filler = 0.0 if value is None else value.scalar
    if len(pairs) != x.rank + 1 or any(pairs[0]) or filler is None or min(sides, default=0) < 0:
        raise UnsupportedError("a border around the batch")
    if x.type == "Permute":
        below = [pairs[0], *(pairs[x.config["dims"].index(axis) + 1] for axis in range(1, x.rank + 1))]
        return carried(x, lambda inner: _bordered(name, inner, below, filler))
    return _bordered(name, x, pairs, filler)


def _bordered(name: str, x: Piece, pairs: list[list[int]], filler: float) -> Piece:
    if x.rank == 3 and filler == 0 and not any(pairs[3]):
        return make("ZeroPadding2D", name, (x,), padding=pairs[1:3])
    return make("Pad", name, (x,), padding=pairs[1:], value=filler)


def resizing(node: Any, name: str, x: Piece, size: Known) -> Piece:
    height, width = integers(size)
    if x.rank != 3:
        raise UnsupportedError("resizing of another rank")
    if not x.is_sized:
        raise UnsupportedError("resizing of an image of unknown size")
    if x.sizes[:2] == (height, width):
        return x
    corners, centres = attributes.flag(node, "align_corners"), attributes.flag(node, "half_pixel_centers")
    factors = [
        to // size if size and to % size == 0 else 0 for to, size in zip((height, width), x.sizes[:2], strict=True)
    ]
    nearest = node.op == "ResizeNearestNeighbor"
    if nearest and all(factors) and not corners:  # the same whether centres or corners of pixels are met
        return make("UpSampling2D", name, (x,), size=factors)
    if corners or not centres:
        raise UnsupportedError("resizing that goes by the corners of pixels")
    return make(
        "Resizing", name, (x,), height=height, width=width, interpolation="nearest" if nearest else "bilinear"
    )


def repeated(name: str, x: Piece, target: list[int | None]) -> Piece | None:
    """``Reshape(Tile(ExpandDims(x)))``, which repeats rows or columns, as Keras 3 writes an upsampling."""
    tile = x
    if tile.type != "Tiled":
        return None
    base, axis, times = tile.inputs[0], tile.config["axis"], tile.config["times"]
    if base.rank != 3 or axis not in (1, 2) or not base.is_sized:
        return None
    wanted = list(base.sizes)
    wanted[axis - 1] *= times
    if [size for size in target[1:] if size is not None] != wanted:
        return None
    return make("UpSampling2D", name, (base,), size=(times, 1) if axis == 1 else (1, times))
