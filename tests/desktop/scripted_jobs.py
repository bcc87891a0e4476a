"""A job that replays a script of events, as the engine would send them, and honours stop and pause."""

import time

from tlstudio.core import events, requests
from tlstudio.core.control import Control, Stopped

EPOCHS, STEPS = 6, 5


def scripted_run(request: requests.JobRequest, control: Control, emit: events.Emit) -> None:
    assert isinstance(request, requests.Train)
    plan, stopped, epoch = request.plan, "epochs", 0
    emit(
        events.RunStarted(
            run=request.run, strategy=plan.strategy, classes=["a", "b"], train_images=80, validation_images=10,
            test_images=20, stages=["layers"], epochs=EPOCHS, patience=4, batch_size=16,
        )
    )  # fmt: skip
    emit(events.Preparing(phase="images", done=40, total=90))
    emit(
        events.StageStarted(
            stage="layers", index=0, epochs=EPOCHS, learning_rate=0.01, trainable=["head_output"],
            trainable_parameters=5_000_000_000, cached_layers=3,
        )
    )  # fmt: skip
    best = None
    try:
        for epoch in range(1, EPOCHS + 1):
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
            emit(
                events.EpochFinished(
                    epoch=epoch, stage="layers", loss=1 / epoch, accuracy=1 - 1 / epoch, val_loss=0.5 / epoch,
                    val_accuracy=1 - 0.5 / epoch, learning_rate=0.01, seconds=0.05, is_best=True,
                    epochs_without_gain=0,
                )
            )  # fmt: skip
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
