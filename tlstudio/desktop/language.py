"""The language of all texts, switchable while the program runs."""

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, QTranslator, Signal
from PySide6.QtWidgets import QApplication

from tlstudio.core.resources import resource_path

LANGUAGES = {"en": "English", "zh_CN": "简体中文"}  # each in its own words


class Language(QObject):
    """Installs translators. Widgets hear of a change by Qt's LanguageChange event."""

    changed = Signal(str)

    def __init__(self, application: QApplication, wish: str = "") -> None:
        super().__init__(application)
        self._application = application
        self._installed: list[QTranslator] = []
        self.code = "en"
        self.use(wish)

    def use(self, wish: str) -> None:
        """Switch to a language; an empty or unknown wish means the system's, else English."""
        code = wish if wish in LANGUAGES else _system_language()
        for translator in self._installed:
            self._application.removeTranslator(translator)
        self._installed = []
        QLocale.setDefault(QLocale(code))
        self.code = code
        own = str(resource_path("translations"))  # for English, too: its plurals
        qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        for name, folder in ((f"qtbase_{code}", qt), (f"tlstudio_{code}", own)):
            translator = QTranslator(self)
            if translator.load(name, folder):
                self._application.installTranslator(translator)
                self._installed.append(translator)
        self.changed.emit(code)


def _system_language() -> str:
    return "zh_CN" if QLocale.system().language() == QLocale.Language.Chinese else "en"
