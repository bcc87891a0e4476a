"""What was measured of the open model and images, where it is looked for: the model's tree, the line above it, and
the review of the plan."""

from PySide6.QtCore import QObject

from tlstudio.desktop.layer_transfer import transfers_of
from tlstudio.desktop.measuring import Measuring
from tlstudio.desktop.model_panel import ModelPanel
from tlstudio.desktop.plan_panel import PlanPanel


class AdviceShown(QObject):
    """The wizard asks for it itself."""

    def __init__(self, measuring: Measuring, model_panel: ModelPanel, plan_panel: PlanPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._measuring, self._model_panel, self._plan_panel = measuring, model_panel, plan_panel
        measuring.changed.connect(self.show_standing)
        model_panel.measuring_line.stop_requested.connect(measuring.stop)
        model_panel.measuring_line.begin_requested.connect(measuring.begin)

    def show_standing(self, _standing: object = None) -> None:
        standing = self._measuring.standing
        advice = standing.advice
        self._plan_panel.review.set_measured(standing.measured)
        layers = standing.measured.layers if standing.measured is not None else []
        self._model_panel.show_transfers(transfers_of(layers, advice.cut if advice is not None else None))
        self._model_panel.measuring_line.show_standing(standing, advice.strategy if advice is not None else None)
