"""What is open: model, image folder and plan. Every change of the plan is a command that can be undone."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from tlstudio.core.errors import QT_TRANSLATE_NOOP, TLStudioError
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.project import Project, load_project, save_project
from tlstudio.desktop.background import Task

if TYPE_CHECKING:
    from tlstudio.core.data.scan import Dataset
    from tlstudio.core.data.split import Split
    from tlstudio.core.model.inspection import Inspection
    from tlstudio.core.model.model_file import ModelFile
    from tlstudio.core.strategy import Size
    from tlstudio.desktop.dataset_scan import Scan

# What the undo menu calls an edit.
FREEZE = QT_TRANSLATE_NOOP("Edits", "freezing")
CUT = QT_TRANSLATE_NOOP("Edits", "the cut")
HEAD = QT_TRANSLATE_NOOP("Edits", "the head")
SETTING = QT_TRANSLATE_NOOP("Edits", "a setting")
STRATEGY = QT_TRANSLATE_NOOP("Edits", "the strategy")


class _ChangePlan(QUndoCommand):
    """From one whole plan to another. Edits of one setting in a row become one step (``merge_key``)."""

    def __init__(
        self, apply: Callable[[TrainingPlan], None], old: TrainingPlan, new: TrainingPlan, text: str, merge_key: int
    ) -> None:
        super().__init__(text)
        self._apply, self._old, self._new, self._merge_key = apply, old, new, merge_key

    def redo(self) -> None:
        self._apply(self._new)

    def undo(self) -> None:
        self._apply(self._old)

    def id(self) -> int:
        return self._merge_key

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _ChangePlan) or other._merge_key != self._merge_key:
            return False
        self._new = other._new
        return True


class Workspace(QObject):
    """The open project. ``plan`` always fits ``model``; it is None while no model is open."""

    model_changed = Signal()
    dataset_changed = Signal()
    dataset_scanning = Signal(int, int)  # images looked at, of how many (0: unknown)
    plan_changed = Signal()
    failed = Signal(object)  # TLStudioError

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(500)
        self.model: ModelFile | None = None
        self.inspection: Inspection | None = None
        self.dataset: Dataset | None = None
        self.dataset_path: Path | None = None
        self.split: Split | None = None
        self.scan: Scan | None = None
        self.plan: TrainingPlan | None = None
        self.project_path: Path | None = None
        self._scanning: Task | None = None

    # -- opening ----------------------------------------------------------------------------------------

    def open_model(self, path: Path) -> None:
        """Read a model file and make the usual plan for it. On failure all stays as it was.

        Raises ``TLStudioError``.
        """
        model = self._read_model(path)
        self._take_model(model, self._usual_plan(model))

    @staticmethod
    def _read_model(path: Path) -> "ModelFile":
        # Loaded at the first use: the window is up sooner without it.
        from tlstudio.core.model.inspection import require_classifier
        from tlstudio.core.model.safely import read_model

        model = read_model(path.resolve())
        require_classifier(model)
        return model

    def _take_model(self, model: "ModelFile", plan: TrainingPlan) -> None:
        from tlstudio.core.model.inspection import describe

        self.model, self.inspection, self.plan = model, describe(model), plan
        self.undo_stack.clear()
        self.model_changed.emit()
        self.plan_changed.emit()

    def _usual_plan(self, model: "ModelFile") -> TrainingPlan:
        from tlstudio.core.strategy import advise, make_plan, with_old_head

        folder = str(self.dataset_path or "")
        strategy = advise(self.size, "similar").strategy if self.dataset is not None else "features"
        try:
            return make_plan(model, folder, strategy)
        except TLStudioError as error:
            if error.code != "no_legal_cut":
                raise
            plan = TrainingPlan(model=str(model.path), dataset=folder, strategy="finetune")
            return with_old_head(model, plan)

    def open_dataset(self, path: Path) -> None:
        """Begin to scan an image folder; ``dataset_changed`` or ``failed`` follows. A scan under way ends."""
        from tlstudio.desktop.dataset_scan import scan

        self.cancel_scan()
        fraction, seed = (self.plan.validation_split, self.plan.seed) if self.plan else (0.1, 0)
        task = Task(lambda task: scan(path.resolve(), fraction, seed, task), self)
        task.finished.connect(self._on_scanned)
        task.failed.connect(self._on_scan_failed)
        task.progressed.connect(self.dataset_scanning)
        self._scanning = task
        self.dataset_scanning.emit(0, 0)
        task.start()

    @property
    def is_scanning(self) -> bool:
        return self._scanning is not None

    def cancel_scan(self) -> None:
        if self._scanning is not None:
            self._scanning.cancel()
            self._scanning = None
            self.dataset_changed.emit()

    def _on_scanned(self, found: "Scan") -> None:
        self._scanning = None
        self.scan, self.dataset, self.split = found, found.dataset, found.split
        self.dataset_path = Path(found.dataset.root)
        self._set_plan_folder()
        self.dataset_changed.emit()

    def _on_scan_failed(self, error: TLStudioError) -> None:
        self._scanning = None
        self.failed.emit(error)
        self.dataset_changed.emit()

    def _set_plan_folder(self) -> None:
        """The folder is what was opened, not an edit of the plan: it goes past the undo stack."""
        if self.plan is not None and self.dataset_path is not None:
            import msgspec

            self.plan = msgspec.structs.replace(self.plan, dataset=str(self.dataset_path))
            self.plan_changed.emit()

    def open_project(self, path: Path) -> None:
        """Raises ``TLStudioError``; on failure all stays as it was."""
        from tlstudio.core.strategy import check_layers

        project = load_project(path)
        if project.dataset and not Path(project.dataset).is_dir():
            raise TLStudioError("dataset_missing", path=project.dataset)
        if project.model:
            model = self._read_model(Path(project.model))
            if project.plan is not None:
                check_layers(model, project.plan)
            self.close()
            self._take_model(model, project.plan or self._usual_plan(model))
        else:
            self.close()
        self.project_path = path.resolve()
        if project.dataset:
            self.open_dataset(Path(project.dataset))

    def save_project(self, path: Path) -> None:
        """Raises ``TLStudioError``."""
        model = str(self.model.path) if self.model else None
        dataset = str(self.dataset_path) if self.dataset_path else None
        save_project(Project(model=model, dataset=dataset, plan=self.plan), path)
        self.project_path = path.resolve()
        self.undo_stack.setClean()

    def close(self) -> None:
        self.cancel_scan()
        self.model = self.inspection = self.dataset = self.split = self.scan = self.plan = None
        self.dataset_path = self.project_path = None
        self.undo_stack.clear()
        self.model_changed.emit()
        self.dataset_changed.emit()
        self.plan_changed.emit()

    # -- the plan ---------------------------------------------------------------------------------------

    @property
    def classes(self) -> list[str]:
        return self.dataset.classes if self.dataset is not None else []

    @property
    def size(self) -> "Size":
        """Small or large, by the training images a class."""
        from tlstudio.core.strategy import size_of

        return size_of(len(self.split.train) if self.split else 0, len(self.classes))

    def change_plan(self, plan: TrainingPlan, text: str, merge_key: int = -1) -> None:
        """An edit that a person made. ``text`` is one of this module's names of edits."""
        if self.plan is None or plan == self.plan:
            return
        title = QCoreApplication.translate("Edits", text)
        self.undo_stack.push(_ChangePlan(self._apply_plan, self.plan, plan, title, merge_key))

    def _apply_plan(self, plan: TrainingPlan) -> None:
        old = self.plan
        self.plan = plan
        split_changed = old is not None and (old.validation_split, old.seed) != (plan.validation_split, plan.seed)
        if split_changed and self.dataset is not None:
            from tlstudio.core.data.split import split_dataset

            self.split = split_dataset(self.dataset, plan.validation_split, plan.seed)
            self.dataset_changed.emit()
        self.plan_changed.emit()

    def require_ready(self) -> TrainingPlan:
        """The plan, checked against what is open. Raises ``TLStudioError``."""
        from tlstudio.core.data.split import require_trainable
        from tlstudio.core.strategy import check_plan

        if self.model is None or self.plan is None:
            raise TLStudioError("no_model_open")
        if self.dataset is None or self.split is None:
            raise TLStudioError("no_dataset_open")
        require_trainable(self.dataset, self.split)
        check_plan(self.model, self.plan, len(self.classes))
        return self.plan
