"""The problems of a dataset as a tree: kinds, the images that each is about, and those that belong to them."""

from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QFont, QPixmap
from PySide6.QtWidgets import QWidget

from tlstudio.core.data.problem import Problem
from tlstudio.desktop import texts
from tlstudio.desktop.problem_words import sentence
from tlstudio.desktop.thumbnails import Thumbnails, fitted

Index = QModelIndex | QPersistentModelIndex
# What makes scores wrong comes first, then what teaches wrongly, then what is lost, then what is just odd.
ORDER = (
    "leak", "near-leak", "label-conflict", "near-label-conflict", "shortcut-size", "shortcut-brightness",
    "imbalance", "few-images", "empty-class", "duplicate", "near-duplicate", "blank", "blurred",
)  # fmt: skip
LAST = ("odd-aspect",)
ABOUT_CLASSES = {"imbalance", "few-images", "empty-class"}
DONE = "✔ "
PICTURE = 32  # pixels
FEW = 20
ABOUT_DATASET = {"shortcut-size", "shortcut-brightness"}


@dataclass(eq=False)
class Row:
    """``problem`` is None for a kind; ``name`` is empty there and for what is about the whole dataset."""

    code: str
    name: str
    parent: "Row | None"
    place: int
    problem: Problem | None = None
    rows: list["Row"] = field(default_factory=list)

    @property
    def problems(self) -> list[Problem]:
        """What the row is about."""
        return [self.problem] if self.problem is not None else [row.problem for row in self.rows if row.problem]

    @property
    def image(self) -> str:
        """The name of the image that the row shows, if it shows one."""
        return "" if self.code in ABOUT_CLASSES else self.name


def rank(code: str) -> tuple[int, str]:
    if code in ORDER:
        return ORDER.index(code), code
    return len(ORDER) + (code in LAST), code


def rows_of(problems: list[Problem]) -> list[Row]:
    kinds: list[Row] = []
    for code, group in groupby(sorted(problems, key=lambda p: rank(p.code)), key=lambda p: p.code):
        kind = Row(code, "", None, len(kinds))
        kinds.append(kind)
        for problem in group:
            row = Row(code, problem.path, kind, len(kind.rows), problem)
            kind.rows.append(row)
            if code not in ABOUT_CLASSES:
                row.rows = [Row(code, name, row, place, problem) for place, name in enumerate(problem.related)]
    return kinds


class ProblemTree(QAbstractItemModel):
    """Pictures are asked for by what is painted, so only visible rows have theirs made."""

    def __init__(self, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnails, self._window = thumbnails, parent
        self._kinds: list[Row] = []
        self._problems: list[Problem] = []
        self._remedied: set[int] = set()
        self._rows: dict[int, Row] = {}  # by the ``id`` of the problem
        self._left: list[int] = []
        self._asked: dict[str, list[Row]] = {}  # rows whose picture is being made
        thumbnails.made.connect(self._on_made)

    def show(self, problems: list[Problem], remedied: set[int]) -> None:
        """``remedied``: the ``id`` of each problem that is none any more. The rows stay as they are where only that
        has changed."""
        before, self._remedied = self._remedied, remedied
        if problems is self._problems:
            if remedied is not before:
                self._say_changed(before - remedied, remedied - before)
            return
        self.beginResetModel()
        self._problems, self._kinds = problems, rows_of(problems)
        self._rows = {id(row.problem): row for kind in self._kinds for row in kind.rows}
        self._count()
        self._asked.clear()
        self.endResetModel()

    def _say_changed(self, back: set[int], gone: set[int]) -> None:
        """Only the rows of problems that are there again or no more: a view asks for every row of a
        range that is unfolded, which for 10,000 took 0.2 s."""
        changed: dict[int, list[Row]] = {}
        for problem in (*back, *gone):
            if (row := self._rows.get(problem)) is not None and row.parent is not None:
                changed.setdefault(row.parent.place, []).append(row)
                self._left[row.parent.place] += 1 if problem in back else -1
        for place, rows in changed.items():
            kind = self.index(place, 0)
            self.dataChanged.emit(kind, kind)
            places = [row.place for row in rows]
            self.dataChanged.emit(self.index(min(places), 0, kind), self.index(max(places), 0, kind))
            for row in rows if len(rows) <= FEW else ():  # among more, the range above has all drawn anew
                if row.rows:
                    above = self.index(row.place, 0, kind)
                    self.dataChanged.emit(self.index(0, 0, above), self.index(len(row.rows) - 1, 0, above))

    def refresh(self) -> None:
        """Say all rows anew: in another language, or with other ones remedied."""
        if self._kinds:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._kinds) - 1, 0))
            for place, kind in enumerate(self._kinds):
                parent = self.index(place, 0)
                self.dataChanged.emit(self.index(0, 0, parent), self.index(len(kind.rows) - 1, 0, parent))

    def row(self, index: Index) -> Row:
        row = index.internalPointer()
        assert isinstance(row, Row)
        return row

    def left(self, kind: Row) -> int:
        """How many of a kind are not remedied."""
        return self._left[kind.place]

    def _count(self) -> None:
        remedied = self._remedied
        self._left = [sum(id(row.problem) not in remedied for row in kind.rows) for kind in self._kinds]

    # -- what Qt asks -----------------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        rows = self.row(parent).rows if parent.isValid() else self._kinds
        return self.createIndex(row, column, rows[row])

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]
        above = self.row(index).parent if index.isValid() else None
        return QModelIndex() if above is None else self.createIndex(above.place, 0, above)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        if parent.column() > 0:
            return 0
        return len(self.row(parent).rows if parent.isValid() else self._kinds)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.row(index)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(row)
            case Qt.ItemDataRole.ToolTipRole:
                return texts.plain_tip(self.detail(row))
            case Qt.ItemDataRole.FontRole:
                font = QFont()
                font.setStrikeOut(row.problem is not None and id(row.problem) in self._remedied)
                font.setBold(row.problem is None and self.left(row) > 0)
                return font
            case Qt.ItemDataRole.SizeHintRole:
                return QSize(0, PICTURE + 4)
            case Qt.ItemDataRole.DecorationRole if row.image:
                return self._picture(row)
        return None

    def detail(self, row: Row) -> str:
        """The sentence about a row."""
        if row.problem is None:
            return texts.problem_name(row.code)
        return f"{row.name}: {sentence(row.problem)}" if row.name else sentence(row.problem)

    def _text(self, row: Row) -> str:
        if row.problem is None:
            left, count = self.left(row), len(row.rows)
            name = texts.problem_name(row.code)
            if not left:
                return f"{DONE}{name} ({texts.number(count)})"
            if left < count:
                remaining = self.tr("{left} of {count} left")
                counts = remaining.format(left=texts.number(left), count=texts.number(count))
                return f"{name} ({counts})"
            return f"{name} ({texts.number(count)})"
        text = row.name or sentence(row.problem)
        return DONE + text if id(row.problem) in self._remedied else text

    def _picture(self, row: Row) -> QPixmap | None:
        picture = self._thumbnails.picture(row.image)
        if picture is None:
            waiting = self._asked.setdefault(row.image, [])
            if row not in waiting:
                waiting.append(row)
            return _empty()
        if picture.isNull():
            return _empty()
        return fitted(picture, PICTURE, self._window.devicePixelRatioF())

    def _on_made(self, name: str) -> None:
        for row in self._asked.pop(name, []):
            index = self.createIndex(row.place, 0, row)
            self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])


def _empty() -> QPixmap:
    """Keeps the place of a picture, so that names don't jump when it comes."""
    picture = QPixmap(PICTURE, PICTURE)
    picture.fill(Qt.GlobalColor.transparent)
    return picture
