"""Two advanced plans beside the four ways, each offered only where the measurement speaks for it.

*A head on the features of several layers.* Features of lower layers may tell what those of the highest have dropped,
most so where images are unlike what the network was trained on (Evci et al. 2022, Head2Toe). Which layers are joined
is settled by the structure of the network and the starred cut, and a single combination is tried, so its score is not
the best of many. It is offered where it beats the best single layer on the same held-out images.

*Tuning one block.* Where images differ from the old ones in a way that one part of the network can't take, freeing
that part alone does as well as freeing everything, or better (Lee et al. 2023, surgical fine-tuning). A block across
which the probes' accuracy falls, and stays down, is such a part: what goes into it tells the classes apart better
than what comes out.
"""

import msgspec

from tlstudio.core.advice.best_cut import is_block_end, starred
from tlstudio.core.advice.expectation import FEW
from tlstudio.core.advice.history import History
from tlstudio.core.advice.measured import LayerScore
from tlstudio.core.advice.pricing import price_of
from tlstudio.core.advice.recommendation import ExtraPlan, Way
from tlstudio.core.advice.similarity import depths
from tlstudio.core.advice.words import percent, remark
from tlstudio.core.errors import TLStudioError
from tlstudio.core.events import Measured
from tlstudio.core.further_layers import with_also
from tlstudio.core.model import vocabulary
from tlstudio.core.model.cuts import last_layer_of
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.strategy import features_cut, layers_below, with_cut

# Where layers are joined, beside the highest: few, since each more dilutes a classifier on few images.
JOINED_DEPTHS = (0.25, 0.5, 0.75)
# Of a fall over several blocks, what one of them must bring to be the one that is tuned: more than half.
MOST_OF_A_FALL = 0.5


def layers_to_join(model: ModelFile, layers: list[LayerScore]) -> tuple[str, ...]:
    """Ends of blocks at some depths, the starred cut and the highest features, from the input up; nothing where the
    network has no features below its classifier."""
    try:
        top, star = features_cut(model), starred(model, layers)
    except TLStudioError:
        return ()
    depth = depths(model, top)
    measured = [layer.path for layer in layers if layer.path in depth]
    ends = [end.path for end in block_ends(model, layers, top)] or measured
    wanted = {min(ends, key=lambda path: abs(depth[path] - aim)) for aim in JOINED_DEPTHS if ends} | {star, top}
    # A layer that gives the same numbers as one before (flattening, dropout) has its score and width.
    facts = {layer.path: (layer.score, layer.neighbours, layer.width) for layer in layers}
    different = {facts[path]: path for path in measured if path in wanted}
    return tuple(path for path in measured if path in different.values())


def extra_plans(
    model: ModelFile, ways: list[Way], measured: Measured, free: int, history: History
) -> list[ExtraPlan]:
    """Those that the measurement speaks for, maybe none. ``ways``: the four, whose settings are taken over."""
    found = [make(model, ways, measured, free, history) for make in (_on_several_layers, _of_one_block)]
    return [extra for extra in found if extra is not None]


def falling_block(ends: list[LayerScore]) -> tuple[LayerScore, LayerScore] | None:
    """The ends below and above the block that does not serve the images; None where the curve shows none.

    What is lost must be lost at the top: a fall that later layers make up for has only hidden something from a linear
    probe for a while. It is shown where the intervals of the best end and of the highest don't overlap: of ten layers
    that were equally good (simulated, 300 images) in 6 of 200 cases, where any pair of ends that differs had been
    enough in 7 of 80.
    """
    if not ends:
        return None
    best, last = max(range(len(ends)), key=lambda place: ends[place].score), len(ends) - 1
    if ends[best].low <= ends[last].high:
        return None
    whole = ends[best].score - ends[last].score
    step = max(range(best, last), key=lambda place: ends[place].score - ends[place + 1].score)
    if ends[step].score - ends[step + 1].score <= MOST_OF_A_FALL * whole:
        return None
    return ends[step], ends[step + 1]


def block_ends(model: ModelFile, layers: list[LayerScore], top: str) -> list[LayerScore]:
    """The measured layers up to ``top`` where blocks end, from the input up; between each two of them are layers that
    could be tuned.

    A block ends where branches have met or were pooled, or where a nested network ends; in a plain chain where it is
    pooled, else at each layer that has weights.
    """
    below = set(layers_below(model, top))
    measured = [layer for layer in layers if layer.path in below]
    types = {path: spec.type for path, spec in model.graph.layers.items()}
    nested = {last_layer_of(model.graph, branch) for branch in model.graph.branches} | {top}
    if any(type_ in vocabulary.MERGING for type_ in types.values()):
        candidates = [layer for layer in measured if is_block_end(model, layer) or layer.path in nested]
    else:
        pooled = [layer for layer in measured if types[layer.path] in vocabulary.POOLING]
        weighted = [layer for layer in measured if model.weights.get(layer.path)]
        ends = {layer.path for layer in (pooled if len(pooled) > 1 else weighted)} | nested
        candidates = [layer for layer in measured if layer.path in ends]
    found: list[LayerScore] = []
    for layer in candidates:
        if found and not trainable_between(model, found[-1].path, layer.path):
            found.pop()  # an activation or a pooling belongs to the block below it
        found.append(layer)
    return found


def trainable_between(model: ModelFile, lower: str, upper: str) -> list[str]:
    """Layers above one and up to the other that have weights, but no BatchNormalization: thawed at small batches it
    wrecks a trained network."""
    below = set(layers_below(model, lower))
    return [
        path
        for path in layers_below(model, upper)
        if path not in below
        and model.weights.get(path)
        and model.graph.layers[path].type not in vocabulary.BATCH_NORMALIZATION
    ]


def _on_several_layers(
    model: ModelFile, ways: list[Way], measured: Measured, free: int, history: History
) -> ExtraPlan | None:
    joint = measured.joint
    if joint is None or joint.gain_low <= 0:
        return None
    fixed = next(way for way in ways if way.strategy == "features").plan
    plan = with_also(model, with_cut(model, fixed, joint.paths[-1]), joint.paths[:-1])
    best = joint.score - joint.gain
    reason = remark(
        "choose_several_layers",
        count=len(joint.paths),
        score=percent(joint.score),
        best=percent(best),
        over=joint.over,
        least=percent(joint.gain_low),
        most=percent(joint.gain_high),
    )
    return ExtraPlan(
        kind="several-layers",
        reason=[reason],
        expected=joint.score,
        expected_low=joint.low,
        expected_high=joint.high,
        **msgspec.structs.asdict(price_of(model, plan, measured, free, history)),
    )


def _of_one_block(
    model: ModelFile, ways: list[Way], measured: Measured, free: int, history: History
) -> ExtraPlan | None:
    top = features_cut(model)
    fall = falling_block(block_ends(model, measured.layers, top))
    if fall is None or measured.counts.train < FEW:  # on fewer images the literature tunes nothing
        return None
    before, after = fall
    freed = trainable_between(model, before.path, after.path)
    gentle = next(way for way in ways if way.strategy == "finetune")
    weighted = [path for path in layers_below(model, top) if model.weights.get(path)]
    plan = msgspec.structs.replace(
        with_cut(model, gentle.plan, top), frozen=tuple(path for path in weighted if path not in freed)
    )
    reason = remark(
        "choose_one_block",
        before=before.path,
        after=after.path,
        high=percent(before.score),
        low=percent(after.score),
        count=len(freed),
    )
    # What freeing it brings wasn't measured. The right block does at least as well as more layers do (Lee et al.).
    return ExtraPlan(
        kind="one-block",
        reason=[reason],
        expected=gentle.expected,
        expected_low=gentle.expected_low,
        expected_high=gentle.expected_high,
        **msgspec.structs.asdict(price_of(model, plan, measured, free, history)),
    )
