"""Images and folders that were made to break a reader: each is used or named, and nothing is written."""

import csv
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.conftest import PROJECT, SHARED
from tlstudio.core.data.names import escaped, name_of, path_of, unescaped
from tlstudio.core.data.scan import scan_folder
from tlstudio.core.errors import TLStudioError

MEMORY = 700 << 20  # bytes; the largest picture among them takes 676 MB when it is decoded


@given(st.binary(min_size=1, max_size=40))
def test_that_any_name_of_bytes_is_kept_as_text_and_found_again(name: bytes) -> None:
    text = os.fsdecode(name)
    shown = escaped(text)
    assert (shown.encode() and shown.isprintable()) or not text.isprintable()
    assert "\n" not in shown and unescaped(shown) == text


def test_that_odd_names_are_used_and_shown_escaped(tmp_path: Path) -> None:
    folder = tmp_path / "cat"
    folder.mkdir()
    names = [b"plain.png", b"line\nbreak.png", b"latin \xfc.png", b"back\\slash.png", "猫.png".encode(), b"-rf.png"]
    for name in names:
        Image.new("L", (9, 9), 90).save(folder / "new.png")
        (folder / "new.png").rename(os.fsdecode(os.fsencode(folder) + b"/" + name))
    found = scan_folder(tmp_path)
    assert len(found.entries) == len(names) and {p.code for p in found.problems} == {
        "duplicate",
        "blank",
        "few-images",
    }
    shown = {entry.path for entry in found.entries}
    assert {"cat/line\\x0abreak.png", "cat/latin \\xfc.png", "cat/back\\\\slash.png", "cat/猫.png"} <= shown
    for entry in found.entries:
        file = path_of(tmp_path, entry.path)
        assert file.is_file() and name_of(file, tmp_path) == entry.path


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    archive = SHARED / "hostile/images.tar.gz"
    if not archive.exists():
        pytest.skip("shared/hostile/images.tar.gz is not here")
    folder = tmp_path_factory.mktemp("hostile")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="tar")
    return folder / "images"


@pytest.mark.shared
def test_that_every_hostile_image_is_used_or_named_within_memory(hostile: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in hostile.rglob("*")}
    script = (
        "import json, re, sys; from pathlib import Path; from tlstudio.core.data.scan import scan_folder;"
        "d = scan_folder(Path(sys.argv[1]));"
        "used = [e.path for e in d.entries];"
        "print(json.dumps({'problems': {p.path: p.code for p in d.problems if p.path not in used}, 'used': used,"
        "'peak': 1024 * int(re.search(r'VmHWM:\\s*(\\d+)', Path('/proc/self/status').read_text())[1])}))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(hostile)], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["peak"] < MEMORY
    assert {path: path.stat().st_mtime_ns for path in hostile.rglob("*")} == before, "nothing was written"
    used, problems = set(answer["used"]), answer["problems"]
    with (SHARED / "hostile/images.MANIFEST.tsv").open() as manifest:
        rows = [row for row in csv.DictReader(manifest, delimiter="\t") if row["file"].startswith("odd/")]
    for row in rows:
        name, wish = row["file"], row["safe_reader_must"]
        if not (hostile / name).exists():
            continue  # the manifest writes its odd names in another way
        told = escaped(name)
        if wish == "ignore silently":
            assert told not in used and told not in problems
        elif wish.startswith("skip+list"):
            assert told in problems and told not in used, (name, wish)
        elif wish.startswith("use") and "skip" not in wish:
            assert told in used and told not in problems, (name, wish)
        else:
            assert (told in used) != (told in problems), (name, wish)
    assert problems["odd/i05_heic.heic"] == "other-format"


@pytest.mark.shared
@pytest.mark.parametrize(("name", "code"), [("set_flat_no_classes", "dataset_empty")])
def test_that_folders_without_classes_are_refused(hostile: Path, name: str, code: str) -> None:
    with pytest.raises(TLStudioError) as caught:
        scan_folder(hostile / name)
    assert caught.value.code == code
