"""The open dataset: scanned, divided as the plan says, and divided anew when the plan changes; off the window's
thread where it takes longer than a blink."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tlstudio.core.errors import TLStudioError
from tlstudio.core.plan import TrainingPlan
from tlstudio.desktop.background import Task

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from tlstudio.core.data.scan import Dataset
    from tlstudio.core.data.split import Split
    from tlstudio.desktop.dataset_scan import Scan

    Divided = tuple[Dataset, Split, dict[str, list[str]]]

AT_ONCE = 20_000  # images whose split takes less than a fifth of a second; more are divided off the window's thread


class DatasetSession(QObject):
    """``raw`` is what a scan found on the disk; ``dataset`` and ``split`` are what the plan makes of it."""

    scanning = Signal(int, int)  # images looked at, of how many (0: unknown)
    scanned = Signal(object, bool)  # Scan, and whether it was an edit of the plan that asked for it
    changed = Signal()
    failed = Signal(object)  # TLStudioError

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.scan: Scan | None = None
        self.dataset: Dataset | None = None
        self.split: Split | None = None
        self.asked: Path | None = None  # what was to be opened last, whether that worked or not
        self._scanning: Task | None = None
        self._dividing: Task | None = None
        self._drawing: Task | None = None
        self._undrawn: dict[str, list[str]] = {}  # examples that are being read, by class
        self._remedied_by: tuple[Dataset, bool, set[int]] | None = None  # what holds while these are the same

    @property
    def raw(self) -> "Dataset | None":
        return self.scan.raw if self.scan is not None else None

    @property
    def is_scanning(self) -> bool:
        return self._scanning is not None

    def open(self, path: Path, plan: TrainingPlan, is_edit: bool = False) -> None:
        """Begin to scan a folder or a table; ``scanned`` or ``failed`` follows, then ``changed``. A scan under way
        ends."""
        from tlstudio.desktop.dataset_scan import scan

        self.cancel()
        path = self.asked = path.resolve()
        task = Task(lambda task: scan(path, plan, task), self)
        task.finished.connect(lambda found: self.take(found, is_edit))
        task.failed.connect(self._on_scan_failed)
        task.progressed.connect(self.scanning)
        self._scanning = task
        self.scanning.emit(0, 0)
        task.start()

    def cancel(self) -> None:
        """Leave off; what was open stays so."""
        for task in (self._dividing, self._drawing, self._scanning):
            self._stop(task)
        was_scanning = self.is_scanning
        self._scanning = self._dividing = self._drawing = None
        self._undrawn = {}
        if was_scanning:
            self.changed.emit()

    def close(self) -> None:
        self.cancel()
        self.scan = self.dataset = self.split = self._remedied_by = None

    def take(self, found: "Scan", is_edit: bool = False) -> None:
        """Show what a scan has found."""
        self._scanning = None
        self.scan, self.dataset, self.split = found, found.dataset, found.split
        self.scanned.emit(found, is_edit)
        self.changed.emit()

    def _on_scan_failed(self, error: TLStudioError) -> None:
        self._scanning = None
        self.failed.emit(error)
        self.changed.emit()

    # -- as the plan changes ----------------------------------------------------------------------------

    def follow(self, old: TrainingPlan, plan: TrainingPlan) -> None:
        """Do what a change of the plan asks for: read the dataset in another way, divide it, draw examples."""
        if self.scan is None:
            return
        if plan.layout != self.scan.plan.layout and plan.layout != old.layout:
            self.open(self.scan.path, plan)
        elif _division_of(old) != _division_of(plan):
            self._divide(plan)
        if plan.images != old.images:
            from tlstudio.desktop.dataset_scan import examples_of

            self._draw(examples_of(self.dataset) if self.dataset is not None else {}, plan)

    def catch_up(self, plan: TrainingPlan) -> None:
        """Divide anew what was scanned by another plan: an edit was made meanwhile."""
        if self.scan is not None and _division_of(plan) != _division_of(self.scan.plan):
            self._divide(plan)

    def _divide(self, plan: TrainingPlan) -> None:
        """Apply the plan's edits to what is on the disk, and split it."""
        from tlstudio.core.data.groups import is_pattern
        from tlstudio.desktop.dataset_scan import edited, examples_of

        raw = self.raw
        if raw is None:
            return

        def divide() -> "Divided":
            dataset, split = edited(raw, plan)
            return dataset, split, examples_of(dataset)

        self._stop(self._dividing)
        self._dividing = None
        if len(raw.entries) <= AT_ONCE and not is_pattern(plan.group_by):
            self._on_divided(divide(), plan)
            return
        self._dividing = Task(lambda _task: divide(), self)
        self._dividing.finished.connect(lambda found: self._on_divided(found, plan))
        self._dividing.failed.connect(self.failed)
        self._dividing.start()

    def _on_divided(self, found: "Divided", plan: TrainingPlan) -> None:
        self._dividing = None
        self.dataset, self.split, examples = found
        self.changed.emit()
        known = self.scan.examples if self.scan is not None else {}
        self._draw({label: names for label, names in examples.items() if known.get(label) != names}, plan)

    def _draw(self, examples: dict[str, list[str]], plan: TrainingPlan) -> None:
        """Read examples of some classes anew: by other options, or since an edit put other images into them."""
        from tlstudio.desktop.dataset_scan import strips

        if self.scan is None or not examples:
            return
        self._undrawn = {**self._undrawn, **examples}
        root, undrawn = self.scan.raw.root, self._undrawn
        self._stop(self._drawing)
        self._drawing = Task(lambda task: strips(root, undrawn, plan.images, task), self)
        self._drawing.finished.connect(lambda thumbnails: self._on_drawn(thumbnails, undrawn))
        self._drawing.failed.connect(self.failed)
        self._drawing.start()

    def _on_drawn(self, thumbnails: "dict[str, QImage]", examples: dict[str, list[str]]) -> None:
        self._drawing, self._undrawn = None, {}
        if self.scan is not None:
            self.scan = dataclasses.replace(
                self.scan,
                thumbnails={**self.scan.thumbnails, **thumbnails},
                examples={**self.scan.examples, **examples},
            )
            self.changed.emit()

    @staticmethod
    def _stop(task: Task | None) -> None:
        if task is not None:
            task.cancel()

    def remedied(self, plan: TrainingPlan) -> set[int]:
        """The ``id`` of each problem of ``raw`` that the plan's edits have done away with; the same set as long as
        nothing changes."""
        from tlstudio.core.data.remedied import remedied

        if self.raw is None or self.dataset is None:
            return set()
        known = self._remedied_by
        if known is None or known[0] is not self.dataset or known[1] != plan.class_weights:
            tells = remedied(plan, self.dataset)
            known = self.dataset, plan.class_weights, {id(p) for p in self.raw.problems if tells(p)}
            self._remedied_by = known
        return known[2]


def _division_of(plan: TrainingPlan) -> tuple[object, ...]:
    """What a plan says of which image is in which class and part."""
    return plan.validation_split, plan.seed, plan.group_by, plan.edits
