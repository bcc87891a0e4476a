"""Strangers' files are read in a process that may hang or die; every one gets a sentence, and soon."""

import csv
import json
import os
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model import model_file, safely
from tlstudio.core.model.opening import Opening
from tlstudio.core.model.reading import open_model
from tlstudio.core.model.safely import ReaderProcess, read_model
from tlstudio.inspecting import inspect_file

TIME, MEMORY = 10.0, 1 << 30  # of one file, in seconds and bytes


@pytest.fixture(scope="module")
def reader() -> Iterator[ReaderProcess]:
    with ReaderProcess() as process:
        yield process


def test_that_a_model_comes_over_the_pipe_as_it_was_read(
    sample: Path, residual_model: Path, reader: ReaderProcess
) -> None:
    for path in (sample / "model.hdf5", residual_model):
        assert reader.read(path) == open_model(path)
        assert model_file.decode(model_file.encode(open_model(path))) == open_model(path)


def test_that_an_error_comes_over_the_pipe_as_it_was_raised(tmp_path: Path, reader: ReaderProcess) -> None:
    with pytest.raises(TLStudioError) as caught:
        reader.read(tmp_path / "nowhere.h5")
    assert caught.value.code == "model_missing" and "nowhere.h5" in str(caught.value)


def test_that_a_reader_that_hangs_is_given_up_and_the_next_file_is_read(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ReaderProcess() as reader:
        reader.warm_up()
        process = reader._process
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)  # alive, and silent
        monkeypatch.setattr(safely, "READ_SECONDS", 0.5)
        began = time.monotonic()
        with pytest.raises(TLStudioError) as caught:
            reader.read(sample / "model.hdf5")
        assert caught.value.code == "reader_gave_up" and time.monotonic() - began < 3
        assert process.poll() is not None, "the one that hung is gone"
        monkeypatch.setattr(safely, "READ_SECONDS", 30.0)
        assert reader.read(sample / "model.hdf5").parameters == 100_853


def test_that_a_reader_that_dies_is_told_and_the_next_file_is_read(sample: Path) -> None:
    with ReaderProcess() as reader:
        reader.read(sample / "model.hdf5")
        process = reader._process
        assert process is not None
        os.kill(process.pid, signal.SIGSEGV)
        process.wait()
        assert reader.read(sample / "model.hdf5").parameters == 100_853
        process = reader._process
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)
        threading.Timer(0.3, process.kill).start()  # dies with the question in hand
        with pytest.raises(TLStudioError) as caught:
            reader.read(sample / "model.hdf5")
        assert caught.value.code == "reader_gave_up" and "signal 9" in str(caught.value)


def test_that_nan_and_infinity_are_found_among_all_values(
    tmp_path: Path, sample: Path, reader: ReaderProcess
) -> None:
    import h5py
    import numpy as np

    path = tmp_path / "spoiled.hdf5"
    path.write_bytes((sample / "model.hdf5").read_bytes())
    assert reader.layers_not_finite(reader.read(path)) == []
    with h5py.File(path, "r+") as file:
        for layer, value in (("block1_conv1", np.nan), ("block2_conv1", -np.inf)):
            group = file["model_weights"][layer]
            kernel = group[group.attrs["weight_names"][0]]
            values = kernel[...]
            values.flat[-1] = value
            kernel[...] = values
    assert reader.layers_not_finite(reader.read(path)) == ["block1_conv1", "block2_conv1"]
    inspection, problem = inspect_file(path, Opening())
    assert problem is None
    assert [note.layers for note in inspection.warnings if note.code == "weights_not_finite"] == [
        ("block1_conv1", "block2_conv1")
    ]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, str]]]:
    from tests.conftest import SHARED

    if not (SHARED / "hostile/models.tar.gz").exists():
        pytest.skip("shared/hostile/models.tar.gz is not here")
    folder = tmp_path_factory.mktemp("hostile")
    with tarfile.open(SHARED / "hostile/models.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    with (SHARED / "hostile/models.MANIFEST.tsv").open() as manifest:
        return folder / "models", list(csv.DictReader(manifest, delimiter="\t"))


SWEEP = """
import json, resource, sys, time
from pathlib import Path
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.opening import Opening
from tlstudio.inspecting import inspect_file
answers = {}
for name in json.load(sys.stdin):
    began = time.monotonic()
    try:
        inspection, problem = inspect_file(Path(sys.argv[1]) / name, Opening())
        warned = [note.code for note in inspection.warnings]
    except TLStudioError as error:
        problem, warned = error, []
    answers[name] = {
        "code": problem and problem.code, "exit": problem and problem.exit_code, "sentence": str(problem or ""),
        "warned": warned, "seconds": time.monotonic() - began,
    }
# The largest of all children that have ended, the readers; this process itself is a small one.
print(json.dumps({"answers": answers, "peak": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024}))
"""


def fits(wish: str, answer: dict[str, Any]) -> bool:
    """Whether a file got what its manifest asks."""
    refused = answer["exit"] == 2 and "\n" not in answer["sentence"] and answer["code"] != "reader_gave_up"
    opened = answer["code"] is None
    match wish:
        case "reject or cast with a warning":
            return refused or (opened and "weights_cast" in answer["warned"])
        case "open with warning or reject" | "open-or-reject, no hang":
            return refused or opened
        case "open with warning":
            return opened and bool(answer["warned"])
        case _:
            return refused if wish.startswith("reject") else opened


@pytest.mark.shared
def test_that_every_hostile_file_gets_what_its_manifest_asks(hostile: tuple[Path, list[dict[str, str]]]) -> None:
    folder, rows = hostile
    rows = [row for row in rows if row["safe_opener_must"] != "-"]
    names = json.dumps([row["file"] for row in rows])
    done = subprocess.run(
        [sys.executable, "-c", SWEEP, str(folder)],
        cwd=PROJECT,
        input=names,
        capture_output=True,
        text=True,
        timeout=250,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    wrong = []
    for row in rows:
        answer = result["answers"][row["file"]]
        if not fits(row["safe_opener_must"], answer) or answer["seconds"] > TIME:
            wrong.append(f"{row['file']}: {row['safe_opener_must']}, but {answer}")
        marker = Path(row["marker"])
        assert not (marker.is_absolute() and marker.exists()), f"{row['file']} left its mark"
    assert not wrong, "\n".join(wrong)
    assert result["peak"] < MEMORY


@pytest.mark.shared
def test_that_damaged_copies_of_real_files_are_refused_or_read_and_never_hang(
    shared: Callable[[str], Path], tmp_path: Path
) -> None:
    """Bits turned in the first kilobytes, where HDF5 keeps its structure: libhdf5 hangs and crashes on some."""
    import random

    chance = random.Random(5)
    source = shared("models/keras/oarriaga__tiny_XCEPTION_KDEF.hdf5").read_bytes()
    with ReaderProcess() as reader:
        for number in range(60):
            data = bytearray(source)
            for _ in range(chance.randint(1, 8)):
                place = chance.randrange(min(len(data), 40_000))
                data[place] = chance.randrange(256)
            path = tmp_path / f"{number}.h5"
            path.write_bytes(data)
            try:
                model = reader.read(path)
                reader.layers_not_finite(model)
            except TLStudioError as error:
                assert error.exit_code == 2 and "\n" not in str(error)
            path.unlink()


def test_that_one_file_can_be_read_without_a_reader_at_hand(sample: Path) -> None:
    assert read_model(sample / "model.hdf5").writer.startswith("Keras 3")
