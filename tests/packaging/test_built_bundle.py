"""What packaging/build.sh has made, where it has been run."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from bundle_contents import EXCLUDED_MODULES, HOST_LIBRARIES, LEFT_OUT, NEEDED_LIBRARIES
from host_needs import host_libraries

import tlstudio
from tlstudio.core.resources import resource_path

DIST = Path(__file__).resolve().parents[2] / "build" / "dist"
FOLDER = DIST / "tlstudio"
INSIDE = FOLDER / "_internal"
SAMPLE = resource_path("sample/images")
UNPACKED, PACKED = 1600e6, 600e6  # bytes, at most

pytestmark = pytest.mark.skipif(
    not (FOLDER / "sbom.cdx.json").exists(), reason="there is no bundle; packaging/build.sh makes one"
)


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """The bundle's twin for terminals, in an environment that would lead it to another Python if it let itself."""
    environment = os.environ | {"PYTHONPATH": "/nonexistent", "PYTHONHOME": "/nonexistent"}
    return subprocess.run([FOLDER / "tlstudio-cli", *arguments], capture_output=True, text=True, env=environment)


def test_that_it_says_its_version_and_reads_a_model() -> None:
    assert run("--version").stdout == f"TLStudio {tlstudio.__version__}\n"
    told = run("inspect", str(INSIDE / "resources/sample/model.hdf5"), "--json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["parameters"] == 100853


def test_that_it_scans_the_whole_sample() -> None:
    told = run("scan", str(INSIDE / "resources/sample/images"), "--json")
    assert told.returncode == 0, told.stderr
    here = subprocess.run(
        [sys.executable, "-m", "tlstudio", "scan", SAMPLE, "--json"], capture_output=True, text=True
    )
    assert json.loads(told.stdout)["classes"] == json.loads(here.stdout)["classes"]
    assert all(row["test"] > 0 for row in json.loads(told.stdout)["classes"])


def test_that_it_holds_what_was_asked_for_and_nothing_that_was_not() -> None:
    places = [path.relative_to(INSIDE).as_posix() for path in INSIDE.rglob("*")]
    assert [place for place in places if LEFT_OUT.search(place + "/")] == []
    names = {Path(place).name for place in places}
    assert set(NEEDED_LIBRARIES) <= names
    assert not names & set(HOST_LIBRARIES)
    assert not {name.split(".")[0] for name in EXCLUDED_MODULES if "." not in name} & {
        p.split("/")[0] for p in places
    }
    assert {"libibusplatforminputcontextplugin.so", "libcomposeplatforminputcontextplugin.so"} <= names
    assert {"tlstudio_zh_CN.qm", "qtbase_zh_CN.qm", "sample.tlstudio", "report.html.j2", "index.json"} <= names


def test_that_the_system_is_asked_only_for_what_every_desktop_has() -> None:
    assert host_libraries(FOLDER) <= set(HOST_LIBRARIES)


def test_that_it_is_no_larger_than_promised() -> None:
    size = sum(path.lstat().st_size for path in FOLDER.rglob("*") if path.is_file() and not path.is_symlink())
    assert size <= UNPACKED
    packed = [*DIST.glob("*.deb"), *DIST.glob("*.tar.zst")]
    assert all(path.stat().st_size <= PACKED for path in packed)


def test_that_its_package_has_the_programs_version() -> None:
    packages = list(DIST.glob("*.deb"))
    if not packages:
        pytest.skip("there is no .deb in build/dist")
    told = subprocess.run(["dpkg-deb", "-f", *packages, "Version", "Depends"], capture_output=True, text=True).stdout
    assert f"Version: {tlstudio.__version__}\n" in told
    assert re.search(r"Depends: libc6 \(>= 2\.\d\d\)", told)


def test_that_licences_and_parts_are_listed() -> None:
    parts = json.loads((FOLDER / "sbom.cdx.json").read_text(encoding="utf-8"))
    assert parts["bomFormat"] == "CycloneDX"
    assert parts["metadata"]["component"]["version"] == tlstudio.__version__
    names = {part["name"] for part in parts["components"]}
    assert {"keras", "numpy", "openvino", "PySide6_Essentials", "CPython", "pyinstaller", "libxcb-cursor0"} <= names
    assert not names & {"openvino-telemetry", "tensorboard", "setuptools", "pip"}
    licences = (FOLDER / "LICENSES.txt").read_text(encoding="utf-8")
    assert all(f"{part['name']} {part['version']}: " in licences for part in parts["components"])
    for words in ("GNU LESSER GENERAL PUBLIC LICENSE", "Apache License", "PYTHON SOFTWARE FOUNDATION LICENSE"):
        assert words in licences
