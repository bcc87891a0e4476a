"""The tabs about the images: which of them they show, by the dataset that is open and the class that is chosen."""

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QTabWidget

from tlstudio.desktop.dataset_panel import DatasetPanel
from tlstudio.desktop.images_page import ImagesPage
from tlstudio.desktop.problems_page import ProblemsPage
from tlstudio.desktop.thumbnails import Thumbnails
from tlstudio.desktop.workspace import Workspace


class DataPages(QObject):
    """``images`` and ``problems`` are pages for ``tabs``; ``panel`` says what they show."""

    def __init__(self, space: Workspace, panel: DatasetPanel, tabs: QTabWidget, parent: QObject) -> None:
        super().__init__(parent)
        self._space, self._tabs = space, tabs
        self.thumbnails = Thumbnails(parent)
        self.images = ImagesPage(space, self.thumbnails)
        self.problems = ProblemsPage(space, self.thumbnails)
        space.dataset_changed.connect(self._use_thumbnails)
        space.plan_changed.connect(self._use_thumbnails)
        panel.class_chosen.connect(self._on_class_chosen)
        panel.problems_requested.connect(lambda: tabs.setCurrentWidget(self.problems))
        self.images.all_requested.connect(panel.table.clearSelection)

    def show_images(self) -> None:
        self._tabs.setCurrentWidget(self.images)

    def close(self) -> None:
        """The window closes."""
        self.images.cancel()
        self.problems.cancel()
        self.thumbnails.close()

    def _use_thumbnails(self) -> None:
        raw = self._space.raw
        if raw is not None:
            self.thumbnails.use(Path(raw.root), self._space.data_plan.images, raw.fingerprint)

    def _on_class_chosen(self, label: str | None) -> None:
        self.images.show_class(label)
        if label is not None:
            self.show_images()
