"""Remarks that a run makes: a code, the facts, and one sentence. The desktop translates them (``Notices``)."""

from typing import Any

from tlstudio.core.errors import QT_TRANSLATE_NOOP, TLStudioError
from tlstudio.core.events import JobFailed, Noticed

TEMPLATES: dict[str, str] = {
    "rate_too_large": QT_TRANSLATE_NOOP("Notices", "A learning rate of {rate} is large for fine-tuning; smooth weights may be torn."),
    "preprocessing_tried": QT_TRANSLATE_NOOP("Notices", "The model does not say what pixel values it takes; “{mode}” was found by trial ({tried})."),
    "preprocessing_assumed": QT_TRANSLATE_NOOP("Notices", "The model does not say what pixel values it takes, and it could not be tried on these images; “{mode}” was assumed."),
    "features_not_kept": QT_TRANSLATE_NOOP("Notices", "The frozen part's outputs are too large to keep on this disk; they are computed anew in each epoch."),
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
