"""The best place for a new classifier, from the scores of the layers."""

from tlstudio.core.advice.intervals import overlap
from tlstudio.core.advice.measured import LayerScore
from tlstudio.core.advice.similarity import depths
from tlstudio.core.model import vocabulary
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.strategy import features_cut, lower_cut

# Below it "lower layers" begin: at least the last eighth of the weighted layers is left out, so that this way is
# another one than cutting above all of them.
LOWER_DEPTH = 7 / 8


def starred(model: ModelFile, layers: list[LayerScore]) -> str:
    """The highest cut, below the old classifier, whose interval overlaps that of the best; of cuts that give the same
    numbers the cheapest. Raises ``no_legal_cut``."""
    top = features_cut(model)
    depth = depths(model, top)
    return _highest_of_the_best([layer for layer in layers if layer.path in depth], top)


def starred_lower(model: ModelFile, layers: list[LayerScore]) -> str:
    """The same among the lower layers alone; a fixed depth where none of them was measured."""
    depth = depths(model, features_cut(model))
    lower = [
        layer for layer in layers if 0 < depth.get(layer.path, 2.0) <= LOWER_DEPTH and is_block_end(model, layer)
    ]
    return _highest_of_the_best(lower, lower_cut(model))


def is_high(model: ModelFile, cut: str) -> bool:
    """Whether a cut lies above the lower layers, where a fixed feature extractor ends."""
    return depths(model, features_cut(model)).get(cut, 1.0) > LOWER_DEPTH


def score_at(layers: list[LayerScore], path: str) -> LayerScore | None:
    return next((layer for layer in layers if layer.path == path), None)


def is_block_end(model: ModelFile, layer: LayerScore) -> bool:
    """Where branches have met or were pooled, or what follows at once; all layers where there are no blocks."""
    graph, kinds = model.graph, vocabulary.POOLING | vocabulary.MERGING
    if not any(spec.type in vocabulary.MERGING for spec in graph.layers.values()):
        return True
    own = graph.layers[layer.path].type
    if own not in {"Activation", "ReLU"}:
        return own in kinds
    sources = graph.calls[graph.calls_of(layer.path)[-1]].sources
    return bool(sources) and graph.layers[graph.calls[sources[0]].layer].type in vocabulary.MERGING


def _highest_of_the_best(layers: list[LayerScore], otherwise: str) -> str:
    if not layers:
        return otherwise
    best = max(layers, key=lambda layer: layer.score)
    chosen = [layer for layer in layers if overlap(layer.low, layer.high, best.low, best.high)][-1]
    same = [x for x in layers if (x.score, x.neighbours, x.width) == (chosen.score, chosen.neighbours, chosen.width)]
    return same[0].path  # dropout or flattening on top changes nothing, and costs
