"""How many images a class has, as a bar below the number: classes of unlike size are seen at once."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

ShareRole = Qt.ItemDataRole.UserRole + 1  # of the largest class, 0..1
HEIGHT = 4  # pixels
MARGIN = 3


class ClassBars(QStyledItemDelegate):
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        share = index.data(ShareRole)
        if share is not None:
            is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
            role = QPalette.ColorRole.HighlightedText if is_selected else QPalette.ColorRole.Highlight
            painter.fillRect(bar_in(option.rect, share), option.palette.color(role))


def bar_in(cell: QRect, share: float) -> QRect:
    """The bar at the foot of a cell; a class with an image has one to be seen."""
    width = max(round(share * (cell.width() - 2 * MARGIN)), 1 if share > 0 else 0)
    return QRect(cell.left() + MARGIN, cell.bottom() - MARGIN - HEIGHT + 1, width, HEIGHT)
