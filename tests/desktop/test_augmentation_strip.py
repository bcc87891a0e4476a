"""The preview of augmentation: what training will make of an image, by the plan's choice."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PySide6.QtGui import QImage

from tests.desktop.test_dataset_edits import open_spoiled
from tests.windows import open_model
from tlstudio.core.data.augment import LIGHT, NONE, STRONG, Augmentation
from tlstudio.core.data.decode import load_for_model
from tlstudio.desktop import workspace
from tlstudio.desktop.augmentation_strip import VERSIONS, AugmentationStrip, Shown, versions
from tlstudio.desktop.main_window import MainWindow


def pixels_of(image: QImage) -> np.ndarray:
    return np.array(
        [[image.pixelColor(x, y).getRgb()[:3] for x in range(image.width())] for y in range(image.height())], np.uint8
    )


def choose(window: MainWindow, choice: str) -> None:
    box = window.plan_panel.augment
    box.setCurrentIndex(box.findData(choice))
    box.activated.emit(box.currentIndex())


def drawn(strip: AugmentationStrip, qtbot: Any) -> list[bytes]:
    qtbot.waitUntil(lambda: len(strip.images) == VERSIONS, timeout=5000)
    return [pixels_of(image).tobytes() for image in strip.images]


def test_that_the_strip_shows_what_the_plan_makes_of_the_image(
    window: MainWindow, sample: Path, tmp_path: Path, qtbot: Any
) -> None:
    open_model(window, sample / "model.hdf5", qtbot)
    root = open_spoiled(window, tmp_path, qtbot)
    preview = window.images.preview
    strip = preview.changed
    preview.show_image("a/01.png")
    qtbot.waitUntil(lambda: preview._shown is not None, timeout=5000)
    assert strip.isHidden()

    choose(window, "light")
    light = drawn(strip, qtbot)
    assert not strip.isHidden() and len(set(light)) == VERSIONS
    height, width, channels = window.workspace.model.input_shape
    seen = load_for_model(root / "a" / "01.png", width, height, channels, window.workspace.plan.fit)
    made = versions(Shown(seen, LIGHT, "a/01.png", window.workspace.plan.seed), 0)
    assert light == [pixels_of(image).tobytes() for image in made]
    assert all(not picture.pixmap().isNull() for picture in strip.pictures)

    strip.others.click()
    others = drawn(strip, qtbot)
    assert not set(light) & set(others)

    choose(window, "strong")
    qtbot.waitUntil(lambda: len(strip.images) == VERSIONS, timeout=5000)
    assert drawn(strip, qtbot) not in (light, others)
    window.commands.undo.trigger()
    assert drawn(strip, qtbot) == light

    space = window.workspace
    own = msgspec.structs.replace(space.plan, augment="own", augmentation=Augmentation(brightness=0.9))
    space.change_plan(own, workspace.SETTING)
    qtbot.waitUntil(lambda: len(strip.images) == VERSIONS, timeout=5000)
    made = versions(Shown(seen, own.augmentation, "a/01.png", own.seed), 0)
    assert drawn(strip, qtbot) == [pixels_of(image).tobytes() for image in made]

    preview.show_image("b/01.png")
    qtbot.waitUntil(lambda: preview._shown is not None, timeout=5000)
    assert drawn(strip, qtbot) != light
    choose(window, "none")
    assert strip.isHidden() and not strip.images


def test_that_what_is_no_image_has_no_versions(window: MainWindow, sample: Path, tmp_path: Path, qtbot: Any) -> None:
    open_model(window, sample / "model.hdf5", qtbot)
    open_spoiled(window, tmp_path, qtbot)
    choose(window, "strong")
    preview = window.images.preview
    preview.show_image("a/01.png")
    drawn(preview.changed, qtbot)
    preview.show_image("c/broken.png")
    qtbot.waitUntil(lambda: preview._shown is not None, timeout=5000)
    assert preview.changed.isHidden()


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_that_versions_are_those_of_augmentation(channels: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, channels), dtype=np.uint8)
    one, two, *_ = versions(Shown(pixels, STRONG, "x", 5), 8)
    assert (one.width(), one.height()) == (30, 20) and pixels_of(one).tobytes() != pixels_of(two).tobytes()
    mirrored = versions(Shown(pixels, Augmentation(flip=True), "x", 5), 0)
    plain = {pixels_of(some).tobytes() for some in mirrored}
    colours = pixels[..., :3] if channels > 1 else pixels.repeat(3, axis=-1)
    assert plain <= {colours.tobytes(), colours[:, ::-1].tobytes()}


def test_that_a_strip_without_changes_is_hidden(qtbot: Any) -> None:
    strip = AugmentationStrip()
    qtbot.addWidget(strip)
    pixels = np.zeros((8, 8, 3), np.uint8)
    strip.show_versions(Shown(pixels, LIGHT, "x", 0))
    drawn(strip, qtbot)
    strip.show_versions(Shown(pixels, NONE, "x", 0))
    assert strip.isHidden() and not strip.images
