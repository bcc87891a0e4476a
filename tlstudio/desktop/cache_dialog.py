"""How large the cache is, and a button that empties it."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPushButton, QVBoxLayout, QWidget

from tlstudio.core.cache import cache_folder, cache_size, clear_cache
from tlstudio.desktop import texts
from tlstudio.desktop.background import Task
from tlstudio.desktop.making import make
from tlstudio.desktop.translated import Translated


class CacheDialog(Translated, QDialog):
    """``is_training``: then the cache is in use and can't be emptied."""

    def __init__(self, is_training: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("cacheDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._is_training = is_training
        self._size: int | None = None
        self._task: Task | None = None
        self.what = QLabel(wordWrap=True)
        self.place = QLabel(wordWrap=True)
        self.place.setTextFormat(Qt.TextFormat.PlainText)
        self.place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.size_label = make(QLabel, "cacheSize")
        self.clear_button = make(QPushButton, "clearCacheButton", autoDefault=False)
        self.open_button = make(QPushButton, "openCacheButton", autoDefault=False)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        for button in (self.clear_button, self.open_button):
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        self.clear_button.clicked.connect(lambda: self._ask(clear_cache))
        self.open_button.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(cache_folder()))))
        layout = QVBoxLayout(self)
        for label in (self.what, self.place, self.size_label):
            layout.addWidget(label)
        layout.addWidget(buttons)
        self.setMinimumWidth(420)
        self.retranslate()
        self._ask(cache_size)

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Cache"))
        self.what.setText(
            self.tr(
                "Decoded images, features of frozen layers and what is known of image folders are kept, so that the "
                "next time is faster. All of it is made again when it is missing."
            )
        )
        self.place.setText(str(cache_folder()))
        self.clear_button.setText(self.tr("Empty the cache"))
        self.clear_button.setToolTip(self.tr("Not while a training is going on") if self._is_training else "")
        self.open_button.setText(self.tr("Show the folder"))
        self._show()

    def _show(self) -> None:
        size = "…" if self._size is None else texts.bytes_text(self._size)
        self.size_label.setText(self.tr("It holds {size}.").format(size=size))
        self.clear_button.setEnabled(bool(self._size) and not self._is_training)

    def _ask(self, question: Callable[[], int]) -> None:
        """``cache_size`` or ``clear_cache``, off the window's thread."""
        self._size = None
        self._show()
        self._task = Task(lambda _task: question(), self)
        self._task.finished.connect(self._on_answered)
        self._task.start()

    def _on_answered(self, size: int) -> None:
        self._task, self._size = None, size
        self._show()

    def done(self, result: int) -> None:
        if self._task is not None:
            self._task.cancel()
        super().done(result)
