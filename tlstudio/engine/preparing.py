"""What stands before the first stage: the images split and decoded, the network built, and what both are held to."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import to_builtins

from tlstudio.core import events
from tlstudio.core.advice.history import read_history
from tlstudio.core.control import Control
from tlstudio.core.data.remedies import with_edits
from tlstudio.core.data.scan import Dataset, scan_folder
from tlstudio.core.data.split import Split, require_trainable, split_dataset
from tlstudio.core.errors import TLStudioError
from tlstudio.core.files import sha256_of, write_atomically
from tlstudio.core.forecast import Forecast, forecast, require_fit
from tlstudio.core.machine import free_memory, own_memory
from tlstudio.core.model.inspection import require_classifier
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.safely import read_model
from tlstudio.core.notices import notice
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.run_folder import write_environment
from tlstudio.core.speed import Counts
from tlstudio.core.strategy import check_plan
from tlstudio.engine import devices
from tlstudio.engine.assembling import Assembler
from tlstudio.engine.distributed import replicas_of_this_process
from tlstudio.engine.images import Images, load_images
from tlstudio.engine.network import Network, make_network
from tlstudio.engine.runtime import keras, start_fresh, versions
from tlstudio.engine.scaling_trial import Trial, find_scaling
from tlstudio.engine.speed import network_speed


@dataclass(frozen=True)
class Data:
    """A dataset as a run sees it. ``images`` are all that train or validate."""

    dataset: Dataset
    split: Split
    train: Images
    validation: Images
    size: tuple[int, int, int]


class Preparation:
    """Makes what a plan names ready, step by step. ``skipped`` counts images that could not be used."""

    def __init__(self, plan: TrainingPlan, control: Control, emit: events.Emit) -> None:
        self.plan, self.control, self._emit = plan, control, emit
        self.skipped = 0
        self.forecast: Forecast | None = None  # as counted, uncorrected

    def read(self) -> ModelFile:
        file = read_model(Path(self.plan.model), self.plan.opening)
        require_classifier(file)
        return file

    def scan(self, file: ModelFile) -> tuple[Dataset, Split]:
        """The dataset with the plan's edits, split; and the plan checked against both."""
        dataset, split = self.scan_only()
        check_plan(file, self.plan, len(dataset.classes))
        return dataset, split

    def scan_only(self) -> tuple[Dataset, Split]:
        """The dataset with the plan's edits, split, for whatever is to be done with it."""
        plan = self.plan
        self.tell("images")
        dataset = scan_folder(Path(plan.dataset), self.control, self.telling("images"), plan.layout)
        dataset = with_edits(dataset, plan.edits)
        split = split_dataset(dataset, plan.validation_split, plan.seed, plan.group_by)
        require_trainable(dataset, split)
        for problem in dataset.problems:
            if not problem.is_remark:
                self.skipped += problem.code not in {"empty-class"}
                self._emit(events.ImageSkipped(path=problem.path, code=problem.code, message=problem.message))
        return dataset, split

    def foresee(self, file: ModelFile, split: Split) -> None:
        """Say what the run will take, and refuse what can't fit: beyond its memory a process is killed, not told.

        Raises ``will_not_fit``, ``memory_short``.
        """
        counts = Counts(
            train=len(split.train),
            validation=len(split.validation),
            test=len(split.test),
            classes=len(split.classes),
        )
        free = free_memory() + own_memory()
        history = read_history()
        require_fit(file, self.plan, counts, free, history.memory_factor(self.plan.strategy))
        self.forecast = expected = forecast(file, self.plan, counts, network_speed(file))
        # Seconds are the most that it takes; what history tells of them includes runs that stopped early.
        peak = history.corrected_peak(self.plan.strategy, expected.peak_bytes)
        self._emit(events.Forecast(seconds=expected.seconds, peak_bytes=peak, free_bytes=free))

    def load(self, dataset: Dataset, split: Split, size: tuple[int, int, int]) -> Data:
        images = self.load_rows(dataset, split.train + split.validation, size)
        return Data(dataset, split, _part(images, split.train), _part(images, split.validation), size)

    def load_rows(self, dataset: Dataset, rows: list[tuple[str, int]], size: tuple[int, int, int]) -> Images:
        def count_and_emit(event: events.Event) -> None:
            self.skipped += isinstance(event, events.ImageSkipped)
            self._emit(event)

        plan = self.plan
        root, tell = Path(dataset.root), self.telling("images")
        return load_images(root, rows, size, plan.fit, plan.images, self.control, count_and_emit, tell)

    def build(self, file: ModelFile, classes: int) -> Network:
        self.tell("network")
        start_fresh(self.plan.seed)
        if self.plan.precision == "mixed":
            if devices.gains_from_half_precision():
                keras.config.set_dtype_policy("mixed_bfloat16")
            else:
                self._emit(notice("precision_kept"))
        with replicas_of_this_process().scope():
            return make_network(file, self.plan, classes)

    def find_scaling(self, assembler: Assembler) -> Trial:
        if self.plan.preprocess != "auto":
            return Trial(self.plan.preprocess, "chosen")
        network, train = assembler.network, assembler.train

        def features(x: np.ndarray) -> np.ndarray:
            return assembler.part_up_to(network.calls[-1]).compute(x)  # the one that will compute them all

        own = features if self.plan.cut is not None else None
        trial = find_scaling(network, train.pixels, train.labels, self.plan.seed, self.control, own)
        trial.tell(self._emit)
        return trial

    def tell(self, phase: str, done: int = 0, total: int = 0) -> None:
        self._emit(events.Preparing(phase=phase, done=done, total=total))

    def telling(self, phase: str) -> Callable[[int, int], None]:
        return lambda done, total: self.tell(phase, done, total)


def write_papers(folder: Path, plan: TrainingPlan, file: ModelFile, data: Data, scaling: Trial) -> None:
    """``environment.json``: what has a say in the numbers of a run; a resumed one is held to it."""
    height, width, channels = data.size
    hashes = {str(path): sha256_of(path) for path in file.files}
    write_environment(
        folder,
        {
            "versions": versions(),
            "seed": plan.seed,
            "model": {"path": str(file.path), "sha256": hashes[str(file.files[0])], "files": hashes},
            "dataset": {
                "path": data.dataset.root,
                "fingerprint": data.dataset.fingerprint,
                "split": data.dataset.split,
            },
            "images": {
                "width": width,
                "height": height,
                "channels": channels,
                "fit": plan.fit,
                "options": to_builtins(plan.images),
                "preprocess": scaling.mode,
                "preprocess_source": scaling.source,
                "preprocess_evidence": [asdict(evidence) for evidence in scaling.evidence],
            },
            "classes": data.split.classes,
        },
    )


def write_split(folder: Path, split: Split) -> None:
    """``labels.txt`` and ``split.json``."""
    write_atomically(folder / "labels.txt", "\n".join(split.classes) + "\n")
    write_atomically(folder / "split.json", json.dumps(_named(split), indent=1, ensure_ascii=False) + "\n")


def require_same_inputs(folder: Path, file: ModelFile, dataset: Dataset, split: Split, emit: events.Emit) -> Trial:
    """Hold model, images and split to those that a run began with; returns the scaling that it found then.

    Raises ``run_inputs_changed``, ``run_without_state``.
    """
    try:
        papers: dict[str, Any] = json.loads((folder / "environment.json").read_text(encoding="utf-8"))
        named = json.loads((folder / "split.json").read_text(encoding="utf-8"))
        images, model = papers["images"], papers["model"]
        trial = Trial(images["preprocess"], images["preprocess_source"])
        then, fingerprint, hashes = papers["versions"], papers["dataset"]["fingerprint"], model["files"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TLStudioError("run_without_state", path=folder) from error
    if sorted(hashes.values()) != sorted(sha256_of(path) for path in file.files):
        raise TLStudioError("run_inputs_changed", path=folder, what=str(file.path))
    if fingerprint != dataset.fingerprint or named != _named(split):
        raise TLStudioError("run_inputs_changed", path=folder, what=dataset.root)
    now = versions()
    other = [f"{name} {then.get(name)}" for name in now if then.get(name) != now[name]]
    if other:
        emit(notice("other_versions", versions=", ".join(other)))
    return trial


def _named(split: Split) -> dict[str, dict[str, str]]:
    parts = {"train": split.train, "validation": split.validation, "test": split.test}
    return {part: {path: split.classes[label] for path, label in rows} for part, rows in parts.items()}


def _part(images: Images, rows: list[tuple[str, int]]) -> Images:
    """Those of the images that ``rows`` names, in the order of ``images``."""
    wanted = {path for path, _label in rows}
    return images.subset(np.array([i for i, path in enumerate(images.paths) if path in wanted], np.int64))


class Stopwatch:
    """Seconds of a job, without its pauses; ``before``: what it took until it was interrupted."""

    def __init__(self, control: Control, before: float = 0.0) -> None:
        self._control, self.before = control, before
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        return self.before + time.monotonic() - self._began - self._control.seconds_paused
