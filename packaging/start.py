"""Where the bundle starts: what has to be set right before the program, and then the program."""

import multiprocessing
import os
import sys


def restore_library_path() -> None:
    """Programs that this one opens (a browser for the report) must load the system's libraries, not the bundle's.

    PyInstaller's loader points LD_LIBRARY_PATH at the bundle and keeps what was there under another name. This
    process has read it already; only its children would take it over, and the bundle's own set it themselves.
    """
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if before is not None:
        os.environ["LD_LIBRARY_PATH"] = before
    else:
        os.environ.pop("LD_LIBRARY_PATH", None)


if __name__ == "__main__":
    multiprocessing.freeze_support()  # a helper process of joblib's is this program, too, and ends here
    if sys.platform == "linux":
        restore_library_path()
    from tlstudio.__main__ import run

    sys.exit(run())
