"""Adding the open model to the library: what its card is to say, and the copy itself."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
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
from tlstudio.desktop.library_page import in_megabytes
from tlstudio.desktop.making import make

if TYPE_CHECKING:
    from tlstudio.core.model.library import Card
    from tlstudio.core.model.model_file import ModelFile


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
