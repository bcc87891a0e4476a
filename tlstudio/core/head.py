"""The layers of a new head: shown in the tree before anything is built, and built by the engine as shown."""

import math
from collections.abc import Sequence

import msgspec

from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.shapes import Shape
from tlstudio.core.plan import Head, TrainingPlan

STANDARDIZE_ON = 2000  # images, at most; the error of a mean is then a fiftieth of a deviation


class HeadLayer(msgspec.Struct, frozen=True, kw_only=True):
    """``type`` is the Keras class, ``output`` the number of values it gives, ``parameters`` its weights."""

    name: str
    type: str
    output: int
    parameters: int = 0
    activation: str = ""
    rate: float = 0.0


def head_layers(head: Head, features: Shape, classes: int, also: Sequence[Shape] = ()) -> list[HeadLayer]:
    """From features of a shape (without the batch axis) to a softmax over the classes; nothing for a kept head.
    ``also``: shapes of further features, which are joined with these first."""
    if head.kind == "keep":
        return []
    layers: list[HeadLayer] = []
    shape = features or ()
    size = math.prod(length or 1 for length in shape)
    if also:
        parts = [features, *also]
        layers += [layer for layer in poolings(head, parts) if layer is not None]
        size = sum(widths_of(head, parts))
        layers.append(HeadLayer(name="head_join", type="Concatenate", output=size))
    elif len(shape) == 3 and head.pooling == "average":
        size = shape[2] or 1
        layers.append(HeadLayer(name="head_pooling", type="GlobalAveragePooling2D", output=size))
    elif len(shape) != 1:
        layers.append(HeadLayer(name="head_flatten", type="Flatten", output=size))
    if head.standardize:
        layers.append(HeadLayer(name="head_standardize", type="Normalization", output=size, parameters=2 * size + 1))
    for number, units in enumerate(head.hidden, 1):
        layers.append(_dense(f"head_dense_{number}", size, units, "relu"))
        size = units
        if head.dropout:
            layers.append(HeadLayer(name=f"head_dropout_{number}", type="Dropout", output=size, rate=head.dropout))
    layers.append(_dense("head_output", size, classes, "softmax"))
    return layers


def poolings(head: Head, parts: Sequence[Shape]) -> list[HeadLayer | None]:
    """What makes a vector of the features of each of several layers, the cut first; None for one that is a vector.

    Only the cut's can be written out instead of averaged: lower maps are large, and their places tell little.
    """
    found: list[HeadLayer | None] = []
    for place, (shape, width) in enumerate(zip(parts, widths_of(head, parts), strict=True)):
        type_ = {2: "GlobalAveragePooling1D", 3: "GlobalAveragePooling2D"}.get(len(shape or ()))
        if type_ and not place and head.pooling == "flatten":
            type_ = "Flatten"
        found.append(HeadLayer(name=f"head_pooling_{place}", type=type_, output=width) if type_ else None)
    return found


def widths_of(head: Head, parts: Sequence[Shape]) -> list[int]:
    """How many features each of several layers gives, the cut first."""
    sizes = [[length or 1 for length in shape or ()] for shape in parts]
    return [
        math.prod(size) if not place and head.pooling == "flatten" else size[-1] for place, size in enumerate(sizes)
    ]


def _dense(name: str, inputs: int, units: int, activation: str) -> HeadLayer:
    parameters = (inputs + 1) * units
    return HeadLayer(name=name, type="Dense", output=units, parameters=parameters, activation=activation)


def new_head_of(model: ModelFile, plan: TrainingPlan, classes: int) -> list[HeadLayer]:
    """The head that a plan puts on a model for that many classes; nothing for a kept head."""
    if plan.cut is None:
        return []
    return head_layers(plan.head, model.shapes[plan.cut], classes, [model.shapes[path] for path in plan.also])
