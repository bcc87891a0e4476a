"""The dialogs about plan and images that the window opens: wizard, reading of images, cache."""

import msgspec
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from tlstudio.core.errors import TLStudioError
from tlstudio.core.plan import TrainingPlan
from tlstudio.desktop import workspace
from tlstudio.desktop.workspace import Workspace

# What of a plan isn't about the way that the wizard finds, and stays as the person has set it.
KEPT_BY_WIZARD = (
    "preprocess", "fit", "seed", "validation_split", "class_weights", "balanced", "augment", "augmentation", "views",
    "precision", "accumulate",
)  # fmt: skip


class PlanDialogs(QObject):
    """``keys``: actions whose keys work in the dialogs that stay open, too."""

    failed = Signal(object)  # TLStudioError

    def __init__(self, window: QWidget, space: Workspace, keys: list[QAction]) -> None:
        super().__init__(window)
        self._window, self._space, self._keys = window, space, keys

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
        flow = WizardFlow(space.model, space.plan.dataset, images, len(space.classes))
        wizard = StrategyWizard(flow, self._window)
        wizard.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        wizard.accepted.connect(lambda: self.take_plan(wizard.plan))
        wizard.open()

    def take_plan(self, plan: TrainingPlan | None) -> None:
        """Make the wizard's plan the open one, with what of the old one is no matter of the way."""
        old = self._space.plan
        if plan is None or old is None:
            return
        plan = workspace.with_data_of(plan, old)
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
