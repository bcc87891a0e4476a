"""What was dropped on the window."""

from itertools import islice
from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QDragEnterEvent, QDropEvent

from tlstudio.core.errors import TLStudioError

LOOKED_AT = 200  # entries of a folder


def dropped_path(data: QMimeData) -> Path | None:
    """The first file or folder of this machine among what was dropped."""
    for url in data.urls():
        if url.isLocalFile():
            return Path(url.toLocalFile())
    return None


def accept_drag(event: QDragEnterEvent) -> None:
    """Say that a file or folder may be dropped here."""
    if dropped_path(event.mimeData()) is not None:
        event.acceptProposedAction()


def take_drop(event: QDropEvent) -> Path | None:
    """The file or folder that was dropped, if it was one."""
    path = dropped_path(event.mimeData())
    if path is not None:
        event.acceptProposedAction()
    return path


def is_table(path: Path) -> bool:
    """Whether a file is a table, which may name images and their classes."""
    from tlstudio.core.data.tables import SUFFIXES

    return path.is_file() and path.suffix.lower() in SUFFIXES


def is_dataset(path: Path) -> bool:
    return path.is_dir() or is_table(path)


def holds_model(folder: Path) -> bool:
    """Whether a folder is a model rather than images, by what lies at its top.

    A model file beside class folders of images is common (a project's folder): that is a folder of images.
    """
    from tlstudio.core.model.kinds import kind_of

    try:
        kind = kind_of(folder)
        return kind in {"savedmodel", "keras-folder"} or not _has_class_folders(folder)
    except (TLStudioError, OSError):
        return False


def _has_class_folders(folder: Path) -> bool:
    """At least two folders with images, at its top or within folders such as ``train`` and ``test``."""
    inner = _folders(folder)
    places = [*inner, *(deep for place in inner for deep in _folders(place))]
    with_images = (place for place in places if _has_image(place))
    return len(list(islice(with_images, 2))) == 2


def _folders(folder: Path) -> list[Path]:
    return [entry for entry in islice(folder.iterdir(), LOOKED_AT) if entry.is_dir()]


def _has_image(folder: Path) -> bool:
    from tlstudio.core.data.decode import SUFFIXES

    return any(entry.suffix.lower() in SUFFIXES for entry in islice(folder.iterdir(), LOOKED_AT))
