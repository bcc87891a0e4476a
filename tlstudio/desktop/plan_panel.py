"""The settings of the plan in a form. Each edit is one step that can be undone; edits in a row merge."""

import html
from typing import Any

import msgspec
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tlstudio.core.errors import TLStudioError
from tlstudio.core.plan import Optimizer, TrainingPlan
from tlstudio.desktop import texts, workspace
from tlstudio.desktop.making import fill_choices, make
from tlstudio.desktop.own_mix import with_choice
from tlstudio.desktop.review_panel import ReviewPanel
from tlstudio.desktop.translated import Translated
from tlstudio.desktop.workspace import Workspace

OPTIMIZERS = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop"}
LEAST_RATE = 72  # pixels; beside the button a small screen has no more
# Which edits merge into one step of the undo list: those of the same field.
_MERGE = {name: key for key, name in enumerate(("rate", "epochs", "batch_size", "patience", "validation_split"), 1)}


class PlanPanel(Translated, QWidget):
    """Shows ``workspace.plan``."""

    failed = Signal(object)  # TLStudioError
    rate_search_requested = Signal()
    advanced_requested = Signal()

    def __init__(self, space: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("planPanel")
        self._space = space
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        self.strategy = make(QLabel, "strategyLabel", wordWrap=True)
        self.head = make(QLineEdit, "headEdit")
        self.optimizer = make(QComboBox, "optimizerBox")
        for code, name in OPTIMIZERS.items():
            self.optimizer.addItem(name, code)
        self.rate = make(QDoubleSpinBox, "learningRateBox", decimals=7, minimum=1e-7, maximum=10, singleStep=1e-4)
        self.rate.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.epochs = make(QSpinBox, "epochsBox", minimum=1, maximum=100_000)
        self.batch_size = make(QSpinBox, "batchSizeBox", minimum=1, maximum=65_536)
        self.patience = make(QSpinBox, "patienceBox", minimum=1, maximum=100_000)
        self.validation_split = make(QSpinBox, "validationSplitBox", minimum=1, maximum=89, suffix=" %")
        self.augment = make(QComboBox, "augmentBox")
        self.preprocess = make(QComboBox, "preprocessBox")
        self.fit = make(QComboBox, "fitBox")
        self.format = make(QComboBox, "checkpointFormatBox")
        for box in (self.optimizer, self.augment, self.preprocess, self.fit, self.format):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(6)  # the longest text would not fit a small screen
        self.class_weights = make(QCheckBox, "classWeightsBox")
        for spin in (self.rate, self.epochs, self.batch_size, self.patience, self.validation_split):
            spin.setKeyboardTracking(False)
        self.form = QFormLayout()
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setVerticalSpacing(4)
        self._fields: list[QWidget] = [
            self.head, self.optimizer, self.rate, self.epochs, self.batch_size, self.patience,
            self.validation_split, self.augment, self.preprocess, self.fit, self.format,
        ]  # fmt: skip
        self.find_rate_button = make(QToolButton, "findRateButton")
        self.rate.setMinimumWidth(LEAST_RATE)
        rate_row = QHBoxLayout()
        rate_row.addWidget(self.rate, 1)
        rate_row.addWidget(self.find_rate_button)
        for field in self._fields:
            self.form.addRow(QLabel(), rate_row if field is self.rate else field)
        self.form.addRow(self.class_weights)
        self.advanced_button = make(QPushButton, "advancedButton")
        self.form.addRow(self.advanced_button)
        self.content = QWidget()
        self.content.setLayout(self.form)
        layout = QVBoxLayout(self)
        layout.addWidget(self.strategy)
        self.review = ReviewPanel(self._space)
        layout.addWidget(self.review)
        layout.addWidget(self.content)
        layout.addStretch(1)

    def _connect(self) -> None:
        self._space.plan_changed.connect(self._show)
        self.head.editingFinished.connect(self._on_head_edited)
        self.optimizer.activated.connect(self._on_optimizer_chosen)
        self.rate.valueChanged.connect(lambda value: self._change_optimizer("rate", learning_rate=value))
        self.epochs.valueChanged.connect(lambda value: self._change("epochs", value))
        self.batch_size.valueChanged.connect(lambda value: self._change("batch_size", value))
        self.patience.valueChanged.connect(lambda value: self._change("patience", value))
        self.validation_split.valueChanged.connect(lambda value: self._change("validation_split", value / 100))
        self.augment.activated.connect(self._on_augment_chosen)
        self.preprocess.activated.connect(lambda: self._change("preprocess", self.preprocess.currentData()))
        self.fit.activated.connect(lambda: self._change("fit", self.fit.currentData()))
        self.format.activated.connect(lambda: self._change("checkpoint_format", self.format.currentData()))
        self.find_rate_button.clicked.connect(self.rate_search_requested)
        self.advanced_button.clicked.connect(self.advanced_requested)
        self.class_weights.clicked.connect(lambda is_on: self._change("class_weights", is_on))

    def retranslate(self) -> None:
        labels = (
            self.tr("New head"), self.tr("Optimizer"), self.tr("Learning rate"), self.tr("Epochs at most"),
            self.tr("Batch size"), self.tr("Patience (epochs)"), self.tr("Validation share"),
            self.tr("Augmentation"), self.tr("Pixel values"), self.tr("Fit to size by"), self.tr("Save as"),
        )  # fmt: skip
        for row, (field, text) in enumerate(zip(self._fields, labels, strict=True)):
            item = self.form.itemAt(row, QFormLayout.ItemRole.LabelRole)
            label = item.widget() if item is not None else None
            if isinstance(label, QLabel):
                label.setText(text)
                label.setBuddy(field)
            field.setAccessibleName(text)
        self.find_rate_button.setText(self.tr("Find…"))
        self.find_rate_button.setToolTip(
            self.tr("Try learning rates on this network and these images, and propose one; nothing is changed by it")
        )
        self.advanced_button.setText(self.tr("Advanced…"))
        self.advanced_button.setToolTip(
            self.tr("How the rate moves, rare classes, memory, solver, and the mix of random changes")
        )
        self.head.setToolTip(
            self.tr(
                "Sizes of hidden layers, such as 256,64; “none” for none; “keep” keeps the model's own classifier"
            )
        )
        self.class_weights.setText(self.tr("Give rare classes more weight"))
        fill_choices(
            self.augment,
            {
                "none": self.tr("none"),
                "light": self.tr("light"),
                "strong": self.tr("strong"),
                "own": self.tr("own mix"),
            },
        )
        modes = {mode: texts.preprocessing_name(mode) for mode in texts.PREPROCESSING}
        fill_choices(self.preprocess, {"auto": self.tr("found by itself"), **modes})
        fill_choices(
            self.fit, {"crop": self.tr("cropping"), "pad": self.tr("padding"), "stretch": self.tr("stretching")}
        )
        fill_choices(self.format, {"keras": ".keras", "hdf5": ".hdf5"})
        self._show()

    # -- what is shown ----------------------------------------------------------------------------------

    def _show(self) -> None:
        plan = self._space.plan
        self.content.setVisible(plan is not None)
        if plan is None:
            problem = self._space.problem
            self.strategy.setText(f"<span>{html.escape(texts.problem_text(problem))}</span>" if problem else "")
            return
        cut = plan.cut or ""
        text = self.tr("{strategy}, cut at {layer}") if cut else self.tr("{strategy}, the old head is kept")
        if plan.also:
            text = self.tr("{strategy}, cut at {layer}, with the features of {also}, too")
        strategy, also = f"<b>{texts.strategy_name(plan.strategy)}</b>", html.escape(", ".join(plan.also))
        self.strategy.setText(text.format(strategy=strategy, layer=html.escape(cut), also=also))
        blockers = [QSignalBlocker(widget) for widget in (*self._fields, self.class_weights)]
        self.head.setText(head_text(plan))
        self.rate.setValue(plan.optimizer.learning_rate)
        self.epochs.setValue(plan.epochs)
        self.batch_size.setValue(plan.batch_size)
        self.patience.setValue(plan.patience)
        self.validation_split.setValue(round(100 * plan.validation_split))
        for box, code in (
            (self.optimizer, plan.optimizer.name),
            (self.augment, plan.augment),
            (self.preprocess, plan.preprocess),
            (self.fit, plan.fit),
            (self.format, plan.checkpoint_format),
        ):
            box.setCurrentIndex(box.findData(code))
        self.class_weights.setChecked(plan.class_weights)
        for blocker in blockers:
            blocker.unblock()

    def set_busy(self, is_busy: bool) -> None:
        """While a run goes on, no rates can be tried."""
        self.find_rate_button.setEnabled(not is_busy)

    # -- what is asked for ------------------------------------------------------------------------------

    def _change(self, field: str, value: Any) -> None:
        plan = self._space.plan
        if plan is not None:
            changed = msgspec.structs.replace(plan, **{field: value})
            self._space.change_plan(changed, workspace.SETTING, _MERGE.get(field, -1))

    def _change_optimizer(self, field: str, **changes: Any) -> None:
        plan = self._space.plan
        if plan is not None:
            changed = msgspec.structs.replace(plan, optimizer=msgspec.structs.replace(plan.optimizer, **changes))
            self._space.change_plan(changed, workspace.SETTING, _MERGE.get(field, -1))

    def _on_optimizer_chosen(self) -> None:
        plan = self._space.plan
        if plan is not None and self.optimizer.currentData() != plan.optimizer.name:
            rate = plan.optimizer.learning_rate
            changed = Optimizer(name=self.optimizer.currentData(), learning_rate=rate)
            self._space.change_plan(msgspec.structs.replace(plan, optimizer=changed), workspace.SETTING)

    def _on_augment_chosen(self) -> None:
        plan = self._space.plan
        if plan is not None:
            self._space.change_plan(with_choice(plan, self.augment.currentData()), workspace.SETTING)

    def _on_head_edited(self) -> None:
        from tlstudio.core.strategy import make_plan, parse_head, with_old_head

        plan, model = self._space.plan, self._space.model
        if plan is None or model is None or self.head.text().strip() == head_text(plan):
            return
        try:
            old = plan.head if plan.head.kind == "new" else TrainingPlan().head
            head = parse_head(self.head.text(), old)
            if head.kind == "keep":
                changed = with_old_head(model, plan)
            elif plan.cut is None:
                usual = make_plan(model, plan.dataset, plan.strategy)
                changed = msgspec.structs.replace(plan, head=head, cut=usual.cut, frozen=usual.frozen)
            else:
                changed = msgspec.structs.replace(plan, head=head)
        except TLStudioError as error:
            self._show()
            self.failed.emit(error)
            return
        self._space.change_plan(changed, workspace.HEAD)


def head_text(plan: TrainingPlan) -> str:
    """The head as ``parse_head`` takes it."""
    if plan.head.kind == "keep":
        return "keep"
    return ",".join(str(units) for units in plan.head.hidden) or "none"
