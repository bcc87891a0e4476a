"""Networks written for channels-first images, rewritten for channels-last.

TensorFlow on a CPU computes convolutions channels-last only. Keras stores kernels in one layout whatever the
image's layout is, so only axes and shapes change; where a flattening follows, the order of values that the
next Dense layer was trained on is restored by a permutation.
"""

from dataclasses import replace
from typing import Any

from tlstudio.core.model.graph import Call, Graph, LayerSpec, Ref
from tlstudio.core.model.repairs import Repair

CHANNELS_FIRST = Repair(
    "channels_first", "The network expects channels-first images; it was rewritten for channels-last.",
    lambda _type, config: config.get("data_format") == "channels_first",
)  # fmt: skip


def to_channels_last(graph: Graph) -> Graph:
    """The same network for channels-last images; ``graph`` itself if it is channels-last already."""
    if not any(CHANNELS_FIRST.apply(spec.type, spec.config) for spec in graph.layers.values()):
        return graph
    layers: dict[str, LayerSpec] = {}
    flattened_first: set[str] = set()
    for path, spec in graph.layers.items():
        config = dict(spec.config)
        if spec.type == "InputLayer" and len(config["shape"]) == 3:
            config["shape"] = [*config["shape"][1:], config["shape"][0]]
        if spec.type == "Flatten" and config.get("data_format") != "channels_first":
            flattened_first.add(path)
        if config.get("axis") == 1:
            config["axis"] = -1
        if "data_format" in config:
            config["data_format"] = "channels_last"
        layers[path] = replace(spec, config=config)
    return _with_permutations(graph, layers, flattened_first)


def _with_permutations(graph: Graph, layers: dict[str, LayerSpec], before: set[str]) -> Graph:
    """Insert a permutation to channels-first order in front of each layer of ``before``."""
    calls: list[Call] = []
    renumbered: dict[int, int] = {}
    for number, call in enumerate(graph.calls):
        args = tuple(_renumber(value, renumbered) for value in call.args)
        if call.layer in before:
            path = f"{call.layer}_channels_first"
            layers[path] = LayerSpec(path, "Permute", {"dims": [3, 1, 2]})
            calls.append(Call(path, args))
            args = (Ref(len(calls) - 1),)
        calls.append(replace(call, args=args))
        renumbered[number] = len(calls) - 1
    return replace(
        graph,
        layers=layers,
        calls=tuple(calls),
        inputs=tuple(renumbered[i] for i in graph.inputs),
        outputs=tuple(renumbered[i] for i in graph.outputs),
        repairs=(*graph.repairs, CHANNELS_FIRST),
    )


def _renumber(value: Any, renumbered: dict[int, int]) -> Any:
    if isinstance(value, Ref):
        return Ref(renumbered[value.call])
    if isinstance(value, list):
        return [_renumber(item, renumbered) for item in value]
    return value
