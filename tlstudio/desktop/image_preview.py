"""One image, large: the file as it is, beside what the network sees of it, and what is known of it in words."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QDialog, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from tlstudio.core.data.augmentation import of
from tlstudio.core.data.names import path_of
from tlstudio.core.data.options import Fit, ImageOptions
from tlstudio.core.data.problem import ImageEntry
from tlstudio.core.errors import TLStudioError
from tlstudio.desktop import texts
from tlstudio.desktop.as_image import as_image
from tlstudio.desktop.augmentation_strip import AugmentationStrip, Shown
from tlstudio.desktop.background import Task
from tlstudio.desktop.elided_label import ElidedLabel
from tlstudio.desktop.making import make
from tlstudio.desktop.picture import Picture
from tlstudio.desktop.problem_words import image_sentence, part_name, sentence
from tlstudio.desktop.translated import Translated
from tlstudio.desktop.workspace import Workspace

LARGEST = 800  # pixels a side; larger files are shown at that
WORDS_HEIGHT = 76  # pixels at most; longer words scroll


@dataclass(frozen=True)
class Wanted:
    """What is to be shown; ``size`` is (height, width, channels) of the network's input. ``fingerprint``: of the
    dataset, which changes where a file is replaced."""

    path: Path
    options: ImageOptions
    fit: Fit
    size: tuple[int, int, int] | None
    fingerprint: str


@dataclass(frozen=True)
class Seen:
    """``seen`` is null without a model; ``pixels`` are the same as the network takes them, uint8 (height, width,
    channels). ``problem`` says why the file can't be shown."""

    original: QImage
    seen: QImage
    pixels: np.ndarray | None = None
    width: int = 0
    height: int = 0
    problem: str = ""


class ImagePreview(Translated, QWidget):
    """``show_image`` takes the name of an image of ``workspace.raw``, or "" for none."""

    def __init__(self, space: Workspace, name: str = "imagePreview", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._space = space
        self.name = ""
        self._wanted: Wanted | None = None
        self._shown: Seen | None = None
        self._task: Task | None = None
        self._build()
        space.dataset_changed.connect(self._update)
        space.plan_changed.connect(self._update)
        space.model_changed.connect(self._update)
        self.retranslate()

    def _build(self) -> None:
        self.original, self.seen = Picture(), Picture()
        self.original.setObjectName("originalPicture")
        self.seen.setObjectName("seenPicture")
        self.titles = (ElidedLabel(), ElidedLabel())
        self.words = make(QLabel, "imageWords", wordWrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._both.setSpacing(6)
        self._halves = []
        for picture, title in zip((self.original, self.seen), self.titles, strict=True):
            title.setAlignment(Qt.AlignmentFlag.AlignCenter)
            title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            half = QWidget()
            inside = QVBoxLayout(half)
            inside.setContentsMargins(0, 0, 0, 0)
            inside.setSpacing(2)
            inside.addWidget(picture, 1)
            inside.addWidget(title)
            self._halves.append(half)
            self._both.addWidget(half, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._both, 5)
        self.changed = AugmentationStrip()
        layout.addWidget(self.changed, 2)
        self.words_area = QScrollArea(widgetResizable=True)
        self.words_area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.words_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.words_area.setMaximumHeight(WORDS_HEIGHT)
        self.words_area.setMinimumHeight(WORDS_HEIGHT // 2)
        self.words_area.setWidget(self.words)
        layout.addWidget(self.words_area)

    def retranslate(self) -> None:
        self.titles[0].setText(self.tr("The file"))
        self.titles[1].setText(self.tr("The network's view"))
        for title in self.titles:
            title.setToolTip(title.text())
        self.original.setAccessibleName(self.titles[0].text())
        self.seen.setAccessibleName(self.titles[1].text())
        self._say()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_wide = event.size().width() >= event.size().height() - WORDS_HEIGHT
        directions = QBoxLayout.Direction
        self._both.setDirection(directions.LeftToRight if is_wide else directions.TopToBottom)

    def show_image(self, name: str) -> None:
        self.name = name
        self._update()

    def cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self.changed.cancel()

    # -- what is shown ----------------------------------------------------------------------------------

    def _update(self) -> None:
        wanted = self._what_is_wanted()
        if wanted != self._wanted:
            self.cancel()
            self._wanted, self._shown = wanted, None
            if wanted is None:
                self._take(Seen(QImage(), QImage()))
            else:
                self._task = Task(partial(look, wanted), self)
                self._task.finished.connect(self._take)
                self._task.failed.connect(self._on_failed)
                self._task.start()
        else:
            self._show_changed()
        self._say()

    def _what_is_wanted(self) -> Wanted | None:
        raw, plan = self._space.raw, self._space.data_plan
        if raw is None or not self.name:
            return None
        path = path_of(Path(raw.root), self.name)
        return Wanted(path, plan.images, plan.fit, self._input_size(), raw.fingerprint)

    def _input_size(self) -> tuple[int, int, int] | None:
        model = self._space.model
        shape = model.input_shape if model is not None and not self._space.problem else None
        if shape is None or len(shape) != 3 or None in shape:
            return None
        height, width, channels = (int(size or 0) for size in shape)
        return (height, width, channels) if channels in {1, 3, 4} else None

    def _take(self, found: Seen) -> None:
        self._task = None
        self._shown = found
        self.original.set_picture(found.original)
        self.seen.set_picture(found.seen)
        self._show_changed()
        self._say()

    def _show_changed(self) -> None:
        """By the plan's augmentation, as training images are; none of an image that can't be read."""
        shown, plan = self._shown, self._space.data_plan
        if shown is None or shown.pixels is None:
            self.changed.show_versions(None)
        else:
            self.changed.show_versions(Shown(shown.pixels, of(plan.augment, plan.augmentation), self.name, plan.seed))

    def _on_failed(self, error: TLStudioError) -> None:
        self._take(Seen(QImage(), QImage(), problem=texts.text_of(error)))

    def _say(self) -> None:
        for half in self._halves:
            half.setVisible(bool(self.name))
        self._halves[1].setVisible(bool(self.name) and self._input_size() is not None)
        self.words.setText("\n".join(self._sentences()) if self.name else self.tr("Select an image to see it."))

    def _sentences(self) -> list[str]:
        scan, division = self._space.scan, self._space.data.division
        if scan is None or division is None:
            return []
        lines = [self.name]
        shown = self._shown
        if shown is not None and shown.width:
            text = self.tr("{width}×{height} pixels").format(width=shown.width, height=shown.height)
            size = self._input_size()
            if size is not None:
                taken = texts.shape_text([None, *size])
                text = self.tr("{width}×{height} pixels; the network takes {size}").format(
                    width=shown.width, height=shown.height, size=taken
                )
            lines.append(text)
        if shown is not None and shown.problem:
            lines.append(image_sentence(shown.problem))
        part = division.parts.get(self.name, "")
        lines += self._class_words(scan.entries.get(self.name), division.entries.get(self.name), part)
        lines += [sentence(problem) for problem in scan.problems.get(self.name, [])]
        return list(dict.fromkeys(lines))

    def _class_words(self, before: ImageEntry | None, now: ImageEntry | None, part: str) -> list[str]:
        if before is None:
            return []
        if now is None:
            return [self.tr("Class “{name}”; left out").format(name=before.label)]
        words = self.tr("Class “{name}”; {part}").format(name=now.label, part=part_name(part))
        if now.label == before.label:
            return [words]
        return [words, self.tr("In the folder it is of the class “{name}”.").format(name=before.label)]


class LargePreview(Translated, QDialog):
    """The same in a window of its own, as large as a person makes it."""

    def __init__(self, space: Workspace, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("largePreview")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.preview = ImagePreview(space, "largeImage")
        self.preview.show_image(name)
        layout = QVBoxLayout(self)
        layout.addWidget(self.preview)
        self.resize(900, 560)
        self.retranslate()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Image"))

    def done(self, result: int) -> None:
        self.preview.cancel()
        super().done(result)


def look(wanted: Wanted, _task: Task) -> Seen:
    """Read an image as it is and as the network will see it; a file that can't be read gives its problem."""
    from tlstudio.core.data.decode import load_for_model, open_image  # Pillow is not loaded before the first picture
    from tlstudio.core.data.facts import size_of
    from tlstudio.core.data.image_problem import ImageProblem

    try:
        picture = open_image(wanted.path, (LARGEST, LARGEST), wanted.options)
        width, height = size_of(wanted.path, picture)
        original = picture.convert("RGB")
        original.thumbnail((LARGEST, LARGEST))
        seen, pixels = QImage(), None
        if wanted.size is not None:
            rows, columns, channels = wanted.size
            # Opened anew, as training does it: a JPEG decoded at another reduced size has slightly other pixels.
            pixels = load_for_model(wanted.path, columns, rows, channels, wanted.fit, wanted.options)
            seen = as_image(pixels)
    except ImageProblem as problem:
        return Seen(QImage(), QImage(), problem=str(problem))
    return Seen(as_image(np.asarray(original)), seen, pixels, width, height)
