"""One door to all jobs, the same for the worker, the command line, the window's inline mode and tests."""

import traceback

from tlstudio.core import events
from tlstudio.core.control import Control, Stopped
from tlstudio.core.errors import TLStudioError
from tlstudio.core.notices import failure_of
from tlstudio.core.requests import BakeOff, Evaluate, Export, FindRate, JobRequest, Measure, Predict, Train


def run_job(request: JobRequest, control: Control, emit: events.Emit) -> None:
    """Run a job to its end. Never raises for what a person can meet: the last event says how it ended."""
    # Imported here: loading TensorFlow takes seconds, and is part of the first job.
    from tlstudio.engine.bake_off import bake_off
    from tlstudio.engine.distributed import replicas_of_this_process
    from tlstudio.engine.evaluation import evaluate, predict
    from tlstudio.engine.exporting import export
    from tlstudio.engine.measuring import measure
    from tlstudio.engine.rate_finder import find_rate
    from tlstudio.engine.runtime import tf
    from tlstudio.engine.training import train

    try:
        replicas_of_this_process()
        match request:
            case Train():
                train(request, control, emit)
            case FindRate():
                find_rate(request, control, emit)
            case Measure():
                measure(request, control, emit)
            case BakeOff():
                bake_off(request, control, emit)
            case Evaluate():
                evaluate(request, control, emit)
            case Predict():
                predict(request, control, emit)
            case Export():
                export(request, control, emit)
    except Stopped:
        emit(events.JobStopped())
    except TLStudioError as error:
        emit(failure_of(error))
    except (MemoryError, tf.errors.ResourceExhaustedError):
        emit(
            failure_of(
                TLStudioError("out_of_memory", batch=getattr(getattr(request, "plan", None), "batch_size", 32))
            )
        )
    except Exception as error:  # noqa: BLE001 (the person gets a sentence, the log gets the rest)
        detail = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        emit(failure_of(TLStudioError("internal", detail=detail), traceback.format_exc()))
