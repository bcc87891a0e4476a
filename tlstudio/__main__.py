"""``python -m tlstudio``: the same as ``tlstudio``; with ``--worker`` the process that does the arithmetic, with
``--reader`` the one that reads strangers' model files."""

import os
import signal
import sys


def run() -> int:
    _give_missing_streams()
    if sys.argv[1:2] == ["--worker"]:
        from tlstudio.engine.worker import main as work

        return work()
    if sys.argv[1:2] == ["--reader"]:
        from tlstudio.core.model.reader import main as read

        return read()
    # Until there is somebody who can say it in words, an interrupt ends the process without a traceback.
    usual = signal.signal(signal.SIGINT, signal.SIG_DFL)
    from tlstudio.cli import main

    signal.signal(signal.SIGINT, usual)
    return main()


def _give_missing_streams() -> None:
    """A window's program has no standard output or error on Windows; what is written there goes nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 (as long as the process)


if __name__ == "__main__":
    sys.exit(run())
