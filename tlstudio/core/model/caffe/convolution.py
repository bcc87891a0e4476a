"""Convolution and Deconvolution. Sources: Caffe's layer catalogue, ``conv_layer`` and ``deconv_layer``.

Caffe keeps kernels as (filters, channels of a group, height, width), Keras as (height, width, channels of a group,
filters).
"""

from typing import Any

from tlstudio.core.model.arrays import Weight
from tlstudio.core.model.caffe.builder import Builder, Tensor, Unsupported
from tlstudio.core.model.caffe.layers import CaffeLayer
from tlstudio.core.model.caffe.windows import Window, sides, window_of, zero_border

MAX_SPLIT = 64  # groups that are computed one by one
_LAST = {"data_format": "channels_last"}


def convolution(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    param = layer.param("convolution")
    tensor = _image(net, path, param, given)
    channels, height, width = tensor.sizes
    filters = int(param.num_output)
    # Forks have layers of their own for one filter a channel; they need not say that there are as many groups.
    own_groups = "depthwise" in layer.type.lower() and not param.HasField("group")
    groups = filters if own_groups else _groups(param)
    window = window_of(net, path, param, (height, width))
    if filters < 1 or groups < 1 or filters % groups or channels % groups:
        net.complain(f"layer “{path}” makes {filters} filters of {channels} channels in {groups} groups")
    kernel = net.weight(layer.name, 0, filters, channels // groups, *window.kernel)
    thinned = max(window.stride) > 1 and max(window.dilation) > 1  # Keras has the two only one at a time
    stride = (1, 1) if thinned else window.stride
    # TensorFlow's depthwise convolution strides by the same step in both directions.
    is_depthwise = groups == channels > 1 and stride[0] == stride[1]
    weights = [_kernel(kernel, channels if is_depthwise else 0)]
    has_bias = not param.HasField("bias_term") or param.bias_term
    if has_bias:
        weights.append(net.weight(layer.name, 1, filters))

    dense = [
        side + 2 * pad - reach + 1 for side, pad, reach in zip((height, width), window.pad, window.reach, strict=True)
    ]
    down = [(size - 1) // stride + 1 for size, stride in zip(dense, window.stride, strict=True)]
    is_same = stride == (1, 1) and all(
        2 * pad == reach - 1 for pad, reach in zip(window.pad, window.reach, strict=True)
    )
    if not is_same and window.pad != (0, 0):
        borders = ((window.pad[0],) * 2, (window.pad[1],) * 2)
        tensor = zero_border(net, net.beside(path, "pad"), tensor, borders)
    config: dict[str, Any] = {
        "kernel_size": list(window.kernel),
        "strides": list(stride),
        "padding": "same" if is_same else "valid",
        "dilation_rate": list(window.dilation),
        "use_bias": has_bias,
        "activation": "linear",
        **_LAST,
    }
    sizes = (filters, *(dense if thinned else down))
    own = net.child(path, "dense") if thinned else path
    if is_depthwise:
        config["depth_multiplier"] = filters // channels
        result = net.add(own, "DepthwiseConv2D", config, tensor, sizes, weights)
    else:
        config |= {"filters": filters, "groups": groups}
        result = net.add(own, "Conv2D", config, tensor, sizes, weights)
    return _thinned(net, path, result, window) if thinned else result


def _thinned(net: Builder, path: str, tensor: Tensor, window: Window) -> Tensor:
    """Every so-manieth row and column: what the stride would have left."""
    for axis, (name, step) in enumerate(zip(("rows", "columns"), window.stride, strict=True), 1):
        if step > 1:
            sizes = list(tensor.sizes)
            sizes[axis] = (sizes[axis] - 1) // step + 1
            config = {"axis": axis, "start": None, "stop": None, "step": step}
            tensor = net.add(net.child(path, name), "Slice", config, tensor, tuple(sizes))
    return tensor


def _image(net: Builder, path: str, param: Any, given: list[Tensor]) -> Tensor:
    if len(given) != 1:
        raise Unsupported(f"of {len(given)} tensors")
    if param.HasField("axis") and param.axis not in (1, -3):
        raise Unsupported(f"along axis {param.axis}")
    sides(given[0])
    return net.as_last(given[0], path)


def _groups(param: Any) -> int:
    return int(param.group) if param.HasField("group") else 1


def _kernel(kernel: Weight, depthwise: int) -> Weight:
    """``depthwise``: the number of channels where each has filters of its own; 0 for an ordinary convolution."""
    filters, per_group, height, width = kernel.shape
    if depthwise:
        times = filters // depthwise
        split = kernel.then("reshape", [depthwise, times, height, width], shape=(depthwise, times, height, width))
        return split.then("transpose", [2, 3, 0, 1], shape=(height, width, depthwise, times))
    return kernel.then("transpose", [2, 3, 1, 0], shape=(height, width, per_group, filters))


def deconvolution(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    """Keras' transposed convolution of the whole, of which Caffe's border is cut off.

    Groups are computed one by one, since Keras has none here.
    """
    param = layer.param("convolution")
    tensor = _image(net, path, param, given)
    channels, height, width = tensor.sizes
    filters, groups = int(param.num_output), _groups(param)
    window = window_of(net, path, param, (height, width))
    if max(window.dilation) > 1:
        raise Unsupported("with dilation")
    if filters < 1 or groups < 1 or filters % groups or channels % groups:
        net.complain(f"layer “{path}” makes {filters} filters of {channels} channels in {groups} groups")
    if groups > MAX_SPLIT:
        raise Unsupported(f"in {groups} groups")
    has_bias = not param.HasField("bias_term") or param.bias_term
    kernel = net.weight(layer.name, 0, channels, filters // groups, *window.kernel)
    kernel = kernel.then("transpose", [2, 3, 1, 0], shape=(*window.kernel, filters // groups, channels))
    bias = net.weight(layer.name, 1, filters) if has_bias else None
    parts = []
    for group in range(groups):
        part, weights = tensor, [kernel] if bias is None else [kernel, bias]
        if groups > 1:
            part, weights = _group(net, path, tensor, kernel, bias, group, groups)
        own = (
            net.child(path, f"group_{group}")
            if groups > 1
            else path
            if not _needs_cut(window)
            else net.child(path, "whole")
        )
        parts.append(_transposed(net, own, part, window, weights))
    whole = parts[0]
    if groups > 1:
        whole = net.add(net.child(path, "joined"), "Concatenate", {"axis": -1}, parts, (filters, *whole.sizes[1:]))
    if not _needs_cut(window):
        return whole
    return _cut(net, net.child(path, "cut"), whole, window, (height, width))


def _group(
    net: Builder, path: str, tensor: Tensor, kernel: Weight, bias: Weight | None, group: int, groups: int
) -> tuple[Tensor, list[Weight]]:
    per_input, per_filter = tensor.sizes[0] // groups, kernel.shape[2]
    start = group * per_input
    config = {"axis": -1, "start": start, "stop": start + per_input, "step": None}
    sizes = (per_input, *tensor.sizes[1:])
    part = net.add(net.child(path, f"channels_{group}"), "Slice", config, tensor, sizes)
    weights = [kernel.then("take", 3, start, start + per_input, shape=(*kernel.shape[:3], per_input))]
    if bias is not None:
        weights.append(bias.then("take", 0, group * per_filter, (group + 1) * per_filter, shape=(per_filter,)))
    return part, weights


def _transposed(net: Builder, path: str, tensor: Tensor, window: Window, weights: list[Weight]) -> Tensor:
    filters = weights[0].shape[2]
    sizes = [
        side * step + max(kernel - step, 0)
        for side, step, kernel in zip(tensor.sizes[1:], window.stride, window.kernel, strict=True)
    ]
    config = {
        "filters": filters,
        "kernel_size": list(window.kernel),
        "strides": list(window.stride),
        "padding": "valid",
        "use_bias": len(weights) == 2,
        "activation": "linear",
        **_LAST,
    }
    return net.add(path, "Conv2DTranspose", config, tensor, (filters, *sizes), weights)


def _needs_cut(window: Window) -> bool:
    """Where the stride is larger than the kernel, Keras also fills up behind the last value."""
    return window.pad != (0, 0) or any(s > k for s, k in zip(window.stride, window.kernel, strict=True))


def _cut(net: Builder, path: str, tensor: Tensor, window: Window, image: tuple[int, int]) -> Tensor:
    cropping, sizes = [], [tensor.sizes[0]]
    for place, side in enumerate(image):
        kernel, stride, pad = window.kernel[place], window.stride[place], window.pad[place]
        size = stride * (side - 1) + kernel - 2 * pad
        behind = tensor.sizes[place + 1] - pad - size
        cropping.append([pad, behind])
        sizes.append(size)
    return net.add(path, "Cropping2D", {"cropping": cropping, **_LAST}, tensor, tuple(sizes))
