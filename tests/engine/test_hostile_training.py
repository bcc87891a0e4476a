"""A training run on images that were made to break one: it learns from the usable ones and names all others."""

import csv
import hashlib
import os
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.engine.runs import Run
from tlstudio.core import events
from tlstudio.core.data.names import escaped
from tlstudio.core.data.scan import scan_folder
from tlstudio.core.model.reading import open_model
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.strategy import make_plan

pytestmark = [pytest.mark.shared, pytest.mark.filterwarnings("ignore:.*:UserWarning:keras.*")]


@pytest.fixture
def unpacked(tmp_path: Path, shared: Callable[[str], Path]) -> Path:
    with tarfile.open(shared("hostile/images.tar.gz")) as packed:
        packed.extractall(tmp_path / "hostile", filter="tar")
    return tmp_path / "hostile" / "images"


def short_plan(model: Path, dataset: Path) -> TrainingPlan:
    plan = make_plan(open_model(model), str(dataset), "features")
    return msgspec.structs.replace(plan, epochs=2)


def state_of(folder: Path) -> dict[str, tuple[object, ...]]:
    """All that tells whether anything in a folder was touched."""
    found: dict[str, tuple[object, ...]] = {}
    for path in [folder, *folder.rglob("*")]:
        status = path.lstat()
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[os.fsdecode(path)] = status.st_size, status.st_mtime_ns, status.st_mode, status.st_ino, content
    return found


def wishes(shared: Callable[[str], Path]) -> dict[str, str]:
    """What the manifest asks of each odd file, by its name as it is shown. It writes line breaks and tabs itself
    escaped, which a name that holds a backslash is not."""
    with shared("hostile/images.MANIFEST.tsv").open(encoding="utf-8") as manifest:
        rows = list(csv.DictReader(manifest, delimiter="\t"))
    odd = [
        (row["file"].removeprefix("odd/"), row["safe_reader_must"]) for row in rows if row["file"].startswith("odd/")
    ]
    return {escaped(name.replace("\\n", "\n").replace("\\t", "\t")): wish for name, wish in odd}


def test_that_a_run_trains_on_what_is_usable_names_the_rest_and_writes_nothing_there(
    sample: Path, unpacked: Path, shared: Callable[[str], Path], tmp_path: Path
) -> None:
    dataset = tmp_path / "dataset"
    shutil.copytree(unpacked / "set_good", dataset)
    shutil.copytree(unpacked / "set_all_bad" / "bad", dataset / "bad")
    for place, path in enumerate(sorted((unpacked / "odd").iterdir())):
        shutil.copy2(path, dataset / ("cat", "dog")[place % 2] / path.name)
    before = state_of(dataset)

    run = Run(tmp_path / "run", short_plan(sample / "model.hdf5", dataset))

    assert state_of(dataset) == before
    assert run.finished.epochs == 2 and run.finished.frozen_unchanged
    assert run.model.output_shape == (None, 2)  # a class without a usable image is none
    skipped = {event.path.rpartition("/")[2]: event for event in run.of(events.ImageSkipped)}
    assert all(event.code and event.message for event in skipped.values())
    assert {path.name for path in (dataset / "bad").iterdir()} <= skipped.keys()
    told = wishes(shared)
    must = {name for name, wish in told.items() if wish.startswith("skip+list")}
    may = must | {name for name, wish in told.items() if "skip" in wish}
    assert len(must) > 10 and must <= skipped.keys()
    assert (skipped.keys() & told.keys()) <= may
    used = {entry.path.rpartition("/")[2] for entry in scan_folder(dataset).entries}
    here = {escaped(path.name) for path in (unpacked / "odd").iterdir()}
    assert {name for name, wish in told.items() if "skip" not in wish and "ignore" not in wish} & here <= used
    assert not used & skipped.keys()


def test_that_a_good_set_trains_and_is_left_as_it_was(sample: Path, unpacked: Path, tmp_path: Path) -> None:
    before = state_of(unpacked / "set_good")
    run = Run(tmp_path / "run", short_plan(sample / "model.hdf5", unpacked / "set_good"))
    assert run.finished.epochs == 2 and state_of(unpacked / "set_good") == before


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("set_single_class", "one_class"),
        ("set_one_image_class", "class_too_small"),
        ("set_flat_no_classes", "dataset_empty"),
        ("set_all_bad", "one_class"),
        ("set_empty_class", "one_class"),
    ],
)
def test_that_a_set_that_cannot_be_learnt_from_is_refused_with_a_sentence(
    name: str, code: str, sample: Path, unpacked: Path, tmp_path: Path
) -> None:
    run = Run(tmp_path / "run", short_plan(sample / "model.hdf5", unpacked / name))
    failure = run.events[-1]
    assert isinstance(failure, events.JobFailed) and failure.code == code
