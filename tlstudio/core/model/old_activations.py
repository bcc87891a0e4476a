"""Activations that bear an old name and compute something else since Keras 3.

``hard_sigmoid`` was ``clip(0.2·x + 0.5, 0, 1)`` up to Keras 2 (``keras/activations.py``) and is ``relu6(x + 3) / 6``
in Keras 3: a layer of Keras 2 is off by up to 0.1 in it, and nothing raises.
"""

from typing import Any

import msgspec

from tlstudio.core.errors import QT_TRANSLATE_NOOP
from tlstudio.core.model.graph import Call, Graph, LayerSpec, Ref, renumber, with_notes

OLD_HARD_SIGMOID = QT_TRANSLATE_NOOP(
    "Repairs", "A hard sigmoid was written out as Keras 2 computes it, which Keras 3 does differently."
)
_NAME = "hard_sigmoid"


def means_old_activations(config: dict[str, Any], version: str | None) -> bool:
    """Whether a network's description was written before Keras 3: its version tells, and where none is known, Keras
    3 alone names the module of the network's class."""
    return version[:1] in "012" if version else "module" not in config


def restore_old_activations(graph: Graph) -> Graph:
    """The same network where each ``hard_sigmoid`` of Keras 1 or 2 is written out; ``graph`` itself if it has none.

    Only for networks that were not written by Keras 3.
    """
    users = {path for path, spec in graph.layers.items() if spec.config.get("activation") == _NAME}
    if not users:
        return graph
    layers = dict(graph.layers)
    calls: list[Call] = []
    numbers: dict[int, int] = {}
    for place, call in enumerate(graph.calls):
        calls.append(renumber(call, numbers))
        if call.layer in users:
            layers[call.layer] = _linear(layers[call.layer])
            for type_, suffix, config in _PARTS:
                path = f"{call.layer}_{suffix}"
                layers[path] = LayerSpec(path=path, type=type_, config=config)
                calls.append(Call(path, (Ref(len(calls) - 1),)))
        numbers[place] = len(calls) - 1
    repairs = graph.repairs
    for path in graph.layers:
        if path in users:
            repairs = with_notes(repairs, "old_hard_sigmoid", OLD_HARD_SIGMOID, path)
    return msgspec.structs.replace(
        graph,
        layers=layers,
        calls=tuple(calls),
        inputs=tuple(numbers[number] for number in graph.inputs),
        outputs=tuple(numbers[number] for number in graph.outputs),
        repairs=repairs,
    )


_PARTS = (
    ("Rescaling", "hard_sigmoid_scale", {"scale": 0.2, "offset": 0.5}),
    ("ReLU", "hard_sigmoid_clip", {"max_value": 1.0}),
)


def _linear(spec: LayerSpec) -> LayerSpec:
    return msgspec.structs.replace(spec, config={**spec.config, "activation": "linear"})
