"""Small pictures of a dataset's images, made off the window's thread, and only of what is shown."""

from collections import OrderedDict
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage, QPixmap

from tlstudio.core.data.options import ImageOptions
from tlstudio.core.errors import TLStudioError
from tlstudio.desktop.as_image import as_image
from tlstudio.desktop.background import Task

SIDE = 96  # pixels; shown at 48 to 64, so that they are sharp on fine screens
KEPT = 1500  # some 40 MB
WAITING = 300  # more than a screen shows; what was scrolled past longest ago is not made
AT_A_TIME = 2


class Thumbnails(QObject):
    """``picture`` answers at once; what isn't there yet follows by ``made``. The latest asked for comes first."""

    made = Signal(str)  # the image's name

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(AT_A_TIME)
        self._source: tuple[Path, ImageOptions, str] = Path(), ImageOptions(), ""
        self._kept: OrderedDict[str, QPixmap] = OrderedDict()
        self._waiting: list[str] = []
        self._running: dict[str, Task] = {}
        self.decoded = 0  # images that were opened so far

    def use(self, root: Path, options: ImageOptions, fingerprint: str) -> None:
        """Where the images are, how they are read, and what tells that one of them was replaced."""
        if (root, options, fingerprint) != self._source:
            self.cancel()
            self._source = root, options, fingerprint
            self._kept.clear()

    def picture(self, name: str) -> QPixmap | None:
        """The picture, a null one where the image can't be shown, or None while it is not there yet."""
        known = self._kept.get(name)
        if known is not None:
            self._kept.move_to_end(name)
            return known
        if name not in self._running:
            if name in self._waiting:
                self._waiting.remove(name)
            self._waiting.append(name)
            del self._waiting[:-WAITING]
            self._start_next()
        return None

    def cancel(self) -> None:
        """Leave off; what is being decoded ends by itself."""
        self._waiting.clear()
        for task in self._running.values():
            task.cancel()
        self._running.clear()

    def close(self) -> None:
        self.cancel()
        self._pool.waitForDone(5000)

    def _start_next(self) -> None:
        while self._waiting and len(self._running) < AT_A_TIME:
            name = self._waiting.pop()
            root, options, _fingerprint = self._source
            task = Task(partial(_make, root, name, options), self)
            task.finished.connect(partial(self._on_made, name))
            task.failed.connect(partial(self._on_failed, name))
            self._running[name] = task
            self.decoded += 1
            task.start(self._pool)

    def _on_failed(self, name: str, _error: TLStudioError) -> None:
        self._on_made(name, QImage())

    def _on_made(self, name: str, image: QImage) -> None:
        self._running.pop(name, None)
        self._kept[name] = QPixmap.fromImage(image) if not image.isNull() else QPixmap()
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self._start_next()
        self.made.emit(name)


def fitted(picture: QPixmap, side: int, ratio: float) -> QPixmap:
    """A thumbnail that is shown ``side`` pixels large, on a screen of ``ratio`` dots to each."""
    dots = min(round(side * ratio), SIDE)
    kept, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    made = picture.scaled(dots, dots, kept, smooth)
    made.setDevicePixelRatio(dots / side)
    return made


def _make(root: Path, name: str, options: ImageOptions, _task: Task) -> QImage:
    """A null picture for what can't be decoded: the list of problems says why."""
    from tlstudio.core.data.decode import load_for_model  # Pillow is not loaded before the first picture
    from tlstudio.core.data.image_problem import ImageProblem
    from tlstudio.core.data.names import path_of

    try:
        return as_image(load_for_model(path_of(root, name), SIDE, SIDE, 3, "crop", options))
    except ImageProblem:
        return QImage()
