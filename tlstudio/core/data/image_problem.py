"""What an image file has that keeps it from being used."""

# Pillow holds a decoded pixel in 4 bytes: at most 560 MB. A JPEG may claim more, if it decodes at a smaller size.
MAX_PIXELS = 140_000_000


class ImageProblem(Exception):  # noqa: N818 (the file has it, the program goes on)
    """An image that cannot be used. ``code`` says why, the message is for people."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def no_such_page(pages: int, page: int) -> ImageProblem:
    """A file of ``pages`` pages of which number ``page``, from 0, is asked for."""
    return ImageProblem("no-such-page", f"It has {pages} page(s), and number {page + 1} is asked for.")
