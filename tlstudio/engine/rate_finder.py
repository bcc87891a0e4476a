"""The learning-rate range test (Smith 2017): updates at ever larger rates until the loss bursts; nothing is kept.

The rate that is suggested is the one at which the smoothed loss fell fastest, over the logarithm of the rate, as
fast.ai's finder takes it; past the lowest loss a rate is too large already.
"""

import math
from contextlib import closing

import msgspec
import numpy as np

from tlstudio.core import events
from tlstudio.core.control import Control
from tlstudio.core.errors import TLStudioError
from tlstudio.core.requests import FindRate
from tlstudio.core.stages import StagePlan, stages_of
from tlstudio.engine.assembling import Assembler
from tlstudio.engine.network import image_size
from tlstudio.engine.order import epoch_order
from tlstudio.engine.preparing import Preparation
from tlstudio.engine.sources import batches
from tlstudio.engine.stage import LossNotFinite, Minder, Progress, Stage

SMALLEST, LARGEST = 1e-7, 1.0
UPDATES = 100
SMOOTHING = 0.9  # of the loss, with correction of the start
BURST = 4.0  # times the lowest loss: the end
LEAST_FALL = 0.05  # of the loss at the start, for a suggestion to mean anything
SETTLING_EPOCHS = 3  # of a new head before layers below it are tried


def find_rate(request: FindRate, control: Control, emit: events.Emit) -> None:
    """Try rates on the plan's main stage. The last event is ``RatesTried``; no file of the person's is written.

    Raises:
        TLStudioError: whatever is wrong with model, dataset or plan.
    """
    plan = request.plan
    preparation = Preparation(plan, control, emit)
    file = preparation.read()
    dataset, split = preparation.scan(file)
    preparation.foresee(file, split)
    data = preparation.load(dataset, split, image_size(file))
    network = preparation.build(file, len(split.classes))
    assembler = Assembler(plan, network, data.train, data.validation, control, emit, preparation.telling("features"))
    assembler.mode = preparation.find_scaling(assembler).mode
    assembler.standardize()
    *first, main = stages_of(file, plan)
    for wanted in first:  # an untrained head would be all that the main stage's loss tells of
        stage = _stage(assembler, wanted, min(wanted.epochs, SETTLING_EPOCHS))
        try:
            stage.run(Progress(), control, lambda _event: None, Minder())
        except LossNotFinite as error:
            raise TLStudioError("training_diverged", epoch=1, rate=f"{wanted.learning_rate:g}") from error
    stage = _stage(assembler, main, 1)
    rates, losses = _try(stage, control, preparation)
    emit(events.RatesTried(rates=rates, losses=losses, suggested=suggestion(rates, losses)))


def _stage(assembler: Assembler, wanted: StagePlan, epochs: int) -> Stage:
    network = assembler.network
    network.set_trainable(set(wanted.frozen) & set(network.layers))
    assembler.plan = msgspec.structs.replace(assembler.plan, solver="gradient")
    stage, _variables = assembler.stage(wanted, epochs, assembler.feed(), dict)
    return stage


def _try(stage: Stage, control: Control, preparation: Preparation) -> tuple[list[float], list[float]]:
    rates: list[float] = []
    losses: list[float] = []
    average, lowest, epoch = 0.0, math.inf, 0
    labels, size = stage.train.labels, stage.recipe.batch_size
    weights = stage.recipe.weights_of(labels)
    while len(rates) < UPDATES:
        epoch += 1
        order = epoch_order(labels, stage.recipe.seed, epoch, stage.recipe.is_balanced)
        with closing(batches(stage.train.source, order, size, epoch)) as coming:
            for step, values in enumerate(coming):
                control.checkpoint()
                places = order[step * size : (step + 1) * size]
                rate = SMALLEST * (LARGEST / SMALLEST) ** (len(rates) / (UPDATES - 1))
                loss = stage.update_at(rate, values, labels[places], weights[places])
                average = SMOOTHING * average + (1 - SMOOTHING) * loss
                smooth = average / (1 - SMOOTHING ** (len(rates) + 1))
                if not math.isfinite(smooth) or smooth > BURST * lowest:
                    return rates, losses
                lowest = min(lowest, smooth)
                rates.append(rate)
                losses.append(smooth)
                preparation.tell("rates", len(rates), UPDATES)
                if len(rates) == UPDATES:
                    break
    return rates, losses


def suggestion(rates: list[float], losses: list[float]) -> float | None:
    """The middle of the half decade in which the loss fell fastest, before the lowest loss; None where it never fell
    clearly. The first losses are averages of few batches, and say nothing of the rate."""
    start = len(losses) // 8
    width = max(1, len([rate for rate in rates if rate < rates[0] * math.sqrt(10)])) if rates else 1
    lowest = int(np.argmin(losses)) if losses else 0
    if len(losses) < 5 or lowest <= start or losses[lowest] > (1 - LEAST_FALL) * losses[start]:
        return None
    falls = [(losses[min(at + width, lowest)] - losses[at], at) for at in range(start, lowest)]
    _fall, at = min(falls)
    return float(f"{math.sqrt(rates[at] * rates[min(at + width, lowest)]):.2g}")
