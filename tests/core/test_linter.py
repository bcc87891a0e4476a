"""What speaks against a plan, and that the mended plan is no longer spoken against."""

import msgspec
import pytest

from tlstudio.core.advice.linter import Finding, review
from tlstudio.core.data.problem import ImageEntry, Problem
from tlstudio.core.data.scan import Dataset
from tlstudio.core.data.split import split_dataset
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.safely import read_model
from tlstudio.core.plan import Head, TrainingPlan
from tlstudio.core.resources import resource_path
from tlstudio.core.strategy import CASES, make_plan


@pytest.fixture(scope="module")
def model() -> ModelFile:
    return read_model(resource_path("sample/model.hdf5"))


def dataset(each: int = 100, problems: tuple[Problem, ...] = ()) -> Dataset:
    entries = [
        ImageEntry(path=f"{label}/{place}.png", label=label, part=None) for label in "ab" for place in range(each)
    ]
    return Dataset(
        root="images",
        classes=["a", "b"],
        entries=entries,
        problems=list(problems),
        split="automatic",
        fingerprint="x",
        images=len(entries),
    )


def reviewed(model: ModelFile, plan: TrainingPlan, images: Dataset) -> list[Finding]:
    return review(model, plan, images, split_dataset(images, plan.validation_split, plan.seed))


def found(model: ModelFile, plan: TrainingPlan, images: Dataset) -> dict[str, Finding]:
    return {finding.code: finding for finding in reviewed(model, plan, images)}


@pytest.mark.parametrize("way", list(CASES.values()))
@pytest.mark.parametrize("each", [100, 1000])
def test_that_our_own_plans_draw_no_warning(model: ModelFile, way: str, each: int) -> None:
    plan = make_plan(model, "images", way, images=round(each * 2 * 0.7))
    assert not [x for x in reviewed(model, plan, dataset(each)) if x.severity == "warning"]


def _broken(model: ModelFile, code: str) -> tuple[TrainingPlan, Dataset]:
    tuned, fixed = make_plan(model, "images", "finetune"), make_plan(model, "images", "features")
    change = msgspec.structs.replace
    leak = Problem(code="leak", path="a/1.png", message="", related=["a/2.png"])
    conflict = Problem(code="label-conflict", path="a/1.png", message="", related=["b/2.png"])
    uneven = Problem(code="imbalance", path="a", message="")
    return {
        "lint_rate": (change(tuned, optimizer=change(tuned.optimizer, learning_rate=0.01)), dataset()),
        "lint_few_to_tune": (tuned, dataset(20)),
        "lint_head_first": (change(tuned, head_first=None), dataset()),
        "lint_head": (change(fixed, head=Head(hidden=(65536,))), dataset(10)),
        "lint_leak": (fixed, dataset(problems=(leak,))),
        "lint_conflict": (fixed, dataset(problems=(conflict,))),
        "lint_imbalance": (fixed, dataset(problems=(uneven,))),
        "lint_monitor": (change(fixed, monitor="accuracy"), dataset()),
        "lint_batch": (change(fixed, batch_size=512), dataset()),
        "lint_views": (change(fixed, augment="light"), dataset()),
    }[code]


@pytest.mark.parametrize(
    "code",
    [
        "lint_rate",
        "lint_few_to_tune",
        "lint_head_first",
        "lint_head",
        "lint_leak",
        "lint_conflict",
        "lint_imbalance",
        "lint_monitor",
        "lint_batch",
        "lint_views",
    ],
)
def test_that_what_is_wrong_is_found_and_its_mending_mends_it(model: ModelFile, code: str) -> None:
    plan, images = _broken(model, code)
    finding = found(model, plan, images)[code]
    assert finding.remark.english and finding.fix_words is not None and finding.fix_words.english
    assert finding.fix is not None and finding.fix != plan
    assert code not in found(model, finding.fix, images)


def test_that_scaling_against_what_the_file_declares_is_found(model: ModelFile) -> None:
    known = msgspec.structs.replace(model.preprocessing, mode="caffe", source="catalogue")
    declared = msgspec.structs.replace(model, preprocessing=known)
    plan = msgspec.structs.replace(make_plan(model, "images", "features"), preprocess="raw")
    finding = found(declared, plan, dataset())["lint_scaling"]
    assert finding.fix is not None and finding.fix.preprocess == "auto"
    assert "lint_scaling" not in found(declared, finding.fix, dataset())


def test_that_warnings_come_before_hints(model: ModelFile) -> None:
    plan, images = _broken(model, "lint_rate")
    both = msgspec.structs.replace(plan, monitor="accuracy", batch_size=512)
    assert [x.severity for x in reviewed(model, both, images)] == ["warning", "hint", "hint"]
