"""What an image file has that keeps it from being used."""

# Pillow holds a decoded pixel in 4 bytes: at most 560 MB. A JPEG may claim more, if it decodes at a smaller size.
MAX_PIXELS = 140_000_000


class ImageProblem(Exception):  # noqa: N818 (the file has it, the program goes on)
    """An image that cannot be used. ``code`` says why, the message is for people."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)
