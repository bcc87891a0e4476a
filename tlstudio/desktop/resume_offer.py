"""The quiet offer to go on with a run that was cut off: at the start, and when a project is opened."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, Signal

from tlstudio.desktop import texts
from tlstudio.desktop.background import Task
from tlstudio.desktop.message_bar import Choice, MessageBar
from tlstudio.desktop.settings import runs_home

if TYPE_CHECKING:
    from tlstudio.core.interrupted import InterruptedRun

GOING_ON, DECLINED = "runs/going_on", "runs/declined"
REMEMBERED = 50  # declined runs; older ones would hardly be offered again


def cut_off_runs(folders: list[Path]) -> "list[InterruptedRun]":
    """Runs in folders of runs that could not say why they ended, newest first."""
    from tlstudio.core.interrupted import interrupted_runs

    found = {run.path: run for folder in folders for run in interrupted_runs(folder) if run.stopped == "cut"}
    return sorted(found.values(), key=lambda run: run.when, reverse=True)


class ResumeOffer(QObject):
    """Shows at most one offer in its bar; what a person declined is not offered again."""

    resume_requested = Signal(object)  # Path of a run folder

    def __init__(self, bar: MessageBar, settings: QSettings, parent: QObject) -> None:
        super().__init__(parent)
        self._bar, self._settings = bar, settings
        self._looking: Task | None = None
        self._offered: InterruptedRun | None = None
        self.is_held_back = False  # while a run goes on
        bar.closed.connect(self._decline)
        bar.language_changed.connect(self._on_language_changed)

    def remember(self, run: Path | None) -> None:
        """Which run is going on now, so that the next start finds it wherever it is."""
        if run is None:
            self._settings.remove(GOING_ON)
        else:
            self._settings.setValue(GOING_ON, str(run))
        self._settings.sync()  # the next moment may be a power cut

    def look(self) -> None:
        """Look through the runs of unsaved projects, and beside the run that was going on last."""
        going_on = str(self._settings.value(GOING_ON, ""))
        folders = [*sorted(runs_home().glob("*/runs")), runs_home() / "runs"]
        if going_on:
            folders.append(Path(going_on).parent)
        self.cancel()
        self._looking = Task(lambda _task: cut_off_runs(folders), self)
        self._looking.finished.connect(self.consider)
        self._looking.start()

    def consider(self, runs: "list[InterruptedRun]") -> None:
        """Offer the newest of these that was cut off and not declined, if there is one."""
        self._looking = None
        declined = self._declined()
        left = [run for run in runs if run.stopped == "cut" and str(run.path) not in declined]
        if not left or self.is_held_back:
            return
        self._show(max(left, key=lambda run: run.when))

    def _show(self, run: "InterruptedRun") -> None:
        self._offered = run
        text = self.tr("The training run “{run}” was interrupted after {epochs} epochs. It can go on from there.")
        self._bar.show_message(
            text.format(run=run.path.name, epochs=texts.number(run.epoch)),
            "warning",
            [
                Choice("resumeOfferButton", self.tr("Resume"), self._accept),
                Choice("notNowButton", self.tr("Not now"), self._decline),
            ],
        )

    def _on_language_changed(self) -> None:
        if self._offered is not None and not self._bar.isHidden():
            self._show(self._offered)

    def hold_back(self, is_held_back: bool) -> None:
        """While a run goes on, none is offered."""
        self.is_held_back = is_held_back
        if is_held_back:
            self._bar.hide()

    def cancel(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    def _accept(self) -> None:
        run, self._offered = self._offered, None
        if run is not None:
            self.resume_requested.emit(run.path)

    def _decline(self) -> None:
        if self._offered is not None:
            declined = [*self._declined(), str(self._offered.path)][-REMEMBERED:]
            self._settings.setValue(DECLINED, declined)
            self._offered = None

    def _declined(self) -> list[str]:
        value = self._settings.value(DECLINED, [])
        if isinstance(value, str):  # an INI file keeps a list of one as a string
            return [value]
        return [str(path) for path in value] if isinstance(value, list) else []
