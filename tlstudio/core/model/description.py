"""What a reader of one kind of file makes of it: the network as a graph, its weights, and what the file tells
besides. All kinds end here; what comes after is the same for all."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from tlstudio.core.model.arrays import Weight
from tlstudio.core.model.graph import Graph, Note

Source = Literal["declared", "catalogue", "assumed"]


class Preprocessing(msgspec.Struct, frozen=True, kw_only=True):
    """What the network was trained to see. ``mode``: one of ``core.data.preprocess``; ``source``: ``declared`` by
    the file itself, known from the ``catalogue``, or ``assumed``, since nothing tells."""

    mode: str
    source: Source


@dataclass(frozen=True, kw_only=True)
class Description:
    """``files``: every file that belongs to the model, the one that was opened first. ``weights``: by layer path,
    in the order of the Keras layer's own list; layers without weights may be left out. ``warnings``: what a
    person should know; repairs are in the graph. ``labels``: class names in output order, where they lie beside
    the file. ``preprocessing``: None where the file itself says nothing."""

    path: Path
    files: tuple[Path, ...]
    format: str
    writer: str
    graph: Graph
    weights: dict[str, list[Weight]] = field(default_factory=dict)
    warnings: tuple[Note, ...] = ()
    labels: tuple[str, ...] = ()
    preprocessing: Preprocessing | None = None
