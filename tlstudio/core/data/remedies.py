"""What can be done about a dataset's problems: written in the plan, never on the disk, and undone like any edit."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from tlstudio.core.data.options import DatasetEdits
from tlstudio.core.data.problem import ImageEntry, Problem
from tlstudio.core.plan import TrainingPlan

if TYPE_CHECKING:
    from tlstudio.core.data.scan import Dataset  # a type alone: the window has remedies at hand before any image

# By the code of a problem, the remedies that make sense; the first is the usual one.
REMEDIES: dict[str, tuple[str, ...]] = {
    "duplicate": ("leave-out-copies",),
    "near-duplicate": ("leave-out-copies",),
    "label-conflict": ("leave-out-all", "relabel"),
    "near-label-conflict": ("leave-out-all", "relabel"),
    "leak": ("move-to-training", "leave-out-copies"),
    "near-leak": ("move-to-training", "leave-out-copies"),
    "blank": ("leave-out-all",),
    "blurred": ("leave-out-all",),
    "odd-aspect": ("leave-out-all",),
    "few-images": ("leave-out-class",),
    "imbalance": ("class-weights",),
}


def with_edits(dataset: "Dataset", edits: DatasetEdits) -> "Dataset":
    """The dataset as the plan wants it. Images that are not there any more are passed over."""
    if edits == DatasetEdits():
        return dataset
    left_out, changed = set(edits.leave_out), edits.relabel.keys() | edits.move.keys()
    entries = [
        entry if entry.path not in changed else _changed(entry, edits)
        for entry in dataset.entries
        if entry.path not in left_out
    ]
    labels = {entry.label for entry in entries}
    known = [label for label in dataset.classes if label in labels]
    return msgspec.structs.replace(dataset, entries=entries, classes=known + sorted(labels - set(known)))


def _changed(entry: ImageEntry, edits: DatasetEdits) -> ImageEntry:
    label, part = edits.relabel.get(entry.path, entry.label), edits.move.get(entry.path, entry.part)
    return msgspec.structs.replace(entry, label=label, part=part)


def with_remedy(
    plan: TrainingPlan, dataset: "Dataset", problems: Iterable[Problem], remedy: str = "", label: str = ""
) -> TrainingPlan:
    """The plan with problems remedied, each by ``remedy`` or, if that is empty, by its usual one.

    ``label``: the class that ``relabel`` gives. Problems that the remedy is not for are left alone.
    """
    by_path = {entry.path: entry for entry in dataset.entries}
    leave_out, relabel, move = list(plan.edits.leave_out), dict(plan.edits.relabel), dict(plan.edits.move)
    class_weights = plan.class_weights
    for problem in problems:
        fitting = REMEDIES.get(problem.code, ())
        kind = remedy or (fitting[0] if fitting else "")
        if kind not in fitting:
            continue
        group = [path for path in (problem.path, *problem.related) if path in by_path]
        match kind:
            case "leave-out-copies":
                leave_out += _all_but_one(group, by_path)
            case "leave-out-all":
                leave_out += group
            case "leave-out-class":
                leave_out += [entry.path for entry in dataset.entries if entry.label == problem.path]
            case "relabel":
                relabel |= dict.fromkeys(group, label)
            case "move-to-training":
                move |= dict.fromkeys(group, "train")
            case "class-weights":
                class_weights = True
    edits = DatasetEdits(leave_out=tuple(dict.fromkeys(leave_out)), relabel=relabel, move=move)
    return msgspec.structs.replace(plan, edits=edits, class_weights=class_weights)


def _all_but_one(group: list[str], by_path: dict[str, ImageEntry]) -> list[str]:
    """The copies to leave out: a test image is kept before a training one, so that what is tested stays unseen."""
    order = {"test": 0, "validation": 1}
    ranked = sorted(group, key=lambda path: (order.get(by_path[path].part or "", 2), path))
    return ranked[1:]
