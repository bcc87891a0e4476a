"""The library as a table: models that are in its folder, and networks of the catalogue whose file is missing."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QBrush, QColor

from tlstudio.desktop import texts
from tlstudio.desktop.details import detail_text

if TYPE_CHECKING:
    from tlstudio.core.model.library import Card

Index = QModelIndex | QPersistentModelIndex
TITLE, NETWORK, INPUT, CLASSES, SIZE, PLACE = range(6)
SearchRole = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True)
class LibraryRow:
    """``path``: where the model is, None where its file is missing; ``is_own``: it lies in the library's folder, and
    can be removed. ``expected``: names of the file that a network of the catalogue is looked for under.
    ``problems``: what is wrong with its files or its card, in English words."""

    title: str
    card: "Card"
    path: Path | None
    size: int | None = None
    is_own: bool = False
    expected: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def searched(self) -> str:
        card = self.card
        words = (self.title, card.file, card.source, card.licence, card.recognised, card.notes, *card.classes)
        return "\n".join((*words, *self.expected)).lower()


class LibraryTableModel(QAbstractTableModel):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[LibraryRow] = []
        self._muted = QColor("#808080")

    def set_rows(self, rows: list[LibraryRow]) -> None:
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def set_colour(self, muted: str) -> None:
        self._muted = QColor(muted)

    def row_of(self, index: Index) -> LibraryRow | None:
        return self._rows[index.row()] if index.isValid() else None

    def retranslate(self) -> None:
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, TITLE, PLACE)
        if self._rows:
            self.dataChanged.emit(self.index(0, TITLE), self.index(len(self._rows) - 1, PLACE))

    # -- Qt's model -------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else PLACE + 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (
            self.tr("Model"),
            self.tr("Network"),
            self.tr("Input"),
            self.tr("Classes"),
            self.tr("Size"),
            self.tr("File"),
        )[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row_of(index)
        if row is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(row, index.column())
            case Qt.ItemDataRole.ToolTipRole:
                return texts.plain_tip(self.details(row))
            case Qt.ItemDataRole.ForegroundRole if row.path is None:
                return QBrush(self._muted)
            case Qt.ItemDataRole.TextAlignmentRole if index.column() in (CLASSES, SIZE):
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case _ if role == SearchRole:
                return row.searched
        return None

    def _text(self, row: LibraryRow, column: int) -> str:
        card = row.card
        match column:
            case 0:
                return row.title
            case 1:
                return card.recognised
            case 2:
                return "×".join(map(str, card.input_size)) if card.input_size else ""
            case 3:
                count = len(card.classes) or card.class_count
                return texts.number(count) if count else ""
            case 4:
                return texts.bytes_text(row.size) if row.size is not None else ""
        if row.path is not None:
            return row.path.name if row.is_own else str(row.path)
        return self.tr("missing: {file}").format(file=row.expected[0]) if row.expected else self.tr("missing")

    def details(self, row: LibraryRow) -> str:
        """All that the card of a row says, a line each."""
        card = row.card
        facts = [
            (self.tr("Where it is: {value}"), str(row.path) if row.path is not None else ""),
            (self.tr("To be put into the library's folder as {value}"), " / ".join(row.expected)),
            (self.tr("Source: {value}"), card.source),
            (self.tr("Licence: {value}"), card.licence),
            (self.tr("Pixel values: {value}"), texts.preprocessing_name(card.preprocessing)),
            (self.tr("Classes: {value}"), ", ".join(card.classes[:20]) + ("…" if len(card.classes) > 20 else "")),
            (self.tr("Notes: {value}"), card.notes),
            (self.tr("Problem: {value}"), "; ".join(map(detail_text, row.problems))),
        ]
        if row.path is not None:
            del facts[1]
        return "\n".join([row.title, *(words.format(value=value) for words, value in facts if value)])


class LibrarySearch(QSortFilterProxyModel):
    """Keeps the rows that hold every word of a text, anywhere on their cards."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words: list[str] = []

    def search(self, text: str) -> None:
        self.beginFilterChange()
        self._words = text.lower().split()
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        index = self.sourceModel().index(source_row, 0, source_parent)
        searched = self.sourceModel().data(index, SearchRole) or ""
        return all(word in searched for word in self._words)
