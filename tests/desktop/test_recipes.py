"""The finer settings of a recipe: what they show, what they change, and that all of it can be undone."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QPushButton, QSpinBox

from tests.desktop.test_main_window import open_sample
from tlstudio.core.data.augmentation import LIGHT, STRONG, Augmentation
from tlstudio.core.plan import HeadFirst, Optimizer, Schedule, TrainingPlan
from tlstudio.desktop import workspace
from tlstudio.desktop.main_window import MainWindow
from tlstudio.desktop.recipe_dialog import RecipeDialog


@pytest.fixture
def dialog(window: MainWindow, sample: Path, qtbot: Any) -> RecipeDialog:
    open_sample(window, sample, qtbot)
    window.findChild(QPushButton, "advancedButton").click()
    return window.findChild(RecipeDialog)


def edit(dialog: RecipeDialog, name: str, value: Any) -> None:
    widget = dialog.fields[name].widget
    match widget:
        case QComboBox():
            widget.setCurrentIndex(widget.findData(value))
            widget.activated.emit(widget.currentIndex())
        case QCheckBox():
            assert widget.isChecked() != value
            widget.click()
        case QSpinBox() | QDoubleSpinBox():
            widget.setValue(value)


CLASSIC: dict[str, Any] = {
    "name": "sgd", "learning_rate": 1e-3, "decay": 1e-6, "momentum": 0.9, "nesterov": True,
}  # fmt: skip
CHANGES: list[tuple[str, Any, dict[str, Any]]] = [
    ("schedule", "cosine", {"schedule": Schedule(kind="cosine")}),
    ("warmup", 2.5, {"schedule": Schedule(warmup=2.5)}),
    ("rateFloor", 7.0, {"schedule": Schedule(floor=0.07)}),
    ("plateauFactor", 50, {"schedule": Schedule(factor=0.5)}),
    ("plateauPatience", 5, {"schedule": Schedule(patience=5)}),
    ("headFirst", True, {"head_first": HeadFirst()}),
    ("timeDecay", 2e-5, {"optimizer": Optimizer(**(CLASSIC | {"decay": 2e-5}))}),
    ("momentum", 0.8, {"optimizer": Optimizer(**(CLASSIC | {"momentum": 0.8}))}),
    ("nesterov", False, {"optimizer": Optimizer(**(CLASSIC | {"nesterov": False}))}),
    ("labelSmoothing", 10, {"label_smoothing": 0.1}),
    ("balanced", True, {"balanced": True}),
    ("rareClasses", True, {"class_weights": True}),
    ("accumulate", 4, {"accumulate": 4}),
    ("precision", "mixed", {"precision": "mixed"}),
    ("solver", "logistic", {"solver": "logistic"}),
    ("keep", "last", {"keep": "last"}),
    ("augmentChoice", "strong", {"augment": "strong"}),
    ("rotation", 90, {"augment": "own", "augmentation": Augmentation(rotation=90)}),
    ("shift", 7, {"augment": "own", "augmentation": Augmentation(shift=0.07)}),
    ("flip", True, {"augment": "own", "augmentation": Augmentation(flip=True)}),
]


@pytest.mark.parametrize(("name", "value", "changes"), CHANGES, ids=[change[0] for change in CHANGES])
def test_that_each_box_changes_its_part_of_the_plan_alone(
    window: MainWindow, dialog: RecipeDialog, name: str, value: Any, changes: dict[str, Any]
) -> None:
    before = window.workspace.plan
    edit(dialog, name, value)
    assert window.workspace.plan == msgspec.structs.replace(before, **changes)
    window.commands.undo.trigger()
    assert window.workspace.plan == before


def test_that_weight_decay_may_be_the_optimizers_own_or_a_number(window: MainWindow, dialog: RecipeDialog) -> None:
    assert dialog.weight_decay.text() == "the optimizer's own"
    edit(dialog, "weightDecay", 0.01)
    assert window.workspace.plan.optimizer.weight_decay == 0.01
    edit(dialog, "weightDecay", 0.0)
    assert window.workspace.plan.optimizer.weight_decay == 0.0
    edit(dialog, "weightDecay", dialog.weight_decay.minimum())
    assert window.workspace.plan.optimizer.weight_decay is None


def test_that_an_own_mix_begins_with_what_was_chosen_before(window: MainWindow, dialog: RecipeDialog) -> None:
    edit(dialog, "augmentChoice", "light")
    assert dialog.fields["zoom"].widget.value() == 8
    edit(dialog, "zoom", 30)
    assert window.workspace.plan.augmentation == msgspec.structs.replace(LIGHT, zoom=0.3)
    assert dialog.augment.currentData() == window.plan_panel.augment.currentData() == "own"


def test_that_choosing_an_own_mix_begins_with_what_was_chosen_before(
    window: MainWindow, dialog: RecipeDialog
) -> None:
    box = window.plan_panel.augment
    for choice in ("strong", "own", "light", "own"):
        box.setCurrentIndex(box.findData(choice))
        box.activated.emit(box.currentIndex())
    assert window.workspace.plan.augmentation == STRONG, "a mix that was made is kept"
    assert dialog.fields["contrast"].widget.value() == 30


def test_that_the_heads_own_stage_has_its_epochs(window: MainWindow, dialog: RecipeDialog) -> None:
    assert not dialog.head_epochs.isEnabled()
    edit(dialog, "headFirst", True)
    edit(dialog, "headEpochs", 12)
    assert window.workspace.plan.head_first == HeadFirst(epochs=12)
    edit(dialog, "headFirst", False)
    assert window.workspace.plan.head_first is None


def test_that_opening_and_undoing_change_no_number_by_rounding(window: MainWindow, dialog: RecipeDialog) -> None:
    plan = msgspec.structs.replace(
        window.workspace.plan, schedule=Schedule(kind="plateau", floor=0.0123, factor=0.333), augment="strong"
    )
    window.workspace.change_plan(plan, workspace.SETTING)
    assert window.workspace.plan == plan
    edit(dialog, "plateauPatience", 7)
    schedule = window.workspace.plan.schedule
    assert (schedule.floor, schedule.factor, schedule.patience) == (0.0123, 0.333, 7)


def head(window: MainWindow, spec: str) -> None:
    window.plan_panel.head.setText(spec)
    window.plan_panel.head.editingFinished.emit()


def test_that_a_solver_is_offered_only_where_it_can_fit_the_head(window: MainWindow, dialog: RecipeDialog) -> None:
    assert not dialog.solver.isEnabled()
    head(window, "none")
    assert dialog.solver.isEnabled()
    edit(dialog, "augmentChoice", "light")
    assert not dialog.solver.isEnabled() and "no augmentation" in dialog.solver.toolTip()
    edit(dialog, "augmentChoice", "none")
    edit(dialog, "solver", "logistic")
    head(window, "32")
    assert dialog.solver.isEnabled(), "it can be taken back"
    edit(dialog, "solver", "gradient")
    assert not dialog.solver.isEnabled()


def test_that_only_what_has_an_effect_is_enabled(window: MainWindow, dialog: RecipeDialog) -> None:
    assert not dialog.floor.isEnabled() and not dialog.factor.isEnabled() and not dialog.views.isEnabled()
    edit(dialog, "schedule", "cosine")
    assert dialog.floor.isEnabled() and not dialog.factor.isEnabled()
    edit(dialog, "schedule", "plateau")
    assert dialog.factor.isEnabled()
    window.plan_panel.batch_size.setValue(12)
    assert dialog.parts.maximum() == 12, "a part is an image at least"


def test_that_the_cost_of_kept_versions_is_told(window: MainWindow, dialog: RecipeDialog) -> None:
    edit(dialog, "augmentChoice", "light")
    assert "anew for every image" in dialog.cost.text()
    edit(dialog, "views", 5)
    images = len(window.workspace.split.train)
    (values,) = window.workspace.model.shapes["flatten_1"]
    assert window.workspace.plan.views == 5
    size = 5 * images * values * 4 / 1e6
    assert f"about {size:.1f} MB" in dialog.cost.text()


def test_that_every_box_says_what_it_is_for(dialog: RecipeDialog) -> None:
    for name, field in dialog.fields.items():
        assert field.widget.accessibleName() and len(field.widget.toolTip()) > 15, name


def test_that_the_wizard_keeps_what_is_not_about_the_way(window: MainWindow, dialog: RecipeDialog) -> None:
    edit(dialog, "rotation", 30)
    edit(dialog, "balanced", True)
    old = window.workspace.plan

    window.plan_dialogs.take_plan(TrainingPlan(model=old.model, dataset=old.dataset, cut=old.cut, frozen=old.frozen))
    plan = window.workspace.plan
    assert (plan.augment, plan.augmentation.rotation, plan.balanced) == ("own", 30, True)


@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_that_the_boxes_of_a_column_begin_below_each_other(
    window: MainWindow, dialog: RecipeDialog, code: str, qtbot: Any
) -> None:
    window.set_language(code)
    with qtbot.waitExposed(dialog):
        dialog.layout().activate()
    boxes = [field.widget for field in dialog.fields.values() if not isinstance(field.widget, QCheckBox)]
    places = {box.mapTo(dialog, box.rect().topLeft()).x() for box in boxes}
    assert len(places) == 2, "one left edge for each of the two columns"
