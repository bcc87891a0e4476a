"""Class names that lie beside a model file: ``labels.txt`` and its kin, one class a line."""

import re
from pathlib import Path

NAMES = ("labels.txt", "classes.txt", "class_names.txt", "synset.txt", "synset_words.txt")
MAX_BYTES = 4 << 20
_NUMBERED = re.compile(r"^(\d+)[\s:,]+(.+)$")  # as Teachable Machine writes it: "0 Healthy"


def labels_beside(path: Path) -> tuple[str, ...]:
    """The class names in output order; empty where no such file is there or it can't be read as one."""
    folder = path if path.is_dir() else path.parent
    for name in (*NAMES, f"{path.stem}.labels.txt"):
        file = folder / name
        if file.is_file() and file.stat().st_size <= MAX_BYTES:
            return read_labels(file)
    return ()


def read_labels(path: Path) -> tuple[str, ...]:
    lines = [line.strip() for line in path.read_text("utf-8-sig", "replace").splitlines() if line.strip()]
    numbered = [_NUMBERED.match(line) for line in lines]
    if all(match and int(match[1]) == place for place, match in enumerate(numbered)):
        lines = [match[2].strip() for match in numbered if match]
    return tuple(lines)
