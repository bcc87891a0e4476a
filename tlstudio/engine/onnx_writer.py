"""Keras models as ONNX, by tf2onnx, with the large weights passed around it.

tf2onnx 1.17 copies its graph, weights and all, for each of its two dozen optimizers and leaves the copies to the
garbage collector, which has no reason to come: ResNet50 (103 MB) took 7.3 GB, VGG16 (553 MB) more than 23 GB. Its way
out for large models (``large_model``) fails on numpy 2. So the weights go in as inputs of the network, which it never
looks into, and become what they are in the finished graph.
"""

from typing import Any

import numpy as np
import onnx

from tlstudio.core.export import INPUT, OUTPUT
from tlstudio.engine.runtime import keras, tf

OPSET = 15  # tf2onnx's own choice: what it has been used with most, and readers of 2021 already know
LARGE = 4096  # elements; smaller ones, such as a normalization's, stay where the optimizers can join them


def as_onnx(model: Any) -> onnx.ModelProto:
    """A model with one input and one output, float32, as it is in inference; the batch may have any size.

    Raises whatever tf2onnx raises, ``ImportError``.
    """
    import tf2onnx

    large = [variable for variable in model.variables if np.prod(variable.shape) > LARGE]
    names = [f"weights_{place}" for place in range(len(large))]
    specs = [tf.TensorSpec(v.shape, tf.float32, name=name) for v, name in zip(large, names, strict=True)]
    specs.insert(0, tf.TensorSpec(model.input.shape, tf.float32, name=INPUT))

    @tf.function(input_signature=specs, autograph=False)
    def serve(image: Any, *weights: Any) -> dict[str, Any]:
        with keras.StatelessScope(state_mapping=list(zip(large, weights, strict=True))):
            return {OUTPUT: model(image, training=False)}

    made, _ = tf2onnx.convert.from_function(serve, specs, opset=OPSET)
    for variable, name in zip(large, names, strict=True):
        _put_in(made.graph, name, keras.ops.convert_to_numpy(variable))
    for value, inside in serve.get_concrete_function().graph.captures:
        if value.dtype != tf.resource:  # what a layer has derived from its weights, as Normalization does
            _put_in(made.graph, inside.name, value.numpy())
    return made


def _put_in(graph: Any, name: str, values: np.ndarray) -> None:
    """Turn an input into an initializer; where all that is done to it is a transposition, into what comes of that."""
    place = next((i for i, value in enumerate(graph.input) if value.name == name), None)
    if place is None:
        return  # nothing of the network uses it
    del graph.input[place]
    users = [node for node in graph.node if name in node.input]
    if len(users) == 1 and users[0].op_type == "Transpose":
        order = next(attribute.ints for attribute in users[0].attribute if attribute.name == "perm")
        values, name = values.transpose(order), users[0].output[0]
        graph.node.remove(users[0])
    graph.initializer.append(onnx.numpy_helper.from_array(np.ascontiguousarray(values), name))
