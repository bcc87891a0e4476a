"""Asking which model, images or project to open, and how a table is to be read; the answers come as signals."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal, SignalInstance
from PySide6.QtWidgets import QWidget

from tlstudio.core.data.options import Layout
from tlstudio.core.errors import TLStudioError
from tlstudio.desktop import texts
from tlstudio.desktop.choosing import Choosing
from tlstudio.desktop.workspace import Workspace


class FileActions(QObject):
    model_chosen = Signal(object)  # Path, as in all of these
    dataset_chosen = Signal(object)
    project_chosen = Signal(object)
    place_chosen = Signal(object)

    def __init__(self, window: QWidget, space: Workspace, choosing: Choosing) -> None:
        super().__init__(window)
        self._window, self._space, self._choosing = window, space, choosing

    def choose_model(self) -> None:
        self._tell(self.model_chosen, self._choosing.model())

    def choose_model_folder(self) -> None:
        self._tell(self.model_chosen, self._choosing.model_folder())

    def choose_dataset(self) -> None:
        self._tell(self.dataset_chosen, self._choosing.dataset())

    def choose_table(self) -> None:
        self._tell(self.dataset_chosen, self._choosing.table())

    def choose_project(self) -> None:
        self._tell(self.project_chosen, self._choosing.project())

    def choose_place(self) -> None:
        """For the project, to be saved there."""
        self._tell(self.place_chosen, self._choosing.place_for_project())

    @staticmethod
    def _tell(signal: SignalInstance, answer: Path | None) -> None:
        if answer is not None:
            signal.emit(answer)

    def ask_for_columns(self, error: TLStudioError) -> None:
        """A table that doesn't say by itself what its columns hold is asked about."""
        from tlstudio.core.data.tables import columns_of
        from tlstudio.desktop.column_boxes import ColumnsDialog

        table, dataset = Path(str(error.facts["path"])), self._space.asked_dataset
        if dataset is None or self._space.dataset_path == dataset:
            return  # it is open already, and its columns are chosen where its images are
        try:
            names = columns_of(table)
        except TLStudioError:
            return  # it went away meanwhile; the message bar says what happened before
        dialog = ColumnsDialog(table.name, names, texts.text_of(error), self._window)
        dialog.accepted.connect(lambda: self._space.open_dataset(dataset, Layout(columns=dialog.boxes.columns())))
        dialog.open()
