"""Layers that only move values: Flatten, Reshape, Permute, Concat, Slice, Split, Crop and their kin, and Softmax and
Reduction, which work along an axis. Sources: Caffe's layers of these names.

Caffe's axes count the batch, which is 0; a negative axis counts from the end.
"""

from itertools import pairwise
from math import prod
from typing import Any

from tlstudio.core.model.caffe.arithmetic import only
from tlstudio.core.model.caffe.builder import Builder, Sizes, Tensor, Unsupported
from tlstudio.core.model.caffe.layers import CaffeLayer

# Where Keras has Caffe's axes (channels, height, width), with the batch counted.
_PLACES = {1: 3, 2: 1, 3: 2}


def _axis(net: Builder, path: str, tensor: Tensor, axis: int) -> int:
    """A Caffe axis, counted from the front. Raises ``Unsupported`` for the batch."""
    rank = len(tensor.sizes) + 1
    if not -rank <= axis < rank:
        net.complain(f"layer “{path}” works along axis {axis} of {rank}")
    axis %= rank
    if axis == 0:
        raise Unsupported("across images")
    return axis


def _keras_axis(tensor: Tensor, axis: int) -> int:
    return _PLACES[axis] if tensor.order == "last" else axis


def _any_axis(net: Builder, path: str, tensor: Tensor) -> Tensor:
    """A tensor of which every axis is one in Keras, too."""
    return net.as_caffe(tensor, path) if tensor.order == "flat" else tensor


def _given(param: Any, *names: str, default: int) -> int:
    return next((int(getattr(param, name)) for name in names if param.HasField(name)), default)


def inner_product(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    """A Dense layer. Above image maps its rows are in the order (channels, height, width), and are put into Keras'."""
    param = layer.param("inner_product")
    tensor = only(given)
    axis = _axis(net, path, tensor, _given(param, "axis", default=1))
    units, rank = int(param.num_output), len(tensor.sizes)
    if axis == 1:
        tensor = net.flat(tensor, path)
    elif axis == rank:
        tensor = net.as_caffe(tensor, path)
    else:
        raise Unsupported(f"along axis {axis} of {rank + 1}")
    inputs = tensor.sizes[-1]
    if units < 1:
        net.complain(f"layer “{path}” has {units} units")
    if param.transpose:
        kernel = net.weight(layer.name, 0, inputs, units)
    else:
        kernel = net.weight(layer.name, 0, units, inputs).then("transpose", [1, 0], shape=(inputs, units))
    if tensor.order == "flat":
        kernel = kernel.then("rows_from_channels_first", *tensor.origin)
    has_bias = not param.HasField("bias_term") or param.bias_term
    weights = [kernel, net.weight(layer.name, 1, units)] if has_bias else [kernel]
    config = {"units": units, "use_bias": has_bias, "activation": "linear"}
    return net.add(path, "Dense", config, tensor, (*tensor.sizes[:-1], units), weights, order="caffe")


def softmax(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    tensor = only(given)
    axis = _axis(net, path, tensor, _given(layer.param("softmax"), "axis", default=1))
    tensor = _any_axis(net, path, tensor)
    place = _keras_axis(tensor, axis)
    return net.add(path, "Softmax", {"axis": -1 if place == len(tensor.sizes) else place}, tensor)


def flatten(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    param = layer.param("flatten")
    tensor = only(given)
    first = _axis(net, path, tensor, _given(param, "axis", default=1))
    last = _axis(net, path, tensor, _given(param, "end_axis", default=-1))
    if first > last:
        net.complain(f"layer “{path}” flattens from axis {first} to {last}")
    joined = prod(tensor.sizes[first - 1 : last])
    return _reshaped(net, path, tensor, (*tensor.sizes[: first - 1], joined, *tensor.sizes[last:]))


def reshape(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    """0 keeps a size, -1 is what is left over. The batch is not ours to change: whatever number of images a file
    was written for, it stays free."""
    param = layer.param("reshape")
    tensor = only(given)
    before = (0, *tensor.sizes)
    start = _given(param, "axis", default=0)
    start = start if start >= 0 else start + len(before) + 1
    count = _given(param, "num_axes", default=-1)
    stop = len(before) if count == -1 else start + count
    if not 0 <= start <= stop <= len(before):
        net.complain(f"layer “{path}” reshapes the axes {start} to {stop} of {len(before)}")
    wanted = [*before[:start], *(int(size) for size in param.shape.dim), *before[stop:]]
    kept = range(start, start + len(param.shape.dim))
    sizes = [
        before[place] if place in kept and size == 0 and place < len(before) else size
        for place, size in enumerate(wanted)
    ]
    if len(sizes) < 2:
        raise Unsupported("of all images into one row")
    if sizes[0] == -1 and prod(sizes[1:]) != prod(tensor.sizes):
        raise Unsupported("across images")
    rest = sizes[1:]
    if rest.count(-1) == 1:
        known = prod(size for size in rest if size != -1)
        rest[rest.index(-1)] = prod(tensor.sizes) // known if known else 0
    if prod(rest) != prod(tensor.sizes) or any(size < 1 for size in rest):
        net.complain(f"layer “{path}” reshapes {_words(tensor.sizes)} into {_words(tuple(rest))}")
    return _reshaped(net, path, tensor, tuple(rest))


def _words(sizes: Sizes) -> str:
    return "×".join(map(str, sizes))


def _reshaped(net: Builder, path: str, tensor: Tensor, sizes: Sizes) -> Tensor:
    if sizes == tensor.sizes:
        return net.add(path, "Activation", {"activation": "linear"}, tensor)
    if len(sizes) == 1:
        return net.flat(tensor, path, own=True)
    if tensor.order == "flat" and sizes == tensor.origin:
        target = {"target_shape": [sizes[1], sizes[2], sizes[0]]}
        return net.add(path, "Reshape", target, tensor, sizes, order="last")
    if len(sizes) == 3 and sizes[1:] == (1, 1):
        plain = net.as_caffe(net.flat(tensor, path), path)
        return net.add(path, "Reshape", {"target_shape": [1, 1, sizes[0]]}, plain, sizes, order="last")
    plain = net.as_caffe(tensor, path)
    return net.add(path, "Reshape", {"target_shape": list(sizes)}, plain, sizes, order="caffe")


def permute(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    """Axes that are not named stay behind those that are, in their order."""
    tensor = only(given)
    rank = len(tensor.sizes) + 1
    named = [int(axis) for axis in layer.param("permute").order]
    order = [*named, *(axis for axis in range(rank) if axis not in named)]
    if sorted(order) != list(range(rank)):
        net.complain(f"layer “{path}” puts the axes into the order {named}")
    if order[0] != 0:
        raise Unsupported("across images")
    tensor = _any_axis(net, path, tensor)
    sizes = tuple(tensor.sizes[axis - 1] for axis in order[1:])
    if order == list(range(rank)):
        return net.add(path, "Activation", {"activation": "linear"}, tensor)
    if tensor.order == "last":
        wanted = (order[2], order[3], order[1])
        return net.add(path, "Permute", {"dims": [_PLACES[axis] for axis in wanted]}, tensor, sizes)
    return net.add(path, "Permute", {"dims": order[1:]}, tensor, sizes)


def concat(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    param = layer.param("concat")
    if not given:
        raise Unsupported("of no tensors")
    axis = _axis(net, path, given[0], _given(param, "axis", "concat_dim", default=1))
    fitting = [tensor for tensor in given if _other_sizes(tensor, axis) == _other_sizes(given[0], axis)]
    if len(fitting) != len(given):
        net.complain(f"layer “{path}” puts together tensors of different sizes")
    sizes = list(given[0].sizes)
    sizes[axis - 1] = sum(tensor.sizes[axis - 1] for tensor in given)
    tensors = net.alike([_any_axis(net, path, tensor) for tensor in given], path)
    place = _keras_axis(tensors[0], axis)
    if len(tensors) == 1:
        return net.add(path, "Activation", {"activation": "linear"}, tensors[0])
    config = {"axis": -1 if place == len(sizes) else place}
    return net.add(path, "Concatenate", config, tensors, tuple(sizes))


def _other_sizes(tensor: Tensor, axis: int) -> tuple[int, ...]:
    return (*tensor.sizes[: axis - 1], -1, *tensor.sizes[axis:])


def slices(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> list[Tensor]:
    """Pieces of a tensor: of equal size, or between the points that are given."""
    param = layer.param("slice")
    tensor = only(given)
    axis = _axis(net, path, tensor, _given(param, "axis", "slice_dim", default=1))
    size, count = tensor.sizes[axis - 1], len(layer.tops)
    points = [int(point) for point in param.slice_point] or [size * place // count for place in range(1, count)]
    bounds = [0, *points, size]
    if len(bounds) != count + 1 or sorted(set(bounds)) != bounds or (not param.slice_point and size % count):
        net.complain(f"layer “{path}” cuts {size} values into {count} pieces at {points}")
    tensor = _any_axis(net, path, tensor)
    pieces = []
    for number, (start, stop) in enumerate(pairwise(bounds)):
        config = {"axis": _keras_axis(tensor, axis), "start": start, "stop": stop, "step": None}
        sizes = (*tensor.sizes[: axis - 1], stop - start, *tensor.sizes[axis:])
        pieces.append(net.add(net.child(path, f"piece_{number}"), "Slice", config, tensor, sizes))
    return pieces


def split(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> list[Tensor]:
    """The same tensor under several names."""
    same = net.add(path, "Activation", {"activation": "linear"}, only(given))
    return [same] * len(layer.tops)


def crop(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    """The part of the first tensor that is as large as the second, from an offset on."""
    param = layer.param("crop")
    if len(given) != 2 or len(given[0].sizes) != 3 or len(given[1].sizes) != 3:
        raise Unsupported("of these tensors")
    tensor = net.as_last(given[0], path)
    axis = _axis(net, path, tensor, _given(param, "axis", default=2))
    offsets = [int(offset) for offset in param.offset] or [0]
    axes = range(axis, 4)
    offsets = offsets * len(axes) if len(offsets) == 1 else offsets
    if len(offsets) != len(axes):
        net.complain(f"layer “{path}” cuts {len(axes)} axes at {len(offsets)} places")
    starts, sizes = [0, 0, 0], list(tensor.sizes)
    for place, offset in zip(axes, offsets, strict=True):
        starts[place - 1], sizes[place - 1] = offset, given[1].sizes[place - 1]
    ends = [whole - start - size for whole, start, size in zip(tensor.sizes, starts, sizes, strict=True)]
    if min(*starts, *ends) < 0:
        net.complain(f"layer “{path}” cuts {_words(tuple(sizes))} out of {_words(tensor.sizes)}")
    cuts_channels = sizes[0] != tensor.sizes[0]
    cropping = {"cropping": [[starts[1], ends[1]], [starts[2], ends[2]]], "data_format": "channels_last"}
    own = net.child(path, "maps") if cuts_channels else path
    cut = net.add(own, "Cropping2D", cropping, tensor, (tensor.sizes[0], sizes[1], sizes[2]))
    if not cuts_channels:
        return cut
    config = {"axis": 3, "start": starts[0], "stop": starts[0] + sizes[0], "step": None}
    return net.add(net.child(path, "channels"), "Slice", config, cut, tuple(sizes))


def reduction(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    """Sums and means over the last axes."""
    param = layer.param("reduction")
    tensor = only(given)
    axis = _axis(net, path, tensor, _given(param, "axis", default=0))
    operation = param.operation if param.HasField("operation") else 1
    if axis < 2 or len(tensor.sizes) != 3:
        raise Unsupported("of all axes")
    tensor = net.as_last(tensor, path)
    factor = float(param.coeff) if param.HasField("coeff") else 1.0
    before = {2: ("absolute", "Absolute"), 3: ("squares", "Square")}.get(operation)
    if before is not None:
        tensor = net.add(net.child(path, before[0]), before[1], {}, tensor)
    axes = [_keras_axis(tensor, place) for place in range(axis, 4)]
    type_ = "Mean" if operation == 4 else "Sum"
    composed = before is not None or factor != 1 or axis == 3
    config = {"axis": axes, "keepdims": False}
    result = net.add(
        net.child(path, "sum") if composed else path, type_, config, tensor, tensor.sizes[: axis - 1], order="caffe"
    )
    if axis == 3:  # (height, channels) in Keras
        result = net.add(net.child(path, "turned"), "Permute", {"dims": [2, 1]}, result)
    if factor != 1:
        result = net.add(net.child(path, "factor"), "Rescaling", {"scale": factor, "offset": 0.0}, result)
    return result


def shuffle_channel(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    """Channels dealt out anew over groups (ShuffleNet, Zhang et al. 2018)."""
    param = layer.param("shuffle_channel")
    tensor = net.as_last(only(given), path)
    channels, height, width = tensor.sizes
    groups = _given(param, "group", default=1)
    if groups < 1 or channels % groups:
        net.complain(f"layer “{path}” deals {channels} channels out over {groups} groups")
    each = channels // groups
    split_sizes = {"target_shape": [height, width, groups, each]}
    groups_apart = net.add(net.child(path, "groups"), "Reshape", split_sizes, tensor)
    dealt = net.add(net.child(path, "dealt"), "Permute", {"dims": [1, 2, 4, 3]}, groups_apart)
    return net.add(net.child(path, "maps"), "Reshape", {"target_shape": [height, width, channels]}, dealt)
