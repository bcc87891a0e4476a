"""The images of a class: a list with a search, a large preview, and edits of what is selected."""

import msgspec
from PySide6.QtCore import QModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tlstudio.core.data import editing
from tlstudio.core.data.options import DatasetEdits
from tlstudio.desktop import texts, workspace
from tlstudio.desktop.class_menu import ClassMenu
from tlstudio.desktop.image_list_model import PICTURE, ImageListModel
from tlstudio.desktop.image_preview import ImagePreview, LargePreview
from tlstudio.desktop.making import make
from tlstudio.desktop.thumbnails import Thumbnails
from tlstudio.desktop.translated import Translated
from tlstudio.desktop.workspace import Workspace

TYPING = 150  # milliseconds after the last key before the list is searched
CELL = QSize(PICTURE + 24, PICTURE + 30)


class ImagesPage(Translated, QWidget):
    """``show_class`` takes the name of a class, or None for all images."""

    all_requested = Signal()

    def __init__(self, space: Workspace, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("imagesPage")
        self._space = space
        self.label: str | None = None
        self._build(thumbnails)
        self._connect()
        self.retranslate()

    def _build(self, thumbnails: Thumbnails) -> None:
        self.search = make(QLineEdit, "datasetSearch", clearButtonEnabled=True)
        self.count = make(QLabel, "imageCount")
        self.count.setTextFormat(Qt.TextFormat.PlainText)
        self.all_button = make(QToolButton, "allImagesButton", autoRaise=True)
        self.images = ImageListModel(thumbnails, self)
        self.list = make(QListView, "imageList", uniformItemSizes=True)
        self.list.setModel(self.images)
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setIconSize(QSize(PICTURE, PICTURE))
        self.list.setGridSize(CELL)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.preview = ImagePreview(self._space)
        self.leave_out_button = make(QPushButton, "leaveOutButton")
        self.class_button = make(QPushButton, "otherClassButton")
        self.class_menu = ClassMenu(self)
        self.class_button.setMenu(self.class_menu)
        self._timer = QTimer(self, singleShot=True, interval=TYPING)

        left, right = QWidget(), QWidget()
        inside = QVBoxLayout(left)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.search)
        inside.addWidget(self.list, 1)
        bottom = QHBoxLayout()
        bottom.addWidget(self.count, 1)
        bottom.addWidget(self.all_button)
        inside.addLayout(bottom)
        buttons = QHBoxLayout()
        buttons.addWidget(self.leave_out_button)
        buttons.addWidget(self.class_button)
        buttons.addStretch(1)
        beside = QVBoxLayout(right)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(self.preview, 1)
        beside.addLayout(buttons)
        self.halves = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        for half in (left, right):
            self.halves.addWidget(half)
            half.setMinimumWidth(130)
        self.halves.setSizes([220, 300])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 0)
        layout.addWidget(self.halves)

    def _connect(self) -> None:
        self._space.dataset_changed.connect(self._show)
        self._space.plan_changed.connect(self._update_buttons)
        self.search.textChanged.connect(lambda _text: self._timer.start())
        self.search.returnPressed.connect(self._search)
        self._timer.timeout.connect(self._search)
        self.all_button.clicked.connect(self.all_requested)
        self.list.activated.connect(self._on_activated)
        selection = self.list.selectionModel()
        selection.currentChanged.connect(self._on_current_changed)
        selection.selectionChanged.connect(self._update_buttons)
        self.images.modelReset.connect(self._update_buttons)
        delete = QShortcut(QKeySequence.StandardKey.Delete, self.list, context=Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._on_leave_out_clicked)
        self.leave_out_button.clicked.connect(self._on_leave_out_clicked)
        self.class_menu.class_chosen.connect(self._relabel)

    def retranslate(self) -> None:
        self.search.setPlaceholderText(self.tr("Search by name"))
        self.search.setAccessibleName(self.tr("Search images by name"))
        self.list.setAccessibleName(self.tr("Images of the class"))
        self.all_button.setText(self.tr("All classes"))
        self.all_button.setToolTip(self.tr("Show the images of all classes"))
        self.class_button.setText(self.tr("Other class"))
        self._say_count()
        self._update_buttons()

    def cancel(self) -> None:
        self._timer.stop()
        self.preview.cancel()

    # -- what is shown ----------------------------------------------------------------------------------

    def show_class(self, label: str | None) -> None:
        self.label = label
        self._show()
        self.list.scrollToTop()

    def _show(self) -> None:
        raw, division = self._space.raw, self._space.data.division
        edits = self._space.data_plan.edits
        if raw is None or division is None:
            self.images.show([], DatasetEdits(), {})
            self.label = None
            self.preview.show_image("")
        else:
            relabel = edits.relabel
            wanted = [e for e in raw.entries if self.label is None or relabel.get(e.path, e.label) == self.label]
            self.images.show(wanted, edits, division.parts)
        self._say_count()
        self._update_buttons()

    def _search(self) -> None:
        self._timer.stop()
        self.images.search(self.search.text())
        self._say_count()

    def _say_count(self) -> None:
        count = len(self.images.entries)
        self.count.setText(self.tr("%Ln image(s)", "", count))
        self.all_button.setVisible(self.label is not None)
        self.count.setToolTip(texts.plain_tip(self.label or ""))

    def _on_current_changed(self, _index: object, _before: object) -> None:
        current = self.list.currentIndex()
        if current.isValid():
            self.preview.show_image(self.images.entries[current.row()].path)

    def _on_activated(self, index: QModelIndex) -> None:
        LargePreview(self._space, self.images.entries[index.row()].path, self).open()

    def selected(self) -> list[str]:
        """The names of the selected images; of the one in the preview, where the list has none selected."""
        rows = sorted(index.row() for index in self.list.selectionModel().selectedIndexes())
        names = [self.images.entries[row].path for row in rows]
        scan = self._space.scan
        return [self.preview.name] if not names and scan is not None and self.preview.name in scan.entries else names

    def _update_buttons(self, *_changed: object) -> None:
        names = self.selected()
        is_out = bool(names) and all(self.images.is_left_out(name) for name in names)
        self.leave_out_button.setText(self.tr("Take back") if is_out else self.tr("Leave out"))
        for button in (self.leave_out_button, self.class_button):
            button.setEnabled(bool(names))
        self.class_menu.set_classes(self._space.classes)

    # -- what is asked for ------------------------------------------------------------------------------

    def _on_leave_out_clicked(self) -> None:
        names, edits = self.selected(), self._space.data_plan.edits
        if not names:
            return
        if all(self.images.is_left_out(name) for name in names):
            self._change(editing.take_back(edits, names), workspace.LEAVING_OUT)
        else:
            self._change(editing.leave_out(edits, names), workspace.LEAVING_OUT)

    def _relabel(self, label: str) -> None:
        scan = self._space.scan
        if scan is not None:
            own = {name: scan.entries[name].label for name in self.selected()}
            edits = editing.relabel(self._space.data_plan.edits, self.selected(), label, own)
            self._change(edits, workspace.RELABELLING)

    def _change(self, edits: DatasetEdits, text: str) -> None:
        self._space.change_plan(msgspec.structs.replace(self._space.data_plan, edits=edits), text)
