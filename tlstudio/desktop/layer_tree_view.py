"""How cells of the layer tree are edited and drawn: a number box for rates, a bar behind the drift."""

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QRect
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QDoubleSpinBox, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from tlstudio.desktop.layer_tree_model import DRIFT, LARGEST_RATE, RATE, ShareRole
from tlstudio.desktop.making import make
from tlstudio.desktop.theme import Theme

Index = QModelIndex | QPersistentModelIndex
BAR_OPACITY = 0.28  # the number stays readable on it, in light and dark


class LayerDelegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        if index.column() != RATE:
            return super().createEditor(parent, option, index)
        box = make(QDoubleSpinBox, "layerRateBox", parent, decimals=4, minimum=0, maximum=LARGEST_RATE)
        box.setFrame(False)
        box.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)  # they would leave no room for the number
        box.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        return box

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, QDoubleSpinBox):
            editor.interpretText()
            model.setData(index, editor.value())
        else:
            super().setModelData(editor, model, index)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        share = index.data(ShareRole) if index.column() == DRIFT else None
        if share:
            rect: QRect = option.rect.adjusted(1, 2, -1, -2)
            colour = QColor(self._theme.colours.training)
            colour.setAlphaF(BAR_OPACITY)
            width = round(share * rect.width())
            painter.fillRect(QRect(rect.right() - width + 1, rect.top(), width, rect.height()), colour)
        super().paint(painter, option, index)
