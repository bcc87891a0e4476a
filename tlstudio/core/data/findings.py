"""What is wrong with a dataset as a whole, told from the facts of its images: pure functions, no file is read.

Each finding names the images it is about, so that a remedy can act on them. Nothing here is fatal.
"""

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations

import numpy as np

from tlstudio.core.data.facts import ImageFacts
from tlstudio.core.data.problem import ImageEntry, Problem

# Bits of 256 in which two hashes of one picture may differ after another compression or a small change of size;
# those of two unlike photographs differ in some 128, with a deviation of 8.
NEAR_BITS = 8
NEAR_SHARE = 0.1  # and of the bits that either sets, so that drawings on an even ground, which set few, stay apart
BANDS = NEAR_BITS + 1  # hashes that near agree in at least one of so many parts
MAX_BUCKET = 200  # more in one bucket are flat or alike in that part, and are told apart by the others
BLANK_CONTRAST = 2.0  # levels of 255: below it there is nothing to see
OUTLIER = 3.5  # robust z-score beyond which a value is called an outlier (Iglewicz and Hoaglin 1993)
OUTLIER_SHARE = 0.1  # what is true of more images than that is a habit of the folder, not an exception
FEW_IMAGES = 10  # in a class: below it each image is a tenth of what is known of the class
IMBALANCE = 10  # times as many images in the largest class as in the smallest: Buda et al. 2018 see losses from there
SHORTCUT_MARGIN = 0.25  # of the way from chance to certainty that size and brightness alone may go
SHORTCUT_IMAGES = 2_000  # that are looked at
FOLDS = 5


def find_all(entries: list[ImageEntry], facts: dict[str, ImageFacts]) -> list[Problem]:
    """Every finding, the gravest first. ``facts`` by the entries' names."""
    return [
        *_same_pictures(entries, facts),
        *_near_pictures(entries, facts),
        *_blank(entries, facts),
        *_blurred(entries, facts),
        *_class_sizes(entries),
        *_shortcut(entries, facts),
    ]


def duplicate_groups(entries: list[ImageEntry], facts: dict[str, ImageFacts]) -> list[list[ImageEntry]]:
    """Images with the same bytes, in groups of two and more, each in the order of names."""
    by_digest: dict[str, list[ImageEntry]] = defaultdict(list)
    for entry in entries:
        if entry.path in facts:
            by_digest[facts[entry.path].digest].append(entry)
    return [sorted(group, key=lambda e: e.path) for group in by_digest.values() if len(group) > 1]


def _same_pictures(entries: list[ImageEntry], facts: dict[str, ImageFacts]) -> list[Problem]:
    return [_about_pictures(group, "the same picture") for group in duplicate_groups(entries, facts)]


def _about_pictures(group: list[ImageEntry], what: str) -> Problem:
    """One problem for pictures that are the same or nearly: a conflict of classes, a leak, or just a repetition."""
    near = "near-" if what != "the same picture" else ""
    names = [entry.path for entry in group]
    labels, parts = {entry.label for entry in group}, {entry.part for entry in group}
    if len(labels) > 1:
        code, message = "label-conflict", f"It is {what} as others, in the classes {', '.join(sorted(labels))}."
    elif "test" in parts and len(parts) > 1:
        code, message = "leak", f"It is {what} as others, and both train and test the network."
    else:
        code, message = "duplicate", f"It is {what} as {len(group) - 1} other(s) of its class."
    return Problem(code=near + code, path=names[0], message=message, related=names[1:])


def _near_pictures(entries: list[ImageEntry], facts: dict[str, ImageFacts]) -> list[Problem]:
    """Pictures whose hashes differ in few bits; of those with the same bytes, one stands for all."""
    seen: set[str] = set()
    some: list[ImageEntry] = []
    for entry in sorted(entries, key=lambda e: e.path):
        found = facts.get(entry.path)
        if found is not None and found.contrast >= BLANK_CONTRAST and found.digest not in seen:
            seen.add(found.digest)
            some.append(entry)
    hashes = np.array([np.frombuffer(bytes.fromhex(facts[e.path].look), np.uint8) for e in some], np.uint8)
    return [_about_pictures([some[i] for i in group], "nearly the same picture") for group in near_groups(hashes)]


def near_groups(hashes: np.ndarray) -> list[list[int]]:
    """Groups of places whose hashes differ in at most ``NEAR_BITS`` bits, directly or by way of another.

    ``hashes``: uint8 (n, bytes). Two such hashes agree in at least one of ``BANDS`` parts (pigeonhole principle), so
    only those that share a part are compared.
    """
    if len(hashes) < 2:
        return []
    bits = np.unpackbits(hashes, axis=1)
    parent = list(range(len(hashes)))

    def top(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    for band in np.array_split(np.arange(bits.shape[1]), BANDS):
        buckets: dict[bytes, list[int]] = defaultdict(list)
        for place, key in enumerate(np.packbits(bits[:, band], axis=1)):
            buckets[key.tobytes()].append(place)
        for bucket in buckets.values():
            if 1 < len(bucket) <= MAX_BUCKET:
                for one, other in combinations(bucket, 2):
                    if top(one) != top(other) and _is_near(bits[one], bits[other]):
                        parent[top(other)] = top(one)
    groups: dict[int, list[int]] = defaultdict(list)
    for place in range(len(hashes)):
        groups[top(place)].append(place)
    return [group for group in groups.values() if len(group) > 1]


def _is_near(one: np.ndarray, other: np.ndarray) -> bool:
    """Few bits differ, and few of those that are set at all."""
    differing = int(np.count_nonzero(one != other))
    return differing <= NEAR_BITS and differing <= NEAR_SHARE * int(np.count_nonzero(one | other))


def _blank(entries: list[ImageEntry], facts: dict[str, ImageFacts]) -> list[Problem]:
    message = "It is of one colour: there is nothing to see in it."
    return [
        Problem(code="blank", path=entry.path, message=message)
        for entry in entries
        if entry.path in facts and facts[entry.path].contrast < BLANK_CONTRAST
    ]


def _blurred(entries: list[ImageEntry], facts: dict[str, ImageFacts]) -> list[Problem]:
    """Far less sharp than the others of this folder: whether a picture is blurred shows beside its like only."""
    some = [e for e in entries if e.path in facts and facts[e.path].contrast >= BLANK_CONTRAST]
    if len(some) < FEW_IMAGES:
        return []
    values = np.log(np.array([facts[entry.path].sharpness for entry in some]) + 1e-9)
    median = float(np.median(values))
    spread = float(np.median(np.abs(values - median))) / 0.6745  # the deviation of a normal distribution
    if spread == 0:
        return []
    message = "It is much less sharp than the other images."
    found = [
        Problem(code="blurred", path=entry.path, message=message)
        for entry, value in zip(some, values, strict=True)
        if (value - median) / spread < -OUTLIER
    ]
    return found if len(found) <= OUTLIER_SHARE * len(some) else []


def _class_sizes(entries: Iterable[ImageEntry]) -> list[Problem]:
    counts: dict[str, int] = defaultdict(int)
    for entry in entries:
        counts[entry.label] += 1
    found = [
        Problem(code="few-images", path=label, message=f"The class has only {count} usable image(s).")
        for label, count in sorted(counts.items())
        if count < FEW_IMAGES
    ]
    largest, smallest = max(counts, key=lambda k: counts[k]), min(counts, key=lambda k: counts[k])
    if counts[largest] >= IMBALANCE * counts[smallest]:
        message = f"It has {counts[smallest]} images, “{largest}” has {counts[largest]}."
        found.append(Problem(code="imbalance", path=smallest, message=message, related=[largest]))
    return found


def _shortcut(entries: list[ImageEntry], facts: dict[str, ImageFacts]) -> list[Problem]:
    """Whether size and brightness alone tell the classes: then a network may learn these instead of what is shown.

    A shallow tree is cross-validated on them; its balanced accuracy, less one standard error, has to be well above
    that of guessing.
    """
    from sklearn.model_selection import StratifiedKFold, cross_val_score  # a second to load, and not always needed
    from sklearn.tree import DecisionTreeClassifier

    some = [entry for entry in entries if entry.path in facts]
    if len(some) > SHORTCUT_IMAGES:
        chosen = np.random.default_rng(0).permutation(len(some))[:SHORTCUT_IMAGES]
        some = [some[i] for i in np.sort(chosen)]
    labels = np.array([entry.label for entry in some])
    names, counts = np.unique(labels, return_counts=True)
    if len(names) < 2 or counts.min() < 2 * FOLDS:
        return []
    found = []
    for what, features in (
        ("size", [(facts[e.path].width, facts[e.path].height) for e in some]),
        ("brightness", [(facts[e.path].brightness, facts[e.path].contrast) for e in some]),
    ):
        tree = DecisionTreeClassifier(max_depth=3, class_weight="balanced", random_state=0)
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
        scores = cross_val_score(tree, np.array(features, float), labels, cv=folds, scoring="balanced_accuracy")
        sure = float(scores.mean() - scores.std(ddof=1) / np.sqrt(FOLDS))
        chance = 1 / len(names)
        if sure > chance + SHORTCUT_MARGIN * (1 - chance):
            message = (
                f"The classes differ so much in {what} that {100 * scores.mean():.0f} % of the images can be told "
                f"apart by it alone ({100 * chance:.0f} % by guessing); the network may learn that instead."
            )
            found.append(Problem(code=f"shortcut-{what}", path="", message=message))
    return found
