"""The version stands in one place, and what the system is told of the program is true."""

import configparser
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from bundle_requirements import requirements
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox

import tlstudio
from tests.windows import make_window, window  # noqa: F401 (fixtures)
from tlstudio.cli import VERBS
from tlstudio.core.resources import resource_path
from tlstudio.desktop.main_window import MainWindow

PROJECT = Path(__file__).resolve().parents[2]
PACKAGING = PROJECT / "packaging"
VERSION = re.escape(tlstudio.__version__)


def run(*arguments: str, **options: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, *arguments], cwd=PROJECT, capture_output=True, text=True, **options)


def test_that_the_package_takes_its_version_from_the_program() -> None:
    with (PROJECT / "pyproject.toml").open("rb") as file:
        told = tomllib.load(file)
    assert "version" not in told["project"]
    assert told["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "tlstudio.__version__"}


def test_that_the_changelog_begins_with_this_version() -> None:
    headings = re.findall(r"^## (\S+)", (PACKAGING / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == tlstudio.__version__


def test_that_the_command_line_and_about_agree(window: MainWindow, qtbot: Any) -> None:  # noqa: F811
    assert run("-m", "tlstudio", "--version").stdout == f"TLStudio {tlstudio.__version__}\n"
    window.commands.about.trigger()
    (box,) = window.findChildren(QMessageBox)
    assert re.search(rf"\b{VERSION}\b", box.text())
    box.close()


def test_that_scripts_of_packaging_take_the_version_from_the_program() -> None:
    for path in PACKAGING.rglob("*"):
        if path.is_file() and path.suffix in {".sh", ".py", ".spec", ".iss"}:
            assert not re.search(rf"(?<![\d.=]){VERSION}(?![\d.])", path.read_text(encoding="utf-8")), path.name


def test_that_the_bundle_is_made_of_the_projects_own_requirements() -> None:
    names = [re.split(r"[<>=\[ ]", line)[0] for line in requirements()]
    assert "tensorflow-cpu" in names and "tensorflow" not in names
    with (PROJECT / "pyproject.toml").open("rb") as file:
        wanted = tomllib.load(file)["project"]["dependencies"]
    assert len(names) == len(wanted) + 2
    pinned = (PACKAGING / "constraints.txt").read_text(encoding="utf-8").lower().replace("_", "-")
    for name in names:
        assert f"\n{name.lower().replace('_', '-')}==" in pinned, name


def test_that_the_menu_finds_the_program_its_icon_and_its_window(window: MainWindow) -> None:  # noqa: F811
    entry = configparser.ConfigParser(interpolation=None, delimiters="=")
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(resource_path("bundle/tlstudio.desktop"), encoding="utf-8")
    told = entry["Desktop Entry"]
    assert told["Exec"] == "tlstudio %f" and told["Icon"] == "tlstudio" and told["Terminal"] == "false"
    assert {"GenericName[zh_CN]", "Comment[zh_CN]", "Keywords[zh_CN]"} <= set(told)
    assert told["MimeType"] == f"{_mime_type()};"
    # Wayland's compositors find the entry, and with it icon and name, by what the program calls itself.
    from tlstudio.desktop import application

    assert 'setDesktopFileName("tlstudio")' in Path(application.__file__).read_text(encoding="utf-8")
    assert QGuiApplication.instance() is not None


def test_that_the_menu_entry_is_valid() -> None:
    if shutil.which("desktop-file-validate") is None:
        pytest.skip("desktop-file-validate is not installed")
    told = subprocess.run(
        ["desktop-file-validate", str(resource_path("bundle/tlstudio.desktop"))], capture_output=True, text=True
    )
    assert (told.returncode, told.stdout) == (0, "")


def _mime_type() -> str:
    space = {"m": "http://www.freedesktop.org/standards/shared-mime-info"}
    root = ElementTree.parse(resource_path("bundle/tlstudio.xml")).getroot()
    (kind,) = root.findall("m:mime-type", space)
    assert [glob.get("pattern") for glob in kind.findall("m:glob", space)] == ["*.tlstudio"]
    return kind.get("type", "")


def test_that_the_manual_page_knows_every_verb() -> None:
    page = resource_path("bundle/tlstudio.1").read_text(encoding="utf-8").replace("\\-", "-")
    missing = [verb for verb in VERBS if not re.search(rf"^\.(BI|B) {verb}\b", page, re.MULTILINE)]
    assert missing == []
    assert "@VERSION@" in page
