"""What the process that reads strangers' model files is asked, and what it answers: one line of JSON each."""

from math import prod

import msgspec

from tlstudio.core.errors import Facts
from tlstudio.core.model.opening import Opening


class ReadModel(msgspec.Struct, frozen=True, kw_only=True, tag="read"):
    """Read a model file; the answer is ``ModelRead`` or ``Refused``."""

    path: str
    opening: Opening = Opening()


class CheckValues(msgspec.Struct, frozen=True, kw_only=True, tag="check"):
    """Look at every value of a model file; the answer is ``ValuesChecked`` or ``Refused``."""

    path: str
    opening: Opening = Opening()


class ListWeights(msgspec.Struct, frozen=True, kw_only=True, tag="list"):
    """What a weights-only file holds; the answer is ``WeightsListed`` or ``Refused``."""

    path: str


class ModelRead(msgspec.Struct, frozen=True, kw_only=True, tag="model"):
    model: msgspec.Raw


class ValuesChecked(msgspec.Struct, frozen=True, kw_only=True, tag="checked"):
    """``not_finite``: paths of the layers that hold NaN or infinite values."""

    not_finite: list[str]


class WeightsListed(msgspec.Struct, frozen=True, kw_only=True, tag="weights"):
    """Shapes of arrays by the name of their layer, in the file's order. ``recognised``: the network of the catalogue
    that lies among other layers in it."""

    writer: str
    layers: dict[str, list[list[int]]]
    recognised: str = ""

    def parameters(self, layer: str) -> int:
        return sum(prod(shape) for shape in self.layers[layer])


class Refused(msgspec.Struct, frozen=True, kw_only=True, tag="refused"):
    """An error of ``core.errors``."""

    code: str
    facts: Facts


Question = ReadModel | CheckValues | ListWeights
Answer = ModelRead | ValuesChecked | WeightsListed | Refused
