"""From what was typed on the command line to a training plan."""

import fnmatch
import math
import os
from pathlib import Path
from typing import Any, NamedTuple, cast, get_args, get_type_hints

import msgspec

from tlstudio.advising import recommended_plan
from tlstudio.commands.parsing import check_fraction
from tlstudio.core.control import Control
from tlstudio.core.data.options import Layout
from tlstudio.core.data.remedies import REMEDIES, with_remedy
from tlstudio.core.data.scan import scan_folder
from tlstudio.core.documents import load_document
from tlstudio.core.errors import TLStudioError
from tlstudio.core.further_layers import with_also
from tlstudio.core.layer_rates import PRESETS, Preset, preset, trained_layers, with_rates
from tlstudio.core.model.cuts import resolve_cut
from tlstudio.core.model.inspection import require_classifier
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.opening import Opening
from tlstudio.core.model.reading import default_size, with_input_size
from tlstudio.core.model.safely import read_model
from tlstudio.core.plan import Fit, OptimizerName, PreprocessChoice, Strategy, TrainingPlan
from tlstudio.core.strategy import (
    freeze_by_patterns,
    make_plan,
    parse_head,
    with_cut,
    with_old_head,
)


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """The options of ``tlstudio train``; None where one was not given."""

    strategy: str | None = None
    cut: str | None = None
    also: list[str] = []
    freeze_below: str | None = None
    freeze: list[str] = []
    unfreeze: list[str] = []
    head: str | None = None
    epochs: int | None = None
    batch_size: int | None = None
    accumulate: int | None = None
    learning_rate: float | None = None
    layer_rates: str | None = None
    layer_rate: dict[str, float] = {}
    schedule: str | None = None
    warmup: float | None = None
    optimizer: str | None = None
    weight_decay: float | None = None
    label_smoothing: float | None = None
    solver: str | None = None
    precision: str | None = None
    patience: int | None = None
    keep: str | None = None
    validation_split: float | None = None
    augment: str | None = None
    views: int | None = None
    class_weights: bool | None = None
    balanced: bool | None = None
    seed: int | None = None
    checkpoint_format: str | None = None
    preprocess: str | None = None
    fit: str | None = None
    images: dict[str, Any] = {}
    layout: Layout | None = None
    remedy: str = ""
    group_by: str | None = None
    opening: Opening = Opening()


# option: the words that it may be
_WORDS: dict[str, tuple[str, ...]] = {
    "strategy": ("auto", *get_args(Strategy)),
    "optimizer": get_args(OptimizerName),
    "augment": ("none", "light", "strong"),
    "checkpoint_format": ("keras", "hdf5"),
    "preprocess": get_args(PreprocessChoice),
    "fit": get_args(Fit),
    "schedule": ("constant", "cosine", "plateau"),
    "layer_rates": PRESETS,
    "keep": ("best", "last"),
    "solver": ("gradient", "logistic"),
    "precision": ("float32", "mixed"),
}
# option: (the least, and what it must stay below) of a number
_BOUNDS: dict[str, tuple[float, float]] = {
    "epochs": (1, math.inf),
    "batch_size": (1, math.inf),
    "accumulate": (1, math.inf),
    "patience": (1, math.inf),
    "seed": (0, math.inf),
    "warmup": (0, math.inf),
    "weight_decay": (0, 1),
    "label_smoothing": (0, 1),
    "views": (0, 101),
}


class Planned(NamedTuple):
    """A plan, remarks on what was decided by itself, and the model as it was read for the plan."""

    plan: TrainingPlan
    remarks: list[str]
    model: ModelFile


def plan_from_choices(model: Path, dataset: Path, choices: Choices, plan_file: Path | None = None) -> Planned:
    """What is to be trained.

    Options override the plan of ``plan_file``, which overrides the strategy's usual settings. Where the strategy is
    left to the program, the images are measured first, and the recommended plan is taken instead of those settings.

    Raises:
        TLStudioError: ``option_invalid``, ``head_invalid``, ``nothing_to_learn``, and those of reading the model and
            the plan, and of measuring.
    """
    file, given, remarks = _read(model, choices, plan_file)
    where = str(dataset.resolve())
    strategy = choices.strategy or (plan_file and given.strategy) or "auto"
    if strategy == "auto":
        _check_before_measuring(file, choices)
        base, remedied = _with_reading(given, file, where, choices)
        plan, said = recommended_plan(file, base, choices.strategy == "auto")
        remarks, is_remedied = [*remarks, *remedied, *said], True
        if choices.cut:
            plan = with_cut(file, plan, resolve_cut(file.graph, choices.cut))
    elif plan_file is not None and strategy == given.strategy:
        plan, is_remedied = msgspec.structs.replace(given, model=str(file.path), dataset=where), False
        if choices.cut:
            plan = with_cut(file, plan, resolve_cut(file.graph, choices.cut))
    else:
        plan, is_remedied = make_plan(file, where, cast(Strategy, strategy), choices.cut), False
    plan = _with_head(file, plan, choices)
    if choices.also:
        plan = with_also(file, plan, choices.also)
    if choices.freeze or choices.unfreeze or choices.freeze_below:
        plan = freeze_by_patterns(file, plan, choices.freeze, choices.unfreeze, choices.freeze_below)
    images = msgspec.structs.replace(plan.images, **choices.images)
    plan = msgspec.structs.replace(_with_settings(plan, choices), opening=file.opening, images=images)
    plan = _with_layer_rates(file, plan, choices)
    _check_solver(file, plan, choices)
    if not is_remedied:
        plan, remedied = _with_remedies(plan, choices.remedy)
        remarks = [*remarks, *remedied]
    return Planned(plan, remarks, file)


def base_plan(model: Path, dataset: Path, choices: Choices) -> tuple[ModelFile, TrainingPlan, list[str]]:
    """The model, and a plan that says how it and the images are read, and no more; with remarks.

    Raises:
        TLStudioError: ``option_invalid``, and those of reading the model.
    """
    file, given, remarks = _read(model, choices, None)
    plan, remedied = _with_reading(given, file, str(dataset.resolve()), choices)
    return file, plan, [*remarks, *remedied]


def _read(model: Path, choices: Choices, plan_file: Path | None) -> tuple[ModelFile, TrainingPlan, list[str]]:
    """The model, the plan that was given (an empty one where none was), and remarks."""
    _check(choices)
    given = load_document(TrainingPlan, plan_file) if plan_file else TrainingPlan()
    opening = choices.opening if choices.opening != Opening() else given.opening
    file = read_model(model.resolve(), opening)
    require_classifier(file)
    file, remarks = settle_size(file)
    return file, given, remarks


def _with_reading(
    plan: TrainingPlan, file: ModelFile, dataset: str, choices: Choices
) -> tuple[TrainingPlan, list[str]]:
    """The plan with all that says how model and images are read, and what was remedied of them."""
    images = msgspec.structs.replace(plan.images, **choices.images)
    plan = msgspec.structs.replace(
        _with_settings(plan, choices), model=str(file.path), dataset=dataset, opening=file.opening, images=images
    )
    return _with_remedies(plan, choices.remedy)


def _check_before_measuring(file: ModelFile, choices: Choices) -> None:
    """What would be refused after a wait is refused before it."""
    if os.environ.get("TF_CONFIG"):  # each machine would decide by its own speed and memory
        expected = "where machines train together, each needs the same plan, such as recommend --plan-out writes"
        raise TLStudioError("option_invalid", option="--strategy", value="auto", expected=expected)
    if choices.head is not None:
        parse_head(choices.head, TrainingPlan().head)
    if choices.cut:
        resolve_cut(file.graph, choices.cut)
    if choices.also:
        with_also(file, _with_head(file, make_plan(file, "", "features", choices.cut), choices), choices.also)


def _with_remedies(plan: TrainingPlan, codes: str) -> tuple[TrainingPlan, list[str]]:
    """The usual remedy for problems of these codes (separated by commas, or ``all``), and what was done."""
    if not codes:
        return plan, []
    wanted = set(REMEDIES) if codes == "all" else {code.strip() for code in codes.split(",")}
    unknown = sorted(wanted - set(REMEDIES))
    if unknown:
        expected = "choose all, or of " + ", ".join(REMEDIES)
        raise TLStudioError("option_invalid", option="--remedy", value=unknown[0], expected=expected)
    found = scan_folder(Path(plan.dataset), Control(), None, plan.layout)
    problems = [problem for problem in found.problems if problem.code in wanted]
    remedied = with_remedy(plan, found, problems)
    left_out = len(remedied.edits.leave_out) - len(plan.edits.leave_out)
    return remedied, [f"{len(problems)} problem(s) of the images were remedied; {left_out} images are left out."]


def settle_size(file: ModelFile) -> tuple[ModelFile, list[str]]:
    """The model with a size of images, and a remark where it had to be chosen here."""
    if "input_size" not in file.asks:
        return file, []
    height, width = default_size(file)
    remark = f"the network takes images of any size; {height}x{width} is used. Choose with --input-size."
    return with_input_size(file, (height, width)), [remark]


def _check(choices: Choices) -> None:
    for field, words in _WORDS.items():
        value = getattr(choices, field)
        if value is not None and value not in words:
            raise TLStudioError(
                "option_invalid", option=_option(field), value=value, expected="choose " + " or ".join(words)
            )
    for field, (least, end) in _BOUNDS.items():
        value = getattr(choices, field)
        if value is not None and not least <= value < end:
            expected = f"at least {least}" + (f" and below {end}" if end < math.inf else "")
            raise TLStudioError("option_invalid", option=_option(field), value=value, expected=expected)
    if choices.learning_rate is not None and not 0 < choices.learning_rate < 100:
        expected = "above 0 and below 100"
        raise TLStudioError(
            "option_invalid", option="--learning-rate", value=choices.learning_rate, expected=expected
        )
    check_fraction(choices.validation_split)


def _option(field: str) -> str:
    return "--" + field.replace("_", "-")


def _with_head(file: ModelFile, plan: TrainingPlan, choices: Choices) -> TrainingPlan:
    if choices.head is None:
        return plan
    head = parse_head(choices.head, plan.head if plan.head.kind == "new" else TrainingPlan().head)
    if head.kind == "new":
        return msgspec.structs.replace(plan, head=head)
    if choices.cut:
        expected = "a kept head needs the whole network, so leave out --cut"
        raise TLStudioError("option_invalid", option="--head", value="keep", expected=expected)
    return with_old_head(file, plan)


def _with_settings(plan: TrainingPlan, choices: Choices) -> TrainingPlan:
    fields = [
        "epochs",
        "batch_size",
        "accumulate",
        "patience",
        "keep",
        "validation_split",
        "augment",
        "views",
        "seed",
    ]
    fields += ["class_weights", "balanced", "label_smoothing", "solver", "precision"]
    fields += ["checkpoint_format", "preprocess", "fit", "group_by", "layout"]
    changes = {field: value for field in fields if (value := getattr(choices, field)) is not None}
    if choices.patience is not None and choices.keep is None:
        changes["keep"] = "best"  # who stops for want of gain wants what was gained
    optimizer = plan.optimizer
    if choices.optimizer is not None and choices.optimizer != optimizer.name:
        optimizer = msgspec.structs.replace(optimizer, name=choices.optimizer, nesterov=False, momentum=0.0)
    if choices.learning_rate is not None:
        optimizer = msgspec.structs.replace(optimizer, learning_rate=choices.learning_rate)
    if choices.weight_decay is not None:
        optimizer = msgspec.structs.replace(optimizer, weight_decay=choices.weight_decay)
    schedule = plan.schedule
    if choices.schedule is not None:
        schedule = msgspec.structs.replace(schedule, kind=choices.schedule)
    if choices.warmup is not None:
        schedule = msgspec.structs.replace(schedule, warmup=choices.warmup)
    return msgspec.structs.replace(plan, optimizer=optimizer, schedule=schedule, **changes)


def _with_layer_rates(file: ModelFile, plan: TrainingPlan, choices: Choices) -> TrainingPlan:
    """The plan with a preset of rates over its layers, and then those of single ones."""
    if choices.layer_rates is not None:
        rates = preset(file, plan, cast(Preset, choices.layer_rates))
        plan = msgspec.structs.replace(plan, layer_rates=rates)
    layers = trained_layers(file, plan)
    for pattern, factor in choices.layer_rate.items():
        hits = [path for path in layers if fnmatch.fnmatchcase(path, pattern) or path.startswith(pattern + "/")]
        if not hits:
            raise TLStudioError("layer_unknown", pattern=pattern)
        plan = msgspec.structs.replace(plan, layer_rates=with_rates(plan, hits, factor))
    return plan


def _check_solver(file: ModelFile, plan: TrainingPlan, choices: Choices) -> None:
    if choices.solver != "logistic":
        return
    expected = "it fits one layer on fixed features"
    if plan.head.kind == "keep" or plan.head.hidden:
        expected += ", so choose --head none"
    elif trained_layers(file, plan):
        expected += ", so leave all layers frozen"
    else:
        return
    raise TLStudioError("option_invalid", option="--solver", value="logistic", expected=expected)


assert set(get_type_hints(Choices)) >= set(_WORDS) | set(_BOUNDS)  # an option renamed is renamed here, too
