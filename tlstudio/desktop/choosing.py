"""Asking for files and folders; the folder of the last answer is where the next question begins."""

from pathlib import Path

from PySide6.QtCore import QObject, QSettings
from PySide6.QtWidgets import QFileDialog, QWidget

MODEL_SUFFIXES = "*.h5 *.hdf5 *.keras *.caffemodel *.prototxt *.json *.yaml *.yml saved_model.pb"
OTHER_SUFFIXES = "*.json *.yaml *.yml *.h5 *.hdf5 *.keras *.prototxt *.caffemodel"
PROJECT_SUFFIX = ".tlstudio"


class Choosing(QObject):
    """Each question returns the answer, or None where it was cancelled."""

    def __init__(self, window: QWidget, settings: QSettings) -> None:
        super().__init__(window)
        self._window, self._settings = window, settings

    def model(self) -> Path | None:
        filters = self.tr("Trained models ({suffixes});;All files (*)").format(suffixes=MODEL_SUFFIXES)
        title = self.tr("Open a trained model")
        return self._remembered(QFileDialog.getOpenFileName(self._window, title, self._folder(), filters)[0])

    def model_folder(self) -> Path | None:
        title = self.tr("Open a model folder (SavedModel)")
        return self._remembered(QFileDialog.getExistingDirectory(self._window, title, self._folder()))

    def other_file(self) -> Path | None:
        """The file with the description, or the weights, that belongs to the one that was opened."""
        filters = self.tr("Descriptions and weights ({suffixes});;All files (*)").format(suffixes=OTHER_SUFFIXES)
        title = self.tr("Open the file that belongs to the model")
        return self._remembered(QFileDialog.getOpenFileName(self._window, title, self._folder(), filters)[0])

    def models_folder(self, now: Path) -> Path | None:
        """``now``: the library's folder so far, where the question begins."""
        title = self.tr("Choose the folder of the model library")
        answer = QFileDialog.getExistingDirectory(self._window, title, str(now))
        return Path(answer) if answer else None

    def dataset(self) -> Path | None:
        title = self.tr("Open an image folder")
        return self._remembered(QFileDialog.getExistingDirectory(self._window, title, self._folder()))

    def table(self) -> Path | None:
        title, filters = self.tr("Open a table of images"), self.tr("Tables (*.csv *.tsv)")
        return self._remembered(QFileDialog.getOpenFileName(self._window, title, self._folder(), filters)[0])

    def project(self) -> Path | None:
        title, filters = self.tr("Open a project"), self.tr("TLStudio projects (*.tlstudio)")
        return self._remembered(QFileDialog.getOpenFileName(self._window, title, self._folder(), filters)[0])

    def place_for_project(self) -> Path | None:
        title, filters = self.tr("Save the project"), self.tr("TLStudio projects (*.tlstudio)")
        path = QFileDialog.getSaveFileName(self._window, title, self._folder(), filters)[0]
        return self._remembered(path if not path or path.endswith(PROJECT_SUFFIX) else path + PROJECT_SUFFIX)

    def _folder(self) -> str:
        return str(self._settings.value("folder", str(Path.home())))

    def _remembered(self, answer: str) -> Path | None:
        if not answer:
            return None
        self._settings.setValue("folder", str(Path(answer).parent))
        return Path(answer)
