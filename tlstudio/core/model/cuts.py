"""Where a network may be cut: at layers that everything passes through.

A layer is a legal cut if every way from the image to the class scores leads through it, so that what lies
below it is whole by itself. In graph terms it dominates the output (Lengauer and Tarjan 1979); for a graph
with one input and one output, in topological order, that is so exactly where no edge passes over it.
"""

import msgspec

from tlstudio.core.errors import QT_TRANSLATE_NOOP, TLStudioError
from tlstudio.core.model.graph import Graph

REASONS = {
    "input": QT_TRANSLATE_NOOP("Cuts", "it is the input, and nothing would be left below it."),
    "branch": QT_TRANSLATE_NOOP("Cuts", "other branches run past it and join it only at “{join}”. Cut at a layer where all branches have met."),
    "shared": QT_TRANSLATE_NOOP("Cuts", "the layer is used more than once in the network."),
    "aside": QT_TRANSLATE_NOOP("Cuts", "it does not lie on the way from the image to the class scores."),
    "several": QT_TRANSLATE_NOOP("Cuts", "the network has several inputs or outputs."),
}  # fmt: skip


class Cut(msgspec.Struct, frozen=True):
    """Whether a layer may be cut at. ``reason`` is a key of ``REASONS`` (empty where legal)."""

    legal: bool
    reason: str = ""
    join: str = ""

    @property
    def sentence(self) -> str:
        return REASONS[self.reason].format(join=self.join) if self.reason else ""


def find_cuts(graph: Graph) -> dict[str, Cut]:
    """Legality by path, of every layer and of every branch (a nested network is cut at its last layer)."""
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        return {path: Cut(False, "several") for path in (*graph.layers, *graph.branches)}
    on_the_way = sorted(graph.used_by(graph.outputs))
    last_use = dict.fromkeys(on_the_way, -1)
    for number in on_the_way:
        for source in graph.calls[number].sources:
            last_use[source] = max(last_use[source], number)
    times: dict[str, int] = {}
    for number in on_the_way:
        times[graph.calls[number].layer] = times.get(graph.calls[number].layer, 0) + 1
    cuts = {path: Cut(False, "aside") for path in graph.layers}
    furthest = -1
    for number in on_the_way:
        path = graph.calls[number].layer
        if number in graph.inputs:
            cuts[path] = Cut(False, "input")
        elif times[path] > 1:
            cuts[path] = Cut(False, "shared")
        elif furthest > number:
            cuts[path] = Cut(False, "branch", graph.calls[furthest].layer)
        else:
            cuts[path] = Cut(True)
        furthest = max(furthest, last_use[number])
    for branch in graph.branches:
        cuts[branch] = cuts[last_layer_of(graph, branch)]
    return cuts


def last_layer_of(graph: Graph, branch: str) -> str:
    """The layer of a nested network that gives its output: the last of its calls."""
    inside = [call.layer for call in graph.calls if call.layer.startswith(branch + "/")]
    return inside[-1] if inside else next(iter(graph.layers))


def resolve_cut(graph: Graph, layer: str) -> str:
    """The path of the layer that ``layer`` (a path, or a name that occurs once) cuts the network at.

    Raises:
        TLStudioError: ``cut_unknown``, ``cut_illegal`` (with the reason).
    """
    cuts = find_cuts(graph)
    path = layer
    if path not in cuts:
        named = [p for p in cuts if p.rsplit("/", 1)[-1] == layer]
        if len(named) != 1:
            legal = [p for p, cut in cuts.items() if cut.legal and p in graph.layers]
            shown = ", ".join(legal[-8:]) or "none"
            raise TLStudioError("cut_unknown", layer=layer, legal=shown)
        path = named[0]
    if not cuts[path].legal:
        cut = cuts[path]
        raise TLStudioError("cut_illegal", layer=layer, reason=cut.sentence, reason_code=cut.reason, join=cut.join)
    return last_layer_of(graph, path) if path in graph.branches else path


def legal_cuts(graph: Graph) -> list[str]:
    """Paths of the layers that may be cut at, from the input upwards."""
    cuts = find_cuts(graph)
    ordered = dict.fromkeys(call.layer for call in graph.calls)
    return [path for path in ordered if cuts[path].legal]
