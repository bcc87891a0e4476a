"""The main window: its panes, its actions, and what passes between workspace and training thread."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import QEvent, QSettings, Qt, QThreadPool
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtWidgets import (
    QFileDialog,
    QMainWindow,
    QMenu,
    QMessageBox,
    QScrollArea,
    QSplitter,
    QTabWidget,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

import tlstudio
from tlstudio.core import events
from tlstudio.core.errors import TLStudioError
from tlstudio.core.resources import resource_path, sample_project
from tlstudio.desktop import texts, theme, workspace
from tlstudio.desktop.dataset_panel import DatasetPanel
from tlstudio.desktop.dropping import dropped_path
from tlstudio.desktop.icons import icon
from tlstudio.desktop.language import LANGUAGES, Language
from tlstudio.desktop.log_view import LogView
from tlstudio.desktop.making import make
from tlstudio.desktop.message_bar import MessageBar
from tlstudio.desktop.model_panel import ModelPanel
from tlstudio.desktop.plan_panel import PlanPanel
from tlstudio.desktop.results_view import ResultsView
from tlstudio.desktop.runs_table import RunRow, RunsTable
from tlstudio.desktop.settings import runs_home
from tlstudio.desktop.training_panel import TrainingPanel
from tlstudio.desktop.training_thread import TrainingThread
from tlstudio.desktop.workspace import Workspace

MODEL_SUFFIXES = "*.h5 *.hdf5 *.keras"


class MainWindow(QMainWindow):
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
        self._starts_when_scanned = False
        self._closes_at_once = False
        self._scored: events.Evaluated | None = None
        self._build()
        self._connect()
        self.retranslate()
        self._draw_icons()
        self._restore()

    # -- building ---------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.message_bar = MessageBar(self._theme)
        self.model_panel = ModelPanel(self.workspace, self._theme)
        self.dataset_panel = DatasetPanel(self.workspace)
        self.plan_panel = PlanPanel(self.workspace)
        self.training_panel = TrainingPanel(self._theme)
        self.results = ResultsView(self._theme)
        self.runs = RunsTable()
        self.log = LogView()
        self._build_actions()
        self._build_menus()
        self._build_toolbar()
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(self.plan_panel)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.tabs = QTabWidget(documentMode=True)
        for page in (self.results, self.runs, self.log):
            self.tabs.addTab(page, "")
        middle = self._splitter(Qt.Orientation.Vertical, (self.dataset_panel, scroll), (11, 10))
        right = self._splitter(Qt.Orientation.Vertical, (self.training_panel, self.tabs), (12, 10))
        self.panes = self._splitter(Qt.Orientation.Horizontal, (self.model_panel, middle, right), (12, 10, 13))
        central = QWidget()
        layout = QVBoxLayout(central)
        layout.setContentsMargins(8, 6, 8, 8)
        layout.addWidget(self.message_bar)
        layout.addWidget(self.panes, 1)
        self.setCentralWidget(central)
        self.resize(1280, 800)

    @staticmethod
    def _splitter(orientation: Qt.Orientation, widgets: tuple[QWidget, ...], shares: tuple[int, ...]) -> QSplitter:
        splitter = QSplitter(orientation, childrenCollapsible=False)
        for widget, share in zip(widgets, shares, strict=True):
            splitter.addWidget(widget)
            splitter.setStretchFactor(splitter.count() - 1, share)
        splitter.setSizes([100 * share for share in shares])
        return splitter

    def _action(self, name: str, slot: Callable[[], object], shortcut: QKeySequence | str | None = None) -> QAction:
        action = make(QAction, name, self)
        action.triggered.connect(lambda _checked=False: slot())
        if shortcut is not None:
            action.setShortcut(shortcut)
        self.addAction(action)
        return action

    def _build_actions(self) -> None:
        keys, stack = QKeySequence.StandardKey, self.workspace.undo_stack
        self.open_model_action = self._action("openModelAction", self._choose_model, QKeySequence(keys.Open))
        self.open_dataset_action = self._action("openDatasetAction", self._choose_dataset, "Ctrl+D")
        self.open_project_action = self._action("openProjectAction", self._choose_project, "Ctrl+Shift+O")
        self.open_sample_action = self._action("openSampleAction", lambda: self.open_project(sample_project()))
        self.save_action = self._action("saveProjectAction", self._save, QKeySequence(keys.Save))
        self.close_action = self._action("closeProjectAction", self.close_project, "Ctrl+W")
        self.quit_action = self._action("quitAction", self.close, "Ctrl+Q")
        self.wizard_action = self._action("strategyWizardAction", self.open_wizard, "Ctrl+R")
        self.train_action = self._action("trainAction", self.start_training, "F5")
        self.pause_action = self._action("pauseAction", self.pause_or_resume, "F6")
        self.stop_action = self._action("stopAction", self.stop_training, "F7")
        self.undo_action = self._action("undoAction", stack.undo, QKeySequence(keys.Undo))
        self.redo_action = self._action("redoAction", stack.redo, QKeySequence(keys.Redo))
        self.about_action = self._action("aboutAction", self._show_about)
        self.language_group, self.theme_group = QActionGroup(self), QActionGroup(self)
        for code, name in LANGUAGES.items():
            action = self._action(f"language_{code}_action", partial(self.set_language, code))
            action.setText(name)
            action.setCheckable(True)
            action.setChecked(code == self._language.code)
            self.language_group.addAction(action)
        for wish in theme.WISHES:
            action = self._action(f"theme_{wish}_action", partial(self.set_theme, wish))
            action.setCheckable(True)
            action.setChecked(wish == self._theme.wish)
            self.theme_group.addAction(action)

    def _build_menus(self) -> None:
        bar = self.menuBar()
        self.file_menu, self.edit_menu, self.training_menu, self.view_menu, self.help_menu = (
            bar.addMenu("") for _ in range(5)
        )
        self.file_menu.addActions([self.open_model_action, self.open_dataset_action])
        self.file_menu.addActions([self.open_project_action, self.open_sample_action])
        self.file_menu.addSeparator()
        self.file_menu.addActions([self.save_action, self.close_action])
        self.file_menu.addSeparator()
        self.file_menu.addAction(self.quit_action)
        self.edit_menu.addActions([self.undo_action, self.redo_action])
        self.edit_menu.addSeparator()
        self.edit_menu.addActions(self.model_panel.menu.actions())
        self.training_menu.addActions([self.wizard_action, self.train_action, self.pause_action, self.stop_action])
        self.language_menu, self.theme_menu = QMenu(self), QMenu(self)
        self.language_menu.addActions(self.language_group.actions())
        self.theme_menu.addActions(self.theme_group.actions())
        self.view_menu.addMenu(self.language_menu)
        self.view_menu.addMenu(self.theme_menu)
        self.help_menu.addAction(self.about_action)

    def _build_toolbar(self) -> None:
        self.toolbar = make(QToolBar, "mainToolbar", movable=False)
        self.toolbar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toolbar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.toolbar.addActions([self.open_model_action, self.open_dataset_action])
        self.toolbar.addSeparator()
        self.toolbar.addActions([self.wizard_action])
        self.toolbar.addSeparator()
        self.toolbar.addActions([self.undo_action, self.redo_action])
        self.addToolBar(self.toolbar)
        runs = (self.train_action, self.pause_action, self.stop_action)
        for button, action in zip(self.training_panel.buttons, runs, strict=True):
            button.setDefaultAction(action)

    def _connect(self) -> None:
        space, stack = self.workspace, self.workspace.undo_stack
        space.model_changed.connect(self._on_model_changed)
        space.dataset_changed.connect(self._on_dataset_changed)
        space.dataset_scanning.connect(self._update_actions)
        space.plan_changed.connect(self._update_actions)
        space.failed.connect(self.show_error)
        stack.canUndoChanged.connect(self._update_undo)
        stack.canRedoChanged.connect(self._update_undo)
        stack.undoTextChanged.connect(self._update_undo)
        stack.redoTextChanged.connect(self._update_undo)
        self.model_panel.failed.connect(self.show_error)
        self.model_panel.open_requested.connect(self._choose_model)
        self.dataset_panel.open_requested.connect(self._choose_dataset)
        self.dataset_panel.folder_dropped.connect(self.open_dataset)
        self.plan_panel.failed.connect(self.show_error)
        self.runs.run_chosen.connect(self._on_run_chosen)
        self._theme.changed.connect(self._draw_icons)
        self.thread_of_runs.event_happened.connect(self._on_event)
        self.thread_of_runs.run_ended.connect(self._on_run_ended)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        self.file_menu.setTitle(self.tr("&File"))
        self.edit_menu.setTitle(self.tr("&Edit"))
        self.training_menu.setTitle(self.tr("&Training"))
        self.view_menu.setTitle(self.tr("&View"))
        self.help_menu.setTitle(self.tr("&Help"))
        self.language_menu.setTitle(self.tr("Language"))
        self.theme_menu.setTitle(self.tr("Appearance"))
        self.open_model_action.setText(self.tr("Open model…"))
        self.open_model_action.setToolTip(self.tr("Open a trained model (.h5, .hdf5, .keras)"))
        self.open_dataset_action.setText(self.tr("Open image folder…"))
        self.open_dataset_action.setToolTip(self.tr("Open a folder that has one folder of images per class"))
        self.open_project_action.setText(self.tr("Open project…"))
        self.open_sample_action.setText(self.tr("Open the sample"))
        self.save_action.setText(self.tr("Save project…"))
        self.close_action.setText(self.tr("Close project"))
        self.quit_action.setText(self.tr("Quit"))
        self.wizard_action.setText(self.tr("Strategy wizard…"))
        self.wizard_action.setToolTip(self.tr("Find the right way to train, by two questions"))
        self.train_action.setText(self.tr("Train"))
        self.stop_action.setText(self.tr("Stop"))
        self.stop_action.setToolTip(self.tr("Stop; the best model so far is kept (F7)"))
        self.about_action.setText(self.tr("About TLStudio"))
        names = {"system": self.tr("As the system"), "light": self.tr("Light"), "dark": self.tr("Dark")}
        for wish, action in zip(theme.WISHES, self.theme_group.actions(), strict=True):
            action.setText(names[wish])
        for place, text in enumerate((self.tr("Results"), self.tr("Runs"), self.tr("Log"))):
            self.tabs.setTabText(place, text)
        self.toolbar.setWindowTitle(self.tr("Toolbar"))
        self._show_title()
        self._update_undo()
        self._update_actions()

    def _draw_icons(self) -> None:
        colours, ratio = self._theme.colours, self.devicePixelRatioF()
        for action, name in (
            (self.open_model_action, "model"),
            (self.open_dataset_action, "folder"),
            (self.wizard_action, "wizard"),
            (self.train_action, "train"),
            (self.pause_action, "pause"),
            (self.stop_action, "stop"),
            (self.undo_action, "undo"),
            (self.redo_action, "redo"),
        ):
            action.setIcon(icon(name, colours.text, colours.line, ratio))

    def _restore(self) -> None:
        geometry = self._settings.value("window/geometry")
        if geometry is not None:
            self.restoreGeometry(geometry)

    # -- what menus, drops and scripts call -------------------------------------------------------------

    def open_path(self, path: Path) -> None:
        """Open whatever it is: a project, an image folder or a model."""
        if path.suffix == ".tlstudio":
            self.open_project(path)
        elif path.is_dir():
            self.open_dataset(path)
        else:
            self.open_model(path)

    def open_model(self, path: Path | str) -> None:
        if self._try(lambda: self.workspace.open_model(Path(path))):
            self.thread_of_runs.warm_up()

    def open_dataset(self, path: Path | str) -> None:
        path = Path(path)
        if not path.is_dir():
            self.show_error(TLStudioError("dataset_missing", path=path))
            return
        self.message_bar.hide()
        self.workspace.open_dataset(path)

    def open_project(self, path: Path | str) -> None:
        if self._try(lambda: self.workspace.open_project(Path(path))):
            self._show_title()
            self.refresh_runs()
            self.thread_of_runs.warm_up()

    def save_project(self, path: Path | str) -> None:
        if self._try(lambda: self.workspace.save_project(Path(path))):
            self._show_title()
            self.refresh_runs()

    def close_project(self) -> None:
        self._starts_when_scanned = False
        self.message_bar.hide()
        self.workspace.close()
        self.results.clear()
        self._show_title()

    def start_training(self) -> None:
        """Train by the plan. While the image folder is still being looked at, as soon as that is done."""
        if self.is_training:
            return
        if self.workspace.is_scanning:
            self._starts_when_scanned = True
            self.message_bar.show_message(self.tr("Training begins when all images have been looked at."), "good")
            return
        from tlstudio.core.run_folder import new_run_path

        try:
            plan = self.workspace.require_ready()
        except TLStudioError as error:
            self.show_error(error)
            return
        self.message_bar.hide()
        self._scored = None
        self.training_panel.begin()
        self.thread_of_runs.submit(plan, new_run_path(self.project_folder(), plan.strategy))
        self._update_actions()

    def pause_or_resume(self) -> None:
        if self.training_panel.state.phase == "paused":
            self.thread_of_runs.resume()
        elif self.is_training:
            self.thread_of_runs.pause()

    def stop_training(self) -> None:
        self._starts_when_scanned = False
        if self.is_training:
            self.thread_of_runs.stop()
            self.training_panel.show_stopping()
            self._update_actions()

    def open_wizard(self) -> None:
        from tlstudio.desktop.wizard import StrategyWizard
        from tlstudio.desktop.wizard_flow import WizardFlow

        space = self.workspace
        if space.model is None or space.plan is None:
            self.show_error(TLStudioError("no_model_open"))
            return
        images = len(space.split.train) if space.split else 0
        wizard = StrategyWizard(WizardFlow(space.model, space.plan.dataset, images, len(space.classes)), self)
        wizard.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        wizard.accepted.connect(lambda: self._take_plan_of(wizard))
        wizard.open()

    def _take_plan_of(self, wizard: "object") -> None:
        plan, old = getattr(wizard, "plan", None), self.workspace.plan
        if plan is None or old is None:
            return
        # What isn't about the way stays as the person has set it.
        kept = {
            field: getattr(old, field)
            for field in ("preprocess", "fit", "seed", "validation_split", "class_weights", "augment")
        }
        self.workspace.change_plan(msgspec.structs.replace(plan, **kept), workspace.STRATEGY)

    def set_language(self, code: str) -> None:
        self._language.use(code)
        self._settings.setValue("language", code)
        for action in self.language_group.actions():
            action.setChecked(action.objectName() == f"language_{self._language.code}_action")

    def set_theme(self, wish: str) -> None:
        self._theme.use(wish)
        self._settings.setValue("theme", wish)

    # -- what is shown ----------------------------------------------------------------------------------

    @property
    def is_training(self) -> bool:
        return self.training_panel.state.is_running

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

    def refresh_runs(self) -> None:
        self.runs.refresh(self.project_folder() / "runs")

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
        stack = self.workspace.undo_stack
        self.undo_action.setEnabled(stack.canUndo())
        self.redo_action.setEnabled(stack.canRedo())
        self.undo_action.setText(self.tr("Undo"))
        self.redo_action.setText(self.tr("Redo"))
        self.undo_action.setToolTip(self.tr("Undo {edit}").format(edit=stack.undoText()) if stack.canUndo() else "")
        self.redo_action.setToolTip(self.tr("Redo {edit}").format(edit=stack.redoText()) if stack.canRedo() else "")

    def _update_actions(self, _done: int = 0, _total: int = 0) -> None:
        space, state = self.workspace, self.training_panel.state
        has_model = space.model is not None
        has_dataset = space.dataset is not None or space.is_scanning
        self.train_action.setEnabled(has_model and has_dataset and not state.is_running)
        self.train_action.setToolTip(
            self.tr("Train by the plan (F5)")
            if has_model and has_dataset
            else self.tr("Open a model and an image folder first")
        )
        is_paused = state.phase == "paused"
        self.pause_action.setText(self.tr("Continue") if is_paused else self.tr("Pause"))
        self.pause_action.setEnabled(state.can_pause)
        self.stop_action.setEnabled(state.is_running and state.phase != "stopping")
        self.wizard_action.setEnabled(has_model)
        self.save_action.setEnabled(has_model or space.dataset is not None)
        self.close_action.setEnabled(has_model or space.dataset is not None or space.is_scanning)

    # -- what happens -----------------------------------------------------------------------------------

    def _on_model_changed(self) -> None:
        self._show_title()
        self._update_actions()
        self.refresh_runs()

    def _on_dataset_changed(self) -> None:
        self._update_actions()
        if self._starts_when_scanned and not self.workspace.is_scanning:
            self._starts_when_scanned = False
            if self.workspace.dataset is not None:
                self.start_training()

    def _on_event(self, event: events.Event) -> None:
        self.log.take(event)
        if isinstance(event, events.Evaluated):
            self._scored = event
        if isinstance(event, events.Noticed):
            self.message_bar.show_message(texts.notice_text(event), "warning")
        before = self.training_panel.state.phase
        if self.is_training:
            self.training_panel.take(event)
        if self.training_panel.state.phase != before:
            self._update_actions()

    def _on_run_ended(self, event: events.Event) -> None:
        if isinstance(event, events.RunFinished):
            self.results.show_run(event, self._scored)
            self.tabs.setCurrentWidget(self.results)
            if event.test is not None:
                text = self.tr("Training is done. Test accuracy: {accuracy}")
                self.message_bar.show_message(text.format(accuracy=f"{100 * event.test.accuracy:.1f} %"), "good")
        elif isinstance(event, events.JobFailed):
            self.message_bar.show_message(texts.error_text(event.code, event.facts), "error")
        self._update_actions()
        self.refresh_runs()

    def _on_run_chosen(self, row: RunRow) -> None:
        if row.finished is not None:
            self.results.show_run(row.finished, row.scored)
            self.tabs.setCurrentWidget(self.results)

    # -- asking for files -------------------------------------------------------------------------------

    def _choose_model(self) -> None:
        filters = self.tr("Trained models ({suffixes});;All files (*)").format(suffixes=MODEL_SUFFIXES)
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Open a trained model"), self._last_folder(), filters)
        if path:
            self._remember_folder(path)
            self.open_model(path)

    def _choose_dataset(self) -> None:
        path = QFileDialog.getExistingDirectory(self, self.tr("Open an image folder"), self._last_folder())
        if path:
            self._remember_folder(path)
            self.open_dataset(path)

    def _choose_project(self) -> None:
        filters = self.tr("TLStudio projects (*.tlstudio)")
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Open a project"), self._last_folder(), filters)
        if path:
            self._remember_folder(path)
            self.open_project(path)

    def _save(self) -> None:
        filters = self.tr("TLStudio projects (*.tlstudio)")
        path, _ = QFileDialog.getSaveFileName(self, self.tr("Save the project"), self._last_folder(), filters)
        if path:
            self._remember_folder(path)
            self.save_project(path if path.endswith(".tlstudio") else path + ".tlstudio")

    def _last_folder(self) -> str:
        return str(self._settings.value("folder", str(Path.home())))

    def _remember_folder(self, path: str) -> None:
        self._settings.setValue("folder", str(Path(path).parent))

    def _show_about(self) -> None:
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(self.tr("About TLStudio"))
        text = self.tr("TLStudio {version}: transfer learning of image classifiers, without a network connection.")
        box.setText(text.format(version=tlstudio.__version__))
        box.open()

    # -- dropping and closing ---------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_path(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped_path(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.open_path(path)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.is_training and not self._closes_at_once:
            self._closes_at_once = True
            text = self.tr(
                "Training is going on. Close the window once more to stop it; the best model so far is kept."
            )
            self.message_bar.show_message(text, "warning")
            event.ignore()
            return
        self._settings.setValue("window/geometry", self.saveGeometry())
        self.shut_down()
        super().closeEvent(event)

    def shut_down(self) -> None:
        """End what runs beside the window: scans, the training thread and its worker."""
        self.workspace.cancel_scan()
        self.runs.cancel()
        self.thread_of_runs.close()
        QThreadPool.globalInstance().waitForDone(3000)
