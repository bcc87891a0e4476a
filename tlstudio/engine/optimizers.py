"""Keras' optimizers as a plan wants them: one for each factor on the learning rate, moved together.

A factor on the gradients would do nothing under Adam and its kin, which normalize them; so layers that learn at a
rate of their own get an optimizer of their own.
"""

from collections.abc import Sequence
from typing import Any

from tlstudio.core.plan import Optimizer
from tlstudio.engine.runtime import keras


def make_optimizer(plan: Optimizer) -> Any:
    """Keras' optimizer for a plan, at its peak rate. Its schedule and time decay are the stage's (Keras 3 ignores
    ``decay=``)."""
    options: dict[str, Any] = {"learning_rate": float(plan.learning_rate)}
    if plan.weight_decay is not None:
        options["weight_decay"] = plan.weight_decay or None
    if plan.name == "sgd":
        return keras.optimizers.SGD(momentum=plan.momentum, nesterov=plan.nesterov, **options)
    if plan.name == "rmsprop":
        return keras.optimizers.RMSprop(momentum=plan.momentum, **options)
    if plan.name == "adamw" and plan.weight_decay == 0:
        options["weight_decay"] = 0.0  # None is refused there
    return {"adam": keras.optimizers.Adam, "adamw": keras.optimizers.AdamW}[plan.name](**options)


class Updater:
    """Updates variables at their own rates: ``factors`` on the rate beside ``variables``; 0 leaves one as it is."""

    def __init__(self, plan: Optimizer, variables: Sequence[Any], factors: Sequence[float]) -> None:
        self._groups: list[tuple[float, Any, list[int]]] = []
        for factor in sorted(set(factors)):
            places = [place for place, own in enumerate(factors) if own == factor]
            if factor > 0:
                optimizer = make_optimizer(plan)
                optimizer.build([variables[place] for place in places])
                self._groups.append((factor, optimizer, places))
        self._variables = list(variables)
        self._rate: float | None = None

    def set_rate(self, rate: float) -> None:
        """The rate of what comes, before each variable's own factor. Not from within a compiled function."""
        if rate == self._rate:
            return
        for factor, optimizer, _places in self._groups:
            optimizer.learning_rate = rate * factor
        self._rate = rate

    def apply(self, gradients: Sequence[Any]) -> None:
        """Gradients beside the variables; within a compiled function or without."""
        for _factor, optimizer, places in self._groups:
            optimizer.apply([gradients[place] for place in places], [self._variables[place] for place in places])

    @property
    def variables(self) -> list[Any]:
        """All that the next update depends on: counts, rates, moments."""
        return [variable for _factor, optimizer, _places in self._groups for variable in optimizer.variables]
