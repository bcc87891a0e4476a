"""Keras layers from a graph that ``core`` read, and their weights from the file.

``load_model`` is never called on a file that somebody else made: layers are made one by one, by their class,
from cleaned configs, and each array is given to the layer that it belongs to.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.graph import Call, Graph, LayerSpec, Ref
from tlstudio.core.model.inspection import ModelFile
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
        return getattr(keras.layers, spec.type).from_config({"name": name, **spec.config})
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        detail = f"layer “{spec.path}” of type {spec.type}: {str(error).splitlines()[0]}"[:200]
        raise TLStudioError("unreadable_network", path=model.path, detail=detail) from error


def _unique_names(paths: list[str]) -> dict[str, str]:
    """A layer's own name where it is the only one, else its whole path; Keras wants names without ``/``."""
    taken: set[str] = set()
    names = {}
    for path in paths:
        name = path.rsplit("/", 1)[-1]
        if name in taken:
            name = path.replace("/", "_")
        taken.add(name)
        names[path] = name
    return names


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
        except (TypeError, ValueError, IndexError, RuntimeError) as error:
            detail = f"layer “{call.layer}” does not take what it is given ({str(error).splitlines()[0]})"[:240]
            raise TLStudioError("unreadable_network", path=graph.name, detail=detail) from error
    return known


def _filled(value: Any, tensors: Tensors) -> Any:
    if isinstance(value, Ref):
        return tensors[value.call]
    return [_filled(item, tensors) for item in value] if isinstance(value, list) else value


def set_weights(model: ModelFile, layers: dict[str, Any]) -> None:
    """Give every layer the arrays of the file.

    Raises:
        TLStudioError: ``weights_mismatch`` where counts or shapes differ or values are not finite,
            ``truncated_model``.
    """
    owners = {
        array.location: (path, place)
        for path, arrays in model.arrays.items()
        if path in layers
        for place, array in enumerate(arrays)
    }
    values: dict[str, dict[int, np.ndarray]] = {}
    for location, array in model.container.read_arrays(owners):
        path, place = owners[location]
        if not np.isfinite(array).all():
            detail = f"layer “{path}” holds values that are not numbers"
            raise TLStudioError("weights_mismatch", path=model.path, detail=detail)
        values.setdefault(path, {})[place] = array
    for path, layer in layers.items():
        arrays = [array for _place, array in sorted(values.get(path, {}).items())]
        _set_layer_weights(model, path, layer, arrays)


def _set_layer_weights(model: ModelFile, path: str, layer: Any, arrays: list[np.ndarray]) -> None:
    expected = [tuple(weight.shape) for weight in layer.weights]
    if isinstance(layer, keras.layers.Normalization) and len(arrays) == len(expected) + 1:
        arrays = arrays[:-1]  # Keras 2 counts the samples that it was adapted on, Keras 3 does not
    received = [array.shape for array in arrays]
    if expected != received:
        detail = f"layer “{path}” takes {_words(expected)}, the file has {_words(received)}"
        raise TLStudioError("weights_mismatch", path=model.path, detail=detail)
    if not arrays:
        return
    if model.container.backend == "theano" and isinstance(layer, keras.layers.Conv2D):
        arrays[0] = arrays[0][::-1, ::-1]  # Theano convolves, TensorFlow correlates: the kernel is turned
    layer.load_own_variables({str(i): np.asarray(array) for i, array in enumerate(arrays)})


def _words(shapes: list[tuple[int, ...]]) -> str:
    return ", ".join("×".join(map(str, shape)) or "a number" for shape in shapes) or "nothing"


def build_model(model: ModelFile) -> Any:
    """The whole network as a flat Keras model, with the file's weights. Raises as the functions above."""
    graph = model.graph
    calls = sorted(graph.used_by(graph.outputs))
    layers = make_layers(model, calls)
    tensors = connect(graph, layers, calls, {})
    built = keras.Model([tensors[i] for i in graph.inputs], [tensors[i] for i in graph.outputs], name="network")
    set_weights(model, layers)
    return built
