"""Which images train, which validate, which test.

A split that the folders bring is kept. What is missing is drawn class by class, in the order of a hash of
the seed and the image's path: the same on every machine and in any order of files. Images that belong together
(one patient, one plate, copies of one picture) stay together. Where there are only
``train`` and ``validation`` folders, the latter is the test set, because a score needs images that no choice
was based on, and validation images are then drawn from training.
"""

import hashlib
from collections import Counter, defaultdict

import msgspec

from tlstudio.core.data.groups import group_keys
from tlstudio.core.data.problem import ImageEntry
from tlstudio.core.data.scan import Dataset
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


def split_dataset(dataset: Dataset, validation_fraction: float = 0.1, seed: int = 0, group_by: str = "") -> Split:
    """Divide a dataset's usable images. Stratified; both fractions are of each class by itself.

    ``group_by``: what belongs together (see ``groups``) and is never on both sides of a split that is made here;
    copies of one picture never are. Raises ``group_by_invalid``, ``group_by_slow``.
    """
    groups = group_keys(dataset.entries, group_by)
    pool = [entry for entry in dataset.entries if entry.part in {"train", None}]
    given = {part: [e for e in dataset.entries if e.part == part] for part in ("validation", "test")}
    if dataset.split == "automatic":
        test, pool = _take(pool, groups, TEST_FRACTION, seed, keep=2)
    else:
        test = given["test"] or given["validation"]
    if given["validation"] and given["test"]:
        validation = given["validation"]
    else:
        validation, pool = _take(pool, groups, validation_fraction, seed, keep=1)
    index = {label: place for place, label in enumerate(dataset.classes)}
    ordered = sorted(dataset.entries, key=lambda e: (index[e.label], _order(e.path, seed)))

    def rows(part: list[ImageEntry]) -> list[tuple[str, int]]:
        inside = {entry.path for entry in part}
        return [(entry.path, index[entry.label]) for entry in ordered if entry.path in inside]

    return Split(classes=dataset.classes, train=rows(pool), validation=rows(validation), test=rows(test))


def _take(
    pool: list[ImageEntry], groups: dict[str, str], fraction: float, seed: int, keep: int
) -> tuple[list[ImageEntry], list[ImageEntry]]:
    """Some of the pool, and the rest. Groups go whole, in the order of a hash of the seed and their key; one is
    taken where that brings the classes' counts nearer to the fraction, and leaves ``keep`` of each class behind."""
    members: dict[str, list[ImageEntry]] = defaultdict(list)
    for entry in pool:
        members[groups[entry.path]].append(entry)
    left = Counter(entry.label for entry in pool)
    wanted = {label: _share(count, fraction, keep) for label, count in left.items()}
    taken: set[str] = set()
    for key in sorted(members, key=lambda k: _order(k, seed)):
        counts = Counter(entry.label for entry in members[key])
        gain = sum(wanted[label] ** 2 - (wanted[label] - count) ** 2 for label, count in counts.items())
        if gain > 0 and all(left[label] - count >= min(keep, 1) for label, count in counts.items()):
            taken.add(key)
            for label, count in counts.items():
                wanted[label] -= count
                left[label] -= count
    return [e for e in pool if groups[e.path] in taken], [e for e in pool if groups[e.path] not in taken]


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


def _order(key: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}\0{key}".encode()).digest()


def _share(count: int, fraction: float, keep: int) -> int:
    """How many of ``count`` to take: the fraction, at least one, and leave ``keep`` behind where possible."""
    if fraction <= 0 or count <= keep:
        return 0
    return min(max(1, round(count * fraction)), count - keep)
