"""Starting where there is no terminal, and where another program was told to look for our libraries."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtGui import QFileOpenEvent
from start import restore_library_path

from tlstudio.core import own_process
from tlstudio.desktop.file_opener import FileOpener
from tlstudio.desktop.input_method import choose_input_method

PROJECT = Path(__file__).resolve().parents[2]


def _without_streams() -> None:
    for number in (0, 1, 2):
        os.close(number)


@pytest.mark.skipif(os.name != "posix", reason="streams are closed by POSIX calls here")
@pytest.mark.parametrize("arguments", [["--version"], ["inspect", "resources/sample/model.hdf5"], ["no-such-file"]])
def test_that_a_program_without_streams_ends_as_it_does_with_them(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "tlstudio", *arguments]
    usual = subprocess.run(command, cwd=PROJECT, capture_output=True)
    closed = subprocess.run(command, cwd=PROJECT, preexec_fn=_without_streams)
    assert closed.returncode == usual.returncode


def test_that_the_bundles_entry_is_the_program(sample: Path) -> None:
    told = subprocess.run(
        [sys.executable, str(PROJECT / "packaging" / "start.py"), "scan", str(sample / "images"), "--json"],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
    )
    assert told.returncode == 0 and '"classes"' in told.stdout


def test_that_opened_programs_do_not_load_the_bundles_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/tlstudio/_internal:/usr/local/lib")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/usr/local/lib")
    restore_library_path()
    assert os.environ["LD_LIBRARY_PATH"] == "/usr/local/lib" and "LD_LIBRARY_PATH_ORIG" not in os.environ
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/tlstudio/_internal")
    restore_library_path()
    assert "LD_LIBRARY_PATH" not in os.environ


def test_that_helpers_of_a_bundle_are_the_bundle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "tlstudio"
    program.write_text('#!/bin/sh\necho "$#" "$1"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    monkeypatch.setattr(sys, "executable", str(program))
    with own_process.start_self("--reader", subprocess.DEVNULL) as process:
        assert process.stdout is not None and process.stdout.read() == b"1 --reader\n"


@pytest.mark.parametrize(
    ("name", "wanted", "chosen"),
    [
        ("QT_IM_MODULE", "fcitx", "ibus"),
        ("QT_IM_MODULE", "fcitx5", "ibus"),
        ("QT_IM_MODULES", "wayland;fcitx;compose", "wayland;ibus;compose"),
        ("QT_IM_MODULE", "ibus", "ibus"),
        ("QT_IM_MODULE", "compose", "compose"),
    ],
)
def test_that_fcitx_is_reached_by_the_plugin_that_qt_brings(
    monkeypatch: pytest.MonkeyPatch, name: str, wanted: str, chosen: str
) -> None:
    monkeypatch.setenv(name, wanted)
    choose_input_method()
    assert os.environ[name] == chosen


def test_that_a_file_opened_from_the_desktop_is_opened_in_the_window(tmp_path: Path, qtbot: object) -> None:
    opened: list[Path] = []
    target = QObject()
    opener = FileOpener(opened.append)
    target.installEventFilter(opener)
    QCoreApplication.sendEvent(target, QFileOpenEvent(str(tmp_path / "a b.tlstudio")))
    QCoreApplication.sendEvent(target, QEvent(QEvent.Type.User))
    assert opened == [tmp_path / "a b.tlstudio"]
