"""Parts of a network while it is recovered from a graph: layers in the making, each with what it is given.

Most have the type and the config of a layer already. ``Affine`` (scale and offset), ``Erf``, ``Erfc`` and
``Greater`` are only on the way to one; ``Rows``, ``Spaced`` and ``Folded`` are tensors that a layer's own arithmetic goes through in another form.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from tlstudio.core.model.graph import Call, Graph, LayerSpec, Ref
from tlstudio.core.model.savedmodel.known import Known
from tlstudio.core.model.shapes import Shape, infer_shapes

# A matrix of all rows of a tensor, the tiles that a dilated convolution of old is computed on, and a tensor folded
# so that a batch normalization takes its last axes together.
WRAPPERS = {"Folded", "Rows", "Spaced"}
UNARY = {"Erf", "Erfc"}


@dataclass(frozen=True, eq=False)
class Piece:
    """``shape`` is without the batch axis, None where it is not known. ``name``: of the operation in the graph.
    ``weights``: in the order of the Keras layer. ``refusal``: the operation that no layer does."""

    type: str
    config: dict[str, Any] = field(default_factory=dict)
    inputs: "tuple[Piece, ...]" = ()
    weights: tuple[Known, ...] = ()
    shape: Shape = None
    name: str = ""
    scale: Known | None = None
    offset: Known | None = None
    refusal: str = ""

    @property
    def sizes(self) -> tuple[int, ...]:
        """The shape where all of it is known; empty otherwise."""
        return tuple(size for size in self.shape or () if size is not None) if self.is_sized else ()

    @property
    def is_sized(self) -> bool:
        return self.shape is not None and None not in self.shape

    @property
    def rank(self) -> int:
        return len(self.shape or ())


def make(type_: str, name: str, inputs: tuple[Piece, ...], weights: tuple[Known, ...] = (), **config: Any) -> Piece:
    """A layer of the vocabulary; its shape follows from the rules of ``core.model.shapes``."""
    clean = msgspec.to_builtins(config)
    shape = _inferred(LayerSpec(path="it", type=type_, config=clean), [piece.shape for piece in inputs])
    return Piece(type=type_, config=clean, inputs=inputs, weights=weights, shape=shape, name=name)


def settled(wrapper: Piece) -> Piece:
    """Tiles whose border is in the tensor below: what is done to tiles is done to their border, too."""
    if wrapper.type != "Spaced" or not any(map(any, wrapper.config["padding"])):
        return wrapper
    bordered = make("ZeroPadding2D", f"{wrapper.name}_pad", wrapper.inputs, padding=wrapper.config["padding"])
    return replace(wrapper, inputs=(bordered,), config={**wrapper.config, "padding": [[0, 0], [0, 0]]})


def refused(op: str, name: str, inputs: tuple[Piece, ...]) -> Piece:
    """A place that nothing is known for; what lies below it stays usable."""
    below = tuple(piece.inputs[0] if piece.type in WRAPPERS else piece for piece in inputs)
    return Piece(type=op, inputs=below, name=name, refusal=op)


def _inferred(spec: LayerSpec, given: list[Shape]) -> Shape:
    if any(shape is None for shape in given):
        return None
    inputs = {
        str(i): LayerSpec(path=str(i), type="InputLayer", config={"shape": shape}) for i, shape in enumerate(given)
    }
    refs = [Ref(i) for i in range(len(given))]
    argument: tuple[Any, ...] = (refs[0],) if len(refs) == 1 else (refs,)
    calls = (*(Call(path) for path in inputs), Call("it", argument))
    graph = Graph(
        name="", type="Functional", layers={**inputs, "it": spec}, calls=calls, inputs=tuple(range(len(given))),
        outputs=(len(given),),
    )  # fmt: skip
    return infer_shapes(graph)[-1]
