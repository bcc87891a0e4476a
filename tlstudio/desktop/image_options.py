"""How the images of the dataset are read: what names their class, what belongs together, pages and scaling.

Each change is one edit of the plan that can be undone.
"""

from functools import partial

import msgspec
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from tlstudio.core.data.groups import FOLDER, group_keys, is_pattern
from tlstudio.core.data.patterns import SECONDS
from tlstudio.core.data.tables import columns_of, table_in
from tlstudio.core.errors import TLStudioError
from tlstudio.desktop import texts, workspace
from tlstudio.desktop.background import Task
from tlstudio.desktop.column_boxes import ColumnBoxes
from tlstudio.desktop.making import make
from tlstudio.desktop.translated import Translated
from tlstudio.desktop.workspace import Workspace

PATTERN = "pattern"
PAGE, PERCENTILES, WINDOW = 101, 102, 103  # edits of the same kind in a row merge
TRIAL = 2.0  # seconds that a new pattern may take on all names; later, on a busy machine, it has five times as long
GAP = 0.1  # percent that the two percentiles are apart at least


class ImageOptionsDialog(Translated, QDialog):
    """Stays open beside the window, and follows its plan."""

    def __init__(self, space: Workspace, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("imageOptions")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._space = space
        self._table = ""
        self._groups_of: tuple[object, str] = None, ""
        self._counting: Task | None = None
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        self.class_level = make(QSpinBox, "classLevelBox", minimum=1, maximum=20)
        self.columns = ColumnBoxes()
        self.group_by = make(QComboBox, "groupByBox")
        self.pattern = make(QLineEdit, "groupPatternEdit")
        self.groups = make(QLabel, "groupsLabel", wordWrap=True)
        self.groups.setTextFormat(Qt.TextFormat.PlainText)
        self.page = make(QSpinBox, "pageBox", minimum=1, maximum=100_000)
        self.scaling = make(QComboBox, "scalingBox")
        self.background = make(QComboBox, "backgroundBox")
        limits = {"decimals": 1, "minimum": 0.0, "maximum": 100.0, "suffix": " %"}
        wide = {"decimals": 2, "minimum": -1e9, "maximum": 1e9}
        self.percent_low = make(QDoubleSpinBox, "percentileLowBox", **limits)
        self.percent_high = make(QDoubleSpinBox, "percentileHighBox", **limits)
        self.window_low = make(QDoubleSpinBox, "windowLowBox", **wide)
        self.window_high = make(QDoubleSpinBox, "windowHighBox", **wide)
        percents, windows = (self.percent_low, self.percent_high), (self.window_low, self.window_high)
        for spin in (self.class_level, self.page, *percents, *windows):
            spin.setKeyboardTracking(False)
        self.percent_row = _row(self.percent_low, self.percent_high)
        self.window_row = _row(self.window_low, self.window_high)
        self.classes_box, self.columns_box, self.reading_box = QGroupBox(), QGroupBox(), QGroupBox()
        QVBoxLayout(self.columns_box).addWidget(self.columns)
        self._forms = [QFormLayout(self.classes_box), QFormLayout(self.reading_box)]
        self._fields: list[list[QWidget]] = [
            [self.class_level, self.group_by, self.pattern],
            [self.page, self.scaling, self.percent_row, self.window_row, self.background],
        ]
        for form, fields in zip(self._forms, self._fields, strict=True):
            for field in fields:
                form.addRow(" ", field)
        self._forms[0].addRow(self.groups)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (self.classes_box, self.columns_box, self.reading_box, buttons):
            layout.addWidget(widget)
        layout.addStretch(1)
        self.setMinimumWidth(420)

    def _connect(self) -> None:
        self._space.plan_changed.connect(self._show)
        self._space.dataset_changed.connect(self._show)
        self._space.dataset_scanning.connect(self._show)
        self.class_level.valueChanged.connect(self._on_class_level_changed)
        self.columns.changed.connect(self._on_columns_changed)
        self.group_by.activated.connect(self._on_group_by_chosen)
        self.pattern.editingFinished.connect(self._on_pattern_edited)
        self.page.valueChanged.connect(lambda page: self._change(PAGE, page=page - 1))
        self.scaling.activated.connect(lambda: self._change(-1, scaling=self.scaling.currentData()))
        self.background.activated.connect(lambda: self._change(-1, background=self.background.currentData()))
        for spin in (self.percent_low, self.percent_high):
            spin.valueChanged.connect(self._on_percentiles_changed)
        for spin in (self.window_low, self.window_high):
            spin.valueChanged.connect(self._on_window_changed)

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Reading the images"))
        self.classes_box.setTitle(self.tr("Classes and groups"))
        self.columns_box.setTitle(self.tr("Columns of the table"))
        self.reading_box.setTitle(self.tr("Reading image files"))
        labels = (
            (
                self.tr("Folder level that names the class"), self.tr("Images that belong together"),
                self.tr("Pattern"),
            ),
            (
                self.tr("Page of files with several"), self.tr("Scaling of deep images"),
                self.tr("Percentiles"), self.tr("From, to (the file's units)"), self.tr("Under transparency"),
            ),
        )  # fmt: skip
        for form, fields, words in zip(self._forms, self._fields, labels, strict=True):
            for field, text in zip(fields, words, strict=True):
                label = form.labelForField(field)
                if isinstance(label, QLabel):
                    label.setText(text)
                field.setAccessibleName(text)
        for spin, text in (
            (self.percent_low, self.tr("Lower percentile")),
            (self.percent_high, self.tr("Upper percentile")),
            (self.window_low, self.tr("Value that becomes black")),
            (self.window_high, self.tr("Value that becomes white")),
        ):
            spin.setAccessibleName(text)
        self.pattern.setPlaceholderText(self.tr("such as (patient\\d+)"))
        self.pattern.setToolTip(
            self.tr("A regular expression that is searched in the image's name; what it finds names the group")
        )
        self.scaling.setToolTip(self.tr("16-bit, float and DICOM images are scaled to 256 levels"))
        _fill(
            self.group_by,
            {
                "": self.tr("none, or as the table says"),
                FOLDER: self.tr("by folder"),
                PATTERN: self.tr("by a pattern"),
            },
        )
        _fill(
            self.scaling,
            {
                "full": self.tr("the whole range"),
                "percentiles": self.tr("percentiles of each image"),
                "window": self.tr("a window for all images"),
            },
        )
        _fill(self.background, {"white": self.tr("white"), "black": self.tr("black"), "grey": self.tr("grey")})
        self._groups_of = None, ""
        self._show()

    # -- what is shown ----------------------------------------------------------------------------------

    def _show(self, *_progress: int) -> None:
        plan, path = self._space.data_plan, self._space.dataset_path
        self.setEnabled(self._space.dataset is not None and not self._space.is_scanning)
        if path is None:
            self.close()
            return
        blockers = [QSignalBlocker(w) for fields in self._fields for w in fields]
        blockers += [QSignalBlocker(w) for w in self.findChildren(QDoubleSpinBox)]
        self.class_level.setValue(plan.layout.class_level)
        self._forms[0].setRowVisible(self.class_level, path.is_dir())
        self._show_columns()
        kind = PATTERN if is_pattern(plan.group_by) else plan.group_by
        if not (kind == "" and self.group_by.currentData() == PATTERN and self.pattern.hasFocus()):
            self.group_by.setCurrentIndex(self.group_by.findData(kind))
            self.pattern.setText(plan.group_by if kind == PATTERN else "")
        self._forms[0].setRowVisible(self.pattern, self.group_by.currentData() == PATTERN)
        images = plan.images
        self.page.setValue(images.page + 1)
        self.scaling.setCurrentIndex(self.scaling.findData(images.scaling))
        self.background.setCurrentIndex(self.background.findData(images.background))
        self._forms[1].setRowVisible(self.percent_row, images.scaling == "percentiles")
        self._forms[1].setRowVisible(self.window_row, images.scaling == "window")
        self.percent_low.setMaximum(images.percentiles[1] - GAP)
        self.percent_high.setMinimum(images.percentiles[0] + GAP)
        self.percent_low.setValue(images.percentiles[0])
        self.percent_high.setValue(images.percentiles[1])
        self.window_low.setMaximum(images.high - 0.01)
        self.window_high.setMinimum(images.low + 0.01)
        self.window_low.setValue(images.low)
        self.window_high.setValue(images.high)
        for blocker in blockers:
            blocker.unblock()
        self._show_groups(plan.group_by)

    def _show_columns(self) -> None:
        path = self._space.dataset_path
        table = table_in(path) if path is not None else None
        self.columns_box.setVisible(table is not None)
        if table is None:
            return
        try:
            names = columns_of(table)
        except TLStudioError:
            self.columns_box.hide()  # a table beside class folders that is none of a dataset
            return
        self.columns.set_columns(names, self._space.data_plan.layout.columns)

    def _show_groups(self, group_by: str) -> None:
        dataset = self._space.dataset
        if dataset is not None and self._groups_of != (dataset, group_by):
            self._groups_of = dataset, group_by
            self._count_groups(group_by, SECONDS).finished.connect(self._on_groups_counted)

    def _count_groups(self, group_by: str, seconds: float) -> Task:
        """Off the window's thread: a pattern may take its whole time."""
        self._cancel_counting()
        entries = self._space.dataset.entries if self._space.dataset is not None else []
        self._say_of_groups("…")
        self._counting = Task(lambda _task: len(set(group_keys(entries, group_by, seconds).values())), self)
        self._counting.failed.connect(self._on_groups_failed)
        self._counting.start()
        return self._counting

    def _cancel_counting(self) -> None:
        if self._counting is not None:
            self._counting.cancel()
            self._counting = None

    def _on_groups_counted(self, count: int) -> None:
        self._counting = None
        self._say_of_groups(
            self.tr("%Ln group(s); none of them is on both sides of a split that is made here.", "", count)
        )

    def _on_groups_failed(self, error: TLStudioError) -> None:
        self._counting, self._groups_of = None, (None, "")
        self._say_of_groups(texts.text_of(error))

    def _say_of_groups(self, text: str) -> None:
        """The dialog grows where the words take more lines than there were when it opened."""
        self.groups.setText(text)
        layout = self.layout()
        if layout is not None and self.isVisible():  # before, it finds its size by itself
            self._forms[0].activate()  # tells the dialog of it at once
            layout.activate()
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    def done(self, result: int) -> None:
        self._cancel_counting()
        super().done(result)

    # -- what is asked for ------------------------------------------------------------------------------

    def _on_class_level_changed(self, level: int) -> None:
        self._space.change_layout(msgspec.structs.replace(self._space.data_plan.layout, class_level=level))

    def _on_columns_changed(self) -> None:
        layout = msgspec.structs.replace(self._space.data_plan.layout, columns=self.columns.columns())
        self._space.change_layout(layout)

    def _on_group_by_chosen(self) -> None:
        kind = self.group_by.currentData()
        self._forms[0].setRowVisible(self.pattern, kind == PATTERN)
        if kind == PATTERN:
            self.pattern.setFocus()
        else:
            self._group(kind)

    def _on_pattern_edited(self) -> None:
        if self.group_by.currentData() == PATTERN:
            self._group(self.pattern.text().strip())

    def _group(self, group_by: str) -> None:
        """A pattern is tried first, on all images; one that doesn't work stays out of the plan."""
        if self._space.dataset is None or group_by == self._space.data_plan.group_by:
            return
        if is_pattern(group_by):
            self._groups_of = None, ""
            self._count_groups(group_by, TRIAL).finished.connect(partial(self._on_pattern_tried, group_by))
        else:
            self._set_group_by(group_by)

    def _on_pattern_tried(self, group_by: str, count: int) -> None:
        self._on_groups_counted(count)
        self._set_group_by(group_by)

    def _set_group_by(self, group_by: str) -> None:
        plan = msgspec.structs.replace(self._space.data_plan, group_by=group_by)
        self._space.change_plan(plan, workspace.IMAGES)

    def _change(self, merge_key: int, **changes: object) -> None:
        plan = self._space.data_plan
        images = msgspec.structs.replace(plan.images, **changes)
        self._space.change_plan(msgspec.structs.replace(plan, images=images), workspace.IMAGES, merge_key)

    def _on_percentiles_changed(self) -> None:
        self._change(PERCENTILES, percentiles=(self.percent_low.value(), self.percent_high.value()))

    def _on_window_changed(self) -> None:
        self._change(WINDOW, low=self.window_low.value(), high=self.window_high.value())


def _row(*widgets: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        layout.addWidget(widget)
    return row


def _fill(box: QComboBox, items: dict[str, str]) -> None:
    for place, (code, text) in enumerate(items.items()):
        if box.count() <= place:
            box.addItem("")
        box.setItemText(place, text)
        box.setItemData(place, code)
