"""Print what the bundle needs of a Debian system, as a .deb's ``Depends``: ``host_needs.py FOLDER``.

Every file that is linked to a library which is not in the bundle is looked at, so the answer is what the loader will
look for, and the least version of the C library is that of the newest function in use.
"""

import re
import subprocess
import sys
from pathlib import Path

from bundle_contents import HOST_LIBRARIES, direct_libraries


def binaries(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink() and _is_elf(path)]


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def host_libraries(folder: Path) -> set[str]:
    """Libraries that files of the bundle are linked to and that are not in it. Those of Wayland are loaded only in
    its sessions, which have them."""
    own = {path.name for path in folder.rglob("*") if ".so" in path.name}
    return {name for path in binaries(folder) for name in direct_libraries(str(path))} - own


def least_glibc(folder: Path) -> tuple[int, ...]:
    """The newest version of the C library that any file asks for."""
    versions = {(2, 28)}
    for path in binaries(folder):
        told = subprocess.run(["objdump", "-p", str(path)], capture_output=True, text=True).stdout
        versions |= {tuple(map(int, found.split("."))) for found in re.findall(r"\bGLIBC_(\d+(?:\.\d+)+)", told)}
    return max(versions)


def depends(folder: Path) -> str:
    """Raises ``KeyError`` for a library that is neither in the bundle nor known to be on every desktop."""
    packages = {HOST_LIBRARIES[name] for name in host_libraries(folder)}
    packages = {name for name in packages if not name.startswith("libwayland")}
    packages.discard("libc6")
    return ", ".join([f"libc6 (>= {'.'.join(map(str, least_glibc(folder)))})", *sorted(packages)])


if __name__ == "__main__":
    print(depends(Path(sys.argv[1])))
