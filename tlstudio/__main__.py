"""``python -m tlstudio``: the same as ``tlstudio``; with ``--worker`` the process that does the arithmetic, with
``--reader`` the one that reads strangers' model files."""

import sys


def run() -> int:
    if sys.argv[1:2] == ["--worker"]:
        from tlstudio.engine.worker import main as work

        return work()
    if sys.argv[1:2] == ["--reader"]:
        from tlstudio.core.model.reader import main as read

        return read()
    from tlstudio.cli import main

    return main()


if __name__ == "__main__":
    sys.exit(run())
