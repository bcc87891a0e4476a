"""What was mended in a model file and what a person should know of it, in plain words, with the layers concerned."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import (
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from tlstudio.core.model.graph import Note
from tlstudio.desktop import texts
from tlstudio.desktop.making import make
from tlstudio.desktop.theme import Theme
from tlstudio.desktop.translated import Translated

LayerRole = Qt.ItemDataRole.UserRole + 1
MAX_LAYERS_SHOWN = 200  # of one note; a network of thousands of layers may need the same repair in all of them
HIGHEST = 190  # pixels


class _Wrapping(QStyledItemDelegate):
    """Makes rows as high as their sentences need: a tree alone breaks lines only where the row is high already."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        tree = self.parent()
        assert isinstance(tree, QTreeWidget)
        depth = 2 if index.parent().isValid() else 1
        room = tree.verticalScrollBar().sizeHint().width() + 8  # the bar comes and goes with what is unfolded
        width = tree.width() - depth * tree.indentation() - room
        size = super().sizeHint(option, index)
        wrapped = tree.fontMetrics().boundingRect(
            QRect(0, 0, max(width, 40), 10_000), Qt.TextFlag.TextWordWrap, str(index.data())
        )
        return QSize(size.width(), max(size.height(), wrapped.height() + 4))


class _Tree(QTreeWidget):
    width_changed = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()  # the sentences break into other lines
            self.width_changed.emit()


class NotesList(Translated, QWidget):
    """Warnings first, then repairs; the layers below each. Choosing one asks for its layer."""

    layer_chosen = Signal(str)  # the path of a layer

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._warnings: list[Note] = []
        self._repairs: list[Note] = []
        self.list = make(_Tree, "repairsList", headerHidden=True, wordWrap=True, indentation=16)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.list.setItemDelegate(_Wrapping(self.list))
        self.list.setUniformRowHeights(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list)
        self.list.width_changed.connect(self._fit)
        self.list.itemExpanded.connect(self._fit)
        self.list.itemCollapsed.connect(self._fit)
        self.list.itemActivated.connect(self._on_item_chosen)
        self.list.itemClicked.connect(self._on_item_chosen)
        theme.changed.connect(self._show)
        self.retranslate()

    def set_notes(self, warnings: list[Note], repairs: list[Note]) -> None:
        self._warnings, self._repairs = warnings, repairs
        self._show()

    def retranslate(self) -> None:
        self.list.setAccessibleName(self.tr("Warnings and repairs of the model file"))
        self._show()

    def _fit(self) -> None:
        """As high as what is in it, within bounds: the tree below needs the room."""
        height = 2 * self.list.frameWidth() + 2
        item = self.list.topLevelItem(0)
        while item is not None and height < HIGHEST:
            height += (
                self.list.itemDelegate().sizeHint(QStyleOptionViewItem(), self.list.indexFromItem(item)).height()
            )
            item = self.list.itemBelow(item)
        self.setFixedHeight(min(height, HIGHEST))

    def _show(self) -> None:
        self.list.clear()
        for mark, notes in (("⚠", self._warnings), ("✔", self._repairs)):
            for note in notes:
                self.list.addTopLevelItem(self._item(mark, note))
        self._fit()

    def _item(self, mark: str, note: Note) -> QTreeWidgetItem:
        sentence = texts.note_text(note)
        item = QTreeWidgetItem([f"{mark} {sentence}"])
        item.setToolTip(0, texts.plain_tip(sentence))
        kind = self.tr("Warning: {text}") if mark == "⚠" else self.tr("Mended: {text}")
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, kind.format(text=sentence))
        if note.layers:
            item.setData(0, LayerRole, note.layers[0])
        for path in note.layers[:MAX_LAYERS_SHOWN]:
            child = QTreeWidgetItem([path])
            child.setData(0, LayerRole, path)
            child.setForeground(0, QColor(self._theme.colours.muted))
            item.addChild(child)
        if len(note.layers) > MAX_LAYERS_SHOWN:
            more = self.tr("… and %n more", "", len(note.layers) - MAX_LAYERS_SHOWN)
            item.addChild(QTreeWidgetItem([more]))
        return item

    def _on_item_chosen(self, item: QTreeWidgetItem) -> None:
        if path := item.data(0, LayerRole):
            self.layer_chosen.emit(path)
