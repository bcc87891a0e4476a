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
    from tlstudio.desktop.dataset_scan import Division, Scan

AT_ONCE = 5_000  # images whose split takes less than 50 ms; more are divided off the window's thread


class DatasetSession(QObject):
    """``scan`` holds what was found on the disk, ``division`` what the plan makes of it."""

    scanning = Signal(int, int)  # images looked at, of how many (0: unknown)
    named = Signal(object)  # while a scan goes on: image files by class name
    scanned = Signal(object, bool)  # Scan, and whether it was an edit of the plan that asked for it
    changed = Signal()
    failed = Signal(object)  # TLStudioError

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.scan: Scan | None = None
        self.division: Division | None = None
        self.asked: Path | None = None  # what was to be opened last, whether that worked or not
        self._scanning: Task | None = None
        self._dividing: Task | None = None
        self._drawing: Task | None = None
        self._undrawn: dict[str, list[str]] = {}  # examples that are being read, by class

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

        def named(counts: dict[str, int]) -> None:
            if not task.is_cancelled:
                self.named.emit(counts)

        task = Task(lambda task: scan(path, plan, task, named), self)
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
        self.scan = self.division = None

    def take(self, found: "Scan", is_edit: bool = False) -> None:
        """Show what a scan has found."""
        self._scanning = None
        self.scan, self.division = found, found.division
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
        if plan.layout != self.scan.division.plan.layout and plan.layout != old.layout:
            self.open(self.scan.path, plan)
        elif _division_of(old) != _division_of(plan):
            self._divide(plan)
        if plan.class_weights != old.class_weights:
            self._judge(plan)
        if plan.images != old.images and self.division is not None:
            self._draw(self.division.examples, plan)

    def catch_up(self, plan: TrainingPlan) -> None:
        """Divide anew what was scanned by another plan: an edit was made meanwhile."""
        if self.scan is not None and _division_of(plan) != _division_of(self.scan.division.plan):
            self._divide(plan)

    def _divide(self, plan: TrainingPlan) -> None:
        """Apply the plan's edits to what is on the disk, and split it."""
        from tlstudio.core.data.groups import is_pattern
        from tlstudio.desktop.dataset_scan import divided

        self._stop(self._dividing)
        self._dividing, raw = None, self.raw
        if raw is None:
            return
        if len(raw.entries) <= AT_ONCE and not is_pattern(plan.group_by):
            self._on_divided(divided(raw, plan))
            return
        self._dividing = Task(lambda _task: divided(raw, plan), self)
        self._dividing.finished.connect(self._on_divided)
        self._dividing.failed.connect(self.failed)
        self._dividing.start()

    def _on_divided(self, division: "Division") -> None:
        self._dividing, self.division = None, division
        self.changed.emit()
        known = self.scan.examples if self.scan is not None else {}
        new = {label: names for label, names in division.examples.items() if known.get(label) != names}
        self._draw(new, division.plan)

    def _judge(self, plan: TrainingPlan) -> None:
        """Class weights remedy problems, and divide nothing anew."""
        from tlstudio.desktop.dataset_scan import remedied_in

        if self.division is not None and self.raw is not None:
            remedied = remedied_in(self.raw, self.division.dataset, plan)
            self.division = dataclasses.replace(self.division, remedied=remedied)

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


def _division_of(plan: TrainingPlan) -> tuple[object, ...]:
    """What a plan says of which image is in which class and part."""
    return plan.validation_split, plan.seed, plan.group_by, plan.edits
