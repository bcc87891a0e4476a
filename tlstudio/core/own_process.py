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
    command = [str(_bundled_program()), flag] if is_bundled() else [sys.executable, "-P", "-m", "tlstudio", flag]
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


def is_bundled() -> bool:
    """Whether the program runs from a folder that PyInstaller made, without a Python beside it."""
    return hasattr(sys, "_MEIPASS")


def _bundled_program() -> Path:
    """On Windows the twin for terminals: a window's program has no standard streams there."""
    own = Path(sys.executable)
    return own.with_name("tlstudio-cli.exe") if os.name == "nt" else own


def _python_path() -> str:
    """The helper finds the program where this process found it, installed or not."""
    own = str(Path(tlstudio.__file__).resolve().parents[1])
    inherited = os.environ.get("PYTHONPATH")
    return own + (os.pathsep + inherited if inherited else "")
