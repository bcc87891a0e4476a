"""``python -m tlstudio``: the same as ``tlstudio``; with ``--worker`` the process that does the arithmetic, with
``--reader`` the one that reads strangers' model files."""

import signal
import sys


def run() -> int:
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


if __name__ == "__main__":
    sys.exit(run())
