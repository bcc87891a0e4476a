"""What this machine offers: versions, devices, memory, disk and libraries, and what is missing."""

import importlib
import importlib.metadata
import os
import platform
from typing import Any

from tlstudio.core import machine
from tlstudio.core.errors import TLStudioError
from tlstudio.core.own_process import is_bundled

LIBRARIES = (
    "PySide6-Essentials", "pyqtgraph", "tensorflow", "keras", "numpy", "pillow", "h5py", "scikit-learn",
    "openvino", "msgspec", "platformdirs", "psutil", "typer", "rich", "jinja2",
)  # fmt: skip
MODULES = ("PySide6.QtWidgets", "pyqtgraph")
REMEDY = "install TLStudio again" if is_bundled() else "run packaging/run.sh again"
LEAST_MEMORY = 2 << 30  # TensorFlow and a small network; measured at some 700 MB for the worker alone
LEAST_DISK = 2 << 30


def examine() -> dict[str, Any]:
    """All that ``tlstudio doctor`` tells; ``problems`` is empty on a machine that can train."""
    import tlstudio

    problems: list[str] = []
    free = machine.free_memory()
    versions = {}
    for name in LIBRARIES:
        version = _version_of(name)
        if version:
            versions[name] = version
        else:
            problems.append(f"the library {name} is not installed; {REMEDY}")
    for module in MODULES:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        try:
            importlib.import_module(module)
        except ImportError as error:
            problems.append(f"the window cannot be opened: {error}")
    devices = _devices(problems)
    cache, disk = _cache(problems)
    if free < LEAST_MEMORY:
        problems.append(f"only {machine.in_words(free)} of memory are free; close other programs")
    if disk is not None and disk < LEAST_DISK:
        problems.append(f"only {machine.in_words(disk)} are free on the disk that holds {cache}")
    return {
        "tlstudio": tlstudio.__version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "versions": versions,
        "devices": devices,
        "memory": {"total_bytes": machine.total_memory(), "available_bytes": free},
        "disk": {"cache": cache, "free_bytes": disk},
        "processors": machine.cores(),
        "problems": problems,
    }


def _version_of(name: str) -> str:
    """The version of a library, or nothing. TensorFlow without the part for GPUs has a name of its own."""
    for distribution in (name, f"{name}-cpu"):
        try:
            return importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            continue
    return ""


def _devices(problems: list[str]) -> list[dict[str, Any]]:
    try:
        from tlstudio.engine import devices
    except ImportError as error:
        problems.append(f"TensorFlow cannot be loaded: {error}")
        return []
    return devices.devices()


def _cache(problems: list[str]) -> tuple[str, int | None]:
    from tlstudio.core.cache import cache_folder
    from tlstudio.core.files import translate_os_errors

    folder = cache_folder()
    try:
        with translate_os_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            return str(folder), machine.free_disk(folder)
    except TLStudioError as error:
        problems.append(str(error))
        return str(folder), None
