"""What can be done about problems: it is in the plan, and the folder stays as it is."""

import shutil
from pathlib import Path

import msgspec

from tests.core.test_findings import folder
from tlstudio.core.data.remedies import REMEDIES, with_edits, with_remedy
from tlstudio.core.data.scan import Dataset, scan_folder
from tlstudio.core.data.split import split_dataset
from tlstudio.core.documents import load_document, save_document
from tlstudio.core.plan import TrainingPlan


def spoiled(tmp_path: Path) -> Path:
    root = folder(tmp_path / "images", {"train/a": 0, "train/b": 100, "test/a": 200, "test/b": 300})
    shutil.copy(root / "train/a/00.png", root / "train/a/again.png")
    shutil.copy(root / "train/a/01.png", root / "train/b/wrong.png")
    shutil.copy(root / "test/b/02.png", root / "train/b/seen.png")
    return root


def remedied(found: Dataset, code: str, remedy: str = "", label: str = "") -> Dataset:
    problems = [problem for problem in found.problems if problem.code == code]
    assert problems
    return with_edits(found, with_remedy(TrainingPlan(), found, problems, remedy, label).edits)


def test_that_the_usual_remedy_of_each_problem_is_taken(tmp_path: Path) -> None:
    root = spoiled(tmp_path)
    before = {path: path.read_bytes() for path in root.rglob("*.png")}
    found = scan_folder(root)
    names = {entry.path for entry in found.entries}
    gone = {
        code: names - {e.path for e in remedied(found, code).entries}
        for code in ("duplicate", "label-conflict", "leak")
    }
    assert gone["duplicate"] == {"train/a/again.png"}
    assert gone["label-conflict"] == {"train/a/01.png", "train/b/wrong.png"}
    assert gone["leak"] == set()
    split = split_dataset(remedied(found, "leak"))
    assert "test/b/02.png" in {path for path, _ in [*split.train, *split.validation]}
    kept = {entry.path for entry in remedied(found, "leak", "leave-out-copies").entries}
    assert names - kept == {"train/b/seen.png"}, "what is tested stays"
    assert {path: path.read_bytes() for path in root.rglob("*.png")} == before


def test_that_a_conflict_can_be_settled_by_a_class(tmp_path: Path) -> None:
    found = scan_folder(spoiled(tmp_path))
    labels = {entry.path: entry.label for entry in remedied(found, "label-conflict", "relabel", "b").entries}
    assert labels["train/a/01.png"] == labels["train/b/wrong.png"] == "b"
    new = remedied(found, "label-conflict", "relabel", "unclear")
    assert new.classes == ["a", "b", "unclear"], "classes keep their order, so that indices stay"


def test_that_a_class_can_be_left_out_and_weights_be_given(tmp_path: Path) -> None:
    root = folder(tmp_path / "images", {"many": 0, "other": 200}, count=30)
    folder(root, {"few": 500}, count=3)
    found = scan_folder(root)
    assert remedied(found, "few-images").classes == ["many", "other"]
    problems = [problem for problem in found.problems if problem.code == "imbalance"]
    plan = with_remedy(TrainingPlan(), found, problems)
    assert plan.class_weights and plan.edits == TrainingPlan().edits


def test_that_a_remedy_is_only_taken_for_what_it_is_for(tmp_path: Path) -> None:
    found = scan_folder(spoiled(tmp_path))
    assert with_remedy(TrainingPlan(), found, found.problems, "class-weights") == TrainingPlan()
    assert all(REMEDIES.values())


def test_that_edits_are_kept_with_the_plan(tmp_path: Path) -> None:
    found = scan_folder(spoiled(tmp_path))
    plan = with_remedy(TrainingPlan(), found, found.problems)
    save_document(plan, tmp_path / "plan.json")
    assert load_document(TrainingPlan, tmp_path / "plan.json") == plan
    assert msgspec.to_builtins(plan)["edits"]["leave_out"]
