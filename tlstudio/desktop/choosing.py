"""Asking for files and folders; the folder of the last answer is where the next question begins."""

from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, QSettings
from PySide6.QtWidgets import QFileDialog, QWidget

from tlstudio.core.errors import QT_TRANSLATE_NOOP
from tlstudio.core.export import FORMATS, SUFFIXES, Format

MODEL_SUFFIXES = "*.h5 *.hdf5 *.keras *.caffemodel *.prototxt *.json *.yaml *.yml saved_model.pb"
OTHER_SUFFIXES = "*.json *.yaml *.yml *.h5 *.hdf5 *.keras *.prototxt *.caffemodel"
PROJECT_SUFFIX = ".tlstudio"
EXPORTS: dict[str, str] = {
    "keras": QT_TRANSLATE_NOOP("Choosing", "Keras ({suffixes})"),
    "hdf5": QT_TRANSLATE_NOOP("Choosing", "Keras, HDF5 ({suffixes})"),
    "savedmodel": QT_TRANSLATE_NOOP("Choosing", "TensorFlow SavedModel, a folder ({suffixes})"),
    "tflite": QT_TRANSLATE_NOOP("Choosing", "TensorFlow Lite ({suffixes})"),
    "onnx": QT_TRANSLATE_NOOP("Choosing", "ONNX ({suffixes})"),
}


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

    def place_for_export(self, name: str) -> tuple[Path, Format, bool] | None:
        """Where a model goes, its format, and whether what is there may be replaced: the dialog asks that of the name
        that it was given. ``name``: to begin with, without an ending."""
        filters = {
            self.tr(EXPORTS[f]).format(suffixes=" ".join(f"*{s}" for s in SUFFIXES[f]) or "*"): f for f in FORMATS
        }
        start, title = str(Path(self._folder()) / f"{name}.keras"), self.tr("Export the model")
        answer, kind = QFileDialog.getSaveFileName(self._window, title, start, ";;".join(filters))
        chosen = self._remembered(answer)
        if chosen is None:
            return None
        format = format_of(chosen, filters.get(kind, "keras"))
        path = with_suffix_of(format, chosen)
        return path, format, path == chosen and path.exists()

    def _folder(self) -> str:
        return str(self._settings.value("folder", str(Path.home())))

    def _remembered(self, answer: str) -> Path | None:
        if not answer:
            return None
        self._settings.setValue("folder", str(Path(answer).parent))
        return Path(answer)


def format_of(path: Path, filtered: str) -> Format:
    """By the name's own ending where a person typed one that tells, else by the kind that was chosen (``filtered``).
    The name that the dialog begins with tells nothing once another kind is chosen."""
    ending = path.suffix.lower()
    told = next((f for f, suffixes in SUFFIXES.items() if ending in suffixes), None)
    return cast(Format, filtered if told is None or (told == "keras" and filtered != "keras") else told)


def with_suffix_of(format: Format, path: Path) -> Path:
    """The name as the format's readers want it: its ending in place of another format's, or behind the name."""
    wanted, known = SUFFIXES[format], {s for suffixes in SUFFIXES.values() for s in suffixes}
    if path.suffix.lower() in wanted:
        return path
    bare = path.with_suffix("") if path.suffix.lower() in known else path
    return bare.with_name(bare.name + wanted[0]) if wanted else bare
