"""Small image folders with something wrong in them, for tests of the window."""

import shutil
from pathlib import Path

import numpy as np
from PIL import Image


def spoiled(root: Path) -> Path:
    """Three classes of 12 photograph-like images; ``a`` holds a copy of one of its own, of one of ``b``, one blank
    image and one that is none."""
    random = np.random.default_rng(7)
    for label in "abc":
        (root / label).mkdir(parents=True)
        for number in range(12):
            coarse = random.integers(0, 255, (8, 8, 3), np.uint8)
            Image.fromarray(coarse).resize((48, 40), Image.Resampling.BICUBIC).save(
                root / label / f"{number:02d}.png"
            )
    shutil.copy(root / "a" / "03.png", root / "a" / "copy.png")
    shutil.copy(root / "b" / "05.png", root / "a" / "wrong.png")
    Image.new("RGB", (48, 40), (90, 90, 90)).save(root / "a" / "blank.png")
    (root / "c" / "broken.png").write_bytes(b"no image")
    return root


def table(root: Path, name: str = "labels.csv", header: str = "file,kind,other") -> Path:
    """A table of the images of ``spoiled`` whose second and third column both look like classes."""
    rows = [header]
    for path in sorted(root.rglob("[0-9]*.png")):
        label = path.parent.name
        rows.append(f"{path.relative_to(root).as_posix()},{label},{'even' if int(path.stem) % 2 == 0 else 'odd'}")
    (root / name).write_text("\n".join(rows) + "\n")
    return root / name
