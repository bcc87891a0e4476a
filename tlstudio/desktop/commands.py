"""What can be done in the window: its actions with their names, keys, icons and texts, in menus and a toolbar.

The window connects them; nothing is decided here but when each is enabled.
"""

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QUndoStack
from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar

from tlstudio.desktop.icons import icon
from tlstudio.desktop.language import LANGUAGES
from tlstudio.desktop.making import make
from tlstudio.desktop.texts import plain_tip
from tlstudio.desktop.theme import WISHES, Colours
from tlstudio.desktop.training_state import TrainingState

Key = QKeySequence.StandardKey | str | None


class Commands(QObject):
    def __init__(self, window: QMainWindow, language: str, look: str) -> None:
        super().__init__(window)
        self._window = window
        self._build_actions(language, look)

    # -- building ---------------------------------------------------------------------------------------

    def _action(self, name: str, key: Key = None) -> QAction:
        action = make(QAction, name, self._window)
        if key is not None:
            action.setShortcut(QKeySequence(key))
        self._window.addAction(action)
        return action

    def _build_actions(self, language: str, look: str) -> None:
        keys = QKeySequence.StandardKey
        self.open_model = self._action("openModelAction", keys.Open)
        self.open_model_folder = self._action("openModelFolderAction")
        self.library = self._action("modelLibraryAction", "Ctrl+L")
        self.open_dataset = self._action("openDatasetAction", "Ctrl+D")
        self.open_table = self._action("openTableAction")
        self.image_options = self._action("imageOptionsAction", "Ctrl+I")
        self.cache = self._action("cacheAction")
        self.open_project = self._action("openProjectAction", "Ctrl+Shift+O")
        self.open_sample = self._action("openSampleAction")
        self.save = self._action("saveProjectAction", keys.Save)
        self.export = self._action("exportModelAction", "Ctrl+E")
        self.close_project = self._action("closeProjectAction", "Ctrl+W")
        self.quit = self._action("quitAction", "Ctrl+Q")
        self.wizard = self._action("strategyWizardAction", "Ctrl+R")
        self.train = self._action("trainAction", "F5")
        self.pause = self._action("pauseAction", "F6")
        self.stop = self._action("stopAction", "F7")
        self.undo = self._action("undoAction", keys.Undo)
        self.redo = self._action("redoAction", keys.Redo)
        self.about = self._action("aboutAction")
        self.languages = self._choices("language", tuple(LANGUAGES), language)
        self.looks = self._choices("theme", WISHES, look)
        for action in self.languages.actions():
            action.setText(LANGUAGES[action.data()])

    def _choices(self, name: str, values: tuple[str, ...], current: str) -> QActionGroup:
        group = QActionGroup(self)
        for value in values:
            action = self._action(f"{name}_{value}_action")
            action.setData(value)
            action.setCheckable(True)
            action.setChecked(value == current)
            group.addAction(action)
        return group

    def build_menus(self, model_actions: list[QAction]) -> None:
        """``model_actions``: what can be done to the current layer, for the edit menu."""
        bar = self._window.menuBar()
        self._file, self._edit, self._training, self._view, self._help = (bar.addMenu("") for _ in range(5))
        self._file.addActions([self.open_model, self.open_model_folder, self.library])
        self._file.addSeparator()
        self._file.addActions([self.open_dataset, self.open_table, self.open_project, self.open_sample])
        self._file.addSeparator()
        self._file.addActions([self.save, self.export, self.close_project])
        self._file.addSeparator()
        self._file.addAction(self.quit)
        self._edit.addActions([self.undo, self.redo])
        self._edit.addSeparator()
        self._edit.addActions(model_actions)
        self._edit.addSeparator()
        self._edit.addActions([self.image_options, self.cache])
        self._training.addActions([self.wizard, self.train, self.pause, self.stop])
        self._language_menu, self._look_menu = QMenu(self._window), QMenu(self._window)
        self._language_menu.addActions(self.languages.actions())
        self._look_menu.addActions(self.looks.actions())
        self._view.addMenu(self._language_menu)
        self._view.addMenu(self._look_menu)
        self._help.addAction(self.about)

    def build_toolbar(self) -> None:
        self._toolbar = make(QToolBar, "mainToolbar", movable=False)
        self._toolbar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._toolbar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        for actions in ([self.open_model, self.open_dataset], [self.wizard], [self.undo, self.redo]):
            if self._toolbar.actions():
                self._toolbar.addSeparator()
            self._toolbar.addActions(actions)
        self._window.addToolBar(self._toolbar)

    # -- what is shown ----------------------------------------------------------------------------------

    def retranslate(self) -> None:
        self._file.setTitle(self.tr("&File"))
        self._edit.setTitle(self.tr("&Edit"))
        self._training.setTitle(self.tr("&Training"))
        self._view.setTitle(self.tr("&View"))
        self._help.setTitle(self.tr("&Help"))
        self._language_menu.setTitle(self.tr("Language"))
        self._look_menu.setTitle(self.tr("Appearance"))
        self._toolbar.setWindowTitle(self.tr("Toolbar"))
        self.open_model.setText(self.tr("Open model…"))
        self.open_model.setToolTip(
            self.tr("Open a trained model (.h5, .hdf5, .keras, .caffemodel, or a description with its weights)")
        )
        self.open_model_folder.setText(self.tr("Open model folder…"))
        self.open_model_folder.setToolTip(self.tr("Open a model that is a folder (SavedModel)"))
        self.library.setText(self.tr("Model library…"))
        self.library.setToolTip(self.tr("Models on this machine, and where to put those that are missing"))
        self.open_dataset.setText(self.tr("Open image folder…"))
        self.open_dataset.setToolTip(self.tr("Open a folder that has one folder of images per class"))
        self.open_table.setText(self.tr("Open table of images…"))
        self.open_table.setToolTip(self.tr("Open a CSV or TSV file that names images and their classes"))
        self.image_options.setText(self.tr("Reading the images…"))
        self.cache.setText(self.tr("Cache…"))
        self.open_project.setText(self.tr("Open project…"))
        self.open_sample.setText(self.tr("Open the sample"))
        self.save.setText(self.tr("Save project…"))
        self.export.setText(self.tr("Export model…"))
        self.export.setToolTip(
            self.tr("Write the model of the run whose result is shown for other programs (Ctrl+E)")
        )
        self.close_project.setText(self.tr("Close project"))
        self.quit.setText(self.tr("Quit"))
        self.wizard.setText(self.tr("Strategy wizard…"))
        self.train.setText(self.tr("Train"))
        self.stop.setText(self.tr("Stop"))
        self.stop.setToolTip(self.tr("Stop; the best model so far is kept (F7)"))
        self.about.setText(self.tr("About TLStudio"))
        looks = {"system": self.tr("As the system"), "light": self.tr("Light"), "dark": self.tr("Dark")}
        for action in self.looks.actions():
            action.setText(looks[action.data()])

    def draw_icons(self, colours: Colours, ratio: float) -> None:
        for action, name in (
            (self.open_model, "model"),
            (self.open_dataset, "folder"),
            (self.wizard, "wizard"),
            (self.train, "train"),
            (self.pause, "pause"),
            (self.stop, "stop"),
            (self.undo, "undo"),
            (self.redo, "redo"),
        ):
            action.setIcon(icon(name, colours.text, colours.line, ratio))

    def show_state(self, has_model: bool, has_dataset: bool, problem: str, state: TrainingState) -> None:
        """``has_dataset`` also while an image folder is still being looked at. ``problem``: why the open model
        can't be trained, for a person to read; empty where it can."""
        can_train = has_model and not problem
        self.train.setEnabled(can_train and has_dataset and not state.is_running)
        ready = self.tr("Train by the plan (F5)")
        missing = self.tr("Open a model and an image folder first")
        problem = plain_tip(problem)
        self.train.setToolTip(problem or (ready if has_model and has_dataset else missing))
        wizard = self.tr("Find the right way to train, by what the network knows of your images")
        self.wizard.setToolTip(problem or wizard)
        self.pause.setText(self.tr("Continue") if state.phase == "paused" else self.tr("Pause"))
        self.pause.setEnabled(state.can_pause)
        self.stop.setEnabled(state.is_running and state.phase != "stopping")
        self.wizard.setEnabled(can_train)
        self.image_options.setEnabled(has_dataset)
        self.save.setEnabled(has_model or has_dataset)
        self.close_project.setEnabled(has_model or has_dataset)

    def show_undo(self, stack: QUndoStack) -> None:
        self.undo.setEnabled(stack.canUndo())
        self.redo.setEnabled(stack.canRedo())
        self.undo.setText(self.tr("Undo"))
        self.redo.setText(self.tr("Redo"))
        self.undo.setToolTip(self.tr("Undo {edit}").format(edit=stack.undoText()) if stack.canUndo() else "")
        self.redo.setToolTip(self.tr("Redo {edit}").format(edit=stack.redoText()) if stack.canRedo() else "")
