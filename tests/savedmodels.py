"""Small genuine SavedModel folders with an input and the outputs for it: ``python -m tests.savedmodels FOLDER``.

Keras 3 (``model.export``), Keras 2 (``tf-keras``, which writes its own description beside the graph) and TensorFlow 1
(a graph with variables, and one with its variables frozen to constants) are what people have.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

PROJECT = Path(__file__).resolve().parent.parent
NAMES = (
    "exported", "augmented", "keras2", "keras2_plain_graph", "subclassed", "variables", "frozen", "channels_first",
)  # fmt: skip


def savedmodels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds them all, made once in a session, in a process of its own."""
    folder = tmp_path_factory.getbasetemp() / "savedmodels"
    if not folder.exists():
        command = [sys.executable, "-m", "tests.savedmodels", str(folder)]
        subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    return folder


def _spoil(model: Any) -> Any:
    """Weights and statistics that are not the trivial ones of a new layer."""
    random = np.random.default_rng(1)
    for weight in model.weights:
        name = getattr(weight, "path", weight.name)
        if "variance" in name:
            weight.assign(random.uniform(0.5, 2.0, weight.shape))
        elif any(part in name for part in ("mean", "bias", "beta", "gamma", "alpha")):
            weight.assign(random.normal(0.5, 0.2, weight.shape))
    return model


def _keep(folder: Path, name: str, image: np.ndarray, output: Any) -> None:
    np.savez(folder / f"{name}.npz", image=image, output=np.asarray(output))


def _exported(keras: Any, folder: Path, image: np.ndarray) -> None:
    layers = keras.layers
    inside = keras.Input((16, 16, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1)(inside)
    x = layers.Conv2D(8, 3, padding="same", use_bias=False, name="stem")(x)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.Activation("silu")(x)
    y = layers.DepthwiseConv2D(3, padding="same", name="depthwise")(x)
    y = layers.LayerNormalization(name="layer_norm")(y)
    y = layers.Dense(8, activation="gelu", name="pointwise")(y)
    x = layers.Concatenate()([layers.Add()([x, y]), x])
    x = layers.Conv2D(8, 3, groups=2, dilation_rate=2, name="grouped")(x)
    x = layers.PReLU(shared_axes=[1, 2], name="prelu")(layers.ZeroPadding2D(((0, 1), (0, 1)))(x))
    x = layers.MaxPooling2D()(layers.Conv2DTranspose(6, 3, strides=2, padding="same", name="up")(x))
    x = layers.BatchNormalization(name="flat_norm")(layers.Dropout(0.3)(layers.Flatten()(x)))
    model = _spoil(keras.Model(inside, layers.Dense(4, activation="softmax", name="scores")(x)))
    model.export(folder / "exported", verbose=False)
    _keep(folder, "exported", image, model(image, training=False))


def _augmented(keras: Any, folder: Path, image: np.ndarray) -> None:
    layers = keras.layers
    augmentation = [layers.RandomFlip(), layers.RandomRotation(0.2), layers.RandomZoom(0.1)]
    body = [layers.Conv2D(4, 3), layers.GlobalAveragePooling2D(), layers.UnitNormalization()]
    head = layers.Dense(3, activation="softmax")
    model = _spoil(keras.Sequential([keras.Input((16, 16, 3)), *augmentation, *body, head]))
    model.export(folder / "augmented", verbose=False)
    _keep(folder, "augmented", image, model(image, training=False))


def _keras2(keras: Any, folder: Path, image: np.ndarray) -> None:
    layers = keras.layers
    inside = keras.Input((16, 16, 3))
    x = layers.Activation("hard_sigmoid")(layers.BatchNormalization()(layers.Conv2D(4, 3)(inside)))
    x = layers.LeakyReLU(0.2)(layers.SeparableConv2D(6, 3)(x))
    features = keras.Sequential([keras.Model(inside, x), layers.GlobalAveragePooling2D()])
    head = keras.Sequential(
        [layers.Dense(10, activation="relu"), layers.Dropout(0.2), layers.Dense(3, use_bias=False)]
    )
    model = keras.Sequential([features, head, layers.Softmax()])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(image, np.array([0, 1]), verbose=0)  # the optimizer's own variables lie among the weights then
    _spoil(model).save(folder / "keras2", save_format="tf")
    _keep(folder, "keras2", image, model(image, training=False))
    model.save(folder / "keras2_plain_graph", save_format="tf")
    (folder / "keras2_plain_graph" / "keras_metadata.pb").unlink()
    _keep(folder, "keras2_plain_graph", image, model(image, training=False))


def _subclassed(keras: Any, folder: Path, image: np.ndarray) -> None:
    class Network(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.norm = keras.layers.Conv2D(4, 3), keras.layers.BatchNormalization()
            self.dense = keras.layers.Dense(3, activation="softmax")

        def call(self, image: Any, training: bool = False) -> Any:
            return self.dense(keras.backend.mean(self.norm(self.conv(image), training=training), axis=(1, 2)))

    model = Network()
    model(image)
    _spoil(model).predict(image, verbose=0)
    model.save(folder / "subclassed", save_format="tf")
    _keep(folder, "subclassed", image, model(image, training=False))


def _tensorflow1(tf: Any, folder: Path, image: np.ndarray) -> None:
    v1, random = tf.compat.v1, np.random.default_rng(2)

    def variable(name: str, *shape: int) -> Any:
        return v1.get_variable(name, initializer=random.normal(0.3, 0.2, shape).astype(np.float32))

    with tf.Graph().as_default(), v1.variable_scope("net", use_resource=False), v1.Session() as session:
        given = v1.placeholder(tf.uint8, [None, 16, 16, 3], name="image")
        x = (tf.cast(given, tf.float32) - [104.0, 117.0, 123.0]) / 58.0
        x = tf.nn.conv2d(tf.pad(x, [[0, 0], [0, 1], [0, 1], [0, 0]]), variable("kernel", 3, 3, 3, 6), 2, "VALID")
        statistics = [variable(name, 6) for name in ("mean", "variance", "beta", "gamma")]
        x = tf.nn.relu6(tf.nn.batch_normalization(x, *statistics, 1e-3))
        x = tf.nn.space_to_batch(x, [2, 2], [[2, 2], [2, 2]])
        x = tf.nn.conv2d(x, variable("dilated", 3, 3, 6, 6), 1, "VALID")
        x = tf.reduce_mean(tf.batch_to_space(x, [2, 2], [[0, 0], [0, 0]]), [1, 2])
        training = v1.placeholder_with_default(False, [])
        x = v1.cond(training, lambda: tf.nn.dropout(x, rate=0.5), lambda: tf.identity(x))
        logits = tf.matmul(x, variable("weights", 5, 6), transpose_b=True) + variable("biases", 5)
        outputs = {"logits": logits, "scores": tf.nn.softmax(logits), "class": tf.argmax(logits, 1)}
        session.run(v1.global_variables_initializer())
        expected = session.run(outputs["scores"], {given: image})
        _save_v1(v1, session, folder / "variables", given, outputs)
        frozen = v1.graph_util.convert_variables_to_constants(
            session, session.graph_def, [tensor.op.name for tensor in outputs.values()]
        )
    with tf.Graph().as_default() as graph, v1.Session() as session:
        tf.import_graph_def(frozen, name="")
        again = {name: graph.get_tensor_by_name(tensor.name) for name, tensor in outputs.items()}
        _save_v1(v1, session, folder / "frozen", graph.get_tensor_by_name(given.name), again)
    _keep(folder, "variables", image, expected)
    _keep(folder, "frozen", image, expected)


def _channels_first(tf: Any, folder: Path, image: np.ndarray) -> None:
    """A graph as GPUs want it. What it gives is computed by the same network with the channels last."""
    v1, random = tf.compat.v1, np.random.default_rng(3)
    shapes = {"kernel": (3, 3, 3, 6), "bias": (6,), "narrow": (1, 1, 6, 6), "dense": (6, 4)}
    values = {name: random.normal(0.2, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}

    def network(x: Any, weights: dict[str, Any], order: str) -> Any:
        is_first = order == "NCHW"
        axes, step = ([2, 3], [1, 1, 2, 2]) if is_first else ([1, 2], [1, 2, 2, 1])
        borders = [[0, 0], [1, 0], [0, 2]]
        borders.insert(1 if is_first else 3, [0, 0])
        x = tf.nn.conv2d(tf.pad(x, borders), weights["kernel"], step, "VALID", data_format=order)
        x = tf.nn.relu(tf.nn.bias_add(x, weights["bias"], data_format=order))
        gate = tf.reduce_mean(x, axes, keepdims=True)
        x = x * tf.nn.sigmoid(tf.nn.conv2d(gate, weights["narrow"], 1, "SAME", data_format=order))
        x = tf.nn.max_pool2d(x, 2, 2, "SAME", data_format=order)
        return tf.nn.softmax(tf.matmul(tf.reduce_mean(x, axes), weights["dense"]))

    with tf.Graph().as_default(), v1.Session() as session:
        expected = session.run(network(tf.constant(image), values, "NHWC"))
        weights = {name: v1.get_variable(name, initializer=value) for name, value in values.items()}
        given = v1.placeholder(tf.float32, [None, 3, 16, 16], name="image")
        outputs = {"scores": network(given, weights, "NCHW")}
        session.run(v1.global_variables_initializer())
        _save_v1(v1, session, folder / "channels_first", given, outputs)
    _keep(folder, "channels_first", image, expected)


def _save_v1(v1: Any, session: Any, folder: Path, given: Any, outputs: dict[str, Any]) -> None:
    builder = v1.saved_model.builder.SavedModelBuilder(str(folder))
    signature = v1.saved_model.predict_signature_def({"image": given}, outputs)
    builder.add_meta_graph_and_variables(session, ["serve"], {"serving_default": signature})
    builder.save()


if __name__ == "__main__":
    import keras as keras3
    import tensorflow
    import tf_keras as keras2

    place = Path(sys.argv[1])
    place.mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3))
    small = (pixels / 255).astype(np.float32)
    _exported(keras3, place, pixels.astype(np.float32))
    _augmented(keras3, place, small)
    _keras2(keras2, place, small)
    _subclassed(keras2, place, small)
    _tensorflow1(tensorflow, place, pixels.astype(np.uint8))
    _channels_first(tensorflow, place, small)
