"""Jobs that replay a script of events, as the engine would send them, and honour stop and pause."""

import hashlib
import time
from pathlib import Path
from typing import Any

import msgspec

from tlstudio.core import events, requests
from tlstudio.core.advice.intervals import wilson
from tlstudio.core.advice.measured import CurvePoint, JointScore, LayerScore, Signs
from tlstudio.core.control import Control, Stopped
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.reading import open_model
from tlstudio.core.notices import failure_of
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.run_folder import RunRecorder
from tlstudio.core.speed import Counts, Rate, Speed
from tlstudio.core.states import state_path

EPOCHS, STEPS = 6, 5


def run_started(run: str, plan: TrainingPlan) -> events.RunStarted:
    return events.RunStarted(
        run=run, strategy=plan.strategy, classes=["a", "b"], train_images=80, validation_images=10,
        test_images=20, stages=["layers"], epochs=EPOCHS, patience=4, batch_size=16,
    )  # fmt: skip


def stage_started() -> events.StageStarted:
    return events.StageStarted(
        stage="layers", index=0, epochs=EPOCHS, learning_rate=0.01, trainable=["head_output"],
        trainable_parameters=5_000_000_000, cached_layers=3,
    )  # fmt: skip


def epoch_finished(epoch: int, **changes: Any) -> events.EpochFinished:
    facts: dict[str, Any] = {
        "stage": "layers", "loss": 1 / epoch, "accuracy": 1 - 1 / epoch, "val_loss": 0.5 / epoch,
        "val_accuracy": 1 - 0.5 / epoch, "learning_rate": 0.01, "seconds": 0.05, "is_best": True,
        "epochs_without_gain": 0, "drift": {"block3_conv2": 0.01 * epoch},
    }  # fmt: skip
    return events.EpochFinished(epoch=epoch, **(facts | changes))


def state_written(run: Path, epoch: int) -> events.CheckpointWritten:
    """A state as the engine writes one aside: named after its content."""
    content = b"state of epoch %d" % epoch
    sha256 = hashlib.sha256(content).hexdigest()
    path = state_path(run, epoch, sha256)
    aside = path.with_name(f".{path.name}.part")
    aside.write_bytes(content)
    return events.CheckpointWritten(kind="last", epoch=epoch, aside=str(aside), path=str(path), sha256=sha256)


def interrupted_run(run: Path, plan: TrainingPlan, epochs: int, kept: int) -> None:
    """What a run leaves that was cut off behind ``epochs`` epochs, ``kept`` of which its newest state holds."""
    recorder = RunRecorder(run, plan)
    for event in (run_started(str(run), plan), stage_started()):
        recorder.handle(event)
    for epoch in range(1, epochs + 1):
        recorder.handle(epoch_finished(epoch))
        if epoch <= kept:
            recorder.handle(state_written(run, epoch))
    recorder.close()


def rates_tried(suggested: float | None = 0.004) -> events.RatesTried:
    """A curve that falls, is lowest at 0.1 and explodes."""
    rates = [10 ** (-6 + 7 * place / 99) for place in range(100)]
    return events.RatesTried(
        rates=rates, losses=[2.0 - 1.2 / (1 + (0.01 / r)) + (r / 0.5) ** 2 for r in rates], suggested=suggested
    )


def scripted_search(request: requests.JobRequest, control: Control, emit: events.Emit) -> None:
    """Finds a rate; for batches of 7 it goes on until it is stopped, and for batches of 1 there is no rate."""
    assert isinstance(request, requests.FindRate)
    emit(events.Preparing(phase="rates", done=3, total=100))
    while request.plan.batch_size == 7:
        control.checkpoint()
        time.sleep(0.01)
    emit(rates_tried(None if request.plan.batch_size == 1 else 0.004))


def measured(model: ModelFile, learnable: bool = True, **changes: Any) -> events.Measured:
    """What a look at 372 images of five classes gives: features that get better up to the top, or nothing at all."""
    paths = [path for path, cut in model.cuts.items() if cut.legal]
    layers = []
    for place, path in enumerate(paths):
        score = 0.4 + 0.59 * (place + 1) / len(paths) if learnable else 0.2
        low, high = wilson(372 * score, 372)
        around = {"score": score, "low": low, "high": high}
        near = {"neighbours": score, "neighbours_low": low, "neighbours_high": high}
        layers.append(LayerScore(path=path, width=8 * (place + 1), **around, **near))
    rate = Rate(multiply_adds=1e10, values=1e9)
    facts: dict[str, Any] = {
        "images": 372, "counts": Counts(train=372, validation=40, test=138, classes=5), "smallest_class": 70,
        "chance": 0.2, "layers": layers,
        "curve": [
            CurvePoint(images=images, accuracy=right, low=right - 0.04, high=right + 0.04)
            for images, right in ((90, 0.7), (180, 0.8), (372, 0.87))
        ],
        "signs": Signs(information=0.6, energy=1.5, grey=1.0),
        "speed": Speed(frozen=rate, train=rate, decode=500.0, change=1e8, step=0.01, layer=0.05, ready=0.05),
        "preprocessing": "raw", "forward_seconds": 1.5, "seconds": 7.0,
    }  # fmt: skip
    return events.Measured(**(facts | changes))


def measured_for_extras(model: ModelFile) -> events.Measured:
    """Features of the sample's network that its third block spoils, and that are worth more beside each other."""
    whole = measured(model)
    layers = []
    for layer in whole.layers:
        score = 0.6 if layer.path.startswith("block3") or layer.path == "flatten_1" else 0.85
        low, high = wilson(372 * score, 372)
        layers.append(msgspec.structs.replace(layer, score=score, low=low, high=high))
    joint = JointScore(
        paths=("block1_pool", "block2_pool", "flatten_1"), score=0.92, low=0.9, high=0.94,
        over="block2_pool", gain=0.07, gain_low=0.03, gain_high=0.11, width=816,
    )  # fmt: skip
    return msgspec.structs.replace(whole, layers=layers, joint=joint)


def scripted_look(request: requests.Measure, control: Control, emit: events.Emit) -> None:
    """By the plan's seed: 6 speaks for both advanced plans, 7 goes on until it is stopped, 8 fails, 9 finds nothing
    that can be learned."""
    plan = request.plan
    emit(events.Preparing(phase="features", done=340, total=1000))
    while plan.seed == 7:
        control.checkpoint()
        time.sleep(0.01)
    if plan.seed == 8:
        emit(failure_of(TLStudioError("no_legal_cut")))
        return
    model = open_model(Path(plan.model))
    emit(measured_for_extras(model) if plan.seed == 6 else measured(model, learnable=plan.seed != 9))


def baked_off(request: requests.BakeOff) -> events.BakedOff:
    """The last plan's way did best, the first one's worst."""
    ways = [
        events.WayTried(
            strategy=plan.strategy, accuracy=0.9 - place / 10, low=0.85 - place / 10, high=0.95 - place / 10,
            images=40, epochs=3, seconds=request.seconds,
        )
        for place, plan in enumerate(reversed(request.plans))
    ]  # fmt: skip
    return events.BakedOff(ways=ways)


def scripted_job(request: requests.JobRequest, control: Control, emit: events.Emit) -> None:
    try:
        match request:
            case requests.FindRate():
                scripted_search(request, control, emit)
            case requests.Measure():
                scripted_look(request, control, emit)
            case requests.BakeOff():
                emit(baked_off(request))
            case _:
                scripted_run(request, control, emit)
    except Stopped:
        emit(events.JobStopped())


def scripted_run(request: requests.JobRequest, control: Control, emit: events.Emit) -> None:
    assert isinstance(request, requests.Train)
    plan, stopped, run = request.plan, "epochs", Path(request.run)
    first = 1
    if request.resume:
        first = 1 + max(int(path.name.split("-")[1]) for path in (run / "checkpoints" / "last").glob("state-*"))
        emit(events.Resumed(epoch=first - 1, step=0, stage="layers"))
    else:
        emit(run_started(request.run, plan))
    epoch = first - 1
    emit(events.Preparing(phase="images", done=40, total=90))
    emit(stage_started())
    best = None
    try:
        for epoch in range(first, EPOCHS + 1):
            for step in range(1, STEPS + 1):
                control.checkpoint(lambda paused: emit(events.Paused() if paused else events.Continued()))
                value = 1 / (epoch + step / STEPS)
                emit(
                    events.Batches(
                        epoch=epoch, steps=[step], steps_per_epoch=STEPS, loss=[value], accuracy=[1 - value]
                    )
                )
                time.sleep(0.01)  # the batch's arithmetic
            best = events.BestEpoch(epoch=epoch, val_accuracy=1 - 0.5 / epoch, val_loss=0.5 / epoch)
            emit(epoch_finished(epoch))
            emit(state_written(run, epoch))
    except Stopped:
        stopped = "user"
        emit(events.Stopping())
    test = None
    if stopped != "user":
        score = events.ClassScore(name="a", precision=0.9, recall=0.9, f1=0.9, support=10)
        other = events.ClassScore(name="b", precision=0.9, recall=0.9, f1=0.9, support=10)
        emit(
            events.Evaluated(
                images=20, accuracy=0.9, macro_f1=0.9, per_class=[score, other], confusion=[[9, 1], [1, 9]],
                run=request.run,
            )
        )  # fmt: skip
        test = events.TestScore(accuracy=0.9, images=20)
    emit(
        events.RunFinished(
            run=request.run, strategy=plan.strategy, epochs=epoch, seconds=1.0, stopped=stopped, best=best,
            test=test, checkpoints=events.Checkpoints(best=None, last=None), frozen_unchanged=True,
            trainable_parameters=5_000_000_000, cached_layers=3,
        )
    )  # fmt: skip
