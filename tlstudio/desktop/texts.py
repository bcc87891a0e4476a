"""What a person reads of codes: errors, remarks, reasons, problems and strategies, in the current language."""

import html
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLocale

from tlstudio.core import errors, events, notices
from tlstudio.core.errors import QT_TRANSLATE_NOOP, Facts, TLStudioError
from tlstudio.desktop.details import detail_text

if TYPE_CHECKING:
    from tlstudio.core.advice.words import Remark
    from tlstudio.core.model.graph import Note
    from tlstudio.core.model.model_file import ModelFile

PROBLEMS = {
    "empty": QT_TRANSLATE_NOOP("Problems", "empty file"),
    "not-a-file": QT_TRANSLATE_NOOP("Problems", "not a file"),
    "not-an-image": QT_TRANSLATE_NOOP("Problems", "not an image"),
    "other-format": QT_TRANSLATE_NOOP("Problems", "a format that is not read"),
    "too-large": QT_TRANSLATE_NOOP("Problems", "too large"),
    "truncated": QT_TRANSLATE_NOOP("Problems", "cut off"),
    "unreadable": QT_TRANSLATE_NOOP("Problems", "cannot be read"),
    "odd-aspect": QT_TRANSLATE_NOOP("Problems", "very long and narrow (used all the same)"),
    "no-class": QT_TRANSLATE_NOOP("Problems", "outside the class folders"),
    "empty-class": QT_TRANSLATE_NOOP("Problems", "class without usable images"),
    "missing": QT_TRANSLATE_NOOP("Problems", "named by the table, but not there"),
    "listed-twice": QT_TRANSLATE_NOOP("Problems", "named twice by the table"),
    "no-such-page": QT_TRANSLATE_NOOP("Problems", "has no such page"),
    "duplicate": QT_TRANSLATE_NOOP("Problems", "the same picture twice"),
    "near-duplicate": QT_TRANSLATE_NOOP("Problems", "nearly the same picture twice"),
    "label-conflict": QT_TRANSLATE_NOOP("Problems", "the same picture in two classes"),
    "near-label-conflict": QT_TRANSLATE_NOOP("Problems", "nearly the same picture in two classes"),
    "leak": QT_TRANSLATE_NOOP("Problems", "the same picture trains and tests"),
    "near-leak": QT_TRANSLATE_NOOP("Problems", "nearly the same picture trains and tests"),
    "blank": QT_TRANSLATE_NOOP("Problems", "one colour, nothing to see"),
    "blurred": QT_TRANSLATE_NOOP("Problems", "blurred"),
    "few-images": QT_TRANSLATE_NOOP("Problems", "a class with very few images"),
    "imbalance": QT_TRANSLATE_NOOP("Problems", "far fewer images than another class"),
    "shortcut-size": QT_TRANSLATE_NOOP("Problems", "image size alone tells the classes apart"),
    "shortcut-brightness": QT_TRANSLATE_NOOP("Problems", "brightness alone tells the classes apart"),
}
STRATEGY_NAMES = {
    "features": QT_TRANSLATE_NOOP("Strategies", "Fixed feature extractor"),
    "finetune": QT_TRANSLATE_NOOP("Strategies", "Fine-tuning"),
    "lower-features": QT_TRANSLATE_NOOP("Strategies", "Lower layers' features"),
    "init": QT_TRANSLATE_NOOP("Strategies", "Trained weights as the starting point"),
    "classic": QT_TRANSLATE_NOOP("Strategies", "Classic recipe"),
}
PHASES = {
    "network": QT_TRANSLATE_NOOP("Phases", "Preparing the network…"),
    "images": QT_TRANSLATE_NOOP("Phases", "Reading the images…"),
    "features": QT_TRANSLATE_NOOP("Phases", "Computing the frozen part's features…"),
    "test": QT_TRANSLATE_NOOP("Phases", "Scoring the test images…"),
    "rates": QT_TRANSLATE_NOOP("Phases", "Trying learning rates…"),
    "probes": QT_TRANSLATE_NOOP("Phases", "Asking the layers…"),
    "bake-off": QT_TRANSLATE_NOOP("Phases", "Trying the ways…"),
    "export": QT_TRANSLATE_NOOP("Phases", "Writing the model…"),
    "check": QT_TRANSLATE_NOOP("Phases", "Loading the model again, to compare…"),
}
MEASURING = {
    "network": QT_TRANSLATE_NOOP("Phases", "Preparing the network for a look at your images…"),
    "images": QT_TRANSLATE_NOOP("Phases", "Reading some of your images…"),
    "features": QT_TRANSLATE_NOOP("Phases", "Looking at your images through the network…"),
    "probes": QT_TRANSLATE_NOOP("Phases", "Finding out what each layer knows about them…"),
}
STOPPED = {
    "epochs": QT_TRANSLATE_NOOP("Results", "all epochs were done"),
    "early-stopping": QT_TRANSLATE_NOOP("Results", "stopped early, there was no more gain"),
    "user": QT_TRANSLATE_NOOP("Results", "stopped by you"),
    "error": QT_TRANSLATE_NOOP("Results", "ended by an error"),
}
PREPROCESSING = {
    "raw": QT_TRANSLATE_NOOP("Preprocessing", "as they are, 0 to 255"),
    "unit": QT_TRANSLATE_NOOP("Preprocessing", "0 to 1"),
    "symmetric": QT_TRANSLATE_NOOP("Preprocessing", "-1 to 1"),
    "imagenet": QT_TRANSLATE_NOOP("Preprocessing", "ImageNet mean and deviation"),
    "caffe": QT_TRANSLATE_NOOP("Preprocessing", "BGR minus ImageNet's mean (Caffe)"),
    "bgr": QT_TRANSLATE_NOOP("Preprocessing", "BGR, 0 to 255"),
}
PREPROCESSING_SOURCES = {
    "declared": QT_TRANSLATE_NOOP("Preprocessing", "declared by the file"),
    "catalogue": QT_TRANSLATE_NOOP("Preprocessing", "known from the catalogue"),
    "assumed": QT_TRANSLATE_NOOP("Preprocessing", "assumed; the ways will be tried on your images"),
}
_PROGRESS = QT_TRANSLATE_NOOP("Phases", "{phase} {done} of {total}")
_DETAILS = {
    "killed": QT_TRANSLATE_NOOP("Errors", "it was ended by the system, signal {number}"),
    "exited": QT_TRANSLATE_NOOP("Errors", "it ended with code {number}"),
}


def _t(context: str, text: str) -> str:
    return QCoreApplication.translate(context, text)


def error_text(code: str, facts: Facts) -> str:
    """The sentence of an error in the current language."""
    facts = dict(facts)
    if code == "cut_illegal" and facts.get("reason_code"):
        facts["reason"] = reason_text(str(facts["reason_code"]), str(facts.get("join", "")))
    if code in {"worker_lost", "job_lost"} and facts.get("detail_code"):
        facts["detail"] = _t("Errors", _DETAILS[str(facts["detail_code"])]).format(number=facts.get("number", ""))
    for name in ("detail", "found"):
        if isinstance(facts.get(name), str):
            facts[name] = detail_text(str(facts[name]))
    return _t("Errors", errors.template_of(code, facts)).format(**facts)


def text_of(error: TLStudioError) -> str:
    return error_text(error.code, error.facts)


def notice_text(event: events.Noticed) -> str:
    if event.code in notices.TEMPLATES:
        return _t("Notices", notices.TEMPLATES[event.code]).format(**event.facts)
    if event.code in errors.TEMPLATES:
        return error_text(event.code, event.facts)
    return event.message


def reason_text(code: str, join: str) -> str:
    """Why a network cannot be cut at a layer; empty where it can."""
    from tlstudio.core.model import cuts

    return _t("Cuts", cuts.REASONS[code]).format(join=join) if code else ""


def repair_text(message: str) -> str:
    """A repair's or a warning's sentence, by its English one."""
    return _t("Repairs", message)


def note_text(note: "Note") -> str:
    """The sentence of a repair or a warning."""
    if note.code == "not_image_classifier":
        return problem_text(note.message)
    return repair_text(note.message)


def problem_text(problem: str) -> str:
    """Why an open network can't be trained; ``problem`` is what ``classifier_problem`` says."""
    return error_text("not_image_classifier", {"detail": problem})


def stand_in_text(choice: str) -> str:
    """What a stand-in for program code does (a key of ``lambdas.STAND_INS``)."""
    from tlstudio.core.model.lambdas import STAND_INS

    return _t("StandIns", STAND_INS[choice][2])


def strategy_name(code: str) -> str:
    return _t("Strategies", STRATEGY_NAMES[code])


def strategy_reason(code: str) -> str:
    from tlstudio.core import strategy

    return _t("Strategies", strategy.REASONS[code])


def problem_name(code: str) -> str:
    return _t("Problems", PROBLEMS[code]) if code in PROBLEMS else code


def phase_name(code: str) -> str:
    return _t("Phases", PHASES[code]) if code in PHASES else code


def measuring_text(phase: str, done: int, total: int) -> str:
    """How far a measurement is; ``total`` 0: unknown."""
    text = _t("Phases", MEASURING.get(phase, MEASURING["network"]))
    if not total:
        return text
    return _t("Phases", _PROGRESS).format(phase=text, done=number(done), total=number(total))


def remark_text(remark: "Remark") -> str:
    """A sentence of advice in the current language."""
    from tlstudio.core.advice.words import TEMPLATES

    return _t("Advice", TEMPLATES[remark.code]).format(**remark.facts)


def remarks_text(remarks: "list[Remark]") -> str:
    return " ".join(remark_text(remark) for remark in remarks)


def stopped_text(code: str) -> str:
    return _t("Results", STOPPED[code]) if code in STOPPED else code


def preprocessing_name(mode: str) -> str:
    """A mode of ``core.data.preprocess``; others, of a newer file, as they are."""
    return _t("Preprocessing", PREPROCESSING[mode]) if mode in PREPROCESSING else mode


def preprocessing_source(source: str) -> str:
    return _t("Preprocessing", PREPROCESSING_SOURCES[source])


def bytes_text(size: int) -> str:
    """Such as 14.2 MB (10⁶ bytes), as file managers give it."""
    return QLocale().formattedDataSize(size, 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def percent(share: float) -> str:
    """A share in percent, to two digits that say something: 0.12 %, 3.4 %, 15 %, 240 %."""
    value = 100 * share
    if 0 < value < 0.01:
        return "<0.01 %"
    digits = 2 if value < 1 else 1 if value < 10 else 0
    return f"{value:.{digits}f} %"


def number(value: int) -> str:
    return QLocale().toString(value)


def shape_text(shape: list[int | None] | None) -> str:
    """A shape without its batch axis, such as 32×32×3."""
    if shape is None:
        return "?"
    return "×".join("?" if size is None else str(size) for size in shape[1:]) or "1"


def inputs_text(model: "ModelFile") -> str:
    """The shapes of all inputs of a network, such as 8×8×3 + 10."""
    return " + ".join(_call_text(model, number) for number in model.graph.inputs) or "?"


def outputs_text(model: "ModelFile") -> str:
    return ", ".join(_call_text(model, number) for number in model.graph.outputs) or "?"


def _call_text(model: "ModelFile", number: int) -> str:
    shape = model.shapes[model.graph.calls[number].layer]
    return shape_text(None if shape is None else [None, *shape])


def plain_tip(text: str) -> str:
    """A tool tip that Qt shows as it is: names in a stranger's file that look like HTML would be drawn, and may name
    pictures of this machine."""
    if not {"<", "&"} & set(text):
        return text
    return f"<span>{html.escape(text)}</span>".replace("\n", "<br>")


def duration(seconds: float) -> str:
    """Rounded for people: 8 s, 3 min 20 s, 2 h 5 min."""
    whole = max(round(seconds), 0)
    if whole < 60:
        return QCoreApplication.translate("Durations", "{s} s").format(s=whole)
    if whole < 3600:
        return QCoreApplication.translate("Durations", "{min} min {s} s").format(min=whole // 60, s=whole % 60)
    return QCoreApplication.translate("Durations", "{h} h {min} min").format(h=whole // 3600, min=whole % 3600 // 60)
