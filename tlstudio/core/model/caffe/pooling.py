"""Pooling. Source: Caffe's ``pooling_layer``: the number of windows is rounded up, a last window that would lie in
the border alone is left out, and an average counts the border on both sides but nothing behind it.
"""

from typing import Any

from tlstudio.core.model.caffe.builder import Builder, Tensor, Unsupported
from tlstudio.core.model.caffe.layers import CaffeLayer
from tlstudio.core.model.caffe.windows import Pair, Window, sides, window_of, zero_border

MAX, AVE = 0, 1
FLOOR = 1
LOWEST = -3.4028234663852886e38  # the smallest float32: never the largest of a window that holds a value
MAX_MAP = 1 << 20  # places of a map of factors
_LAST = {"data_format": "channels_last"}


def pooling(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    param = layer.param("pooling")
    if param.pool not in (MAX, AVE):
        raise Unsupported("STOCHASTIC")
    if len(given) != 1 or len(layer.tops) != 1:
        raise Unsupported("with the places of the largest values")
    sides(given[0])
    tensor = net.as_last(given[0], path)
    channels, height, width = tensor.sizes
    window = window_of(net, path, param, (height, width))
    if param.global_pooling:
        type_ = "GlobalMaxPooling2D" if param.pool == MAX else "GlobalAveragePooling2D"
        return net.add(path, type_, {"keepdims": True, **_LAST}, tensor, (channels, 1, 1))
    if any(pad >= kernel for pad, kernel in zip(window.pad, window.kernel, strict=True)):
        net.complain(f"layer “{path}” has a border as wide as its kernel")
    rounds_down = param.round_mode == FLOOR or (param.HasField("ceil_mode") and not param.ceil_mode)
    counts = tuple(_count(side, window, place, rounds_down) for place, side in enumerate((height, width)))
    if min(counts) < 1:
        net.complain(f"nothing is left of an image in layer “{path}”")
    borders = (_border(height, window, 0, counts[0]), _border(width, window, 1, counts[1]))
    rule = _largest if param.pool == MAX else _average
    return rule(net, path, tensor, window, (counts[0], counts[1]), borders)


def _count(side: int, window: Window, place: int, rounds_down: bool) -> int:
    """How many windows there are along one side."""
    kernel, stride, pad = window.kernel[place], window.stride[place], window.pad[place]
    room = side + 2 * pad - kernel
    count = (room // stride if rounds_down else -(-room // stride)) + 1
    if pad and (count - 1) * stride >= side + pad:
        count -= 1
    return count


def _border(side: int, window: Window, place: int, count: int) -> Pair:
    """What has to be added before and behind, so that whole windows cover the image."""
    extent = (count - 1) * window.stride[place] + window.kernel[place]
    return window.pad[place], max(extent - side - window.pad[place], 0)


def _is_same(tensor: Tensor, window: Window, counts: Pair, borders: tuple[Pair, Pair]) -> bool:
    """Whether TensorFlow's padding ``same`` adds just this border: half of it before, the larger half behind."""
    for place, side in enumerate(tensor.sizes[1:]):
        stride, kernel = window.stride[place], window.kernel[place]
        total = max((counts[place] - 1) * stride + kernel - side, 0)
        if counts[place] != -(-side // stride) or borders[place] != (total // 2, total - total // 2):
            return False
    return True


def _config(window: Window, padding: str) -> dict[str, Any]:
    return {"pool_size": list(window.kernel), "strides": list(window.stride), "padding": padding, **_LAST}


def _largest(
    net: Builder, path: str, tensor: Tensor, window: Window, counts: Pair, borders: tuple[Pair, Pair]
) -> Tensor:
    sizes = (tensor.sizes[0], *counts)
    if borders == ((0, 0), (0, 0)):
        return net.add(path, "MaxPooling2D", _config(window, "valid"), tensor, sizes)
    if _is_same(tensor, window, counts, borders):
        return net.add(path, "MaxPooling2D", _config(window, "same"), tensor, sizes)
    (top, bottom), (left, right) = borders
    config = {"padding": [[top, bottom], [left, right], [0, 0]], "value": LOWEST}
    padded_sizes = (tensor.sizes[0], tensor.sizes[1] + top + bottom, tensor.sizes[2] + left + right)
    padded = net.add(net.beside(path, "pad"), "Pad", config, tensor, padded_sizes)
    return net.add(path, "MaxPooling2D", _config(window, "valid"), padded, sizes)


def _average(
    net: Builder, path: str, tensor: Tensor, window: Window, counts: Pair, borders: tuple[Pair, Pair]
) -> Tensor:
    sizes = (tensor.sizes[0], *counts)
    if borders == ((0, 0), (0, 0)):
        return net.add(path, "AveragePooling2D", _config(window, "valid"), tensor, sizes)
    if window.pad == (0, 0) and _is_same(tensor, window, counts, borders):
        # TensorFlow leaves the border out of the count; so does Caffe what lies behind the image.
        return net.add(path, "AveragePooling2D", _config(window, "same"), tensor, sizes)
    rows, columns = (_factors(tensor.sizes[place + 1], window, place, counts[place]) for place in (0, 1))
    if all(factor == 1.0 for factor in (*rows, *columns)):
        padded = zero_border(net, net.beside(path, "pad"), tensor, borders)
        return net.add(path, "AveragePooling2D", _config(window, "valid"), padded, sizes)
    if counts[0] * counts[1] > MAX_MAP:
        raise Unsupported(f"with {counts[0]}×{counts[1]} windows")
    padded = zero_border(net, net.child(path, "pad"), tensor, borders)
    whole = net.add(net.child(path, "average"), "AveragePooling2D", _config(window, "valid"), padded, sizes)
    factors = [[[row * column] for column in columns] for row in rows]
    return net.add(net.child(path, "counts"), "Rescaling", {"scale": factors, "offset": 0.0}, whole)


def _factors(side: int, window: Window, place: int, count: int) -> list[float]:
    """The kernel's size over the number of pixels that Caffe divides by, for each window along one side."""
    kernel, stride, pad = window.kernel[place], window.stride[place], window.pad[place]
    factors = []
    for number in range(count):
        start = number * stride - pad
        factors.append(kernel / (min(start + kernel, side + pad) - start))
    return factors
