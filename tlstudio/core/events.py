"""What a job says while it runs: one closed union of frozen facts, JSON both ways.

Jobs emit them, the worker pipes them, the training thread and the command line act on them, the run folder
keeps them. ``Batches``, ``Validating`` and ``Preparing`` are not kept: a run has too many of them.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from tlstudio.core.advice.measured import CurvePoint, JointScore, LayerScore, Signs
from tlstudio.core.speed import Counts, Speed


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=_snake):
    """Base of all events; ``type`` in JSON is the class name in snake case."""


class WorkerReady(Event, frozen=True, kw_only=True):
    """The worker has loaded TensorFlow; ``seconds`` since its start."""

    versions: dict[str, str]
    seconds: float


class RunStarted(Event, frozen=True, kw_only=True):
    run: str
    strategy: str
    classes: list[str]
    train_images: int
    validation_images: int
    test_images: int
    stages: list[str]
    epochs: int
    patience: int
    batch_size: int


class Resumed(Event, frozen=True, kw_only=True):
    """An interrupted run goes on behind ``epoch`` whole epochs and ``step`` batches of the next one."""

    epoch: int
    step: int
    stage: str


class Forecast(Event, frozen=True, kw_only=True):
    """What the rest of the run will take, at most: until its last planned epoch, early stopping makes it less.

    ``peak_bytes``: memory of the process at its largest; ``free_bytes``: what the machine has for it, its present
    use included.
    """

    seconds: float
    peak_bytes: int
    free_bytes: int


class Preparing(Event, frozen=True, kw_only=True):
    """Work before or beside the epochs. ``phase``: network, images, features, probes, rates, test, bake-off,
    export, check; ``total`` 0: unknown."""

    phase: str
    done: int = 0
    total: int = 0


class ImageSkipped(Event, frozen=True, kw_only=True):
    path: str
    code: str
    message: str


class Noticed(Event, frozen=True, kw_only=True):
    """A remark for the person: ``code`` with its ``facts``, and the English ``message``."""

    code: str
    message: str
    facts: dict[str, str | int | float] = {}


class StageStarted(Event, frozen=True, kw_only=True):
    """``cached_layers``: layers whose outputs were computed once instead of in every epoch."""

    stage: str
    index: int
    epochs: int
    learning_rate: float
    trainable: list[str]
    trainable_parameters: int
    cached_layers: int


class Batches(Event, frozen=True, kw_only=True):
    """One or several batches: ``steps`` counts from 1 within the epoch; parallel lists."""

    epoch: int
    steps: list[int]
    steps_per_epoch: int
    loss: list[float]
    accuracy: list[float]


class Validating(Event, frozen=True, kw_only=True):
    """Images of an epoch's validation; not kept, as ``Batches``."""

    done: int
    total: int


class EpochFinished(Event, frozen=True, kw_only=True):
    """``epoch`` counts from 1 through all stages; ``seconds`` without pauses. ``drift``: how far the weights of each
    layer of the base that trains have moved since the run began: the norm of the change over that of the start."""

    epoch: int
    stage: str
    loss: float
    accuracy: float
    val_loss: float | None
    val_accuracy: float | None
    learning_rate: float
    seconds: float
    is_best: bool
    epochs_without_gain: int
    drift: dict[str, float] = {}

    def as_best(self) -> "BestEpoch":
        """This epoch as the one that a run's model is of."""
        return BestEpoch(epoch=self.epoch, val_accuracy=self.val_accuracy, val_loss=self.val_loss, stage=self.stage)


class CheckpointWritten(Event, frozen=True, kw_only=True):
    """A checkpoint lies aside, whole and flushed: whoever owns the run renames ``aside`` to ``path``."""

    kind: str  # "best" | "last"
    epoch: int
    aside: str
    path: str
    sha256: str


class Paused(Event, frozen=True, kw_only=True):
    pass


class Continued(Event, frozen=True, kw_only=True):
    pass


class Stopping(Event, frozen=True, kw_only=True):
    """A stop was honoured; what was reached so far is being kept."""


class BestEpoch(msgspec.Struct, frozen=True, kw_only=True):
    """The epoch that a run's model is of, and the stage that it belongs to (empty in logs of older versions)."""

    epoch: int
    val_accuracy: float | None
    val_loss: float | None
    stage: str = ""


class TestScore(msgspec.Struct, frozen=True, kw_only=True):
    __test__ = False  # not a test of pytest's

    accuracy: float
    images: int


class Checkpoints(msgspec.Struct, frozen=True, kw_only=True):
    best: str | None
    last: str | None


class RunFinished(Event, frozen=True, kw_only=True):
    """The answer of ``tlstudio train``; paths are absolute. ``frozen_unchanged``: None where the run was cut
    short before it could be proved. ``resumed``: how often the run was taken up again. ``peak_bytes``: memory of the
    process at its largest during the run (its last part); None where that is not known (``core.peak``)."""

    run: str
    strategy: str
    epochs: int
    seconds: float
    stopped: str  # "epochs" | "early-stopping" | "user" | "error"
    best: BestEpoch | None
    test: TestScore | None
    checkpoints: Checkpoints
    frozen_unchanged: bool | None
    trainable_parameters: int
    cached_layers: int
    preprocessing: str = ""
    skipped: int = 0
    resumed: int = 0
    peak_bytes: int | None = None


class ClassScore(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    precision: float
    recall: float
    f1: float
    support: int


class Evaluated(Event, frozen=True, kw_only=True):
    """The answer of ``tlstudio evaluate``; ``confusion[true][predicted]`` counts images."""

    images: int
    accuracy: float
    macro_f1: float
    per_class: list[ClassScore]
    confusion: list[list[int]]
    run: str = ""


class Prediction(msgspec.Struct, frozen=True, kw_only=True, rename={"class_": "class"}):
    path: str
    class_: str
    probability: float
    probabilities: dict[str, float]


class Skipped(msgspec.Struct, frozen=True, kw_only=True):
    path: str
    code: str
    message: str


class Predicted(Event, frozen=True, kw_only=True):
    predictions: list[Prediction]
    skipped: list[Skipped]


class Exported(Event, frozen=True, kw_only=True):
    """The answer of ``tlstudio export``; paths are absolute. ``run``: the run folder or the model file. ``bytes``: of
    the model alone; ``files``: all that was written. ``preprocessing``, which is done inside, and ``fit``, which is
    not: see ``core.export``.

    ``reader`` loaded the file again and ran it on ``images`` of the run's own and ``generated`` ones;
    ``largest_difference``: of any probability from that of the run's own model; beyond ``tolerance`` nothing is kept.
    """

    run: str
    format: str
    path: str
    bytes: int
    files: list[str]
    input_shape: list[int | None]
    output_shape: list[int | None]
    labels: list[str]
    preprocessing: str
    fit: str
    largest_difference: float
    tolerance: float
    images: int
    generated: int
    reader: str
    seconds: float


class JobFailed(Event, frozen=True, kw_only=True):
    """The job ended with an error of ``core.errors``; ``detail`` is for the log, never for the person.
    ``can_resume``: a training run that can go on from its last checkpoint."""

    code: str
    facts: dict[str, str | int | float]
    message: str
    detail: str = ""
    can_resume: bool = False


class RatesTried(Event, frozen=True, kw_only=True):
    """The answer of the learning-rate finder: smoothed training loss by rate, and the rate it suggests (None: the
    loss never fell)."""

    rates: list[float]
    losses: list[float]
    suggested: float | None


class Measured(Event, frozen=True, kw_only=True):
    """The answer of ``Measure``: what ``core.advice`` decides from.

    ``images``: training images that were looked at; ``counts``: of the whole dataset; ``smallest_class``: training
    images of the smallest class; ``chance``: the share of the largest class, which guessing reaches. ``layers``: of
    every legal cut, from the input up; ``joint``: of several of them beside each other. ``speed``: of this network on
    this machine, with these images.
    ``forward_seconds``: that one pass of those images through the network takes; ``seconds``: of all.
    """

    images: int
    counts: Counts
    smallest_class: int
    chance: float
    layers: list[LayerScore]
    curve: list[CurvePoint]
    signs: Signs
    speed: Speed
    preprocessing: str
    forward_seconds: float
    seconds: float
    joint: JointScore | None = None


class WayTried(msgspec.Struct, frozen=True, kw_only=True):
    """One way of a bake-off: accuracy on the validation images with its interval, and what it took.
    ``failed``: the code of the error that ended it, else nothing. ``stages``: of the plan, ``begun``: those that
    came to an epoch in its time."""

    strategy: str
    accuracy: float
    low: float
    high: float
    images: int
    epochs: int
    seconds: float
    failed: str = ""
    stages: int = 1
    begun: int = 1


class BakedOff(Event, frozen=True, kw_only=True):
    """The answer of ``BakeOff``: the ways, the best first."""

    ways: list[WayTried]


class JobStopped(Event, frozen=True, kw_only=True):
    """A job other than a training run ended because it was asked to."""


AnyEvent = (
    WorkerReady | RunStarted | Resumed | Forecast | Preparing
    | ImageSkipped | Noticed | StageStarted | Batches | Validating | EpochFinished
    | CheckpointWritten | Paused | Continued | Stopping | RunFinished | Evaluated | Predicted | RatesTried
    | Measured | BakedOff | Exported
    | JobFailed | JobStopped
)  # fmt: skip
Emit = Callable[[Any], None]

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def encode(event: Event) -> bytes:
    """One line of JSON, without its end."""
    return _encoder.encode(event)


def decode(line: bytes) -> AnyEvent:
    """Raises ``msgspec.DecodeError`` on anything but an event."""
    return _decoder.decode(line)
