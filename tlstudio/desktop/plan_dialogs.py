"""The dialogs about plan and images that the window opens: wizard, reading of images, cache."""

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from tlstudio.core.errors import TLStudioError
from tlstudio.core.plan import TrainingPlan
from tlstudio.desktop import workspace
from tlstudio.desktop.advising import Advising
from tlstudio.desktop.measuring import Measuring
from tlstudio.desktop.training_thread import TrainingThread
from tlstudio.desktop.workspace import Workspace

if TYPE_CHECKING:
    from tlstudio.core.events import Measured
    from tlstudio.core.strategy import Similarity, Size

# What of a plan isn't about the way that the wizard finds, and stays as the person has set it.
KEPT_BY_WIZARD = (
    "preprocess", "fit", "seed", "validation_split", "class_weights", "balanced", "augment", "augmentation", "views",
    "precision", "accumulate",
)  # fmt: skip


class PlanDialogs(QObject):
    """``keys``: actions whose keys work in the dialogs that stay open, too."""

    failed = Signal(object)  # TLStudioError
    images_requested = Signal()  # with their labels

    def __init__(
        self, window: QWidget, space: Workspace, measuring: Measuring, thread: TrainingThread, keys: list[QAction]
    ) -> None:
        super().__init__(window)
        self._window, self._space, self._keys = window, space, keys
        self._measuring, self._thread = measuring, thread

    def open_wizard(self) -> None:
        from tlstudio.desktop.wizard import StrategyWizard
        from tlstudio.desktop.wizard_flow import WizardFlow

        space = self._space
        if space.problem:
            self.failed.emit(TLStudioError("not_image_classifier", detail=space.problem))
            return
        if space.model is None or space.plan is None:
            self.failed.emit(TLStudioError("no_model_open"))
            return
        images = len(space.split.train) if space.split else 0
        model, plan, advising = space.model, space.plan, Advising()

        def ask(measured: "Measured", size: "Size | None", similarity: "Similarity | None") -> None:
            advising.ask(model, space.plan or plan, measured, size, similarity)

        flow = WizardFlow(model, plan.dataset, images, len(space.classes), ask, is_coming=True)
        wizard = StrategyWizard(flow, space, self._measuring, advising, self._thread, self._window)
        wizard.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        wizard.accepted.connect(lambda: self.take_plan(wizard.plan, flow.way is not None))
        wizard.images_requested.connect(self.images_requested)
        wizard.open()

    def take_plan(self, plan: TrainingPlan | None, is_measured: bool = False) -> None:
        """Make the wizard's plan the open one, with what of the old one is no matter of the way. ``is_measured``: it
        is whole as it is, since forecast and expectation are of this one and no other."""
        old = self._space.plan
        if plan is None or old is None:
            return
        plan = workspace.with_data_of(plan, old)
        if is_measured:
            self._space.change_plan(plan, workspace.STRATEGY)
            return
        kept = {field: getattr(old, field) for field in KEPT_BY_WIZARD}
        self._space.change_plan(msgspec.structs.replace(plan, **kept), workspace.STRATEGY)

    def open_image_options(self) -> None:
        from tlstudio.desktop.image_options import ImageOptionsDialog

        if self._space.dataset is None:
            self.failed.emit(TLStudioError("no_dataset_open"))
            return
        dialog = self._window.findChild(ImageOptionsDialog) or ImageOptionsDialog(self._space, self._window)
        self._show(dialog)

    def open_recipe(self) -> None:
        from tlstudio.desktop.recipe_dialog import RecipeDialog

        self._show(self._window.findChild(RecipeDialog) or RecipeDialog(self._space, self._window))

    def _show(self, dialog: QWidget) -> None:
        dialog.addActions(self._keys)
        dialog.show()
        dialog.raise_()

    def open_cache(self, is_training: bool) -> None:
        from tlstudio.desktop.cache_dialog import CacheDialog

        CacheDialog(is_training, self._window).open()
