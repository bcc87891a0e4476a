"""Draw the program's icon in the sizes and formats that desktops want: ``make_icons.py SVG FOLDER``.

PNG files for Linux, ``tlstudio.ico`` for Windows and ``tlstudio.icns`` for macOS.
"""

import os
import sys
from pathlib import Path

from PIL import Image

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SIDES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
ICO_SIDES = (16, 24, 32, 48, 64, 128, 256)


def draw(renderer: QSvgRenderer, side: int, path: Path) -> None:
    image = QImage(side, side, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    if not image.save(str(path)):
        raise OSError(f"{path} could not be written")


def main() -> None:
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    _application = QGuiApplication([])
    renderer = QSvgRenderer(str(source))
    if not renderer.isValid():
        raise OSError(f"{source} is no drawing")
    for side in (*SIDES, 1024):
        draw(renderer, side, folder / f"{side}.png")
    with Image.open(folder / "256.png") as image:
        image.save(folder / "tlstudio.ico", sizes=[(side, side) for side in ICO_SIDES])
    with Image.open(folder / "1024.png") as image:
        image.save(folder / "tlstudio.icns")


if __name__ == "__main__":
    main()
