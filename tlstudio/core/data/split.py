"""Which images train, which validate, which test.

A split that the folders bring is kept. What is missing is drawn class by class, in the order of a hash of
the seed and the image's path: the same on every machine and in any order of files. Where there are only
``train`` and ``validation`` folders, the latter is the test set, because a score needs images that no choice
was based on, and validation images are then drawn from training.
"""

import hashlib
from collections import defaultdict

import msgspec

from tlstudio.core.data.scan import Dataset, ImageEntry
from tlstudio.core.errors import TLStudioError

TEST_FRACTION = 0.2  # of a folder that brings no test images


class ClassCounts(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    images: int
    train: int
    validation: int
    test: int


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """Paths relative to the dataset with the index of their class; each image is in exactly one part."""

    classes: list[str]
    train: list[tuple[str, int]]
    validation: list[tuple[str, int]]
    test: list[tuple[str, int]]

    def counts(self) -> list[ClassCounts]:
        tables = [[0] * len(self.classes) for _ in range(3)]
        for table, part in zip(tables, (self.train, self.validation, self.test), strict=True):
            for _path, label in part:
                table[label] += 1
        return [
            ClassCounts(name=name, images=a + b + c, train=a, validation=b, test=c)
            for name, a, b, c in zip(self.classes, *tables, strict=True)
        ]


def split_dataset(dataset: Dataset, validation_fraction: float = 0.1, seed: int = 0) -> Split:
    """Divide a dataset's usable images. Stratified; both fractions are of each class by itself."""
    given: dict[str, dict[str | None, list[ImageEntry]]] = defaultdict(lambda: defaultdict(list))
    for entry in dataset.entries:
        given[entry.label][entry.part].append(entry)
    has_test = any("test" in parts for parts in given.values())
    has_validation = any("validation" in parts for parts in given.values())
    train: list[tuple[str, int]] = []
    validation: list[tuple[str, int]] = []
    test: list[tuple[str, int]] = []
    for index, label in enumerate(dataset.classes):
        parts = given[label]
        pool = _shuffled(parts["train"] + parts[None], seed)
        if dataset.split == "automatic":
            taken = _share(len(pool), TEST_FRACTION, keep=2)
            tests, pool = pool[:taken], pool[taken:]
        else:
            tests = parts["test"] if has_test else parts["validation"]
        if has_validation and has_test:
            validations = parts["validation"]
        else:
            taken = _share(len(pool), validation_fraction, keep=1)
            validations, pool = pool[:taken], pool[taken:]
        train += [(entry.path, index) for entry in pool]
        validation += [(entry.path, index) for entry in validations]
        test += [(entry.path, index) for entry in tests]
    return Split(classes=dataset.classes, train=train, validation=validation, test=test)


def require_trainable(dataset: Dataset, split: Split) -> None:
    """Check that there is something to learn and to learn it from.

    Raises:
        TLStudioError: ``one_class``, ``class_too_small``, ``class_without_training``.
    """
    if len(dataset.classes) == 1:
        raise TLStudioError("one_class", path=dataset.root, name=dataset.classes[0])
    for row in split.counts():
        if dataset.split == "automatic" and row.images < 3:
            raise TLStudioError("class_too_small", name=row.name, images=row.images, needed=3)
        if row.train < 1 or (dataset.split == "folders" and row.train + row.validation < 2):
            images = row.train + row.validation
            raise TLStudioError("class_without_training", name=row.name, images=images, needed=2)


def _shuffled(entries: list[ImageEntry], seed: int) -> list[ImageEntry]:
    return sorted(entries, key=lambda e: hashlib.sha256(f"{seed}\0{e.path}".encode()).digest())


def _share(count: int, fraction: float, keep: int) -> int:
    """How many of ``count`` to take: the fraction, at least one, and leave ``keep`` behind where possible."""
    if fraction <= 0 or count <= keep:
        return 0
    return min(max(1, round(count * fraction)), count - keep)
