"""Light and dark: palettes, and the colours of charts and marks, chosen once for each.

The charts' colours are told apart by people who see red and green alike (Okabe and Ito 2008); lines differ in
their dashes, too.
"""

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

WISHES = ("system", "light", "dark")


@dataclass(frozen=True)
class Colours:
    window: str
    base: str
    alternate: str
    text: str
    muted: str
    button: str
    accent: str
    accent_text: str
    line: str
    training: str
    validation: str
    best: str
    error: str
    warning: str
    good: str


LIGHT = Colours(
    window="#f4f5f7", base="#ffffff", alternate="#f0f2f5", text="#1d2430", muted="#667085", button="#e9ecf0",
    accent="#1f6feb", accent_text="#ffffff", line="#d0d5dd", training="#0072b2", validation="#c05000",
    best="#00785a", error="#fde7e7", warning="#fff3d6", good="#e2f4ea",
)  # fmt: skip
# Fusion draws outlines darker than the window, so that in the dark they only show on a base lighter than it.
DARK = Colours(
    window="#272b32", base="#3a404a", alternate="#414753", text="#eceff4", muted="#aab3c2", button="#434a56",
    accent="#4c8dff", accent_text="#0b0d11", line="#5d6674", training="#56b4e9", validation="#e69f00",
    best="#33c79b", error="#4a2326", warning="#453a1b", good="#1d3d2e",
)  # fmt: skip


class Theme(QObject):
    """Keeps the palette with the system's scheme, or with the person's wish."""

    changed = Signal()

    def __init__(self, application: QApplication, wish: str = "system") -> None:
        super().__init__(application)
        self._application = application
        self.wish = "system"
        self.colours = LIGHT
        application.styleHints().colorSchemeChanged.connect(self._on_scheme_changed)
        self.use(wish)

    @property
    def is_dark(self) -> bool:
        return self.colours is DARK

    def use(self, wish: str) -> None:
        self.wish = wish if wish in WISHES else "system"
        scheme = {
            "light": Qt.ColorScheme.Light,
            "dark": Qt.ColorScheme.Dark,
        }.get(self.wish, Qt.ColorScheme.Unknown)
        self._application.styleHints().setColorScheme(scheme)
        self._apply()

    def _on_scheme_changed(self, _scheme: Any) -> None:
        self._apply()

    def _apply(self) -> None:
        system_dark = self._application.styleHints().colorScheme() == Qt.ColorScheme.Dark
        is_dark = self.wish == "dark" or (self.wish == "system" and system_dark)
        self.colours = DARK if is_dark else LIGHT
        # The scheme alone changes nothing on some platforms, so the palette is set, too.
        palette = _palette(self.colours)
        self._application.setPalette(palette)
        # Fusion draws a radio button's ring in the window's colour, but darker: nobody would see it in the dark.
        palette.setColor(QPalette.ColorRole.Window, QColor(self.colours.muted))
        self._application.setPalette(palette, "QRadioButton")  # type: ignore[arg-type]  # bytes are refused
        self.changed.emit()


def _palette(c: Colours) -> QPalette:
    palette = QPalette()
    roles = QPalette.ColorRole
    for role, colour in {
        roles.Window: c.window, roles.WindowText: c.text, roles.Base: c.base, roles.AlternateBase: c.alternate,
        roles.Text: c.text, roles.Button: c.button, roles.ButtonText: c.text, roles.BrightText: c.text,
        roles.Highlight: c.accent, roles.HighlightedText: c.accent_text, roles.Link: c.accent,
        roles.LinkVisited: c.accent, roles.ToolTipBase: c.base, roles.ToolTipText: c.text,
        roles.PlaceholderText: c.muted, roles.Accent: c.accent, roles.Light: c.base, roles.Midlight: c.alternate,
        roles.Mid: c.line, roles.Dark: c.line, roles.Shadow: c.line,
    }.items():  # fmt: skip
        palette.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(c.muted))
    return palette
