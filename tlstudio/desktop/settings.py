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
