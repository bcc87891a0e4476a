"""Widgets that speak anew when the language changes."""

from PySide6.QtCore import QEvent


class Translated:
    """A mixin, named before the Qt class: calls ``retranslate``, which sets every text of the widget.

    Not a QWidget itself: two Qt bases in one class crash PySide6.
    """

    def retranslate(self) -> None:
        raise NotImplementedError

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)  # type: ignore[misc]
