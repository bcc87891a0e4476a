"""The ranking of a bake-off: what each way reached, and whether that differs from the best."""

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from tlstudio.core.advice.intervals import overlap
from tlstudio.core.errors import QT_TRANSLATE_NOOP
from tlstudio.core.events import WayTried
from tlstudio.desktop import texts

WAY, ACCURACY, RANGE, COMPARED, EPOCHS, TIME = range(6)
NOTHING = "–"
FAILURES = {  # a way's event carries the code alone
    "out_of_memory": QT_TRANSLATE_NOOP("WaysTried", "does not fit into memory"),
    "will_not_fit": QT_TRANSLATE_NOOP("WaysTried", "does not fit into memory"),
    "training_diverged": QT_TRANSLATE_NOOP("WaysTried", "its loss grew without bounds"),
}
FAILED = QT_TRANSLATE_NOOP("WaysTried", "could not be trained ({code})")


def is_tied(way: WayTried, best: WayTried) -> bool:
    """No difference to the best was shown (``core.advice.intervals`` says why)."""
    return overlap(way.low, way.high, best.low, best.high)


def is_whole(way: WayTried) -> bool:
    """Its time was enough for an epoch of all that it trains; else it is a new classifier on frozen layers still."""
    return way.begun == way.stages


class WaysTried(QTableWidget):
    """Ways, the best first; one of them is selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, TIME + 1, parent)
        self._ways: list[WayTried] = []
        self.verticalHeader().hide()
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setWordWrap(True)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(WAY, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)

    def fill(self, ways: list[WayTried], recommended: str | None) -> None:
        """``recommended``: selected if it is as good as the best."""
        self._ways = ways
        self.setAccessibleName(self.tr("Ways, the best first"))
        self.setHorizontalHeaderLabels(
            [
                self.tr("Way"), self.tr("Accuracy"), self.tr("Range"), self.tr("Beside the best"),
                self.tr("Epochs"), self.tr("Time"),
            ]
        )  # fmt: skip
        self.setRowCount(len(ways))
        for row, way in enumerate(ways):
            for column, text in enumerate(self._cells(way)):
                item = QTableWidgetItem(text)
                if column in {ACCURACY, EPOCHS, TIME}:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.setItem(row, column, item)
        if self.trained:
            tied = [way.strategy for way in self.trained if is_tied(way, self.trained[0])]
            self.setCurrentCell(tied.index(recommended) if recommended in tied else 0, WAY)

    @property
    def trained(self) -> list[WayTried]:
        return [way for way in self._ways if not way.failed]

    @property
    def chosen(self) -> str | None:
        rows = self.selectionModel().selectedRows()
        if not rows or rows[0].row() >= len(self._ways):
            return None
        way = self._ways[rows[0].row()]
        return None if way.failed else way.strategy

    def _cells(self, way: WayTried) -> tuple[str, ...]:
        name = texts.strategy_name(way.strategy)
        if way.failed:
            why = QCoreApplication.translate("WaysTried", FAILURES.get(way.failed, FAILED)).format(code=way.failed)
            return (self.tr("{way}: {failure}").format(way=name, failure=why), *5 * (NOTHING,))
        span = self.tr("{low} to {high}").format(low=texts.percent(way.low), high=texts.percent(way.high))
        return (
            name,
            texts.percent(way.accuracy),
            span,
            self._compared(way),
            self._epochs(way),
            texts.duration(way.seconds),
        )

    def _epochs(self, way: WayTried) -> str:
        if not way.epochs:
            return self.tr("none")
        number = texts.number(way.epochs)
        return number if is_whole(way) else self.tr("{epochs}, unfinished").format(epochs=number)

    def _compared(self, way: WayTried) -> str:
        best = self.trained[0]
        if len(self.trained) == 1:
            return NOTHING
        if way is best:
            return self.tr("best")
        return self.tr("no difference") if is_tied(way, best) else self.tr("worse")

    @property
    def verdict(self) -> str:
        """Whether the ranking is decided."""
        ways = self.trained
        if not ways:
            return self.tr("None of the ways could be trained.")
        facts = {"way": texts.strategy_name(ways[0].strategy), "images": texts.number(ways[0].images)}
        tied = [way for way in ways if is_tied(way, ways[0])]
        if len(ways) == 1:
            text = self.tr("Only “{way}” could be trained, so that there is nothing to compare it with.")
        elif len(tied) == len(ways):
            text = self.tr(
                "No difference was shown: on {images} validation images the ranges of all ways overlap. Longer "
                "training or more validation images may tell them apart; else take the cheapest."
            )
        elif len(tied) > 1:
            text = self.tr(
                "No difference was shown among {ways}; the others did worse on {images} validation images."
            )
            facts["ways"] = self.names(tied)
        else:
            text = self.tr("“{way}” did best on {images} validation images, beyond the ranges of all others.")
        return text.format(**facts)

    def names(self, ways: list[WayTried]) -> str:
        quoted = self.tr("“{way}”")
        return self.tr(", ").join(quoted.format(way=texts.strategy_name(way.strategy)) for way in ways)
