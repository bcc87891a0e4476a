"""What kind of model file something is: found by its first bytes and its content, never by its name."""

from pathlib import Path
from typing import Literal

from tlstudio.core.errors import TLStudioError

Kind = Literal["hdf5", "keras", "keras-folder", "savedmodel", "json", "yaml", "caffe", "json-folder"]

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
ZIP_MAGIC = b"PK\x03\x04"
LFS_POINTER = b"version https://git-lfs"
CAFFE_HDF5 = ".caffemodel.h5"  # how Caffe ends the name of a snapshot in HDF5
HEAD = 4096  # bytes that are looked at
MAX_ENTRIES = 200  # of a folder that is looked through for a model

# What else people drop on the window, by its first bytes.
_STRANGERS: dict[bytes, str] = {
    LFS_POINTER: "it is a Git LFS pointer, the real file was not downloaded",
    b"\x89PNG": "it is a PNG image",
    b"\xff\xd8\xff": "it is a JPEG image",
    b"\x80": "it is a Python pickle",
    b"\x1f\x8b": "it is a gzip archive; unpack it first",
    b"7z\xbc\xaf": "it is a 7z archive; unpack it first",
    b"Rar!": "it is a RAR archive; unpack it first",
    b"%PDF": "it is a PDF document",
    b"<!DOCTYPE": "it is a web page, the real file was not downloaded",
    b"<html": "it is a web page, the real file was not downloaded",
}


def kind_of(path: Path) -> Kind:
    """The kind of a file or folder. Raises ``model_missing``, ``not_a_model``."""
    if not path.exists():
        raise TLStudioError("model_missing", path=path)
    if path.is_dir():
        return _kind_of_folder(path)
    if not path.is_file():
        raise not_a_model(path, "it is not an ordinary file")
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise not_a_model(path, "the file is empty")
    if head.startswith(HDF5_MAGIC) or _has_user_block(path):
        return "caffe" if path.name.lower().endswith(CAFFE_HDF5) else "hdf5"
    if head.startswith(ZIP_MAGIC):
        return "keras"
    for start, words in _STRANGERS.items():
        if head.startswith(start):
            raise not_a_model(path, words)
    if head[257:262] == b"ustar":
        raise not_a_model(path, "it is a tar archive; unpack it first")
    if path.name == "saved_model.pb":
        return "savedmodel"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b'"{')):
        return "json"
    if path.suffix.lower() in {".prototxt", ".caffemodel", ".pbtxt"} or _looks_like_caffe(head):
        return "caffe"
    if path.suffix.lower() in {".yaml", ".yml"}:
        return "yaml"
    if path.suffix.lower() == ".binaryproto":
        raise not_a_model(path, "it is the mean image of a Caffe network; open the .caffemodel beside it")
    raise not_a_model(path, "its first bytes are those of no kind of model that is known")


def is_model(path: Path) -> bool:
    """Whether a file or folder is of a kind that is known; it may be damaged all the same."""
    try:
        kind_of(path)
    except TLStudioError:
        return False
    return True


def not_a_model(path: Path, found: str) -> TLStudioError:
    return TLStudioError("not_a_model", path=path, found=found)


def _has_user_block(path: Path) -> bool:
    """HDF5 may begin behind 512, 1024, 2048 … bytes that are the writer's own (HDF5 file format, section II.A)."""
    place, size = 512, path.stat().st_size
    with path.open("rb") as file:
        while place + 8 <= size and place <= 1 << 16:
            file.seek(place)
            if file.read(8) == HDF5_MAGIC:
                return True
            place *= 2
    return False


def _looks_like_caffe(head: bytes) -> bool:
    """A prototxt (text with ``layer {`` in it), or a NetParameter: a name (field 1, text) and a layer soon after."""
    if b"\0" not in head:
        text = head.decode("utf-8", "replace")
        return any(word in text for word in ("layer {", "layers {", "layer{", "layers{"))
    length = head[1] if len(head) > 1 else 0
    name = head[2 : 2 + length]
    return (
        head[0] == 0x0A
        and 0 < length < 128
        and name.isascii()
        and head[2 + length : 3 + length] in {b"\xa2", b"\x12"}
    )


def _kind_of_folder(path: Path) -> Kind:
    if (path / "saved_model.pb").is_file() or (path / "saved_model.pbtxt").is_file():
        return "savedmodel"
    if (path / "config.json").is_file() and (path / "model.weights.h5").is_file():
        return "keras-folder"
    entries = [entry for _number, entry in zip(range(MAX_ENTRIES), path.iterdir(), strict=False)]
    below = [entry for entry in entries if entry.is_dir() and (entry / "saved_model.pb").is_file()]
    if len(below) == 1:
        return "savedmodel"
    suffixes = {entry.suffix.lower() for entry in entries}
    if ".prototxt" in suffixes and ".caffemodel" in suffixes:
        return "caffe"
    if suffixes & {".json", ".yaml", ".yml"} and suffixes & {".h5", ".hdf5", ".keras", ".weights", ".bin"}:
        return "json-folder"
    if suffixes & {".prototxt", ".caffemodel"} or any(e.name.lower().endswith(CAFFE_HDF5) for e in entries):
        return "caffe"  # one of the two, which says what is missing
    raise not_a_model(path, "it is a folder without a model in it")
