"""Networks written for channels-first images, rewritten for channels-last.

TensorFlow on a CPU computes convolutions channels-last only. Keras stores kernels in one layout whatever the
image's layout is, so weights stay as they are: each tensor is kept channels-last from one channels-first
layer to the next, and turned back where a layer needs the order that it was trained on (a flattening below a
Dense layer, or a layer that was channels-last all along in a network that mixes both).
"""

from typing import Any

from msgspec.structs import replace

from tlstudio.core.errors import QT_TRANSLATE_NOOP
from tlstudio.core.model import vocabulary
from tlstudio.core.model.graph import Call, Graph, LayerSpec, Ref, refs_in, with_notes

MESSAGE = QT_TRANSLATE_NOOP(
    "Repairs", "The network expects channels-first images; it was rewritten for channels-last."
)
# Layers that treat every value alike, whatever its place.
_PLACELESS = vocabulary.MERGING - {"Concatenate"} | {
    "Activation", "Dropout", "ELU", "GaussianDropout", "GaussianNoise", "LeakyReLU", "ReLU", "Rescaling",
}  # fmt: skip
_LAST_AXIS = {"log_softmax", "softmax"}  # activations that go along the last axis, whatever it means
_TO_LAST, _TO_FIRST = [2, 3, 1], [3, 1, 2]


def to_channels_last(graph: Graph) -> Graph:
    """The same network for channels-last images; ``graph`` itself if it is channels-last already."""
    if not any(_is_channels_first(spec) for spec in graph.layers.values()):
        return graph
    return _Rewriter(graph).rewrite()


def _is_channels_first(spec: LayerSpec) -> bool:
    return spec.config.get("data_format") == "channels_first"


class _Rewriter:
    """``turned``: the new calls that give a tensor channels-last which the old network had channels-first."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.layers = dict(graph.layers)
        self.calls: list[Call] = []
        self.turned: set[int] = set()
        self.renumbered: dict[int, int] = {}
        # In a network that mixes both orders, the lowest layer that knows of one tells what the image has.
        orders = (graph.layers[call.layer].config.get("data_format") for call in graph.calls)
        self.is_image_first = next((order for order in orders if order), None) == "channels_first"

    def rewrite(self) -> Graph:
        for number, call in enumerate(self.graph.calls):
            self.renumbered[number] = self._rewrite(call)
        outputs = tuple(self._as_first(self.renumbered[i]) for i in self.graph.outputs)
        repairs = self.graph.repairs
        for path, spec in self.graph.layers.items():
            if _is_channels_first(spec):
                repairs = with_notes(repairs, "channels_first", MESSAGE, path)
        return replace(
            self.graph,
            layers=self.layers,
            calls=tuple(self.calls),
            inputs=tuple(self.renumbered[i] for i in self.graph.inputs),
            outputs=outputs,
            repairs=repairs,
        )

    def _rewrite(self, call: Call) -> int:
        spec = self.graph.layers[call.layer]
        config = dict(spec.config)
        given = [self.renumbered[ref.call] for ref in refs_in(call.args)]
        any_turned = any(number in self.turned for number in given)
        by_axis = config.get("axis") == 1 and spec.type in {"BatchNormalization", "Concatenate"}
        is_turned = False
        behind = ""
        if spec.type == "InputLayer":
            is_turned = self.is_image_first and len(config["shape"]) == 3
            if is_turned:
                config["shape"] = [*config["shape"][1:], config["shape"][0]]
        elif config.get("data_format") == "channels_first":
            config["data_format"] = "channels_last"
            given = [self._as_last(number) for number in given]
            is_turned = spec.type != "Flatten" and not (spec.type.startswith("Global") and not config.get("keepdims"))
            if config.get("activation") in _LAST_AXIS:
                behind, config["activation"] = config["activation"], "linear"
        elif any_turned and by_axis:
            config["axis"] = -1
            given = [self._as_last(number) for number in given]
            is_turned = True
        elif any_turned and spec.type in _PLACELESS and config.get("activation") not in _LAST_AXIS:
            given = [self._as_last(number) for number in given]
            is_turned = True
        else:
            given = [self._as_first(number) for number in given]
        self.layers[call.layer] = replace(spec, config=config)
        number = self._add(replace(call, args=_with_refs(call.args, iter(given))), is_turned)
        if not behind:
            return number
        path = f"{call.layer}_activation"
        while path in self.graph.layers:
            path += "_"
        self.layers[path] = LayerSpec(path=path, type="Activation", config={"activation": behind})
        return self._add(Call(path, (Ref(self._as_first(number)),)), False)

    def _as_last(self, number: int) -> int:
        return number if number in self.turned else self._permute(number, _TO_LAST, "channels_last", True)

    def _as_first(self, number: int) -> int:
        return self._permute(number, _TO_FIRST, "channels_first", False) if number in self.turned else number

    def _permute(self, number: int, order: list[int], suffix: str, is_turned: bool) -> int:
        path = f"{self.calls[number].layer}_{suffix}"
        self.layers[path] = LayerSpec(path=path, type="Permute", config={"dims": order})
        return self._add(Call(path, (Ref(number),)), is_turned)

    def _add(self, call: Call, is_turned: bool) -> int:
        self.calls.append(call)
        if is_turned:
            self.turned.add(len(self.calls) - 1)
        return len(self.calls) - 1


def _with_refs(value: Any, numbers: Any) -> Any:
    """The same nesting of arguments with the tensors of ``numbers`` in their places."""
    if isinstance(value, Ref):
        return Ref(next(numbers))
    if isinstance(value, (list, tuple)):
        return type(value)(_with_refs(item, numbers) for item in value)
    return value
