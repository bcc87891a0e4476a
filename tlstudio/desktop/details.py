"""The second halves of error sentences: what exactly was found, in the current language.

Core and engine put these words into an error's facts in English. They are recognised here by their pattern, so
that the same words can go to the command line and to the window. What is not in the table (a library's own
remark on a broken file) stays as it is.
"""

import re

from PySide6.QtCore import QCoreApplication

from tlstudio.core.errors import QT_TRANSLATE_NOOP

DETAILS = (
    QT_TRANSLATE_NOOP("Details", "the file is empty"),
    QT_TRANSLATE_NOOP("Details", "it is a folder"),
    QT_TRANSLATE_NOOP("Details", "it is a PDF document"),
    QT_TRANSLATE_NOOP("Details", "it is a PNG image"),
    QT_TRANSLATE_NOOP("Details", "it is a JPEG image"),
    QT_TRANSLATE_NOOP("Details", "it is a Python pickle"),
    QT_TRANSLATE_NOOP("Details", "it is a gzip archive"),
    QT_TRANSLATE_NOOP("Details", "it is a Git LFS pointer, the real file was not downloaded"),
    QT_TRANSLATE_NOOP("Details", "its first bytes are neither HDF5 nor a Keras zip"),
    QT_TRANSLATE_NOOP("Details", "it is HDF5, but holds no network"),
    QT_TRANSLATE_NOOP("Details", "it is a PyTorch file with pickled code"),
    QT_TRANSLATE_NOOP("Details", "it is a zip archive without a network"),
    QT_TRANSLATE_NOOP("Details", "its weights are missing"),
    QT_TRANSLATE_NOOP("Details", "a weight is not an array"),
    QT_TRANSLATE_NOOP("Details", "its description is not valid JSON"),
    QT_TRANSLATE_NOOP("Details", "it names no network class"),
    QT_TRANSLATE_NOOP("Details", "it has no layers"),
    QT_TRANSLATE_NOOP("Details", "it does not say what shape of input it takes"),
    QT_TRANSLATE_NOOP("Details", "the archive names a place outside itself, “{name}”"),
    QT_TRANSLATE_NOOP("Details", "the network's description is too large"),
    QT_TRANSLATE_NOOP("Details", "it contains a Lambda layer, which is program code"),
    QT_TRANSLATE_NOOP("Details", "it asks for the custom code “{name}”"),
    QT_TRANSLATE_NOOP("Details", "it asks for code from “{name}”"),
    QT_TRANSLATE_NOOP("Details", "a link to the file “{name}”"),
    QT_TRANSLATE_NOOP("Details", "“{name}” keeps its data in another file"),
    QT_TRANSLATE_NOOP("Details", "“{name}” claims {claimed} bytes but stores {stored}"),
    QT_TRANSLATE_NOOP("Details", "layer “{layer}” has none"),
    QT_TRANSLATE_NOOP("Details", "layer “{layer}” takes {expected}, the file has {received}"),
    QT_TRANSLATE_NOOP("Details", "layer “{layer}” holds values that are not numbers"),
    QT_TRANSLATE_NOOP("Details", "it takes {count} inputs"),
    QT_TRANSLATE_NOOP("Details", "it gives {count} outputs"),
    QT_TRANSLATE_NOOP("Details", "it works on text or other sequences (layer “{layer}”)"),
    QT_TRANSLATE_NOOP("Details", "it works on sequences (layer “{layer}”)"),
    QT_TRANSLATE_NOOP("Details", "its input of shape {shape} is not an image"),
    QT_TRANSLATE_NOOP("Details", "its input of shape {shape} is a series, not an image"),
    QT_TRANSLATE_NOOP("Details", "it gives an image, not class scores"),
    QT_TRANSLATE_NOOP("Details", "it gives features, not class scores"),
)


def detail_text(english: str) -> str:
    """The words in the current language where they are known, else as they are."""
    for template in DETAILS:
        match = re.fullmatch(_pattern(template), english)
        if match:
            return QCoreApplication.translate("Details", template).format(**match.groupdict())
    return english


def _pattern(template: str) -> str:
    return re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(template))
