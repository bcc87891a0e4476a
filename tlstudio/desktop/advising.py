"""Advice made off the window's thread: of the questions that were asked, the newest alone is answered."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.plan import TrainingPlan
from tlstudio.desktop.background import Task

if TYPE_CHECKING:
    from tlstudio.core.advice.recommendation import Recommendation
    from tlstudio.core.events import Measured
    from tlstudio.core.strategy import Similarity, Size


class Advising(QObject):
    """``core.advice.decision.recommend`` took 12 to 65 ms on small and large networks, more than the window may stand
    still for."""

    advised = Signal(object)  # Recommendation
    failed = Signal(object)  # TLStudioError

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._task: Task | None = None

    @property
    def is_busy(self) -> bool:
        return self._task is not None

    def ask(
        self,
        model: ModelFile,
        plan: TrainingPlan,
        measured: "Measured",
        size: "Size | None" = None,
        similarity: "Similarity | None" = None,
    ) -> None:
        """``size``, ``similarity``: the person's own verdicts. ``advised`` or ``failed`` (``no_legal_cut``) follows,
        unless another question or ``cancel`` comes before."""

        def advise(_task: Task) -> "Recommendation":
            from tlstudio.core.advice.decision import recommend
            from tlstudio.core.advice.history import read_history
            from tlstudio.core.machine import free_memory, own_memory

            free = free_memory() + own_memory()
            return recommend(model, plan, measured, free, size, similarity, read_history())

        self.cancel()
        self._task = Task(advise, self)
        self._task.finished.connect(self._on_advised)
        self._task.failed.connect(self._on_failed)
        self._task.start()

    def cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _on_advised(self, advice: "Recommendation") -> None:
        self._task = None
        self.advised.emit(advice)

    def _on_failed(self, error: object) -> None:
        self._task = None
        self.failed.emit(error)
