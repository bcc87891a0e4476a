"""What a run came to: its test score, where its files are, and which classes it takes for which."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QUrl, Signal
from PySide6.QtGui import QBrush, QColor, QDesktopServices
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tlstudio.core import events
from tlstudio.desktop import texts
from tlstudio.desktop.making import make
from tlstudio.desktop.theme import Theme
from tlstudio.desktop.translated import Translated

Index = QModelIndex | QPersistentModelIndex


class ConfusionModel(QAbstractTableModel):
    """Rows: true classes; columns: predicted ones; cells: counts, shaded by their share of the row."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._names: list[str] = []
        self._counts: list[list[int]] = []
        theme.changed.connect(self._recolour)

    def show(self, names: list[str], counts: list[list[int]]) -> None:
        self.beginResetModel()
        self._names, self._counts = names, counts
        self.endResetModel()

    def _recolour(self) -> None:
        if self._names:
            last = len(self._names) - 1
            self.dataChanged.emit(self.index(0, 0), self.index(last, last))

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._names)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._names)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole} and section < len(self._names):
            return self._names[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        count = self._counts[row][column]
        if role == Qt.ItemDataRole.DisplayRole:
            return str(count) if count else ""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter
        if role == Qt.ItemDataRole.BackgroundRole and count:
            share = count / max(sum(self._counts[row]), 1)
            colour = QColor(self._theme.colours.best if row == column else self._theme.colours.validation)
            colour.setAlphaF(0.15 + 0.55 * share)
            return QBrush(colour)
        if role == Qt.ItemDataRole.ToolTipRole:
            text = self.tr("{count} images of “{true}” were taken for “{predicted}”")
            return text.format(count=count, true=self._names[row], predicted=self._names[column])
        return None


class ResultsView(Translated, QWidget):
    """Shows one run: ``show_run`` while it ends, or when it is chosen in the table of runs."""

    shown = Signal()  # another run, or none

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("resultsView")
        self._finished: events.RunFinished | None = None
        self._scored: events.Evaluated | None = None
        self._theme = theme
        self._build()
        self.retranslate()

    def _build(self) -> None:
        self.summary = make(QLabel, "resultsSummary", wordWrap=True)
        self.summary.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.files = make(QLabel, "resultsFiles", wordWrap=True)
        self.files.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.folder_button = make(QPushButton, "openRunFolderButton")
        self.folder_button.clicked.connect(self._open_folder)
        self.report_button = make(QPushButton, "openReportButton")
        self.report_button.clicked.connect(self._open_report)
        self.confusion_title = QLabel(wordWrap=True)
        self.confusion = ConfusionModel(self._theme, self)
        self.matrix = make(QTableView, "confusionMatrix")
        self.matrix.setModel(self.confusion)
        self.matrix.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.matrix.horizontalHeader().setDefaultSectionSize(56)
        self.matrix.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.matrix.verticalHeader().setDefaultSectionSize(24)
        self.matrix.verticalHeader().setMaximumWidth(140)
        self.export_button = make(QToolButton, "exportResultButton", focusPolicy=Qt.FocusPolicy.StrongFocus)
        row = QHBoxLayout()
        row.addWidget(self.export_button)
        row.addWidget(self.folder_button)
        row.addWidget(self.report_button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 0, 0)
        layout.addWidget(self.summary)
        layout.addWidget(self.files)
        layout.addLayout(row)
        layout.addWidget(self.confusion_title)
        layout.addWidget(self.matrix, 100)
        layout.addStretch(1)  # keeps the lines together while there is no matrix

    def retranslate(self) -> None:
        self.folder_button.setText(self.tr("Open the run's folder"))
        self.report_button.setText(self.tr("Open the report"))
        self.confusion_title.setText(self.tr("Confusion matrix: true classes in rows, predicted ones in columns"))
        self.matrix.setAccessibleName(self.tr("Confusion matrix"))
        self._show()

    @property
    def exportable(self) -> Path | None:
        """The run folder that is shown, if there is a model in it."""
        finished = self._finished
        return Path(finished.run) if finished is not None and finished.checkpoints.best else None

    def clear(self) -> None:
        self._finished = self._scored = None
        self._show()

    def show_run(self, finished: events.RunFinished, scored: events.Evaluated | None) -> None:
        self._finished, self._scored = finished, scored
        self._show()

    def _show(self) -> None:
        finished, scored = self._finished, self._scored
        self.shown.emit()
        self.folder_button.setEnabled(finished is not None)
        self.report_button.setEnabled(finished is not None and (Path(finished.run) / "report.html").exists())
        self.matrix.setVisible(scored is not None)
        self.confusion_title.setVisible(scored is not None)
        if finished is None:
            self.summary.setText(self.tr("The result of a training run is shown here."))
            self.files.setText("")
            self.confusion.show([], [])
            return
        lines = []
        if finished.test is not None:
            text = self.tr("Test accuracy: {accuracy} of {images} images that were never used in training")
            lines.append(
                "<b>"
                + text.format(accuracy=f"{100 * finished.test.accuracy:.1f} %", images=finished.test.images)
                + "</b>"
            )
        if finished.best is not None and finished.best.val_accuracy is not None:
            text = self.tr("Model of epoch {epoch}, validation accuracy {accuracy}")
            accuracy = f"{100 * finished.best.val_accuracy:.1f} %"
            lines.append(text.format(epoch=finished.best.epoch, accuracy=accuracy))
        text = self.tr("{strategy}, {epochs} epochs in {seconds}, {why}")
        lines.append(
            text.format(
                strategy=texts.strategy_name(finished.strategy),
                epochs=finished.epochs,
                seconds=texts.duration(finished.seconds),
                why=texts.stopped_text(finished.stopped),
            )
        )
        self.summary.setText("<br>".join(lines))
        best = finished.checkpoints.best
        where = (
            self.tr("Model: {path}").format(path=best)
            if best
            else self.tr("No model was kept: no epoch was finished.")
        )
        self.files.setText(where)
        if scored is not None:
            self.confusion.show([row.name for row in scored.per_class], scored.confusion)
        else:
            self.confusion.show([], [])

    def _open_folder(self) -> None:
        if self._finished is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(self._finished.run))

    def _open_report(self) -> None:
        if self._finished is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self._finished.run) / "report.html")))
