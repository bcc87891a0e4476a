"""What the program remembers between two starts, in one small file."""

import os
from pathlib import Path

import platformdirs
from PySide6.QtCore import QSettings


def open_settings() -> QSettings:
    """The person's settings; ``TLSTUDIO_SETTINGS`` names another file, for tests and shared machines."""
    place = os.environ.get("TLSTUDIO_SETTINGS")
    path = Path(place) if place else Path(platformdirs.user_config_dir("tlstudio", appauthor=False)) / "settings.ini"
    return QSettings(str(path), QSettings.Format.IniFormat)


def runs_home() -> Path:
    """Where runs go that belong to no saved project."""
    place = os.environ.get("TLSTUDIO_HOME")
    return Path(place) if place else Path(platformdirs.user_documents_dir()) / "TLStudio"


def library_folder(settings: QSettings) -> Path:
    """Where the model library lies: the person's choice, else the usual place."""
    from tlstudio.core.model.library import default_folder

    chosen = str(settings.value("library", ""))
    return Path(chosen) if chosen else default_folder()


def set_library_folder(settings: QSettings, folder: Path) -> None:
    settings.setValue("library", str(folder))
