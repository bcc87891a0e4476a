"""The model's card: all that is known of the open model, in words, beside its tree."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tlstudio.core.errors import TLStudioError
from tlstudio.desktop import texts
from tlstudio.desktop.background import Task
from tlstudio.desktop.making import make
from tlstudio.desktop.settings import library_folder
from tlstudio.desktop.translated import Translated
from tlstudio.desktop.workspace import Workspace

if TYPE_CHECKING:
    from tlstudio.core.model.library import Card
    from tlstudio.core.model.model_file import ModelFile
    from tlstudio.core.model.opening import Opening

PIECE = 1 << 20  # bytes hashed between two looks at whether anybody still waits
MAX_NAMES_SHOWN = 12  # of classes; the rest are in the tip
ROWS = (
    "file", "writer", "network", "input", "output", "classes", "parameters", "preprocessing", "choices", "source",
    "licence", "sha256",
)  # fmt: skip


class ModelCard(Translated, QWidget):
    """Shows ``workspace.model``. Its SHA-256 and what the library knows of it come a moment later."""

    add_requested = Signal()

    def __init__(self, space: Workspace, settings: QSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("modelCard")
        self._space, self._settings = space, settings
        self._task: Task | None = None
        self._sha256 = ""
        self._card: Card | None = None
        self._build()
        self._space.model_changed.connect(self._on_model_changed)
        self.add_button.clicked.connect(self.add_requested)
        self.retranslate()

    def _build(self) -> None:
        self.empty = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self.form = QFormLayout()
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setVerticalSpacing(4)
        self.form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.values: dict[str, QLabel] = {}
        for name in ROWS:
            value = make(QLabel, f"card_{name}", wordWrap=True)
            value.setTextFormat(Qt.TextFormat.PlainText)  # names in a stranger's file are not to be drawn as HTML
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.values[name] = value
            self.form.addRow(" ", value)
        self.add_button = make(QPushButton, "addToLibraryButton")
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.add_button)
        self.content = QWidget()
        inside = QVBoxLayout(self.content)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addLayout(self.form)
        inside.addStretch(1)
        inside.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.addWidget(self.empty, 1)
        layout.addWidget(self.content, 1)

    def retranslate(self) -> None:
        self.empty.setText(self.tr("Open a model to see its card here."))
        names = (
            self.tr("File"), self.tr("Written by"), self.tr("Network"), self.tr("Input"), self.tr("Output"),
            self.tr("Classes"), self.tr("Parameters"), self.tr("Pixel values"), self.tr("Chosen"), self.tr("Source"),
            self.tr("Licence"), self.tr("SHA-256"),
        )  # fmt: skip
        for row, name in zip(ROWS, names, strict=True):
            label = self.form.labelForField(self.values[row])
            if isinstance(label, QLabel):
                label.setText(name)
            self.values[row].setAccessibleName(name)
        self.add_button.setText(self.tr("Add to library…"))
        self._show()

    def cancel(self) -> None:
        """Leave off what is being computed."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    # -- what is shown ----------------------------------------------------------------------------------

    def _on_model_changed(self) -> None:
        self.cancel()
        self._sha256, self._card = "", None
        self._show()
        model = self._space.model
        if model is None:
            return
        folder = library_folder(self._settings)
        task = Task(lambda task: _look_up(model.path, folder, task), self)
        task.finished.connect(self._on_looked_up)
        task.failed.connect(self._on_look_up_failed)
        self._task = task
        task.start()

    def refresh(self) -> None:
        """Ask the library once more what it knows of the model."""
        self._on_model_changed()

    def _on_looked_up(self, found: "tuple[str, Card | None]") -> None:
        self._task = None
        self._sha256, self._card = found
        self._show()

    def _on_look_up_failed(self, error: TLStudioError) -> None:
        self._task = None
        self._sha256 = texts.text_of(error)
        self._show()

    def _show(self) -> None:
        model = self._space.model
        self.empty.setVisible(model is None)
        self.content.setVisible(model is not None)
        if model is None:
            return
        shown = self._texts(model)
        for row, value in self.values.items():
            text = shown.get(row, "")
            value.setText(text)
            self.form.setRowVisible(value, bool(text))
        self.values["file"].setToolTip(texts.plain_tip("\n".join(str(path) for path in model.files)))
        self.values["classes"].setToolTip(texts.plain_tip("\n".join(model.labels[:1000])))
        self.add_button.setEnabled(self._card is None)
        in_library = self.tr("This model is in the library.")
        copies = self.tr("Copy the model into the library, with this card")
        self.add_button.setToolTip(in_library if self._card is not None else copies)

    def _texts(self, model: "ModelFile") -> dict[str, str]:
        card = self._card
        preprocessing = self.tr("{mode}; {source}").format(
            mode=texts.preprocessing_name(model.preprocessing.mode),
            source=texts.preprocessing_source(model.preprocessing.source),
        )
        return {
            "file": self._file_text(model),
            "writer": self.tr("{writer}, format {format}").format(writer=model.writer, format=model.format),
            "network": model.recognised or self.tr("none of the catalogue"),
            "input": texts.inputs_text(model),
            "output": texts.outputs_text(model),
            "classes": self._classes_text(model),
            "parameters": texts.number(model.parameters),
            "preprocessing": "" if self._space.problem else preprocessing,
            "choices": self._choices_text(model.opening),
            "source": card.source if card else "",
            "licence": card.licence if card else "",
            "sha256": _in_groups(self._sha256) or self.tr("being computed…"),
        }

    def _file_text(self, model: "ModelFile") -> str:
        size = sum(path.stat().st_size for path in model.files if path.is_file())
        text = self.tr("{name}, {size}").format(name=model.path.name, size=texts.bytes_text(size))
        others = [path.name for path in model.files if path not in (model.path, *model.path.parents)]
        if others and not model.path.is_dir():
            text = self.tr("{file}, with {others}").format(file=text, others=", ".join(others))
        return text

    def _classes_text(self, model: "ModelFile") -> str:
        if model.labels:
            names = ", ".join(model.labels[:MAX_NAMES_SHOWN])
            more = len(model.labels) - MAX_NAMES_SHOWN
            if more > 0:
                names = self.tr("{names} and %n more", "", more).format(names=names)
            return self.tr("%n: {names}", "", len(model.labels)).format(names=names)
        if self._space.problem or model.output_units is None:
            return self.tr("none; it gives no class scores")
        return self.tr("%n, without names", "", model.output_units)

    def _choices_text(self, opening: "Opening") -> str:
        parts = []
        if opening.architecture:
            parts.append(self.tr("network {name}").format(name=Path(opening.architecture).name))
        if opening.output:
            parts.append(self.tr("output of {layer}").format(layer=opening.output))
        if opening.input_size:
            parts.append(self.tr("input size {size}").format(size="×".join(map(str, opening.input_size))))
        for layer, choice in opening.replacements.items():
            parts.append(self.tr("{choice} in place of {layer}").format(choice=choice, layer=layer))
        return "; ".join(parts)


def _look_up(path: Path, folder: Path, task: Task) -> "tuple[str, Card | None]":
    """The SHA-256 of a model, and its card if the library has one."""
    from tlstudio.core.model.library import Library, fingerprint

    digest = _sha256(path, task) if path.is_file() else fingerprint(path)
    try:
        entries = Library(folder).entries()
    except TLStudioError:
        return digest, None  # the library's page says what is wrong with its folder
    for entry in entries:
        if entry.has_card and digest == entry.card.sha256:
            return digest, entry.card
    return digest, None


def _sha256(path: Path, task: Task) -> str:
    from hashlib import sha256

    running = sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            task.control.checkpoint()
            running.update(piece)
    return running.hexdigest()


def _in_groups(digest: str) -> str:
    """With places where a line may break."""
    if len(digest) != 64:
        return digest
    return " ".join(digest[place : place + 16] for place in range(0, len(digest), 16))
