"""A picture that fills the place that it is given."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

MAGNIFIED = 2  # times its own size, beyond which a picture's pixels are to be seen


class Picture(QLabel):
    """A picture at the size that there is; ``smallest``: pixels a side."""

    def __init__(self, smallest: int = 48) -> None:
        super().__init__(alignment=Qt.AlignmentFlag.AlignCenter)
        self._full = QPixmap()
        self.setMinimumSize(smallest, smallest)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)

    def set_picture(self, image: QImage) -> None:
        self._full = QPixmap.fromImage(image) if not image.isNull() else QPixmap()
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(160, 160)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._full.isNull():
            self.clear()
            return
        kept = Qt.AspectRatioMode.KeepAspectRatio
        is_magnified = (
            self.width() > MAGNIFIED * self._full.width() and self.height() > MAGNIFIED * self._full.height()
        )
        # A network's input is often small: its pixels are shown as they are, not smoothed into a photograph.
        way = Qt.TransformationMode.FastTransformation if is_magnified else Qt.TransformationMode.SmoothTransformation
        self.setPixmap(self._full.scaled(self.size(), kept, way))
