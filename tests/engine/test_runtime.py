"""How TensorFlow and Keras are started, in processes of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import PROJECT

TOLD = """
import os
from tlstudio.engine.runtime import keras
print(keras.config.floatx(), os.environ.get("KERAS_HOME"))
"""


def loaded(home: Path, **more: str) -> list[str]:
    home.mkdir(exist_ok=True)
    own = {name: value for name, value in os.environ.items() if name != "KERAS_HOME"}
    environment = own | {"HOME": str(home), "TLSTUDIO_CACHE": str(home.parent / "cache"), **more}
    command = [sys.executable, "-c", TOLD]
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_that_nothing_is_written_into_a_persons_home(tmp_path: Path) -> None:
    assert loaded(tmp_path / "home") == ["float32", "None"]
    assert not list((tmp_path / "home").iterdir())


def test_that_a_persons_settings_of_keras_change_nothing_and_stay(tmp_path: Path) -> None:
    settings = tmp_path / "home" / ".keras" / "keras.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"floatx": "float16", "image_data_format": "channels_first"}))
    before = settings.read_bytes()
    assert loaded(tmp_path / "home", KERAS_HOME=str(settings.parent)) == ["float32", str(settings.parent)]
    assert settings.read_bytes() == before
