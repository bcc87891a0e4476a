"""What a network has a machine do for one image: multiply-adds, values that are moved, values that must be held.

Counted from the graph and the shapes of its weights; no network is built. Two things take the time of a layer: its
multiplications, and moving its inputs and outputs through memory, which is all that activations, normalizations and
sums do and most of what depthwise convolutions do (the roofline of Williams et al. 2009).
"""

from collections.abc import Iterable
from math import prod

import msgspec

from tlstudio.core.head import HeadLayer
from tlstudio.core.model import vocabulary
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.shapes import Shape, infer_shapes

# They only say how values are to be seen; none are moved.
_FREE = {"InputLayer", "Flatten", "Reshape", "ActivityRegularization", "ExpandDims", "Squeeze"}

# Activations whose gradient is computed from what they gave; those of the others from what they took.
_BY_OUTPUT = {"elu", "exponential", "linear", "relu", "relu6", "selu", "sigmoid", "softmax", "softplus", "tanh"}
_BY_OUTPUT_LAYERS = {"ELU", "ReLU", "Softmax", "Exp"}
_ACTIVATED = vocabulary.CONVOLUTIONS | {"Activation", "Dense"}
# Their gradient wants neither what they took nor what they gave.
_LINEAR = (
    vocabulary.RESHAPING
    | {kind for kind in vocabulary.POOLING if "Average" in kind}
    | {"Add", "Average", "Concatenate", "Mean", "Pad", "Pick", "Rescaling", "Slice", "Stack", "Subtract", "Sum"}
)


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """Of one image in a part of a network. ``values``: outputs of all layers; ``live``: the most of them that are
    held at once where nothing is kept for a gradient, and ``kept``, where it is; ``given``, ``result``: values that
    come in and go out; ``weights``: of the part, in numbers; ``layers``: how many there are."""

    multiply_adds: int = 0
    values: int = 0
    live: int = 0
    kept: int = 0
    given: int = 0
    result: int = 0
    weights: int = 0
    layers: int = 0

    def __add__(self, above: "Work") -> "Work":
        """This part with one on top of it."""
        return Work(
            multiply_adds=self.multiply_adds + above.multiply_adds,
            values=self.values + above.values,
            live=max(self.live, above.live),
            kept=self.kept + above.kept,
            given=self.given,
            result=above.result,
            weights=self.weights + above.weights,
            layers=self.layers + above.layers,
        )


def work_of(model: ModelFile, calls: Iterable[int]) -> Work:
    """Of some of a model's calls (numbers in ``graph.calls``, in order). A shape that isn't known counts as that of
    what it is made from."""
    graph, numbers = model.graph, list(calls)
    sizes = _values_of_calls(model)
    inside, last_use = set(numbers), dict[int, int]()
    for number in numbers:
        for source in graph.calls[number].sources:
            last_use[source] = number
    outside = {source for source in last_use if source not in inside}
    given = sum(sizes[source] for source in outside) or sum(sizes[n] for n in numbers if n in graph.inputs)
    held = live = sum(sizes[source] for source in outside)
    for number in numbers:
        held += sizes[number]
        live = max(live, held)
        held -= sum(sizes[source] for source in set(graph.calls[number].sources) if last_use[source] == number)
    paths = {graph.calls[number].layer for number in numbers}
    return Work(
        multiply_adds=sum(_multiply_adds(model, number, sizes) for number in numbers),
        values=sum(sizes[n] + _within(model, n, sizes) for n in numbers if not _is_free(model, n)),
        live=live,
        kept=_kept(model, numbers, sizes),
        given=given,
        result=sizes[numbers[-1]] if numbers else 0,
        weights=sum(weight.size for path in paths for weight in model.weights.get(path, [])),
        layers=len(numbers),
    )


def work_of_head(head: list[HeadLayer], features: Shape) -> Work:
    """Of a new head on features of a shape."""
    given = prod(size or 1 for size in features or ())
    before, multiply_adds, live = given, 0, given
    for layer in head:
        if layer.type == "Dense":
            multiply_adds += before * layer.output
        live = max(live, before + layer.output)
        before = layer.output
    return Work(
        multiply_adds=multiply_adds,
        values=sum(layer.output for layer in head if layer.type not in _FREE),
        live=live,
        kept=given + sum(layer.output for layer in head),
        given=given,
        result=before,
        weights=sum(layer.parameters for layer in head),
        layers=len(head),
    )


def _kept(model: ModelFile, numbers: list[int], sizes: list[int]) -> int:
    """The most that is held on the way back of a gradient.

    An output is held until the gradient has come down to it, if the layer that made it or one that takes it wants it
    again; a ReLU over a normalization writes into its input's place. Beside what is still held below it, each layer
    has its own gradients, of what it took and of what it made.
    """
    graph = model.graph
    takers: dict[int, list[int]] = {number: [] for number in numbers}
    for number in numbers:
        for source in graph.calls[number].sources:
            takers.setdefault(source, []).append(number)
    outside = [source for source in takers if source not in set(numbers)]
    held = most = sum(sizes[source] for source in outside)
    for number in numbers:
        if not _is_free(model, number):
            is_wanted = _wants_output(model, number) or any(_wants_input(model, taker) for taker in takers[number])
            held += is_wanted * sizes[number] + _within(model, number, sizes)
        most = max(most, held + sizes[number] + sum(sizes[source] for source in set(graph.calls[number].sources)))
    return most


def _is_free(model: ModelFile, number: int) -> bool:
    return model.graph.layers[model.graph.calls[number].layer].type in _FREE


def _wants_output(model: ModelFile, number: int) -> bool:
    """Whether its gradient is made from what the layer gave."""
    spec = model.graph.layers[model.graph.calls[number].layer]
    if spec.type in _ACTIVATED:
        return spec.config.get("activation", "linear") in _BY_OUTPUT - {"linear"}
    return spec.type in _BY_OUTPUT_LAYERS or spec.type.startswith("MaxPooling")


def _wants_input(model: ModelFile, number: int) -> bool:
    """Whether its gradient is made from what the layer took."""
    spec = model.graph.layers[model.graph.calls[number].layer]
    if spec.type == "Activation":
        return spec.config.get("activation", "linear") not in _BY_OUTPUT
    return spec.type not in _BY_OUTPUT_LAYERS | _LINEAR | _FREE


def _within(model: ModelFile, number: int, sizes: list[int]) -> int:
    """Values that a layer makes on its way: a separable convolution between its two, an activation from its input."""
    call = model.graph.calls[number]
    spec, more = model.graph.layers[call.layer], 0
    if spec.type.startswith("Separable"):
        kernels = [weight.shape for weight in model.weights.get(call.layer, []) if len(weight.shape) > 1]
        if len(kernels) == 2:
            more += sizes[number] // max(kernels[1][-1], 1) * kernels[1][-2]
    if spec.type in _ACTIVATED - {"Activation"} and spec.config.get("activation", "linear") not in _BY_OUTPUT:
        more += sizes[number]
    return more


def _values_of_calls(model: ModelFile) -> list[int]:
    graph = model.graph
    sizes: list[int] = []
    for call, shape in zip(graph.calls, infer_shapes(graph), strict=True):
        if shape is None:
            shape = model.shapes.get(call.layer)
        if shape is None:
            sizes.append(max((sizes[source] for source in call.sources), default=0))
        else:
            sizes.append(prod(size or 1 for size in shape))
    return sizes


def _multiply_adds(model: ModelFile, number: int, sizes: list[int]) -> int:
    """Each number of a kernel meets each place that the kernel is put at once."""
    call = model.graph.calls[number]
    type_ = model.graph.layers[call.layer].type
    kernels = [weight for weight in model.weights.get(call.layer, []) if len(weight.shape) > 1]
    if type_ in vocabulary.CONVOLUTIONS | {"Dense", "MultiHeadAttention"} and kernels and call.sources:
        given, made = sizes[call.sources[0]], sizes[number]
        size = sum(weight.size for weight in kernels)
        if type_ == "MultiHeadAttention":
            tokens = given // max(kernels[0].shape[0], 1)
            width = kernels[0].size // max(kernels[0].shape[0], 1)
            return tokens * size + 2 * tokens * tokens * width  # scores, and the mean of values by them
        if type_.endswith("Transpose"):
            return size * (given // max(kernels[0].shape[-1], 1))
        if type_.startswith("Depthwise"):
            return size * (made // max(kernels[0].shape[-1] * kernels[0].shape[-2], 1))
        return size * (made // max(kernels[-1].shape[-1], 1))
    return 0
