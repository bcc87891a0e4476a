"""Keras layers from a graph that ``core`` read, and their weights from the file.

``load_model`` is never called on a file that somebody else made: layers are made one by one, by their class,
from cleaned configs, and each array is given to the layer that it belongs to.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.arrays import read_weights
from tlstudio.core.model.graph import Call, Graph, LayerSpec, Ref
from tlstudio.core.model.model_file import ModelFile
from tlstudio.engine.operations import OPERATIONS
from tlstudio.engine.pointwise import keep_in_bounds
from tlstudio.engine.runtime import keras

Tensors = dict[int, Any]


def make_layers(model: ModelFile, calls: Iterable[int]) -> dict[str, Any]:
    """A Keras layer for every path that the calls use, without weights yet.

    Raises ``unreadable_network`` where Keras does not take a layer's config.
    """
    graph = model.graph
    paths = list(dict.fromkeys(graph.calls[number].layer for number in calls))
    names = _unique_names(paths)
    return {path: _make_layer(model, graph.layers[path], names[path]) for path in paths}


def _make_layer(model: ModelFile, spec: LayerSpec, name: str) -> Any:
    try:
        if spec.type == "InputLayer":
            return keras.layers.InputLayer(shape=tuple(spec.config["shape"]), name=name)
        if spec.type in OPERATIONS:
            return OPERATIONS[spec.type](name, spec.config)
        layer = getattr(keras.layers, spec.type).from_config({"name": name, **spec.config})
        keep_in_bounds(layer)
        return layer
    except (TypeError, ValueError, KeyError, AttributeError, IndexError, OverflowError) as error:
        detail = f"layer “{spec.path}” of type {spec.type}: {(str(error).splitlines() or [type(error).__name__])[0]}"[
            :200
        ]
        raise TLStudioError("unreadable_network", path=model.path, detail=detail) from error


def _unique_names(paths: list[str]) -> dict[str, str]:
    """A layer's own name where it is the only one, else its whole path; Keras wants names without ``/``."""
    taken: set[str] = set()
    tops = {
        path for path in paths if "/" not in path
    }  # they keep their names, be they above a nested network or below
    names = {}
    for path in paths:
        name = path.rsplit("/", 1)[-1]
        if name in taken or (path != name and name in tops):
            name = path.replace("/", "_")
        names[path] = free_name(name, taken)
    return names


def free_name(name: str, taken: set[str]) -> str:
    """A name for a layer beside the file's own, whose names are ``taken``; it is taken afterwards."""
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def connect(graph: Graph, layers: dict[str, Any], calls: Iterable[int], tensors: Tensors) -> Tensors:
    """Apply the calls in order to symbolic tensors; ``tensors`` holds those that are given, by call."""
    known = dict(tensors)
    for number in calls:
        if number in known:
            continue
        call: Call = graph.calls[number]
        layer = layers[call.layer]
        if not call.args:
            known[number] = layer.output
            continue
        try:
            known[number] = layer(*[_filled(value, known) for value in call.args])
        except MemoryError:
            raise
        except Exception as error:  # TensorFlow has errors of its own for each thing that can be wrong
            words = (str(error).splitlines() or [type(error).__name__])[0]
            detail = f"layer “{call.layer}” does not take what it is given ({words})"[:240]
            raise TLStudioError("unreadable_network", path=graph.name, detail=detail) from error
    return known


def _filled(value: Any, tensors: Tensors) -> Any:
    if isinstance(value, Ref):
        return tensors[value.call]
    return [_filled(item, tensors) for item in value] if isinstance(value, list) else value


def set_weights(model: ModelFile, layers: dict[str, Any], allow_nan: bool = False) -> None:
    """Give every layer the weights of the file.

    Raises:
        TLStudioError: ``weights_mismatch`` where counts or shapes differ, ``weights_not_finite``,
            ``truncated_model``.
    """
    wanted = {path: model.weights.get(path, []) for path, layer in layers.items() if layer.weights}
    unused = [path for path in layers if path not in wanted and model.weights.get(path)]
    if unused:
        raise _mismatch(model, unused[0], [], [weight.shape for weight in model.weights[unused[0]]])
    spoiled = []
    for path, values in read_weights(wanted):
        expected, received = [tuple(weight.shape) for weight in layers[path].weights], [v.shape for v in values]
        if expected != received:
            raise _mismatch(model, path, expected, received)
        if not all(np.isfinite(value).all() for value in values):
            spoiled.append(path)
        if isinstance(layers[path], keras.layers.MultiHeadAttention):
            layers[path].set_weights(values)  # it keeps them in layers of its own
        else:
            layers[path].load_own_variables({str(place): value for place, value in enumerate(values)})
    if spoiled and not allow_nan:
        raise TLStudioError("weights_not_finite", path=model.path, layers=", ".join(spoiled[:5]))


def _mismatch(model: ModelFile, path: str, expected: list[Any], received: list[Any]) -> TLStudioError:
    detail = f"layer “{path}” takes {_words(expected)}, the file has {_words(received)}"
    return TLStudioError("weights_mismatch", path=model.path, detail=detail)


def _words(shapes: list[tuple[int, ...]]) -> str:
    return ", ".join("×".join(map(str, shape)) or "a number" for shape in shapes) or "nothing"


def build_model(model: ModelFile) -> Any:
    """The whole network as a flat Keras model, with exactly the file's weights, be they finite or not.

    Raises as the functions above.
    """
    graph = model.graph
    calls = sorted(graph.used_by(graph.outputs))
    layers = make_layers(model, calls)
    tensors = connect(graph, layers, calls, {})
    used = [i for i in graph.inputs if i in tensors]  # a network may have an input that nothing takes
    try:
        built = keras.Model([tensors[i] for i in used], [tensors[i] for i in graph.outputs], name="network")
    except (TypeError, ValueError) as error:
        detail = str(error).splitlines()[0][:200]
        raise TLStudioError("unreadable_network", path=model.path, detail=detail) from error
    set_weights(model, layers, allow_nan=True)
    return built
