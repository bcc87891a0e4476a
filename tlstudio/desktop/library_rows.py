"""What the library's page lists, gathered off the window's thread."""

from pathlib import Path

from tlstudio.desktop.library_table import LibraryRow


def library_rows(folder: Path) -> list[LibraryRow]:
    """The models of the library's folder. Raises ``folder_not_writable`` where it can't be read."""
    from tlstudio.core.model.library import Library

    return [
        LibraryRow(
            title=entry.card.title, card=entry.card, path=entry.path, size=entry.size, is_own=True,
            problem=entry.problem,
        )
        for entry in Library(folder).entries()
    ]  # fmt: skip
