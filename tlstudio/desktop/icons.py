"""Icons from ``resources/icons``, drawn in the colour of the text."""

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from tlstudio.core.resources import resource_path

SIZE = 20


def icon(name: str, colour: str, muted: str, ratio: float = 1.0) -> QIcon:
    """``resources/icons/NAME.svg``, in one colour where enabled and another where disabled."""
    source = resource_path(f"icons/{name}.svg").read_text(encoding="utf-8")
    made = QIcon()
    for shade, mode in ((colour, QIcon.Mode.Normal), (muted, QIcon.Mode.Disabled)):
        renderer = QSvgRenderer(QByteArray(source.replace("currentColor", shade).encode()))
        pixmap = QPixmap(QSize(round(SIZE * ratio), round(SIZE * ratio)))
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter)
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        made.addPixmap(pixmap, mode)
    return made


def application_icon() -> QIcon:
    return QIcon(str(resource_path("icons/tlstudio.svg")))
