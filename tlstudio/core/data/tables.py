"""A table that names images and their classes: a CSV or TSV file beside them.

Columns are found by what is in them: the paths are those that lead to files, the classes are one column of words or
several of 0 and 1, the part is a column of train, validation and test. A person may name them instead.
"""

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tlstudio.core.data.names import escaped
from tlstudio.core.data.options import Columns
from tlstudio.core.data.parts import part_of
from tlstudio.core.data.problem import ImageEntry, Problem
from tlstudio.core.errors import TLStudioError

SUFFIXES = {".csv": ",", ".tsv": "\t"}
MAX_BYTES = 256 << 20
MAX_ROWS = 2_000_000
MAX_HEADER = 1 << 20  # characters
SAMPLE = 200  # rows that are tried to find the columns
# Shares of a sample that make a column one of its kind. Tables name files that were lost; labels are never unique.
PATHS_THAT_LEAD = 0.5
MOST_LABELS = 0.5
ENDINGS = ("", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".dcm")  # that a table may leave out


@dataclass(frozen=True)
class Listed:
    """The rows of a table that can be used, and what is wrong with the others."""

    entries: list[ImageEntry]
    problems: list[Problem]


def table_in(path: Path) -> Path | None:
    """The table that describes a dataset: the file itself, or the only one in a folder."""
    if path.is_file():
        return path if path.suffix.lower() in SUFFIXES else None
    tables = [p for p in sorted(path.iterdir()) if p.suffix.lower() in SUFFIXES and p.is_file()]
    return tables[0] if len(tables) == 1 else None


def read_table(table: Path, root: Path, columns: Columns) -> Listed:
    """Images that a table names, with their classes. Rows without either become problems, never an end.

    Raises ``table_unreadable``, ``table_columns``.
    """
    header, rows = _read(table)
    finder = _Files(root)
    path = _chosen(columns.path, header, table) or _path_column(header, rows, finder, table)
    part = _chosen(columns.part, header, table) or _part_column(header, rows)
    group = _chosen(columns.group, header, table)
    labels = _label_columns(columns.label, header, rows, {path, part, group}, table)
    entries: list[ImageEntry] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for number, row in enumerate(rows, 2):
        told = escaped(row[path].strip())
        name = finder.find(row[path])
        label = _label_of(row, labels)
        if name is None:
            message = f"Line {number} of the table names it, and it is not in the folder."
            problems.append(Problem(code="missing", path=told or f"line {number}", message=message))
        elif label is None:
            message = f"Line {number} of the table gives it no class, or more than one."
            problems.append(Problem(code="no-class", path=name, message=message))
        elif name in seen:
            message = f"Line {number} of the table names it again."
            problems.append(Problem(code="listed-twice", path=name, message=message))
        else:
            seen.add(name)
            belongs = row[group].strip() if group else ""
            entries.append(ImageEntry(name, label, part_of(row[part]) if part else None, group=belongs))
    return Listed(entries, problems)


def columns_of(table: Path) -> list[str]:
    """The names of a table's columns, of which only the first line is read. Raises ``table_unreadable``."""
    try:
        with table.open(encoding="utf-8-sig", errors="replace") as file:
            first = file.readline(MAX_HEADER)
        return next(csv.reader([first], delimiter=_separator(table, first)), [])
    except (OSError, csv.Error) as error:
        raise TLStudioError("table_unreadable", path=table, detail=str(error)) from error


Row = dict[str, str]


def _read(table: Path) -> tuple[list[str], list[Row]]:
    try:
        if table.stat().st_size > MAX_BYTES:
            raise TLStudioError("table_unreadable", path=table, detail="it is too large")
        text = table.read_text("utf-8-sig", "replace")
    except OSError as error:
        raise TLStudioError("table_unreadable", path=table, detail=error.strerror or str(error)) from error
    lines = text.splitlines()
    if not lines:
        raise TLStudioError("table_unreadable", path=table, detail="it is empty")
    separator = _separator(table, lines[0])
    try:
        reader = csv.DictReader(lines, delimiter=separator, restval="")
        header = [name or "" for name in reader.fieldnames or []]
        rows: list[Row] = []
        for row in reader:
            if len(rows) >= MAX_ROWS:
                raise TLStudioError("table_unreadable", path=table, detail=f"it has more than {MAX_ROWS} rows")
            rows.append({name: row.get(name) or "" for name in header})
    except csv.Error as error:
        raise TLStudioError("table_unreadable", path=table, detail=str(error)) from error
    if len(header) < 2 or not rows:
        raise TLStudioError("table_unreadable", path=table, detail="it has no rows of two columns and more")
    return header, rows


def _separator(table: Path, first: str) -> str:
    """What the first line holds most of; the file's ending decides where that is even."""
    counts = {separator: first.count(separator) for separator in (",", ";", "\t")}
    usual = SUFFIXES.get(table.suffix.lower(), ",")
    return max(counts, key=lambda s: (counts[s], s == usual))


def _chosen(name: str, header: list[str], table: Path) -> str:
    if name and name not in header:
        raise TLStudioError(
            "table_columns", path=table, detail=f"it has no column “{name}”", columns=", ".join(header)
        )
    return name


def _path_column(header: list[str], rows: list[Row], finder: "_Files", table: Path) -> str:
    sample = rows[:SAMPLE]
    leads = {name: sum(finder.find(row[name]) is not None for row in sample) / len(sample) for name in header}
    best = max(header, key=lambda name: leads[name])
    if leads[best] < PATHS_THAT_LEAD:
        detail = "no column holds the names of files that are there"
        raise TLStudioError("table_columns", path=table, detail=detail, columns=", ".join(header))
    return best


def _part_column(header: list[str], rows: list[Row]) -> str:
    sample = rows[:SAMPLE]
    return next((name for name in header if all(part_of(row[name]) for row in sample)), "")


def _label_columns(chosen: str, header: list[str], rows: list[Row], others: set[str], table: Path) -> list[str]:
    """One column of words, or all those of a one-hot table."""
    if chosen:
        return [_chosen(chosen, header, table)]
    left = [name for name in header if name not in others]
    zeros_and_ones = [n for n in left if all(row[n].strip() in {"0", "1", "0.0", "1.0"} for row in rows[:SAMPLE])]
    if len(zeros_and_ones) > 1 and all(_ones(row, zeros_and_ones) <= 1 for row in rows[:SAMPLE]):
        return zeros_and_ones
    sample = rows[:SAMPLE]
    kinds = {name: Counter(row[name].strip() for row in sample) for name in left}
    few = max(2, MOST_LABELS * len(sample))
    fitting = [name for name in left if 1 < len(kinds[name]) <= few and not all(map(_is_measure, kinds[name]))]
    named = [name for name in fitting if name.strip().lower() in {"label", "class", "category", "target", "y"}]
    if len(named) == 1:
        return named
    if len(fitting) == 1:
        return fitting
    detail = (
        "no column looks like the classes" if not fitting else f"several look like the classes ({', '.join(fitting)})"
    )
    raise TLStudioError("table_columns", path=table, detail=detail, columns=", ".join(header))


def _is_measure(text: str) -> bool:
    """A number with a fraction: a measured value, no class."""
    try:
        return not float(text).is_integer()
    except ValueError:
        return False


def _ones(row: Row, columns: list[str]) -> int:
    return sum(float(row[name]) == 1 for name in columns)


def _label_of(row: Row, columns: list[str]) -> str | None:
    if len(columns) == 1:
        return escaped(row[columns[0]].strip()) or None
    hot = [name for name in columns if row[name].strip() in {"1", "1.0"}]
    return escaped(hot[0]) if len(hot) == 1 else None


class _Files:
    """Files below a root by what a table calls them. Nothing outside the root is ever looked at."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, str | None] = {}

    def find(self, text: str) -> str | None:
        """The name (see ``names``) of the file, or None. A path of another machine is tried from its end."""
        text = text.strip().replace("\\", "/")
        if text not in self._known:
            self._known[text] = self._look(text)
        return self._known[text]

    def _look(self, text: str) -> str | None:
        parts = [part for part in PurePosixPath(text).parts if part not in {"/", "."} and not part.endswith(":")]
        if not parts or ".." in parts or any("\0" in part for part in parts):
            return None
        for start in range(len(parts)):
            for ending in ENDINGS:
                relative = "/".join(parts[start:]) + ending
                try:
                    if (self._root / relative).is_file():
                        return escaped(relative)
                except OSError:
                    return None  # a name that no file system takes
        return None
