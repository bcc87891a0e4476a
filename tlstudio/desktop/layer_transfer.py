"""What the features of a layer are good for: its words, and the bar in the layer tree."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QModelIndex, QPersistentModelIndex, QRect
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from tlstudio.core.advice.measured import LayerScore
from tlstudio.core.errors import QT_TRANSLATE_NOOP
from tlstudio.desktop.theme import Theme

Index = QModelIndex | QPersistentModelIndex
# The number stays readable on both, in light and dark.
SURE, UNSURE = 0.40, 0.18
WORDS = {
    "within": QT_TRANSLATE_NOOP("Transfer", "Its best layer:"),
    "score": QT_TRANSLATE_NOOP(
        "Transfer",
        "A simple classifier on its features is right on {score} of images that it has not seen "
        "(between {low} and {high}).",
    ),
    "best": QT_TRANSLATE_NOOP("Transfer", "This is the best place to cut."),
}


@dataclass(frozen=True)
class Transfer:
    """Shares of 0 to 1: the accuracy of a probe, with its interval. ``is_best``: the starred cut; ``is_within``: of a
    branch, whose best layer it is."""

    score: float
    low: float
    high: float
    is_best: bool = False
    is_within: bool = False

    @property
    def text(self) -> str:
        number = f"{100 * self.score:.0f} %"
        return f"★ {number}" if self.is_best else number

    @property
    def sentence(self) -> str:
        def tell(code: str) -> str:
            return QCoreApplication.translate("Transfer", WORDS[code])

        score, low, high = (f"{100 * share:.0f} %" for share in (self.score, self.low, self.high))
        parts = [tell("score").format(score=score, low=low, high=high)]
        if self.is_within:
            parts.insert(0, tell("within"))
        if self.is_best:
            parts.append(tell("best"))
        return " ".join(parts)


def transfers_of(layers: Sequence[LayerScore], best: str | None) -> dict[str, Transfer]:
    """By layer path; ``best``: the starred one."""
    return {layer.path: Transfer(layer.score, layer.low, layer.high, layer.path == best) for layer in layers}


def best_of(transfers: Iterable[Transfer]) -> Transfer | None:
    """What a branch shows: the starred one, else the highest; None where nothing in it was measured."""
    best = max(transfers, key=lambda transfer: (transfer.is_best, transfer.score), default=None)
    return None if best is None else Transfer(best.score, best.low, best.high, best.is_best, True)


class TransferDelegate(QStyledItemDelegate):
    """A bar to the lower end of the interval, and a lighter one to its upper end, behind the number."""

    def __init__(self, theme: Theme, role: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._role = theme, role

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        transfer = index.data(self._role)
        if isinstance(transfer, Transfer):
            rect: QRect = option.rect.adjusted(1, 2, -1, -2)
            colours = self._theme.colours
            low, high = (round(share * rect.width()) for share in (transfer.low, transfer.high))
            for start, end, opacity in ((0, low, SURE), (low, high, UNSURE)):
                colour = QColor(colours.best if transfer.is_best else colours.training)
                colour.setAlphaF(opacity)
                painter.fillRect(QRect(rect.left() + start, rect.top(), end - start, rect.height()), colour)
        super().paint(painter, option, index)
