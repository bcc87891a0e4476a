"""The questions about a model file on the screen: one box for each kind of ``opening_flow``."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDoubleSpinBox,
    QGroupBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QListWidget,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from tlstudio.core.model.lambdas import STAND_INS
from tlstudio.desktop import texts
from tlstudio.desktop.known_networks import network_meant, network_names
from tlstudio.desktop.making import make
from tlstudio.desktop.opening_flow import (
    LARGEST_SIDE,
    ArchitectureQuestion,
    FileQuestion,
    LayerQuestion,
    OpeningFlow,
    OutputQuestion,
    Question,
    SizeQuestion,
)

SCALE = "scale"  # the choice that needs two numbers more


class QuestionBox(QGroupBox):
    """One question. ``answered`` goes out whenever the answer may have changed."""

    answered = Signal()

    def __init__(self, flow: OpeningFlow, question: Question) -> None:
        super().__init__()
        self.flow, self.question = flow, question
        self.first: QWidget = self  # what the keyboard is given to
        self.column = QVBoxLayout(self)

    def add_text(self, text: str) -> QLabel:
        label = QLabel(text, wordWrap=True)
        label.setTextFormat(Qt.TextFormat.PlainText)  # names in a stranger's file are not to be drawn as HTML
        self.column.addWidget(label)
        return label

    def answer(self, value: object) -> None:
        self.flow.answer(self.question, value)
        self.answered.emit()


class OutputBox(QuestionBox):
    def __init__(self, flow: OpeningFlow, question: OutputQuestion) -> None:
        super().__init__(flow, question)
        self.setTitle(self.tr("Several outputs"))
        self.add_text(self.tr("The network has several outputs. Which one gives the classes?"))
        self.list = make(QTreeWidget, "outputChoices", rootIsDecorated=False)
        self.list.setHeaderLabels([self.tr("Output"), self.tr("Type"), self.tr("Shape")])
        self.list.setAccessibleName(self.tr("Outputs of the network"))
        for path, type_, shape in question.outputs:
            item = QTreeWidgetItem([path, type_, shape])
            self.list.addTopLevelItem(item)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.setFixedHeight(_height_for(self.list, min(len(question.outputs), 8)))
        self.column.addWidget(self.list)
        self.first = self.list
        self.list.itemSelectionChanged.connect(self._on_selected)

    def _on_selected(self) -> None:
        """The selected one; the current one may only have the keyboard."""
        chosen = self.list.selectedItems()
        self.answer(chosen[0].text(0) if chosen else None)


class SizeBox(QuestionBox):
    def __init__(self, flow: OpeningFlow, question: SizeQuestion) -> None:
        super().__init__(flow, question)
        self.setTitle(self.tr("Size of images"))
        self.add_text(
            self.tr("The network takes images of any size. Choose the one that yours are brought to; 224 suits most.")
        )
        row = QHBoxLayout()
        self.height_box = make(QSpinBox, "inputHeightBox", minimum=1, maximum=LARGEST_SIDE)
        self.width_box = make(QSpinBox, "inputWidthBox", minimum=1, maximum=LARGEST_SIDE)
        chosen = flow.answers.get(SizeQuestion)
        height, width = chosen if isinstance(chosen, tuple) else (question.height, question.width)
        for box, name, size, is_free in (
            (self.height_box, self.tr("Height"), height, question.is_height_free),
            (self.width_box, self.tr("Width"), width, question.is_width_free),
        ):
            box.setValue(size)
            box.setEnabled(is_free)
            box.setSuffix(self.tr(" px"))
            box.setAccessibleName(name)
            row.addWidget(QLabel(name))
            row.addWidget(box)
            box.valueChanged.connect(self._on_changed)
        row.addStretch(1)
        self.column.addLayout(row)
        self.first = self.height_box
        self._on_changed()

    def _on_changed(self) -> None:
        self.answer((self.height_box.value(), self.width_box.value()))


class ArchitectureBox(QuestionBox):
    file_wanted = Signal()

    def __init__(self, flow: OpeningFlow, question: ArchitectureQuestion) -> None:
        super().__init__(flow, question)
        self.setTitle(self.tr("Weights without a network"))
        self.add_text(
            self.tr("The file holds only weights, and not how the layers are put together. Whose weights are they?")
        )
        self.list = make(
            QTreeWidget, "weightsList", rootIsDecorated=False, alternatingRowColors=True, uniformRowHeights=True
        )
        self.list.setHeaderLabels([self.tr("Layer"), self.tr("Arrays"), self.tr("Parameters")])
        self.list.setAccessibleName(self.tr("Layers whose weights the file holds"))
        for name, shapes, parameters in question.layers:
            item = QTreeWidgetItem([name, shapes or self.tr("none"), texts.number(parameters) if parameters else ""])
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.list.addTopLevelItem(item)
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.column.addWidget(self.list, 1)
        row = QHBoxLayout()
        self.networks = make(QComboBox, "architectureBox", editable=True)
        self.networks.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.networks.addItems(network_names())
        self.networks.setCurrentIndex(-1)
        self.networks.setAccessibleName(self.tr("Network of the catalogue"))
        edit = self.networks.lineEdit()
        if edit is not None:
            edit.setPlaceholderText(self.tr("Network of the catalogue"))
        completer = self.networks.completer()
        if completer is not None:
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            completer.setCompletionMode(completer.CompletionMode.PopupCompletion)
        self.file_button = make(QPushButton, "architectureFileButton", self.tr("A file that describes it…"))
        row.addWidget(self.networks, 1)
        row.addWidget(self.file_button)
        self.column.addLayout(row)
        self.file = self.add_text("")
        self.file.hide()
        chosen = flow.answers.get(ArchitectureQuestion)
        if isinstance(chosen, str) and Path(chosen).exists():
            self.take_file(Path(chosen))
        elif isinstance(chosen, str):
            self.networks.setEditText(chosen)
        self.networks.editTextChanged.connect(self._on_network_changed)
        self.file_button.clicked.connect(self.file_wanted)
        self.first = self.networks

    def _on_network_changed(self, text: str) -> None:
        self.file.hide()
        self.answer(network_meant(text) or None)

    def take_file(self, path: Path) -> None:
        self.networks.blockSignals(True)
        self.networks.setEditText("")
        self.networks.blockSignals(False)
        self.file.setText(self.tr("Described by {file}").format(file=path.name))
        self.file.setToolTip(texts.plain_tip(str(path)))
        self.file.show()
        self.answer(str(path))


class FileBox(QuestionBox):
    file_wanted = Signal()

    def __init__(self, flow: OpeningFlow, question: FileQuestion) -> None:
        super().__init__(flow, question)
        self.setTitle(self.tr("A file that belongs to it"))
        self.add_text(self._text(question.code))
        self.list = make(QListWidget, "fileChoices")
        self.list.setAccessibleName(self.tr("Files that could be meant"))
        self.list.addItems(question.names)
        self.list.setVisible(bool(question.names))
        self.list.setMaximumHeight(120)
        self.file_button = make(QPushButton, "belongingFileButton", self.tr("Choose the file…"))
        self.file = QLabel(wordWrap=True)
        self.file.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout()
        row.addWidget(self.file_button)
        row.addWidget(self.file, 1)
        self.column.addWidget(self.list)
        self.column.addLayout(row)
        self.first = self.list if question.names else self.file_button
        self.list.itemSelectionChanged.connect(self._on_selected)
        self.file_button.clicked.connect(self.file_wanted)
        chosen = flow.answers.get(FileQuestion)
        if isinstance(chosen, str):
            self.take_file(Path(chosen))

    def _text(self, code: str) -> str:
        return {
            "caffe_network_missing": self.tr("The weights are those of a Caffe network. Which file describes it?"),
            "caffe_weights_missing": self.tr("The file describes a Caffe network. Which file holds its weights?"),
            "caffe_several": self.tr("Several files could belong to it. Which one does?"),
            "weights_missing": self.tr("The file describes a network. Which file holds its weights?"),
        }[code]

    def _on_selected(self) -> None:
        folder = self.flow.path if self.flow.path.is_dir() else self.flow.path.parent
        for item in self.list.selectedItems():
            self.take_file(folder / item.text())

    def take_file(self, path: Path) -> None:
        self.file.setText(path.name)
        self.file.setToolTip(texts.plain_tip(str(path)))
        self.answer(str(path))


class LayerBox(QuestionBox):
    def __init__(self, flow: OpeningFlow, question: LayerQuestion) -> None:
        super().__init__(flow, question)
        code, unknown = self.tr("Program code in the file"), self.tr("A layer that is not known")
        self.setTitle(code if question.can_be_replaced else unknown)
        if question.can_be_replaced:
            text = self.tr("The layer “{layer}” is program code, which was not run. What should be done about it?")
        else:
            text = self.tr("The layer “{layer}” is of the type {type}, which TLStudio does not open.")
        self.add_text(text.format(layer=question.layer, type=question.type))
        self.group = QButtonGroup(self)
        self.below = make(QRadioButton, "useBelowButton")
        self.below.setText(
            self.tr("Use the part of the network below it, up to “{layer}”").format(layer=question.below)
        )
        self.group.addButton(self.below)
        self.column.addWidget(self.below)
        if not question.below:
            self.below.setEnabled(False)
            self.below.setText(self.tr("No part below it can be used alone"))
        if question.can_be_replaced:
            self._add_replacing(question)
        self.first = self.below
        self._restore()
        self.group.buttonClicked.connect(self._on_changed)

    def _add_replacing(self, question: LayerQuestion) -> None:
        self.replace = make(QRadioButton, "replaceButton", self.tr("Put a layer of Keras in its place; it"))
        self.group.addButton(self.replace)
        self.column.addWidget(self.replace)
        row = QHBoxLayout()
        row.setContentsMargins(24, 0, 0, 0)
        self.choices = make(QComboBox, "standInBox")
        self.choices.setAccessibleName(self.tr("What the layer does"))
        self.choices.setPlaceholderText(self.tr("choose what it does"))
        for choice in STAND_INS:
            words = texts.stand_in_text(choice)
            if choice == question.suggestion:
                words = self.tr("{words} (suggested)").format(words=words)
            self.choices.addItem(words, choice)
        self.choices.addItem(self.tr("scales and shifts: A·x + B"), SCALE)
        self.choices.setCurrentIndex(-1)
        self.scale, self.offset = (
            make(QDoubleSpinBox, name, decimals=8, minimum=-1e9, maximum=1e9)
            for name in ("standInScale", "standInOffset")
        )
        self.scale.setValue(1.0)
        self.scale.setPrefix("A = ")
        self.offset.setPrefix("B = ")
        row.addWidget(self.choices, 1)
        for box in (self.scale, self.offset):
            box.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
            box.hide()
            box.valueChanged.connect(self._on_changed)
            row.addWidget(box)
        self.column.addLayout(row)
        if question.suggestion in STAND_INS:
            hint = self.tr("Suggested: {words}. Only who made the model knows; a wrong choice spoils every result.")
            self.add_text(hint.format(words=texts.stand_in_text(question.suggestion)))
        else:
            self.add_text(self.tr("Only who made the model knows what it does; a wrong choice spoils every result."))
        self.choices.activated.connect(self._on_choice_made)

    def _restore(self) -> None:
        match self.flow.answers.get(LayerQuestion):
            case ("below", _):
                self.below.setChecked(True)
            case ("replace", str(choice)) if ":" in choice:
                self.replace.setChecked(True)
                self.choices.setCurrentIndex(self.choices.findData(SCALE))
                scale, offset = choice.partition(":")[2].split(",")
                self.scale.setValue(float(scale))
                self.offset.setValue(float(offset))
                self._show_numbers()
            case ("replace", str(choice)):
                self.replace.setChecked(True)
                self.choices.setCurrentIndex(self.choices.findData(choice))

    def _on_choice_made(self) -> None:
        self.replace.setChecked(True)
        self._show_numbers()
        self._on_changed()

    def _show_numbers(self) -> None:
        for box in (self.scale, self.offset):
            box.setVisible(self.choices.currentData() == SCALE)

    def _on_changed(self) -> None:
        if self.below.isChecked():
            self.answer(("below", ""))
            return
        choice = self.choices.currentData() if self.group.checkedButton() is not None else None
        if choice == SCALE:
            choice = f"{SCALE}:{self.scale.value()!r},{self.offset.value()!r}"
        self.answer(("replace", choice) if choice else None)


def _height_for(tree: QTreeWidget, rows: int) -> int:
    return tree.header().sizeHint().height() + rows * max(tree.sizeHintForRow(0), 18) + 2 * tree.frameWidth() + 4
