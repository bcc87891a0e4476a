"""What a worker can be asked to do: one closed union, JSON both ways, one line each.

A job request is answered by events, the last of which ends the job: ``RunFinished``, ``RatesTried``, ``Measured``,
``BakedOff``, ``Evaluated``, ``Predicted``, ``Exported``, ``JobStopped`` or ``JobFailed``. ``Stop``, ``Pause`` and
``Continue`` act on the running job.
"""

import msgspec

from tlstudio.core import events
from tlstudio.core.data.options import Fit
from tlstudio.core.export import Format
from tlstudio.core.model.opening import Opening
from tlstudio.core.plan import PreprocessChoice, TrainingPlan


class Request(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Base of all requests."""


class Train(Request, frozen=True, kw_only=True):
    """``run``: a run folder that its owner has made (see ``core.run_folder``); paths are absolute.
    ``resume``: go on from the newest whole checkpoint in it. ``waits``: how many seconds the run waits, once memory
    or disk fall short, before it ends with an error; None: until somebody stops it."""

    plan: TrainingPlan
    run: str
    resume: bool = False
    waits: float | None = None


class FindRate(Request, frozen=True, kw_only=True):
    """Try learning rates on the plan's network, from tiny to far too large; nothing of it is kept."""

    plan: TrainingPlan


class Measure(Request, frozen=True, kw_only=True):
    """Look at the training images through the network, for advice. Of the plan only what says which network, which
    images and how they are read is taken."""

    plan: TrainingPlan


class BakeOff(Request, frozen=True, kw_only=True):
    """Train each of the plans, which differ in their way alone, for at most ``seconds``, and compare them; nothing is
    kept."""

    plans: list[TrainingPlan]
    seconds: float = 60.0


class Evaluate(Request, frozen=True, kw_only=True):
    """``source``: a run folder or a model file; ``fit``: None for the run's own, or what is usual."""

    source: str
    dataset: str
    preprocess: PreprocessChoice = "auto"
    opening: Opening = Opening()
    fit: Fit | None = None


class Predict(Request, frozen=True, kw_only=True):
    """``paths``: image files or folders of images."""

    source: str
    paths: list[str]
    preprocess: PreprocessChoice = "auto"
    opening: Opening = Opening()
    fit: Fit | None = None


class Export(Request, frozen=True, kw_only=True):
    """Write a trained classifier, with its preprocessing inside, to ``out``. ``source``: a run folder, or a model
    file whose pixel values are known or given. ``overwrites``: an earlier export may be replaced."""

    source: str
    format: Format
    out: str
    overwrites: bool = False
    preprocess: PreprocessChoice = "auto"
    opening: Opening = Opening()


class Stop(Request, frozen=True, kw_only=True):
    pass


class Pause(Request, frozen=True, kw_only=True):
    pass


class Continue(Request, frozen=True, kw_only=True):
    pass


class Quit(Request, frozen=True, kw_only=True):
    """End the worker; a running job is stopped first."""


JobRequest = Train | FindRate | Measure | BakeOff | Evaluate | Predict | Export
AnyRequest = Train | FindRate | Measure | BakeOff | Evaluate | Predict | Export | Stop | Pause | Continue | Quit

_ANSWERS: dict[type, type] = {
    Train: events.RunFinished,
    FindRate: events.RatesTried,
    Measure: events.Measured,
    BakeOff: events.BakedOff,
    Evaluate: events.Evaluated,
    Predict: events.Predicted,
    Export: events.Exported,
}


def is_end(request: JobRequest, event: events.Event) -> bool:
    """Whether the event is the last one of the job."""
    return isinstance(event, (_ANSWERS[type(request)], events.JobFailed, events.JobStopped))


_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyRequest] = msgspec.json.Decoder(AnyRequest)


def encode(request: Request) -> bytes:
    """One line of JSON, without its end."""
    return _encoder.encode(request)


def decode(line: bytes) -> AnyRequest:
    """Raises ``msgspec.DecodeError`` on anything but a request."""
    return _decoder.decode(line)
