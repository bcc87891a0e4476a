"""Starting TensorFlow the way we need it: quiet, and repeatable."""

import contextlib
import importlib.metadata
import logging
import os
import sys
import tempfile
import time
from collections.abc import Iterator

from tlstudio.core.cache import cache_folder

_BEGAN = time.monotonic()
# Before the import: TensorFlow reads these once. Its start-up remarks are of no use to a person.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")


@contextlib.contextmanager
def native_remarks_kept_back() -> Iterator[None]:
    """Hold back what native libraries write to standard error, as they do while loading; show it if that fails.

    TensorFlow logs some lines before it has read its own log level, and its converters don't ask for it, so only the
    descriptor helps.
    """
    if "TLSTUDIO_DEBUG" in os.environ or sys.stderr is None:
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as aside:
        os.dup2(aside.fileno(), 2)
        try:
            yield
        except BaseException:
            aside.seek(0)
            os.write(kept, aside.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)


@contextlib.contextmanager
def _keras_at_home_with_us() -> Iterator[None]:
    """While it loads, Keras writes ``keras.json`` into its folder in the person's home, or takes the usual number
    format and order of channels from the one that is there. Ours have to be the same everywhere."""
    before = os.environ.get("KERAS_HOME")
    os.environ["KERAS_HOME"] = str(cache_folder() / "keras")
    try:
        yield
    finally:
        del os.environ["KERAS_HOME"]
        if before is not None:  # weights that the person's Keras fetched are looked for there
            os.environ["KERAS_HOME"] = before


with native_remarks_kept_back(), _keras_at_home_with_us():
    import keras
    import tensorflow as tf

    logging.getLogger("absl").setLevel(logging.ERROR)  # it warns of each .hdf5 that a plan asks for
    tf.config.list_physical_devices()  # the search for a GPU speaks up at its first use

SECONDS_TO_LOAD = time.monotonic() - _BEGAN


def versions() -> dict[str, str]:
    """Versions of what has a say in the numbers of a run."""
    import numpy
    import PIL

    import tlstudio

    try:
        openvino = importlib.metadata.version("openvino")
    except importlib.metadata.PackageNotFoundError:
        openvino = ""  # TensorFlow does its work
    return {
        "tlstudio": tlstudio.__version__,
        "python": sys.version.split()[0],
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "openvino": openvino,
        "numpy": numpy.__version__,
        "pillow": PIL.__version__,
    }


def start_fresh(seed: int) -> None:
    """Forget former networks and their layer names, and seed every source of chance."""
    keras.backend.clear_session()
    keras.config.set_dtype_policy("float32")
    keras.utils.set_random_seed(seed)
