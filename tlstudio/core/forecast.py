"""What a run will cost before it starts: seconds by phase, and the peak of the process's memory.

Both are counted from the graph (``core.work``); what a machine does in a second is measured (``engine.speed``).

How good they are (forecast against measurement, each in a process of its own, two cores):

* Memory, nine whole runs of the four ways (SqueezeNet, MobileNetV2, ResNet50 twice, VGG16, EfficientNetB0,
  DenseNet121, Xception, the sample; batches of 16 and 32): -14 % to +14 %, 9 % in the mean. Twenty-six single stages,
  also of Inception V3 and MobileNetV3, with batches to 128 and four optimizers: -24 % to +30 %, 10 % in the mean.
  TensorFlow itself differs by 30 % between two such runs of EfficientNetB0 (3.8 and 5.0 GB), where validation in
  batches of 128 takes more than training in batches of 16.
* Time, once advice has measured the network: twelve runs of features, fine-tuning and starting weights (SqueezeNet,
  MobileNetV2, ResNet50, EfficientNetB0; 54 images, 5 epochs where layers are tuned): 0.78 to 1.18 times what was
  forecast (MobileNetV2's first pass once took twice its usual time). What is put together before the first batch is
  most of it there. Without advice, with the machine's speed alone: 0.6 to 1.6 in nine whole runs on a busy machine.
"""

from math import ceil
from typing import NamedTuple

import msgspec

from tlstudio.core.data import augmentation
from tlstudio.core.errors import TLStudioError
from tlstudio.core.head import STANDARDIZE_ON, new_head_of
from tlstudio.core.machine import in_words, total_memory
from tlstudio.core.model import vocabulary
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.plan import Optimizer, TrainingPlan
from tlstudio.core.speed import Counts, Speed
from tlstudio.core.stages import SCORING_BATCH, boundary_of, stages_of
from tlstudio.core.states import TIMES_BETWEEN_FILES
from tlstudio.core.watch import least_memory
from tlstudio.core.work import Work, work_of, work_of_head

VALUE = 4  # bytes
FROZEN_BATCH = 8  # images that go through the frozen part together
SLOTS = {"sgd": 0, "adam": 2, "adamw": 2, "rmsprop": 1}  # arrays beside each trained weight; momentum adds one

PHASES = ("decode", "network", "features", "epochs", "files", "test")

# Of time; from runs of SqueezeNet, MobileNetV2 and ResNet50 on two cores, whose stages were timed one by one.
# Beside a bare gradient's preparation (``Speed.layer``), for each of its layers: the scores, and the epoch's last
# batch, which is smaller; for each array of weights that moves: the optimizer's operations.
SCORED, UPDATED = 0.25, 1.3
FORWARD = 1 / 3  # of an update: the way back makes gradients of values and of weights
READY_AGAIN = 0.4  # of ``Speed.ready``, where the layers are built already and only go to the engine once more
STEPS_OF_AN_EPOCH = 15  # as many updates of next to nothing is what judging and recording an epoch takes
WRITTEN = 250_000_000  # bytes of a checkpoint a second, with its checksum, until they are on the disk

# Of memory; each from runs in processes of their own, as the figures above.
FLOOR = 650_000_000  # Python with TensorFlow and Keras, before any network
FIRST_PASS = 100_000_000  # what the first computation brings in: threads, compiled kernels, libraries
BYTES_OF_A_LAYER = 300_000  # its objects and traced operations
WEIGHTS_BUILT = 1.3
WEIGHTS_FROZEN = 3.0  # the trace's constants, the engine's own and its reordered ones
FROZEN_SHARE = 2.0
LEFT_BEHIND = 0.5  # of what the frozen part took, where others can't use it again
KEPT_SHARE = 1.15  # gaps between what is held
REORDERED_SHARE, REORDERED_MOST = 0.25, 300_000_000  # of it, what convolutions lay out anew
LIVE_SHARE = 1.5
SCORING_BESIDE = 0.4  # of scoring, what does not find room in what training gave back
GRADIENTS_HELD = 2  # of the weights: as they come down, and as the optimizer works on them
BATCHES_HELD = 3  # the one that is computed on, TensorFlow's copy of it, and the next one
SAVING = 1.5  # a model while it is written


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """``phases``: seconds until the last planned epoch, by name, in their order (early stopping makes them less);
    ``peak_bytes``: of the process."""

    phases: dict[str, float]
    peak_bytes: int

    @property
    def seconds(self) -> float:
        return sum(self.phases.values())


class Parts(NamedTuple):
    """A network as a stage has it: what is computed once, and what trains, its head included. ``trainable``: numbers
    that move, in ``variables`` arrays."""

    frozen: Work
    trained: Work
    trainable: int
    variables: int


class _Stage(NamedTuple):
    parts: Parts
    epochs: int


def parts_of(model: ModelFile, plan: TrainingPlan, classes: int, frozen: frozenset[str] | None = None) -> Parts:
    """The network of a plan, divided where nothing trains below. ``frozen``: instead of the plan's."""
    graph, held = model.graph, frozenset(plan.frozen) if frozen is None else frozen
    tops = graph.outputs if plan.cut is None else (graph.calls_of(plan.cut)[-1],)
    calls = sorted(graph.used_by(tops))
    boundary = boundary_of(model, plan, calls, model.weights, model.weights.keys() - held)
    below = [number for number in calls if boundary is not None and number <= boundary]
    above = [number for number in calls if number not in set(below)]
    shape = model.shapes[graph.calls[calls[-1]].layer]
    head = new_head_of(model, plan, classes)
    lowest = work_of(model, below)
    if below and not above:
        # Pooling has no weights, and is computed once with the rest.
        first = next((place for place, layer in enumerate(head) if layer.parameters or layer.rate), len(head))
        if first:
            lowest += work_of_head(head[:first], shape)
            shape, head = (head[first - 1].output,), head[first:]
    trained = work_of_head(head, shape)
    dense = [layer.parameters for layer in head if layer.type == "Dense"]
    trainable, variables = sum(dense), 2 * len(dense)
    if above:
        trained = work_of(model, above) + trained
        free = {graph.calls[number].layer for number in above} - held
        trainable += sum(weight.size for path in free for weight in model.weights.get(path, []))
        variables += sum(_variables(model, path) for path in free)
    return Parts(lowest, trained, trainable, variables)


def _variables(model: ModelFile, path: str) -> int:
    count = len(model.weights.get(path, []))
    is_normalization = model.graph.layers[path].type in vocabulary.BATCH_NORMALIZATION
    return max(count - 2, 0) if is_normalization else count  # its mean and variance are no gradient's


def forecast(model: ModelFile, plan: TrainingPlan, counts: Counts, speed: Speed) -> Forecast:
    """Of a whole run on these images."""
    stages = _stages(model, plan, counts.classes)
    last = stages[-1].parts
    phases = dict.fromkeys(PHASES, 0.0)
    phases["decode"] = (counts.train + counts.validation + counts.test) / speed.decode
    if plan.head.kind == "new" and plan.head.standardize:
        whole = parts_of(model, plan, counts.classes, frozenset(model.graph.layers))
        if len(stages) == 1 and stages[0].parts.frozen != whole.frozen:
            phases["features"] += speed.frozen.seconds(whole.frozen, min(counts.train, STANDARDIZE_ON))
    before: Work | None = None
    for stage in stages:
        for phase, seconds in _seconds_of_stage(model, plan, counts, speed, stage, last.trained.weights).items():
            phases[phase] += seconds
        if stage.parts.frozen != before:
            share = 1.0 if before is None else READY_AGAIN
            phases["network"] += share * speed.ready * stage.parts.frozen.layers
        before = stage.parts.frozen
    phases["test"] = (
        speed.frozen.seconds(last.frozen, counts.test)
        + speed.train.seconds(last.trained, FORWARD * counts.test)
        + SCORED * speed.layer * last.trained.layers
    )
    return Forecast(phases=phases, peak_bytes=peak_memory(model, plan, counts))


def _seconds_of_stage(
    model: ModelFile, plan: TrainingPlan, counts: Counts, speed: Speed, stage: _Stage, changeable: int
) -> dict[str, float]:
    """By phase. ``changeable``: how many weights the run may change."""
    (frozen, trained, trainable, variables), epochs = stage
    network = speed.layer * ((1 + SCORED) * trained.layers + UPDATED * variables)
    # Each image once, or each of its views, or what it is changed to in each epoch.
    changes = not augmentation.of(plan.augment, plan.augmentation).is_plain
    passes = counts.train * ((plan.views or epochs) if changes else 1)
    features = speed.frozen.seconds(frozen, passes + counts.validation)
    if changes:
        features += passes * _pixels(model) / speed.change
    steps = ceil(counts.train / plan.batch_size) * min(plan.accumulate, plan.batch_size)
    steps += ceil(counts.validation / SCORING_BATCH) + STEPS_OF_AN_EPOCH
    images = counts.train + FORWARD * counts.validation
    taken = epochs * (speed.train.seconds(trained, images) + steps * speed.step)
    weights = frozen.weights + trained.weights
    files = _seconds_of_files(plan, weights, changeable, trainable, epochs, taken)
    return {"network": network, "features": features, "epochs": taken, "files": files}


def _seconds_of_files(
    plan: TrainingPlan, weights: int, changeable: int, trainable: int, epochs: int, taken: float
) -> float:
    """Of a stage's checkpoints. ``weights``: of the network; ``changeable``: those that the run may change;
    ``trainable``: those that the stage trains; ``taken``: seconds of its epochs."""
    state = 2 * changeable + trainable * _slots(plan.optimizer)  # with those of the best epoch
    once = VALUE * (state + weights) / WRITTEN
    # At the stage's start and end; after epochs both kinds, each for its share of the time at most.
    return 2 * once + min((epochs - 1) * once, 2 * taken / TIMES_BETWEEN_FILES)


def peak_memory(model: ModelFile, plan: TrainingPlan, counts: Counts) -> int:
    """Bytes of the process at its largest, TensorFlow's own included."""
    stages = [stage.parts for stage in _stages(model, plan, counts.classes)]
    before = max(_inference(parts.frozen) for parts in stages)
    return max(_peak_of(plan, parts, counts, before) for parts in stages)


def _inference(frozen: Work) -> float:
    """Bytes that computing the frozen part takes."""
    return VALUE * (FROZEN_BATCH * FROZEN_SHARE * frozen.live + WEIGHTS_FROZEN * frozen.weights)


def _peak_of(plan: TrainingPlan, parts: Parts, counts: Counts, before: float) -> int:
    """``before``: what the largest frozen part took, some of which other stages find still taken."""
    frozen, trained, trainable = parts.frozen, parts.trained, parts.trainable
    weights = VALUE * (frozen.weights + trained.weights)
    micro = ceil(plan.batch_size / plan.accumulate)
    lasting = FLOOR + FIRST_PASS + WEIGHTS_BUILT * weights + BYTES_OF_A_LAYER * (frozen.layers + trained.layers)
    lasting += VALUE * trainable * _slots(plan.optimizer)
    if plan.accumulate > 1:
        lasting += VALUE * trainable
    # What is given back stays with TensorFlow, and most of it can be taken again.
    kept = VALUE * micro * trained.kept
    train = KEPT_SHARE * kept + min(REORDERED_SHARE * kept, REORDERED_MOST)
    train += VALUE * micro * BATCHES_HELD * trained.given
    train += VALUE * GRADIENTS_HELD * trainable
    scored = min(SCORING_BATCH, max(counts.validation, 1))
    score = VALUE * scored * (LIVE_SHARE * trained.live + BATCHES_HELD * trained.given)
    solve = 0.0
    if plan.solver == "logistic":
        solve = BATCHES_HELD * VALUE * counts.train * trained.given
    training = max(train + SCORING_BESIDE * score, score, solve) + LEFT_BEHIND * before
    return int(lasting + max(before, training) + weights + SAVING * weights)


def fits(expected: Forecast, free: int, factor: float = 1.0) -> bool:
    """Whether a run goes through. ``free``: bytes that the machine has for the process, what it holds already
    included (``free_memory() + own_memory()``); as much must be left as makes a run wait (``core.watch``).
    ``factor``: by which earlier runs took more, or less, than was forecast (``core.advice.history``)."""
    return _has_room(expected.peak_bytes * factor, free)


def _has_room(peak_bytes: float, free: int) -> bool:
    return peak_bytes + least_memory(total_memory()) <= free


def smaller_batch(model: ModelFile, plan: TrainingPlan, counts: Counts, free: int, factor: float = 1.0) -> int | None:
    """The largest of 1, 2, 4, … and 3, 6, 12, … images below the plan's batch with which it fits (see ``fits``); None
    where not even one image does."""
    sizes = {power * times for power in (1 << n for n in range(14)) for times in (1, 3)}
    for size in sorted((size for size in sizes if size < plan.batch_size), reverse=True):
        smaller = msgspec.structs.replace(plan, batch_size=size, accumulate=1)
        if _has_room(peak_memory(model, smaller, counts) * factor, free):
            return size
    return None


def require_fit(model: ModelFile, plan: TrainingPlan, counts: Counts, free: int, factor: float = 1.0) -> None:
    """Raises ``will_not_fit`` with a batch that would, ``memory_short`` where none would (see ``fits``)."""
    needed = peak_memory(model, plan, counts) * factor
    if _has_room(needed, free):
        return
    smaller = smaller_batch(model, plan, counts, free, factor)
    facts = {"needed": in_words(needed), "free": in_words(free)}
    if smaller is None:
        raise TLStudioError("memory_short", **facts)
    raise TLStudioError("will_not_fit", batch=plan.batch_size, smaller=smaller, **facts)


def _stages(model: ModelFile, plan: TrainingPlan, classes: int) -> list[_Stage]:
    stages, left = [], plan.epochs
    for stage in stages_of(model, plan):
        epochs = min(stage.epochs, left)
        stages.append(_Stage(parts_of(model, plan, classes, stage.frozen), epochs))
        left -= epochs
    return stages


def _slots(optimizer: Optimizer) -> int:
    has_velocity = optimizer.momentum > 0 and optimizer.name in {"sgd", "rmsprop"}
    return SLOTS[optimizer.name] + has_velocity


def _pixels(model: ModelFile) -> int:
    shape = model.input_shape or ()
    return (shape[0] or 1) * (shape[1] or 1) if len(shape) >= 2 else 1
