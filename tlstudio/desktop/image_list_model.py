"""The images of a class as a list of any length: names at once, pictures only of what is painted."""

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont, QPixmap
from PySide6.QtWidgets import QWidget

from tlstudio.core.data.options import DatasetEdits
from tlstudio.core.data.problem import ImageEntry
from tlstudio.desktop.problem_words import part_name
from tlstudio.desktop.texts import plain_tip
from tlstudio.desktop.thumbnails import Thumbnails, fitted

Index = QModelIndex | QPersistentModelIndex
PICTURE = 64  # pixels
LEFT_OUT = "✖ "
CHANGED = "✎ "


class ImageListModel(QAbstractListModel):
    """One row an image. ``show`` takes entries as they are on the disk; what was left out stays in the list, struck
    through, so that it can be taken back."""

    def __init__(self, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnails, self._window = thumbnails, parent
        self._all: list[ImageEntry] = []
        self.entries: list[ImageEntry] = []
        self._search = ""
        self._left_out: frozenset[str] = frozenset()
        self._edits = DatasetEdits()
        self._parts: dict[str, str] = {}
        self._places: dict[str, int] = {}  # of rows whose picture is being made
        self._waits = QPixmap(PICTURE, PICTURE)
        self._waits.fill(Qt.GlobalColor.transparent)
        thumbnails.made.connect(self._on_made)

    def show(self, entries: list[ImageEntry], edits: DatasetEdits, parts: dict[str, str]) -> None:
        """``parts``: which images train, validate and test."""
        self._edits, self._left_out, self._parts = edits, frozenset(edits.leave_out), parts
        if entries == self._all:
            self._say_anew()
            return
        self._all = entries
        self._filter()

    def search(self, text: str) -> None:
        """Show only images whose name holds some words, in any case."""
        if text != self._search:
            self._search = text
            self._filter()

    def _filter(self) -> None:
        words = self._search.lower().split()
        self.beginResetModel()
        self.entries = [e for e in self._all if all(word in e.path.lower() for word in words)] if words else self._all
        self._places.clear()
        self.endResetModel()

    def _say_anew(self) -> None:
        if self.entries:
            self.dataChanged.emit(self.index(0), self.index(len(self.entries) - 1))

    def is_left_out(self, name: str) -> bool:
        return name in self._left_out

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._mark(entry.path) + entry.path.rpartition("/")[2]
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip("\n".join(filter(None, (entry.path, part_name(self._parts.get(entry.path, ""))))))
            case Qt.ItemDataRole.FontRole:
                font = QFont()
                font.setStrikeOut(entry.path in self._left_out)
                return font
            case Qt.ItemDataRole.DecorationRole:
                return self._picture(entry.path, index.row())
        return None

    def _mark(self, name: str) -> str:
        if name in self._left_out:
            return LEFT_OUT
        return CHANGED if name in self._edits.relabel or name in self._edits.move else ""

    def _picture(self, name: str, row: int) -> QPixmap:
        picture = self._thumbnails.picture(name)
        if picture is None:
            self._places[name] = row
            return self._waits
        if picture.isNull():
            return self._waits
        return fitted(picture, PICTURE, self._window.devicePixelRatioF())

    def _on_made(self, name: str) -> None:
        row = self._places.pop(name, None)
        if row is not None and row < len(self.entries):
            self.dataChanged.emit(self.index(row), self.index(row), [Qt.ItemDataRole.DecorationRole])
