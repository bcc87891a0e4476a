"""The finer settings of a recipe, in plain words: how the rate moves, how classes count, memory, augmentation.

Each change is one edit of the plan that can be undone.
"""

from typing import Any

import msgspec
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from tlstudio.core.data import augmentation
from tlstudio.core.plan import HeadFirst, TrainingPlan
from tlstudio.desktop import texts
from tlstudio.desktop.making import fill_choices, make
from tlstudio.desktop.own_mix import amount, with_choice
from tlstudio.desktop.plan_field import Editor, PlanField, Read, Write, at
from tlstudio.desktop.recipe_words import NOT_SOLVABLE, WORDS
from tlstudio.desktop.translated import Translated
from tlstudio.desktop.workspace import Workspace

VALUE = 4  # bytes of a number that is kept
USUAL = -0.0001  # what the box of the weight decay shows as words instead of a number
COLUMNS = ("stages", "rate", "work"), ("augment", "classes")  # the groups, from left to right
MERGED_FROM = 200  # edits of one box in a row merge; other panels count below


class RecipeDialog(Translated, QDialog):
    """Stays open beside the window, and follows its plan."""

    def __init__(self, space: Workspace, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("recipeDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._space = space
        self.fields: dict[str, PlanField] = {}
        self._forms: dict[str, QFormLayout] = {}
        self._build()
        space.plan_changed.connect(self._show)
        space.dataset_changed.connect(self._show)
        self.retranslate()

    # -- building ---------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._boxes = {name: QGroupBox() for name in ("stages", "rate", "classes", "work", "augment")}
        self._forms = {name: QFormLayout(box) for name, box in self._boxes.items()}
        self._build_stages()
        self._build_rate()
        self._build_classes()
        self._build_work()
        self._build_augmentation()
        columns = QHBoxLayout()
        for names in COLUMNS:
            column = QVBoxLayout()
            for name in names:
                column.addWidget(self._boxes[name])
            column.addStretch(1)
            columns.addLayout(column, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(columns, 1)
        layout.addWidget(buttons)

    def _add(self, form: str, name: str, widget: Editor, *path: str, scale: float = 1.0) -> Any:
        """A box for the plan's value at ``path``, with its label; returns the box."""
        return self._add_field(form, name, PlanField(self._space, widget, *at(*path, scale=scale), self._next_key()))

    def _add_field(self, form: str, name: str, field: PlanField) -> Any:
        widget = field.widget
        widget.setObjectName(f"{name}Box")
        if isinstance(widget, QComboBox):
            widget.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            widget.setMinimumContentsLength(12)
        self.fields[name] = field
        if isinstance(widget, QCheckBox):
            self._forms[form].addRow(widget)
        else:
            self._forms[form].addRow(" ", widget)
        return widget

    def _next_key(self) -> int:
        return MERGED_FROM + len(self.fields)

    def _build_stages(self) -> None:
        field = PlanField(self._space, QCheckBox(), lambda plan: plan.head_first is not None, _with_head_first)
        self.head_first = self._add_field("stages", "headFirst", field)
        epochs = PlanField(
            self._space, QSpinBox(minimum=1, maximum=10_000), *_of_head_first("epochs"), self._next_key()
        )
        self.head_epochs = self._add_field("stages", "headEpochs", epochs)

        self.keep = self._add("stages", "keep", QComboBox(), "keep")

    def _build_rate(self) -> None:
        self.schedule = self._add("rate", "schedule", QComboBox(), "schedule", "kind")
        warmup = QDoubleSpinBox(decimals=1, minimum=0, maximum=1000, singleStep=0.5)
        self.warmup = self._add("rate", "warmup", warmup, "schedule", "warmup")
        floor = QDoubleSpinBox(decimals=1, minimum=0, maximum=99.9, suffix=" %")
        self.floor = self._add("rate", "rateFloor", floor, "schedule", "floor", scale=100)
        factor = QDoubleSpinBox(decimals=0, minimum=1, maximum=99, singleStep=5, suffix=" %")
        self.factor = self._add("rate", "plateauFactor", factor, "schedule", "factor", scale=100)
        patience = QSpinBox(minimum=1, maximum=100_000)
        self.plateau_patience = self._add("rate", "plateauPatience", patience, "schedule", "patience")
        slowing = QDoubleSpinBox(decimals=7, minimum=0, maximum=1, singleStep=1e-6)
        slowing.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.time_decay = self._add("rate", "timeDecay", slowing, "optimizer", "decay")
        momentum = QDoubleSpinBox(decimals=3, minimum=0, maximum=0.999, singleStep=0.05)
        self.momentum = self._add("rate", "momentum", momentum, "optimizer", "momentum")
        self.nesterov = self._add("rate", "nesterov", QCheckBox(), "optimizer", "nesterov")
        decay = QDoubleSpinBox(decimals=6, minimum=USUAL, maximum=0.999, singleStep=1e-4)
        decay.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        field = PlanField(self._space, decay, _decay_of, _with_decay, self._next_key())
        self.weight_decay = self._add_field("rate", "weightDecay", field)

    def _build_classes(self) -> None:
        smoothing = QDoubleSpinBox(decimals=1, minimum=0, maximum=90, suffix=" %")
        self.smoothing = self._add("classes", "labelSmoothing", smoothing, "label_smoothing", scale=100)
        self.balanced = self._add("classes", "balanced", QCheckBox(), "balanced")
        self.weights = self._add("classes", "rareClasses", QCheckBox(), "class_weights")

    def _build_work(self) -> None:
        self.parts = self._add("work", "accumulate", QSpinBox(minimum=1, maximum=65_536), "accumulate")
        self.precision = self._add("work", "precision", QComboBox(), "precision")
        self.solver = self._add("work", "solver", QComboBox(), "solver")

    def _build_augmentation(self) -> None:
        field = PlanField(self._space, QComboBox(), lambda plan: plan.augment, with_choice)
        self.augment = self._add_field("augment", "augmentChoice", field)
        limits: dict[str, Any] = {"decimals": 0, "minimum": 0, "maximum": 90, "suffix": " %", "singleStep": 5}
        amounts: dict[str, tuple[Editor, float]] = {
            "rotation": (QDoubleSpinBox(decimals=0, minimum=0, maximum=180, singleStep=5, suffix="°"), 1.0),
            "shift": (QDoubleSpinBox(decimals=0, minimum=0, maximum=50, suffix=" %"), 100.0),
            "zoom": (QDoubleSpinBox(**limits), 100.0),
            "brightness": (QDoubleSpinBox(**limits), 100.0),
            "contrast": (QDoubleSpinBox(**limits), 100.0),
            "flip": (QCheckBox(), 1.0),
            "flip_vertical": (QCheckBox(), 1.0),
        }
        for name, (widget, scale) in amounts.items():
            field = PlanField(self._space, widget, *amount(name, scale), self._next_key())
            self._add_field("augment", name, field)
        self.views = self._add("augment", "views", QSpinBox(minimum=0, maximum=100), "views")
        self.cost = make(QLabel, "viewsCost", wordWrap=True)
        self._forms["augment"].addRow(self.cost)

    # -- words ------------------------------------------------------------------------------------------

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Advanced training settings"))
        self._boxes["stages"].setTitle(self.tr("Stages"))
        self._boxes["rate"].setTitle(self.tr("Steps of the optimizer"))
        self._boxes["classes"].setTitle(self.tr("Classes"))
        self._boxes["work"].setTitle(self.tr("Memory and arithmetic"))
        self._boxes["augment"].setTitle(self.tr("Random changes of training images"))
        schedules = {
            "constant": self.tr("stays as it is"),
            "cosine": self.tr("falls along a cosine"),
            "plateau": self.tr("falls without gain"),
        }
        changes = {
            "none": self.tr("none"),
            "light": self.tr("light"),
            "strong": self.tr("strong"),
            "own": self.tr("own mix"),
        }
        fill_choices(self.schedule, schedules)
        fill_choices(
            self.precision, {"float32": self.tr("full"), "mixed": self.tr("mixed, where a GPU gains from it")}
        )
        solvers = {"gradient": self.tr("by gradient steps"), "logistic": self.tr("by a solver (L-BFGS)")}
        fill_choices(self.solver, solvers)
        fill_choices(self.augment, changes)
        fill_choices(self.keep, {"best": self.tr("the best by validation"), "last": self.tr("the last")})
        self.warmup.setSpecialValueText(self.tr("none"))
        self.weight_decay.setSpecialValueText(self.tr("the optimizer's own"))
        self.views.setSpecialValueText(self.tr("anew in each epoch"))
        for name, (label, tip) in WORDS.items():
            self._name(name, _t(label), _t(tip))
        self._align()
        self._show()

    def _name(self, name: str, label: str, tip: str) -> None:
        widget = self.fields[name].widget
        widget.setToolTip(tip)
        widget.setAccessibleName(label)
        if isinstance(widget, QCheckBox):
            widget.setText(label)
            return
        for form in self._forms.values():
            of_row = form.labelForField(widget)
            if isinstance(of_row, QLabel):
                of_row.setText(label)
                of_row.setToolTip(tip)

    def _align(self) -> None:
        """The boxes of a column begin below each other, whichever group they are in."""
        for names in COLUMNS:
            forms = [self._forms[name] for name in names]
            fields = [field.widget for field in self.fields.values()]
            labels = [label for form in forms for field in fields if (label := form.labelForField(field)) is not None]
            width = max(label.sizeHint().width() for label in labels)
            for label in labels:
                label.setMinimumWidth(width)

    # -- what is shown ----------------------------------------------------------------------------------

    def _show(self) -> None:
        plan = self._space.plan
        for box in self._boxes.values():
            box.setEnabled(plan is not None)
        if plan is None:
            self.cost.clear()
            return
        for field in self.fields.values():
            field.show(plan)
        self.parts.setMaximum(plan.batch_size)
        kind = plan.schedule.kind
        self.floor.setEnabled(kind != "constant")
        self.factor.setEnabled(kind == "plateau")
        self.plateau_patience.setEnabled(kind == "plateau")
        self.head_first.setEnabled(plan.head.kind == "new")
        self.head_epochs.setEnabled(plan.head_first is not None and plan.head.kind == "new")
        self.keep.setEnabled(plan.solver == "gradient")
        self.momentum.setEnabled(plan.optimizer.name in {"sgd", "rmsprop"})
        self.nesterov.setEnabled(plan.optimizer.name == "sgd" and plan.optimizer.momentum > 0)
        self._show_solver(plan)
        changes = not augmentation.of(plan.augment, plan.augmentation).is_plain
        self.views.setEnabled(changes)
        self.cost.setText(self._cost(plan) if changes else "")

    def _show_solver(self, plan: TrainingPlan) -> None:
        from tlstudio.core.strategy import may_be_solved

        model = self._space.model
        can_be_solved = model is not None and may_be_solved(model, plan)
        # What no longer fits can be taken back.
        self.solver.setEnabled(can_be_solved or plan.solver != "gradient")
        self.solver.setToolTip(_t(WORDS["solver"][1] if can_be_solved else NOT_SOLVABLE))

    def _cost(self, plan: TrainingPlan) -> str:
        """What the kept versions take of the disk, as far as there is a frozen part and it is known."""
        from tlstudio.core.forecast import parts_of

        model, split = self._space.model, self._space.split
        if model is None or split is None:
            return ""
        frozen = parts_of(model, plan, len(self._space.classes)).frozen
        if not frozen.layers:
            return self.tr("Nothing below the layers that train is frozen, so nothing is kept.")
        if not plan.views:
            return self.tr("The frozen part is computed anew for every image in every epoch.")
        taken = plan.views * len(split.train) * frozen.result * VALUE
        return self.tr("The versions take about {size} of the disk.").format(size=texts.bytes_text(taken))


def _t(text: str) -> str:
    return QCoreApplication.translate("Recipe", text)


def _with_head_first(plan: TrainingPlan, is_on: bool) -> TrainingPlan:
    return msgspec.structs.replace(plan, head_first=HeadFirst() if is_on else None)


def _of_head_first(name: str) -> tuple[Read, Write]:
    def read(plan: TrainingPlan) -> Any:
        return getattr(plan.head_first or HeadFirst(), name)

    def write(plan: TrainingPlan, value: Any) -> TrainingPlan:
        first = msgspec.structs.replace(plan.head_first or HeadFirst(), **{name: value})
        return msgspec.structs.replace(plan, head_first=first)

    return read, write


def _decay_of(plan: TrainingPlan) -> float:
    decay = plan.optimizer.weight_decay
    return USUAL if decay is None else decay


def _with_decay(plan: TrainingPlan, value: float) -> TrainingPlan:
    decay = None if value < 0 else round(value, 10)
    return msgspec.structs.replace(plan, optimizer=msgspec.structs.replace(plan.optimizer, weight_decay=decay))
