"""Runs that are over: their list, the results of the one that is shown, and the offer to go on with one that was cut
off."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QTabWidget

from tlstudio.core import events
from tlstudio.desktop.results_view import ResultsView
from tlstudio.desktop.resume_offer import ResumeOffer
from tlstudio.desktop.runs_page import RunsPage
from tlstudio.desktop.runs_table import RunRow


class FinishedRuns(QObject):
    """``page`` and ``results`` are pages of ``tabs``; ``folder``: where ``runs`` is now."""

    def __init__(
        self,
        page: RunsPage,
        results: ResultsView,
        offer: ResumeOffer,
        tabs: QTabWidget,
        folder: Callable[[], Path],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._page, self._results, self._offer, self._tabs, self._folder = page, results, offer, tabs, folder
        page.table.run_chosen.connect(self._on_run_chosen)
        page.table.runs_read.connect(self._on_runs_read)

    def refresh(self) -> None:
        self._page.table.refresh(self._folder() / "runs")

    def show_ended(self, event: events.Event, scored: events.Evaluated | None) -> None:
        """A run has ended just now, in whatever way."""
        self._offer.remember(None)
        if isinstance(event, events.RunFinished):
            self._show(event, scored)
        self.refresh()

    def _show(self, finished: events.RunFinished, scored: events.Evaluated | None) -> None:
        self._results.show_run(finished, scored)
        self._tabs.setCurrentWidget(self._results)

    def _on_runs_read(self, rows: list[RunRow]) -> None:
        self._offer.consider([row.interrupted for row in rows if row.interrupted is not None])

    def _on_run_chosen(self, row: RunRow) -> None:
        if row.finished is not None:
            self._show(row.finished, row.scored)
