"""Scanning and splitting image folders."""

import os
import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image

from tlstudio.core.control import Control, Stopped
from tlstudio.core.data.decode import load_for_model
from tlstudio.core.data.scan import Dataset, ImageEntry, scan_folder
from tlstudio.core.data.split import require_trainable, split_dataset
from tlstudio.core.errors import TLStudioError


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(p.relative_to(folder)): (p.lstat().st_size, p.lstat().st_mtime_ns) for p in folder.rglob("*")}


def test_that_classes_are_the_folders_and_nothing_is_written(few_images: Path) -> None:
    before = snapshot(few_images)
    found = scan_folder(few_images)
    assert found.classes == ["dark", "grey", "light"]
    assert (found.images, len(found.entries), found.split) == (90, 90, "automatic")
    assert {problem.code for problem in found.problems} == {"shortcut-brightness"}, "that is what they differ in"
    assert snapshot(few_images) == before


@pytest.mark.parametrize("name", ["val", "valid", "validation"])
def test_that_a_split_by_folders_is_kept(few_images: Path, tmp_path: Path, name: str) -> None:
    root = tmp_path / "split"
    for part, low, high in (("train", 0, 20), (name, 20, 25), ("test", 25, 30)):
        for label in ("dark", "grey", "light"):
            (root / part / label).mkdir(parents=True)
            for number in range(low, high):
                shutil.copy(few_images / label / f"{number:02d}.png", root / part / label)
    split = split_dataset(scan_folder(root))
    assert [(row.train, row.validation, row.test) for row in split.counts()] == [(20, 5, 5)] * 3
    assert all(path.startswith("test/") for path, _ in split.test)


def test_that_a_validation_folder_tests_where_there_is_no_test_folder(few_images: Path, tmp_path: Path) -> None:
    root = tmp_path / "split"
    for part, low, high in (("train", 0, 20), ("val", 20, 30)):
        for label in ("dark", "grey"):
            (root / part / label).mkdir(parents=True)
            for number in range(low, high):
                shutil.copy(few_images / label / f"{number:02d}.png", root / part / label)
    split = split_dataset(scan_folder(root))
    assert {path.split("/")[0] for path, _ in split.test} == {"val"}
    assert {path.split("/")[0] for path, _ in split.validation} == {"train"}


def test_that_bad_images_are_listed_and_the_rest_is_used(few_images: Path) -> None:
    dark = few_images / "dark"
    (dark / "empty.png").touch()
    (dark / "text.jpg").write_text("no image")
    (dark / "postscript.jpg").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n")
    whole = (dark / "00.png").read_bytes()
    (dark / "cut_off.png").write_bytes(whole[: len(whole) // 2])
    os.mkfifo(dark / "pipe.png")
    (few_images / ".DS_Store").write_bytes(b"x")
    (dark / "Thumbs.db").write_bytes(b"x")
    (dark / "._00.png").write_bytes(b"x")
    found = scan_folder(few_images)
    codes = {Path(problem.path).name: problem.code for problem in found.problems if problem.path}
    assert codes == {
        "empty.png": "empty",
        "text.jpg": "not-an-image",
        "postscript.jpg": "not-an-image",
        "cut_off.png": codes["cut_off.png"],
        "pipe.png": "not-a-file",
    }
    assert codes["cut_off.png"] in {"truncated", "unreadable"}
    assert len(found.entries) == 90 and found.images == 95


@pytest.mark.parametrize(
    ("keep", "code"), [({}, "dataset_empty"), ({"dark": 5}, "one_class"), ({"dark": 5, "grey": 1}, "class_too_small")]
)
def test_that_folders_nothing_can_be_learnt_from_are_refused(
    few_images: Path, keep: dict[str, int], code: str
) -> None:
    for label in ("dark", "grey", "light"):
        files = sorted((few_images / label).iterdir())
        for path in files[keep.get(label, 0) :]:
            path.unlink()
        if label not in keep:
            (few_images / label).rmdir()
    with pytest.raises(TLStudioError) as caught:
        dataset = scan_folder(few_images)
        require_trainable(dataset, split_dataset(dataset))
    assert caught.value.code == code


def test_that_a_scan_can_be_stopped(few_images: Path) -> None:
    control = Control()
    control.stop()
    with pytest.raises(Stopped):
        scan_folder(few_images, control)


def test_that_the_fingerprint_changes_with_the_images(few_images: Path) -> None:
    before = scan_folder(few_images).fingerprint
    assert scan_folder(few_images).fingerprint == before
    (few_images / "dark" / "00.png").unlink()
    assert scan_folder(few_images).fingerprint != before


def test_that_exif_rotation_transparency_and_16_bits_are_honoured(tmp_path: Path) -> None:
    turned = Image.new("RGB", (40, 20), "black")
    turned.paste("white", (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    turned.save(tmp_path / "turned.jpg", exif=exif)
    pixels = load_for_model(tmp_path / "turned.jpg", 20, 40, 1, "stretch")
    assert pixels[:15].mean() > 200 and pixels[25:].mean() < 50
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert load_for_model(tmp_path / "clear.png", 8, 8, 3, "crop").min() == 255
    Image.new("I;16", (8, 8), 32768).save(tmp_path / "deep.png")
    assert abs(int(load_for_model(tmp_path / "deep.png", 8, 8, 1, "crop")[0, 0, 0]) - 128) <= 1


counts = some.lists(some.integers(3, 60), min_size=2, max_size=5)


def dataset_of(sizes: list[int], order: random.Random | None = None) -> Dataset:
    entries = [
        ImageEntry(path=f"class{label}/{number:03d}.png", label=f"class{label}", part=None)
        for label, size in enumerate(sizes)
        for number in range(size)
    ]
    if order is not None:
        order.shuffle(entries)
    names = [f"class{label}" for label in range(len(sizes))]
    return Dataset(
        root="/x", classes=names, entries=entries, images=len(entries), problems=[], split="automatic", fingerprint=""
    )


@given(sizes=counts, fraction=some.floats(0.05, 0.5), seed=some.integers(0, 1000), order=some.randoms())
def test_that_each_image_is_in_one_part_and_classes_keep_their_share(
    sizes: list[int], fraction: float, seed: int, order: random.Random
) -> None:
    split = split_dataset(dataset_of(sizes), fraction, seed)
    parts = [split.train, split.validation, split.test]
    seen = Counter(path for part in parts for path, _label in part)
    assert set(seen.values()) == {1} and len(seen) == sum(sizes)
    for row, size in zip(split.counts(), sizes, strict=True):
        assert min(row.train, row.validation, row.test) >= 1
        assert abs(row.test - 0.2 * size) <= 1
        assert abs(row.validation - fraction * (size - row.test)) <= 1
    again = split_dataset(dataset_of(sizes, order), fraction, seed)
    assert [sorted(part) for part in parts] == [sorted(p) for p in (again.train, again.validation, again.test)]


def test_that_another_seed_splits_otherwise() -> None:
    one, other = (split_dataset(dataset_of([50, 50]), 0.2, seed) for seed in (0, 1))
    assert sorted(one.test) != sorted(other.test)


@pytest.mark.shared
def test_that_shared_folders_have_the_counts_of_their_manifest(shared: Callable[[str], Path]) -> None:
    lines = shared("data/MANIFEST.tsv").read_text().splitlines()[1:]
    for line in lines:
        name, _source, _notes, files, _folders = line.split("\t")
        assert scan_folder(shared(f"data/{name}")).images == int(files)
