"""From recovered pieces to a graph of layers with names and weights."""

from dataclasses import replace
from itertools import chain, count
from math import prod

import numpy as np

from tlstudio.core.model.arrays import Weight
from tlstudio.core.model.graph import Call, Graph, LayerSpec, Ref
from tlstudio.core.model.savedmodel.affine import composed
from tlstudio.core.model.savedmodel.known import Known, UnsupportedError, number, reshaped, values_of, weight_of
from tlstudio.core.model.savedmodel.pieces import Piece, make, refused
from tlstudio.core.model.vocabulary import LAYERS

_CALLS = {"PartitionedCall", "StatefulPartitionedCall"}
_SEVERAL = {"Add", "Average", "Concatenate", "Divide", "Maximum", "Minimum", "Multiply", "Subtract"}
_EPSILON = 1e-3
_RESCALED = 64  # numbers that a Rescaling may hold


def to_graph(
    name: str, inputs: tuple[Piece, ...], outputs: tuple[Piece, ...]
) -> tuple[Graph, dict[str, list[Weight]]]:
    """The network as layers, all frozen: that is how it was exported."""
    outputs = _lowered(outputs)
    order = in_order(outputs)
    paths = _names(order)
    layers: dict[str, LayerSpec] = {}
    weights: dict[str, list[Weight]] = {}
    calls: list[Call] = []
    numbers: dict[int, int] = {}
    for piece in order:
        path = paths[id(piece)]
        try:
            found = [weight_of(value) for value in piece.weights]
        except UnsupportedError as error:
            found, piece = [], replace(piece, refusal=f"{piece.type} ({error})")
        refs = [Ref(numbers[id(below)]) for below in piece.inputs]
        is_list = piece.type in _SEVERAL or (bool(piece.refusal) and len(refs) > 1)
        numbers[id(piece) if id(piece) in paths else -1] = len(calls)
        calls.append(Call(path, (refs,) if is_list else tuple(refs)))
        layers[path] = _spec(piece, path)
        if found:
            weights[path] = found
    graph = Graph(
        name=name,
        type="Functional",
        layers=layers,
        calls=tuple(calls),
        inputs=tuple(numbers[id(piece)] for piece in order if piece.type == "InputLayer"),
        outputs=tuple(dict.fromkeys(numbers[id(piece)] for piece in outputs)),
    )
    return graph, weights


def in_order(outputs: tuple[Piece, ...]) -> list[Piece]:
    """All pieces that the outputs need, each after those it is given."""
    done: dict[int, Piece] = {}
    pending = list(reversed(outputs))
    while pending:
        piece = pending[-1]
        missing = [below for below in piece.inputs if id(below) not in done]
        if id(piece) in done or not missing:
            done.setdefault(id(pending.pop()), piece)
        else:
            pending += reversed(missing)
    return list(done.values())


def _spec(piece: Piece, path: str) -> LayerSpec:
    if piece.refusal or piece.type not in LAYERS:
        hint = f"operation {piece.refusal or piece.type}"
        return LayerSpec(path=path, type=piece.type, refusal="unsupported_layer", hint=hint, trainable=False)
    type_, config = piece.type, dict(piece.config)
    below = piece.inputs[0].rank if piece.inputs else 0
    pooled = {("Mean", 3): "GlobalAveragePooling2D", ("Max", 3): "GlobalMaxPooling2D"}
    pooled |= {("Mean", 2): "GlobalAveragePooling1D", ("Max", 2): "GlobalMaxPooling1D"}
    if (type_, below) in pooled and config["axis"] == list(range(1, below)):
        type_, config = pooled[type_, below], {"keepdims": config["keepdims"]}
    return LayerSpec(path=path, type=type_, config=config, trainable=False)


# -- scales and offsets ------------------------------------------------------------------------------------


def _lowered(outputs: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The same network with a layer in the place of every scale and offset."""
    merged: dict[int, Piece] = {}
    for piece in in_order(outputs):
        fresh = _on(piece, merged)
        merged[id(piece)] = composed(fresh) if fresh.type == "Affine" else fresh
    roots = tuple(merged[id(piece)] for piece in outputs)
    lowered: dict[int, Piece] = {}
    for piece in in_order(roots):
        fresh = _on(piece, lowered)
        try:
            lowered[id(piece)] = _affine_layer(fresh) if fresh.type == "Affine" else fresh
        except UnsupportedError as error:
            lowered[id(piece)] = refused(f"Mul or Add ({error})", piece.name, fresh.inputs)
    return tuple(lowered[id(piece)] for piece in roots)


def _on(piece: Piece, changed: dict[int, Piece]) -> Piece:
    inputs = tuple(changed[id(below)] for below in piece.inputs)
    return piece if all(a is b for a, b in zip(inputs, piece.inputs, strict=True)) else replace(piece, inputs=inputs)


def _affine_layer(piece: Piece) -> Piece:
    x, scale, offset = piece.inputs[0], piece.scale, piece.offset
    if x.shape is None:
        raise UnsupportedError("of a tensor of unknown shape")
    if x.shape != piece.shape:
        raise UnsupportedError("that changes a shape")
    if _is_few(scale) and _is_few(offset):
        return make("Rescaling", piece.name, (x,), scale=_numbers(scale, 1.0), offset=_numbers(offset, 0.0))
    channels = x.shape[-1] if x.rank else None
    if channels is not None and _is_vector(scale, channels) and _is_vector(offset, channels):
        scale, offset = _spread(scale, (channels,)), _spread(offset, (channels,))
        if x.rank != 3:
            return _normalization(piece.name, x, scale, offset)
        # A depthwise convolution with windows of one pixel: unlike a normalization it keeps to its weights in training.
        kernel = reshaped(scale if scale is not None else number(np.ones(channels, np.float32)), (1, 1, channels, 1))
        return make(
            "DepthwiseConv2D", piece.name, (x,), (kernel,) if offset is None else (kernel, offset), kernel_size=(1, 1),
            use_bias=offset is not None,
        )  # fmt: skip
    if not x.is_sized:
        raise UnsupportedError("for each place of images of any size")
    flat = make("Flatten", f"{piece.name}_flat", (x,)) if x.rank > 1 else x
    size = prod(x.sizes)
    parts = [None if v is None else reshaped(_required(_spread(v, x.sizes)), (size,)) for v in (scale, offset)]
    result = _normalization(piece.name, flat, *parts)
    return make("Reshape", f"{piece.name}_shape", (result,), target_shape=x.sizes) if x.rank > 1 else result


def _normalization(name: str, x: Piece, scale: Known | None, offset: Known | None) -> Piece:
    """A batch normalization with mean 0 and variance 1: what is left of it is a scale and an offset.

    The variance is a little less and the epsilon makes up for it: without one, somebody who trains the layer divides by
    0 where a batch has the same value everywhere.
    """
    size = (x.sizes[-1],)
    weights = [value for value in (scale, offset) if value is not None]
    weights += [number(np.zeros(size, np.float32)), number(np.full(size, 1 - _EPSILON, np.float32))]
    return make(
        "BatchNormalization",
        name,
        (x,),
        tuple(weights),
        epsilon=_EPSILON,
        scale=scale is not None,
        center=offset is not None,
    )


def _is_few(value: Known | None) -> bool:
    return (
        value is None
        or (value.size <= _RESCALED and len(value.shape) <= 1 and value.weight is None and not value.op)
        or value.size == 1
    )


def _numbers(value: Known | None, default: float) -> float | list[float]:
    if value is None:
        return default
    numbers = values_of(value)
    return float(numbers.reshape(-1)[0]) if numbers.size == 1 else [float(item) for item in numbers]


def _is_vector(value: Known | None, channels: int) -> bool:
    return value is None or value.size == 1 or value.shape == (channels,)


def _spread(value: Known | None, shape: tuple[int, ...]) -> Known | None:
    if value is None or value.shape == shape:
        return value
    if prod(shape) == value.size:
        return reshaped(value, shape)
    return number(np.broadcast_to(values_of(value), shape))


def _required(value: Known | None) -> Known:
    assert value is not None
    return value


# -- names -------------------------------------------------------------------------------------------------


def _names(pieces: list[Piece]) -> dict[int, str]:
    """A path for each piece: the part of the graph that its operation stood in, without what all have in common.

    Keras and slim put a layer's operations into a scope with the layer's name.
    """
    parts = {
        id(piece): [part for part in piece.name.split("/") if part and part.rsplit("_", 1)[0] not in _CALLS | {""}]
        for piece in pieces
    }
    scopes = [names[:-1] for piece in pieces if piece.type != "InputLayer" and len(names := parts[id(piece)]) > 1]
    shared = 0
    while scopes and all(len(scope) > shared + 1 and scope[shared] == scopes[0][shared] for scope in scopes):
        shared += 1
    taken: set[str] = set()
    paths = {}
    for piece in pieces:
        names = parts[id(piece)] or [piece.type]
        own = names[shared:] if len(names) > shared + 1 else names[-1:]
        scope = "_".join(own[:-1]) or own[-1]
        full = "_".join(own) if len(own) > 1 else f"{own[-1]}_{piece.type.lower()}"
        choices = chain((scope, full), (f"{full}_{number}" for number in count(2)))
        path = next(choice for choice in choices if choice not in taken)
        taken.add(path)
        paths[id(piece)] = path
    return paths
