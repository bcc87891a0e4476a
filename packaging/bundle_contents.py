"""What the bundle leaves out of its libraries, and what it leaves to the system. The spec and the tests read it."""

import re
import subprocess
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

# Nothing of the program imports these; some of its libraries would, if they were there.
EXCLUDED_MODULES = [
    "clang", "defusedxml", "tensorboard", "tf_keras", "torch", "jax", "jaxlib", "pandas", "matplotlib", "IPython",
    "tkinter", "pytest", "_pytest", "hypothesis", "setuptools", "pip", "wheel", "pkg_resources", "openvino_telemetry",
    "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtQuickWidgets", "PySide6.QtQuickControls2", "PySide6.QtDesigner",
    "PySide6.QtHelp", "PySide6.QtSql", "PySide6.QtTest", "PySide6.QtUiTools", "PySide6.QtXml",
    "pyqtgraph.examples", "pyqtgraph.opengl", "pyqtgraph.flowchart", "scipy.datasets",
]  # fmt: skip

# Distributions whose version is asked for by name while the program runs.
METADATA = [
    "PySide6-Essentials", "pyqtgraph", "tensorflow-cpu", "keras", "numpy", "pillow", "h5py", "scikit-learn",
    "openvino", "msgspec", "platformdirs", "psutil", "typer", "rich", "jinja2", "pydicom", "tifffile", "scipy",
    "onnx", "tf2onnx",
]  # fmt: skip

# Files of the bundle, by their place in it.
LEFT_OUT = re.compile(
    r"""
      ^(?!resources/)(.*/)?tests?/                            # of all libraries; the sample's are images
    | ^tensorflow/(include|xla_aot_runtime_src)/
    | ^(clang|tensorboard)
    | \.(pyi|lib|a|h|hpp|cmake|pc|pxd)$
    | ^PySide6/Qt/(qml|metatypes|modules|libexec|resources)/
    | (^|/)libQt6(Qml|Quick|Pdf|VirtualKeyboard|Labs|Designer|Help|Sql|Test|EglF[Ss]|WaylandCompositor)
    | /plugins/(qmltooling|qmllint|designer|sqldrivers|egldeviceintegrations|generic|networkinformation|tls
              |wayland-graphics-integration-server)/
    | /plugins/imageformats/libq(pdf|tiff)\.                  # Pillow and tifffile read TIFF
    | /plugins/platforminputcontexts/libqtvirtualkeyboard
    | /plugins/platformthemes/libqgtk3
    | /plugins/platforms/libq(eglfs|linuxfb|minimal|minimalegl|vkkhrdisplay|vnc)\.
    """,
    re.VERBOSE,
)

# What every Linux desktop has, and what must fit its drivers, its fonts' configuration and its session. Besides
# these the bundle needs nothing of the system; each with the Debian package that brings it.
HOST_LIBRARIES = {
    "ld-linux-x86-64.so.2": "libc6", "libc.so.6": "libc6", "libdl.so.2": "libc6", "libm.so.6": "libc6",
    "libpthread.so.0": "libc6", "librt.so.1": "libc6", "libutil.so.1": "libc6", "libresolv.so.2": "libc6",
    "libgcc_s.so.1": "libgcc-s1", "libstdc++.so.6": "libstdc++6",
    "libGL.so.1": "libgl1", "libEGL.so.1": "libegl1", "libOpenGL.so.0": "libopengl0", "libGLX.so.0": "libglx0",
    "libX11.so.6": "libx11-6", "libX11-xcb.so.1": "libx11-xcb1", "libxcb.so.1": "libxcb1",
    "libfontconfig.so.1": "libfontconfig1", "libfreetype.so.6": "libfreetype6", "libdbus-1.so.3": "libdbus-1-3",
    "libz.so.1": "zlib1g",
    "libwayland-client.so.0": "libwayland-client0", "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1", "libdrm.so.2": "libdrm2",
}  # fmt: skip

# What Qt's window on X11 loads beside that. Without them on the building machine the bundle's window would not open
# on machines that lack them.
NEEDED_LIBRARIES = (
    "libxcb-cursor.so.0", "libxcb-icccm.so.4", "libxcb-image.so.0", "libxcb-keysyms.so.1", "libxcb-render-util.so.0",
    "libxcb-util.so.1", "libxkbcommon.so.0", "libxkbcommon-x11.so.0",
)  # fmt: skip

Entry = tuple[str, str, str]  # place in the bundle, file, kind: PyInstaller's


def is_kept(place: str) -> bool:
    """Whether a file goes into the bundle; ``place``: its path in the bundle."""
    path = PurePosixPath(place.replace("\\", "/"))
    return path.name not in HOST_LIBRARIES and not LEFT_OUT.search(path.as_posix())


def needed(entries: Iterable[Entry], libraries_of: Callable[[str], Iterable[str]]) -> list[Entry]:
    """What is kept of ``entries``, without the libraries that only left-out files would have loaded.

    ``libraries_of``: the names of the shared libraries that a file itself is linked to. What those of the system
    load is the system's, too: its newer library would not go with our older one.
    """
    kept = [entry for entry in entries if is_kept(entry[0])]
    files = [(place, file) for place, file, kind in kept if kind != "SYMLINK"]
    commons = {PurePosixPath(place).name: file for place, file in files if _is_common(place)}
    wanted: set[str] = set()
    waiting = [file for place, file in files if not _is_common(place)]
    waiting += [commons[name] for name in NEEDED_LIBRARIES if name in commons]
    wanted.update(NEEDED_LIBRARIES)
    while waiting:
        for name in set(libraries_of(waiting.pop())) - wanted:
            wanted.add(name)
            if name in commons:
                waiting.append(commons[name])
    kept = [entry for entry in kept if not _is_common(entry[0]) or PurePosixPath(entry[0]).name in wanted]
    places = {place for place, _file, _kind in kept}
    return [entry for entry in kept if entry[2] != "SYMLINK" or _target(entry) in places]


def system_libraries() -> list[tuple[str, str]]:
    """(file, folder in the bundle) of ``NEEDED_LIBRARIES``. Raises ``FileNotFoundError``."""
    known = subprocess.run(["/sbin/ldconfig", "-p"], check=True, capture_output=True, text=True).stdout
    found = []
    for name in NEEDED_LIBRARIES:
        match = re.search(rf"^\s*{re.escape(name)} \(.*x86-64.*\) => (\S+)$", known, re.MULTILINE)
        if match is None:
            raise FileNotFoundError(f"{name} is not installed; the bundle's window would not open without it")
        found.append((match[1], "."))
    return found


def direct_libraries(file: str) -> list[str]:
    """The names of the shared libraries that a file is linked to; none for a file of another kind."""
    told = subprocess.run(["objdump", "-p", file], capture_output=True, text=True)
    return re.findall(r"^\s+NEEDED\s+(\S+)$", told.stdout, re.MULTILINE)


def _is_common(place: str) -> bool:
    """Shared libraries at the top of the bundle are there because something else is linked to them."""
    return "/" not in place and ".so" in place and not place.startswith("libpython")


def _target(entry: Entry) -> str:
    parts: list[str] = []
    for part in (PurePosixPath(entry[0]).parent / entry[1]).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)
