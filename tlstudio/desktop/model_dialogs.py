"""The dialogs about models: what a file leaves open, the library, and adding the open model to it."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtWidgets import QDialog, QWidget

from tlstudio.desktop.choosing import Choosing
from tlstudio.desktop.opening_flow import OpeningFlow
from tlstudio.desktop.settings import library_folder
from tlstudio.desktop.theme import Theme
from tlstudio.desktop.workspace import Workspace

if TYPE_CHECKING:
    from tlstudio.desktop.library_page import LibraryDialog


class ModelDialogs(QObject):
    """None of them blocks; each is made when it is first needed, since the window is up sooner without it."""

    open_requested = Signal(Path)  # a model of the library
    library_changed = Signal()

    def __init__(
        self, window: QWidget, space: Workspace, settings: QSettings, choosing: Choosing, theme: Theme
    ) -> None:
        super().__init__(window)
        self._window, self._space, self._settings = window, space, settings
        self._choosing, self._theme = choosing, theme
        self._question: QDialog | None = None
        self._library: LibraryDialog | None = None

    # -- what a file leaves open ------------------------------------------------------------------------

    def ask(self, flow: OpeningFlow) -> None:
        """Ask in one dialog; the answers go to the workspace, and a refusal leaves all as it was."""
        from tlstudio.desktop.opening_dialog import OpeningDialog

        self.forget_question()
        dialog = OpeningDialog(flow, self._theme, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._on_answered(flow))
        dialog.rejected.connect(self._on_declined)
        dialog.file_wanted.connect(lambda: dialog.take_file(self._choosing.other_file()))
        self._question = dialog
        dialog.open()

    def _on_answered(self, flow: OpeningFlow) -> None:
        self._question = None
        self._space.answer(flow)

    def _on_declined(self) -> None:
        self._question = None
        self._space.cancel_opening()

    def forget_question(self) -> None:
        """Another file is asked for: the question about the one before is void."""
        dialog, self._question = self._question, None
        if dialog is not None:
            dialog.blockSignals(True)
            dialog.close()

    # -- the library ------------------------------------------------------------------------------------

    def open_library(self) -> None:
        self._library_dialog()

    def _library_dialog(self) -> "LibraryDialog":
        from tlstudio.desktop.library_page import LibraryDialog

        if self._library is None:
            self._library = LibraryDialog(self._settings, self._choosing, self._theme, self._window)
            self._library.page.open_requested.connect(self.open_requested)
            self._library.page.changed.connect(self.library_changed)
        self._library.show()
        self._library.raise_()
        self._library.activateWindow()
        return self._library

    def add_to_library(self) -> None:
        """Ask for the open model's source and licence, and copy it into the library."""
        from tlstudio.desktop.library_adding import AddToLibraryDialog, copy_into_library

        model = self._space.model
        if model is None:
            return
        asking = AddToLibraryDialog(model, self._window)
        asking.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def copy() -> None:
            folder, card = library_folder(self._settings), asking.card()
            self._library_dialog().page.add_by(lambda task: copy_into_library(folder, model, card, task))

        asking.accepted.connect(copy)
        asking.open()

    def cancel(self) -> None:
        """Leave off what the library is doing."""
        if self._library is not None:
            self._library.page.cancel()
