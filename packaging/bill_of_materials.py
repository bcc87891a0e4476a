"""Say what is in the bundle and under which licences: ``bill_of_materials.py FILES FOLDER [TEXTS]``.

FILES is the list that ``tlstudio.spec`` leaves: the source of every file that went in. Written into FOLDER are
``LICENSES.txt``, with the text of every licence, and ``sbom.cdx.json`` (CycloneDX 1.6). TEXTS holds the licences that
many packages only name (``Apache-2.0``, ``LGPL-3``, ``GPL-3``); Debian has them in /usr/share/common-licenses.
"""

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import sysconfig
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

import tlstudio

PROJECT = Path(__file__).resolve().parent.parent
COMMON = Path("/usr/share/common-licenses")
NAMED_TEXTS = ("Apache-2.0", "LGPL-3", "GPL-3")
NAMES = ("LICEN", "COPYING", "NOTICE", "AUTHORS")
# What a classifier or a word in the metadata means, where no SPDX expression is given.
SPDX = {
    "Apache Software License": "Apache-2.0", "Apache 2.0": "Apache-2.0", "Apache License 2.0": "Apache-2.0",
    "MIT License": "MIT", "BSD License": "BSD-3-Clause", "BSD 3-Clause": "BSD-3-Clause", "BSD": "BSD-3-Clause",
    "3-Clause BSD License": "BSD-3-Clause", "ISC License": "ISC",
    "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only": "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only",
}  # fmt: skip
QT = """\
Qt and PySide6 are used under the GNU Lesser General Public License, version 3. They are shared libraries in files of
their own (_internal/PySide6): you may replace them by versions that you have built yourself from the sources at
https://download.qt.io, and change and debug them. Their licence and that which it builds on are below.
"""


@dataclass
class Part:
    """One work in the bundle."""

    name: str
    version: str
    licence: str
    kind: str  # of package URL: pypi, deb or generic
    texts: dict[str, str] = field(default_factory=dict)  # file's name: its text


def main() -> None:
    files = {Path(os.path.realpath(file)) for file in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))}
    folder = Path(sys.argv[2])
    texts = Path(sys.argv[3]) if len(sys.argv) > 3 else COMMON
    parts, rest = distributions(files)
    parts += [*interpreter(), *system_packages(rest)]
    parts.sort(key=lambda part: (part.kind, part.name.lower()))
    (folder / "LICENSES.txt").write_text(licences(parts, texts), encoding="utf-8")
    (folder / "sbom.cdx.json").write_text(bill(parts), encoding="utf-8")
    print(f"{len(parts)} parts: {', '.join(f'{part.name} {part.version}' for part in parts)}", file=sys.stderr)


def distributions(files: set[Path]) -> tuple[list[Part], set[Path]]:
    """The Python packages that any of the files belongs to, and the files that belong to none."""
    found, rest = [], set(files)
    for distribution in importlib.metadata.distributions():
        own = {Path(os.path.realpath(distribution.locate_file(file))) for file in distribution.files or []}
        is_loader = distribution.name == "pyinstaller"  # its loader is the program that is started
        if not (own & files or is_loader) or distribution.name == "tlstudio":
            continue
        rest -= own
        texts = {
            path.name: path.read_text(encoding="utf-8", errors="replace")
            for path in sorted(own)
            if path.is_file()
            and path.suffix not in {".py", ".pyc"}
            and (path.name.upper().startswith(NAMES) or path.name == "THIRD_PARTY_NOTICES.txt")
        }
        found.append(Part(distribution.name, distribution.version, licence_of(distribution), "pypi", texts))
    return found, rest


def licence_of(distribution: importlib.metadata.Distribution) -> str:
    data = distribution.metadata
    if data.get("License-Expression"):
        return data["License-Expression"]
    words = (data.get("License") or "").strip()
    classifiers = [c.split(" :: ")[-1] for c in data.get_all("Classifier") or [] if c.startswith("License ::")]
    for word in (words, *classifiers):
        if word in SPDX:
            return SPDX[word]
    if words and "\n" not in words:
        return words
    return " AND ".join(classifiers) or "see its text"


def interpreter() -> Iterator[Part]:
    for name in ("LICENSE.txt", "LICENSE"):
        path = Path(sysconfig.get_path("stdlib"), name)
        if path.is_file():
            texts = {name: path.read_text(encoding="utf-8")}
            yield Part("CPython", platform.python_version(), "PSF-2.0", "generic", texts)
            return
    raise FileNotFoundError("Python's licence is not where it is usually kept")


def system_packages(files: set[Path]) -> list[Part]:
    """The Debian packages that libraries were taken from."""
    own = [PROJECT, *(Path(os.path.realpath(place)) for place in (sys.base_prefix, sysconfig.get_path("stdlib")))]
    own = [place for place in own if place != Path("/usr")]  # where Debian's Python has its base
    outside = sorted(file for file in files if not any(file.is_relative_to(place) for place in own))
    parts: dict[str, Part] = {}
    for file in outside:
        package = owner_of(file)
        if package not in parts:
            shown = run("dpkg-query", "-W", "-f=${Version}", package)
            text = Path("/usr/share/doc", package.split(":")[0], "copyright").read_text(encoding="utf-8")
            parts[package] = Part(package.split(":")[0], shown, "see its text", "deb", {"copyright": text})
    return list(parts.values())


def owner_of(file: Path) -> str:
    for place in (str(file), str(file).removeprefix("/usr")):  # Debian registers some in /lib
        told = subprocess.run(["dpkg", "-S", place], capture_output=True, text=True)
        if told.returncode == 0:
            return told.stdout.rsplit(": ", 1)[0].split(", ")[0]
    raise FileNotFoundError(f"no package is known that {file} belongs to")


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def licences(parts: list[Part], folder: Path) -> str:
    """All licences in one text."""
    line = "=" * 100
    sections = [
        f"TLStudio {tlstudio.__version__} is bundled with the works of others. Each is listed with its licence; the "
        f"texts follow.\n\n" + "\n".join(f"{part.name} {part.version}: {part.licence}" for part in parts),
        QT,
    ]
    for part in parts:
        texts = part.texts or {
            "": "Its package brings no text; the licence that it names is at the end of this file."
        }
        body = "\n\n".join(f"-- {name}\n\n{text.strip()}" if name else text for name, text in texts.items())
        sections.append(f"{part.name} {part.version}: {part.licence}\n\n{body}")
    sections += [f"{name}\n\n{(folder / name).read_text(encoding='utf-8').strip()}" for name in NAMED_TEXTS]
    return f"\n\n{line}\n\n".join(section.strip() for section in sections) + "\n"


def bill(parts: list[Part]) -> str:
    """The bill of materials: the same bytes for the same parts and the same commit."""
    factory = LicenseFactory()
    bom = Bom()
    bom.metadata.timestamp = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), UTC)
    bom.metadata.component = Component(
        name="TLStudio", version=tlstudio.__version__, type=ComponentType.APPLICATION, bom_ref="tlstudio"
    )
    for part in parts:
        url = PackageURL(part.kind, "debian" if part.kind == "deb" else None, part.name.lower(), part.version)
        licence = [] if part.licence == "see its text" else [factory.make_from_string(part.licence)]
        bom.components.add(
            Component(name=part.name, version=part.version, purl=url, licenses=licence, bom_ref=url.to_string())
        )
    bom.register_dependency(bom.metadata.component, bom.components)
    content = "\n".join(f"{part.kind} {part.name} {part.version}" for part in parts)
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, content)
    return JsonV1Dot6(bom).output_as_string(indent=1) + "\n"


if __name__ == "__main__":
    main()
