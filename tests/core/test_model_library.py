"""The model library: a folder of models, each with a card."""

import shutil
from pathlib import Path

import pytest

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.library import Card, Library, card_of, card_path, default_folder, fingerprint
from tlstudio.core.model.reading import open_model


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


def code_of(error: pytest.ExceptionInfo[TLStudioError]) -> str:
    return error.value.code


def test_that_an_added_model_is_a_copy_with_a_card(library: Library, sample: Path) -> None:
    model = open_model(sample / "model.hdf5")
    entry = library.add(model.path, card_of(model, source="a colleague", licence="CC BY 4.0"))
    assert entry.path == library.folder / "model.hdf5"
    assert entry.path.read_bytes() == model.path.read_bytes()
    assert entry.card.sha256 == fingerprint(model.path)
    assert (entry.card.class_count, entry.card.input_size, entry.card.preprocessing) == (5, (32, 32), "raw")
    assert entry.card.added.endswith("+00:00")
    assert [path.name for path in library.folder.iterdir() if path.name.startswith(".")] == []
    assert Library(library.folder).entries() == [entry]


def test_that_the_same_bytes_are_not_copied_twice(library: Library, sample: Path, tmp_path: Path) -> None:
    library.folder.mkdir()
    shutil.copy(sample / "model.hdf5", library.folder / "by_hand.hdf5")
    with pytest.raises(TLStudioError) as error:
        library.add(sample / "model.hdf5")
    assert (code_of(error), error.value.facts["name"]) == ("in_library", "by_hand.hdf5")
    assert [entry.path.name for entry in library.entries()] == ["by_hand.hdf5"]


def test_that_another_model_of_the_same_name_gets_a_number(library: Library, tmp_path: Path) -> None:
    for content in ("first", "second"):
        (tmp_path / "net.h5").write_text(content)
        library.add(tmp_path / "net.h5")
    assert {entry.path.name: entry.path.read_text() for entry in library.entries()} == {
        "net.h5": "first",
        "net-2.h5": "second",
    }


def test_that_a_stopped_copy_leaves_nothing(library: Library, sample: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.add(sample / "model.hdf5", progress=stop)
    assert list(library.folder.iterdir()) == []


def test_that_a_folder_is_one_model_and_links_in_it_are_refused(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"graph")
    (folder / "variables" / "variables.index").write_bytes(b"index")
    entry = library.add(folder)
    assert entry.card.sha256 == fingerprint(entry.path) == fingerprint(folder)
    assert entry.size == 10
    (folder / "stolen").symlink_to("/etc/hostname")
    with pytest.raises(TLStudioError) as error:
        library.add(folder)
    assert code_of(error) == "unsafe_model"


def test_that_every_word_of_a_search_must_be_found(library: Library, tmp_path: Path) -> None:
    for name, card in {
        "a.h5": Card(title="Leaves", classes=("rust", "healthy"), source="plant lab"),
        "b.h5": Card(title="Cells", recognised="MobileNetV2 (alpha 0.35)", source="clinic lab"),
    }.items():
        (tmp_path / name).write_text(name)
        library.add(tmp_path / name, card)

    def found(text: str) -> list[str]:
        return [entry.card.title for entry in library.search(text)]

    assert found("") == ["Cells", "Leaves"]
    assert found("LAB rust") == ["Leaves"]
    assert found("mobilenetv2") == ["Cells"]
    assert found("lab nowhere") == []


def test_that_a_spoiled_card_does_not_hide_its_model(library: Library, tmp_path: Path) -> None:
    (tmp_path / "net.h5").write_text("net")
    entry = library.add(tmp_path / "net.h5", Card(title="Mine"))
    card_path(entry.path).write_text("{")
    shown = library.entries()[0]
    assert (shown.card.title, shown.has_card) == ("net", False)
    assert "not a valid TLStudio file" in shown.problem


def test_that_only_models_of_the_library_are_removed(library: Library, sample: Path, tmp_path: Path) -> None:
    inside = library.add(sample / "model.hdf5").path
    (library.folder / "link.h5").symlink_to(sample / "model.hdf5")
    for path in (sample / "model.hdf5", library.folder / "link.h5", library.folder / ".." / "sample", library.folder):
        with pytest.raises(TLStudioError) as error:
            library.remove(path)
        assert code_of(error) == "not_in_library"
    library.remove(inside)
    assert [path.name for path in library.folder.iterdir()] == ["link.h5"]
    assert (sample / "model.hdf5").is_file()


def test_that_the_environment_names_the_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TLSTUDIO_LIBRARY", str(tmp_path / "lab"))
    assert default_folder() == Library().folder == tmp_path / "lab"
    assert Library().entries() == []


def test_that_the_files_of_one_model_become_one_folder(library: Library, tmp_path: Path) -> None:
    for name in ("network.json", "network.h5"):
        (tmp_path / name).write_text(name)
    entry = library.add(tmp_path / "network.json", others=[tmp_path / "network.h5"])
    assert (entry.path.name, entry.size) == ("network", 22)
    assert sorted(path.name for path in entry.path.iterdir()) == ["network.h5", "network.json"]
    assert entry.card.sha256 == fingerprint(entry.path)
