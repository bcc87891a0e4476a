"""Widgets with their names: scripts and tests find them by ``objectName``."""

from typing import Any, TypeVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QComboBox

Made = TypeVar("Made", bound=QObject)


def make(kind: type[Made], name: str, *arguments: Any, **properties: Any) -> Made:
    """A widget (or another QObject) of a kind, with its name and Qt properties set."""
    made = kind(*arguments, **properties)
    made.setObjectName(name)
    return made


def fill_choices(box: QComboBox, items: dict[str, str]) -> None:
    """Set or renew the choices of a box, texts by code; what is chosen stays."""
    for place, (code, text) in enumerate(items.items()):
        if box.count() <= place:
            box.addItem("")
        box.setItemText(place, text)
        box.setItemData(place, code)
