"""Arithmetic that functional networks hold between their layers, as layers of the vocabulary.

Three writers, three ways: tf.keras 2.0 to 2.3 (``TensorFlowOpLayer``, a node of a TensorFlow graph), 2.4 to 2.15
(``TFOpLambda``, the name of a function), and Keras 3 (an operation of ``keras.ops`` in place of a layer).
Each is read as a name of the table below with numbers and tensors as arguments, and becomes a layer that does
the same; nothing is looked up or called.
"""

import math
from collections.abc import Callable
from typing import Any

import msgspec

from tlstudio.core.model import vocabulary
from tlstudio.core.model.graph import Ref

TAKE_LISTS = {"concat", "concatenate", "concatv2", "pack", "stack"}
MODULES = ("keras.src.ops.", "keras.ops.", "keras.src.activations.")


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """``tensors`` and ``numbers`` by place: ``values[i]`` is a Ref, a list of Refs, or a plain value."""

    name: str
    values: tuple[Any, ...] = ()
    options: dict[str, Any] = {}


class Replacement(msgspec.Struct, frozen=True, kw_only=True):
    """The layer that does the same: its type, its config, and what it takes: tensors, lists of them, or the
    replacement that comes before it where one layer is not enough."""

    type: str
    config: dict[str, Any]
    args: tuple[Any, ...]


def name_of(entry: dict[str, Any]) -> str | None:
    """The operation that an entry of a config is, by a name in lower case; None where it is none."""
    type_, config = entry["class_name"], entry.get("config")
    if not isinstance(config, dict):
        return None
    if type_ == "TensorFlowOpLayer":
        node = config.get("node_def")
        return str(node.get("op", "")).lower() if isinstance(node, dict) else None
    if type_ in {"TFOpLambda", "SlicingOpLambda"}:
        return str(config.get("function", "")).rsplit(".", 1)[-1].lower()
    module = entry.get("module")
    if isinstance(module, str) and module.startswith(MODULES):
        return str(type_).lower()
    if "trainable" in config:
        return None  # a layer, be it Keras' or somebody's own of the same name: operations don't have that option
    # Keras 3 leaves the module out in HDF5; a layer of the same name takes tensors alone.
    name = str(type_).lower()
    is_known = _ALIASES.get(name, name) in _RULES
    is_layer = type_ in vocabulary.LAYERS - vocabulary.OPERATIONS and "newshape" not in config
    return name if is_known and (not is_layer or _holds_numbers(entry)) else None


def _holds_numbers(entry: dict[str, Any]) -> bool:
    """Whether a call of Keras 3 has an argument that is neither a tensor nor a list of tensors."""
    for node in entry.get("inbound_nodes") or []:
        if isinstance(node, dict):
            for value in node.get("args", []):
                items = value if isinstance(value, list) else [value]
                if not all(isinstance(v, dict) and v.get("class_name") == "__keras_tensor__" for v in items):
                    return True
            return len(node.get("args", [])) > 1
    return False


def replace_operation(operation: Operation) -> Replacement | None:
    """None where no layer is known that does the same."""
    rule = _RULES.get(_ALIASES.get(operation.name, operation.name))
    try:
        found = rule(operation) if rule else None
        return found if found is None or _takes_tensors(found) else None
    except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError):
        return None


def _takes_tensors(found: Replacement) -> bool:
    """A damaged description may have something else in a tensor's place."""
    return bool(found.args) and all(
        _takes_tensors(arg)
        if isinstance(arg, Replacement)
        else _is_tensor(arg) or (isinstance(arg, list) and bool(arg) and all(map(_is_tensor, arg)))
        for arg in found.args
    )


# -- how each becomes a layer ---------------------------------------------------------------------------


def _is_tensor(value: Any) -> bool:
    return isinstance(value, Ref)


def _number(value: Any) -> Any:
    """A constant: a number, or a list of numbers along the last axis."""
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, bool) or not isinstance(value, (int, float, list)):
        raise TypeError(value)
    if isinstance(value, list) and not all(isinstance(item, (int, float)) and math.isfinite(item) for item in value):
        raise TypeError(value)
    if not isinstance(value, list) and not math.isfinite(value):
        raise ValueError(value)
    return value


def _each(value: Any, change: Callable[[float], float]) -> Any:
    return [change(item) for item in value] if isinstance(value, list) else change(value)


def _rescaling(tensor: Ref, scale: Any, offset: Any) -> Replacement:
    return Replacement(type="Rescaling", config={"scale": scale, "offset": offset}, args=(tensor,))


def _binary(
    merging: str | None, right: Callable[[Any], tuple[Any, Any]], left: Callable[[Any], tuple[Any, Any]] | None
) -> Callable[[Operation], Replacement | None]:
    """Two tensors merge; a tensor and a number are rescaled by (scale, offset) of ``right`` (tensor op number) or
    ``left`` (number op tensor)."""

    def rule(operation: Operation) -> Replacement | None:
        a, b = operation.values[:2]
        if _is_tensor(a) and _is_tensor(b):
            return Replacement(type=merging, config={}, args=([a, b],)) if merging else None
        if _is_tensor(a):
            return _rescaling(a, *right(_number(b)))
        return _rescaling(b, *left(_number(a))) if left else None

    return rule


def _activation(name: str) -> Callable[[Operation], Replacement | None]:
    def rule(operation: Operation) -> Replacement | None:
        if not _is_tensor(operation.values[0]):
            return None
        return Replacement(type="Activation", config={"activation": name}, args=(operation.values[0],))

    return rule


def _divide(operation: Operation) -> Replacement | None:
    a, b = operation.values[:2]
    if _is_tensor(b) and not _is_tensor(a):
        inverse = Replacement(type="Reciprocal", config={}, args=(b,))
        return Replacement(type="Rescaling", config={"scale": _number(a), "offset": 0.0}, args=(inverse,))
    return _binary("Divide", lambda n: (_each(n, lambda v: 1 / v), 0.0), None)(operation)


def _softmax(operation: Operation) -> Replacement | None:
    axis = _option(operation, "axis", -1)
    if axis == -1:
        return _activation("softmax")(operation)
    return Replacement(type="Softmax", config={"axis": axis}, args=(operation.values[0],))


def _log_softmax(operation: Operation) -> Replacement | None:
    return _activation("log_softmax")(operation) if _option(operation, "axis", -1) == -1 else None


def _elu(operation: Operation) -> Replacement | None:
    alpha = float(_number(_option(operation, "alpha", 1.0)))
    return Replacement(type="ELU", config={"alpha": alpha}, args=(operation.values[0],))


def _silu(operation: Operation) -> Replacement | None:
    """TensorFlow's takes a factor, for which no layer is known."""
    return _activation("silu")(operation) if _option(operation, "beta", 1.0) == 1 else None


def _gelu(operation: Operation) -> Replacement | None:
    """By the error function, or by tanh, which is off by up to 5e-4. Keras 3 always writes which, and means tanh
    where nobody said; TensorFlow means the exact one."""
    is_approximate = _option(operation, "approximate", False)
    return (_elementwise("TanhGelu") if is_approximate else _activation("gelu"))(operation)


def _option(operation: Operation, name: str, default: Any) -> Any:
    """An option of a function, by name or as its second argument."""
    value = operation.options.get(name, operation.values[1] if len(operation.values) > 1 else None)
    return default if value is None else value


def _cast(operation: Operation) -> Replacement | None:
    """To numbers with fractions it changes nothing here; to whole numbers it cuts them off."""
    target = _option(operation, "dtype", "")
    node = operation.options.get("node_def")
    if isinstance(node, dict):  # TensorFlow 2.0 to 2.3
        target = node["attr"]["DstT"]["type"]
    is_float = str(target).lower().removeprefix("dt_") in {"float", "half", "double"} or "float" in str(target)
    return _same(operation) if is_float else None


def _pad(operation: Operation) -> Replacement | None:
    """With one value all round; the batch keeps its size."""
    options = operation.options
    width = options.get(
        "pad_width", options.get("paddings", operation.values[1] if len(operation.values) > 1 else None)
    )
    if str(options.get("mode", "constant")).lower() != "constant" or not isinstance(width, list):
        return None
    sides = [[int(before), int(after)] for before, after in width]
    if sides[0] != [0, 0] or any(side < 0 for pair in sides for side in pair):
        return None
    config = {"padding": sides[1:], "value": float(_number(options.get("constant_values") or 0.0))}
    return Replacement(type="Pad", config=config, args=(operation.values[0],))


def _transpose(operation: Operation) -> Replacement | None:
    axes = operation.options.get("axes", _option(operation, "perm", None))
    if not isinstance(axes, list) or axes[0] != 0:
        return None
    return Replacement(type="Permute", config={"dims": [int(axis) for axis in axes[1:]]}, args=(operation.values[0],))


def _axis_change(type_: str) -> Callable[[Operation], Replacement | None]:
    """An axis of size 1 more or less; the batch stays the first."""

    def rule(operation: Operation) -> Replacement | None:
        axis = _number(_option(operation, "axis", None))
        if not isinstance(axis, int) or axis == 0:
            return None
        return Replacement(type=type_, config={"axis": axis}, args=(operation.values[0],))

    return rule


def _unit_length(operation: Operation) -> Replacement | None:
    axis = _number(_option(operation, "axis", -1))
    if not isinstance(axis, int) or axis == 0 or operation.options.get("order", 2) != 2:
        return None
    return Replacement(type="UnitNormalization", config={"axis": axis}, args=(operation.values[0],))


def _relu(operation: Operation) -> Replacement:
    """With the limits that both ``keras.ops`` and ``tf.keras.backend.relu`` know."""
    options = operation.options
    config = {
        "max_value": options.get("max_value"),
        "negative_slope": options.get("negative_slope") or options.get("alpha") or 0.0,
        "threshold": options.get("threshold") or 0.0,
    }
    return Replacement(type="ReLU", config=config, args=(operation.values[0],))


def _leaky_relu(operation: Operation) -> Replacement:
    slope = operation.options.get("negative_slope", operation.options.get("alpha", 0.2))
    return Replacement(type="LeakyReLU", config={"negative_slope": float(slope)}, args=(operation.values[0],))


def _elementwise(type_: str) -> Callable[[Operation], Replacement | None]:
    def rule(operation: Operation) -> Replacement | None:
        return Replacement(type=type_, config={}, args=(operation.values[0],))

    return rule


def _power(operation: Operation) -> Replacement | None:
    base, exponent = operation.values[:2]
    if not _is_tensor(base):
        return None
    return Replacement(type="Power", config={"exponent": float(_number(exponent))}, args=(base,))


def _reduction(type_: str) -> Callable[[Operation], Replacement | None]:
    def rule(operation: Operation) -> Replacement | None:
        options = operation.options
        axis = options.get("axis", operation.values[1] if len(operation.values) > 1 else None)
        axes = [axis] if isinstance(axis, int) else axis
        if not isinstance(axes, list) or not all(isinstance(item, int) and item != 0 for item in axes):
            return None  # over the batch, too: no layer does that
        keep = bool(options.get("keepdims", options.get("keep_dims", False)))
        tensor = operation.values[0]
        if sorted(axes) == [1, 2] and type_ in {"Mean", "Max"}:
            pooling = "GlobalAveragePooling2D" if type_ == "Mean" else "GlobalMaxPooling2D"
            return Replacement(type=pooling, config={"keepdims": keep}, args=(tensor,))
        return Replacement(type=type_, config={"axis": axes, "keepdims": keep}, args=(tensor,))

    return rule


def _concatenate(operation: Operation) -> Replacement | None:
    tensors = [value for value in operation.values if _is_tensor(value)]
    for value in operation.values:
        if isinstance(value, list) and value and all(map(_is_tensor, value)):
            tensors = value
    axis = operation.options.get("axis", -1)
    axis = next((v for v in operation.values if isinstance(v, int)), axis)
    return Replacement(type="Concatenate", config={"axis": int(axis)}, args=(list(tensors),)) if tensors else None


def _reshape(operation: Operation) -> Replacement | None:
    options = operation.options
    target = options.get("newshape", options.get("shape", operation.values[1] if len(operation.values) > 1 else None))
    if not isinstance(target, list) or not all(isinstance(size, int) for size in target) or len(target) < 2:
        return None
    return Replacement(type="Reshape", config={"target_shape": target[1:]}, args=(operation.values[0],))


def _bias_add(operation: Operation) -> Replacement | None:
    if str(operation.options.get("data_format") or "").startswith("NC"):
        return None
    bias = _option(operation, "bias", None)
    return _rescaling(operation.values[0], 1.0, _number(bias))


def _same(operation: Operation) -> Replacement:
    return Replacement(type="Activation", config={"activation": "linear"}, args=(operation.values[0],))


def _clip(operation: Operation) -> Replacement | None:
    """Between 0 and a limit it is a ReLU; nothing else is known for other limits."""
    options, values = operation.options, operation.values
    low = options.get("x_min", options.get("clip_value_min", values[1] if len(values) > 1 else None))
    high = options.get("x_max", options.get("clip_value_max", values[2] if len(values) > 2 else None))
    if _number(low) != 0:
        return None
    return Replacement(type="ReLU", config={"max_value": float(_number(high))}, args=(values[0],))


def _slice(operation: Operation) -> Replacement | None:
    """Axes are sliced one after the other (``x[..., ::-1]``, ``x[:, 1:-1, 1:-1]``); one that is taken out
    altogether (``x[:, 2]``) has to be the only one."""
    key = operation.options.get("slice_spec", operation.values[1] if len(operation.values) > 1 else None)
    if not isinstance(key, list):
        return None
    parts = [_as_slice(part) for part in key]
    if parts.count("rest") > 1:
        return None
    whole = ("rest", (None, None, None), (None, None, 1))
    cut = [(place, part) for place, part in enumerate(parts) if part not in whole]
    if not cut or (len(cut) > 1 and not all(isinstance(part, tuple) for _place, part in cut)):
        return None
    source: Any = operation.values[0]
    for place, part in cut:
        axis = place - len(parts) if "rest" in parts[:place] else place
        if axis == 0:
            return None
        if isinstance(part, tuple):
            config = dict(zip(("start", "stop", "step"), part, strict=True))
            source = Replacement(type="Slice", config={"axis": axis, **config}, args=(source,))
        elif isinstance(part, int):
            source = Replacement(type="Pick", config={"axis": axis, "index": part}, args=(source,))
        else:
            return None
    return source if isinstance(source, Replacement) else None


def _stack(operation: Operation) -> Replacement | None:
    tensors = operation.values[0]
    if not isinstance(tensors, list) or not all(map(_is_tensor, tensors)):
        return None
    axis = int(operation.options.get("axis", 0))
    return Replacement(type="Stack", config={"axis": axis}, args=(list(tensors),)) if axis else None


def _as_slice(part: Any) -> Any:
    """A number, (start, stop, step), or "rest" for the axes between."""
    if isinstance(part, int) and not isinstance(part, bool):
        return part
    if part in ("...", "Ellipsis") or (
        isinstance(part, dict) and part.get("class_name") in {"__ellipsis__", "Ellipsis"}
    ):
        return "rest"
    if isinstance(part, dict):
        inner = part.get("config", part)
        if isinstance(inner, dict):
            return tuple(inner.get(key) for key in ("start", "stop", "step"))
        if isinstance(inner, list) and len(inner) == 3:
            return tuple(inner)
    return "unknown"


_ALIASES = {
    "addv2": "add", "__add__": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "realdiv": "divide",
    "truedivide": "divide", "div": "divide", "reduce_mean": "mean", "reduce_max": "max", "reduce_min": "min",
    "amax": "max", "amin": "min", "reduce_sum": "sum", "pow": "power", "concat": "concatenate", "concatv2": "concatenate",
    "abs": "absolute", "neg": "negative", "biasadd": "bias_add", "swish": "silu", "getitem": "slice",
    "stop_gradient": "identity", "stopgradient": "identity", "convert_to_tensor": "identity", "leakyrelu": "leaky_relu",
    "clip_by_value": "clip", "hard_silu": "hard_silu", "hardsilu": "hard_silu", "hardsigmoid": "hard_sigmoid",
    "hardswish": "hard_silu", "pack": "stack",
    "logsoftmax": "log_softmax", "permute": "transpose", "expanddims": "expand_dims", "normalize": "l2_normalize",
}  # fmt: skip

_RULES: dict[str, Callable[[Operation], Replacement | None]] = {
    "add": _binary("Add", lambda n: (1.0, n), lambda n: (1.0, n)),
    "subtract": _binary("Subtract", lambda n: (1.0, _each(n, lambda v: -v)), lambda n: (-1.0, n)),
    "multiply": _binary("Multiply", lambda n: (n, 0.0), lambda n: (n, 0.0)),
    "divide": _divide,
    "maximum": _binary("Maximum", lambda n: _impossible(), None),
    "minimum": _binary("Minimum", lambda n: _impossible(), None),
    "bias_add": _bias_add,
    "negative": lambda operation: _rescaling(operation.values[0], -1.0, 0.0),
    "relu": _relu,
    "leaky_relu": _leaky_relu,
    "clip": _clip,
    "identity": _same,
    "cast": _cast,
    "pad": _pad,
    "transpose": _transpose,
    "expand_dims": _axis_change("ExpandDims"),
    "squeeze": _axis_change("Squeeze"),
    "l2_normalize": _unit_length,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "elu": _elu,
    "silu": _silu,
    "gelu": _gelu,
    "power": _power,
    "square": _elementwise("Square"),
    "sqrt": _elementwise("Sqrt"),
    "rsqrt": lambda operation: Replacement(type="Power", config={"exponent": -0.5}, args=(operation.values[0],)),
    "exp": _elementwise("Exp"),
    "log": _elementwise("Log"),
    "absolute": _elementwise("Absolute"),
    "reciprocal": _elementwise("Reciprocal"),
    "mean": _reduction("Mean"),
    "max": _reduction("Max"),
    "min": _reduction("Min"),
    "sum": _reduction("Sum"),
    "concatenate": _concatenate,
    "reshape": _reshape,
    "slice": _slice,
    "stack": _stack,
    **{name: _activation(name) for name in (
        "relu6", "sigmoid", "tanh", "softplus", "softsign", "selu", "hard_sigmoid", "hard_silu", "mish",
    )},
}  # fmt: skip


def _impossible() -> tuple[Any, Any]:
    raise ValueError("no layer compares with a number")
