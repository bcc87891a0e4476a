"""A model file that was read and understood, but not built: what the tree shows and what the engine builds from."""

from pathlib import Path

import msgspec

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.arrays import Weight
from tlstudio.core.model.cuts import Cut
from tlstudio.core.model.description import Preprocessing
from tlstudio.core.model.graph import Graph, Note
from tlstudio.core.model.opening import Opening
from tlstudio.core.model.shapes import Shape


class ModelFile(msgspec.Struct, frozen=True, kw_only=True):
    """Plain data, JSON both ways: it is read in one process and used in others.

    ``files``: all that belong to the model, ``path`` the one that was opened. ``weights`` and ``shapes`` by layer
    path; a layer without weights is not among the former. ``recognised``: the network of the catalogue that it is
    or grew from, empty where it is none. ``asks``: what a person may still have to choose, of ``input_size`` and
    ``output``.
    """

    path: Path
    files: tuple[Path, ...]
    format: str
    writer: str
    graph: Graph
    weights: dict[str, list[Weight]]
    shapes: dict[str, Shape]
    cuts: dict[str, Cut]
    preprocessing: Preprocessing
    warnings: tuple[Note, ...] = ()
    labels: tuple[str, ...] = ()
    recognised: str = ""
    opening: Opening = Opening()
    asks: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

    @property
    def input_shape(self) -> Shape:
        """Without the batch axis, as all shapes here; that of the first input where there are several."""
        return self.shapes[self.graph.calls[self.graph.inputs[0]].layer] if self.graph.inputs else None

    @property
    def output_shape(self) -> Shape:
        return self.shapes[self.graph.calls[self.graph.outputs[0]].layer]

    @property
    def output_units(self) -> int | None:
        """How many class scores the network gives; (1, 1, N) counts as N."""
        shape = self.output_shape
        if not shape or any(size != 1 for size in shape[:-1]):
            return None
        return shape[-1]

    @property
    def parameters(self) -> int:
        return sum(weight.size for weights in self.weights.values() for weight in weights)


def _to_json(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(f"Expected a path. Received: {type(value).__name__}")


def _from_json(type_: type, value: object) -> object:
    if issubclass(type_, Path):
        return type_(str(value))
    raise NotImplementedError(f"Expected a path. Received: {type_.__name__}")


_encoder = msgspec.json.Encoder(enc_hook=_to_json)
_decoder = msgspec.json.Decoder(ModelFile, dec_hook=_from_json)


def encode(model: ModelFile) -> bytes:
    return _encoder.encode(model)


def decode(data: bytes) -> ModelFile:
    """Raises ``msgspec.MsgspecError`` on anything but an encoded model file."""
    return _decoder.decode(data)


def refusal_of(graph: Graph, path: str, file: Path, cuts: dict[str, Cut]) -> TLStudioError:
    """The error of a layer that can't be built: it names the highest layer below it that the network may end at."""
    spec = graph.layers[path]
    first = min(graph.calls_of(path), default=0)
    below = [call.layer for call in graph.calls[:first] if cuts.get(call.layer, Cut(False)).legal]
    usable = [name for name in below if not graph.layers[name].refusal]
    return TLStudioError(
        spec.refusal, path=file, layer=path, type=spec.hint or spec.type, below=usable[-1] if usable else ""
    )
