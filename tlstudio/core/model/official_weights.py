"""Where the weight files of the catalogue's networks are on this machine, or where a person puts them."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from tlstudio.core.model.catalogue import Network, OfficialFile

# HDF5 adds names and padding to four bytes a value: 2 to 8 KB a layer in the official files (VGG16 to NASNet). A file with a network's name and another
# size is cut off, or a page that says that the real file was not downloaded.
MARGIN = 16 << 10  # bytes a layer
PIECE = 1 << 20


@dataclass(frozen=True, kw_only=True)
class WeightFile:
    """One official file. ``path``: where it was found, None where it is not here; then it belongs into ``folder``
    under its name. ``problem``: in words, where a file of that name is here and can't be it."""

    name: str
    top: bool
    folder: Path
    path: Path | None = None
    problem: str = ""


def keras_cache() -> Path:
    """Where Keras keeps the weights that it fetched: ``$KERAS_HOME/models``, else ``~/.keras/models``."""
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path.home() / ".keras") / "models"


def locate(network: Network, library: Path) -> list[WeightFile]:
    """The official files of a network, with and without top, each looked for in the library and in Keras' cache by
    its name and size. Nothing is read; ``is_genuine`` looks at the bytes."""
    return [_locate(network, file, library) for file in network.files]


def _locate(network: Network, file: OfficialFile, library: Path) -> WeightFile:
    problem = ""
    for folder in (library, keras_cache()):
        path = folder / file.name
        if not path.is_file():
            continue
        part = network.part(file.top)
        size, expected = path.stat().st_size, 4 * part.parameters
        if expected <= size <= expected + MARGIN * part.layers:
            return WeightFile(name=file.name, top=file.top, folder=library, path=path)
        problem = f"“{path}” has {size} bytes where some {expected} belong: it was cut off or is another file"
    return WeightFile(name=file.name, top=file.top, folder=library, problem=problem)


def is_genuine(path: Path, file: OfficialFile) -> bool | None:
    """Whether a file's bytes are those that Keras names; None where Keras names none. Reads the whole file."""
    if not file.digest:
        return None
    with path.open("rb") as stream:
        kind = "sha256" if len(file.digest) == 64 else "md5"
        running = hashlib.new(kind, usedforsecurity=False)
        while piece := stream.read(PIECE):
            running.update(piece)
    return running.hexdigest() == file.digest
