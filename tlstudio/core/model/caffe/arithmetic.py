"""Layers that treat every value by itself, and those that put tensors together value by value.

Sources: Caffe's layers of these names.
"""

import math
from typing import Any

from tlstudio.core.model.caffe.builder import Builder, Sizes, Tensor, Unsupported
from tlstudio.core.model.caffe.layers import CaffeLayer

PROD, SUM, MAX = 0, 1, 2


def only(given: list[Tensor]) -> Tensor:
    if len(given) != 1:
        raise Unsupported(f"of {len(given)} tensors")
    return given[0]


def activation(name: str) -> Any:
    """The rule of a layer that is one of Keras' activations."""

    def rule(net: Builder, path: str, _layer: CaffeLayer, given: list[Tensor]) -> Tensor:
        return net.add(path, "Activation", {"activation": name}, only(given))

    return rule


def relu(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    slope = float(layer.param("relu").negative_slope)
    if slope:
        return net.add(path, "LeakyReLU", {"negative_slope": slope}, only(given))
    return net.add(path, "ReLU", {}, only(given))


def relu6(net: Builder, path: str, _layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    return net.add(path, "ReLU", {"max_value": 6.0}, only(given))


def clip(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    """Values between two limits: a ReLU with a maximum, moved to where the lower limit is."""
    param = layer.param("clip")
    low, high = float(param.min), float(param.max)
    if not low < high < math.inf or low == -math.inf:
        net.complain(f"layer “{path}” keeps values between {low} and {high}")
    steps = [*_rescaling(1.0, -low), ("limits", "ReLU", {"max_value": high - low}), *_rescaling(1.0, low, "back")]
    return _chain(net, path, only(given), steps)


def swish(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    """x · sigmoid(beta · x)"""
    beta = _number(layer.param("swish"), "beta", 1)
    if beta == 1:
        return net.add(path, "Activation", {"activation": "silu"}, only(given))
    scaled = net.add(net.child(path, "scale"), "Rescaling", {"scale": beta, "offset": 0.0}, only(given))
    gate = net.add(net.child(path, "gate"), "Activation", {"activation": "sigmoid"}, scaled)
    return net.add(net.child(path, "product"), "Multiply", {}, [only(given), gate])


def prelu(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    """One slope for each channel, or one for all."""
    tensor = only(given)
    shared = bool(layer.param("prelu").channel_shared)
    axes: list[int]
    sizes: Sizes
    if len(tensor.sizes) == 3:
        tensor = net.as_last(tensor, path)
        axes, sizes = ([1, 2, 3], (1, 1, 1)) if shared else ([1, 2], (1, 1, tensor.sizes[0]))
    elif len(tensor.sizes) == 1:
        tensor = tensor if shared else net.as_caffe(tensor, path)
        axes, sizes = ([1], (1,)) if shared else ([], tensor.sizes)
    else:
        raise Unsupported(f"on {len(tensor.sizes)} axes")
    slopes = net.weight(layer.name, 0, math.prod(sizes)).then("reshape", list(sizes), shape=sizes)
    return net.add(path, "PReLU", {"shared_axes": axes or None}, tensor, weights=[slopes])


def elu(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    param = layer.param("elu")
    return net.add(path, "ELU", {"alpha": float(param.alpha) if param.HasField("alpha") else 1.0}, only(given))


def dropout(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    param = layer.param("dropout")
    rate = float(param.dropout_ratio) if param.HasField("dropout_ratio") else 0.5
    if not 0 <= rate < 1:
        net.complain(f"layer “{path}” drops the share {rate}")
    if param.HasField("scale_train") and not param.scale_train:  # a fork that scales while testing instead
        kept = net.add(net.child(path, "kept"), "Dropout", {"rate": rate}, only(given))
        return net.add(net.child(path, "scale"), "Rescaling", {"scale": 1 - rate, "offset": 0.0}, kept)
    return net.add(path, "Dropout", {"rate": rate}, only(given))


def absolute(net: Builder, path: str, _layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    return net.add(path, "Absolute", {}, only(given))


def power(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    """(shift + scale · x) ^ power"""
    param = layer.param("power")
    exponent, factor, shift = (
        _number(param, name, default) for name, default in (("power", 1), ("scale", 1), ("shift", 0))
    )
    steps = _rescaling(factor, shift)
    if exponent != 1:
        steps.append(("power", "Power", {"exponent": exponent}))
    return _chain(net, path, only(given), steps)


def exponential(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    """base ^ (shift + scale · x); a base of -1 stands for e."""
    base, factor, shift = _exp_numbers(net, path, layer.param("exp"))
    log_base = 1.0 if base == -1 else math.log(base)
    return _chain(net, path, only(given), [*_rescaling(factor * log_base, shift * log_base), ("exp", "Exp", {})])


def logarithm(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    """The logarithm of shift + scale · x; a base of -1 stands for e."""
    base, factor, shift = _exp_numbers(net, path, layer.param("log"))
    if base == 1:
        net.complain(f"layer “{path}” takes the logarithm to the base 1")
    steps = [*_rescaling(factor, shift), ("log", "Log", {})]
    if base != -1:
        steps.append(("base", "Rescaling", {"scale": 1 / math.log(base), "offset": 0.0}))
    return _chain(net, path, only(given), steps)


def _exp_numbers(net: Builder, path: str, param: Any) -> tuple[float, float, float]:
    base, factor, shift = (
        _number(param, name, default) for name, default in (("base", -1), ("scale", 1), ("shift", 0))
    )
    if base <= 0 and base != -1:
        net.complain(f"layer “{path}” has the base {base}")
    return base, factor, shift


def _number(param: Any, name: str, default: float) -> float:
    return float(getattr(param, name)) if param.HasField(name) else float(default)


Step = tuple[str, str, dict[str, Any]]


def _rescaling(factor: float, shift: float, name: str = "scale") -> list[Step]:
    return [(name, "Rescaling", {"scale": factor, "offset": shift})] if (factor, shift) != (1, 0) else []


def _chain(net: Builder, path: str, tensor: Tensor, steps: list[Step]) -> Tensor:
    """Layers one on another: at the path itself where it is one, else as a branch."""
    steps = steps or [("same", "Activation", {"activation": "linear"})]
    for name, type_, config in steps:
        tensor = net.add(net.child(path, name) if len(steps) > 1 else path, type_, config, tensor)
    return tensor


def eltwise(net: Builder, path: str, layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    param = layer.param("eltwise")
    operation = param.operation if param.HasField("operation") else SUM
    factors = [float(factor) for factor in param.coeff] or [1.0] * len(given)
    if not given or any(tensor.sizes != given[0].sizes for tensor in given) or len(factors) != len(given):
        net.complain(f"layer “{path}” puts together tensors of different sizes")
    tensors = net.alike(given, path)
    if len(tensors) == 1:
        return _chain(net, path, tensors[0], _rescaling(factors[0], 0.0) if operation == SUM else [])
    if operation == MAX:
        return net.add(path, "Maximum", {}, tensors)
    if operation == PROD:
        return net.add(path, "Multiply", {}, tensors)
    if all(factor == 1 for factor in factors):
        return net.add(path, "Add", {}, tensors)
    if factors == [1.0, -1.0]:
        return net.add(path, "Subtract", {}, tensors)
    weighted = [
        net.add(net.child(path, f"factor_{place}"), "Rescaling", {"scale": factor, "offset": 0.0}, tensor)
        for place, (factor, tensor) in enumerate(zip(factors, tensors, strict=True))
    ]
    return net.add(net.child(path, "sum"), "Add", {}, weighted)


def axpy(net: Builder, path: str, _layer: CaffeLayer, given: list[Tensor]) -> Tensor:
    """A factor for each channel times the second tensor, plus the third: the layer of squeeze-and-excitation networks
    (Hu et al. 2018, in their own fork)."""
    if len(given) != 3 or given[1].sizes != given[2].sizes or given[0].sizes != (given[1].sizes[0], 1, 1):
        raise Unsupported("of tensors of these sizes")
    factors, tensor, other = (net.as_last(each, path) for each in given)
    product = net.add(net.child(path, "product"), "Multiply", {}, [tensor, factors])
    return net.add(net.child(path, "sum"), "Add", {}, [product, other])
