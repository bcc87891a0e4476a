"""The four ways, the two questions that decide among them, and the plan that each one makes.

Pure functions of a model file and counts: no network is run.
"""

import fnmatch
from dataclasses import dataclass
from typing import Literal

import msgspec

from tlstudio.core.errors import QT_TRANSLATE_NOOP, TLStudioError
from tlstudio.core.further_layers import check_also, still_below
from tlstudio.core.model import vocabulary
from tlstudio.core.model.cuts import legal_cuts, resolve_cut
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.plan import Head, HeadFirst, Optimizer, Schedule, Strategy, TrainingPlan

Size = Literal["small", "large"]
Similarity = Literal["similar", "dissimilar"]

# Images per class from which a dataset counts as large. No paper gives a border; Kornblith et al. 2019
# (figure 7) see fine-tuning overtake a classifier on fixed features between some 100 and 1,000 per class.
LARGE_PER_CLASS = 500

CASES: dict[tuple[Size, Similarity], Strategy] = {
    ("small", "similar"): "features",
    ("large", "similar"): "finetune",
    ("small", "dissimilar"): "lower-features",
    ("large", "dissimilar"): "init",
}

REASONS: dict[str, str] = {
    "features": QT_TRANSLATE_NOOP("Strategies", "Your dataset is small and similar to what the network knows. The trained network serves as a fixed feature extractor: it is cut above its convolutional part, and only a new classifier is trained. Fine-tuning would overfit."),
    "finetune": QT_TRANSLATE_NOOP("Strategies", "Your dataset is large and similar to what the network knows. Training continues: the first layers, which hold general shapes, edges and colours, stay frozen; the upper ones are free, at a small learning rate so that smooth weights are not torn."),
    "lower-features": QT_TRANSLATE_NOOP("Strategies", "Your dataset is small and unlike what the network knows. Its upper layers are too special, so it is cut lower down, and a new classifier is trained on the lower layers' features."),
    "init": QT_TRANSLATE_NOOP("Strategies", "Your dataset is large and unlike what the network knows. The trained weights are only the starting point: the whole network is trained."),
    "classic": QT_TRANSLATE_NOOP("Strategies", "The classic recipe: everything up to the cut is frozen, and a new classifier of 1024 units is trained on top by gradient descent with momentum."),
}  # fmt: skip

# The tallest rate that leaves trained weights smooth, by optimizer: ten times below its usual rate from scratch.
LARGEST_FINE_TUNING_RATE = {"sgd": 1e-3, "adam": 1e-4, "adamw": 1e-4, "rmsprop": 1e-4}


# Of layers that are tuned. Kolesnikov et al. 2020 (BiT) tune with some 500 updates whatever a small set's size; with
# small batches fewer of them do, and each image is seen a number of times that a person waits for.
TUNING_BATCH = 16
TUNING_UPDATES = 300
TUNING_EPOCHS = 30
LEAST_TUNING_EPOCHS, MOST_TUNING_EPOCHS = 12, 40

# Of a new classifier on fixed features.
FIXED_EPOCHS = 100
# Training images up to which no epoch is chosen by validation: a tenth of them tells an accuracy to 3 points at best,
# and their loss is at its lowest long before fewest of them are wrong, since guesses become surer as they become
# better (Guo et al. 2017, section 3).
FEW_TO_CHOOSE_BY = 2000


@dataclass(frozen=True)
class Advice:
    """Which way, in which of the four cases (1 to 4, in the order of ``CASES``)."""

    strategy: Strategy
    case: int
    size: Size
    similarity: Similarity
    reason: str


def size_of(images: int, classes: int) -> Size:
    """Small or large, by training images per class."""
    return "large" if images >= LARGE_PER_CLASS * max(classes, 1) else "small"


def advise(size: Size, similarity: Similarity) -> Advice:
    strategy = CASES[size, similarity]
    case = 1 + list(CASES).index((size, similarity))
    return Advice(strategy, case, size, similarity, REASONS[strategy])


def make_plan(
    model: ModelFile, dataset: str, strategy: Strategy, cut: str | None = None, images: int | None = None
) -> TrainingPlan:
    """A whole plan for one of the ways, with its usual settings. ``images``: how many train, where it is known.

    Raises:
        TLStudioError: ``cut_unknown``, ``cut_illegal``, ``no_legal_cut``.
    """
    head = Head(hidden=(1024,)) if strategy == "classic" else Head(standardize=True)
    base = TrainingPlan(model=str(model.path), dataset=dataset, strategy=strategy, head=head)
    if strategy == "lower-features":
        where = resolve_cut(model.graph, cut) if cut else lower_cut(model)
    else:
        where = resolve_cut(model.graph, cut) if cut else features_cut(model)
    if strategy == "classic":
        plan = msgspec.structs.replace(
            base,
            optimizer=Optimizer(name="sgd", learning_rate=1e-3, decay=1e-6, momentum=0.9, nesterov=True),
            epochs=200,
            batch_size=64,
            patience=10,
            checkpoint_format="hdf5",
        )
    elif strategy in {"features", "lower-features"}:
        plan = msgspec.structs.replace(base, epochs=FIXED_EPOCHS, patience=15, monitor="loss")
        if images is not None and images <= FEW_TO_CHOOSE_BY:
            plan = msgspec.structs.replace(plan, patience=FIXED_EPOCHS, keep="last")
    else:
        epochs = TUNING_EPOCHS if images is None else tuning_epochs(images)
        whole = epochs + epochs // 2  # with the head's own
        plan = msgspec.structs.replace(
            base,
            # Ten times smaller than from scratch, as Keras' guide to transfer learning has it.
            optimizer=Optimizer(name="adam", learning_rate=LARGEST_FINE_TUNING_RATE["adam"]),
            schedule=Schedule(kind="cosine", warmup=1.0),
            head_first=HeadFirst(epochs=epochs // 2),
            epochs=whole,
            batch_size=TUNING_BATCH,
            patience=whole,  # the gain comes while the rate falls: no epoch is spared
            monitor="loss",
            keep="last",  # a rate that has fallen to nothing needs no choice of epoch
        )
    return with_cut(model, plan, where)


def tuning_epochs(images: int) -> int:
    """Epochs of the stage that tunes layers, by the number of training images."""
    updates = max(images / TUNING_BATCH, 1)
    return min(max(round(TUNING_UPDATES / updates), LEAST_TUNING_EPOCHS), MOST_TUNING_EPOCHS)


def with_cut(model: ModelFile, plan: TrainingPlan, cut: str) -> TrainingPlan:
    """The plan with another cut, and the layers below it frozen as its way asks for."""
    below, also = layers_below(model, cut), still_below(model, plan, cut)
    return msgspec.structs.replace(plan, cut=cut, also=also, frozen=default_frozen(model, plan.strategy, below))


def with_old_head(model: ModelFile, plan: TrainingPlan) -> TrainingPlan:
    """The plan without a cut: the model's own classifier stays, and by the plan's way its layers train."""
    below = layers_below(model, None)
    frozen = () if plan.strategy == "classic" else default_frozen(model, plan.strategy, below)
    if len(frozen) == len([p for p in below if model.weights.get(p)]):
        frozen = tuple(p for p in frozen if p not in _classifier_layers(model))
    return msgspec.structs.replace(plan, cut=None, also=(), head=Head(kind="keep"), head_first=None, frozen=frozen)


def layers_below(model: ModelFile, cut: str | None) -> list[str]:
    """Paths of the layers that the cut layer (None: the output) depends on, itself included, from the input up."""
    graph = model.graph
    tops = (graph.calls_of(cut)[-1],) if cut is not None else graph.outputs
    return list(dict.fromkeys(graph.calls[number].layer for number in sorted(graph.used_by(tops))))


def default_frozen(model: ModelFile, strategy: Strategy, below: list[str]) -> tuple[str, ...]:
    """Which of the layers ``below`` the cut stay as they are.

    ``finetune`` frees the upper half of the layers that have weights, but no BatchNormalization: thawed at
    small batches it wrecks a trained network. ``init`` frees all.
    """
    weighted = [path for path in below if model.weights.get(path)]
    if strategy == "init":
        return ()
    if strategy == "finetune":
        lower = set(weighted[: len(weighted) // 2])
        return tuple(p for p in weighted if p in lower or _is_batch_normalization(model, p))
    return tuple(weighted)


def features_cut(model: ModelFile) -> str:
    """The highest cut below the classifier: above the convolutional part, under all of its Dense layers.

    Raises ``no_legal_cut``.
    """
    classifier = set(_classifier_layers(model))
    candidates = [p for p in legal_cuts(model.graph) if p not in classifier and _gives_features(model, p)]
    if not candidates:
        raise TLStudioError("no_legal_cut")
    return candidates[-1]


def lower_cut(model: ModelFile) -> str:
    """A cut at about 60 % of the depth of the weighted layers, at the end of a block where there is one.

    The fixed fraction stands in where the best depth is not measured (``core.advice.best_cut``).
    """
    top = features_cut(model)
    order = layers_below(model, top)
    depth, weighted = {}, 0
    for path in order:
        weighted += bool(model.weights.get(path))
        depth[path] = weighted
    candidates = [p for p in legal_cuts(model.graph) if p in depth and p != top and depth[p] < max(weighted, 1)]
    candidates = [p for p in candidates if depth[p] > 0 and _gives_features(model, p)]
    ends = [p for p in candidates if model.graph.layers[p].type in vocabulary.POOLING | vocabulary.MERGING]
    pool = ends or candidates
    if not pool:
        return top
    return min(pool, key=lambda p: (abs(depth[p] - 0.6 * weighted), -order.index(p)))


def freeze_by_patterns(
    model: ModelFile, plan: TrainingPlan, freeze: list[str], unfreeze: list[str], below: str | None = None
) -> TrainingPlan:
    """The plan with layers frozen below a layer, and by globs on their paths; ``unfreeze`` wins.

    Raises ``layer_unknown`` for a pattern that matches nothing below the cut.
    """
    weighted = [path for path in layers_below(model, plan.cut) if model.weights.get(path)]
    frozen = set(plan.frozen)
    if below is not None:
        order = layers_below(model, plan.cut)
        hits = [p for p in order if p == below or p.rsplit("/", 1)[-1] == below]
        if not hits:
            raise TLStudioError("layer_unknown", pattern=below)
        under = set(order[: order.index(hits[0])])
        frozen = {path for path in weighted if path in under}
    for patterns, add in ((freeze, True), (unfreeze, False)):
        for pattern in patterns:
            hits = [p for p in weighted if fnmatch.fnmatchcase(p, pattern) or p.startswith(pattern + "/")]
            if not hits:
                raise TLStudioError("layer_unknown", pattern=pattern)
            frozen = frozen | set(hits) if add else frozen - set(hits)
    return msgspec.structs.replace(plan, frozen=tuple(path for path in weighted if path in frozen))


def check_layers(model: ModelFile, plan: TrainingPlan) -> None:
    """Whether the layers that a plan names are the model's, and its cut is legal.

    Raises:
        TLStudioError: ``cut_illegal``, ``cut_unknown``, ``no_legal_cut``, ``layer_unknown``, ``also_illegal``,
            ``also_needs_new_head``.
    """
    if plan.head.kind == "new":
        if plan.cut is None:
            raise TLStudioError("no_legal_cut")
        resolve_cut(model.graph, plan.cut)
    below = set(layers_below(model, plan.cut))
    for path in plan.frozen:
        if path not in below:
            raise TLStudioError("layer_unknown", pattern=path)
    check_also(model, plan)


def check_plan(model: ModelFile, plan: TrainingPlan, classes: int) -> None:
    """Whether the plan can run on the model for that many classes.

    Raises:
        TLStudioError: ``head_mismatch``, ``nothing_to_train``, and those of ``check_layers``.
    """
    if plan.head.kind == "keep" and model.output_units != classes:
        raise TLStudioError("head_mismatch", outputs=model.output_units or 0, classes=classes)
    check_layers(model, plan)
    weighted = {path for path in layers_below(model, plan.cut) if model.weights.get(path)}
    if plan.head.kind == "keep" and weighted <= set(plan.frozen):
        raise TLStudioError("nothing_to_train")
    if plan.solver == "logistic" and not may_be_solved(model, plan):
        raise TLStudioError("solver_needs_fixed_features")
    if plan.solver == "logistic" and (plan.balanced or plan.label_smoothing):
        expected = "it knows class weights, but no balanced drawing and no label smoothing"
        raise TLStudioError("option_invalid", option="solver", value="logistic", expected=expected)


def may_be_solved(model: ModelFile, plan: TrainingPlan) -> bool:
    """Whether the head is linear, on features that stay the same: then a solver can fit it."""
    weighted = {path for path in layers_below(model, plan.cut) if model.weights.get(path)}
    is_linear = plan.head.kind == "new" and not plan.head.hidden
    return is_linear and weighted <= set(plan.frozen) and plan.augment == "none"


def is_rate_too_large(plan: TrainingPlan) -> bool:
    """A rate that is likely to tear trained weights that are free to move."""
    tunes = plan.strategy in {"finetune", "init"} or plan.head.kind == "keep"
    return tunes and plan.optimizer.learning_rate > LARGEST_FINE_TUNING_RATE[plan.optimizer.name]


def parse_head(spec: str, old: Head) -> Head:
    """``keep``, ``none`` (no hidden layer), or hidden sizes such as ``256,64``. Raises ``head_invalid``."""
    words = spec.strip().lower()
    if words == "keep":
        return Head(kind="keep")
    if words == "none":
        return msgspec.structs.replace(old, kind="new", hidden=())
    try:
        sizes = tuple(int(part) for part in words.split(","))
    except ValueError as error:
        raise TLStudioError("head_invalid", spec=spec) from error
    if not sizes or any(not 1 <= size <= 65536 for size in sizes):
        raise TLStudioError("head_invalid", spec=spec)
    return msgspec.structs.replace(old, kind="new", hidden=sizes)


def _classifier_layers(model: ModelFile) -> list[str]:
    """The layers that turn features into class scores: from the output down to the last layer with features.

    A Dense classifier is all of the Dense layers in a row at the top; a convolutional one (SqueezeNet,
    Xception on faces) is the last convolution and what pools its scores.
    """
    graph = model.graph
    chain = [p for p in layers_below(model, None) if model.cuts[p].legal]
    has_dense_top = False
    taken: list[str] = []
    for path in reversed(chain):
        type_ = graph.layers[path].type
        if type_ == "Dense":
            has_dense_top = True
        elif model.weights.get(path) and type_ != "BatchNormalization" and type_ != "PReLU":
            if has_dense_top:
                break
            taken.append(path)  # the convolution that gives the class scores
            return taken
        elif has_dense_top and type_ not in vocabulary.SHAPE_KEEPING:
            break  # a flattening or pooling: the features end here
        taken.append(path)
    return taken


def _gives_features(model: ModelFile, path: str) -> bool:
    """Not dropout and padding, which only repeat what the layer below gives."""
    return model.graph.layers[path].type not in vocabulary.STOCHASTIC | {
        "ZeroPadding2D",
        "Reshape",
        "Permute",
    }


def _is_batch_normalization(model: ModelFile, path: str) -> bool:
    return model.graph.layers[path].type in vocabulary.BATCH_NORMALIZATION
