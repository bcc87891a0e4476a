"""What belongs together stays on one side of a split that is made here."""

import random
import re
import threading
import time
import warnings
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.core.test_image_folders import dataset_of
from tlstudio.core.data.groups import group_keys
from tlstudio.core.data.problem import ImageEntry
from tlstudio.core.data.scan import Dataset
from tlstudio.core.data.split import Split, split_dataset
from tlstudio.core.errors import TLStudioError


def patients(sizes: list[list[int]], order: random.Random | None = None) -> Dataset:
    """``sizes[label][patient]``: images of each patient in each class; patients are the same in all classes."""
    entries = [
        ImageEntry(path=f"class{label}/patient_{patient}_slice{number}.png", label=f"class{label}", part=None)
        for label, row in enumerate(sizes)
        for patient, size in enumerate(row)
        for number in range(size)
    ]
    if order is not None:
        order.shuffle(entries)
    names = sorted({entry.label for entry in entries})
    return Dataset(
        root="/x", classes=names, entries=entries, images=len(entries), problems=[], split="automatic", fingerprint=""
    )


def sides(split: Split) -> dict[str, str]:
    parts = {"train": split.train, "validation": split.validation, "test": split.test}
    return {path: name for name, rows in parts.items() for path, _label in rows}


tables = some.lists(some.lists(some.integers(1, 5), min_size=12, max_size=12), min_size=2, max_size=4)


@given(sizes=tables, seed=some.integers(0, 1000), order=some.randoms())
def test_that_no_patient_is_on_two_sides_and_every_image_on_one(
    sizes: list[list[int]], seed: int, order: random.Random
) -> None:
    split = split_dataset(patients(sizes), 0.2, seed, r"patient_(\d+)")
    side = sides(split)
    assert len(side) == sum(map(sum, sizes)) == len(split.train) + len(split.validation) + len(split.test)
    of_patient: dict[str, set[str]] = {}
    for path, part in side.items():
        of_patient.setdefault(path.split("_")[1], set()).add(part)
    assert all(len(parts) == 1 for parts in of_patient.values())
    assert side == sides(split_dataset(patients(sizes, order), 0.2, seed, r"patient_(\d+)"))
    for row in split.counts():
        assert row.train > 0 and abs(row.test - 0.2 * row.images) <= max(0.2 * row.images, 5)


@given(sizes=some.lists(some.integers(3, 60), min_size=2, max_size=5), seed=some.integers(0, 1000))
def test_that_groups_of_one_change_nothing(sizes: list[int], seed: int) -> None:
    assert split_dataset(dataset_of(sizes), 0.1, seed, r"nothing(\d+)") == split_dataset(dataset_of(sizes), 0.1, seed)


def test_that_copies_of_a_picture_stay_together_and_join_their_groups() -> None:
    names = [f"a/p{patient}_{number}.png" for patient in range(6) for number in range(2)]
    entries = [
        ImageEntry(name, "a", None, "a/p0_0.png" if name in {"a/p0_0.png", "a/p3_1.png"} else "") for name in names
    ]
    keys = group_keys(entries, r"(p\d)")
    assert len(set(keys.values())) == 5 and keys["a/p0_1.png"] == keys["a/p3_0.png"]
    alone = group_keys(entries, "")
    assert alone["a/p0_0.png"] == alone["a/p3_1.png"] and len(set(alone.values())) == len(names) - 1


def test_that_the_folder_can_be_the_group() -> None:
    entries = [ImageEntry(f"a/day{day}/{n}.png", "a", None) for day in range(8) for n in range(3)]
    dataset = Dataset(
        root="/x", classes=["a"], entries=entries, images=24, problems=[], split="automatic", fingerprint=""
    )
    side = sides(split_dataset(dataset, 0.2, 0, "folder"))
    days = {(path.split("/")[1], part) for path, part in side.items()}
    assert Counter(day for day, _part in days).most_common(1)[0][1] == 1
    assert set(side.values()) == {"train", "validation", "test"}


def test_that_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(TLStudioError) as caught:
        split_dataset(dataset_of([5, 5]), 0.1, 0, "patient_(")
    assert caught.value.code == "group_by_invalid"


# -- expressions that never end -------------------------------------------------------------------------


def one(name: str) -> list[ImageEntry]:
    return [ImageEntry(path=name, label="a", part=None)]


@pytest.mark.parametrize(
    ("pattern", "name"),
    [(r"(a|aa)+$", "a" * 120 + "!"), (r"(.+)\1\1\1$b", "ab" * 2000)],
)
def test_that_an_expression_without_an_end_is_given_up_with_a_sentence(pattern: str, name: str) -> None:
    began = time.monotonic()
    with pytest.raises(TLStudioError) as caught:
        group_keys(one(name), pattern, seconds=0.2)
    assert caught.value.code == "group_by_slow" and "repeats" in str(caught.value)
    assert time.monotonic() - began < 20  # by itself it would go on for years


def test_that_other_threads_run_while_an_expression_is_searched() -> None:
    ticks: list[float] = []
    done = threading.Event()

    def search() -> None:
        with pytest.raises(TLStudioError):
            group_keys(one("a" * 120 + "!"), r"(a|aa)+$", seconds=0.5)
        done.set()

    thread = threading.Thread(target=search)
    thread.start()
    while not done.wait(0.005):
        ticks.append(time.monotonic())
    thread.join()
    assert len(ticks) > 10


def test_that_all_names_share_the_time() -> None:
    names = [ImageEntry(path="a" * 22 + f"!{number}", label="a", part=None) for number in range(5000)]
    with pytest.raises(TLStudioError) as caught:
        group_keys(names, r"^(a|aa)+$", seconds=0.2)
    assert caught.value.code == "group_by_slow"


@pytest.mark.parametrize("pattern", ["((a{1000}){1000}){1000}", "a{999999999999}", "(" * 2000 + "a" + ")" * 2000])
def test_that_an_expression_that_would_fill_the_memory_is_refused(pattern: str) -> None:
    with pytest.raises(TLStudioError) as caught:
        group_keys(one("aaa"), pattern)
    assert caught.value.code == "group_by_invalid"


@given(some.text("ab1_/{}", max_size=12), some.sampled_from([
    r"(\w+)_", r"\d+", r"(a|b)*1", r"(?:a|b)(?P<n>\d)?", r"a{2,3}", r"(?i)B_(.)", r"[[ab]+", r"^(?=a)(.*?)/",
    r"(a)\1", r"患者(\w+)", "a{e<=1}|b", r"a\{1", "a{,2}b", "{a}|1", "[{}]|_",
]))  # fmt: skip
def test_that_expressions_mean_what_they_mean_in_python(name: str, pattern: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        match = re.search(pattern, name)
    wanted = name if match is None else (match[1] if match.re.groups else match[0]) or name
    assert group_keys(one(name), pattern) == {name: wanted}
