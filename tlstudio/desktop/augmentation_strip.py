"""What augmentation makes of one image: a few versions side by side, and a button for others."""

import zlib
from dataclasses import dataclass

import numpy as np
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from tlstudio.core.data.augmentation import Augmentation
from tlstudio.core.errors import TLStudioError
from tlstudio.desktop.as_image import as_image
from tlstudio.desktop.background import Task
from tlstudio.desktop.making import make
from tlstudio.desktop.picture import Picture
from tlstudio.desktop.translated import Translated

VERSIONS = 4
SMALLEST = 40  # pixels a side


@dataclass(frozen=True)
class Shown:
    """``pixels``: uint8 (height, width, channels) as the network takes them; ``name`` and ``seed`` say, with a number
    of the version, what is drawn."""

    pixels: np.ndarray
    augmentation: Augmentation
    name: str
    seed: int

    def is_same(self, other: "Shown | None") -> bool:
        return (
            other is not None
            and self.pixels is other.pixels
            and (self.augmentation, self.name, self.seed) == (other.augmentation, other.name, other.seed)
        )


class AugmentationStrip(Translated, QWidget):
    """``show_versions`` takes what is to be changed, or None for nothing; then the strip is hidden."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("augmentationStrip")
        self._shown: Shown | None = None
        self._first = 0  # number of the first version
        self._task: Task | None = None
        self.images: list[QImage] = []  # what is shown; empty while it is being made
        self._build()
        self.others.clicked.connect(self._on_others_clicked)
        self.retranslate()
        self.hide()

    def _build(self) -> None:
        self.title = QLabel()
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.others = make(QToolButton, "otherVersionsButton")
        self.pictures = [Picture(SMALLEST) for _ in range(VERSIONS)]
        top, row = QHBoxLayout(), QHBoxLayout()
        top.addWidget(self.title, 1)
        top.addWidget(self.others)
        row.setSpacing(6)
        for picture in self.pictures:
            row.addWidget(picture, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(top)
        layout.addLayout(row, 1)

    def retranslate(self) -> None:
        self.title.setText(self.tr("Changed at random"))
        self.title.setToolTip(self.tr("As training images are, anew in each epoch; other images are never changed"))
        self.others.setText(self.tr("Draw others"))
        self.others.setToolTip(self.tr("Show other random changes of the same image"))
        for place, picture in enumerate(self.pictures):
            picture.setAccessibleName(self.tr("Changed image {number}").format(number=place + 1))

    def show_versions(self, shown: Shown | None) -> None:
        if shown is not None and shown.augmentation.is_plain:
            shown = None
        if shown is None:
            self.cancel()
            self._shown, self._first, self.images = None, 0, []
            self.hide()
        elif not shown.is_same(self._shown):
            self._shown, self._first = shown, 0
            self._draw()
            self.show()

    def cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _on_others_clicked(self) -> None:
        self._first += VERSIONS
        self._draw()

    def _draw(self) -> None:
        self.cancel()
        shown, first = self._shown, self._first
        if shown is None:
            return
        self.images = []
        self._task = Task(lambda _task: versions(shown, first), self)
        self._task.finished.connect(self._take)
        self._task.failed.connect(self._on_failed)
        self._task.start()

    def _take(self, images: list[QImage]) -> None:
        self._task, self.images = None, images
        for picture, image in zip(self.pictures, images, strict=True):
            picture.set_picture(image)

    def _on_failed(self, _error: TLStudioError) -> None:
        self._take([QImage()] * VERSIONS)


def versions(shown: Shown, first: int) -> list[QImage]:
    """Changed versions of an image, from number ``first``; a large one takes longer than a blink."""
    from tlstudio.core.data.augment import augmented  # Pillow is not loaded before the first picture

    image = zlib.crc32(shown.name.encode())
    made = [augmented(shown.pixels, shown.augmentation, shown.seed, first + i, image) for i in range(VERSIONS)]
    return [as_image(pixels) for pixels in made]
