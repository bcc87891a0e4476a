"""``packaging/bench.sh advice``: is the advised way the best of the four?

Each task is a number of training images of a shared folder, drawn by a seed, with up to 240 others to test on. The
network looks at it, all four ways of the advice are trained, each in a process of its own, and a row tells the test
accuracy of each, the way that was advised, its regret (what the best way reached more), the seconds and the peak of
memory beside their forecasts.

Goals: mean regret under 1 point, none over 4; the forecast of seconds within a factor of 1.5, of memory within
25 %; the advice itself in at most 60 s for 2,000 images, and at most 1.3 forward passes over its sample plus 10 s.

A test of 240 images tells an accuracy to some 2 to 3 points, so the best of four is too good by chance alone:
between ways that are equally good the regret of any choice is some 2 points in a single run.

``--sizes 60,200``, ``--seeds 0,1,2``, ``--tasks NAME,…``, ``--model FILE``; ``--results FILE`` keeps what was run,
and goes on where it was interrupted; ``--table`` only prints what is there; ``--time`` only times the advice.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import fmean
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
SHARED = Path(os.environ.get("TLSTUDIO_SHARED", Path(__file__).parents[3] / "shared"))
WAYS = ("features", "finetune", "lower-features", "init")
KINDS = {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp"}
TEST_IMAGES = 240
TEST_SHARE = 0.3  # of a folder that brings no test images


def make_task(source: Path, size: int, seed: int, out: Path, tests: int = TEST_IMAGES) -> Path:
    """A folder with ``train`` and ``test``: ``size`` images to train and validate on, as many of each class."""
    own = source / "train" if (source / "train").is_dir() else source
    given = next((source / name for name in ("test", "val") if (source / name).is_dir()), None)
    classes = sorted(path for path in own.iterdir() if path.is_dir())
    for folder in classes:
        files = _drawn(folder, seed)
        if given is None:
            count = min(tests // len(classes), int(TEST_SHARE * len(files)))
            test, files = files[:count], files[count:]
        else:
            test = _drawn(given / folder.name, seed)[: tests // len(classes)]
        for part, some in (("train", files[: max(3, round(size / len(classes)))]), ("test", test)):
            (out / part / folder.name).mkdir(parents=True)
            for path in some:
                shutil.copy(path, out / part / folder.name / path.name)
    return out


def _drawn(folder: Path, seed: int) -> list[Path]:
    files = [path for path in folder.iterdir() if path.suffix.lower() in KINDS]
    return sorted(files, key=lambda path: hashlib.sha256(f"{seed}{path.name}".encode()).digest())


def advice_on(model: Path, folder: Path, seed: int) -> tuple[Any, Any, float]:
    """The measurement, the recommendation, and the seconds of both, in this process."""
    import msgspec

    from tlstudio.core import events, requests
    from tlstudio.core.advice.decision import recommend
    from tlstudio.core.control import Control
    from tlstudio.core.machine import free_memory, own_memory
    from tlstudio.core.model.safely import read_model
    from tlstudio.core.plan import TrainingPlan
    from tlstudio.engine.jobs import run_job

    file = read_model(model)
    plan = msgspec.structs.replace(
        TrainingPlan(model=str(model), dataset=str(folder), seed=seed), opening=file.opening
    )
    said: list[Any] = []
    began = time.perf_counter()
    run_job(requests.Measure(plan=plan), Control(), said.append)
    assert isinstance(said[-1], events.Measured), said[-1]
    advised = recommend(file, plan, said[-1], free_memory() + own_memory())
    return said[-1], advised, time.perf_counter() - began


def train(plan: Any, model: Path, folder: Path) -> dict[str, Any]:
    """One way in a process of its own: test accuracy, seconds of the run, peak memory."""
    import msgspec

    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "plan.json"
        file.write_bytes(msgspec.json.encode(plan))
        call = [sys.executable, "-m", "tlstudio", "train", str(model), str(folder), "--out", f"{place}/run"]
        with (Path(place) / "out").open("wb") as out:
            process = subprocess.Popen([*call, "--plan", str(file), "--json"], stdout=out, stderr=subprocess.DEVNULL)
            peak = 0
            while process.poll() is None:
                peak = max(peak, _peak_so_far(process.pid))
                time.sleep(0.1)
        if process.returncode:
            raise SystemExit(f"{plan.strategy} ended with {process.returncode}")
        answer = json.loads((Path(place) / "out").read_text("utf-8"))
    return {
        "accuracy": answer["test"]["accuracy"],
        "images": answer["test"]["images"],
        "epochs": answer["epochs"],
        "seconds": answer["seconds"],
        "peak": peak,
    }


def _peak_so_far(pid: int) -> int:
    """Bytes of the process at its largest; what ``wait4`` tells begins with the size of the process that began it."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0  # it has just ended
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


def collect(model: Path, tasks: list[str], sizes: list[int], seeds: list[int], results: Path) -> None:
    """Run what is not in ``results`` yet, a line of JSON each."""
    done = {tuple(row["key"]): row for row in read(results)}
    for seed in seeds:
        for size in sizes:
            for task in tasks:
                with tempfile.TemporaryDirectory() as place:
                    folder = make_task(SHARED / "data" / task, size, seed, Path(place) / "images")
                    missing = [way for way in ("advice", *WAYS) if (task, size, seed, way) not in done]
                    if not missing:
                        continue
                    facts, advised, seconds = advice_on(model, folder, seed)
                    row: dict[str, Any] = {
                        "advised": advised.strategy,
                        "similarity": advised.similarity.score,
                        "seconds": seconds,
                        "images": facts.images,
                        "forward": facts.forward_seconds,
                    }
                    if "advice" in missing:
                        _write(results, (task, size, seed, "advice"), row)
                    for way in advised.ways:
                        if way.strategy in missing:
                            row = train(way.plan, model, folder)
                            row |= {"expected": way.expected, "forecast": way.seconds, "foreseen": way.peak_bytes}
                            _write(results, (task, size, seed, way.strategy), row)


def _write(results: Path, key: tuple[Any, ...], row: dict[str, Any]) -> None:
    with results.open("a") as file:
        file.write(json.dumps({"key": key, **row}) + "\n")
    print(key, {name: round(v, 3) if isinstance(v, float) else v for name, v in row.items()}, flush=True)


def read(results: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in results.read_text("utf-8").splitlines()] if results.exists() else []


def table(rows: list[dict[str, Any]]) -> str:
    """Markdown: a row for each task, size and seed that is whole, the means over seeds where there are several, and
    the goals."""
    by: dict[tuple[str, int, int], dict[str, dict[str, Any]]] = {}
    for row in rows:
        task, size, seed, way = row["key"]
        by.setdefault((task, size, seed), {})[way] = row
    whole = {key: ways for key, ways in by.items() if all(way in ways for way in ("advice", *WAYS))}
    lines = ["| task | images | seed | " + " | ".join(WAYS) + " | similarity | advised | regret |", "|---" * 10 + "|"]
    regrets, seconds, memory = {}, [], []
    for (task, size, seed), ways in sorted(whole.items()):
        accuracy = {way: ways[way]["accuracy"] for way in WAYS}
        chosen = ways["advice"]["advised"]
        if chosen is None:
            lines.append(f"| {task} | {size} | {seed} | nothing could be learned |||||||")
            continue
        regrets[task, size, seed] = max(accuracy.values()) - accuracy[chosen]
        cells = " | ".join(f"{100 * accuracy[way]:.1f}" for way in WAYS)
        regret = 100 * regrets[task, size, seed]
        lines.append(
            f"| {task} | {size} | {seed} | {cells} | {ways['advice']['similarity']} | {chosen} | {regret:.1f} |"
        )
        seconds += [ways[way]["seconds"] / ways[way]["forecast"] for way in WAYS if "forecast" in ways[way]]
        memory += [ways[way]["peak"] / ways[way]["foreseen"] for way in WAYS if "peak" in ways[way]]
    if not regrets:
        return "\n".join([*lines, "", "no task is whole yet"])
    lines += _over_seeds({key: ways for key, ways in whole.items() if key in regrets})
    lines += ["", f"regret: mean {100 * fmean(regrets.values()):.2f} points, worst {100 * max(regrets.values()):.1f}"]
    for way in WAYS:
        always = [
            max(ways[w]["accuracy"] for w in WAYS) - ways[way]["accuracy"]
            for key, ways in whole.items()
            if key in regrets
        ]
        lines.append(f"always {way}: mean {100 * fmean(always):.2f} points, worst {100 * max(always):.1f}")
    for name, ratios, bound in (("seconds", seconds, 1.5), ("peak memory", memory, 1.25)):
        if ratios:
            inside = sum(1 / bound <= ratio <= bound for ratio in ratios)
            lines.append(
                f"{name}, taken over forecast: {min(ratios):.2f} to {max(ratios):.2f}; "
                f"{inside} of {len(ratios)} within {bound}"
            )
    return "\n".join(lines)


def _over_seeds(whole: dict[tuple[str, int, int], dict[str, dict[str, Any]]]) -> list[str]:
    """A table of means over seeds, whose regret is what the way that is best on average reached more than the ways
    that were advised; nothing where no task has several seeds."""
    runs: dict[tuple[str, int], list[dict[str, dict[str, Any]]]] = {}
    for (task, size, _seed), ways in sorted(whole.items()):
        runs.setdefault((task, size), []).append(ways)
    if max(len(some) for some in runs.values()) < 2:
        return []
    lines = ["", "| task | images | seeds | " + " | ".join(WAYS) + " | advised | regret |", "|---" * 9 + "|"]
    regrets = []
    for (task, size), some in runs.items():
        mean = {way: 100 * fmean(ways[way]["accuracy"] for ways in some) for way in WAYS}
        advised = 100 * fmean(ways[ways["advice"]["advised"]]["accuracy"] for ways in some)
        regrets.append(max(mean.values()) - advised)
        cells = " | ".join(f"{mean[way]:.1f}" for way in WAYS)
        lines.append(f"| {task} | {size} | {len(some)} | {cells} | {advised:.1f} | {regrets[-1]:.1f} |")
    return [*lines, "", f"regret over seeds: mean {fmean(regrets):.2f} points, worst {max(regrets):.1f}"]


def time_of_advice(model: Path) -> None:
    """Of 2,000 training images, cold and warm, beside one forward pass of the same sample."""
    with tempfile.TemporaryDirectory() as place:
        os.environ["TLSTUDIO_CACHE"] = f"{place}/cache"
        folder = make_task(SHARED / "data/mnist", 2000, 0, Path(place) / "images")
        for name in ("first, all decoded anew", "again"):
            facts, advised, seconds = advice_on(model, folder, 0)
            allowed = 1.3 * facts.forward_seconds + 10
            print(
                f"{name}: {seconds:.1f} s for {facts.images} of {facts.counts.train} training images; a pass takes "
                f"{facts.forward_seconds:.1f} s, so at most {allowed:.1f} s are the goal; advised {advised.strategy}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    tasks = sorted(path.name for path in (SHARED / "data").iterdir() if path.is_dir())
    parser.add_argument("--model", type=Path, default=SHARED / "models/squeezenet_imagenet.h5")
    parser.add_argument("--tasks", default=",".join(tasks))
    parser.add_argument("--sizes", default="60,200")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--results", type=Path, default=Path(tempfile.gettempdir()) / "tlstudio-advice.jsonl")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--time", action="store_true")
    asked = parser.parse_args()
    if asked.time:
        time_of_advice(asked.model)
        return
    if not asked.table:
        sizes, seeds = ([int(part) for part in text.split(",")] for text in (asked.sizes, asked.seeds))
        collect(asked.model, asked.tasks.split(","), sizes, seeds, asked.results)
    print(table(read(asked.results)))


if __name__ == "__main__":
    main()
