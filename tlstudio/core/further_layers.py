"""Further layers beside the cut whose features a new head is given, too.

Features of lower layers help where images are unlike those that a network was trained on: a linear head chooses what
serves it from all of them (Evci et al. 2022, Head2Toe).

A cut must be a layer that everything passes through, since what lies above it is taken away. Above a further layer
nothing is: its output is only read, averaged over all places, and goes to the head past the layers between. So any
layer below the cut will do that is called once (of one that is called more often it isn't clear which output is
meant) and that gives a vector, a row or a map of features, whose last axis holds channels.
"""

from collections.abc import Iterable

import msgspec

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.cuts import last_layer_of
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.plan import TrainingPlan


def with_also(model: ModelFile, plan: TrainingPlan, layers: Iterable[str]) -> TrainingPlan:
    """The plan whose head is given these layers' features beside those of the cut, each once, from the input up.
    ``layers``: paths, or names that occur once.

    Raises ``also_illegal``, ``also_needs_new_head``.
    """
    wanted = {_path_of(model, layer) for layer in layers}
    order = list(dict.fromkeys(call.layer for call in model.graph.calls))
    # What is no layer at all stays where the check names it.
    known = sorted(wanted, key=lambda path: order.index(path) if path in order else len(order))
    made = msgspec.structs.replace(plan, also=tuple(known))
    check_also(model, made)
    return made


def still_below(model: ModelFile, plan: TrainingPlan, cut: str) -> tuple[str, ...]:
    """Those of the plan's further layers that may stay with another cut."""
    return tuple(path for path in plan.also if _is_legal(model, cut, path))


def check_also(model: ModelFile, plan: TrainingPlan) -> None:
    """Whether the head can be given what the plan names.

    Raises:
        TLStudioError: ``also_needs_new_head``, ``also_illegal``.
    """
    for place, path in enumerate(plan.also):
        if plan.head.kind == "keep" or plan.cut is None:
            raise TLStudioError("also_needs_new_head", layer=path)
        if path in plan.also[:place] or not _is_legal(model, plan.cut, path):
            raise TLStudioError("also_illegal", layer=path, cut=plan.cut)


def everything_passes_until(model: ModelFile, plan: TrainingPlan) -> int | None:
    """The lowest call whose output goes to the head: above it no single layer has all that the head is made from.
    None where only the cut's does."""
    return min((model.graph.calls_of(path)[-1] for path in plan.also), default=None)


def shares_of(widths: list[int]) -> list[float]:
    """What the variance of each standardised feature is multiplied by, so that every layer counts alike, however many
    features it has: its features have the same length together (Head2Toe brings each layer's to unit length, too).
    The mean over all features is 1."""
    whole = sum(widths)
    return [whole / (len(widths) * width) for width in widths for _ in range(width)]


def _is_legal(model: ModelFile, cut: str, path: str) -> bool:
    graph, shape = model.graph, model.shapes.get(path)
    calls, tops = graph.calls_of(path), graph.calls_of(cut)
    if len(calls) != 1 or not tops or path == cut or calls[0] in graph.inputs or not shape:
        return False
    return calls[0] in graph.used_by((tops[-1],)) and len(shape) <= 3 and shape[-1] is not None


def _path_of(model: ModelFile, layer: str) -> str:
    graph = model.graph
    if layer in graph.branches:
        return last_layer_of(graph, layer)
    if layer not in graph.layers:
        named = [path for path in graph.layers if path.rsplit("/", 1)[-1] == layer]
        return named[0] if len(named) == 1 else layer
    return layer
