"""Layers that shift and scale: BatchNorm, Scale, Bias, LRN, MVN. Sources: Caffe's layers of these names."""

from tlstudio.core.errors import QT_TRANSLATE_NOOP
from tlstudio.core.model.arrays import Weight, constant
from tlstudio.core.model.caffe.builder import Builder, Tensor, Unsupported
from tlstudio.core.model.caffe.layers import CaffeLayer
from tlstudio.core.model.caffe.windows import zero_border

WITHIN_CHANNEL = 1
_LAST = {"data_format": "channels_last"}
BATCH_STATISTICS = QT_TRANSLATE_NOOP(
    "Repairs", "A BatchNorm asked for the statistics of each batch; those of the training are used, as is usual."
)
SCALES = QT_TRANSLATE_NOOP("Repairs", "BatchNorm and the Scale layer above it became one BatchNormalization.")


def batch_norm(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    """The third blob is what the sums in the first two are to be divided by. NVIDIA's fork has scale and shift as
    a fourth and fifth; elsewhere a Scale layer follows, which is joined with this one."""
    param = layer.param("batch_norm")
    tensor = _by_channel(net, path, given)
    channels = tensor.sizes[0]
    mean, variance = (_divided(net, layer.name, place, channels) for place in (0, 1))
    if param.HasField("use_global_stats") and not param.use_global_stats:
        net.warn("caffe_batch_statistics", BATCH_STATISTICS, path)
    scale, shift = None, None
    if layer.scale is not None:
        net.note("caffe_scale_joined", SCALES, path)
        scale = net.weight(layer.scale.name, 0, channels)
        if layer.scale.param("scale").bias_term:
            shift = net.weight(layer.scale.name, 1, channels)
    elif len(net.stored(layer.name)) == 5:
        scale, shift = net.weight(layer.name, 3, channels), net.weight(layer.name, 4, channels)
    config = {
        "axis": -1,
        "epsilon": float(param.eps) if param.HasField("eps") else 1e-5,
        "momentum": float(param.moving_average_fraction) if param.HasField("moving_average_fraction") else 0.999,
        "center": shift is not None,
        "scale": scale is not None,
    }
    if not 0 < config["epsilon"] < 1e3 or not 0 <= config["momentum"] <= 1:
        net.complain(f"layer “{path}” adds {config['epsilon']} to the variance")
    weights = [weight for weight in (scale, shift, mean, variance) if weight is not None]
    return net.add(path, "BatchNormalization", config, tensor, weights=weights)


def _divided(net: Builder, layer: str, place: int, channels: int) -> Weight:
    blobs = net.stored(layer)
    sums = net.weight(layer, place, channels)
    if len(blobs) < 3:
        net.mismatch(f"layer “{layer}” has {len(blobs)} blobs")
    factor = net.weight(layer, 2, 1)
    divided = Weight(shape=sums.arrays[0].shape, arrays=(*sums.arrays, *factor.arrays)).then("divide_by_last")
    return divided.then("reshape", [channels], shape=(channels,))


def _by_channel(net: Builder, path: str, given: list[Tensor]) -> Tensor:
    """A tensor whose last axis in Keras is Caffe's channels."""
    if len(given) != 1:
        raise Unsupported(f"of {len(given)} tensors")
    if len(given[0].sizes) == 3:
        return net.as_last(given[0], path)
    if len(given[0].sizes) == 1:
        return net.as_caffe(given[0], path)
    raise Unsupported(f"on {len(given[0].sizes)} axes")


def scale(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    """A factor and maybe a shift for each channel: a depthwise convolution of one pixel. With two tensors, the
    second is the factors (as in squeeze-and-excitation networks)."""
    param = layer.param("scale")
    if len(given) == 2:
        return _with_factors(net, path, "Multiply", given, param.axis if param.HasField("axis") else 1)
    _require_channels(param)
    channels = given[0].sizes[0] if given else 0
    weights = [net.weight(layer.name, 0, channels)]
    if param.bias_term:
        weights.append(net.weight(layer.name, 1, channels))
    return _each_channel(net, path, given, weights)


def bias(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    param = layer.param("bias")
    if len(given) == 2:
        return _with_factors(net, path, "Add", given, param.axis if param.HasField("axis") else 1)
    _require_channels(param)
    channels = given[0].sizes[0] if given else 0
    return _each_channel(net, path, given, [constant((channels,), 1.0), net.weight(layer.name, 0, channels)])


def _require_channels(param: object) -> None:
    for name, usual in (("axis", (1, -3)), ("num_axes", (1,))):
        if param.HasField(name) and getattr(param, name) not in usual:  # type: ignore[attr-defined]
            raise Unsupported(f"with {name} {getattr(param, name)}")


def _each_channel(net: Builder, path: str, given: list[Tensor], weights: list[Weight]) -> Tensor:
    tensor = _by_channel(net, path, given)
    channels = tensor.sizes[0]
    kernel = weights[0].then("reshape", [1, 1, channels, 1], shape=(1, 1, channels, 1))
    config = {
        "kernel_size": [1, 1],
        "depth_multiplier": 1,
        "padding": "valid",
        "use_bias": len(weights) == 2,
        "activation": "linear",
        **_LAST,
    }
    if len(tensor.sizes) == 3:
        return net.add(path, "DepthwiseConv2D", config, tensor, weights=[kernel, *weights[1:]])
    target = {"target_shape": [1, 1, channels]}
    maps = net.add(net.child(path, "maps"), "Reshape", target, tensor, (channels, 1, 1), order="last")
    scaled = net.add(net.child(path, "scale"), "DepthwiseConv2D", config, maps, weights=[kernel, *weights[1:]])
    return net.add(net.child(path, "flat"), "Flatten", {}, scaled, (channels,), order="caffe")


def _with_factors(net: Builder, path: str, type_: str, given: list[Tensor], axis: int) -> Tensor:
    """The second tensor has one value for each channel (axis 0: it begins with the batch, as the first does), or one
    for each value."""
    tensor, factors = given
    if factors.sizes == tensor.sizes and axis == 0:
        return net.add(path, type_, {}, net.alike(given, path))
    spread = (*tensor.sizes[:1], *(1 for _size in tensor.sizes[1:]))
    if axis != 0 or len(tensor.sizes) != 3 or factors.sizes not in (tensor.sizes[:1], spread):
        raise Unsupported("of tensors of different sizes")
    tensor = net.as_last(tensor, path)
    if len(factors.sizes) == 1:
        target = {"target_shape": [1, 1, factors.sizes[0]]}
        plain = net.as_caffe(factors, path)
        factors = net.add(net.beside(path, "maps"), "Reshape", target, plain, spread, order="last")
    return net.add(path, type_, {}, [tensor, net.as_last(factors, path)])


def lrn(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    """x · (k + alpha · mean of squares) ^ -beta, over neighbouring channels or over neighbouring pixels (Krizhevsky
    et al. 2012, where alpha isn't divided by the number of neighbours as it is in Caffe).

    The mean over channels is an average pooling of a picture whose columns are the channels: no weights, so that
    nothing of it can be trained by mistake.
    """
    if len(given) != 1:
        raise Unsupported(f"of {len(given)} tensors")
    param = layer.param("lrn")
    size = int(param.local_size) if param.HasField("local_size") else 5
    alpha = float(param.alpha) if param.HasField("alpha") else 1.0
    beta = float(param.beta) if param.HasField("beta") else 0.75
    within = param.norm_region == WITHIN_CHANNEL
    base = float(param.k) if param.HasField("k") and not within else 1.0
    tensor = net.as_last(given[0], path)
    channels, height, width = tensor.sizes
    if size < 1 or size % 2 == 0 or size > 1 << 14:
        net.complain(f"layer “{path}” looks at {size} neighbours")
    half = size // 2
    squares = net.add(net.child(path, "squares"), "Square", {}, tensor)
    if within:
        borders = ((half, half), (half, half))
        padded = zero_border(net, net.child(path, "pad"), squares, borders)
        means = net.add(net.child(path, "means"), "AveragePooling2D", _pool(size, size), padded, tensor.sizes)
    else:
        seen = (1, height * width, channels)
        target = {"target_shape": [height * width, channels, 1]}
        rows = net.add(net.child(path, "rows"), "Reshape", target, squares, seen)
        padded = zero_border(net, net.child(path, "pad"), rows, ((0, 0), (half, half)))
        means = net.add(net.child(path, "means"), "AveragePooling2D", _pool(1, size), padded, seen)
    scaled = net.add(net.child(path, "scale"), "Rescaling", {"scale": alpha, "offset": base}, means)
    powers = net.add(net.child(path, "power"), "Power", {"exponent": -beta}, scaled)
    if not within:
        target = {"target_shape": [height, width, channels]}
        powers = net.add(net.child(path, "maps"), "Reshape", target, powers, tensor.sizes)
    return net.add(net.child(path, "product"), "Multiply", {}, [tensor, powers])


def _pool(rows: int, columns: int) -> dict[str, object]:
    return {"pool_size": [rows, columns], "strides": [1, 1], "padding": "valid", **_LAST}


def mvn(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    """Each channel's values (or all of an image's) minus their mean, over their deviation plus a little."""
    if len(given) != 1:
        raise Unsupported(f"of {len(given)} tensors")
    param = layer.param("mvn")
    tensor = net.as_last(given[0], path)
    across = bool(param.across_channels)
    config = {"axis": [1, 2, 3] if across else [1, 2], "keepdims": True}
    sizes = (1 if across else tensor.sizes[0], 1, 1)
    mean = net.add(net.child(path, "mean"), "Mean", config, tensor, sizes)
    centred = net.add(net.child(path, "centred"), "Subtract", {}, [tensor, mean])
    if param.HasField("normalize_variance") and not param.normalize_variance:
        return centred
    squares = net.add(net.child(path, "squares"), "Square", {}, centred)
    variance = net.add(net.child(path, "variance"), "Mean", config, squares, sizes)
    deviation = net.add(net.child(path, "deviation"), "Sqrt", {}, variance)
    epsilon = float(param.eps) if param.HasField("eps") else 1e-9
    divisor = net.add(net.child(path, "divisor"), "Rescaling", {"scale": 1.0, "offset": epsilon}, deviation)
    return net.add(net.child(path, "quotient"), "Divide", {}, [centred, divisor])
