"""A linear head on fixed features, fitted by a solver instead of by gradient steps.

Its epochs are strengths of regularization, from strong to weak; the validation images say which one is the best.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from tlstudio.core import events
from tlstudio.core.control import Control
from tlstudio.core.plan import Schedule
from tlstudio.core.schedules import LearningRate
from tlstudio.engine.linear_head import Fit, fit_linear_head, regularization_path
from tlstudio.engine.runtime import keras
from tlstudio.engine.sources import Examples
from tlstudio.engine.stage import Minder, Recipe, Stage
from tlstudio.engine.steps import Steps


class Solver(Stage):
    """``model``: from features to class probabilities, its last layer, ``head``, is the one to fit."""

    def __init__(
        self,
        recipe: Recipe,
        steps: Steps,
        train: Examples,
        validation: Examples,
        variables: list[Any],
        model: Any,
        head: Any,
    ) -> None:
        strengths = len(regularization_path())
        whole = Recipe(
            name=recipe.name,
            epochs=strengths,
            batch_size=recipe.batch_size,
            patience=strengths,  # a worse strength says nothing of the next one
            monitor=recipe.monitor,
            seed=recipe.seed,
            class_weights=recipe.class_weights,
        )
        rate = LearningRate(0.0, 0.0, Schedule(), 1, strengths)
        super().__init__(whole, steps, lambda _rate: None, rate, train, validation, variables)
        self._model, self._head = model, head
        self._fits: list[Fit] = []
        self._coming: Any = None

    def _update(
        self, epoch: int, control: Control, emit: events.Emit, minder: Minder, seconds: Callable[[], float]
    ) -> None:
        """Put the fit of the next strength into the head.

        A fit starts where the one before it ended, so a run that is resumed fits the former ones again.
        """
        if self._coming is None:
            self._coming = self._fit(control)
        while len(self._fits) <= self._state.epochs:
            control.checkpoint()
            self._fits.append(next(self._coming))
        fit = self._fits[self._state.epochs]
        self._head.set_weights([fit.kernel, fit.bias])
        loss, accuracy = self.score(self.train, control, emit)
        count = len(self.train.labels)
        self._change(loss_sum=loss * count, correct_sum=accuracy * count, seconds=seconds())

    def _fit(self, control: Control) -> Any:
        count = len(self.train.labels)
        kinds = keras.layers.InputLayer
        below = [
            x for x in self._model.layers if x is not self._head and not isinstance(x, kinds)
        ]  # heads are chains
        features = np.empty((count, int(self._head.kernel.shape[0])), np.float32)
        for start in range(0, count, self.recipe.batch_size):
            control.checkpoint()
            places = np.arange(start, min(start + self.recipe.batch_size, count))
            values = self.train.source.batch(places, 1)
            for layer in below:
                values = layer(values, training=False)
            features[places] = keras.ops.convert_to_numpy(values)
        return fit_linear_head(
            features,
            self.train.labels,
            int(self._head.units),
            class_weights=self.recipe.class_weights,
            seed=self.recipe.seed,
            checkpoint=control.checkpoint,
        )
