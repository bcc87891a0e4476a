"""What all tests share: no network, nothing of the person's own settings, the sample and the shared files."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tlstudio.core.resources import resource_path

PROJECT = Path(__file__).resolve().parent.parent
SHARED = PROJECT.parent / "shared"
SAMPLE = resource_path("sample")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """TLStudio never speaks to a network; sockets within the machine (Qt's, X11's) stay possible."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            raise AssertionError(f"TLStudio tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket, "getaddrinfo", _refuse)


def _refuse(*address: object, **_options: object) -> None:
    raise AssertionError(f"TLStudio tried to look up {address}")


@pytest.fixture(scope="session")
def session_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _own_folders(session_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Caches, settings and documents of the person are never touched."""
    monkeypatch.setenv("TLSTUDIO_CACHE", str(session_cache))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home" / name.lower()))


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A copy of the sample's folder: model.hdf5, images/, sample.tlstudio."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "sample"))


@pytest.fixture
def shared() -> Callable[[str], Path]:
    """The place of a shared file; the test is skipped where the shared folder is absent."""

    def place(relative: str) -> Path:
        path = SHARED / relative
        if not path.exists():
            pytest.skip(f"shared/{relative} is not here")
        return path

    return place


@pytest.fixture
def few_images(tmp_path: Path) -> Path:
    """30 images a class of three classes, made here: squares of different grey, so that they can be learnt."""
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(0)
    for label, level in (("dark", 40), ("grey", 120), ("light", 210)):
        folder = tmp_path / "images" / label
        folder.mkdir(parents=True)
        for number in range(30):
            pixels = np.clip(random.normal(level, 12, (32, 32)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels, "L").save(folder / f"{number:02d}.png")
    return tmp_path / "images"


def _made(kind: str, path: Path) -> Path:
    """In a process of its own, so that tests of the window never have TensorFlow in theirs."""
    subprocess.run(
        [sys.executable, "-m", "tests.models", kind, str(path)], cwd=PROJECT, check=True, capture_output=True
    )
    return path


@pytest.fixture(scope="session")
def nested_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _made("nested", tmp_path_factory.mktemp("nested") / "nested.keras")


@pytest.fixture(scope="session")
def residual_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _made("residual", tmp_path_factory.mktemp("residual") / "residual.h5")
