"""What an exported classifier is called, what lies beside it, and where it may be put."""

from pathlib import Path
from typing import Literal, get_args

from tlstudio.core.data.options import Fit, ImageOptions
from tlstudio.core.documents import Document, load_document
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.labels import own_labels_path

Channels = Literal["RGB", "grey", "RGBA"]
Format = Literal["keras", "hdf5", "savedmodel", "tflite", "onnx"]
FORMATS: tuple[str, ...] = get_args(Format)
# How a file of the format has to end for its readers to take it; a SavedModel is a folder of any name.
SUFFIXES: dict[str, tuple[str, ...]] = {
    "keras": (".keras",),
    "hdf5": (".hdf5", ".h5"),
    "savedmodel": (),
    "tflite": (".tflite",),
    "onnx": (".onnx",),
}
INPUT, OUTPUT = "image", "probabilities"  # names of the tensors, where the format names them
SAVED_MODEL = "saved_model.pb"  # by which a folder is known to be a SavedModel
INSIDE_CARD, INSIDE_LABELS = "tlstudio-export.json", "labels.txt"


class ExportCard(Document, frozen=True, kw_only=True):
    """What the exported network takes and gives, and what is left to whoever feeds it.

    ``input_shape`` and ``output_shape`` begin with the batch, None. Values are float32, 0 to 255 as images have
    them, channels last, ``channels`` in this order; ``scaling`` of ``core.data.preprocess`` is done inside.
    Outside remain: decoding with ``images``, and bringing an image to the size by ``fit``.
    """

    format: Format
    written_by: str
    input_name: str
    input_shape: list[int | None]
    channels: Channels
    output_name: str
    output_shape: list[int | None]
    labels: list[str]
    scaling: str
    fit: Fit
    images: ImageOptions = ImageOptions()


def card_path(path: Path) -> Path:
    """The place of the card of an exported model: in a folder, else beside the file."""
    return path / INSIDE_CARD if path.is_dir() else path.with_name(f"{path.name}.export.json")


def card_of(path: Path) -> ExportCard | None:
    """The card of a model that was exported; None for any other.

    Raises ``plan_invalid``, ``newer_file``: to go on without it would be to guess what it says.
    """
    place = card_path(path)
    return load_document(ExportCard, place) if place.is_file() else None


def check_place(path: Path, format: Format, overwrites: bool) -> None:
    """Raises ``option_invalid`` for a name that the format's readers don't take, ``export_exists`` where something
    is that may not be replaced, ``folder_not_writable`` where something is that no export would be."""
    suffixes = SUFFIXES[format]
    if suffixes and path.suffix.lower() not in suffixes:
        expected = f"the name of a {format} file ends in {' or '.join(suffixes)}"
        raise TLStudioError("option_invalid", option="--out", value=path.name or path, expected=expected)
    for place in places_of(path, format):
        if not place.exists() and not place.is_symlink():
            continue
        if not overwrites:
            raise TLStudioError("export_exists", path=place)
        is_ours = (place / SAVED_MODEL).is_file() if format == "savedmodel" else place.is_file()
        if not is_ours:
            raise TLStudioError("folder_not_writable", path=place, detail="something else of that name is there")


def places_of(path: Path, format: Format) -> list[Path]:
    """All that an export makes; the model is the last one."""
    if format == "savedmodel":
        return [path]
    return [path.with_name(f"{path.name}.export.json"), own_labels_path(path), path]
