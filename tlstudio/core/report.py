"""The report of a run: one HTML file that stands by itself, made from what the run folder holds."""

import json
import math
from pathlib import Path
from typing import Any

from tlstudio.core.documents import load_document
from tlstudio.core.errors import TLStudioError
from tlstudio.core.files import write_atomically
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.resources import resource_path
from tlstudio.core.run_folder import read_events, read_history

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 460, 220, 44, 26


def write_report(run: Path, out: Path | None = None) -> Path:
    """Write ``report.html`` of a finished run; returns where.

    Raises ``TLStudioError`` (``run_missing``, ``disk_full``, ``folder_not_writable``).
    """
    import jinja2  # only needed here

    if not (run / "plan.json").is_file() or not (run / "events.jsonl").is_file():
        raise TLStudioError("run_missing", path=run)
    plan = load_document(TrainingPlan, run / "plan.json")
    history, log = read_history(run), read_events(run)
    by_type = {event["type"]: event for event in log}
    environment = run / "environment.json"
    template = jinja2.Template(resource_path("report.html.j2").read_text(encoding="utf-8"), autoescape=True)
    finished: dict[str, Any] | None = by_type.get("run_finished")
    best = (finished or {}).get("best")
    text = template.render(
        run=run.name,
        plan=plan,
        started=by_type.get("run_started"),
        finished=finished,
        evaluated=by_type.get("evaluated"),
        failed=by_type.get("job_failed"),
        stages=[event for event in log if event["type"] == "stage_started"],
        # A run that was taken up again names each of them again.
        skipped=list({event["path"]: event for event in log if event["type"] == "image_skipped"}.values()),
        noticed=[event for event in log if event["type"] == "noticed"],
        environment=json.loads(environment.read_text(encoding="utf-8")) if environment.is_file() else None,
        charts=[
            _chart(history, "accuracy", "val_accuracy", best),
            _chart(history, "loss", "val_loss", best),
        ],
    )
    path = out or run / "report.html"
    write_atomically(path, text)
    return path


def _chart(rows: list[dict[str, float | None]], training: str, validation: str, best: Any) -> dict[str, Any]:
    """Two lines over the epochs as SVG coordinates."""
    values = [v for row in rows for v in (row[training], row[validation]) if v is not None and math.isfinite(v)]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if training == "accuracy":
        high = 1.0
    high = high if high > low else low + 1.0
    last = max((row["epoch"] or 1 for row in rows), default=1)

    def x(epoch: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - 8) * ((epoch - 1) / max(last - 1, 1))

    def y(value: float) -> float:
        return 8 + (_HEIGHT - _BOTTOM - 8) * (high - value) / (high - low)

    def line(column: str) -> str:
        points = ((row["epoch"], row[column]) for row in rows)
        return " ".join(f"{x(e):.1f},{y(v):.1f}" for e, v in points if e is not None and v is not None)

    return {
        "name": training,
        "width": _WIDTH,
        "height": _HEIGHT,
        "left": _LEFT,
        "bottom": _HEIGHT - _BOTTOM,
        "training": line(training),
        "validation": line(validation),
        "best": x(best["epoch"]) if best else None,
        "low": f"{low:.3g}",
        "high": f"{high:.3g}",
        "last": int(last),
    }
