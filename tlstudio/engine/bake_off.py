"""A bake-off: each of several ways is trained for an equal time, and judged on the same validation images.

Nothing is kept of it but what a run would find in the cache as well: decoded images and the outputs of frozen layers.
"""

import contextlib
import time
from collections.abc import Callable

from tlstudio.core import events
from tlstudio.core.advice.intervals import wilson
from tlstudio.core.control import Control, Stopped
from tlstudio.core.data.preprocess import Mode
from tlstudio.core.data.split import Split
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.requests import BakeOff
from tlstudio.core.stages import stages_of
from tlstudio.core.strategy import check_plan
from tlstudio.engine.assembling import Assembler
from tlstudio.engine.network import Network, image_size
from tlstudio.engine.preparing import Data, Preparation
from tlstudio.engine.runtime import tf
from tlstudio.engine.stage import LossNotFinite, Minder, Progress

SECONDS_BETWEEN_SIGNS = 0.25


class BudgetSpent(Stopped):
    """A way has had its time."""


class Budget(Control):
    """Stop and pause of the whole job, and a stop of its own after so many seconds, which pauses don't count to."""

    def __init__(self, outer: Control, seconds: float) -> None:
        super().__init__()
        self._outer, self._limit = outer, seconds
        self._began: float | None = None

    @property
    def is_stop_requested(self) -> bool:
        return self._outer.is_stop_requested

    @property
    def is_pause_requested(self) -> bool:
        return self._outer.is_pause_requested

    @property
    def seconds(self) -> float:
        """Since it began; 0 before and after."""
        return 0.0 if self._began is None else time.monotonic() - self._began - self.seconds_paused

    def begin(self) -> None:
        self._began, self.seconds_paused = time.monotonic(), 0.0

    def end(self) -> float:
        """Returns the seconds that were spent; what follows has no limit."""
        spent, self._began = self.seconds, None
        return spent

    def checkpoint(
        self, on_paused: Callable[[bool], None] | None = None, is_over: Callable[[], bool] | None = None
    ) -> None:
        """As that of the whole job. Raises ``BudgetSpent`` once the time is over."""
        before = self._outer.seconds_paused
        self._outer.checkpoint(on_paused, is_over)
        self.seconds_paused += self._outer.seconds_paused - before
        if self.seconds >= self._limit:
            raise BudgetSpent


def bake_off(request: BakeOff, control: Control, emit: events.Emit) -> None:
    """The job. The last event is ``BakedOff``; a way that fails is in it with the code of its error.

    A way's time is what a run of it takes once images are decoded and the network stands: outputs of frozen layers,
    updates, validation. Its score is that of the epoch that its plan would keep; where the time was too short
    for a whole one, that of the weights as they were at the end.

    Raises:
        TLStudioError: whatever is wrong with model or dataset.
    """
    if not request.plans:
        emit(events.BakedOff(ways=[]))
        return
    ways = _BakeOff(request, control, emit).run()
    ways.sort(key=lambda way: (bool(way.failed), -way.accuracy, way.seconds))
    emit(events.BakedOff(ways=ways))


class _BakeOff:
    def __init__(self, request: BakeOff, control: Control, emit: events.Emit) -> None:
        self._plans, self._limit = request.plans, request.seconds
        self._control, self._emit = control, emit
        self._mode: Mode | None = None  # found once: it is no part of any way
        self._place, self._told = 0, 0.0

    def run(self) -> list[events.WayTried]:
        first = Preparation(self._plans[0], self._control, self._emit)
        file = first.read()
        dataset, split = first.scan_only()
        data = first.load(dataset, split, image_size(file))
        if not len(data.train) or not len(data.validation):
            raise TLStudioError("no_usable_images", images=len(split.train + split.validation), path=dataset.root)
        ways = []
        for place, plan in enumerate(self._plans):
            self._place = place
            self._control.checkpoint()
            self._tell(0.0)
            ways.append(self._tried(plan, file, split, data))
        return ways

    def _tried(self, plan: TrainingPlan, file: ModelFile, split: Split, data: Data) -> events.WayTried:
        budget, progress, begun = Budget(self._control, self._limit), Progress(), set[str]()
        try:
            accuracy, spent = self._accuracy(plan, file, split, data, budget, progress, begun)
        except TLStudioError as error:
            return _failed(plan, error.code, progress, budget.end())
        except LossNotFinite:
            return _failed(plan, "training_diverged", progress, budget.end())
        except (MemoryError, tf.errors.ResourceExhaustedError):
            return _failed(plan, "out_of_memory", progress, budget.end())
        images = len(data.validation)
        low, high = wilson(accuracy * images, images)
        stages = stages_of(file, plan)
        return events.WayTried(
            strategy=plan.strategy,
            accuracy=accuracy,
            low=low,
            high=high,
            images=images,
            epochs=progress.epoch,
            seconds=spent,
            stages=len(stages),
            begun=sum(stage.name in begun for stage in stages),
        )

    def _accuracy(
        self,
        plan: TrainingPlan,
        file: ModelFile,
        split: Split,
        data: Data,
        budget: Budget,
        progress: Progress,
        begun: set[str],
    ) -> tuple[float, float]:
        """Of the epoch that is kept, on the validation images, 0 to 1; and the seconds that it took. ``begun`` gets
        the names of the stages that came to an epoch."""

        def quiet(event: events.Event) -> None:  # four runs at once would be told of as one
            self._tell(budget.seconds)

        def on_progress(_done: int, _total: int) -> None:
            self._tell(budget.seconds)

        preparation = Preparation(plan, self._control, quiet)
        check_plan(file, plan, len(split.classes))
        preparation.foresee(file, split)
        network = preparation.build(file, len(split.classes))
        assembler = Assembler(plan, network, data.train, data.validation, budget, quiet, on_progress)
        if self._mode is None:
            self._mode = preparation.find_scaling(assembler).mode
        assembler.mode = self._mode
        budget.begin()
        with contextlib.suppress(BudgetSpent):  # what was reached by then is what is asked for
            _train(plan, file, network, assembler, budget, quiet, progress, begun)
        spent = budget.end()
        if progress.best is not None and progress.best.val_accuracy is not None:
            return progress.best.val_accuracy, spent
        guessed = assembler.probabilities(data.validation, on_progress).argmax(1)
        return float((guessed == data.validation.labels).mean()), spent

    def _tell(self, seconds: float) -> None:
        now = time.monotonic()
        if seconds and now - self._told < SECONDS_BETWEEN_SIGNS:
            return
        self._told = now
        done = self._place * self._limit + min(seconds, self._limit)
        total = round(len(self._plans) * self._limit)
        self._emit(events.Preparing(phase="bake-off", done=min(round(done), total), total=total))


def _train(
    plan: TrainingPlan,
    file: ModelFile,
    network: Network,
    assembler: Assembler,
    budget: Budget,
    emit: events.Emit,
    progress: Progress,
    begun: set[str],
) -> None:
    """All stages, as a run has them, but for what a run keeps. Raises ``Stopped``, ``LossNotFinite``."""
    assembler.standardize()
    for wanted in stages_of(file, plan):
        network.set_trainable(set(wanted.frozen) & set(network.layers))
        epochs = min(wanted.epochs, plan.epochs - progress.epoch)
        stage, _variables = assembler.stage(wanted, epochs, assembler.feed(), dict)
        before = progress.epoch
        try:
            stage.run(progress, budget, emit, Minder())
        finally:
            if progress.epoch > before:
                begun.add(wanted.name)
        if progress.best is not None:  # the next stage starts from it
            for variable, values in zip(network.changeable, progress.best_weights, strict=True):
                variable.assign(values)


def _failed(plan: TrainingPlan, code: str, progress: Progress, seconds: float) -> events.WayTried:
    low, high = wilson(0, 0)
    return events.WayTried(
        strategy=plan.strategy,
        accuracy=0.0,
        low=low,
        high=high,
        images=0,
        epochs=progress.epoch,
        seconds=seconds,
        failed=code,
    )
