"""What the window shows of a dataset, gathered off the window's thread."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PySide6.QtGui import QImage

from tlstudio.core.data.decode import ImageProblem, load_for_model
from tlstudio.core.data.names import path_of
from tlstudio.core.data.options import ImageOptions
from tlstudio.core.data.remedies import with_edits
from tlstudio.core.data.scan import Dataset, scan_folder
from tlstudio.core.data.split import Split, split_dataset
from tlstudio.core.plan import TrainingPlan
from tlstudio.desktop.as_image import as_image
from tlstudio.desktop.background import Task

THUMBNAIL = 48  # pixels
THUMBNAILS_PER_CLASS = 3


@dataclass(frozen=True)
class Scan:
    """``raw``: what is on the disk; ``dataset`` and ``split``: after the plan's edits. ``thumbnails`` by class name:
    a strip of a few images side by side, a null one where none can be read. ``examples``: the names of those images.
    ``plan``: what it was made by."""

    path: Path
    plan: TrainingPlan
    raw: Dataset
    dataset: Dataset
    split: Split
    thumbnails: dict[str, QImage]
    examples: dict[str, list[str]] = field(default_factory=dict)


def scan(path: Path, plan: TrainingPlan, task: Task) -> Scan:
    """``path``: a folder or a table file. Raises ``TLStudioError`` and ``Stopped`` as ``scan_folder`` does."""
    raw = scan_folder(path, task.control, task.progressed.emit, plan.layout)
    dataset, split = edited(raw, plan)
    examples = examples_of(dataset)
    return Scan(path, plan, raw, dataset, split, strips(raw.root, examples, plan.images, task), examples)


def edited(raw: Dataset, plan: TrainingPlan) -> tuple[Dataset, Split]:
    """A dataset as the plan wants it, and its split. Raises ``group_by_invalid``, ``group_by_slow``."""
    dataset = with_edits(raw, plan.edits)
    return dataset, split_dataset(dataset, plan.validation_split, plan.seed, plan.group_by)


def examples_of(dataset: Dataset) -> dict[str, list[str]]:
    """The names of the first few images of each class."""
    first: dict[str, list[str]] = {}
    for entry in dataset.entries:
        names = first.setdefault(entry.label, [])
        if len(names) < THUMBNAILS_PER_CLASS:
            names.append(entry.path)
    return first


def strips(root: str, examples: dict[str, list[str]], options: ImageOptions, task: Task) -> dict[str, QImage]:
    """The examples of each class side by side."""
    made = {}
    for label, names in examples.items():
        task.control.checkpoint()
        tiles = []
        for name in names:
            try:
                tiles.append(load_for_model(path_of(Path(root), name), THUMBNAIL, THUMBNAIL, 3, "crop", options))
            except ImageProblem:
                continue  # such as one that lacks the chosen page; a missing thumbnail is no harm
        made[label] = as_image(np.concatenate(tiles, axis=1)) if tiles else QImage()
    return made
