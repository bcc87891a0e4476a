"""The files of a SavedModel folder: fixed names, no links, bounded sizes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.kinds import MAX_ENTRIES, not_a_model
from tlstudio.core.model.savedmodel.messages import parse

GRAPH = "saved_model.pb"
KERAS_METADATA = "keras_metadata.pb"
KERAS_JSON = "assets/saved_model.json"  # tf.keras of TensorFlow 1.13 and 1.14, and what Teachable Machine exports
INDEX = "variables/variables.index"

# Bytes. The graph of EfficientNetB7 takes 10 MB, with every function that Keras 2 adds 30. A frozen graph holds
# its weights, too (ResNet50: 100 MB); twice this has to fit into a reader's memory.
MAX_GRAPH = 300 << 20
MAX_DESCRIPTION = 64 << 20


@dataclass(frozen=True)
class Folder:
    """``opened``: what the person named. ``root``: the folder that holds ``saved_model.pb``."""

    opened: Path
    root: Path

    @property
    def graph(self) -> Path:
        return self.root / GRAPH

    def file(self, name: str) -> Path | None:
        """A file of the folder; None where it is not there. Raises ``unsafe_model`` for links and the like."""
        path = self.root / name
        for place in (path, path.parent):
            if place.is_symlink():
                found = f"“{place.relative_to(self.root.parent)}” is a link to another place"
                raise TLStudioError("unsafe_model", path=self.opened, found=found)
        if not path.exists():
            return None
        if not path.is_file():
            raise TLStudioError("unsafe_model", path=self.opened, found=f"“{name}” is no ordinary file")
        return path

    def message(self, name: str, message: str, limit: int) -> Any:
        """A file of the folder, parsed; None where it is not there. Raises ``unsafe_model``, ``truncated_model``."""
        path = self.file(name)
        if path is None:
            return None
        size = path.stat().st_size
        if size > limit:
            found = f"“{name}” has {size >> 20} MB, more than any honest one"
            raise TLStudioError("unsafe_model", path=self.opened, found=found)
        return parse(message, path.read_bytes(), path)


def find_folder(path: Path) -> Folder:
    """``path``: the folder, its ``saved_model.pb``, or a folder with one such folder in it. Raises ``not_a_model``."""
    if path.is_file():
        return Folder(path, path.parent)
    if (path / GRAPH).is_file():
        return Folder(path, path)
    entries = [entry for _number, entry in zip(range(MAX_ENTRIES), path.iterdir(), strict=False)]
    below = [entry for entry in entries if entry.is_dir() and (entry / GRAPH).is_file()]
    if len(below) == 1:
        return Folder(path, below[0])
    if (path / "saved_model.pbtxt").is_file():
        raise not_a_model(path, "it is a SavedModel written as text; ask for the binary form, saved_model.pb")
    raise not_a_model(path, "it is a folder without one SavedModel in it")
