"""The model library on the screen: what is in it, what of the catalogue is missing, search, adding and removing."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QModelIndex, QSettings, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tlstudio.core.errors import TLStudioError
from tlstudio.desktop import texts
from tlstudio.desktop.background import Task
from tlstudio.desktop.choosing import Choosing
from tlstudio.desktop.dropping import accept_drag, take_drop
from tlstudio.desktop.library_adding import add_by_path
from tlstudio.desktop.library_rows import library_rows
from tlstudio.desktop.library_table import PLACE, TITLE, LibraryRow, LibrarySearch, LibraryTableModel
from tlstudio.desktop.making import make
from tlstudio.desktop.message_bar import MessageBar
from tlstudio.desktop.settings import library_folder, set_library_folder
from tlstudio.desktop.theme import Theme
from tlstudio.desktop.translated import Translated


class LibraryPage(Translated, QWidget):
    """A model is opened by Enter or a double click; one that is dropped here is added."""

    open_requested = Signal(Path)
    changed = Signal()  # a model was added or removed, or another folder chosen

    def __init__(self, settings: QSettings, choosing: Choosing, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("libraryPage")
        self.setAcceptDrops(True)
        self._settings, self._choosing, self._theme = settings, choosing, theme
        self._listing: Task | None = None
        self._adding: Task | None = None
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        self.message_bar = MessageBar(self._theme)
        self.search = make(QLineEdit, "librarySearch", clearButtonEnabled=True)
        self.models = LibraryTableModel(self)
        self.models.set_colour(self._theme.colours.muted)
        self.found = LibrarySearch(self)
        self.found.setSourceModel(self.models)
        self.table = make(QTableView, "libraryTable", alternatingRowColors=True, sortingEnabled=False)
        self.table.setModel(self.found)
        self.table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(self.table.fontMetrics().height() + 8)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setMaximumSectionSize(320)
        header.setSectionResizeMode(PLACE, QHeaderView.ResizeMode.Stretch)
        self.details = make(QLabel, "libraryDetails", wordWrap=True)
        self.details.setTextFormat(Qt.TextFormat.PlainText)
        self.details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.folder = make(QLabel, "libraryFolder")
        self.folder.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.folder_button = make(QToolButton, "libraryFolderButton")
        self.progress = make(QProgressBar, "libraryProgress")
        self.progress.hide()
        self.open_button = make(QPushButton, "libraryOpenButton")
        self.add_button = make(QPushButton, "libraryAddButton")
        self.remove_button = make(QPushButton, "libraryRemoveButton")
        for button in (self.open_button, self.add_button, self.remove_button):
            button.setAutoDefault(False)  # Enter in the search opens nothing
        place = QHBoxLayout()
        place.addWidget(self.folder, 1)
        place.addWidget(self.folder_button)
        buttons = QHBoxLayout()
        buttons.addWidget(self.add_button)
        buttons.addWidget(self.remove_button)
        buttons.addWidget(self.progress)
        buttons.addStretch(1)
        buttons.addWidget(self.open_button)
        layout = QVBoxLayout(self)
        layout.addWidget(self.message_bar)
        layout.addWidget(self.search)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.details)
        layout.addLayout(place)
        layout.addLayout(buttons)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._on_search_changed)
        self.table.activated.connect(self._open)
        self.table.selectionModel().currentRowChanged.connect(self._update)
        self.found.modelReset.connect(self._update)
        self.open_button.clicked.connect(lambda: self._open(self.table.currentIndex()))
        self.add_button.clicked.connect(self._choose_to_add)
        self.remove_button.clicked.connect(self._ask_to_remove)
        self.folder_button.clicked.connect(self._choose_folder)
        self._theme.changed.connect(lambda: self.models.set_colour(self._theme.colours.muted))

    def retranslate(self) -> None:
        self.search.setPlaceholderText(self.tr("Search by name, network, class, source or licence"))
        self.search.setAccessibleName(self.tr("Search the model library"))
        self.table.setAccessibleName(self.tr("Models of the library and of the catalogue"))
        self.folder_button.setText(self.tr("Other folder…"))
        self.folder_button.setToolTip(self.tr("Choose where the model library lies"))
        self.open_button.setText(self.tr("Open"))
        self.add_button.setText(self.tr("Add a model…"))
        self.remove_button.setText(self.tr("Remove…"))
        self.progress.setAccessibleName(self.tr("Copying the model"))
        self.models.retranslate()
        self._update()

    # -- what is shown ----------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Look at the folder again."""
        if self._listing is not None:
            self._listing.cancel()
        folder = library_folder(self._settings)
        task = Task(lambda _task: library_rows(folder), self)
        task.finished.connect(self._on_listed)
        task.failed.connect(self._on_listing_failed)
        self._listing = task
        task.start()

    def cancel(self) -> None:
        """Leave off what is going on; a copy that is not whole is deleted."""
        for task in (self._listing, self._adding):
            if task is not None:
                task.cancel()
        self._listing = self._adding = None

    def _on_listed(self, rows: list[LibraryRow]) -> None:
        self._listing = None
        current = self.current()
        self.models.set_rows(rows)
        if current is not None:
            self._select(current.path)
        self._update()

    def _on_listing_failed(self, error: TLStudioError) -> None:
        self._listing = None
        self.models.set_rows([])
        self.show_error(error)

    def show_error(self, error: TLStudioError) -> None:
        self.message_bar.show_message(texts.text_of(error), "error")

    def current(self) -> LibraryRow | None:
        return self.models.row_of(self.found.mapToSource(self.table.currentIndex()))

    def _select(self, path: Path | None) -> None:
        for number in range(self.found.rowCount()):
            index = self.found.index(number, TITLE)
            row = self.models.row_of(self.found.mapToSource(index))
            if row is not None and path is not None and row.path == path:
                self.table.setCurrentIndex(index)

    def _on_search_changed(self, text: str) -> None:
        self.found.search(text)
        if text and self.found.rowCount() and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.found.index(0, TITLE))
        self._update()

    def _update(self) -> None:
        folder = str(library_folder(self._settings))
        self.folder.setText(self.tr("Folder: {path}").format(path=folder))
        self.folder.setToolTip(folder)
        row = self.current()
        is_busy = self._adding is not None
        self.details.setText(self.models.details(row) if row is not None else self._hint())
        self.open_button.setEnabled(row is not None and row.path is not None)
        self.remove_button.setEnabled(row is not None and row.is_own and not is_busy)
        self.add_button.setEnabled(not is_busy)

    def _hint(self) -> str:
        if self._listing is None and not self.models.rowCount():
            return self.tr("The library is empty. Drop a model here to copy it into the library.")
        if not self.found.rowCount():
            return self.tr("Nothing in the library has all of these words.")
        return self.tr("Double-click a model to open it. Drop a model here to copy it into the library.")

    # -- what is asked for ------------------------------------------------------------------------------

    def _open(self, index: QModelIndex) -> None:
        row = self.models.row_of(self.found.mapToSource(index))
        if row is None:
            return
        if row.path is None:
            self.message_bar.show_message(self.models.details(row), "warning")
            return
        self.open_requested.emit(row.path)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """From the search, Enter opens the chosen model, and Down goes into the table."""
        if self.search.hasFocus() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.table.currentIndex())
        elif self.search.hasFocus() and event.key() == Qt.Key.Key_Down:
            self.table.setFocus()
            if not self.table.currentIndex().isValid():
                self.table.setCurrentIndex(self.found.index(0, TITLE))
        else:
            super().keyPressEvent(event)

    def _choose_to_add(self) -> None:
        if path := self._choosing.model():
            self.add(path)

    def add(self, path: Path) -> None:
        """Copy a model into the library, with a card of what its file tells."""
        self.add_by(lambda task: add_by_path(library_folder(self._settings), path, task))

    def add_by(self, copy: Callable[[Task], Path]) -> None:
        """``copy`` runs beside the window, tells its progress in MB, and returns the place of the copy."""
        if self._adding is not None:
            return
        self.message_bar.hide()
        task = Task(copy, self)
        task.progressed.connect(self._on_copying)
        task.finished.connect(self._on_added)
        task.failed.connect(self._on_adding_failed)
        self._adding = task
        self.progress.setRange(0, 0)
        self.progress.show()
        self._update()
        task.start()

    def _on_copying(self, done: int, total: int) -> None:
        self.progress.setRange(0, total)
        self.progress.setValue(done)

    def _on_added(self, path: Path) -> None:
        self._end_adding()
        self.message_bar.show_message(self.tr("“{name}” is in the library now.").format(name=path.name), "good")
        self.refresh()
        self.changed.emit()

    def _on_adding_failed(self, error: TLStudioError) -> None:
        self._end_adding()
        self.show_error(error)

    def _end_adding(self) -> None:
        self._adding = None
        self.progress.hide()
        self._update()

    def _ask_to_remove(self) -> None:
        row = self.current()
        if row is None or row.path is None or not row.is_own:
            return
        box = make(QMessageBox, "removeFromLibrary", self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle(self.tr("Remove a model"))
        box.setText(self.tr("Delete “{name}” and its card from the library?").format(name=row.path.name))
        box.setInformativeText(self.tr("The file is deleted from the disk. This cannot be undone."))
        delete = box.addButton(self.tr("Delete"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        path = row.path
        box.buttonClicked.connect(lambda button: self._remove(path) if button is delete else None)
        box.open()

    def _remove(self, path: Path) -> None:
        from tlstudio.core.model.library import Library

        try:
            Library(library_folder(self._settings)).remove(path)
        except TLStudioError as error:
            self.show_error(error)
        self.refresh()
        self.changed.emit()

    def _choose_folder(self) -> None:
        if path := self._choosing.models_folder(library_folder(self._settings)):
            set_library_folder(self._settings, path)
            self.message_bar.hide()
            self.refresh()
            self._update()
            self.changed.emit()

    # -- dropping ---------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        accept_drag(event)

    def dropEvent(self, event: QDropEvent) -> None:
        if (path := take_drop(event)) is not None:
            self.add(path)


class LibraryDialog(Translated, QDialog):
    """The library's page in a window of its own, beside the main one."""

    def __init__(self, settings: QSettings, choosing: Choosing, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("libraryDialog")
        self.page = LibraryPage(settings, choosing, theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.page)
        self.page.open_requested.connect(self.close)
        self.resize(820, 520)
        self.retranslate()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Model library"))

    def done(self, result: int) -> None:
        self.page.cancel()
        super().done(result)
