"""Typing Chinese and other scripts, in sessions that ask for an input method which Qt brings no plugin for."""

import os
from pathlib import Path

from PySide6.QtCore import QLibraryInfo

FOLDER = "platforminputcontexts"


def choose_input_method() -> None:
    """Let Fcitx be reached where the session asks for it; before the application is made.

    Qt's own packages bring plugins for IBus and for compose keys alone, and one that a distribution built for its own
    Qt does not load into ours. Fcitx 5 answers to IBus' protocol as well, by its add-on "ibusfrontend".
    """
    for name in ("QT_IM_MODULE", "QT_IM_MODULES"):
        wanted = os.environ.get(name, "").split(";")
        if any(is_fcitx(module) and not has_plugin(module) for module in wanted):
            os.environ[name] = ";".join("ibus" if is_fcitx(module) else module for module in wanted)


def is_fcitx(module: str) -> bool:
    return module.lower() in {"fcitx", "fcitx5"}


def has_plugin(module: str) -> bool:
    """Whether a plugin of that name lies among ours."""
    plugins = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath), FOLDER)
    return any(plugins.glob(f"*{module.lower()}platforminputcontext*"))
