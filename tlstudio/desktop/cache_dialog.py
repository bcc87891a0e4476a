"""How large the cache is and may become, and a button that empties it."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tlstudio.core.cache import cache_folder, cache_limit, cache_size, clear_cache, make_room, set_cache_limit
from tlstudio.core.errors import TLStudioError
from tlstudio.desktop import texts
from tlstudio.desktop.background import Task
from tlstudio.desktop.making import make
from tlstudio.desktop.translated import Translated

GIGABYTE = 10**9  # as file managers count, and as sizes are shown


class CacheDialog(Translated, QDialog):
    """``is_training``: then the cache is in use, and can't be emptied or made smaller."""

    def __init__(self, is_training: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("cacheDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._is_training = is_training
        self._size: int | None = None
        self._task: Task | None = None
        self._next: Callable[[], int] | None = None  # asked while a task was running
        self.what = QLabel(wordWrap=True)
        self.place = QLabel(wordWrap=True)
        self.place.setTextFormat(Qt.TextFormat.PlainText)
        self.place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.size_label = make(QLabel, "cacheSize", wordWrap=True)
        self.limit_label = QLabel()
        self.limit_box = make(QDoubleSpinBox, "cacheLimitBox", decimals=1, minimum=0.1, maximum=100_000)
        self.limit_box.setKeyboardTracking(False)
        self.limit_box.setValue(cache_limit() / GIGABYTE)
        self.limit_label.setBuddy(self.limit_box)
        self.clear_button = make(QPushButton, "clearCacheButton", autoDefault=False)
        self.open_button = make(QPushButton, "openCacheButton", autoDefault=False)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        for button in (self.clear_button, self.open_button):
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        self.clear_button.clicked.connect(lambda: self._ask(clear_cache))
        self.limit_box.valueChanged.connect(self._on_limit_changed)
        self.open_button.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(cache_folder()))))
        layout = QVBoxLayout(self)
        for label in (self.what, self.place, self.size_label):
            layout.addWidget(label)
        row = QHBoxLayout()
        row.addWidget(self.limit_label)
        row.addWidget(self.limit_box)
        row.addStretch(1)
        layout.addLayout(row)
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
        self.limit_label.setText(self.tr("Keep at most"))
        self.limit_box.setAccessibleName(self.tr("Largest size of the cache"))
        self.limit_box.setSuffix(self.tr(" GB"))
        reason = self.tr("Not while a training is going on") if self._is_training else ""
        self.clear_button.setToolTip(reason)
        tip = self.tr("What was not used for longest makes room; a training may need more while it goes on.")
        self.limit_box.setToolTip(reason or tip)
        self.open_button.setText(self.tr("Show the folder"))
        self._show()

    def _show(self) -> None:
        size = "…" if self._size is None else texts.bytes_text(self._size)
        self.size_label.setText(self.tr("It holds {size}.").format(size=size))
        self.clear_button.setEnabled(bool(self._size) and not self._is_training)
        self.limit_box.setEnabled(not self._is_training)

    def _on_limit_changed(self, value: float) -> None:
        try:
            set_cache_limit(round(value * GIGABYTE))
        except TLStudioError as error:
            self.size_label.setText(texts.text_of(error))
        else:
            self._ask(make_room)

    def _ask(self, question: Callable[[], int]) -> None:
        """One of the cache's functions, which tell what it holds, off the window's thread. One at a time: two that
        make room side by side would each take something away."""
        self._size, self._next = None, question
        self._show()
        if self._task is None:
            self._start()

    def _start(self) -> None:
        question, self._next = self._next, None
        if question is not None:
            self._task = Task(lambda _task: question(), self)
            self._task.finished.connect(self._on_answered)
            self._task.start()

    def _on_answered(self, size: int) -> None:
        self._task = None
        if self._next is None:
            self._size = size
        self._show()
        self._start()

    def done(self, result: int) -> None:
        if self._task is not None:
            self._task.cancel()
        super().done(result)
