"""How fast a network is on this machine: its own pass and updates, held against what the machine's speed says."""

from typing import NamedTuple

import msgspec
import numpy as np

from tlstudio.core.forecast import VALUE
from tlstudio.core.machine import free_memory
from tlstudio.core.model.cuts import legal_cuts
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.speed import Rate, Speed
from tlstudio.core.work import Work, work_of
from tlstudio.engine.network import Network
from tlstudio.engine.speed import seconds_of_updates

BATCH = 8  # images, enough to fill two cores
# Calls of the part that is tried: a gradient's operations are put together in 10 to 30 ms a call. On SqueezeNet,
# MobileNetV2, ResNet50, EfficientNetB0 and DenseNet121 the upper 100 calls took as many times what the machine's
# speed says as the whole network did, to 30 %.
MOST_CALLS = 100
PARTS_OF_A_LAYER = 4  # arrays of its output's size that a gradient pass holds, with margin


class Timed(NamedTuple):
    """``ready``: seconds to build the network and hand it to its engine; ``forward``: of an image through it;
    ``decode``: images a second, None if they were there."""

    ready: float
    forward: float
    decode: float | None


class Updates(NamedTuple):
    """Of a part of a network: ``work`` of an image in it, ``seconds`` of an image forward and back, ``prepared``:
    seconds before the first one."""

    work: Work
    seconds: float
    prepared: float


def speed_of(machine: Speed, file: ModelFile, network: Network, timed: Timed, updates: Updates | None) -> Speed:
    """The machine's speed, corrected by what this network and these images really took."""
    whole = work_of(file, network.calls)
    found = msgspec.structs.replace(
        machine,
        frozen=_scaled(machine.frozen, machine.frozen.seconds(whole) / timed.forward),
        decode=machine.decode if timed.decode is None else timed.decode,
        ready=timed.ready / whole.layers,
    )
    if updates is None:
        return found
    return msgspec.structs.replace(
        found,
        train=_scaled(machine.train, machine.train.seconds(updates.work) / updates.seconds),
        layer=updates.prepared / updates.work.layers,
    )


def _scaled(rate: Rate, factor: float) -> Rate:
    return Rate(multiply_adds=rate.multiply_adds * factor, values=rate.values * factor)


def time_updates(file: ModelFile, network: Network, images: int) -> Updates | None:
    """Forward and back through the upper part of a network, whose weights move; None where memory may be too short
    to try, or where nothing divides a large network."""
    boundary = _boundary(file, network.calls)
    if boundary is None and len(network.calls) > MOST_CALLS:
        return None
    calls = [number for number in network.calls if boundary is None or number > boundary]
    work = work_of(file, calls)
    count = min(BATCH, images)
    if VALUE * count * PARTS_OF_A_LAYER * work.kept > free_memory() // 2:
        return None
    network.set_trainable(set())
    model = network.model if boundary is None else network.split_at(boundary)[1]
    shape = model.input.shape[1:]
    if None in shape:
        return None
    values = np.random.default_rng(0).random((count, *shape), dtype=np.float32)
    seconds, prepared = seconds_of_updates(model, values)
    return Updates(work, seconds / count, prepared)


def _boundary(file: ModelFile, calls: list[int]) -> int | None:
    """The lowest call that divides the network and has no more than ``MOST_CALLS`` above it; None where the whole
    network has no more, or no such call is there."""
    if len(calls) <= MOST_CALLS:
        return None
    cuts = sorted(file.graph.calls_of(path)[-1] for path in legal_cuts(file.graph))
    above = {number: len(calls) - place - 1 for place, number in enumerate(calls)}
    return next((number for number in cuts if 0 < above.get(number, 0) <= MOST_CALLS), None)
