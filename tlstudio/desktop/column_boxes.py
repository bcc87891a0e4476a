"""Which column of a table holds the image, its class, its part and its group: one box for each."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from tlstudio.core.data.options import Columns
from tlstudio.desktop.making import make
from tlstudio.desktop.translated import Translated

FIELDS = ("path", "label", "part", "group")


class ColumnBoxes(Translated, QWidget):
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: list[str] = []
        self.boxes = {field: make(QComboBox, f"{field}ColumnBox") for field in FIELDS}
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        for box in self.boxes.values():
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(12)
            box.activated.connect(lambda _place: self.changed.emit())
            self._form.addRow(" ", box)
        self.retranslate()

    def set_columns(self, names: list[str], chosen: Columns) -> None:
        """``names``: what the table has."""
        if names != self._names:
            self._names = names
            for box in self.boxes.values():
                box.clear()
                box.addItem("", "")
                for name in names:
                    box.addItem(name, name)
            self.retranslate()
        for field, box in self.boxes.items():
            with QSignalBlocker(box):
                box.setCurrentIndex(max(box.findData(getattr(chosen, field)), 0))

    def columns(self) -> Columns:
        return Columns(**{field: str(box.currentData() or "") for field, box in self.boxes.items()})

    def retranslate(self) -> None:
        labels = (
            self.tr("Image"),
            self.tr("Class"),
            self.tr("Train or test"),
            self.tr("Group (such as the patient)"),
        )
        for (field, box), text in zip(self.boxes.items(), labels, strict=True):
            label = self._form.labelForField(box)
            if isinstance(label, QLabel):
                label.setText(text)
            box.setAccessibleName(text)
            if box.count():
                box.setItemText(0, self.tr("found by itself") if field != "group" else self.tr("none"))


class ColumnsDialog(Translated, QDialog):
    """Asks for the columns of a table that doesn't tell them by itself."""

    def __init__(self, name: str, columns: list[str], reason: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("columnsDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._name = name
        self.reason = QLabel(reason, wordWrap=True)
        self.reason.setTextFormat(Qt.TextFormat.PlainText)
        self.boxes = ColumnBoxes()
        self.boxes.set_columns(columns, Columns())
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (self.reason, self.boxes, buttons):
            layout.addWidget(widget)
        self.setMinimumWidth(420)
        self.retranslate()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Columns of {name}").format(name=self._name))
