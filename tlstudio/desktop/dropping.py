"""What was dropped on the window."""

from pathlib import Path

from PySide6.QtCore import QMimeData

from tlstudio.core.errors import TLStudioError


def dropped_path(data: QMimeData) -> Path | None:
    """The first file or folder of this machine among what was dropped."""
    for url in data.urls():
        if url.isLocalFile():
            return Path(url.toLocalFile())
    return None


def holds_model(folder: Path) -> bool:
    """Whether a folder is a model rather than images, by what lies at its top."""
    from tlstudio.core.model.kinds import kind_of

    try:
        kind_of(folder)
    except (TLStudioError, OSError):
        return False
    return True
