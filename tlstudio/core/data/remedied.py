"""Which problems of a dataset the edits of a plan have done away with."""

from collections.abc import Callable
from typing import Any

from tlstudio.core.data.problem import ImageEntry, Problem
from tlstudio.core.data.scan import Dataset
from tlstudio.core.plan import TrainingPlan


def remedied(plan: TrainingPlan, dataset: Dataset) -> Callable[[Problem], bool]:
    """A function that tells of a problem whether nothing of it is left.

    ``dataset``: after the plan's edits (``remedies.with_edits``). What can't be remedied by a plan never is.
    """
    entries = {entry.path: entry for entry in dataset.entries}
    labels = {entry.label for entry in dataset.entries}

    def is_remedied(problem: Problem) -> bool:
        rest = [entries[path] for path in (problem.path, *problem.related) if path in entries]
        match problem.code.removeprefix("near-"):
            case "duplicate":
                return len(rest) < 2
            case "label-conflict":
                return len(rest) < 2 or _agree(rest, lambda entry: entry.label)
            case "leak":
                return len(rest) < 2 or _agree(rest, lambda entry: entry.part)
            case "blank" | "blurred" | "odd-aspect":
                return not rest
            case "few-images":
                return problem.path not in labels
            case "imbalance":
                return plan.class_weights or problem.path not in labels
        return False

    return is_remedied


def _agree(entries: list[ImageEntry], fact: Callable[[ImageEntry], Any]) -> bool:
    return len({fact(entry) for entry in entries}) == 1
