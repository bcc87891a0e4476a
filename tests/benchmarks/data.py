"""``packaging/bench.sh data``: reading images, beside ``keras.utils.image_dataset_from_directory`` on the same files.

1. First pass over 12-megapixel JPEGs, from the file to pixels of 224 × 224: each in a process of its own, in turns.
2. Second pass: ours from what was kept on the disk, Keras' by decoding again, as it does.
3. Peak memory of a pass with 20,000 images beside one with 2,000.

Goals: first pass at least 2 times as fast, second at least 5 times, memory at most 1.15 times.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

PHOTOS, ROUNDS, SIDE = 48, 3, 224
OURS = """
import json, resource, sys, time
from pathlib import Path
from tlstudio.core.control import Control
from tlstudio.core.data.options import ImageOptions
from tlstudio.engine.images import load_images
root, side = Path(sys.argv[1]), int(sys.argv[2])
rows = [(p.relative_to(root).as_posix(), 0) for p in sorted(root.rglob("*.*"))]
def one_pass():
    began = time.perf_counter()
    images = load_images(root, rows, (side, side, 3), "crop", ImageOptions(), Control(), lambda event: None)
    total = sum(int(images.pixels[start : start + 32].sum()) for start in range(0, len(images), 32))
    assert total and len(images) == len(rows)
    return time.perf_counter() - began
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
times = [one_pass(), one_pass()]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"times": times, "peak": peak / 1024, "base": base / 1024}))
"""
THEIRS = """
import json, os, sys, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras, tensorflow as tf
root, side = sys.argv[1], int(sys.argv[2])
data = keras.utils.image_dataset_from_directory(
    root, labels=None, image_size=(side, side), crop_to_aspect_ratio=True, shuffle=False, verbose=False)
data = data.prefetch(tf.data.AUTOTUNE)
def one_pass():
    began = time.perf_counter()
    assert sum(float(tf.reduce_sum(batch)) for batch in data) > 0
    return time.perf_counter() - began
print(json.dumps({"times": [one_pass(), one_pass()]}))
"""


def run(script: str, root: Path, side: int, cache: Path) -> dict[str, list[float]]:
    environment = os.environ | {"TLSTUDIO_CACHE": str(cache)}
    command = [sys.executable, "-c", script, str(root), str(side)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    answer: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return answer


def photographs(folder: Path, count: int) -> None:
    """Smooth 4000 × 3000 pictures with some grain, as large on the disk as a camera's."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    grain = Image.fromarray(random.integers(0, 255, (3000, 4000), np.uint8), "L").convert("RGB")
    for number in range(count):
        coarse = Image.fromarray(random.integers(0, 255, (30, 40, 3), np.uint8))
        Image.blend(coarse.resize((4000, 3000), Image.Resampling.BICUBIC), grain, 0.15).save(
            folder / f"{number:03d}.jpg", quality=88
        )


def small_images(folder: Path, count: int) -> None:
    folder.mkdir(parents=True)
    random = np.random.default_rng(1)
    for number in range(count):
        Image.fromarray(random.integers(0, 255, (16, 16, 3), np.uint8)).save(folder / f"{number:05d}.png")


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        photographs(top / "photos" / "all", PHOTOS)
        firsts, seconds = [], []
        for number in range(ROUNDS):
            ours = run(OURS, top / "photos", SIDE, top / f"cache{number}")["times"]
            theirs = run(THEIRS, top / "photos", SIDE, top)["times"]
            pairs = zip(ours, theirs, strict=True)
            print(f"round {number + 1}: " + ", ".join(f"ours {a:.3f} s, Keras {b:.2f} s" for a, b in pairs))
            firsts.append(theirs[0] / ours[0])
            seconds.append(theirs[1] / ours[1])
        first, second = statistics.median(firsts), statistics.median(seconds)
        print(f"{PHOTOS} JPEGs of 12 megapixels: first pass {first:.1f} times as fast (goal 2)")
        print(f"second pass {second:.0f} times as fast (goal 5)")
        peaks = []
        for count in (2_000, 20_000):
            small_images(top / str(count) / "all", count)
            answer = run(OURS, top / str(count), 96, top / f"cache{count}")
            peaks.append(answer["peak"])
            print(f"{count} images: peak {answer['peak']:.0f} MB, {answer['base']:.0f} MB before the first one")
        ratio = peaks[1] / peaks[0]
        print(f"memory with 20,000 beside 2,000 images: {ratio:.2f} times (goal 1.15)")
    return 0 if first >= 2 and second >= 5 and ratio <= 1.15 else 1


if __name__ == "__main__":
    sys.exit(main())
