"""Class names that lie beside a model file: ``labels.txt`` and its kin, one class a line."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

NAMES = ("labels.txt", "classes.txt", "class_names.txt", "synset.txt", "synset_words.txt")
MAX_BYTES = 4 << 20
_NUMBERED = re.compile(r"^(\d+)[\s:,]+(.+)$")  # as Teachable Machine writes it: "0 Healthy"
_SYNSET = re.compile(r"^(n\d{8})[\s:,]+(.+)$")  # as ImageNet's lists have it: "n01440764 tench, Tinca tinca"


def labels_beside(path: Path) -> tuple[str, ...]:
    """The class names in output order; empty where no such file is there or it can't be read as one."""
    folder = path if path.is_dir() else path.parent
    # A list of this very file's classes before one that may be another's.
    for file in (own_labels_path(path), *(folder / name for name in (f"{path.stem}.labels.txt", *NAMES))):
        if file.is_file() and file.stat().st_size <= MAX_BYTES:
            return read_labels(file)
    return ()


def own_labels_path(path: Path) -> Path:
    """Where the class names of one file lie that others lie beside."""
    return path.with_name(f"{path.name}.labels.txt")


def labels_text(labels: Sequence[str]) -> str:
    """The content of a list that reads as exactly these classes.

    One a line; with their numbers before them only where the bare names would be read as something else, such as
    “0 cats”. What no line can hold (a line break in a name, blanks around it, quotes around all) is lost on the way.
    """
    plain = "".join(f"{label}\n" for label in labels)
    if parse_labels(plain) == tuple(labels):
        return plain
    return "".join(f"{place} {label}\n" for place, label in enumerate(labels))


def read_labels(path: Path) -> tuple[str, ...]:
    return parse_labels(path.read_text("utf-8-sig", "replace"))


def parse_labels(text: str) -> tuple[str, ...]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    numbered = [_NUMBERED.match(line) for line in lines]
    if all(match and int(match[1]) == place for place, match in enumerate(numbered)):
        lines = [match[2].strip() for match in numbered if match]
    if all(len(line) > 2 and line[0] == line[-1] and line[0] in "'\"" for line in lines):
        lines = [line[1:-1].strip() for line in lines]
    return tuple(_without_synsets(lines))


def _without_synsets(lines: list[str]) -> list[str]:
    """Names without WordNet's numbers; where two classes share a name (ImageNet has two cranes) they keep them."""
    found = [_SYNSET.match(line) for line in lines]
    numbers, names = [match[1] for match in found if match], [match[2].strip() for match in found if match]
    if len(names) != len(lines):
        return lines
    times = Counter(names)
    return [name if times[name] == 1 else f"{name} ({number})" for number, name in zip(numbers, names, strict=True)]
