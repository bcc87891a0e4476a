"""Unusual but real networks, in Keras 2 or 3: ``python -m tests.engine.odd_networks FOLDER`` writes those of Keras 2.

Each in both formats, with an image and what its own Keras makes of it. A network is a function of (keras, tf or
keras.ops, is_3, image) to its output.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

SIDE = 8


def hard_sigmoid_gate(keras: Any, _ops: Any, _is_3: bool, image: Any) -> Any:
    x = keras.layers.Conv2D(4, 3, padding="same")(image)
    gate = keras.layers.Dense(4, activation="hard_sigmoid")(keras.layers.GlobalAveragePooling2D(keepdims=True)(x))
    return keras.layers.Multiply()([x, gate])


def softmax_over_pixels(keras: Any, ops: Any, is_3: bool, image: Any) -> Any:
    x = keras.layers.Reshape((SIDE * SIDE, 4))(keras.layers.Conv2D(4, 1)(image))
    return ops.softmax(x, axis=1) if is_3 else ops.nn.softmax(x, axis=1)


def gelu_by_tanh(keras: Any, ops: Any, is_3: bool, image: Any) -> Any:
    x = keras.layers.Conv2D(4, 3)(image)
    return ops.gelu(x, approximate=True) if is_3 else ops.nn.gelu(x, approximate=True)


def elu_of_another_slope(keras: Any, ops: Any, is_3: bool, image: Any) -> Any:
    x = keras.layers.Conv2D(4, 3)(image)
    return ops.elu(x, alpha=0.3) if is_3 else keras.layers.ELU(0.3)(x)


def numbers_first(keras: Any, _ops: Any, _is_3: bool, image: Any) -> Any:
    x = keras.layers.Conv2D(4, 3, activation="sigmoid")(image)
    return 2.0 / (1.5 - 0.5 * x)


def one_tensor_by_another(keras: Any, _ops: Any, _is_3: bool, image: Any) -> Any:
    x = keras.layers.Conv2D(4, 3, activation="sigmoid")(image)
    return x / (x + 1.0)


def cut_on_two_sides(keras: Any, ops: Any, is_3: bool, image: Any) -> Any:
    x = keras.layers.Conv2D(4, 3)(image)[:, 1:-1, :-2, :]
    sides = [[0, 0], [1, 2], [0, 1], [0, 0]]
    x = ops.pad(x, sides)
    return ops.transpose(x, (0, 3, 1, 2)) if is_3 else ops.transpose(x, [0, 3, 1, 2])


def scaled_as_torchvision(keras: Any, _ops: Any, _is_3: bool, image: Any) -> Any:
    return keras.layers.Conv2D(4, 3)(keras.applications.densenet.preprocess_input(image))


def scaled_by_arrays(keras: Any, _ops: Any, _is_3: bool, image: Any) -> Any:
    return keras.layers.Rescaling(np.array([0.1, 0.2, 0.3]), np.array([1.0, 2.0, 3.0]))(image)


def attention(keras: Any, _ops: Any, _is_3: bool, image: Any) -> Any:
    x = keras.layers.Reshape((16, 12))(keras.layers.Conv2D(12, 2, strides=2)(image))
    key, value = keras.layers.Dense(12)(x), keras.layers.Dense(12)(x)
    x = keras.layers.MultiHeadAttention(3, 4)(x, value, key)
    return keras.layers.MultiHeadAttention(2, 5, value_dim=3)(query=x, value=x, key=x)


def names_twice(keras: Any, _ops: Any, _is_3: bool, image: Any) -> Any:
    def inner(name: str) -> Any:
        start = keras.Input((SIDE, SIDE, 3))
        x = keras.layers.Conv2D(3, 3, padding="same", name="conv")(start)
        return keras.Model(start, keras.layers.BatchNormalization(name="norm")(x), name=name)

    x = inner("second")(inner("first")(image))
    return keras.layers.Conv2D(3, 3, padding="same", name="conv")(x)


def base_that_was_compiled(keras: Any, _ops: Any, _is_3: bool, image: Any) -> Any:
    base = keras.Sequential([keras.layers.Input((SIDE, SIDE, 3)), keras.layers.Conv2D(3, 3)], name="base")
    base.compile("adam", "mse", metrics=["mae"])
    base.fit(np.zeros((2, SIDE, SIDE, 3)), np.zeros((2, SIDE - 2, SIDE - 2, 3)), verbose=0)
    return base(image)


def axes_of_one(keras: Any, ops: Any, is_3: bool, image: Any) -> Any:
    """With the gate of a block that was written by hand, and features of length 1."""
    x = keras.layers.Conv2D(4, 3)(image)
    gate = keras.layers.Dense(4, activation="sigmoid")(keras.layers.GlobalAveragePooling2D()(x))
    gate = ops.expand_dims(ops.expand_dims(gate, 1), 1)
    x = keras.layers.Conv2D(1, 3)(x * gate)
    return ops.normalize(ops.squeeze(x, -1), axis=-1) if is_3 else ops.nn.l2_normalize(ops.squeeze(x, -1), axis=-1)


def dropped_maps(keras: Any, _ops: Any, _is_3: bool, image: Any) -> Any:
    return keras.layers.SpatialDropout2D(0.3)(keras.layers.Conv2D(4, 3)(image))


NETWORKS: dict[str, Callable[[Any, Any, bool, Any], Any]] = {
    function.__name__: function
    for function in (
        hard_sigmoid_gate, softmax_over_pixels, gelu_by_tanh, elu_of_another_slope, numbers_first,
        one_tensor_by_another, cut_on_two_sides, scaled_as_torchvision, scaled_by_arrays, attention, names_twice,
        axes_of_one, base_that_was_compiled, dropped_maps,
    )
}  # fmt: skip


def write(keras: Any, ops: Any, is_3: bool, name: str, folder: Path) -> None:
    image = keras.Input((SIDE, SIDE, 3), name="image")
    features = keras.layers.Flatten()(NETWORKS[name](keras, ops, is_3, image))
    model = keras.Model(image, keras.layers.Dense(3)(features))
    random = np.random.default_rng(2)
    model.set_weights(
        [
            w + random.uniform(0, 0.4, w.shape).astype(w.dtype) if w.dtype.kind == "f" else w
            for w in model.get_weights()
        ]
    )
    pixels = random.uniform(-1, 2, (2, SIDE, SIDE, 3)).astype(np.float32)
    np.savez(folder / f"{name}.npz", pixels=pixels, scores=np.asarray(model(pixels, training=False)))
    model.save(folder / f"{name}.keras")
    model.save(folder / f"{name}.h5")


if __name__ == "__main__":
    import tensorflow
    import tf_keras

    for name in NETWORKS:
        write(tf_keras, tensorflow, False, name, Path(sys.argv[1]))
