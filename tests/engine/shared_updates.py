"""A few updates of a real network, alone or shared: ``python -m tests.engine.shared_updates MODEL OUT [DEVICES]``.

Under ``TF_CONFIG`` it is one of several machines; ``DEVICES`` makes so many of one processor. Weights, losses and
hits go to OUT as npz.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from tlstudio.core.model.reading import open_model
from tlstudio.core.plan import Optimizer
from tlstudio.core.strategy import make_plan
from tlstudio.engine.devices import make_strategy
from tlstudio.engine.distributed import Replicas
from tlstudio.engine.network import make_network
from tlstudio.engine.optimizers import Updater
from tlstudio.engine.runtime import keras, start_fresh, tf

SIZES = (16, 7, 1)  # of batches: even, uneven, and fewer images than replicas
PENALTY = 1e-2


def main(model: str, out: str, devices: str = "1") -> None:
    if devices != "1":
        processor = tf.config.list_physical_devices("CPU")[0]
        parts = [tf.config.LogicalDeviceConfiguration() for _ in range(int(devices))]
        tf.config.set_logical_device_configuration(processor, parts)
        replicas = Replicas(tf.distribute.MirroredStrategy([f"CPU:{place}" for place in range(int(devices))]))
    else:
        replicas = Replicas(make_strategy())
    file = open_model(Path(model))
    found: dict[str, np.ndarray] = {}
    sgd = Optimizer(name="sgd", learning_rate=0.05, momentum=0.9, nesterov=True)
    adamw = Optimizer(name="adamw", learning_rate=1e-3, weight_decay=1e-2)
    for name, optimizer, pieces in (("sgd", sgd, 1), ("adamw", adamw, 1), ("parts", sgd, 3)):
        weights, sums = train(file, optimizer, replicas, pieces)
        found |= {f"{name}/weight/{place}": values for place, values in enumerate(weights)}
        found[f"{name}/sums"] = np.array(sums)
    np.savez(out, allow_pickle=False, replicas=np.array(replicas.count), **found)


def train(
    file: Any, plan: Optimizer, replicas: Replicas, pieces: int
) -> tuple[list[np.ndarray], list[tuple[float, float]]]:
    """``pieces``: in how many parts a batch goes through the network."""
    start_fresh(0)
    with replicas.scope():
        network = make_network(file, make_plan(file, "", "init"), 4)
        network.set_trainable(set())
        network.head[-1].kernel.regularizer = keras.regularizers.L2(PENALTY)
        variables = list(network.model.trainable_variables)
        updater = Updater(plan, variables, [1.0 if place % 2 else 0.5 for place in range(len(variables))])
    model = network.model

    kept = [replicas.local_sum_variable(variable.value) for variable in variables]

    def add_part(x: Any, labels: Any, weights: Any, total: Any, share: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            probabilities = model(x, training=True)
            losses = keras.losses.categorical_crossentropy(tf.one_hot(labels, 4), probabilities)
            loss = tf.reduce_sum(losses * weights) / total
            aim = loss + share * tf.add_n(model.losses)
        for sums, gradient in zip(kept, tape.gradient(aim, [v.value for v in variables]), strict=True):
            sums.assign_add(gradient)
        hits = tf.equal(tf.argmax(probabilities, axis=-1, output_type=tf.int32), labels)
        return loss, tf.reduce_sum(tf.cast(tf.logical_and(hits, weights > 0), tf.float32))

    def finish() -> Any:
        updater.apply([sums.read_value() for sums in kept])
        for sums in kept:
            sums.assign(tf.zeros_like(sums.read_value()))
        return tf.constant(0.0)

    number = tf.TensorSpec([], tf.float32)
    images = tf.TensorSpec([None, *model.input.shape[1:]], tf.float32)
    signature = [images, tf.TensorSpec([None], tf.int32), tf.TensorSpec([None], tf.float32), number, number]
    step, end = replicas.compiled(add_part, signature), replicas.compiled(finish, [])
    random = np.random.default_rng(0)
    sums = []
    for size in SIZES:
        x = random.random((size, *model.input.shape[1:]), dtype=np.float32)
        labels = random.integers(0, 4, size).astype(np.int32)
        weights = random.uniform(0.5, 2.0, size).astype(np.float32)
        updater.set_rate(plan.learning_rate / len(sums) if sums else plan.learning_rate)
        total, loss, hits = np.float32(weights.sum()), 0.0, 0.0
        parts = np.array_split(np.arange(size), min(pieces, size))
        for rows in parts:
            share = np.float32(replicas.share / len(parts))
            lost, right = step(*replicas.split(x[rows], labels[rows], weights[rows], total, share))
            loss, hits = loss + float(lost), hits + float(right)
        end()
        sums.append((loss, hits))
    return [np.asarray(weight) for weight in model.get_weights()], sums


if __name__ == "__main__":
    main(*sys.argv[1:])
