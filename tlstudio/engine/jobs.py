"""One door to all jobs, the same for the worker, the command line, the window's inline mode and tests."""

import traceback

from tlstudio.core import events
from tlstudio.core.control import Control, Stopped
from tlstudio.core.errors import TLStudioError
from tlstudio.core.requests import Evaluate, JobRequest, Predict, Train


def run_job(request: JobRequest, control: Control, emit: events.Emit) -> None:
    """Run a job to its end. Never raises for what a person can meet: the last event says how it ended."""
    # Imported here: loading TensorFlow takes seconds, and is part of the first job.
    from tlstudio.engine.evaluation import evaluate, predict
    from tlstudio.engine.training import train

    try:
        match request:
            case Train():
                train(request, control, emit)
            case Evaluate():
                evaluate(request, control, emit)
            case Predict():
                predict(request, control, emit)
    except Stopped:
        emit(events.JobStopped())
    except TLStudioError as error:
        emit(events.JobFailed(code=error.code, facts=error.facts, message=str(error)))
    except MemoryError:
        emit(failure(TLStudioError("out_of_memory", batch=getattr(getattr(request, "plan", None), "batch_size", 32))))
    except Exception as error:  # noqa: BLE001 (the person gets a sentence, the log gets the rest)
        detail = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        emit(failure(TLStudioError("internal", detail=detail), traceback.format_exc()))


def failure(error: TLStudioError, detail: str = "") -> events.JobFailed:
    return events.JobFailed(code=error.code, facts=error.facts, message=str(error), detail=detail)
