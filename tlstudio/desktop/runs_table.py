"""The runs of a project, newest first, read from their folders off the window's thread."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from tlstudio.core import events
from tlstudio.desktop import texts
from tlstudio.desktop.background import Task
from tlstudio.desktop.translated import Translated

if TYPE_CHECKING:
    from tlstudio.core.interrupted import InterruptedRun

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class RunRow:
    """A run folder: how its last part ended (all None: it is going on, or was cut off), its test's scores, and
    whether it can be taken up again (``interrupted``)."""

    path: Path
    strategy: str
    finished: events.RunFinished | None = None
    scored: events.Evaluated | None = None
    failure: events.JobFailed | None = None
    interrupted: "InterruptedRun | None" = None
    is_going_on: bool = False


def read_runs(folder: Path) -> list[RunRow]:
    """All run folders in a ``runs`` folder, newest first; what is no run folder is passed over."""
    from tlstudio.core.documents import load_document
    from tlstudio.core.errors import TLStudioError
    from tlstudio.core.interrupted import interrupted_runs
    from tlstudio.core.plan import TrainingPlan

    rows = []
    interrupted = {run.path: run for run in interrupted_runs(folder)}
    for path in sorted(folder.glob("*/plan.json"), reverse=True) if folder.is_dir() else []:
        try:
            plan = load_document(TrainingPlan, path)
        except TLStudioError:
            continue  # a folder that something else made
        rows.append(_read_run(path.parent, plan.strategy, interrupted.get(path.parent)))
    return rows


def _read_run(path: Path, strategy: str, interrupted: "InterruptedRun | None") -> RunRow:
    from tlstudio.core.run_folder import is_owned
    from tlstudio.core.run_summary import events_so_far

    found: dict[type, Any] = {}
    for event in events_so_far(path):
        if isinstance(event, (events.Resumed, events.EpochFinished)):
            found.pop(events.RunFinished, None)  # it went on behind that end
            found.pop(events.JobFailed, None)
        found[type(event)] = event
    return RunRow(
        path,
        strategy,
        found.get(events.RunFinished),
        found.get(events.Evaluated),
        found.get(events.JobFailed),
        interrupted,
        is_owned(path),
    )


class RunsModel(QAbstractTableModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: list[RunRow] = []

    def show(self, rows: list[RunRow]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else 6

    def retranslate(self) -> None:
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, 5)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        names = (
            self.tr("Run"),
            self.tr("End"),
            self.tr("Epochs"),
            self.tr("Validation"),
            self.tr("Test"),
            self.tr("Way"),
        )
        return names[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return str(row.path)
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in {2, 3, 4}:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return self._texts(row)[index.column()]

    def _texts(self, row: RunRow) -> tuple[str, ...]:
        finished = row.finished
        best = finished.best if finished else None
        test = finished.test if finished else None
        epochs = finished.epochs if finished else row.interrupted.epoch if row.interrupted else None
        return (
            row.path.name,
            self._end(row),
            "" if epochs is None else str(epochs),
            f"{100 * best.val_accuracy:.1f} %" if best and best.val_accuracy is not None else "",
            f"{100 * test.accuracy:.1f} %" if test else "",
            texts.strategy_name(row.strategy),
        )

    def _end(self, row: RunRow) -> str:
        if row.is_going_on:
            return self.tr("going on")
        if row.finished:
            end = texts.stopped_text(row.finished.stopped)
        elif row.failure:
            end = texts.stopped_text("error")
        else:
            end = self.tr("interrupted")
        return self.tr("{end}; can go on").format(end=end) if row.interrupted else end


class RunsTable(Translated, QTableView):
    """``refresh`` reads the folder anew; a chosen run that has ended becomes ``run_chosen``."""

    run_chosen = Signal(object)  # RunRow
    current_changed = Signal()
    runs_read = Signal(list)  # RunRow

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runsTable")
        self._runs = RunsModel(self)
        self.setModel(self._runs)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)  # Tab leaves the table for its buttons
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(24)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setHighlightSections(
            False
        )  # bold headings of the chosen run would change its columns
        self.activated.connect(self._on_chosen)
        self.clicked.connect(self._on_chosen)
        self.selectionModel().currentChanged.connect(self.current_changed)
        self._reading: Task | None = None
        self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName(self.tr("Training runs of this project"))
        self._runs.retranslate()

    @property
    def current(self) -> RunRow | None:
        place = self.currentIndex().row()
        return self._runs.rows[place] if 0 <= place < len(self._runs.rows) else None

    def refresh(self, folder: Path) -> None:
        self.cancel()
        self._reading = Task(lambda _task: read_runs(folder), self)
        self._reading.finished.connect(self._on_read)
        self._reading.start()

    def cancel(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _on_read(self, rows: list[RunRow]) -> None:
        self._reading = None
        before = self.current
        self._runs.show(rows)
        for place, row in enumerate(rows):
            if before is not None and row.path == before.path:
                self.selectRow(place)
        self.current_changed.emit()
        self.runs_read.emit(rows)

    def _on_chosen(self, index: QModelIndex) -> None:
        row = self._runs.rows[index.row()]
        if row.finished is not None:
            self.run_chosen.emit(row)
