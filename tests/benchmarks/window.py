"""How the window feels: ``packaging/bench.sh window [ROUNDS]``.

1. Start-up to the painted window, against a bare PySide6 + pyqtgraph window, in turns; the ratio of medians.
2. Gaps of the event loop while TensorFlow loads, and while the sample trains (graph building included).
3. How long Stop takes: while TensorFlow loads, while the network is prepared, while it trains, while paused.

Goals: ratio at most 1.6; gaps p99 under 17 ms and worst under 50 ms; Stop under 0.5 s.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

BARE = """
import time, sys
began = float(sys.argv[1])
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
import pyqtgraph as pg
app = QApplication([])
window = QMainWindow()
window.setCentralWidget(pg.PlotWidget())
window.resize(1280, 800)
window.show()
window.grab()
print(time.time() - began)
"""
OURS = """
import time, sys
began = float(sys.argv[1])
from tlstudio.desktop.application import create_application
app, window = create_application(["tlstudio"])
window.show()
window.grab()
print(time.time() - began)
sys.stdout.flush()
window.close()
"""


def seconds_to_paint(script: str) -> float:
    command = [sys.executable, "-c", script, str(time.time())]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def start_up(rounds: int) -> None:
    pairs = [(seconds_to_paint(BARE), seconds_to_paint(OURS)) for _ in range(rounds + 1)][1:]  # the first one warms
    bare, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"painted window: bare {bare:.3f} s, TLStudio {ours:.3f} s, ratio {ours / bare:.2f} (goal 1.60)")


def in_the_window() -> None:
    from PySide6.QtCore import QTimer
    from PySide6.QtTest import QTest

    from tlstudio.core import events
    from tlstudio.core.resources import sample_project
    from tlstudio.desktop.application import create_application

    home = tempfile.mkdtemp()
    os.environ |= {"TLSTUDIO_SETTINGS": f"{home}/s.ini", "TLSTUDIO_HOME": home, "TLSTUDIO_CACHE": f"{home}/cache"}
    app, window = create_application(["tlstudio", "--language", "en"])
    window.show()
    seen: list[events.Event] = []
    window.thread_of_runs.event_happened.connect(seen.append)
    ended: list[events.Event] = []
    window.thread_of_runs.run_ended.connect(ended.append)
    last, gaps = [0.0], []

    def beat() -> None:
        now = time.perf_counter()
        gaps.append(now - last[0] - 0.001)
        last[0] = now

    timer = QTimer(interval=1)
    timer.timeout.connect(beat)

    def measured(title: str, done: Callable[[], bool], seconds: float = 120.0) -> None:
        gaps.clear()
        last[0] = time.perf_counter()
        timer.start()
        until = time.monotonic() + seconds
        while not done() and time.monotonic() < until:
            QTest.qWait(5)
        timer.stop()
        ordered = sorted(max(gap, 0.0) * 1000 for gap in gaps)
        p99 = ordered[int(0.99 * (len(ordered) - 1))]
        print(f"gaps {title}: p99 {p99:.1f} ms, worst {ordered[-1]:.1f} ms of {len(ordered)} (goals 17, 50)")

    def stop(title: str) -> None:
        began = time.perf_counter()
        window.stop_training()
        while not ended:
            QTest.qWait(1)
        print(f"stop {title}: {time.perf_counter() - began:.3f} s (goal 0.5)")

    def begin() -> None:
        seen.clear()
        ended.clear()
        window.start_training()

    window.open_project(sample_project())
    while window.workspace.is_reading or window.workspace.is_scanning:
        QTest.qWait(5)
    window.plan_panel.epochs.setValue(100_000)
    window.plan_panel.patience.setValue(100_000)
    begin()
    measured("while TensorFlow loads", lambda: any(isinstance(e, events.RunStarted) for e in seen))
    measured("while the graph is built", lambda: any(isinstance(e, events.EpochFinished) for e in seen))
    measured("while training for 20 s", lambda: False, 20.0)
    stop("while training")
    begin()
    while not any(isinstance(e, events.EpochFinished) for e in seen):
        QTest.qWait(5)
    window.pause_or_resume()
    while window.training_panel.state.phase != "paused":
        QTest.qWait(5)
    stop("while paused")
    begin()
    while not any(isinstance(e, events.Preparing) and e.phase == "network" for e in seen):
        QTest.qWait(1)
    stop("while the network is prepared")
    QTest.qWait(300)
    begin()
    QTest.qWait(500)
    stop("while TensorFlow loads, in the new worker" if not seen else "soon after the start")
    window.close()
    shutil.rmtree(home, ignore_errors=True)
    del app


def main() -> None:
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {Path(sys.executable).name} {sys.version.split()[0]}"
    )
    start_up(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
    in_the_window()


if __name__ == "__main__":
    main()
