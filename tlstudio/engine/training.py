"""The training job: from a plan to the best model on the disk and its test score, in one go or in several."""

import json
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from tlstudio.core import events
from tlstudio.core.advice.history import record_run
from tlstudio.core.control import Control, Stopped
from tlstudio.core.data.split import Split
from tlstudio.core.errors import TLStudioError
from tlstudio.core.machine import free_memory, in_words
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.notices import notice
from tlstudio.core.peak import PeakMemory
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.requests import Train
from tlstudio.core.run_folder import best_on_disk
from tlstudio.core.stages import MAIN_STAGE, StagePlan, stages_of
from tlstudio.core.strategy import is_rate_too_large
from tlstudio.core.watch import Watch
from tlstudio.engine.assembling import Assembler
from tlstudio.engine.checkpoints import Arrays, Checkpointer
from tlstudio.engine.drift import Drift
from tlstudio.engine.network import Network, image_size
from tlstudio.engine.preparing import (
    Data,
    Preparation,
    Stopwatch,
    require_same_inputs,
    write_papers,
    write_split,
)
from tlstudio.engine.run_state import RunFacts, digest_of, gather, key_or_none, scatter, taken
from tlstudio.engine.saved_model import load_classifier
from tlstudio.engine.scoring import Scorer, score
from tlstudio.engine.stage import LossNotFinite, Minder, Progress, Stage, judged, latest

SECONDS_BETWEEN_STATES = 300.0  # at most, also within an epoch
SECONDS_HEEDLESS = 60.0  # of a shortage, after a person has said to go on
SLOWER = 0.1  # times the learning rate, once the loss was no number


def train(request: Train, control: Control, emit: events.Emit) -> None:
    """Run a plan, or go on with a run. The last event is ``RunFinished``.

    Raises:
        TLStudioError: whatever is wrong with model, dataset or plan; ``training_diverged``, ``frozen_changed``,
            ``disk_full``, ``out_of_memory``; of a run that goes on, ``run_inputs_changed`` and
            ``run_without_state``.
    """
    _Run(request, control, emit).run()


class _Run(Minder):
    def __init__(self, request: Train, control: Control, emit: events.Emit) -> None:
        self.plan: TrainingPlan = request.plan
        self.folder = Path(request.run)
        self.control, self.emit = control, emit
        self.clock = Stopwatch(control)
        self.preparation = Preparation(self.plan, control, emit)
        self.checkpoints = Checkpointer(self.folder, self.plan.checkpoint_format, emit)
        self.watch, self.peak = Watch(self.folder), PeakMemory()
        self.waits, self.short_of, self.short_since, self.heedless_until = request.waits, "", 0.0, 0.0
        self.is_resuming = request.resume
        self.progress = Progress()
        self.resumed, self.went_back = 0, False
        self.frozen_unchanged: bool | None = None
        self.kept_best: events.BestEpoch | None = None  # what the best model on the disk is of
        self.cached_layers = self.trainable_parameters = 0
        self.network: Network | None = None
        self.stage: Stage | None = None
        self.stage_number, self.images_key = 0, ""
        self.optimizer: list[Any] = []
        self.going_on: tuple[RunFacts, Arrays] | None = None

    def run(self) -> None:
        plan, preparation = self.plan, self.preparation
        file = preparation.read()
        try:
            dataset, split = preparation.scan(file)
            kept = self._read_state() if self.is_resuming else None
            if kept is not None:
                self._take_facts(kept[0])
                scaling = require_same_inputs(self.folder, file, dataset, split, self.emit)
            else:
                write_split(self.folder, split)
            stages = self._begin(file, split)
            preparation.foresee(file, split)
            data = preparation.load(dataset, split, image_size(file))
            self.images_key = data.train.key
            network = preparation.build(file, len(split.classes))
            self.network = network
            assembler = Assembler(
                plan, network, data.train, data.validation, self.control, self.emit, preparation.telling("features")
            )
            if kept is None:
                scaling = preparation.find_scaling(assembler)
                write_papers(self.folder, plan, file, data, scaling)
            assembler.mode = scaling.mode
            if kept is None:
                assembler.standardize()
        except Stopped:
            self._finish("user", None)
            return
        hashes = network.hashes(set(plan.frozen))
        drift = Drift(network)
        if kept is not None:
            self._take(*kept)
        self.going_on, kept = kept, None
        stopped = "epochs"
        try:
            for number in range(self.stage_number, len(stages)):
                self.stage_number = number
                self._run_stage(assembler, network, stages[number], drift)
            if self.stage is not None and self.stage.state.stopped_early:
                stopped = "early-stopping"
        except Stopped:
            stopped = "user"
            self.emit(events.Stopping())
            self._write_last_state()
        self._prove_frozen(network, hashes)
        self._keep_best(network)
        test = self._test(assembler, data) if stopped != "user" else None
        self._finish(stopped, test)

    # -- before -----------------------------------------------------------------------------------------

    def _begin(self, file: ModelFile, split: Split) -> list[StagePlan]:
        plan = self.plan
        stages = stages_of(file, plan)
        if is_rate_too_large(plan):
            self.emit(notice("rate_too_large", rate=plan.optimizer.learning_rate))
        self.emit(
            events.RunStarted(
                run=str(self.folder),
                strategy=plan.strategy,
                classes=split.classes,
                train_images=len(split.train),
                validation_images=len(split.validation),
                test_images=len(split.test),
                stages=[stage.name for stage in stages],
                epochs=plan.epochs,
                patience=plan.patience,
                batch_size=plan.batch_size,
            )
        )
        return stages

    def _read_state(self) -> tuple[RunFacts, Arrays]:
        kept = self.checkpoints.read_state()
        if kept is None:
            raise TLStudioError("run_without_state", path=self.folder)
        try:
            return RunFacts.read(kept[0]), kept[1]
        except msgspec.ValidationError as error:
            raise TLStudioError("run_without_state", path=self.folder) from error

    def _take_facts(self, facts: RunFacts) -> None:
        """What a run knows of itself before anything is built again."""
        self.progress.epoch, self.progress.last_loss = facts.epoch, facts.last_loss
        self.progress.best = facts.best
        self.progress.best_key = facts.best_key or Progress.best_key
        self.stage_number, self.went_back = facts.stage, facts.went_back
        self.resumed, self.clock.before = facts.resumed + 1, facts.seconds
        # What lies on the disk may be the best of an epoch behind this state: it is reached again, and not undone.
        self.kept_best = best_on_disk(self.folder, self.checkpoints.best_path)
        if self.kept_best is not None:
            self.checkpoints.written["best"] = self.kept_best.epoch

    def _take(self, facts: RunFacts, arrays: Arrays) -> None:
        """Put a state back into the run; the stage's own part follows when there is a stage.

        Raises ``run_inputs_changed``.
        """
        if facts.images != self.images_key:
            raise TLStudioError("run_inputs_changed", path=self.folder, what=self.plan.dataset)
        if facts.plan != digest_of(self.plan):
            raise TLStudioError("run_inputs_changed", path=self.folder, what="plan.json")
        self._take_place(facts, arrays)
        self.progress.best_weights = taken(arrays, "best")

    def _take_place(self, facts: RunFacts, arrays: Arrays) -> None:
        """Weights, and how far the run is; what was best so far is another matter."""
        assert self.network is not None
        scatter(arrays, "model", self.network.changeable)
        self.network.put_back()
        self.progress.epoch, self.progress.last_loss = facts.epoch, facts.last_loss

    # -- training ---------------------------------------------------------------------------------------

    def _run_stage(
        self,
        assembler: Assembler,
        network: Network,
        wanted: StagePlan,
        drift: Drift,
    ) -> None:
        self.stage = None  # what the last one was is no state to go on from any more
        self.preparation.tell("network")
        before = self.progress.epoch - (self.going_on[0].state.epochs if self.going_on else 0)
        epochs = min(wanted.epochs, self.plan.epochs - before)
        trainable = network.set_trainable(set(wanted.frozen) & set(network.layers))
        self.trainable_parameters = network.trainable_parameters()
        fed = assembler.feed()
        self.cached_layers = fed.cached_layers
        self.emit(
            events.StageStarted(
                stage=wanted.name,
                index=self.stage_number,
                epochs=epochs,
                learning_rate=wanted.learning_rate,
                trainable=trainable,
                trainable_parameters=self.trainable_parameters,
                cached_layers=self.cached_layers,
            )
        )
        self.stage, self.optimizer = assembler.stage(wanted, epochs, fed, drift)
        if self.going_on is not None:
            self._put_back(self.stage, *self.going_on)
            self.going_on = None  # its arrays are not needed any more
        else:
            self._write_state()  # there is something to go back to, or on from, at any time
        self._run_to_its_end(self.stage)
        self._restore_best(network)  # the next stage, and the run's result, start from it
        self._write_best()

    def _put_back(self, stage: Stage, facts: RunFacts, arrays: Arrays) -> None:
        scatter(arrays, "optimizer", self.optimizer)
        stage.go_on_from(facts.state)
        stage.parts = max(facts.parts, self.plan.accumulate)
        self.emit(events.Resumed(epoch=facts.epoch, step=facts.state.step, stage=stage.recipe.name))

    def _run_to_its_end(self, stage: Stage) -> None:
        while True:
            try:
                stage.run(self.progress, self.control, self.emit, self)
                return
            except LossNotFinite as error:
                epoch = self.progress.epoch + 1
                kept = None if self.went_back else self.checkpoints.read_state()
                if kept is None or RunFacts.read(kept[0]).stage != self.stage_number:
                    raise TLStudioError("training_diverged", epoch=epoch, rate=f"{stage.rate.at(0):g}") from error
                self._go_back(stage, RunFacts.read(kept[0]), kept[1], epoch)

    def _go_back(self, stage: Stage, facts: RunFacts, arrays: Arrays, epoch: int) -> None:
        self.went_back = True
        self._take_place(facts, arrays)
        scatter(arrays, "optimizer", self.optimizer)
        stage.go_on_from(facts.state)
        stage.rate.slow_down(SLOWER)
        self.emit(notice("went_back", epoch=epoch))
        self.emit(events.Resumed(epoch=facts.epoch, step=facts.state.step, stage=stage.recipe.name))
        self._write_state()

    def _restore_best(self, network: Network) -> None:
        if self.progress.best is not None:
            for variable, values in zip(network.changeable, self.progress.best_weights, strict=True):
                variable.assign(values)

    # -- between two batches ----------------------------------------------------------------------------

    def shortage(self) -> events.Noticed | None:
        found = self.watch.shortage()
        if found is None or time.monotonic() < self.heedless_until:
            return None
        self.short_of, self.short_since = found.code, time.monotonic()
        return found

    def is_over(self) -> bool:
        """Whether memory and disk are there again. Raises ``disk_full`` or ``memory_ended`` where nobody waits."""
        if self.watch.is_over():
            return True
        if self.waits is not None and time.monotonic() - self.short_since > self.waits:
            if self.short_of == "disk_low":
                raise TLStudioError("disk_full", path=self.folder)
            raise TLStudioError("memory_ended", free=in_words(free_memory()))
        return False

    def went_on(self) -> None:
        self.heedless_until = time.monotonic() + SECONDS_HEEDLESS

    def keep(self, why: str) -> None:
        if why == "best" and self.checkpoints.is_due("best"):
            self._write_best()
        if (
            why == "pause"
            or self.checkpoints.seconds_since("last") >= SECONDS_BETWEEN_STATES
            or (why != "batch" and self.checkpoints.is_due("last"))
        ):
            self._write_state()

    def _write_best(self) -> bool:
        """Bring the file up to the best epoch, whose weights the network holds just now; says whether it is."""
        best, kept = self.progress.best, self.kept_best
        if best is None or best == kept or self.network is None:
            return True
        if kept is not None and self._key_of(kept) > self.progress.best_key:
            return True  # epochs are trained again, and what is on the disk is the best of a later one
        if not self.checkpoints.write_best(self.network.to_save(), best.epoch):
            return False
        self.kept_best = best
        return True

    def _key_of(self, best: events.BestEpoch) -> tuple[float, float]:
        """Larger is better, as a stage judges it."""
        if self.plan.keeps_last and best.stage == MAIN_STAGE:
            return latest(best.epoch)
        if best.val_loss is None or best.val_accuracy is None:
            return Progress.best_key
        return judged(self.plan.monitor, best.val_loss, best.val_accuracy)

    @property
    def best(self) -> events.BestEpoch | None:
        """What the best model on the disk is of, or will be."""
        kept, reached = self.kept_best, self.progress.best
        return kept if kept is not None and self._key_of(kept) > self.progress.best_key else reached

    def _write_state(self) -> None:
        """Keep all that the run needs to go on from here. Raises ``LossNotFinite`` rather than keeping nonsense."""
        stage, network = self.stage, self.network
        if stage is None or network is None:
            return
        stage.flush(self.emit, self.progress.epoch + 1)
        arrays = gather(network.changeable, self.optimizer, self.progress)
        if not all(np.isfinite(values).all() for name, values in arrays.items() if name.startswith("model/")):
            raise LossNotFinite
        facts = RunFacts(
            stage=self.stage_number,
            state=stage.state,
            epoch=self.progress.epoch,
            best=self.progress.best,
            best_key=key_or_none(self.progress.best_key),
            last_loss=self.progress.last_loss,
            images=self.images_key,
            plan=digest_of(self.plan),
            went_back=self.went_back,
            parts=stage.parts,
            resumed=self.resumed,
            seconds=self.clock.seconds,
        )
        self.checkpoints.write_state(facts.plain(), arrays, self.progress.epoch)

    def _write_last_state(self) -> None:
        """Of a run that is stopped."""
        try:
            self._write_state()
        except LossNotFinite:
            self.emit(notice("state_not_kept"))

    # -- after ------------------------------------------------------------------------------------------

    def _prove_frozen(self, network: Network, before: dict[str, str]) -> None:
        after = network.hashes(set(before))
        changed = [path for path in before if before[path] != after[path]]
        if changed:
            raise TLStudioError("frozen_changed", layers=", ".join(changed))
        self.frozen_unchanged = True

    def _keep_best(self, network: Network) -> None:
        if self.progress.best is None:
            return
        self._restore_best(network)
        if not self._write_best():
            self.checkpoints.raise_failure()

    def _test(self, assembler: Assembler, data: Data) -> events.TestScore | None:
        """Score the best model on images that no choice was based on."""
        split = data.split
        if not split.test:
            return None
        self.preparation.tell("test", 0, len(split.test))
        try:
            images = self.preparation.load_rows(data.dataset, split.test, data.size)
            if not len(images):  # each of them was named as skipped
                return None
            tell = self.preparation.telling("test")
            if self.best == self.progress.best:
                probabilities = assembler.probabilities(images, tell)
            else:  # the run went another way than before it was cut off, and the file is the better one
                model = load_classifier(self.folder).model
                probabilities = Scorer(model, assembler.mode).probabilities(images.pixels, self.control, tell)
        except Stopped:
            return None
        result = score(images.labels, probabilities, split.classes, str(self.folder))
        self.emit(result)
        return events.TestScore(accuracy=result.accuracy, images=result.images)

    def _finish(self, stopped: str, test: events.TestScore | None) -> None:
        if stopped in {"epochs", "early-stopping"} and self.preparation.forecast is not None and not self.resumed:
            peak, before = self.peak.bytes, self.peak.before
            seconds = self.clock.seconds if self.progress.epoch == self.plan.epochs else None
            record_run(self.plan.strategy, self.preparation.forecast, seconds, peak, before)
        written = self.checkpoints.written
        has_state = "last" in written or self.resumed
        self.emit(
            events.RunFinished(
                run=str(self.folder),
                strategy=self.plan.strategy,
                epochs=self.progress.epoch,
                seconds=self.clock.seconds,
                stopped=stopped,
                best=self.best,
                test=test,
                checkpoints=events.Checkpoints(
                    best=str(self.checkpoints.best_path) if "best" in written else None,
                    last=str(self.checkpoints.last_folder) if has_state else None,
                ),
                frozen_unchanged=self.frozen_unchanged,
                trainable_parameters=self.trainable_parameters,
                cached_layers=self.cached_layers,
                preprocessing=self._preprocessing(),
                skipped=self.preparation.skipped,
                resumed=self.resumed,
                peak_bytes=self.peak.bytes,
            )
        )

    def _preprocessing(self) -> str:
        path = self.folder / "environment.json"
        return str(json.loads(path.read_text(encoding="utf-8"))["images"]["preprocess"]) if path.exists() else ""
