"""Edits of single images, and which problems a plan has done away with: data in, data out."""

import msgspec

from tlstudio.core.data import editing
from tlstudio.core.data.options import DatasetEdits
from tlstudio.core.data.problem import ImageEntry, Problem
from tlstudio.core.data.remedied import remedied
from tlstudio.core.data.remedies import REMEDIES, with_edits, with_remedy
from tlstudio.core.data.scan import Dataset
from tlstudio.core.plan import TrainingPlan

ENTRIES = [
    ImageEntry("train/a/1.png", "a", "train"),
    ImageEntry("train/a/2.png", "a", "train"),
    ImageEntry("train/b/1.png", "b", "train"),
    ImageEntry("test/a/1.png", "a", "test"),
    ImageEntry("test/b/1.png", "b", "test"),
]
PROBLEMS = [
    Problem(code="duplicate", path="train/a/1.png", message="", related=["train/a/2.png"]),
    Problem(code="near-label-conflict", path="train/a/1.png", message="", related=["train/b/1.png"]),
    Problem(code="leak", path="test/a/1.png", message="", related=["train/a/1.png"]),
    Problem(code="blank", path="test/b/1.png", message=""),
    Problem(code="few-images", path="b", message=""),
    Problem(code="imbalance", path="b", message="", related=["a"]),
]
DATASET = Dataset(
    root="/", classes=["a", "b"], entries=ENTRIES, problems=PROBLEMS, images=5, split="folders", fingerprint=""
)


def test_that_every_remedy_remedies_the_problem_it_is_offered_for() -> None:
    for problem in PROBLEMS:
        assert not remedied(TrainingPlan(), DATASET)(problem)
        for remedy in REMEDIES[problem.code]:
            plan = with_remedy(TrainingPlan(), DATASET, [problem], remedy, "b")
            assert remedied(plan, with_edits(DATASET, plan.edits))(problem), (problem.code, remedy)


def test_that_one_remedy_says_nothing_of_other_problems() -> None:
    plan = with_remedy(TrainingPlan(), DATASET, [PROBLEMS[3]])
    is_remedied = remedied(plan, with_edits(DATASET, plan.edits))
    assert [problem.code for problem in PROBLEMS if is_remedied(problem)] == ["blank"]


def test_that_what_a_plan_cannot_remedy_never_is() -> None:
    plan = TrainingPlan(edits=DatasetEdits(leave_out=tuple(entry.path for entry in ENTRIES[:3])))
    shortcut = Problem(code="shortcut-size", path="", message="")
    assert not remedied(plan, with_edits(DATASET, plan.edits))(shortcut)


def test_that_images_are_left_out_once_and_taken_back() -> None:
    edits = editing.leave_out(editing.leave_out(DatasetEdits(), ["x", "y"]), ["y", "z"])
    assert edits.leave_out == ("x", "y", "z")
    assert editing.take_back(edits, ["y"]).leave_out == ("x", "z")
    assert editing.take_back(edits, ["x", "y", "z"]) == DatasetEdits()


def test_that_an_image_given_its_own_class_again_has_no_edit() -> None:
    own = {entry.path: entry.label for entry in ENTRIES}
    edits = editing.relabel(DatasetEdits(), ["train/a/1.png", "train/b/1.png"], "b", own)
    assert edits.relabel == {"train/a/1.png": "b"}
    assert editing.relabel(edits, ["train/a/1.png"], "a", own) == DatasetEdits()
    moved = msgspec.structs.replace(edits, move={"train/a/1.png": "test"})
    assert editing.relabel(moved, ["train/a/1.png"], "a", own).move == {"train/a/1.png": "test"}
