"""``packaging/bench.sh training``: training beside plain Keras, on the same decoded images and in one run.

1. ``features``: from the folder to the tested model with 30 epochs, beside one ``model.predict`` pass over the same
   images, and beside the classic way (``fit`` with the frozen base in the loop), whose test accuracy ours is held to.
2. ``finetune`` of the last block: an epoch, beside one of the bare suffix on arrays in memory, and beside ``fit``.
3. Peak memory of a run with 2,400 images beside one with 240.

Goals: 1: at most 1.2 times a pass for SqueezeNet and 0.7 times for MobileNetV2, at least 15 times as fast as the
classic way, accuracy within a point. 2: at most 1.25 times the bare suffix, at least 2.5 times as fast as ``fit``.
3: at most 1.15 times.

``--keras-epochs N``: so many epochs of the classic way are run, and its time for 30 is told from them (0: all).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
SHARED = Path(os.environ.get("TLSTUDIO_SHARED", Path(__file__).parents[3] / "shared"))
EPOCHS, BATCH = 30, 32
MEMORY = """
import json, resource, sys
from pathlib import Path
from tests.benchmarks.training import our_run
our_run(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), "features", epochs=3)
print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
"""


def our_run(model: Path, images: Path, run: Path, strategy: str, cut: str | None = None, **changes: Any) -> Any:
    """A run as the command line owns it; returns seconds, its events and its plan."""
    import msgspec

    from tlstudio.core import events, requests
    from tlstudio.core.control import Control
    from tlstudio.core.model.reading import open_model
    from tlstudio.core.run_folder import RunRecorder
    from tlstudio.core.strategy import make_plan
    from tlstudio.engine.jobs import run_job

    plan = make_plan(open_model(model), str(images), strategy, cut)
    plan = msgspec.structs.replace(plan, **{"patience": EPOCHS, "epochs": EPOCHS, **changes})
    said: list[Any] = []
    began = time.perf_counter()
    recorder = RunRecorder(run, plan)

    def emit(event: Any) -> None:
        recorder.handle(event)
        said.append(event)

    run_job(requests.Train(plan=plan, run=str(run)), Control(), emit)
    recorder.close()
    seconds = time.perf_counter() - began
    assert isinstance(said[-1], events.RunFinished), said[-1]
    return seconds, said, plan


def arrays(root: Path, run: Path, size: tuple[int, int, int], mode: Any) -> dict[str, tuple[Any, Any]]:
    """Images and labels by part, split as the run did."""
    import numpy as np

    from tlstudio.core.data.decode import load_for_model
    from tlstudio.core.data.preprocess import preprocess

    split = json.loads((run / "split.json").read_text("utf-8"))
    classes = (run / "labels.txt").read_text("utf-8").splitlines()
    found = {}
    for part, rows in split.items():
        pixels = [load_for_model(root / path, size[1], size[0], size[2], "crop") for path in rows]
        labels = np.array([classes.index(label) for label in rows.values()], np.int32)
        found[part] = (preprocess(np.stack(pixels), mode), labels)
    return found


def seconds_of(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def bench_features(name: str, path: Path, images: Path, goal: float, keras_epochs: int, folder: Path) -> None:
    import keras
    import numpy as np

    from tlstudio.core.events import RunFinished, StageStarted
    from tlstudio.core.model.reading import open_model
    from tlstudio.engine.build import build_model
    from tlstudio.engine.network import make_network

    os.environ["TLSTUDIO_CACHE"] = str(folder / f"cache-{name}")
    ours, said, plan = our_run(path, images, folder / name, "features")
    finished = next(event for event in said if isinstance(event, RunFinished))
    assert next(event for event in said if isinstance(event, StageStarted)).cached_layers
    file = open_model(path)
    whole = build_model(file)
    data = arrays(images, folder / name, file.input_shape, finished.preprocessing)
    everything = np.concatenate([values for values, _labels in data.values()])
    whole.predict(everything[:BATCH], verbose=0)
    one_pass = min(seconds_of(lambda: whole.predict(everything, verbose=0)) for _ in range(2))
    print(f"{name}: {len(everything)} images, folder to tested model {ours:.1f} s, one predict pass {one_pass:.1f} s")
    print(f"  ratio {ours / one_pass:.2f} (goal: at most {goal})")
    if not keras_epochs:
        return
    keras.utils.set_random_seed(0)
    network = make_network(file, plan, len((folder / name / "labels.txt").read_text("utf-8").splitlines()))
    network.set_trainable(set(plan.frozen))
    if network.standardizer is not None:
        prefix, _rest = network.split_at(network.calls[-1])
        network.standardize(prefix.predict(data["train"][0], verbose=0))
    model = network.model
    model.compile(
        keras.optimizers.Adam(plan.optimizer.learning_rate), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    best = keras.callbacks.EarlyStopping("val_loss", patience=EPOCHS, restore_best_weights=True)
    took = seconds_of(
        lambda: model.fit(
            *data["train"],
            validation_data=data["validation"],
            epochs=keras_epochs,
            batch_size=BATCH,
            callbacks=[best],
            verbose=0,
        )
    )
    theirs = took * EPOCHS / keras_epochs
    accuracy = model.evaluate(*data["test"], verbose=0)[1] if "test" in data else float("nan")
    own = finished.test.accuracy
    print(f"  fit with the frozen base in the loop {theirs:.1f} s for {EPOCHS} epochs ({keras_epochs} run)")
    print(f"  {theirs / ours:.1f} times as fast (goal: at least 15); test accuracy {own:.3f} and {accuracy:.3f}")


def bench_finetune(path: Path, images: Path, folder: Path) -> None:
    import keras
    import numpy as np

    from tlstudio.core.events import EpochFinished, RunFinished
    from tlstudio.core.model.reading import open_model
    from tlstudio.core.strategy import layers_below, make_plan
    from tlstudio.engine.network import make_network

    os.environ["TLSTUDIO_CACHE"] = str(folder / "cache-finetune")
    file = open_model(path)
    plan = make_plan(file, str(images), "finetune")
    weighted = [layer for layer in layers_below(file, plan.cut) if file.weights.get(layer)]
    last_block = weighted[-1].split("_")[0].split("/")[0]
    frozen = tuple(layer for layer in weighted if not layer.startswith(last_block))
    changes = {"frozen": frozen, "head_first": None, "epochs": 5, "monitor": "loss"}
    _seconds, said, plan = our_run(path, images, folder / "finetune", "finetune", **changes)
    epochs = sorted(event.seconds for event in said if isinstance(event, EpochFinished))
    ours = epochs[len(epochs) // 2]
    mode = next(event for event in said if isinstance(event, RunFinished)).preprocessing
    data = arrays(images, folder / "finetune", file.input_shape, mode)
    classes = len((folder / "finetune" / "labels.txt").read_text("utf-8").splitlines())

    def epoch_of(model: Any, train: Any, validation: Any) -> float:
        model.compile(
            keras.optimizers.Adam(plan.optimizer.learning_rate),
            "sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )
        times: list[float] = []
        clock = [0.0]
        timer = keras.callbacks.LambdaCallback(
            on_epoch_begin=lambda _epoch, _logs: clock.__setitem__(0, time.perf_counter()),
            on_epoch_end=lambda _epoch, _logs: times.append(time.perf_counter() - clock[0]),
        )
        model.fit(*train, validation_data=validation, epochs=4, batch_size=BATCH, verbose=0, callbacks=[timer])
        return sorted(times[1:])[1]

    network = make_network(file, plan, classes)
    network.set_trainable(set(plan.frozen))
    boundary = network.boundary()
    assert boundary is not None
    prefix, suffix = network.split_at(boundary)
    fed = {part: (prefix.predict(values, verbose=0), labels) for part, (values, labels) in data.items()}
    bare = epoch_of(suffix, fed["train"], fed["validation"])
    whole = make_network(file, plan, classes)
    whole.set_trainable(set(plan.frozen))
    plain = epoch_of(whole.model, data["train"], data["validation"])
    assert np.isfinite([ours, bare, plain]).all()
    print(f"finetune of {last_block}: an epoch {ours:.2f} s; bare suffix in memory {bare:.2f} s, fit {plain:.2f} s")
    print(f"  {ours / bare:.2f} times the bare suffix (goal: at most 1.25)")
    print(f"  {plain / ours:.1f} times as fast as fit (goal: at least 2.5)")


def bench_memory(model: Path, folder: Path) -> None:
    import numpy as np
    from PIL import Image

    peaks = []
    for count in (240, 2400):
        root = folder / f"many-{count}"
        rng = np.random.default_rng(0)
        for number in range(count):
            path = root / f"class {number % 3}" / f"{number}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rng.integers(0, 255, (96, 96, 3), dtype=np.uint8)).save(path)
        environment = {**os.environ, "TLSTUDIO_CACHE": str(folder / f"cache-many-{count}")}
        command = [sys.executable, "-c", MEMORY, str(model), str(root), str(folder / f"run-{count}")]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout.splitlines()[-1]))
    print(f"peak memory with 2,400 images {peaks[1] / 1024:.0f} MB, with 240 {peaks[0] / 1024:.0f} MB")
    print(f"  ratio {peaks[1] / peaks[0]:.2f} (goal: at most 1.15)")


def mobilenet(folder: Path) -> Path:
    """MobileNetV2-160 with random weights, as a file."""
    import keras

    path = folder / "mobilenet.keras"
    keras.utils.set_random_seed(1)
    keras.applications.MobileNetV2((160, 160, 3), weights=None).save(path)
    return path


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--keras-epochs", type=int, default=EPOCHS)
    options.add_argument("--images", type=Path, default=SHARED / "data" / "flowers5")
    options.add_argument("--only", choices=["features", "mobilenet", "finetune", "memory"])
    chosen = options.parse_args()
    from tlstudio.engine import runtime
    from tlstudio.engine.speed import machine_speed

    print(f"TensorFlow loaded in {runtime.SECONDS_TO_LOAD:.1f} s (in no figure below)")
    machine_speed()  # measured once in a machine's life
    squeezenet = SHARED / "models" / "squeezenet_imagenet.h5"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if chosen.only in {None, "features"}:
            bench_features("SqueezeNet", squeezenet, chosen.images, 1.2, chosen.keras_epochs, folder)
        if chosen.only in {None, "mobilenet"}:
            bench_features("MobileNetV2", mobilenet(folder), chosen.images, 0.7, 0, folder)
        if chosen.only in {None, "finetune"}:
            bench_finetune(squeezenet, chosen.images, folder)
        if chosen.only in {None, "memory"}:
            bench_memory(squeezenet, folder)


if __name__ == "__main__":
    main()
