"""What is found wrong with a dataset as a whole: copies, leaks, blanks, blur, shortcuts; and the index behind it."""

import shutil
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from tlstudio.core.data import scan
from tlstudio.core.data.facts import look_at
from tlstudio.core.data.findings import near_groups
from tlstudio.core.data.index import ImageIndex
from tlstudio.core.data.scan import scan_folder


def picture(seed: int, size: tuple[int, int] = (96, 72)) -> Image.Image:
    """A smooth random picture, unlike that of any other seed."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 255, (9, 12, 3), np.uint8)
    fine = np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC), np.int16)
    return Image.fromarray(np.clip(fine + random.integers(-12, 12, fine.shape), 0, 255).astype(np.uint8))


def folder(tmp_path: Path, names: dict[str, int], count: int = 12) -> Path:
    """``count`` pictures in each class folder, all different."""
    for name, start in names.items():
        (tmp_path / name).mkdir(parents=True)
        for number in range(count):
            picture(start + number).save(tmp_path / name / f"{number:02d}.png")
    return tmp_path


def found(root: Path) -> dict[str, list[tuple[str, list[str]]]]:
    table: dict[str, list[tuple[str, list[str]]]] = {}
    for problem in scan_folder(root).problems:
        table.setdefault(problem.code, []).append((problem.path, problem.related))
    return table


def test_that_a_clean_folder_has_no_findings(tmp_path: Path) -> None:
    assert found(folder(tmp_path, {"a": 0, "b": 100})) == {}


def test_that_copies_are_told_by_what_they_do(tmp_path: Path) -> None:
    root = folder(tmp_path, {"train/a": 0, "train/b": 100, "test/a": 200, "test/b": 300})
    shutil.copy(root / "train/a/00.png", root / "train/a/again.png")
    shutil.copy(root / "train/a/01.png", root / "train/b/wrong.png")
    shutil.copy(root / "train/b/02.png", root / "test/b/seen.png")
    problems = found(root)
    assert problems["duplicate"] == [("train/a/00.png", ["train/a/again.png"])]
    assert problems["label-conflict"] == [("train/a/01.png", ["train/b/wrong.png"])]
    assert problems["leak"] == [("test/b/seen.png", ["train/b/02.png"])]


def test_that_nearly_the_same_picture_is_found_however_it_was_saved(tmp_path: Path) -> None:
    root = folder(tmp_path, {"a": 0, "b": 100})
    with Image.open(root / "a/03.png") as image:
        image.resize((80, 60)).save(root / "a/small.jpg", quality=80)
    with Image.open(root / "a/04.png") as image:
        image.save(root / "b/other.jpg", quality=90)
    problems = found(root)
    assert problems["near-duplicate"] == [("a/03.png", ["a/small.jpg"])]
    assert problems["near-label-conflict"] == [("a/04.png", ["b/other.jpg"])]
    assert set(problems) - {"blurred"} == {"near-duplicate", "near-label-conflict"}


def test_that_hashes_within_the_limit_are_always_found_and_none_beyond() -> None:
    random = np.random.default_rng(5)
    base = random.integers(0, 256, (40, 32), dtype=np.uint8)
    for flips, is_near in ((8, True), (9, False)):
        hashes = [*base]
        for row in base:
            bits = np.unpackbits(row)
            bits[random.permutation(256)[:flips]] ^= 1
            hashes.append(np.packbits(bits))
        groups = near_groups(np.array(hashes))
        assert sorted(map(sorted, groups)) == ([[i, i + 40] for i in range(40)] if is_near else [])


def test_that_blank_and_blurred_images_are_named(tmp_path: Path) -> None:
    root = folder(tmp_path, {"a": 0, "b": 100}, count=20)
    Image.new("RGB", (96, 72), (90, 90, 90)).save(root / "a/blank.png")
    with Image.open(root / "b/00.png") as image:
        image.filter(ImageFilter.GaussianBlur(6)).save(root / "b/blurred.png")
    problems = found(root)
    assert [path for path, _ in problems["blank"]] == ["a/blank.png"]
    assert [path for path, _ in problems["blurred"]] == ["b/blurred.png"]


def test_that_small_and_unequal_classes_are_named(tmp_path: Path) -> None:
    root = folder(tmp_path, {"many": 0}, count=40)
    folder(tmp_path, {"few": 500}, count=4)
    problems = found(root)
    assert problems["few-images"] == [("few", [])] and problems["imbalance"] == [("few", ["many"])]


@pytest.mark.parametrize(("what", "change"), [("size", (60, 90)), ("brightness", None)])
def test_that_a_shortcut_is_told(tmp_path: Path, what: str, change: tuple[int, int] | None) -> None:
    root = folder(tmp_path, {"a": 0, "b": 100}, count=20)
    for path in (root / "b").iterdir():
        with Image.open(path) as image:
            changed = image.resize(change) if change else image.point(lambda level: level // 3)
        changed.save(path)
    assert set(found(root)) == {f"shortcut-{what}"}


def test_that_a_second_scan_looks_only_at_what_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = folder(tmp_path / "images", {"a": 0, "b": 100})
    looked: list[str] = []
    monkeypatch.setattr(scan, "look_at", lambda path: (looked.append(path.name), look_at(path))[1])
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    first = scan_folder(root)
    assert len(looked) == 24 and first == scan_folder(root) and len(looked) == 24
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before, "nothing is written there"
    picture(999).save(root / "a/05.png")
    (root / "a/06.png").unlink()
    shutil.copy(root / "b/00.png", root / "b/copy.png")
    second = scan_folder(root)
    assert looked[24:] == ["05.png", "copy.png"] and second.fingerprint != first.fingerprint
    assert [problem.code for problem in second.problems] == ["duplicate"]
    assert scan_folder(root) == second


def test_that_a_spoiled_index_only_costs_time(tmp_path: Path) -> None:
    root = folder(tmp_path / "images", {"a": 0, "b": 100})
    first = scan_folder(root)
    ImageIndex(root).path.write_bytes(b"\x93\x01spoiled")
    assert scan_folder(root) == first


def test_that_facts_are_those_of_the_upright_file(tmp_path: Path) -> None:
    path = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    picture(1, (1600, 900)).save(path, exif=exif)
    facts = look_at(path)
    assert (facts.width, facts.height) == (900, 1600)
    assert len(facts.look) == 64 and 0 < facts.contrast < 128 and facts.sharpness > 0


@pytest.mark.long
def test_that_an_unchanged_folder_of_50_000_files_opens_in_a_second(tmp_path: Path) -> None:
    data = tmp_path / "one.png"
    Image.new("L", (2, 2)).save(data)
    content = data.read_bytes()
    for label in range(10):
        (tmp_path / "images" / str(label)).mkdir(parents=True)
        for number in range(5000):
            (tmp_path / "images" / str(label) / f"{number}.png").write_bytes(content)
    first = scan_folder(tmp_path / "images")
    times = []
    for _ in range(3):
        began = time.perf_counter()
        assert len(scan_folder(tmp_path / "images").entries) == len(first.entries) == 50_000
        times.append(time.perf_counter() - began)
    assert min(times) < 1.0


@pytest.mark.shared
def test_that_real_folders_have_few_findings(shared: Callable[[str], Path]) -> None:
    """The MRI collection has copies, and its tumours come in other sizes; the others are clean."""
    codes = Counter(problem.code for problem in scan_folder(shared("data/brain_tumor_mri")).problems)
    assert codes["duplicate"] > 10 and codes["shortcut-size"] == 1 and not codes["label-conflict"]
    assert scan_folder(shared("data/hymenoptera")).problems == []
