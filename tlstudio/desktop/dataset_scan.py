"""What the dataset panel shows of an image folder, gathered off the window's thread."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtGui import QImage

from tlstudio.core.data.decode import ImageProblem, load_for_model
from tlstudio.core.data.names import path_of
from tlstudio.core.data.scan import Dataset, scan_folder
from tlstudio.core.data.split import Split, split_dataset
from tlstudio.core.plan import TrainingPlan
from tlstudio.desktop.background import Task

THUMBNAIL = 48  # pixels
THUMBNAILS_PER_CLASS = 3


@dataclass(frozen=True)
class Scan:
    """``thumbnails`` by class name: a strip of a few images side by side."""

    dataset: Dataset
    split: Split
    thumbnails: dict[str, QImage]


def scan(path: Path, plan: TrainingPlan, task: Task) -> Scan:
    """Raises ``TLStudioError`` and ``Stopped`` as ``scan_folder`` does."""
    dataset = scan_folder(path, task.control, task.progressed.emit, plan.layout)
    split = split_dataset(dataset, plan.validation_split, plan.seed, plan.group_by)
    return Scan(dataset, split, _thumbnails(dataset, task))


def _thumbnails(dataset: Dataset, task: Task) -> dict[str, QImage]:
    first: dict[str, list[str]] = {}
    for entry in dataset.entries:
        paths = first.setdefault(entry.label, [])
        if len(paths) < THUMBNAILS_PER_CLASS:
            paths.append(entry.path)
    strips = {}
    for label, paths in first.items():
        task.control.checkpoint()
        tiles = []
        for path in paths:
            try:
                tiles.append(load_for_model(path_of(Path(dataset.root), path), THUMBNAIL, THUMBNAIL, 3, "crop"))
            except ImageProblem:
                continue  # it was readable a moment ago; a missing thumbnail is no harm
        if tiles:
            strips[label] = _as_image(np.concatenate(tiles, axis=1))
    return strips


def _as_image(pixels: np.ndarray) -> QImage:
    height, width, _ = pixels.shape
    pixels = np.ascontiguousarray(pixels)
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
