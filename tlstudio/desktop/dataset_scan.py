"""What the window shows of a dataset, gathered off the window's thread."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtGui import QImage

from tlstudio.core.data.decode import ImageProblem, load_for_model
from tlstudio.core.data.names import path_of
from tlstudio.core.data.options import ImageOptions
from tlstudio.core.data.problem import ImageEntry, Problem
from tlstudio.core.data.remedied import remedied
from tlstudio.core.data.remedies import with_edits
from tlstudio.core.data.scan import Dataset, OnNamed, scan_folder
from tlstudio.core.data.split import ClassCounts, Split, split_dataset
from tlstudio.core.plan import TrainingPlan
from tlstudio.desktop.as_image import as_image
from tlstudio.desktop.background import Task

THUMBNAIL = 48  # pixels
THUMBNAILS_PER_CLASS = 3


@dataclass(frozen=True)
class Division:
    """What a plan makes of a dataset: ``dataset`` after its edits and ``split``; what the window asks often of them,
    by image name: ``entries`` and ``parts`` (``train``, ``validation``, ``test``); ``counts`` of the classes;
    ``examples``: the names of a few images of each class; ``remedied``: the ``id`` of each problem that is none any
    more."""

    plan: TrainingPlan
    dataset: Dataset
    split: Split
    entries: dict[str, ImageEntry]
    parts: dict[str, str]
    counts: list[ClassCounts]
    examples: dict[str, list[str]]
    remedied: set[int]


@dataclass(frozen=True)
class Scan:
    """``raw``: what is on the disk; by name its ``entries``, and the ``problems`` that an image has a part in.
    ``thumbnails`` by class name: a strip of the ``examples``, a null one where none of them can be read.
    ``division``: by the plan that the scan was made by."""

    path: Path
    raw: Dataset
    entries: dict[str, ImageEntry]
    problems: dict[str, list[Problem]]
    division: Division
    thumbnails: dict[str, QImage]
    examples: dict[str, list[str]]


def scan(path: Path, plan: TrainingPlan, task: Task, on_named: OnNamed | None = None) -> Scan:
    """``path``: a folder or a table file. Raises ``TLStudioError`` and ``Stopped`` as ``scan_folder`` does."""
    raw = scan_folder(path, task.control, task.progressed.emit, plan.layout, on_named)
    division = divided(raw, plan)
    thumbnails = strips(raw.root, division.examples, plan.images, task)
    return scan_of(path, raw, division, thumbnails)


def scan_of(path: Path, raw: Dataset, division: Division, thumbnails: dict[str, QImage]) -> Scan:
    """``thumbnails``: of the examples of the division."""
    problems: dict[str, list[Problem]] = {}
    for problem in raw.problems:
        for name in {problem.path, *problem.related}:
            problems.setdefault(name, []).append(problem)
    return Scan(path, raw, _by_name(raw), problems, division, thumbnails, division.examples)


def divided(raw: Dataset, plan: TrainingPlan) -> Division:
    """A dataset as the plan wants it. Raises ``group_by_invalid``, ``group_by_slow``."""
    dataset = with_edits(raw, plan.edits)
    split = split_dataset(dataset, plan.validation_split, plan.seed, plan.group_by)
    named = (("train", split.train), ("validation", split.validation), ("test", split.test))
    return Division(
        plan=plan,
        dataset=dataset,
        split=split,
        entries=_by_name(dataset),
        parts={path: part for part, rows in named for path, _label in rows},
        counts=split.counts(),
        examples=examples_of(dataset),
        remedied=remedied_in(raw, dataset, plan),
    )


def remedied_in(raw: Dataset, dataset: Dataset, plan: TrainingPlan) -> set[int]:
    """The ``id`` of each problem of ``raw`` that the plan's edits, which gave ``dataset``, have done away with."""
    tells = remedied(plan, dataset)
    return {id(problem) for problem in raw.problems if tells(problem)}


def _by_name(dataset: Dataset) -> dict[str, ImageEntry]:
    return {entry.path: entry for entry in dataset.entries}


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
