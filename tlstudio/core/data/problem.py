"""The rows that a scan of an image folder gives: usable images, and what is wrong."""

import msgspec


class ImageEntry(msgspec.Struct, frozen=True):
    """One usable image: its name relative to the dataset (see ``names``), its class, and its folder's part.

    ``copy_of``: the name of the first image with the same bytes, empty where it is the only one. ``group``: what a
    table says it belongs to."""

    path: str
    label: str
    part: str | None
    copy_of: str = ""
    group: str = ""


# Codes of what keeps a file from being used. All others are remarks on images that are used all the same.
UNUSABLE = {
    "empty", "empty-class", "listed-twice", "missing", "no-class",
    "no-such-page", "not-a-file", "not-an-image", "other-format", "too-large",
    "truncated", "unreadable",
}  # fmt: skip


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """``path``: the image's name, or a class; ``related``: other images that it is about."""

    code: str
    path: str
    message: str
    related: list[str] = []

    @property
    def is_remark(self) -> bool:
        """Whether the images it is about are used all the same."""
        return self.code not in UNUSABLE
