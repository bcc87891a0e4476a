"""Widgets with their names: scripts and tests find them by ``objectName``."""

from typing import Any, TypeVar

from PySide6.QtCore import QObject

Made = TypeVar("Made", bound=QObject)


def make(kind: type[Made], name: str, *arguments: Any, **properties: Any) -> Made:
    """A widget (or another QObject) of a kind, with its name and Qt properties set."""
    made = kind(*arguments, **properties)
    made.setObjectName(name)
    return made
