"""What is open: model, image folder and plan. Every change of the plan is a command that can be undone."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from tlstudio.core.errors import QT_TRANSLATE_NOOP, TLStudioError
from tlstudio.core.model.opening import Opening
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.project import Project, load_project, save_project
from tlstudio.desktop.dataset_session import DatasetSession
from tlstudio.desktop.model_reading import ModelReading, Opened
from tlstudio.desktop.opening_flow import OpeningFlow

if TYPE_CHECKING:
    from tlstudio.core.data.options import Layout
    from tlstudio.core.data.scan import Dataset
    from tlstudio.core.data.split import Split
    from tlstudio.core.model.inspection import Inspection
    from tlstudio.core.model.model_file import ModelFile
    from tlstudio.core.strategy import Size
    from tlstudio.desktop.dataset_scan import Scan

NO_CHOICES = Opening()
NOTHING: set[int] = set()
# What the undo menu calls an edit.
FREEZE = QT_TRANSLATE_NOOP("Edits", "freezing")
CUT = QT_TRANSLATE_NOOP("Edits", "the cut")
HEAD = QT_TRANSLATE_NOOP("Edits", "the head")
SETTING = QT_TRANSLATE_NOOP("Edits", "a setting")
STRATEGY = QT_TRANSLATE_NOOP("Edits", "the strategy")
IMAGES = QT_TRANSLATE_NOOP("Edits", "how images are read")
REMEDY = QT_TRANSLATE_NOOP("Edits", "a remedy")
LEAVING_OUT = QT_TRANSLATE_NOOP("Edits", "leaving out images")
RELABELLING = QT_TRANSLATE_NOOP("Edits", "another class")

# What a plan says of one dataset, and of no other.
DATA_FIELDS = ("dataset", "layout", "images", "group_by", "edits")


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


@dataclass(frozen=True)
class _Awaited:
    """A model that is being read, or that a question is open about; and the project that it belongs to, if any."""

    path: Path
    project: Project | None = None
    project_path: Path | None = None


def with_data_of(plan: TrainingPlan, other: TrainingPlan) -> TrainingPlan:
    """A plan with what another says of the dataset."""
    return msgspec.structs.replace(plan, **{field: getattr(other, field) for field in DATA_FIELDS})


class Workspace(QObject):
    """The open project. ``plan`` always fits ``model``; it is None while no model is open, and where the model can
    be looked at but not trained (``problem`` says why, in English words); ``data_plan`` is always there.

    What is known of the dataset is ``data``'s: ``raw`` is what is on the disk, ``dataset`` and ``split`` are what the
    plan makes of it; the latter two may be of the plan before, while a large dataset is divided anew."""

    model_opening = Signal(str)  # the name of a file that is being read; empty when that ended
    choice_needed = Signal(object)  # OpeningFlow: go on by ``answer`` or ``cancel_opening``
    model_changed = Signal()
    notes_changed = Signal()  # more was found out about the open model
    dataset_changed = Signal()
    dataset_scanning = Signal(int, int)  # images looked at, of how many (0: unknown)
    plan_changed = Signal()
    failed = Signal(object)  # TLStudioError

    def __init__(self, parent: QObject | None = None, reading: ModelReading | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(500)
        self.model: ModelFile | None = None
        self.inspection: Inspection | None = None
        self.problem = ""
        self._is_checked = False
        self.not_finite: list[str] = []  # paths of the model's layers that nothing can be computed with
        self.data = DatasetSession(self)
        self.data.scanned.connect(self._on_scanned)
        self.data.scanning.connect(self.dataset_scanning)
        self.data.changed.connect(self.dataset_changed)
        self.data.failed.connect(self.failed)
        self.plan: TrainingPlan | None = None
        self._draft = TrainingPlan()  # what is said of the dataset while there is no plan
        self.project_path: Path | None = None
        self._awaited: _Awaited | None = None
        self.reading = reading or ModelReading(self)
        self.reading.opened.connect(self._on_model_read)
        self.reading.asked.connect(self.choice_needed)
        self.reading.failed.connect(self._on_model_failed)
        self.reading.checked.connect(self._on_model_checked)

    # -- opening ----------------------------------------------------------------------------------------

    def open_model(self, path: Path, opening: Opening = NO_CHOICES) -> None:
        """Begin to read a model file; ``model_changed``, ``choice_needed`` or ``failed`` follows.

        The usual plan is made for it. On failure all stays as it was. A reading under way ends.
        """
        self._await(_Awaited(path.resolve()), opening)

    def open_project(self, path: Path) -> None:
        """Begin to open a project; ``model_changed`` and ``dataset_changed``, or ``failed``, follow.

        Raises ``TLStudioError`` for what is wrong with the project file itself; on failure all stays as it was.
        """
        project = load_project(path)
        if project.dataset and not Path(project.dataset).exists():
            raise TLStudioError("dataset_missing", path=project.dataset)
        if project.model:
            opening = project.plan.opening if project.plan is not None else NO_CHOICES
            self._await(_Awaited(Path(project.model).resolve(), project, path.resolve()), opening)
        else:
            self.close()
            self._take_project(project, path.resolve())

    @property
    def is_reading(self) -> bool:
        """A model is being read, or a question about it is open."""
        return self._awaited is not None

    def answer(self, flow: OpeningFlow) -> None:
        """Go on with what was chosen; the signals of ``open_model`` follow."""
        if self._awaited is not None:
            self.model_opening.emit(self._awaited.path.name)
            self.reading.answer(flow)

    def cancel_opening(self) -> None:
        """Leave off reading a model, or asking about it; all stays as it was."""
        if self._awaited is not None:
            self.reading.cancel()
            self._awaited = None
            self.model_opening.emit("")
            self._check_values()

    def _await(self, awaited: _Awaited, opening: Opening) -> None:
        self._awaited = awaited
        self.model_opening.emit(awaited.path.name)
        self.reading.read(awaited.path, opening)

    def _on_model_failed(self, error: TLStudioError) -> None:
        if self._awaited is None:
            self._is_checked = True  # the check itself failed; it is not tried again
        self._awaited = None
        self.failed.emit(error)
        self.model_opening.emit("")
        self._check_values()

    def _on_model_read(self, opened: Opened) -> None:
        awaited = self._awaited
        if awaited is None:
            return
        project = awaited.project
        try:
            plan = self._plan_for(opened, project)
        except TLStudioError as error:
            self._on_model_failed(error)
            return
        if project is not None:
            self._clear()
        self._take_model(opened, plan)
        if project is not None:
            self._take_project(project, awaited.project_path)
        self._awaited = None
        self.model_opening.emit("")
        self._check_values()

    def _plan_for(self, opened: Opened, project: Project | None) -> TrainingPlan | None:
        from tlstudio.core.strategy import check_layers

        if opened.problem:
            return None
        plan = project.plan if project is not None else None
        if plan is None:
            return with_data_of(self._usual_plan(opened.model), self.data_plan)
        check_layers(opened.model, plan)
        return plan

    def _take_model(self, opened: Opened, plan: TrainingPlan | None) -> None:
        self._draft = self.data_plan
        self.model, self.inspection, self.problem = opened.model, opened.inspection, opened.problem
        self._is_checked, self.not_finite = False, []
        self.plan = self._with_opening(plan) if plan is not None else None
        self.undo_stack.clear()
        self.model_changed.emit()
        self.plan_changed.emit()

    def _take_project(self, project: Project, path: Path | None) -> None:
        self.project_path = path
        if project.dataset:
            plan = project.plan or TrainingPlan()
            self._draft = with_data_of(TrainingPlan(), plan)
            self.data.open(Path(project.dataset), plan)

    def _with_opening(self, plan: TrainingPlan) -> TrainingPlan:
        """A run reads the model again, with the same choices."""
        opening = self.model.opening if self.model is not None else NO_CHOICES
        return msgspec.structs.replace(plan, opening=opening)

    def _check_values(self) -> None:
        """Look for weights that are not numbers, once the tree is shown."""
        if self.model is not None and not self._is_checked:
            self.reading.check(self.model)

    def _on_model_checked(self, model: "ModelFile", layers: list[str]) -> None:
        from tlstudio.core.model.safely import not_finite_note

        if model is not self.model or self.inspection is None:
            return
        self._is_checked = True
        if layers:
            self.not_finite = layers
            warnings = [*self.inspection.warnings, not_finite_note(layers)]
            self.inspection = msgspec.structs.replace(self.inspection, warnings=warnings)
            self.notes_changed.emit()

    def _usual_plan(self, model: "ModelFile") -> TrainingPlan:
        from tlstudio.core.strategy import advise, make_plan, with_old_head

        folder = str(self.dataset_path or "")
        strategy = advise(self.size, "similar").strategy if self.dataset is not None else "features"
        try:
            return make_plan(model, folder, strategy, images=len(self.split.train) if self.split else None)
        except TLStudioError as error:
            if error.code != "no_legal_cut":
                raise
            plan = TrainingPlan(model=str(model.path), dataset=folder, strategy="finetune")
            return with_old_head(model, plan)

    def open_dataset(self, path: Path, layout: "Layout | None" = None) -> None:
        """Begin to scan an image folder or a table of images; ``dataset_changed`` or ``failed`` follows. A scan under
        way ends.

        ``layout``: how the dataset says which image is of which class. What was said of another dataset is dropped.
        """
        path, plan = path.resolve(), self.data_plan
        if str(path) != plan.dataset:
            plan = with_data_of(plan, TrainingPlan())
        self.data.open(path, plan if layout is None else msgspec.structs.replace(plan, layout=layout))

    def change_layout(self, layout: "Layout") -> None:
        """Read the open dataset in another way: an edit of the plan, made when the dataset was read so."""
        if self.scan is None or layout == self.data_plan.layout:
            return
        self.data.open(self.scan.path, msgspec.structs.replace(self.data_plan, layout=layout), is_edit=True)

    def cancel_scan(self) -> None:
        self.data.cancel()

    def _on_scanned(self, found: "Scan", is_edit: bool) -> None:
        if is_edit:
            plan = msgspec.structs.replace(self.data_plan, layout=found.division.plan.layout)
            if plan != self.data_plan:
                self.change_plan(plan, IMAGES)
        else:
            self._set_plan_dataset(found)
        self.data.catch_up(self.data_plan)

    def _set_plan_dataset(self, found: "Scan") -> None:
        """The dataset is what was opened, not an edit of the plan: it goes past the undo stack."""
        said = msgspec.structs.replace(found.division.plan, dataset=str(found.path))
        if self.data_plan.dataset == said.dataset:
            said = msgspec.structs.replace(self.data_plan, layout=said.layout)
        self._set_plan(with_data_of(self.data_plan, said))
        self.plan_changed.emit()

    def save_project(self, path: Path) -> None:
        """Raises ``TLStudioError``."""
        model = str(self.model.path) if self.model else None
        dataset = str(self.dataset_path) if self.dataset_path else None
        has_draft = dataset is not None and model is None
        plan = with_data_of(TrainingPlan(), self._draft) if self.plan is None and has_draft else self.plan
        save_project(Project(model=model, dataset=dataset, plan=plan), path)
        self.project_path = path.resolve()
        self.undo_stack.setClean()

    def close(self) -> None:
        self.cancel_opening()
        self.reading.cancel()
        self._clear()

    def _clear(self) -> None:
        self.data.close()
        self.model = self.inspection = self.plan = self.project_path = None
        self._draft = TrainingPlan()
        self.problem, self.not_finite = "", []
        self.undo_stack.clear()
        self.model_changed.emit()
        self.dataset_changed.emit()
        self.plan_changed.emit()

    # -- the dataset ------------------------------------------------------------------------------------

    @property
    def raw(self) -> "Dataset | None":
        return self.data.raw

    @property
    def dataset(self) -> "Dataset | None":
        return self.data.division.dataset if self.data.division is not None else None

    @property
    def split(self) -> "Split | None":
        return self.data.division.split if self.data.division is not None else None

    @property
    def scan(self) -> "Scan | None":
        return self.data.scan

    @property
    def dataset_path(self) -> Path | None:
        return self.data.scan.path if self.data.scan is not None else None

    @property
    def asked_dataset(self) -> Path | None:
        """What was to be opened last, whether that worked or not."""
        return self.data.asked

    @property
    def is_scanning(self) -> bool:
        return self.data.is_scanning

    @property
    def classes(self) -> list[str]:
        return self.dataset.classes if self.dataset is not None else []

    @property
    def size(self) -> "Size":
        """Small or large, by the training images a class."""
        from tlstudio.core.strategy import size_of

        return size_of(len(self.split.train) if self.split else 0, len(self.classes))

    @property
    def remedied(self) -> set[int]:
        """The ``id`` of each problem of ``raw`` that the plan's edits have done away with; the same set as long as
        nothing changes."""
        return self.data.division.remedied if self.data.division is not None else NOTHING

    # -- the plan ---------------------------------------------------------------------------------------

    @property
    def data_plan(self) -> TrainingPlan:
        """The plan, or while there is none, one that says only how the dataset is read."""
        return self.plan if self.plan is not None else self._draft

    def change_plan(self, plan: TrainingPlan, text: str, merge_key: int = -1) -> None:
        """An edit that a person made. ``text`` is one of this module's names of edits."""
        plan = self._with_opening(plan)
        if plan == self.data_plan:
            return
        title = QCoreApplication.translate("Edits", text)
        self.undo_stack.push(_ChangePlan(self._apply_plan, self.data_plan, plan, title, merge_key))

    def _apply_plan(self, plan: TrainingPlan) -> None:
        old = self.data_plan
        if plan.dataset != old.dataset:  # a step back to before this dataset was opened doesn't touch it
            plan = with_data_of(plan, old)
        self._set_plan(plan)
        self.data.follow(old, plan)
        self.plan_changed.emit()

    def _set_plan(self, plan: TrainingPlan) -> None:
        if self.plan is not None:
            self.plan = plan
        else:
            self._draft = plan

    def require_ready(self) -> TrainingPlan:
        """The plan, checked against what is open. Raises ``TLStudioError``."""
        from tlstudio.core.data.split import require_trainable
        from tlstudio.core.strategy import check_plan

        if self.problem:
            raise TLStudioError("not_image_classifier", detail=self.problem)
        if self.model is None or self.plan is None:
            raise TLStudioError("no_model_open")
        if self.dataset is None or self.split is None:
            raise TLStudioError("no_dataset_open")
        require_trainable(self.dataset, self.split)
        check_plan(self.model, self.plan, len(self.classes))
        return self.plan
