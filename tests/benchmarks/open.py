"""``packaging/bench.sh open``: how long until a model's tree is there, beside ``keras.models.load_model``.

A network of VGG16's shapes (528 MB of random weights) is saved as HDF5 and as .keras. In one run, each in turn and
several times: the tree from a reader that is warm (as the window has it), from a new reader (as the command line
starts it), with the check of every value, and Keras' own loading of the same file. Goals: the tree in under 0.5 s,
and at least 20 times sooner than ``load_model``.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

from tlstudio.core.model.inspection import describe
from tlstudio.core.model.safely import ReaderProcess, read_model

ROUNDS = 5


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as folder:
        network = keras.applications.VGG16(weights=None)
        ok = True
        for suffix in (".h5", ".keras"):
            path = Path(folder) / f"vgg16{suffix}"
            network.save(path)
            ok = measure(path, rounds) and ok
            path.unlink()
    return 0 if ok else 1


def measure(path: Path, rounds: int) -> bool:
    """Print the medians for one file; whether both goals were met."""
    size = path.stat().st_size / 1e6
    with ReaderProcess() as reader:
        warm_model = reader.read(path)
        rows: dict[str, Callable[[], object]] = {
            "tree, reader warm": lambda: describe(reader.read(path)),
            "tree, reader new": lambda: describe(read_model(path)),
            "every value checked": lambda: reader.layers_not_finite(warm_model),
            "keras.models.load_model": lambda: keras.models.load_model(path, compile=False),
        }
        times: dict[str, list[float]] = {name: [] for name in rows}
        for _ in range(rounds):
            for name, call in rows.items():
                began = time.perf_counter()
                call()
                times[name].append(time.perf_counter() - began)
    print(f"{path.name}: {size:.0f} MB, median of {rounds}")
    for name, values in times.items():
        print(f"  {name:<26}{statistics.median(values):8.3f} s   (worst {max(values):.3f})")
    loading = times["keras.models.load_model"]
    ratios = {name: statistics.median(loading) / statistics.median(times[name]) for name in list(rows)[:2]}
    print("  sooner than load_model:    " + ", ".join(f"{name} {ratio:.0f} times" for name, ratio in ratios.items()))
    return statistics.median(times["tree, reader new"]) < 0.5 and ratios["tree, reader warm"] >= 20


if __name__ == "__main__":
    sys.exit(main())
