"""One dialog for all that a model file leaves open: it renders ``opening_flow``."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QScrollArea, QVBoxLayout, QWidget

from tlstudio.desktop import texts
from tlstudio.desktop.making import make
from tlstudio.desktop.opening_boxes import ArchitectureBox, FileBox, LayerBox, OutputBox, QuestionBox, SizeBox
from tlstudio.desktop.opening_flow import (
    ArchitectureQuestion,
    FileQuestion,
    LayerQuestion,
    OpeningFlow,
    OutputQuestion,
    Question,
    SizeQuestion,
)
from tlstudio.desktop.theme import Theme

WIDTH, HIGHEST = 600, 520  # pixels; a small screen has no room for more


class OpeningDialog(QDialog):
    """When it is accepted, the flow has all its answers."""

    file_wanted = Signal()  # another file of the model: to be given back by ``take_file``

    def __init__(self, flow: OpeningFlow, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("openChoices")
        self.flow = flow
        self.setWindowTitle(self.tr("Open {name}").format(name=flow.path.name))
        inside = QWidget()
        column = QVBoxLayout(inside)
        if flow.error is not None:
            column.addWidget(self._error_label(flow, theme))
        self.boxes = [self._box(question) for question in flow.questions]
        for box in self.boxes:
            box.answered.connect(self._on_answered)
            column.addWidget(box, int(isinstance(box, ArchitectureBox)))
        column.addStretch(0)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        buttons = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(buttons.Ok | buttons.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(scroll, 1)
        layout.addWidget(self.buttons)
        needed = column.totalHeightForWidth(WIDTH - 40) + self.buttons.sizeHint().height() + 40
        has_list = any(isinstance(box, ArchitectureBox) for box in self.boxes)
        self.resize(WIDTH, max(min(needed, HIGHEST), HIGHEST if has_list else 0))
        self._on_answered()
        self.boxes[0].first.setFocus()

    @staticmethod
    def _error_label(flow: OpeningFlow, theme: Theme) -> QLabel:
        assert flow.error is not None
        label = make(QLabel, "choicesError", "✖ " + texts.text_of(flow.error), wordWrap=True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setStyleSheet(f"background: {theme.colours.error}; padding: 6px; border-radius: 4px;")
        return label

    def _box(self, question: Question) -> QuestionBox:
        match question:
            case OutputQuestion():
                return OutputBox(self.flow, question)
            case SizeQuestion():
                return SizeBox(self.flow, question)
            case ArchitectureQuestion():
                box = ArchitectureBox(self.flow, question)
                box.file_wanted.connect(self.file_wanted)
                return box
            case FileQuestion():
                asking = FileBox(self.flow, question)
                asking.file_wanted.connect(self.file_wanted)
                return asking
            case LayerQuestion():
                return LayerBox(self.flow, question)

    def take_file(self, path: Path | None) -> None:
        """The other file of the model; None where the person chose none."""
        for box in self.boxes:
            if isinstance(box, (ArchitectureBox, FileBox)) and path is not None:
                box.take_file(path)

    def _on_answered(self) -> None:
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(self.flow.is_complete)
