"""Looking at training images through a network, before anything is trained: what advice is given from.

A sample of the training images, no other, goes once through the whole network (``one_pass``). Probes tell what each
layer's features are good for, the old classifier and the normalizations tell how familiar the images are, and a few
updates are timed.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np

from tlstudio.core import events
from tlstudio.core.advice.extra_plans import layers_to_join
from tlstudio.core.advice.measured import Signs
from tlstudio.core.control import Control
from tlstudio.core.data.decode import ImageProblem, open_image
from tlstudio.core.data.facts import size_of
from tlstudio.core.data.groups import group_keys
from tlstudio.core.data.names import path_of
from tlstudio.core.data.preprocess import Mode
from tlstudio.core.data.scan import Dataset
from tlstudio.core.data.split import Split
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.plan import Head, TrainingPlan
from tlstudio.core.requests import Measure
from tlstudio.core.speed import Counts, Speed
from tlstudio.core.strategy import features_cut
from tlstudio.core.work import Work, work_of
from tlstudio.engine.images import Images
from tlstudio.engine.inference import fast_inference
from tlstudio.engine.network import image_size
from tlstudio.engine.one_pass import OnePass, Passed, Passing, Run
from tlstudio.engine.preparing import Preparation
from tlstudio.engine.probes import folds_of, joint_score, layer_scores, learning_curve
from tlstudio.engine.runtime import start_fresh
from tlstudio.engine.scaling_trial import as_mode, find_scaling
from tlstudio.engine.signs import sides, signs_of
from tlstudio.engine.sources import BATCH, as_input
from tlstudio.engine.speed import keep_network_speed, machine_speed
from tlstudio.engine.timing import Timed, speed_of, time_updates

# A probe's interval is some 0.03 wide on each side with 500 images, and 0.02 with 1,000; more would cost time for
# little. Of a slow network fewer are looked at: as many as go through it in this time.
MOST_IMAGES, FEWEST_IMAGES = 1000, 200
SECONDS_OF_A_PASS = 20.0
SIZED = 30  # images whose own size is looked up
TRUSTED_ON = 4  # images that the engine is held against Keras on
TRIED_ON = 100  # images that scalings are tried on
HEARD_AGAIN = 32  # images whose parts are shuffled for comparison
LEAST_DECODING = 2e-4  # seconds an image; what took less came from the cache


def measure(request: Measure, control: Control, emit: events.Emit) -> None:
    """The job. The last event is ``Measured``; of the plan only model and images, and how they are read, count.

    Raises:
        TLStudioError: whatever is wrong with model or dataset; ``no_legal_cut``.
    """
    began = time.monotonic()
    plan = msgspec.structs.replace(request.plan, cut=None, frozen=(), head=Head(kind="keep"), precision="float32")
    preparation = Preparation(plan, control, emit)
    file = preparation.read()
    dataset, split = preparation.scan_only()
    work = work_of(file, sorted(file.graph.used_by(file.graph.outputs)))
    machine = machine_speed()
    rows = sample_of(split, _how_many(work, machine), plan.seed)
    decoding = time.monotonic()
    images = preparation.load_rows(dataset, rows, image_size(file))
    decoding = time.monotonic() - decoding
    if len(np.unique(images.labels)) < 2:
        raise TLStudioError("one_class", path=dataset.root, name=split.classes[0])
    preparation.tell("network")
    start_fresh(plan.seed)
    building = time.monotonic()
    one = OnePass(file, plan)
    run = _engine(one, images)
    building = time.monotonic() - building
    through = Passing(run)
    few = np.sort(np.random.default_rng(plan.seed).permutation(len(images))[:TRIED_ON])
    mode = _mode(plan, one, through, images.subset(few), _top_of(file, one), control)
    passed = one.divided(_pass(one, through, images, few, mode, control, preparation.telling("features")))
    forward = through.seconds / through.images
    decode = len(images) / decoding if decoding > LEAST_DECODING * len(images) else None
    groups = _groups(dataset, images, plan.group_by)

    def probing(done: int, total: int) -> None:
        control.checkpoint()
        preparation.tell("probes", done, total)

    folds = folds_of(images.labels, groups, plan.seed)
    layers = layer_scores(passed.features, images.labels, folds, probing)
    joint = joint_score(passed.features, images.labels, folds, layers, layers_to_join(file, layers))
    control.checkpoint()
    curve = learning_curve(passed.features[_top_of(file, one)], images.labels, folds, plan.seed)
    control.checkpoint()
    signs = _signs(one, run, passed, images, mode, dataset, file, plan.seed)
    counts = Counts(
        train=len(split.train),
        validation=len(split.validation),
        test=len(split.test),
        classes=len(split.classes),
    )
    updates = time_updates(file, one.network, len(images))
    per_class = np.bincount([label for _path, label in split.train], minlength=len(split.classes))
    sampled = np.bincount(images.labels)
    speed = speed_of(machine, file, one.network, Timed(building, forward, decode), updates)
    keep_network_speed(file, speed)
    emit(
        events.Measured(
            images=len(images),
            counts=counts,
            smallest_class=int(per_class.min()),
            chance=float(sampled.max() / sampled.sum()),
            layers=layers,
            curve=curve,
            signs=signs,
            speed=speed,
            preprocessing=mode,
            forward_seconds=forward * len(images),
            seconds=time.monotonic() - began,
            joint=joint,
        )
    )


def sample_of(split: Split, most: int, seed: int) -> list[tuple[str, int]]:
    """Training images, no others, by chance: of each class its share, and at least as many as there are folds."""
    rows, random = split.train, np.random.default_rng(seed)
    if len(rows) <= most:
        return list(rows)
    by_class: dict[int, list[tuple[str, int]]] = {}
    for row in rows:
        by_class.setdefault(row[1], []).append(row)
    found = []
    for label in sorted(by_class):
        own = by_class[label]
        count = min(len(own), max(round(most * len(own) / len(rows)), 5))
        found += [own[place] for place in sorted(random.permutation(len(own))[:count])]
    return found


def _how_many(work: Work, machine: Speed) -> int:
    return int(min(max(SECONDS_OF_A_PASS / machine.frozen.seconds(work), FEWEST_IMAGES), MOST_IMAGES))


def _engine(one: OnePass, images: Images) -> Run:
    some = as_input(np.asarray(images.pixels[np.arange(min(TRUSTED_ON, len(images)))]), "raw", _rank(one))
    run = fast_inference(one.model, some)
    run(some[:1])  # the first call prepares what the others use
    return run


def _mode(plan: TrainingPlan, one: OnePass, through: Passing, few: Images, top: str, control: Control) -> Mode:
    """The scaling of pixels, where it has to be tried on fewer images than a run tries it on: it is one step of many
    here."""
    if plan.preprocess != "auto":
        return as_mode(plan.preprocess)

    def features(x: np.ndarray) -> np.ndarray:
        return one.divided(through(x)).features[top]

    def scores(x: np.ndarray) -> np.ndarray:
        found = one.divided(through(x)).scores
        assert found is not None
        return found

    pixels = np.asarray(few.pixels[np.arange(len(few))])
    heard = scores if one.has_classifier else None
    return find_scaling(one.network, pixels, few.labels, plan.seed, control, features, heard).mode


def _pass(
    one: OnePass,
    through: Passing,
    images: Images,
    few: np.ndarray,
    mode: Mode,
    control: Control,
    on_progress: Callable[[int, int], None],
) -> np.ndarray:
    """What all images give. Those that scalings were tried on (``few``) go through beside each other: the engine
    takes eight at a time, and what is computed already would only leave gaps among the others."""
    order = np.concatenate([np.setdiff1d(np.arange(len(images)), few), few])
    found: list[np.ndarray] = []
    for start in range(0, len(images), BATCH):
        control.checkpoint()
        given = as_input(np.asarray(images.pixels[order[start : start + BATCH]]), mode, _rank(one))
        through.remembers = start + BATCH > len(images) - len(few)  # the others were never seen before
        found.append(through(given))
        on_progress(start + len(given), len(images))
    values = np.concatenate(found)
    return values[np.argsort(order)]


def _rank(one: OnePass) -> int:
    return len(one.model.input.shape)


def _groups(dataset: Dataset, images: Images, group_by: str) -> np.ndarray:
    """int (n,): images of one group, or copies of one picture, have the same number."""
    keys = group_keys(dataset.entries, group_by)
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(keys[path], len(numbers)) for path in images.paths], np.int64)


def _top_of(file: ModelFile, one: OnePass) -> str:
    """The highest features below the old classifier; the highest of all where there are none."""
    try:
        top = features_cut(file)
    except TLStudioError:
        top = one.paths[-1]
    return top if top in one.paths else one.paths[-1]


def _signs(
    one: OnePass, run: Run, passed: Passed, images: Images, mode: Mode, dataset: Dataset, file: ModelFile, seed: int
) -> Signs:
    some = np.sort(np.random.default_rng(seed).permutation(len(images))[:HEARD_AGAIN])
    own = []
    for path in images.paths[:: max(len(images) // SIZED, 1)]:
        name = path_of(Path(dataset.root), path)
        try:
            own.append(max(size_of(name, open_image(name))))
        except ImageProblem:
            continue  # it was readable a moment ago; one size less
    enlargement = sides(file) / statistics.median(own) if own else 1.0
    return signs_of(one, run, passed, some, np.asarray(images.pixels[some]), mode, enlargement, seed)
