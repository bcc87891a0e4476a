"""One value of the plan and the widget that shows it; an edit of it is a step that can be undone."""

from collections.abc import Callable
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QSpinBox

from tlstudio.core.plan import TrainingPlan
from tlstudio.desktop import workspace
from tlstudio.desktop.workspace import Workspace

Editor = QCheckBox | QComboBox | QDoubleSpinBox | QSpinBox
Read = Callable[[TrainingPlan], Any]
Write = Callable[[TrainingPlan, Any], TrainingPlan]


class PlanField(QObject):
    """``read`` takes the value from a plan, ``write`` makes the plan with another one. Edits with the same
    ``merge_key`` in a row become one step."""

    def __init__(self, space: Workspace, widget: Editor, read: Read, write: Write, merge_key: int = -1) -> None:
        super().__init__(widget)
        self._space, self.widget, self._read, self._write, self._merge_key = space, widget, read, write, merge_key
        match widget:
            case QCheckBox():
                widget.clicked.connect(self._on_edited)
            case QComboBox():
                widget.activated.connect(self._on_edited)
            case QDoubleSpinBox() | QSpinBox():
                widget.setKeyboardTracking(False)
                widget.valueChanged.connect(self._on_edited)

    def show(self, plan: TrainingPlan) -> None:
        value = self._read(plan)
        with QSignalBlocker(self.widget):
            match self.widget:
                case QCheckBox():
                    self.widget.setChecked(value)
                case QComboBox():
                    self.widget.setCurrentIndex(self.widget.findData(value))
                case QDoubleSpinBox() | QSpinBox():
                    self.widget.setValue(value)

    def _on_edited(self) -> None:
        plan = self._space.plan
        if plan is None:
            return
        match self.widget:
            case QCheckBox():
                value: Any = self.widget.isChecked()
            case QComboBox():
                value = self.widget.currentData()
            case _:
                value = self.widget.value()
        self._space.change_plan(self._write(plan, value), workspace.SETTING, self._merge_key)


def at(*path: str, scale: float = 1.0) -> tuple[Read, Write]:
    """How to read and write a value by the names that lead to it, such as ``"schedule", "warmup"``. ``scale``: what
    is shown is so many times what the plan holds (100 for percent)."""

    def read(plan: TrainingPlan) -> Any:
        value: Any = plan
        for name in path:
            value = getattr(value, name)
        return value * scale if scale != 1.0 else value

    def write(plan: TrainingPlan, value: Any) -> TrainingPlan:
        # Ten digits are more than any box shows, and 7 % stays 0.07 instead of 0.07000000000000001.
        return _replaced(plan, path, round(value / scale, 10) if scale != 1.0 else value)

    return read, write


def _replaced(part: Any, path: tuple[str, ...], value: Any) -> Any:
    if len(path) > 1:
        value = _replaced(getattr(part, path[0]), path[1:], value)
    return msgspec.structs.replace(part, **{path[0]: value})
