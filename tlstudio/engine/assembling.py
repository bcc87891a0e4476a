"""A stage put together from a plan and a network: what trains, what it is fed, and how."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlstudio.core import events
from tlstudio.core.cache import cache_folder
from tlstudio.core.control import Control
from tlstudio.core.data.augmentation import of
from tlstudio.core.data.preprocess import Mode
from tlstudio.core.errors import TLStudioError
from tlstudio.core.head import STANDARDIZE_ON
from tlstudio.core.notices import notice
from tlstudio.core.plan import Schedule, TrainingPlan
from tlstudio.core.schedules import LearningRate
from tlstudio.core.stages import MAIN_STAGE, StagePlan
from tlstudio.engine.distributed import replicas_of_this_process
from tlstudio.engine.features import FrozenPart, inference
from tlstudio.engine.images import Images
from tlstudio.engine.network import Network
from tlstudio.engine.optimizers import Updater
from tlstudio.engine.runtime import tf
from tlstudio.engine.scoring import as_shares
from tlstudio.engine.sources import (
    BATCH,
    ComputedImages,
    Examples,
    KeptFeatures,
    RandomChanges,
    Source,
    batches,
)
from tlstudio.engine.stage import Recipe, Stage
from tlstudio.engine.steps import Steps

OnProgress = Callable[[int, int], None]
MeasureDrift = Callable[[], dict[str, float]]


@dataclass(frozen=True)
class Fed:
    """``model``: the part that trains. ``cached_layers``: those whose outputs are kept."""

    model: Any
    train: Source
    validation: Source
    cached_layers: int


class Assembler:
    """Makes stages of one run. What is frozen is split off and computed by an engine made for inference; its outputs
    are kept wherever the same ones come again. ``mode``: the scaling of pixels, set once it is known."""

    def __init__(
        self,
        plan: TrainingPlan,
        network: Network,
        train: Images,
        validation: Images,
        control: Control,
        emit: events.Emit,
        on_progress: OnProgress,
    ) -> None:
        self.plan, self.network = plan, network
        self.mode: Mode = "raw"
        self.train, self.validation = train, validation
        self._control, self._emit, self._on_progress = control, emit, on_progress
        amounts = of(plan.augment, plan.augmentation)
        self._changes = None if amounts.is_plain else RandomChanges(amounts, plan.seed)
        self._part: FrozenPart | None = None
        self._replicas = replicas_of_this_process()

    def feed(self) -> Fed:
        """What trains now, as the network's layers are set, and what it is fed. Raises ``Stopped``, ``disk_full``."""
        network, rank = self.network, len(self.network.model.input.shape)
        boundary = network.boundary()
        views = self.plan.views
        if boundary is None:
            self._part = None  # all of it trains, and what was computed with the old weights is of no use any more
            return Fed(
                network.model,
                ComputedImages(self.train, self.mode, rank, None, self._changes, views),
                ComputedImages(self.validation, self.mode, rank),
                0,
            )
        part = self.part_up_to(boundary)
        count = len(network.layers_up_to(boundary))
        train, kept = self._train_source(part, rank), None
        if isinstance(train, KeptFeatures) or self._changes is not None:
            kept = part.keep(self.validation, self.mode, self._control, self._on_progress)
        validation: Source = ComputedImages(self.validation, self.mode, rank, part.compute)
        if kept is not None:
            validation = KeptFeatures([kept])
        return Fed(part.rest, train, validation, count if isinstance(train, KeptFeatures) else 0)

    def probabilities(self, images: Images, on_progress: OnProgress) -> np.ndarray:
        """Class probabilities, float32 (n, classes), by the network as it is now, whose frozen part is as it was.

        Raises ``Stopped``, ``disk_full``.
        """
        part, kept = self._part, None
        rank = len(self.network.model.input.shape)
        if part is not None:
            kept = part.keep(images, self.mode, self._control, on_progress)
        compute = None if part is None else part.compute
        source: Source = ComputedImages(images, self.mode, rank, compute)
        if kept is not None:
            source = KeptFeatures([kept])
        model = self.network.model if part is None else part.rest
        run, found, done = inference(model), [], 0
        with closing(batches(source, np.arange(len(images)), BATCH, 1)) as coming:
            for values in coming:
                self._control.checkpoint()
                found.append(run(tf.constant(values)).numpy().reshape(len(values), -1))
                done += len(values)
                on_progress(done, len(images))
        return as_shares(np.concatenate(found))

    def standardize(self) -> None:
        """Measure the features that a standardizing head is given, before anything is trained.

        Raises ``Stopped``, ``disk_full``.
        """
        network, train = self.network, self.train
        if network.standardizer is None:
            return
        some = np.sort(np.random.default_rng(self.plan.seed).permutation(len(train))[:STANDARDIZE_ON])
        sample = train if len(some) == len(train) else train.subset(some)
        features = self.part_up_to(network.calls[-1]).keep(sample, self.mode, self._control, self._on_progress)
        if features is None:
            raise TLStudioError("disk_full", path=cache_folder())
        network.standardize(np.asarray(features[np.arange(len(sample))]))

    def part_up_to(self, boundary: int) -> FrozenPart:
        """The same one as long as the boundary is: each holds the weights once more."""
        if self._part is None or self._part.boundary != boundary:
            self._part = None
            self._part = FrozenPart(self.network, boundary, self._emit)
        return self._part

    def _train_source(self, part: FrozenPart, rank: int) -> Source:
        computed = ComputedImages(self.train, self.mode, rank, part.compute, self._changes, self.plan.views)
        if self._changes is None:
            wanted: list[int | None] = [None]
        elif self.plan.views:
            wanted = list(range(self.plan.views))
        else:
            return computed
        kept = []
        for view in wanted:
            changes = self._changes if view is not None else None
            rows = part.keep(self.train, self.mode, self._control, self._on_progress, changes, view or 0)
            if rows is None:
                self._emit(notice("features_not_kept"))
                return computed
            kept.append(rows)
        return KeptFeatures(kept)

    def stage(self, wanted: StagePlan, epochs: int, fed: Fed, drift: MeasureDrift) -> tuple[Stage, list[Any]]:
        """The stage, and the variables of its optimizer."""
        plan, network = self.plan, self.network
        is_main = wanted.name == MAIN_STAGE
        trainable = list(fed.model.trainable_variables)
        with self._replicas.scope():
            updater = Updater(plan.optimizer, trainable, self._factors(trainable))
        classes = int(network.model.output.shape[-1])
        steps = Steps(fed.model, trainable, updater, classes, plan.label_smoothing, self._replicas)
        weights = class_weights(self.train.labels, classes) if plan.class_weights else None
        recipe = Recipe(
            name=wanted.name,
            epochs=epochs,
            batch_size=plan.batch_size,
            patience=wanted.patience,
            monitor=plan.monitor,
            seed=plan.seed,
            is_balanced=plan.balanced,
            class_weights=weights,
            keeps_last=is_main and plan.keeps_last,
            tunes=is_main and any(path not in wanted.frozen for path in network.weighted_layers),
        )
        examples = Examples(fed.train, self.train.labels), Examples(fed.validation, self.validation.labels)
        variables = network.changeable
        if plan.solver == "logistic":
            from tlstudio.engine.solving import Solver  # scikit-learn takes a second to load

            head = network.head[-1]
            return Solver(recipe, steps, *examples, variables, fed.model, head), []
        rate = LearningRate(
            wanted.learning_rate,
            plan.optimizer.decay,
            plan.schedule if is_main else Schedule(),
            -(-len(self.train) // plan.batch_size),
            epochs,
        )
        stage = Stage(recipe, steps, updater.set_rate, rate, *examples, variables, drift, plan.accumulate)
        return stage, updater.variables

    def _factors(self, variables: list[Any]) -> list[float]:
        """On the learning rate, beside the variables; the head's is always 1."""
        own = {
            id(variable): self.plan.layer_rates.get(path, 1.0)
            for path, layer in self.network.layers.items()
            for variable in layer.trainable_variables
        }
        return [own.get(id(variable), 1.0) for variable in variables]


def class_weights(labels: np.ndarray, classes: int) -> np.ndarray:
    """Weights inverse to how often a class occurs, 1 on average (King and Zeng 2001): float32 (classes,)."""
    counts = np.bincount(labels, minlength=classes).astype(np.float32)
    return len(labels) / (classes * np.maximum(counts, 1))
