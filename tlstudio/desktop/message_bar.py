"""One sentence above everything else: what went wrong, or what is worth knowing. It blocks nothing."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from tlstudio.desktop.making import make
from tlstudio.desktop.theme import Theme
from tlstudio.desktop.translated import Translated

MARKS = {"error": "✖", "warning": "⚠", "good": "✔"}  # colour is never the only signal


class MessageBar(Translated, QFrame):
    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self._theme, self._kind = theme, "error"
        self.mark = QLabel()
        self.label = make(QLabel, "messageText", wordWrap=True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)  # names in a stranger's file are not to be drawn as HTML
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.close_button = make(QToolButton, "closeMessageButton", autoRaise=True, text="✕")
        self.close_button.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 6, 6, 6)
        layout.addWidget(self.mark)
        layout.addWidget(self.label, 1)
        layout.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        theme.changed.connect(self._colour)
        self.retranslate()
        self.hide()

    def show_message(self, text: str, kind: str = "error") -> None:
        """``kind``: error, warning or good."""
        self._kind = kind
        self.mark.setText(MARKS[kind])
        self.label.setText(text)
        self.setAccessibleName(text)
        self._colour()
        self.show()

    @property
    def text(self) -> str:
        return self.label.text() if not self.isHidden() else ""

    def retranslate(self) -> None:
        self.close_button.setAccessibleName(self.tr("Close the message"))
        self.close_button.setToolTip(self.tr("Close the message"))

    def _colour(self) -> None:
        colours = self._theme.colours
        back = {"error": colours.error, "warning": colours.warning, "good": colours.good}[self._kind]
        self.setStyleSheet(
            f"#messageBar {{ background: {back}; border: 1px solid {colours.line}; border-radius: 4px; }}"
            f"#messageBar QLabel, #messageBar QToolButton {{ color: {colours.text}; background: transparent; }}"
        )
