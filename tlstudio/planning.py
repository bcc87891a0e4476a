"""From what was typed on the command line to a training plan."""

import math
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec

from tlstudio.core.control import Control
from tlstudio.core.data.options import Background, Columns, Layout
from tlstudio.core.data.remedies import REMEDIES, with_remedy
from tlstudio.core.data.scan import scan_folder
from tlstudio.core.documents import load_document
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.cuts import resolve_cut
from tlstudio.core.model.inspection import require_classifier
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.opening import Opening
from tlstudio.core.model.reading import default_size, with_input_size
from tlstudio.core.model.safely import read_model
from tlstudio.core.plan import Fit, OptimizerName, PreprocessChoice, Strategy, TrainingPlan
from tlstudio.core.strategy import (
    advise,
    freeze_by_patterns,
    make_plan,
    parse_head,
    size_of,
    with_cut,
    with_old_head,
)


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """The options of ``tlstudio train``; None where one was not given."""

    strategy: str | None = None
    cut: str | None = None
    freeze_below: str | None = None
    freeze: list[str] = []
    unfreeze: list[str] = []
    head: str | None = None
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    optimizer: str | None = None
    patience: int | None = None
    validation_split: float | None = None
    augment: str | None = None
    class_weights: bool | None = None
    seed: int | None = None
    checkpoint_format: str | None = None
    preprocess: str | None = None
    fit: str | None = None
    images: dict[str, Any] = {}
    layout: Layout | None = None
    remedy: str = ""
    group_by: str | None = None
    opening: Opening = Opening()


# option: (the values it may have; empty: a number, what a number must be)
_WORDS: dict[str, tuple[str, ...]] = {
    "strategy": ("auto", *get_args(Strategy)),
    "optimizer": get_args(OptimizerName),
    "augment": ("none", "light", "strong"),
    "checkpoint_format": ("keras", "hdf5"),
    "preprocess": get_args(PreprocessChoice),
    "fit": get_args(Fit),
}
_LEAST: dict[str, int] = {"epochs": 1, "batch_size": 1, "patience": 1, "seed": 0}


def plan_from_choices(
    model: Path, dataset: Path, choices: Choices, plan_file: Path | None = None
) -> tuple[TrainingPlan, list[str]]:
    """A plan, and remarks on what was decided by itself.

    Options override the plan of ``plan_file``, which overrides the strategy's usual settings.

    Raises:
        TLStudioError: ``option_invalid``, ``head_invalid``, and those of reading the model and the plan.
    """
    _check(choices)
    given = load_document(TrainingPlan, plan_file) if plan_file else None
    opening = choices.opening if choices.opening != Opening() or given is None else given.opening
    file = read_model(model.resolve(), opening)
    require_classifier(file)
    file, size_remarks = settle_size(file)
    where = str(dataset.resolve())
    strategy, remarks = _strategy(choices, given, where)
    if given is not None and strategy == given.strategy:
        plan = msgspec.structs.replace(given, model=str(file.path), dataset=where)
        if choices.cut:
            plan = with_cut(file, plan, resolve_cut(file.graph, choices.cut))
    else:
        plan = make_plan(file, where, strategy, choices.cut)
    plan = _with_head(file, plan, choices)
    if choices.freeze or choices.unfreeze or choices.freeze_below:
        plan = freeze_by_patterns(file, plan, choices.freeze, choices.unfreeze, choices.freeze_below)
    images = msgspec.structs.replace(plan.images, **choices.images)
    plan = msgspec.structs.replace(_with_settings(plan, choices), opening=file.opening, images=images)
    plan, remedied = _with_remedies(plan, choices.remedy)
    return plan, [*size_remarks, *remarks, *remedied]


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


def opening_from(architecture: str, input_size: str, output: str, replace: list[str]) -> Opening:
    """The choices of the command line for a model file that leaves something open. Raises ``option_invalid``."""
    replacements = {}
    for pair in replace:
        layer, found, choice = pair.partition("=")
        if not found or not layer or not choice:
            expected = "write LAYER=KIND, such as lambda_1=symmetric"
            raise TLStudioError("option_invalid", option="--replace", value=pair, expected=expected)
        replacements[layer] = choice
    size = _size_from(input_size) if input_size else None
    return Opening(architecture=architecture, input_size=size, output=output, replacements=replacements)


def layout_from(class_level: int, table_columns: str) -> Layout:
    """How the dataset says which image is of which class. Raises ``option_invalid``."""
    if not 1 <= class_level <= 20:
        raise TLStudioError("option_invalid", option="--class-level", value=class_level, expected="between 1 and 20")
    named = {}
    for pair in filter(None, table_columns.split(",")):
        kind, found, name = pair.partition("=")
        if not found or kind.strip() not in Columns.__struct_fields__:
            expected = f"write KIND=NAME, separated by commas, with the kinds {', '.join(Columns.__struct_fields__)}"
            raise TLStudioError("option_invalid", option="--table-columns", value=pair, expected=expected)
        named[kind.strip()] = name.strip()
    return Layout(class_level=class_level, columns=Columns(**named))


def images_from(page: int | None, scaling: str | None, background: str | None) -> dict[str, Any]:
    """What was said of deep, many-paged and transparent images, as fields of ``ImageOptions``.

    Raises ``option_invalid``.
    """
    fields: dict[str, Any] = {}
    if page is not None:
        if page < 1:
            raise TLStudioError("option_invalid", option="--page", value=page, expected="at least 1")
        fields["page"] = page - 1
    if background is not None:
        if background not in get_args(Background):
            expected = "choose " + " or ".join(get_args(Background))
            raise TLStudioError("option_invalid", option="--background", value=background, expected=expected)
        fields["background"] = background
    if scaling in {"full", "percentiles"}:
        fields["scaling"] = scaling
    elif scaling is not None:
        fields |= {"scaling": "window"} | dict(zip(("low", "high"), _window_from(scaling), strict=True))
    return fields


def _window_from(text: str) -> tuple[float, float]:
    low, found, high = text.partition(":")
    try:
        window = float(low), float(high)
    except ValueError:
        window = (0.0, 0.0)
    if not found or not -math.inf < window[0] < window[1] < math.inf:
        expected = "choose full or percentiles, or write LOW:HIGH in the file's units, such as 0:4095"
        raise TLStudioError("option_invalid", option="--scaling", value=text, expected=expected)
    return window


def _size_from(text: str) -> tuple[int, int]:
    sides = text.lower().replace("×", "x").split("x")
    if len(sides) == 1:
        sides *= 2
    if len(sides) == 2 and all(side.strip().isdigit() and 1 <= int(side) <= 8192 for side in sides):
        return int(sides[0]), int(sides[1])
    expected = "write HEIGHTxWIDTH in pixels, such as 224x224"
    raise TLStudioError("option_invalid", option="--input-size", value=text, expected=expected)


def _check(choices: Choices) -> None:
    for field, words in _WORDS.items():
        value = getattr(choices, field)
        if value is not None and value not in words:
            raise TLStudioError(
                "option_invalid", option=_option(field), value=value, expected="choose " + " or ".join(words)
            )
    for field, least in _LEAST.items():
        value = getattr(choices, field)
        if value is not None and value < least:
            raise TLStudioError("option_invalid", option=_option(field), value=value, expected=f"at least {least}")
    if choices.learning_rate is not None and not 0 < choices.learning_rate < 100:
        expected = "above 0 and below 100"
        raise TLStudioError(
            "option_invalid", option="--learning-rate", value=choices.learning_rate, expected=expected
        )
    check_fraction(choices.validation_split)


def check_fraction(value: float | None) -> None:
    """Raises ``option_invalid`` for a validation split that leaves nothing to train or nothing to validate."""
    if value is not None and not 0 < value < 0.9:
        expected = "above 0 and below 0.9"
        raise TLStudioError("option_invalid", option="--validation-split", value=value, expected=expected)


def _option(field: str) -> str:
    return "--" + field.replace("_", "-")


def _strategy(choices: Choices, given: TrainingPlan | None, dataset: str) -> tuple[Any, list[str]]:
    if choices.strategy not in {None, "auto"}:
        return choices.strategy, []
    if choices.strategy is None and given is not None:
        return given.strategy, []
    found = scan_folder(Path(dataset), Control(), None, choices.layout or (given or TrainingPlan()).layout)
    images = sum(entry.part in {None, "train"} for entry in found.entries)
    advice = advise(size_of(images, len(found.classes)), "similar")
    remark = (
        f"strategy {advice.strategy}: {images} training images in {len(found.classes)} classes are "
        f"{'few' if advice.size == 'small' else 'many'}; the images are taken to be similar to what the "
        "network knows. Choose --strategy lower-features or init if they are not."
    )
    return advice.strategy, [remark]


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
    fields = ["epochs", "batch_size", "patience", "validation_split", "augment", "class_weights", "seed"]
    fields += ["checkpoint_format", "preprocess", "fit", "group_by", "layout"]
    changes = {field: value for field in fields if (value := getattr(choices, field)) is not None}
    optimizer = plan.optimizer
    if choices.optimizer is not None and choices.optimizer != optimizer.name:
        optimizer = msgspec.structs.replace(optimizer, name=choices.optimizer, nesterov=False, momentum=0.0)
    if choices.learning_rate is not None:
        optimizer = msgspec.structs.replace(optimizer, learning_rate=choices.learning_rate)
    return msgspec.structs.replace(plan, optimizer=optimizer, **changes)


assert set(get_type_hints(Choices)) >= set(_WORDS) | set(_LEAST)  # an option renamed is renamed here, too
