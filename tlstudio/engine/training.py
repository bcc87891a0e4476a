"""The training job: from a plan to the best model on the disk and its test score."""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from msgspec import to_builtins

from tlstudio.core import events
from tlstudio.core.cache import cache_folder
from tlstudio.core.control import Control, Stopped
from tlstudio.core.data.preprocess import Mode
from tlstudio.core.data.remedies import with_edits
from tlstudio.core.data.scan import Dataset, scan_folder
from tlstudio.core.data.split import Split, require_trainable, split_dataset
from tlstudio.core.errors import TLStudioError
from tlstudio.core.files import sha256_of, write_atomically
from tlstudio.core.model.inspection import require_classifier
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.safely import read_model
from tlstudio.core.notices import notice
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.requests import Train
from tlstudio.core.run_folder import write_environment
from tlstudio.core.strategy import check_plan, is_rate_too_large
from tlstudio.engine.augment import make_augmentation
from tlstudio.engine.checkpoints import Checkpointer
from tlstudio.engine.features import PlainImages, keep_features
from tlstudio.engine.images import Images, load_images
from tlstudio.engine.network import Network, image_size, make_network
from tlstudio.engine.runtime import start_fresh, versions
from tlstudio.engine.scaling_trial import Trial, find_scaling
from tlstudio.engine.scoring import Scorer, score
from tlstudio.engine.stage import Examples, Progress, Source, Stage, make_optimizer

STANDARDIZE_ON = 2000  # images; the error of a mean is then a fiftieth of a deviation


@dataclass(frozen=True)
class StagePlan:
    """One stage: what of the base is frozen in it, at which rate, for how long."""

    name: str
    frozen: frozenset[str]
    learning_rate: float
    epochs: int
    patience: int


def train(request: Train, control: Control, emit: events.Emit) -> None:
    """Run a plan. The last event is ``RunFinished``.

    Raises:
        TLStudioError: whatever is wrong with model, dataset or plan; ``training_diverged``,
            ``frozen_changed``, ``disk_full``, ``out_of_memory``.
    """
    _Run(request, control, emit).run()


class _Run:
    def __init__(self, request: Train, control: Control, emit: events.Emit) -> None:
        self.plan: TrainingPlan = request.plan
        self.folder = Path(request.run)
        self.control, self.emit = control, emit
        self.began = time.monotonic()
        self.progress = Progress()
        self.checkpoints = Checkpointer(self.folder, self.plan.checkpoint_format, emit)
        self.cached_layers = 0
        self.trainable_parameters = 0
        self.skipped = 0
        self.stage: Stage | None = None

    def run(self) -> None:
        plan = self.plan
        file = read_model(Path(plan.model), plan.opening)
        require_classifier(file)
        size = image_size(file)
        stopped = "epochs"
        try:
            self._preparing("images")
            dataset = scan_folder(
                Path(plan.dataset),
                self.control,
                lambda done, total: self._preparing("images", done, total),
                plan.layout,
            )
            dataset = with_edits(dataset, plan.edits)
            split = split_dataset(dataset, plan.validation_split, plan.seed, plan.group_by)
            require_trainable(dataset, split)
            check_plan(file, plan, len(dataset.classes))
            stages = self._stages(file)
            self._start(dataset, split, stages)
            images = self._load(dataset, split.train + split.validation, size)
            train_images, validation_images = _part(images, split.train), _part(images, split.validation)
            self._preparing("network")
            start_fresh(plan.seed)
            network = make_network(file, plan, len(split.classes))
            scaling = self._scaling(network, train_images)
            mode = scaling.mode
            self._standardize(network, train_images, mode)
            self._write_environment(file, dataset, split, scaling)
        except Stopped:
            self._finish("user", None)
            return
        hashes = network.hashes(set(plan.frozen))
        try:
            for index, stage_plan in enumerate(stages):
                self._run_stage(network, stage_plan, index, images, train_images, validation_images, mode)
            if self.stage is not None and self.stage.stopped_early:
                stopped = "early-stopping"
        except Stopped:
            stopped = "user"
            self.emit(events.Stopping())
        self._prove_frozen(network, hashes)
        self._keep_best(network)
        test = self._test(network, dataset, split, size, mode) if stopped != "user" else None
        self._finish(stopped, test)

    # -- before -----------------------------------------------------------------------------------------

    def _stages(self, file: ModelFile) -> list[StagePlan]:
        plan = self.plan
        frozen = frozenset(plan.frozen)
        main = StagePlan("layers", frozen, plan.optimizer.learning_rate, plan.epochs, plan.patience)
        below = {path for path in file.graph.layers if file.weights.get(path)}
        if plan.head_first is None or plan.head.kind == "keep":
            return [main]
        first = plan.head_first
        epochs = min(first.epochs, plan.epochs // 2)
        if not epochs:
            return [main]
        return [StagePlan("head", frozenset(below), first.learning_rate, epochs, first.patience), main]

    def _start(self, dataset: Dataset, split: Split, stages: list[StagePlan]) -> None:
        for problem in dataset.problems:
            if not problem.is_remark:
                self.skipped += problem.code not in {"empty-class"}
                self.emit(events.ImageSkipped(path=problem.path, code=problem.code, message=problem.message))
        if is_rate_too_large(self.plan):
            self.emit(notice("rate_too_large", rate=self.plan.optimizer.learning_rate))
        write_atomically(self.folder / "labels.txt", "\n".join(split.classes) + "\n")
        parts = {"train": split.train, "validation": split.validation, "test": split.test}
        named = {part: {path: split.classes[label] for path, label in rows} for part, rows in parts.items()}
        write_atomically(self.folder / "split.json", json.dumps(named, indent=1, ensure_ascii=False) + "\n")
        self.emit(
            events.RunStarted(
                run=str(self.folder),
                strategy=self.plan.strategy,
                classes=split.classes,
                train_images=len(split.train),
                validation_images=len(split.validation),
                test_images=len(split.test),
                stages=[stage.name for stage in stages],
                epochs=self.plan.epochs,
                patience=self.plan.patience,
                batch_size=self.plan.batch_size,
            )
        )

    def _load(self, dataset: Dataset, rows: list[tuple[str, int]], size: tuple[int, int, int]) -> Images:
        def count_and_emit(event: events.Event) -> None:
            self.skipped += isinstance(event, events.ImageSkipped)
            self.emit(event)

        return load_images(
            Path(dataset.root),
            rows,
            size,
            self.plan.fit,
            self.plan.images,
            self.control,
            count_and_emit,
            lambda done, total: self._preparing("images", done, total),
        )

    def _scaling(self, network: Network, train_images: Images) -> Trial:
        if self.plan.preprocess != "auto":
            return Trial(self.plan.preprocess, "chosen")
        trial = find_scaling(network, train_images.pixels, train_images.labels, self.plan.seed, self.control)
        trial.tell(self.emit)
        return trial

    def _standardize(self, network: Network, train_images: Images, mode: Mode) -> None:
        """Measure the features that a standardizing head is given, before anything is trained."""
        if network.standardizer is None:
            return
        top = network.calls[-1]
        prefix, _rest = network.split_at(top)
        some = np.sort(np.random.default_rng(self.plan.seed).permutation(len(train_images))[:STANDARDIZE_ON])
        sample = train_images if len(some) == len(train_images) else train_images.subset(some)
        features = keep_features(network, prefix, top, sample, mode, self.control, self._computing_features)
        if features is None:
            raise TLStudioError("disk_full", path=cache_folder())
        network.standardize(features.batch(np.arange(len(sample))))

    def _computing_features(self, done: int, total: int) -> None:
        self._preparing("features", done, total)

    def _write_environment(self, file: ModelFile, dataset: Dataset, split: Split, scaling: Trial) -> None:
        height, width, channels = image_size(file)
        hashes = {str(path): sha256_of(path) for path in file.files}
        write_environment(
            self.folder,
            {
                "versions": versions(),
                "seed": self.plan.seed,
                "model": {
                    "path": str(file.path),
                    "sha256": hashes[str(file.files[0])],
                    "files": hashes,
                },
                "dataset": {"path": dataset.root, "fingerprint": dataset.fingerprint, "split": dataset.split},
                "images": {
                    "width": width,
                    "height": height,
                    "channels": channels,
                    "fit": self.plan.fit,
                    "options": to_builtins(self.plan.images),
                    "preprocess": scaling.mode,
                    "preprocess_source": scaling.source,
                    "preprocess_evidence": [asdict(evidence) for evidence in scaling.evidence],
                },
                "classes": split.classes,
            },
        )

    # -- training ---------------------------------------------------------------------------------------

    def _run_stage(
        self, network: Network, plan: StagePlan, index: int, images: Images, train: Images, valid: Images, mode: Mode
    ) -> None:
        self._preparing("network")
        epochs = min(plan.epochs, self.plan.epochs - self.progress.epoch)
        frozen = plan.frozen & set(network.layers)
        trainable = network.set_trainable(set(frozen))
        self.trainable_parameters = network.trainable_parameters()
        model, train_source, valid_source, self.cached_layers = self._sources(network, images, train, valid, mode)
        self.emit(
            events.StageStarted(
                stage=plan.name,
                index=index,
                epochs=epochs,
                learning_rate=plan.learning_rate,
                trainable=trainable,
                trainable_parameters=self.trainable_parameters,
                cached_layers=self.cached_layers,
            )
        )
        stage = Stage(
            plan.name,
            model,
            make_optimizer(self.plan.optimizer, plan.learning_rate),
            Examples(train_source, train.labels),
            Examples(valid_source, valid.labels),
            classes=int(network.model.output.shape[-1]),
            class_weights=_class_weights(train.labels, int(network.model.output.shape[-1]))
            if self.plan.class_weights
            else None,
            batch_size=self.plan.batch_size,
            epochs=epochs,
            patience=plan.patience,
            monitor=self.plan.monitor,
            seed=self.plan.seed,
        )
        self.stage = stage

        def on_epoch(is_best: bool) -> None:
            if is_best and self.checkpoints.is_due("best"):
                self.checkpoints.write_best(network.model, self.progress.epoch)

        first_epoch = self.progress.epoch + 1
        try:
            stage.run(self.progress, self.control, self.emit, on_epoch)
        finally:
            # The next stage, and the run's result, start from the best weights that this one reached.
            if self.progress.best is not None and self.progress.best.epoch >= first_epoch:
                stage.restore(self.progress.best_weights)
        self._write_best(network)

    def _sources(
        self, network: Network, images: Images, train: Images, valid: Images, mode: Mode
    ) -> tuple[object, Source, Source, int]:
        """The part that trains, and what it is fed: kept features wherever something is frozen at the bottom."""
        rank = len(network.model.input.shape)
        boundary = network.boundary()
        if self.plan.augment != "none":
            change = make_augmentation(self.plan.augment, image_size(network.file), self.plan.seed)
            return network.model, PlainImages(train, mode, rank, change), PlainImages(valid, mode, rank), 0
        if boundary is not None and boundary != network.calls[0]:
            prefix, rest = network.split_at(boundary)
            parts = []
            for part in (train, valid):
                kept = keep_features(
                    network,
                    prefix,
                    boundary,
                    part,
                    mode,
                    self.control,
                    self._computing_features,
                )
                parts.append(kept)
            if parts[0] is not None and parts[1] is not None:
                return rest, parts[0], parts[1], len(network.layers_up_to(boundary))
            self.emit(notice("features_not_kept"))
        return network.model, PlainImages(train, mode, rank), PlainImages(valid, mode, rank), 0

    # -- after ------------------------------------------------------------------------------------------

    def _prove_frozen(self, network: Network, before: dict[str, str]) -> None:
        after = network.hashes(set(before))
        changed = [path for path in before if before[path] != after[path]]
        if changed:
            raise TLStudioError("frozen_changed", layers=", ".join(changed))

    def _write_best(self, network: Network) -> None:
        """Bring the file up to the best epoch, whose weights the network holds."""
        best = self.progress.best
        if best is not None and self.checkpoints.written.get("best") != best.epoch:
            self.checkpoints.write_best(network.model, best.epoch)

    def _keep_best(self, network: Network) -> None:
        best = self.progress.best
        if best is None:
            return
        self._write_best(network)
        self.checkpoints.require_best()
        facts = {
            "epoch": self.progress.epoch,
            "best": {"epoch": best.epoch, "val_accuracy": best.val_accuracy, "val_loss": best.val_loss},
        }
        arrays = {f"weight_{i}": v.numpy() for i, v in enumerate(network.model.variables)}
        self.checkpoints.write_last(facts, arrays, self.progress.epoch)

    def _test(
        self, network: Network, dataset: Dataset, split: Split, size: tuple[int, int, int], mode: Mode
    ) -> events.TestScore | None:
        """Score the best model on images that no choice was based on."""
        if not split.test:
            return None
        self._preparing("test", 0, len(split.test))
        try:
            images = self._load(dataset, split.test, size)
            if not len(images):  # each of them was named as skipped
                return None
            probabilities = Scorer(network.model, mode).probabilities(
                images.pixels, self.control, lambda done, total: self._preparing("test", done, total)
            )
        except Stopped:
            return None
        result = score(images.labels, probabilities, split.classes, str(self.folder))
        self.emit(result)
        return events.TestScore(accuracy=result.accuracy, images=result.images)

    def _finish(self, stopped: str, test: events.TestScore | None) -> None:
        written = self.checkpoints.written
        self.emit(
            events.RunFinished(
                run=str(self.folder),
                strategy=self.plan.strategy,
                epochs=self.progress.epoch,
                seconds=time.monotonic() - self.began - self.control.seconds_paused,
                stopped=stopped,
                best=self.progress.best,
                test=test,
                checkpoints=events.Checkpoints(
                    best=str(self.checkpoints.best_path) if "best" in written else None,
                    last=str(self.checkpoints.last_path.parent) if "last" in written else None,
                ),
                frozen_unchanged=True,
                trainable_parameters=self.trainable_parameters,
                cached_layers=self.cached_layers,
                preprocessing=self._preprocessing(),
                skipped=self.skipped,
            )
        )

    def _preprocessing(self) -> str:
        path = self.folder / "environment.json"
        return str(json.loads(path.read_text(encoding="utf-8"))["images"]["preprocess"]) if path.exists() else ""

    def _preparing(self, phase: str, done: int = 0, total: int = 0) -> None:
        self.emit(events.Preparing(phase=phase, done=done, total=total))


def _part(images: Images, rows: list[tuple[str, int]]) -> Images:
    """Those of the images that ``rows`` names, in the order of ``images``."""
    wanted = {path for path, _label in rows}
    return images.subset(np.array([i for i, path in enumerate(images.paths) if path in wanted], np.int64))


def _class_weights(labels: np.ndarray, classes: int) -> np.ndarray:
    """Weights inverse to how often a class occurs, 1 on average (King and Zeng 2001)."""
    counts = np.bincount(labels, minlength=classes).astype(np.float32)
    return len(labels) / (classes * np.maximum(counts, 1))
