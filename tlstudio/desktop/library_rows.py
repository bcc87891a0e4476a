"""What the library's page lists, gathered off the window's thread: the folder's models, those networks of the
catalogue whose files lie in Keras' own cache, and where the files of the others are to be put."""

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tlstudio.desktop.library_table import LibraryRow

if TYPE_CHECKING:
    from tlstudio.core.model.catalogue import Network
    from tlstudio.core.model.library import Card


def library_rows(folder: Path) -> list[LibraryRow]:
    """The library's own models, then what of the catalogue is on this machine, then what is missing.

    Raises ``folder_not_writable`` where the folder can't be read.
    """
    from tlstudio.core.model.catalogue import networks
    from tlstudio.core.model.library import Library

    library = Library(folder)
    official = {file.name: network for network in networks() for file in network.files}
    own = []
    for entry in library.entries():
        network = official.get(entry.path.name)
        card = entry.card if network is None else _completed(entry.card, network)
        own.append(
            LibraryRow(
                title=entry.card.title, card=card, path=entry.path, size=entry.size, is_own=True,
                problems=(entry.problem,) if entry.problem else (),
            )
        )  # fmt: skip
    present, missing = [], []
    for network in networks():
        files = library.where_to_put(network)
        card = _completed(_empty_card(network), network)
        found = [file for file in files if file.path is not None]
        for file in found:
            assert file.path is not None
            if file.path.parent != folder:  # else it is among the library's own
                title = network.name if file.top else f"{network.name} (no top)"
                present.append(LibraryRow(title=title, card=card, path=file.path, size=file.path.stat().st_size))
        if not found:
            missing.append(
                LibraryRow(
                    title=network.name,
                    card=card,
                    path=None,
                    expected=tuple(file.name for file in files),
                    problems=tuple(file.problem for file in files if file.problem),
                )
            )
    return [*own, *present, *missing]


def _empty_card(network: "Network") -> "Card":
    from tlstudio.core.model.library import Card

    return Card(title=network.name, source="Keras Applications")


def _completed(card: "Card", network: "Network") -> "Card":
    """A card with what the catalogue knows, where it says nothing itself."""
    known = {
        "recognised": network.name,
        "licence": network.licence,
        "input_size": network.size,
        "preprocessing": network.mode,
        "class_count": network.classes,
    }
    return msgspec.structs.replace(card, **{name: value for name, value in known.items() if not getattr(card, name)})
