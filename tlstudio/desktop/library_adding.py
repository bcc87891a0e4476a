"""Adding a model to the library: what its card is to say, and the copy itself."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from tlstudio.core.errors import TLStudioError
from tlstudio.desktop.background import Task
from tlstudio.desktop.making import make

if TYPE_CHECKING:
    from tlstudio.core.model.library import Card
    from tlstudio.core.model.model_file import ModelFile


# What a file may leave open and be kept all the same: it is asked for when the model is opened.
LEFT_OPEN = {"weights_only", "lambda_layer", "unsupported_layer"}


class AddToLibraryDialog(QDialog):
    """Asks for what no file tells: where the model came from, and under which licence."""

    def __init__(self, model: "ModelFile", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from tlstudio.core.model.library import card_of

        self.setObjectName("addToLibrary")
        self.setWindowTitle(self.tr("Add to library"))
        self._card = card_of(model)
        self.title = make(QLineEdit, "cardTitle", self._card.title)
        self.source = make(QLineEdit, "cardSource")
        self.source.setPlaceholderText(self.tr("Who made it, or where it was found"))
        self.licence = make(QLineEdit, "cardLicence")
        self.notes = make(QPlainTextEdit, "cardNotes", tabChangesFocus=True)
        self.notes.setMaximumHeight(80)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for name, field in (
            (self.tr("Title"), self.title),
            (self.tr("Source"), self.source),
            (self.tr("Licence"), self.licence),
            (self.tr("Notes"), self.notes),
        ):
            field.setAccessibleName(name)
            form.addRow(name, field)
        explanation = QLabel(self.tr("The model is copied; the original stays where it is."), wordWrap=True)
        standard = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(standard.Ok | standard.Cancel)
        self.buttons.button(standard.Ok).setText(self.tr("Add"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.title.textChanged.connect(lambda text: self.buttons.button(standard.Ok).setEnabled(bool(text.strip())))
        layout = QVBoxLayout(self)
        layout.addWidget(explanation)
        layout.addLayout(form)
        layout.addWidget(self.buttons)
        self.resize(460, self.sizeHint().height())

    def card(self) -> "Card":
        return msgspec.structs.replace(
            self._card,
            title=self.title.text().strip(),
            source=self.source.text().strip(),
            licence=self.licence.text().strip(),
            notes=self.notes.toPlainText().strip(),
        )


def copy_into_library(folder: Path, model: "ModelFile", card: "Card", task: Task) -> Path:
    """Copy an open model with all its files into the library; returns the place of the copy.

    A model that lies in the library already, but without a card, only gets its card. Raises as ``Library.add``, and
    ``Stopped``.
    """
    from tlstudio.core.model.library import Library, fingerprint

    library = Library(folder)
    with _as_one(folder, model) as source:
        try:
            return library.add(source, card, in_megabytes(task)).path
        except TLStudioError as error:
            if error.code != "in_library":
                raise
            place = folder / str(error.facts["name"])
            if library.entry(place).has_card:
                raise
            return library.write_card(place, msgspec.structs.replace(card, sha256=fingerprint(place))).path


def add_by_path(folder: Path, path: Path, task: Task) -> Path:
    """Copy a model that is not open into the library, with all its files and a card of what they tell.

    It is read first, in a process of its own. Raises as ``core.model.safely.read_model`` and ``Library.add``, and
    ``Stopped``.
    """
    from tlstudio.core.model.library import Library, card_of
    from tlstudio.core.model.safely import read_model

    try:
        model = read_model(path.resolve())
    except TLStudioError as error:
        if error.code not in LEFT_OPEN:
            raise
        return Library(folder).add(path, progress=in_megabytes(task)).path
    return copy_into_library(folder, model, card_of(model), task)


def in_megabytes(task: Task) -> Callable[[int, int], None]:
    """Progress of a copy: bytes don't fit into the signal's numbers, and a stopped task ends the copy."""

    def tell(done: int, total: int) -> None:
        task.control.checkpoint()
        task.progressed.emit(done // 1_000_000, max(total // 1_000_000, 1))

    return tell


@contextlib.contextmanager
def _as_one(folder: Path, model: "ModelFile") -> Iterator[Path]:
    """The one file or folder that a model is. One of several files is gathered into a folder for the time being."""
    from tlstudio.core.files import translate_os_errors

    others = [path for path in model.files if path != model.path]
    if model.path.is_dir() or not others:
        yield model.path
        return
    with translate_os_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        aside = tempfile.TemporaryDirectory(prefix=".", dir=folder)
    with aside as place:
        gathered = Path(place) / model.path.stem
        with translate_os_errors(folder):
            for path in (model.path, *others):
                inside = path.is_relative_to(model.path.parent)
                target = gathered / (path.relative_to(model.path.parent) if inside else path.name)
                target.parent.mkdir(parents=True, exist_ok=True)
                _link_or_copy(path, target)
        yield gathered


def _link_or_copy(path: Path, target: Path) -> None:
    """A second name costs no space, where both places are on one disk and the disk knows such names."""
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)
