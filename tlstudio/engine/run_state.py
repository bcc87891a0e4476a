"""All that a run has to know to go on where it was, bit for bit: plain facts and arrays, both ways."""

import hashlib
import math
from typing import Any

import msgspec
import numpy as np

from tlstudio.core import events
from tlstudio.core.plan import TrainingPlan
from tlstudio.engine.checkpoints import Arrays
from tlstudio.engine.stage import Progress, StageState

VERSION = 1


class RunFacts(msgspec.Struct, frozen=True, kw_only=True):
    """``stage``: number of the stage under way; ``images``: name of the training images' content; ``plan``: digest of
    all in the plan that has a say; ``went_back``: whether the run went back once because the loss was no number;
    ``parts``: of a batch; ``resumed``: how often the run was taken up; ``seconds``: what it took so far.
    """

    version: int = VERSION
    stage: int
    state: StageState
    epoch: int
    best: events.BestEpoch | None
    best_key: tuple[float, float] | None
    last_loss: float | None
    images: str
    plan: str
    went_back: bool
    parts: int
    resumed: int
    seconds: float

    @classmethod
    def read(cls, facts: dict[str, Any]) -> "RunFacts":
        """Raises ``msgspec.ValidationError``."""
        return msgspec.convert(facts, cls)

    def plain(self) -> dict[str, Any]:
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


def digest_of(plan: TrainingPlan) -> str:
    """SHA-256 of a plan, but for what may change when a run is taken up: where things are, and parts of a batch."""
    same = msgspec.structs.replace(plan, model="", dataset="", accumulate=1)
    text = msgspec.json.encode(same, order="deterministic")
    # Runs that began before plans could name further layers, or keep the last epoch, go on, too. No value holds these
    # quotes unescaped.
    text = text.replace(b',"also":[]', b"").replace(b',"keep":"best"', b"")
    return hashlib.sha256(text).hexdigest()


def key_or_none(key: tuple[float, float]) -> tuple[float, float] | None:
    """JSON knows no infinity."""
    return key if all(map(math.isfinite, key)) else None


def gather(variables: list[Any], optimizer: list[Any], progress: Progress) -> Arrays:
    """The arrays of a state, by the places of the variables."""
    arrays = {f"model/{place}": variable.numpy() for place, variable in enumerate(variables)}
    arrays |= {f"optimizer/{place}": variable.numpy() for place, variable in enumerate(optimizer)}
    return arrays | {f"best/{place}": values for place, values in enumerate(progress.best_weights)}


def scatter(arrays: Arrays, group: str, variables: list[Any]) -> None:
    """Put the arrays of a group back. Raises ``ValueError`` where they are not those of the variables."""
    found = taken(arrays, group)
    if [values.shape for values in found] != [tuple(variable.shape) for variable in variables]:
        raise ValueError(f"the state's {group} does not fit")
    for variable, values in zip(variables, found, strict=True):
        variable.assign(values)


def taken(arrays: Arrays, group: str) -> list[np.ndarray]:
    """The arrays of a group, in order."""
    count = sum(name.startswith(group + "/") for name in arrays)
    return [arrays[f"{group}/{place}"] for place in range(count)]
