"""The sentences about images and classes of a dataset, in the current language.

The core says them in English, with numbers and names in them; they are recognised here by their pattern. What is
not in the table, such as a library's own remark on a broken file, stays as it is.
"""

import re

from PySide6.QtCore import QCoreApplication

from tlstudio.core.data.problem import Problem
from tlstudio.core.errors import QT_TRANSLATE_NOOP

SENTENCES = (
    QT_TRANSLATE_NOOP("ImageWords", "The file is empty."),
    QT_TRANSLATE_NOOP("ImageWords", "It is a pipe or a device, not a file."),
    QT_TRANSLATE_NOOP("ImageWords", "It is none of the formats JPEG, PNG, BMP, GIF, WebP, TIFF."),
    QT_TRANSLATE_NOOP("ImageWords", "Its name does not end like that of an image."),
    QT_TRANSLATE_NOOP("ImageWords", "It is a HEIC photo of a phone. Export it as JPEG; TLStudio does not read HEIC."),
    QT_TRANSLATE_NOOP("ImageWords", "It claims more pixels than any photograph has."),
    QT_TRANSLATE_NOOP("ImageWords", "It claims {width}×{height} pixels."),
    QT_TRANSLATE_NOOP("ImageWords", "It claims {values} values in a file of {bytes} bytes."),
    QT_TRANSLATE_NOOP("ImageWords", "It cannot be decoded ({detail})."),
    QT_TRANSLATE_NOOP("ImageWords", "The DICOM file cannot be decoded ({detail})."),
    QT_TRANSLATE_NOOP("ImageWords", "The TIFF file cannot be decoded ({detail})."),
    QT_TRANSLATE_NOOP("ImageWords", "A page of shape {shape} is not a picture."),
    QT_TRANSLATE_NOOP("ImageWords", "It has {pages} page(s), and number {page} is asked for."),
    QT_TRANSLATE_NOOP("ImageWords", "It has {frames} frame(s), and number {page} is asked for."),
    QT_TRANSLATE_NOOP("ImageWords", "It lies outside the class folders, so it has no class."),
    QT_TRANSLATE_NOOP("ImageWords", "The class has no image that can be used, and is left out."),
    QT_TRANSLATE_NOOP("ImageWords", "Line {number} of the table names it, and it is not in the folder."),
    QT_TRANSLATE_NOOP("ImageWords", "Line {number} of the table gives it no class, or more than one."),
    QT_TRANSLATE_NOOP("ImageWords", "Line {number} of the table names it again."),
    QT_TRANSLATE_NOOP("ImageWords", "It is a strip of {width}×{height} pixels; it is used all the same."),
    QT_TRANSLATE_NOOP("ImageWords", "It is the same picture as {count} other(s) of its class."),
    QT_TRANSLATE_NOOP("ImageWords", "It is nearly the same picture as {count} other(s) of its class."),
    QT_TRANSLATE_NOOP("ImageWords", "It is the same picture as others, in the classes {classes}."),
    QT_TRANSLATE_NOOP("ImageWords", "It is nearly the same picture as others, in the classes {classes}."),
    QT_TRANSLATE_NOOP("ImageWords", "It is the same picture as others, and both train and test the network."),
    QT_TRANSLATE_NOOP("ImageWords", "It is nearly the same picture as others, and both train and test the network."),
    QT_TRANSLATE_NOOP("ImageWords", "It is of one colour: there is nothing to see in it."),
    QT_TRANSLATE_NOOP("ImageWords", "It is much less sharp than the other images."),
    QT_TRANSLATE_NOOP("ImageWords", "The class has only {count} usable image(s)."),
    QT_TRANSLATE_NOOP("ImageWords", "It has {few} images, “{largest}” has {many}."),
    QT_TRANSLATE_NOOP(
        "ImageWords",
        "The classes differ so much in size that {share} % of the images can be told apart by it alone ({chance} % by guessing); the network may learn that instead.",  # noqa: E501
    ),
    QT_TRANSLATE_NOOP(
        "ImageWords",
        "The classes differ so much in brightness that {share} % of the images can be told apart by it alone ({chance} % by guessing); the network may learn that instead.",  # noqa: E501
    ),
)
REMEDY_NAMES = {
    "leave-out-copies": QT_TRANSLATE_NOOP("ImageWords", "Leave out the copies"),
    "leave-out-all": QT_TRANSLATE_NOOP("ImageWords", "Leave out"),
    "leave-out-class": QT_TRANSLATE_NOOP("ImageWords", "Leave out the class"),
    "relabel": QT_TRANSLATE_NOOP("ImageWords", "Give them the class…"),
    "move-to-training": QT_TRANSLATE_NOOP("ImageWords", "Move to training"),
    "class-weights": QT_TRANSLATE_NOOP("ImageWords", "Give rare classes more weight"),
}
PARTS = {
    "train": QT_TRANSLATE_NOOP("ImageWords", "trains"),
    "validation": QT_TRANSLATE_NOOP("ImageWords", "validates"),
    "test": QT_TRANSLATE_NOOP("ImageWords", "tests"),
}


def sentence(problem: Problem) -> str:
    return image_sentence(problem.message)


def image_sentence(english: str) -> str:
    """A sentence of the core about an image, in the current language where it is known."""
    for template in SENTENCES:
        match = re.fullmatch(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(template)), english, re.DOTALL)
        if match:
            return QCoreApplication.translate("ImageWords", template).format(**match.groupdict())
    return english


def remedy_name(code: str) -> str:
    return QCoreApplication.translate("ImageWords", REMEDY_NAMES[code])


def part_name(code: str) -> str:
    return QCoreApplication.translate("ImageWords", PARTS[code]) if code in PARTS else ""
