"""Remarks that a run makes: a code, the facts, and one sentence. The desktop translates them (``Notices``)."""

from typing import Any

from tlstudio.core.errors import QT_TRANSLATE_NOOP, TLStudioError
from tlstudio.core.events import JobFailed, Noticed

TEMPLATES: dict[str, str] = {
    "rate_too_large": QT_TRANSLATE_NOOP("Notices", "A learning rate of {rate} is large for fine-tuning; smooth weights may be torn."),
    "preprocessing_tried": QT_TRANSLATE_NOOP("Notices", "The model does not say what pixel values it takes; “{mode}” was found by trial ({tried})."),
    "preprocessing_assumed": QT_TRANSLATE_NOOP("Notices", "The model does not say what pixel values it takes, and it could not be tried on these images; “{mode}” was assumed."),
    "features_not_kept": QT_TRANSLATE_NOOP("Notices", "The frozen part's outputs are too large to keep on this disk; they are computed anew in each epoch."),
    "went_back": QT_TRANSLATE_NOOP("Notices", "The loss was no longer a number in epoch {epoch}. The run went back to its last checkpoint, and goes on at a tenth of the learning rate."),
    "state_not_kept": QT_TRANSLATE_NOOP("Notices", "The weights were no numbers any more when the run was stopped; it can be resumed from the checkpoint before."),
    "loss_rises": QT_TRANSLATE_NOOP("Notices", "The training loss rises in epoch {epoch}: the learning rate {rate} is too large for the trained weights."),
    "other_versions": QT_TRANSLATE_NOOP("Notices", "The run began with other versions ({versions}); what follows may differ in the last digits."),
    "memory_low": QT_TRANSLATE_NOOP("Notices", "Only {free} of memory are left. The run was saved and waits; it goes on when other programs give memory back."),
    "disk_low": QT_TRANSLATE_NOOP("Notices", "Only {free} are left on the disk of the run. The run was saved and waits; it goes on when there is space again."),
    "step_slow": QT_TRANSLATE_NOOP("Notices", "The calculation has not moved for {seconds} seconds; usually a step takes {usual}. It may be waiting for the disk or for memory."),
    "batch_halved": QT_TRANSLATE_NOOP("Notices", "The device's memory is too small for batches of {batch}; they go through it in {parts} parts, with the same result."),
    "engine_fell_back": QT_TRANSLATE_NOOP("Notices", "The frozen part is computed by TensorFlow, since the faster engine cannot be used ({reason})."),
    "precision_kept": QT_TRANSLATE_NOOP("Notices", "This machine has no device that gains from half precision; everything is computed in full precision."),
}  # fmt: skip


def notice(code: str, **facts: Any) -> Noticed:
    """The event for a remark of ``TEMPLATES``."""
    plain = {k: v if isinstance(v, (str, int, float)) else str(v) for k, v in facts.items()}
    return Noticed(code=code, message=TEMPLATES[code].format(**plain), facts=plain)


def notice_of(error: TLStudioError) -> Noticed:
    """An error that the run survives, as a remark; its sentence is found among the errors."""
    return Noticed(code=error.code, message=str(error), facts=error.facts)


def failure_of(error: TLStudioError, detail: str = "") -> JobFailed:
    """An error that ends a job, as its last event; ``detail`` is for the log."""
    return JobFailed(code=error.code, facts=error.facts, message=str(error), detail=detail)
