"""How fast a machine is, and how much there is to do: what forecasts are made from. ``engine.speed`` measures."""

import msgspec

from tlstudio.core.work import Work


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Images by part, and classes."""

    train: int
    validation: int
    test: int = 0
    classes: int = 2


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """What is done in a second where nothing else is: multiply-adds, and outputs of layers."""

    multiply_adds: float
    values: float

    def seconds(self, work: Work, images: float = 1) -> float:
        return images * (work.multiply_adds / self.multiply_adds + work.values / self.values)


class Speed(msgspec.Struct, frozen=True, kw_only=True):
    """A machine's. ``frozen``: of inference by its fastest engine; ``train``: of an update, which goes forward and
    back; ``decode``: images a second; ``change``: pixels a second of random changes; ``step``: seconds of an update
    of next to nothing; ``layer``: seconds before the first gradients of a layer, in which its operations are put
    together; ``ready``: seconds to build a layer and hand it to the engine that runs what is frozen."""

    frozen: Rate
    train: Rate
    decode: float
    change: float
    step: float
    layer: float
    ready: float
