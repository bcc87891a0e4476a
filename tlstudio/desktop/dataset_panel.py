"""The dataset pane: the folder, its classes with counts and thumbnails, and how many problems it has."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSignalBlocker,
    QStringListModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage, QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QListView,
    QProgressBar,
    QStackedWidget,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tlstudio.desktop import texts
from tlstudio.desktop.class_bars import ClassBars, ShareRole
from tlstudio.desktop.dropping import dropped_path, is_dataset
from tlstudio.desktop.making import make
from tlstudio.desktop.placeholder import Placeholder
from tlstudio.desktop.translated import Translated
from tlstudio.desktop.workspace import Workspace

Index = QModelIndex | QPersistentModelIndex
NAME, EXAMPLES, IMAGES, TRAIN, VALIDATION, TEST = range(6)
EXAMPLE_HEIGHT = 32  # pixels
MOST_EXAMPLES, BESIDE_EXAMPLES = 3, 8  # pictures; pixels
WIDEST_COLUMN = 180  # pixels; longer names of classes end in dots, and are whole in their tips


class ClassTableModel(QAbstractTableModel):
    """One row a class: name, examples, and how many images it has, trains, validates and tests with."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: list[Any] = []
        self._largest = 0  # images of the largest class
        self._pictures: dict[str, QPixmap] = {}

    def show(self, rows: list[Any], thumbnails: dict[str, QImage]) -> None:
        self.beginResetModel()
        self._rows, self._largest = rows, max((row.images for row in rows), default=0)
        smooth = Qt.TransformationMode.SmoothTransformation
        self._pictures = {
            label: QPixmap.fromImage(image.scaledToHeight(EXAMPLE_HEIGHT, smooth))
            for label, image in thumbnails.items()
            if not image.isNull()
        }
        self.endResetModel()

    def name_of(self, row: int) -> str:
        return str(self._rows[row].name)

    def retranslate(self) -> None:
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, NAME, TEST)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else TEST + 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        names = (
            self.tr("Class"),
            self.tr("Examples"),
            self.tr("Images"),
            self.tr("Train"),
            self.tr("Validate"),
            self.tr("Test"),
        )
        return names[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        values = {NAME: row.name, IMAGES: row.images, TRAIN: row.train, VALIDATION: row.validation, TEST: row.test}
        if role == Qt.ItemDataRole.DisplayRole:
            value = values.get(column)
            return texts.number(value) if isinstance(value, int) else value
        if role == Qt.ItemDataRole.DecorationRole and column == EXAMPLES:
            return self._pictures.get(row.name)
        if role == Qt.ItemDataRole.TextAlignmentRole and column >= IMAGES:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == ShareRole and column == IMAGES:
            return row.images / self._largest if self._largest else 0.0
        if role == Qt.ItemDataRole.ToolTipRole and column == NAME:
            return texts.plain_tip(row.name)
        return None


class DatasetPanel(Translated, QWidget):
    """Shows ``workspace.dataset``; a dropped folder and the button become requests."""

    folder_dropped = Signal(Path)
    open_requested = Signal()
    class_chosen = Signal(object)  # its name, or None for all
    problems_requested = Signal()
    options_requested = Signal()

    def __init__(self, space: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("datasetPanel")
        self.setAcceptDrops(True)
        self._space = space
        self._progress_numbers = (0, 0)
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        self.summary = make(QLabel, "datasetSummary", wordWrap=True)
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.choose_button = make(QToolButton, "chooseDatasetButton")
        self.classes = ClassTableModel(self)
        self.table = make(QTableView, "datasetTable", alternatingRowColors=True)
        self.table.setModel(self.classes)
        self.table.setItemDelegateForColumn(IMAGES, ClassBars(self.table))
        self.table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.table.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(36)
        header = self.table.horizontalHeader()
        header.setMinimumSectionSize(36)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setMaximumSectionSize(WIDEST_COLUMN)
        header.setStretchLastSection(False)
        header.setHighlightSections(False)  # bold headings of the chosen class would be cut off
        header.setSectionResizeMode(EXAMPLES, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(EXAMPLES, MOST_EXAMPLES * EXAMPLE_HEIGHT + BESIDE_EXAMPLES)
        self.table.viewport().installEventFilter(self)
        self.problems_button = make(QToolButton, "datasetProblemsButton", autoRaise=True)
        self.options_button = make(QToolButton, "imageOptionsButton")
        self.progress = make(QProgressBar, "datasetProgress")
        self.progress_label = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.cancel_button = make(QToolButton, "cancelScanButton")

        top = QHBoxLayout()
        top.addWidget(self.summary, 1)
        top.addWidget(self.choose_button, 0, Qt.AlignmentFlag.AlignTop)
        bottom = QHBoxLayout()
        bottom.addWidget(self.problems_button)
        bottom.addStretch(1)
        bottom.addWidget(self.options_button)
        content = QWidget()
        inside = QVBoxLayout(content)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addLayout(top)
        inside.addWidget(self.table, 1)
        inside.addLayout(bottom)
        scanning = QWidget()
        below = QVBoxLayout(scanning)
        below.addStretch(1)
        below.addWidget(self.progress_label)
        below.addWidget(self.progress)
        below.addWidget(self.cancel_button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.named = make(QListView, "foundClasses")
        self.named.setModel(QStringListModel(self.named))
        self.named.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.named.setUniformItemSizes(True)
        below.addWidget(self.named, 4)
        below.addStretch(1)
        self.placeholder = Placeholder()
        self.pages = QStackedWidget()
        for page in (self.placeholder, scanning, content):
            self.pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)

    def _connect(self) -> None:
        self._space.dataset_changed.connect(self._show)
        self._space.dataset_scanning.connect(self._on_scanning)
        self._space.data.named.connect(self._on_named)
        self.placeholder.clicked.connect(self.open_requested)
        self.choose_button.clicked.connect(self.open_requested)
        self.cancel_button.clicked.connect(self._space.cancel_scan)
        self.problems_button.clicked.connect(self.problems_requested)
        self.options_button.clicked.connect(self.options_requested)
        self.table.selectionModel().selectionChanged.connect(self._on_class_selected)
        self._space.plan_changed.connect(self._show_problems)

    def retranslate(self) -> None:
        self.placeholder.set_texts(
            self.tr("No image folder is open"),
            self.tr(
                "Drop a folder here that has one folder of images per class, or a table (CSV, TSV) that names images"
            ),
            self.tr("Choose an image folder…"),
        )
        self.choose_button.setText(self.tr("Change…"))
        self.choose_button.setAccessibleName(self.tr("Choose another image folder"))
        self.cancel_button.setText(self.tr("Cancel"))
        self.named.setAccessibleName(self.tr("Classes found so far"))
        self.table.setAccessibleName(self.tr("Classes of the image folder"))
        self.problems_button.setToolTip(self.tr("What is wrong with the images, and what can be done"))
        self.options_button.setText(self.tr("Images…"))
        self.options_button.setToolTip(self.tr("How the images are read: classes, groups, pages, scaling"))
        self.classes.retranslate()
        self._show()

    # -- what is shown ----------------------------------------------------------------------------------

    def _on_scanning(self, done: int, total: int) -> None:
        self._progress_numbers = (done, total)
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        if total:
            text = self.tr("Looking at the images: {done} of {total}")
            self.progress_label.setText(text.format(done=texts.number(done), total=texts.number(total)))
        else:
            self.progress_label.setText(self.tr("Looking for images…"))
        if self.pages.currentIndex() != 1:
            self._on_named({})
            self.pages.setCurrentIndex(1)

    def _on_named(self, counts: dict[str, int]) -> None:
        """The classes are known long before all images have been looked at."""
        model = self.named.model()
        if isinstance(model, QStringListModel):
            model.setStringList([f"{name} ({texts.number(count)})" for name, count in counts.items()])
        self.named.setVisible(bool(counts))

    def _show(self) -> None:
        if self._space.is_scanning:
            self._on_scanning(*self._progress_numbers)
            return
        division, scan = self._space.data.division, self._space.scan
        self._progress_numbers = (0, 0)
        if division is None or scan is None:
            self.classes.show([], {})
            self.pages.setCurrentIndex(0)
            return
        dataset = division.dataset
        self._show_classes(division.counts, scan.thumbnails)
        how = (
            self.tr("the dataset says which images train and test")
            if dataset.split == "folders"
            else self.tr("split automatically")
        )
        text = self.tr("{name}: {usable} images in {classes} classes, {how}")
        self.summary.setText(
            text.format(
                name=scan.path.name,
                usable=texts.number(len(dataset.entries)),
                classes=texts.number(len(dataset.classes)),
                how=how,
            )
        )
        left_out = len(scan.raw.entries) - len(dataset.entries)
        if left_out:
            self.summary.setText(self.summary.text() + self.tr("; %Ln left out", "", left_out))
        self.summary.setToolTip(texts.plain_tip(str(scan.path)))
        self._show_problems()
        self.pages.setCurrentIndex(2)

    def _show_classes(self, rows: list[Any], thumbnails: dict[str, QImage]) -> None:
        """The class that is selected stays so, though the table is made anew."""
        label = self._selected_class()
        with QSignalBlocker(self.table.selectionModel()):
            self.classes.show(rows, thumbnails)
            self._fit_examples()
            names = [row.name for row in rows]
            if label in names:
                self.table.selectRow(names.index(label))
        if label is not None and label not in names:
            self.class_chosen.emit(None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.table.viewport() and event.type() == QEvent.Type.Resize:
            self._fit_examples()
        return super().eventFilter(watched, event)

    def _fit_examples(self) -> None:
        """Where there is little room, fewer examples rather than numbers out of sight."""
        header = self.table.horizontalHeader()
        others = sum(header.sectionSize(column) for column in range(TEST + 1) if column != EXAMPLES)
        room = self.table.viewport().width() - others - BESIDE_EXAMPLES
        pictures = min(max(room // EXAMPLE_HEIGHT, 1), MOST_EXAMPLES)
        width = max(pictures * EXAMPLE_HEIGHT + BESIDE_EXAMPLES, header.sectionSizeHint(EXAMPLES))
        if width != header.sectionSize(EXAMPLES):
            header.resizeSection(EXAMPLES, width)

    def _selected_class(self) -> str | None:
        rows = self.table.selectionModel().selectedRows()
        return self.classes.name_of(rows[0].row()) if rows else None

    def _on_class_selected(self, *_selection: object) -> None:
        self.class_chosen.emit(self._selected_class())

    def _show_problems(self) -> None:
        raw = self._space.raw
        if raw is None:
            return
        left = len(raw.problems) - len(self._space.remedied)
        self.problems_button.setVisible(bool(raw.problems))
        if left:
            self.problems_button.setText("⚠ " + self.tr("%Ln problem(s) found", "", left))
        else:
            self.problems_button.setText("✔ " + self.tr("All problems are remedied"))

    # -- dropping ---------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        path = dropped_path(event.mimeData())
        if path is not None and is_dataset(path):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped_path(event.mimeData())
        if path is not None and is_dataset(path):
            event.acceptProposedAction()
            self.folder_dropped.emit(path)
