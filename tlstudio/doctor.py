"""What this machine offers: versions, devices, memory, disk and libraries, and what is missing."""

import importlib
import importlib.metadata
import os
import platform
import shutil
from typing import Any

import psutil

from tlstudio.core.errors import TLStudioError

LIBRARIES = (
    "PySide6-Essentials", "pyqtgraph", "tensorflow", "keras", "numpy", "pillow", "h5py", "scikit-learn",
    "openvino", "msgspec", "platformdirs", "psutil", "typer", "rich", "jinja2",
)  # fmt: skip
MODULES = ("PySide6.QtWidgets", "pyqtgraph")
LEAST_MEMORY = 2 << 30  # TensorFlow and a small network; measured at some 700 MB for the worker alone
LEAST_DISK = 2 << 30


def examine() -> dict[str, Any]:
    """All that ``tlstudio doctor`` tells; ``problems`` is empty on a machine that can train."""
    import tlstudio

    problems: list[str] = []
    memory = psutil.virtual_memory()
    versions = {}
    for name in LIBRARIES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            problems.append(f"the library {name} is not installed; run packaging/run.sh again")
    for module in MODULES:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        try:
            importlib.import_module(module)
        except ImportError as error:
            problems.append(f"the window cannot be opened: {error}")
    devices = _devices(problems)
    cache, disk = _cache(problems)
    if memory.available < LEAST_MEMORY:
        problems.append(f"only {_gigabytes(memory.available)} of memory are free; close other programs")
    if disk is not None and disk < LEAST_DISK:
        problems.append(f"only {_gigabytes(disk)} are free on the disk that holds {cache}")
    return {
        "tlstudio": tlstudio.__version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "versions": versions,
        "devices": devices,
        "memory": {"total_bytes": memory.total, "available_bytes": memory.available},
        "disk": {"cache": cache, "free_bytes": disk},
        "processors": os.cpu_count() or 1,
        "problems": problems,
    }


def _devices(problems: list[str]) -> list[dict[str, Any]]:
    try:
        from tlstudio.engine import runtime
    except ImportError as error:
        problems.append(f"TensorFlow cannot be loaded: {error}")
        return []
    return runtime.devices()


def _cache(problems: list[str]) -> tuple[str, int | None]:
    from tlstudio.core.cache import cache_folder
    from tlstudio.core.files import translate_os_errors

    folder = cache_folder()
    try:
        with translate_os_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            return str(folder), shutil.disk_usage(folder).free
    except TLStudioError as error:
        problems.append(str(error))
        return str(folder), None


def _gigabytes(size: int) -> str:
    return f"{size / (1 << 30):.1f} GB"
