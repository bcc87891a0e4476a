"""The main window: its panes, its actions, and what passes between workspace and training thread."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QThreadPool, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import (
    QMainWindow,
    QMessageBox,
    QScrollArea,
)

import tlstudio
from tlstudio.core import events
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.opening import Opening
from tlstudio.core.resources import resource_path, sample_project
from tlstudio.desktop import panes, texts, theme, workspace
from tlstudio.desktop.advice_shown import AdviceShown
from tlstudio.desktop.choosing import Choosing
from tlstudio.desktop.closing import ClosingQuestion
from tlstudio.desktop.commands import Commands
from tlstudio.desktop.data_pages import DataPages
from tlstudio.desktop.dataset_panel import DatasetPanel
from tlstudio.desktop.dropping import accept_drag, holds_model, is_table, take_drop
from tlstudio.desktop.file_actions import FileActions
from tlstudio.desktop.finished_runs import FinishedRuns
from tlstudio.desktop.language import Language
from tlstudio.desktop.log_view import LogView
from tlstudio.desktop.measuring import Measuring
from tlstudio.desktop.message_bar import MessageBar
from tlstudio.desktop.model_card import ModelCard
from tlstudio.desktop.model_dialogs import ModelDialogs
from tlstudio.desktop.model_export import ModelExport
from tlstudio.desktop.model_panel import ModelPanel
from tlstudio.desktop.plan_dialogs import PlanDialogs
from tlstudio.desktop.plan_panel import PlanPanel
from tlstudio.desktop.rate_search import RateSearch
from tlstudio.desktop.results_view import ResultsView
from tlstudio.desktop.resume_offer import ResumeOffer
from tlstudio.desktop.runs_page import RunsPage
from tlstudio.desktop.settings import runs_home
from tlstudio.desktop.training_actions import TrainingActions, Views
from tlstudio.desktop.training_panel import TrainingPanel
from tlstudio.desktop.training_thread import TrainingThread
from tlstudio.desktop.translated import Translated
from tlstudio.desktop.workspace import Workspace

WARM_UP_AFTER = 200  # milliseconds


class MainWindow(Translated, QMainWindow):
    """One project at a time. ``open_model``, ``open_dataset``, ``start_training`` and ``close_project`` are what
    the menus call; they tell of failures in the message bar and raise nothing that a person can cause."""

    def __init__(self, thread: TrainingThread, settings: QSettings, language: Language, look: theme.Theme) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setAcceptDrops(True)
        self.thread_of_runs, self._settings, self._language, self._theme = thread, settings, language, look
        thread.setParent(self)
        language.setParent(self)
        look.setParent(self)
        self.workspace = Workspace(self)
        self._closes_when_ended = self._is_shut_down = self._has_looked = False
        self._build()
        self._connect()
        self.retranslate()
        self._draw_icons()
        self._restore()

    # -- building ---------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.message_bar = MessageBar(self._theme)
        offer_bar = MessageBar(self._theme, "resumeOffer")
        self.offer = ResumeOffer(offer_bar, self._settings, self)
        self.model_panel = ModelPanel(self.workspace, self._theme)
        self.dataset_panel = DatasetPanel(self.workspace)
        self.plan_panel = PlanPanel(self.workspace)
        self.training_panel = TrainingPanel(self._theme)
        self.card = ModelCard(self.workspace, self._settings)
        self.tabs = panes.SnugTabs()
        self.data_pages = DataPages(self.workspace, self.dataset_panel, self.tabs, self)
        self.thumbnails, self.images = self.data_pages.thumbnails, self.data_pages.images
        self.problems = self.data_pages.problems
        self.results = ResultsView(self._theme)
        self.runs_page = RunsPage()
        self.runs = self.runs_page.table
        self.finished_runs = FinishedRuns(
            self.runs_page, self.results, self.offer, self.tabs, lambda: self.project_folder(), self
        )
        self.log = LogView()
        views = Views(self.training_panel, self.message_bar, self.log)
        self.training = TrainingActions(
            self.thread_of_runs, self.workspace, views, lambda: self.project_folder(), self
        )
        self.rate_search = RateSearch(self.thread_of_runs, self.workspace, self.log, self._theme, self)
        self.closing = ClosingQuestion(self)
        self.measuring = Measuring(self.thread_of_runs, self.workspace, self.log, self)
        self.advice_shown = AdviceShown(self.measuring, self.model_panel, self.plan_panel, self)
        self.commands = Commands(self, self._language.code, self._theme.wish)
        self.commands.build_menus(self.model_panel.menu.actions())
        self.commands.build_toolbar()
        runs = (self.commands.train, self.commands.pause, self.commands.stop)
        for button, action in zip(self.training_panel.buttons, runs, strict=True):
            button.setDefaultAction(action)
        self.choosing = Choosing(self, self._settings)
        self.model_export = ModelExport(self.thread_of_runs, self.choosing, self.message_bar, self.log, self)
        self.results.export_button.setDefaultAction(self.commands.export)
        self.model_dialogs = ModelDialogs(self, self.workspace, self._settings, self.choosing, self._theme)
        keys = [self.commands.undo, self.commands.redo]
        self.plan_dialogs = PlanDialogs(self, self.workspace, self.measuring, self.thread_of_runs, keys)
        self.files = FileActions(self, self.workspace, self.choosing)
        self.card_area = QScrollArea(widgetResizable=True)
        self.card_area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.card_area.setWidget(self.card)
        for page in (self.card_area, self.images, self.problems, self.results, self.runs_page, self.log):
            self.tabs.addTab(page, "")
        plan = panes.scrolled(self.plan_panel)
        self.panes = panes.divided(self.model_panel, self.dataset_panel, plan, self.training_panel, self.tabs)
        self.setCentralWidget(panes.below_each_other((self.message_bar, offer_bar, self.panes)))
        self.resize(1280, 800)

    def _connect_commands(self) -> None:
        commands, stack = self.commands, self.workspace.undo_stack
        slots: list[tuple[QAction, Callable[[], object]]] = [
            (commands.open_model, self.files.choose_model),
            (commands.open_model_folder, self.files.choose_model_folder),
            (commands.library, self.model_dialogs.open_library),
            (commands.open_dataset, self.files.choose_dataset),
            (commands.open_table, self.files.choose_table),
            (commands.image_options, self.open_image_options),
            (commands.cache, self.open_cache),
            (commands.open_project, self.files.choose_project),
            (commands.open_sample, self._open_sample),
            (commands.save, self.files.choose_place),
            (commands.export, self.export_model),
            (commands.close_project, self.close_project),
            (commands.quit, self.close),
            (commands.wizard, self.open_wizard),
            (commands.train, self.start_training),
            (commands.pause, self.pause_or_resume),
            (commands.stop, self.stop_training),
            (commands.undo, stack.undo),
            (commands.redo, stack.redo),
            (commands.about, self._show_about),
        ]
        for action, slot in slots:
            action.triggered.connect(slot)
        commands.languages.triggered.connect(lambda action: self.set_language(action.data()))
        commands.looks.triggered.connect(lambda action: self.set_theme(action.data()))

    def _connect(self) -> None:
        self._connect_commands()
        space, stack = self.workspace, self.workspace.undo_stack
        space.model_changed.connect(self._on_model_changed)
        space.model_opening.connect(self._on_model_opening)
        space.notes_changed.connect(self._on_notes_changed)
        space.choice_needed.connect(self.model_dialogs.ask)
        space.dataset_changed.connect(self._on_dataset_changed)
        space.dataset_scanning.connect(self._update_actions)
        space.plan_changed.connect(self._update_actions)
        space.failed.connect(self._on_failed)
        stack.canUndoChanged.connect(self._update_undo)
        stack.canRedoChanged.connect(self._update_undo)
        stack.undoTextChanged.connect(self._update_undo)
        stack.redoTextChanged.connect(self._update_undo)
        self.files.model_chosen.connect(self.open_model)
        self.files.dataset_chosen.connect(self.open_dataset)
        self.files.project_chosen.connect(self.open_project)
        self.files.place_chosen.connect(self.save_project)
        self.model_panel.failed.connect(self.show_error)
        self.model_panel.open_requested.connect(self.files.choose_model)
        self.model_panel.library_requested.connect(self.model_dialogs.open_library)
        self.dataset_panel.open_requested.connect(self.files.choose_dataset)
        self.dataset_panel.folder_dropped.connect(self.open_path)
        self.dataset_panel.options_requested.connect(self.open_image_options)
        self.card.add_requested.connect(self.model_dialogs.add_to_library)
        self.model_dialogs.open_requested.connect(self.open_path)
        self.model_dialogs.library_changed.connect(self.card.refresh)
        self.plan_panel.failed.connect(self.show_error)
        self.plan_panel.rate_search_requested.connect(self.rate_search.begin)
        self.plan_panel.advanced_requested.connect(self.plan_dialogs.open_recipe)
        self.plan_dialogs.failed.connect(self.show_error)
        self.plan_dialogs.images_requested.connect(self.data_pages.show_images)
        self.rate_search.failed.connect(self.show_error)
        self.model_panel.measuring_line.advice_requested.connect(self.open_wizard)
        self._theme.changed.connect(self._draw_icons)
        self.training.failed.connect(self.show_error)
        self.training.changed.connect(self._update_actions)
        self.training.begun.connect(self.offer.remember)
        self.training.drifted.connect(self.model_panel.take_drift)
        self.training.ended.connect(self._on_run_ended)
        self.runs_page.resume_requested.connect(self.resume_run)
        self.runs_page.export_requested.connect(self.model_export.begin)
        self.model_export.changed.connect(self._update_actions)
        self.results.shown.connect(self._update_actions)
        self.offer.resume_requested.connect(self.resume_run)
        self.closing.stop_chosen.connect(self._on_stop_and_save)
        self.closing.keep_chosen.connect(self.showMinimized)

    def retranslate(self) -> None:
        self.commands.retranslate()
        titles = (
            self.tr("Model"), self.tr("Images"), self.tr("Problems"), self.tr("Results"), self.tr("Runs"),
            self.tr("Log"),
        )  # fmt: skip
        for place, text in enumerate(titles):
            self.tabs.setTabText(place, text)
        self._show_title()
        self._update_undo()
        self._update_actions()

    def _draw_icons(self) -> None:
        self.commands.draw_icons(self._theme.colours, self.devicePixelRatioF())

    def _restore(self) -> None:
        geometry = self._settings.value("window/geometry")
        if geometry is not None:
            self.restoreGeometry(geometry)

    # -- what menus, drops and scripts call -------------------------------------------------------------

    def open_path(self, path: Path) -> None:
        """Open whatever it is: a project, an image folder or a model; a model may be a folder, too."""
        if path.suffix == ".tlstudio":
            self.open_project(path)
        elif is_table(path) or (path.is_dir() and not holds_model(path)):
            self.open_dataset(path)
        else:
            self.open_model(path)

    def open_model(self, path: Path | str, opening: Opening = workspace.NO_CHOICES) -> None:
        """Begin to open a model; the workspace's ``model_changed`` or ``failed`` follows."""
        self.model_dialogs.forget_question()
        self.message_bar.hide()
        self.workspace.open_model(Path(path), opening)

    def open_dataset(self, path: Path | str) -> None:
        """Begin to look at an image folder, or a table of images; the workspace's ``dataset_changed`` or ``failed``
        follows."""
        path = Path(path)
        if not path.exists():
            self.show_error(TLStudioError("dataset_missing", path=path))
            return
        self.message_bar.hide()
        self.workspace.open_dataset(path)

    def open_project(self, path: Path | str) -> None:
        """Begin to open a project; the workspace's ``model_changed`` or ``failed`` follows."""
        if self._try(lambda: self.workspace.open_project(Path(path))):
            self.model_dialogs.forget_question()

    def save_project(self, path: Path | str) -> None:
        if self._try(lambda: self.workspace.save_project(Path(path))):
            self._show_title()
            self.finished_runs.refresh()

    def close_project(self) -> None:
        self.training.forget_wish()
        self.model_dialogs.forget_question()
        self.message_bar.hide()
        self.workspace.close()
        self.results.clear()
        self._show_title()

    def start_training(self) -> None:
        """Train by the plan. While model or images are still being looked at, as soon as that is done."""
        self.training.start()

    def resume_run(self, path: Path | str) -> None:
        """Go on with a run that was interrupted, by its own plan, whatever is open."""
        self.training.resume_run(Path(path))

    def export_model(self) -> None:
        """Ask where the model of the run that is shown goes, and in which format."""
        run = self.results.exportable
        if run is not None:
            self.model_export.begin(run)

    def pause_or_resume(self) -> None:
        self.training.pause_or_continue()

    def stop_training(self) -> None:
        self.training.stop()

    def open_wizard(self) -> None:
        self.plan_dialogs.open_wizard()

    def open_image_options(self) -> None:
        self.plan_dialogs.open_image_options()

    def open_cache(self) -> None:
        self.plan_dialogs.open_cache(self.is_training)

    def set_language(self, code: str) -> None:
        self._language.use(code)
        self._settings.setValue("language", code)
        for action in self.commands.languages.actions():
            action.setChecked(action.data() == self._language.code)

    def set_theme(self, wish: str) -> None:
        self._theme.use(wish)
        self._settings.setValue("theme", wish)

    # -- what is shown ----------------------------------------------------------------------------------

    @property
    def is_training(self) -> bool:
        return self.training.is_running

    def show_error(self, error: TLStudioError) -> None:
        text = texts.text_of(error)
        self.message_bar.show_message(text, "error")
        self.log.add(text)

    def project_folder(self) -> Path:
        """Where ``runs`` is: beside the project file, or in the person's documents for what was not saved."""
        project = self.workspace.project_path
        if project is not None and not project.is_relative_to(resource_path("")):
            return project.parent
        if project is not None:
            return runs_home() / project.stem
        return runs_home() / (self.workspace.model.path.stem if self.workspace.model else "runs")

    def _try(self, do: Callable[[], None]) -> bool:
        try:
            do()
        except TLStudioError as error:
            self.show_error(error)
            return False
        self.message_bar.hide()
        return True

    def _show_title(self) -> None:
        project = self.workspace.project_path
        self.setWindowTitle(f"{project.stem} – TLStudio" if project else "TLStudio")

    def _update_undo(self, _change: object = None) -> None:
        self.commands.show_undo(self.workspace.undo_stack)

    def _update_actions(self, _done: int = 0, _total: int = 0) -> None:
        space = self.workspace
        has_dataset = space.dataset is not None or space.is_scanning
        problem = texts.problem_text(space.problem) if space.problem else ""
        self.commands.show_state(space.model is not None, has_dataset, problem, self.training_panel.state)
        can_export = self.results.exportable is not None and not self.is_training
        self.commands.export.setEnabled(can_export and not self.model_export.is_running)
        self.runs_page.set_busy(self.is_training)
        self.plan_panel.set_busy(self.is_training)
        self.offer.hold_back(self.is_training)
        self.measuring.hold(self.is_training)

    # -- what happens -----------------------------------------------------------------------------------

    def _on_model_changed(self) -> None:
        self._update_actions()
        self.advice_shown.show_standing()
        if self.workspace.model is None:
            return
        if self.workspace.inspection is not None:
            self.log.add_model(self.workspace.inspection)
        if self.workspace.problem:
            self.message_bar.show_message(texts.problem_text(self.workspace.problem), "warning")
        else:
            self.thread_of_runs.warm_up()
        if not self.is_training:
            self.tabs.setCurrentWidget(self.card_area)

    def _on_notes_changed(self) -> None:
        inspection = self.workspace.inspection
        if inspection is not None:
            self.log.add_notes(warnings=inspection.warnings[-1:])

    def _on_model_opening(self, name: str) -> None:
        self._update_actions()
        if not name:
            self._show_title()
            self.finished_runs.refresh()
            self.training.start_if_asked()

    def _on_dataset_changed(self) -> None:
        self._update_actions()
        self.training.start_if_asked()

    def _on_failed(self, error: TLStudioError) -> None:
        self.show_error(error)
        if error.code == "table_columns":
            self.files.ask_for_columns(error)

    def _on_run_ended(self, event: events.Event) -> None:
        self.finished_runs.show_ended(event, self.training.scored)
        self.closing.withdraw()
        if self._closes_when_ended:
            self.close()

    # -- the program itself ----------------------------------------------------------------------------

    def _open_sample(self) -> None:
        self.open_project(sample_project())

    def _show_about(self) -> None:
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(self.tr("About TLStudio"))
        text = self.tr("TLStudio {version}: transfer learning of image classifiers, without a network connection.")
        box.setText(text.format(version=tlstudio.__version__))
        box.open()

    # -- dropping and closing ---------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # After the first paint: the first model that is opened finds its reader awake.
        QTimer.singleShot(WARM_UP_AFTER, self, self._on_painted)

    def _on_painted(self) -> None:
        if self._is_shut_down:
            return
        self.workspace.reading.warm_up()
        if not self._has_looked:
            self._has_looked = True
            self.offer.look()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        accept_drag(event)

    def dropEvent(self, event: QDropEvent) -> None:
        if (path := take_drop(event)) is not None:
            self.open_path(path)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.is_training and not self._is_shut_down:
            if not self._closes_when_ended:  # else it does so by itself in a moment
                self.closing.ask()
            event.ignore()
            return
        self._settings.setValue("window/geometry", self.saveGeometry())
        self.shut_down()
        super().closeEvent(event)

    def _on_stop_and_save(self) -> None:
        self._closes_when_ended = True
        if self.is_training:
            self.training.stop_and_save()
        else:
            self.close()

    def shut_down(self) -> None:
        """End what runs beside the window: readings, scans, the training thread and its worker."""
        self._is_shut_down = True
        self.training.cancel()
        self.measuring.close()
        self.offer.cancel()
        self.workspace.cancel_scan()
        self.workspace.reading.close()
        self.card.cancel()
        self.data_pages.close()
        self.model_dialogs.cancel()
        self.runs.cancel()
        self.thread_of_runs.close()
        QThreadPool.globalInstance().waitForDone(3000)
