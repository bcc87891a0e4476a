"""Starting this same program once more, as a helper process that is spoken to over pipes."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import tlstudio


def start_self(
    flag: str, stderr: IO[bytes] | int, extra: Mapping[str, str] | None = None
) -> "subprocess.Popen[bytes]":
    """The program with ``flag`` as its one argument, in a session of its own. Raises ``OSError``."""
    frozen = hasattr(sys, "_MEIPASS")
    command = [sys.executable, flag] if frozen else [sys.executable, "-P", "-m", "tlstudio", flag]
    options: dict[str, Any] = {}
    if os.name == "posix":
        options["start_new_session"] = True  # Ctrl-C in the owner's terminal is not meant for it
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=os.environ | {"PYTHONPATH": _python_path(), "PYTHONIOENCODING": "utf-8"} | dict(extra or {}),
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        **options,
    )


def _python_path() -> str:
    """The helper finds the program where this process found it, installed or not."""
    own = str(Path(tlstudio.__file__).resolve().parents[1])
    inherited = os.environ.get("PYTHONPATH")
    return own + (os.pathsep + inherited if inherited else "")
