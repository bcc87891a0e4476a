"""One update shared by several devices, or by several machines: each takes a part of the batch, and the result is
that of one device with the whole batch.

What holds of Keras 3.15 under TensorFlow's strategies, measured and read (``keras/src/backend/tensorflow``):

* An optimizer sums the gradients of all replicas by itself where ``apply`` is called within ``strategy.run``. So each
  replica's loss is divided by the whole batch's weight, penalties are divided by the number of replicas, and nobody
  else sums gradients.
* It goes by the strategy under which it was made: networks and optimizers are made within ``scope()``.
* Its variables must be there before the first trace (``optimizer.build``), or tracing fails with "You must feed a
  value for placeholder" (keras-team/keras, issue 23085).
* BatchNormalization that trains counts each replica's own part of the batch; its statistics are averaged.
"""

import contextlib
import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tlstudio.engine.devices import let_memory_grow, make_strategy
from tlstudio.engine.runtime import tf

Function = Callable[..., Any]


class Replicas:
    """``strategy``: of ``devices.make_strategy``; None: one device, on which everything runs as it would without.

    ``count``: on all machines together.
    """

    def __init__(self, strategy: Any | None = None) -> None:
        self.strategy = strategy
        self.count: int = 1 if strategy is None else strategy.num_replicas_in_sync

    def scope(self) -> contextlib.AbstractContextManager[Any]:
        """Within it the network and its optimizer are made."""
        return contextlib.nullcontext() if self.strategy is None else self.strategy.scope()

    def compiled(self, function: Function, signature: Sequence[Any]) -> Function:
        """``function``, compiled, which each replica runs on its part of the batch.

        ``signature``: the ``tf.TensorSpec`` of each argument. ``function`` gives sums: one tensor or a tuple of them,
        which are added up over the replicas; or nothing. The compiled one takes what ``split`` gives.
        """
        if self.strategy is None:
            return tf.function(function, autograph=False, input_signature=list(signature))
        strategy = self.strategy

        # Parts of a batch differ in size, and a signature can't speak of replicas.
        @tf.function(autograph=False, reduce_retracing=True)
        def run(*arguments: Any) -> Any:
            results = strategy.run(function, args=arguments)
            if results is None:
                return None
            return tf.nest.map_structure(
                lambda value: strategy.reduce(tf.distribute.ReduceOp.SUM, value, axis=None), results
            )

        return run

    def split(
        self, x: np.ndarray, labels: np.ndarray, weights: np.ndarray, *scalars: np.generic | float
    ) -> tuple[Any, ...]:
        """A batch and numbers that belong to all of it, as the arguments of a compiled function.

        A replica for which no image is left gets the first one with weight 0, since networks can't be given an empty
        batch; functions count only what has a weight.
        """
        if self.strategy is None:
            return tuple(tf.constant(value) for value in (x, labels, weights, *scalars))
        parts = [self._part(x, labels, weights, place) for place in range(self.count)]
        arrays = tuple(self._by_replica([part[place] for part in parts]) for place in range(3))
        return (*arrays, *(tf.constant(value) for value in scalars))

    def _part(
        self, x: np.ndarray, labels: np.ndarray, weights: np.ndarray, place: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rows = np.array_split(np.arange(len(x)), self.count)[place]
        if len(rows):
            own = slice(int(rows[0]), int(rows[-1]) + 1)
            return x[own], labels[own], weights[own]
        return x[:1], labels[:1], np.zeros_like(weights[:1])

    def _by_replica(self, values: list[np.ndarray]) -> Any:
        assert self.strategy is not None
        return self.strategy.experimental_distribute_values_from_function(
            lambda context: tf.constant(values[context.replica_id_in_sync_group])
        )

    @property
    def share(self) -> float:
        """Of what every replica adds alike, such as penalties on weights."""
        return 1.0 / self.count

    def local_sum_variable(self, like: Any) -> Any:
        """A variable, zero at first, in which each replica adds up something of its own, such as the gradients of the
        parts of a batch. Within a compiled function a replica reads its own; ``apply`` then sums over replicas."""
        with self.scope():
            return tf.Variable(
                tf.zeros(like.shape, like.dtype),
                trainable=False,
                synchronization=tf.VariableSynchronization.ON_READ,
                aggregation=tf.VariableAggregation.SUM,
            )


@functools.cache
def replicas_of_this_process() -> Replicas:
    """All that this process trains on. Asked for before TensorFlow's first computation: it has one strategy for good.

    Raises ``option_invalid`` for a ``TF_CONFIG`` that makes no sense.
    """
    let_memory_grow()
    return Replicas(make_strategy())
