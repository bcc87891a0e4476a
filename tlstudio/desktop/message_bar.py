"""One sentence above everything else: what went wrong, or what is worth knowing, and what can be done about it at
once. It blocks nothing."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from tlstudio.desktop.making import make
from tlstudio.desktop.theme import Theme
from tlstudio.desktop.translated import Translated

MARKS = {"error": "✖", "warning": "⚠", "good": "✔"}  # colour is never the only signal


class Choice(NamedTuple):
    """A button beside the sentence; the bar closes when it is pressed. ``name``: its ``objectName``."""

    name: str
    text: str
    do: Callable[[], object]


class MessageBar(Translated, QFrame):
    closed = Signal()  # by the person, with its cross
    language_changed = Signal()  # who shows a sentence that stays says it anew

    def __init__(self, theme: Theme, name: str = "messageBar", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._theme, self._kind = theme, "error"
        self.mark = QLabel()
        self.label = make(QLabel, "messageText", wordWrap=True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)  # names in a stranger's file are not to be drawn as HTML
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.close_button = make(QToolButton, "closeMessageButton", autoRaise=True, text="✕")
        self.close_button.clicked.connect(self._on_closed)
        self._buttons: list[QPushButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(10, 6, 6, 6)
        self._row.addWidget(self.mark)
        self._row.addWidget(self.label, 1)
        self._row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        theme.changed.connect(self._colour)
        self.retranslate()
        self.hide()

    def show_message(self, text: str, kind: str = "error", choices: Sequence[Choice] = ()) -> None:
        """``kind``: error, warning or good."""
        self._kind = kind
        self.mark.setText(MARKS[kind])
        self.label.setText(text)
        self.setAccessibleName(text)
        self._show_choices(choices)
        self._colour()
        self.show()

    def _show_choices(self, choices: Sequence[Choice]) -> None:
        for button in self._buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = [make(QPushButton, choice.name, choice.text) for choice in choices]
        for place, (button, choice) in enumerate(zip(self._buttons, choices, strict=True)):
            button.clicked.connect(self.hide)
            button.clicked.connect(lambda _checked=False, do=choice.do: do())
            self._row.insertWidget(2 + place, button, 0, Qt.AlignmentFlag.AlignVCenter)

    @property
    def choices(self) -> list[QPushButton]:
        """The buttons that are shown now."""
        return self._buttons if not self.isHidden() else []

    @property
    def text(self) -> str:
        return self.label.text() if not self.isHidden() else ""

    def _on_closed(self) -> None:
        self.hide()
        self.closed.emit()

    def retranslate(self) -> None:
        self.close_button.setAccessibleName(self.tr("Close the message"))
        self.close_button.setToolTip(self.tr("Close the message"))
        self.language_changed.emit()

    def _colour(self) -> None:
        colours, name = self._theme.colours, self.objectName()
        back = {"error": colours.error, "warning": colours.warning, "good": colours.good}[self._kind]
        self.setStyleSheet(
            f"#{name} {{ background: {back}; border: 1px solid {colours.line}; border-radius: 4px; }}"
            f"#{name} QLabel, #{name} QToolButton {{ color: {colours.text}; background: transparent; }}"
        )
