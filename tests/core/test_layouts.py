"""How a dataset says which image is of which class: folders at any depth, parts in any spelling, tables."""

import os
from pathlib import Path

import pytest
from PIL import Image

from tlstudio.core.data.options import Columns, Layout
from tlstudio.core.data.scan import Dataset, scan_folder
from tlstudio.core.data.split import split_dataset
from tlstudio.core.errors import TLStudioError


def image(path: Path, level: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.effect_noise((24, 18), 60)
    picture.putpixel((0, 0), level % 256)
    picture.save(path)
    return path


def labels(found: Dataset) -> dict[str, str]:
    return {entry.path: entry.label for entry in found.entries}


def test_that_the_first_folder_names_the_class_and_another_may_be_chosen(tmp_path: Path) -> None:
    for site in ("oslo", "bergen"):
        for label in ("ill", "well"):
            for number in range(3):
                image(tmp_path / site / label / "day1" / f"{number}.png")
    assert scan_folder(tmp_path).classes == ["bergen", "oslo"]
    second = scan_folder(tmp_path, layout=Layout(class_level=2))
    assert second.classes == ["ill", "well"] and len(second.entries) == 12
    with pytest.raises(TLStudioError) as caught:
        scan_folder(tmp_path, layout=Layout(class_level=4))
    assert caught.value.code == "dataset_empty"


@pytest.mark.parametrize(
    "names", [("Training", "Valid", "TEST"), ("train_set", "dev", "Testing"), ("trn", "val", "tst")]
)
def test_that_parts_are_known_in_any_spelling(tmp_path: Path, names: tuple[str, str, str]) -> None:
    for name, count in zip(names, (4, 2, 3), strict=True):
        for label in ("a", "b"):
            for number in range(count):
                image(tmp_path / name / label / f"{number}.png")
    found = scan_folder(tmp_path)
    assert (found.split, found.classes) == ("folders", ["a", "b"])
    assert [(row.train, row.validation, row.test) for row in split_dataset(found).counts()] == [(4, 2, 3)] * 2


def flat(tmp_path: Path, count: int = 12) -> list[str]:
    return [image(tmp_path / "pictures" / f"p{number:02d}.png", number).name for number in range(count)]


def test_that_a_table_beside_the_images_names_their_classes(tmp_path: Path) -> None:
    names = flat(tmp_path)
    rows = [f"{n},{'ill' if i % 2 else 'well'},{30 + i}" for i, n in enumerate(names)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,diagnosis,age", *(f"pictures/{row}" for row in rows)]))
    found = scan_folder(tmp_path)
    assert found.classes == ["ill", "well"] and labels(found)["pictures/p01.png"] == "ill"
    assert scan_folder(tmp_path / "labels.csv") == found, "the table itself can be opened"


def test_that_names_without_folder_or_ending_and_from_another_machine_are_found(tmp_path: Path) -> None:
    names = flat(tmp_path)
    rows = [f"{Path(n).stem};{'a' if i % 3 else 'b'}" for i, n in enumerate(names)]
    (tmp_path / "pictures" / "list.csv").write_text("\n".join(["id;label", *rows]))
    assert len(scan_folder(tmp_path / "pictures").entries) == 12
    rows = [f"C:\\study\\pictures\\{n}\t{'a' if i % 3 else 'b'}" for i, n in enumerate(names)]
    (tmp_path / "list.tsv").write_text("\n".join(["image\tclass", *rows]))
    assert len(scan_folder(tmp_path / "list.tsv").entries) == 12


def test_that_a_one_hot_table_is_understood(tmp_path: Path) -> None:
    names = flat(tmp_path, 6)
    rows = [f"pictures/{n},{int(i % 3 == 0)},{int(i % 3 == 1)},{int(i % 3 == 2)}" for i, n in enumerate(names)]
    rows.append(f"pictures/{names[0]},0,0,0")
    (tmp_path / "t.csv").write_text("\n".join(["image,MEL,NV,BCC", *rows]))
    found = scan_folder(tmp_path)
    assert found.classes == ["BCC", "MEL", "NV"] and len(found.entries) == 6
    assert labels(found)["pictures/p01.png"] == "NV"


def test_that_a_tables_parts_and_groups_are_kept(tmp_path: Path) -> None:
    names = flat(tmp_path, 20)
    parts = ["train"] * 12 + ["Validation"] * 4 + ["test"] * 4
    rows = [
        f"pictures/{n},{'ab'[i % 2]},{p},patient{i // 2}" for i, (n, p) in enumerate(zip(names, parts, strict=True))
    ]
    (tmp_path / "t.csv").write_text("\n".join(["path,label,split,patient", *rows]))
    found = scan_folder(tmp_path)
    assert found.split == "folders"
    split = split_dataset(found)
    assert (len(split.train), len(split.validation), len(split.test)) == (12, 4, 4)
    unsplit = "\n".join(",".join(row.split(",")[i] for i in (0, 1, 3)) for row in ["path,label,split,patient", *rows])
    (tmp_path / "t.csv").write_text(unsplit)
    grouped = scan_folder(tmp_path, layout=Layout(columns=Columns(label="label", group="patient")))
    side = {
        path: part for part in ("train", "validation", "test") for path, _ in getattr(split_dataset(grouped), part)
    }
    assert all(side[f"pictures/{names[i]}"] == side[f"pictures/{names[i + 1]}"] for i in range(0, 20, 2))


def test_that_rows_that_lead_nowhere_are_listed_and_the_rest_is_used(tmp_path: Path) -> None:
    names = flat(tmp_path, 8)
    rows = [f"pictures/{n},{'ab'[i % 2]}" for i, n in enumerate(names)]
    rows += ["pictures/lost.png,a", f"pictures/{names[0]},b", f"pictures/{names[7]},", "../outside.png,a"]
    image(tmp_path.parent / "outside.png")
    (tmp_path / "t.csv").write_text("\n".join(["path,label", *rows]))
    found = scan_folder(tmp_path)
    listed = {(p.code, p.path) for p in found.problems}
    assert {("missing", "pictures/lost.png"), ("missing", "../outside.png")} <= listed
    assert ("listed-twice", "pictures/p00.png") in listed and len(found.entries) == 8


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "table_unreadable"),
        ("only", "table_unreadable"),
        ("a,b\n1,2\n3,4", "table_columns"),
        ("path,x,y\npictures/p00.png,1.5,2.5\npictures/p01.png,3.5,4.5", "table_columns"),
    ],
)
def test_that_a_table_that_tells_nothing_is_refused_in_one_sentence(tmp_path: Path, text: str, code: str) -> None:
    flat(tmp_path, 4)
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(TLStudioError) as caught:
        scan_folder(tmp_path)
    assert caught.value.code == code and "\n" not in str(caught.value)


def test_that_a_column_can_be_named_and_a_wrong_name_is_refused(tmp_path: Path) -> None:
    names = flat(tmp_path)
    rows = [f"pictures/{n},{'ab'[i % 2]},{'xyz'[i % 3]}" for i, n in enumerate(names)]
    (tmp_path / "t.csv").write_text("\n".join(["path,colour,shape", *rows]))
    with pytest.raises(TLStudioError) as caught:
        scan_folder(tmp_path)
    assert "several look like the classes (colour, shape)" in str(caught.value)
    assert scan_folder(tmp_path, layout=Layout(columns=Columns(label="shape"))).classes == ["x", "y", "z"]
    with pytest.raises(TLStudioError) as caught:
        scan_folder(tmp_path, layout=Layout(columns=Columns(label="size")))
    assert "no column “size”" in str(caught.value) and os.linesep not in str(caught.value)
