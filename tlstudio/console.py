"""What the command line shows to people: progress while a job runs, answers in words.

Progress and remarks go to standard error; the texts returned here are for standard output.
"""

import csv
import io
import signal
import threading
from types import FrameType, TracebackType
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from tlstudio.core import events, requests
from tlstudio.core.control import Control
from tlstudio.core.data.scan import Dataset
from tlstudio.core.data.split import ClassCounts
from tlstudio.core.machine import in_words
from tlstudio.core.model.graph import Note
from tlstudio.core.model.inspection import Inspection, LayerNode

SHOWN_NAMES = 6  # of classes or layers in one line
PHASES = {
    "network": "Preparing the network",
    "images": "Reading images",
    "features": "Computing features",
    "test": "Scoring test images",
    "rates": "Trying learning rates",
    "probes": "Asking the layers",
    "bake-off": "Trying the ways (seconds)",
    "export": "Writing the model",
    "check": "Loading it again",
}


class Reporter:
    """Shows a job's events on standard error, and turns Ctrl-C into a stop that leaves the run whole."""

    def __init__(self) -> None:
        self.was_interrupted = False
        self._console = Console(stderr=True, highlight=False)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
        )
        self._task: TaskID | None = None
        self._phase = ""
        self._epochs = 0
        self._skipped = 0

    def __enter__(self) -> "Reporter":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._progress.stop()

    def run(self, request: requests.JobRequest, emit: events.Emit) -> events.Event:
        """Run a job here and now; returns its last event. A first Ctrl-C stops it, a second one ends at once."""
        from tlstudio.engine.jobs import run_job

        control = Control()
        last: list[events.Event] = []

        def keep_last(event: events.Event) -> None:
            last[:] = [event]
            emit(event)

        def on_signal(number: int, frame: FrameType | None) -> None:
            if self.was_interrupted:
                raise KeyboardInterrupt
            self.was_interrupted = True
            self.say("stopping after this batch; press Ctrl-C again to end at once")
            control.stop()

        is_main = threading.current_thread() is threading.main_thread()
        numbers = (signal.SIGINT, signal.SIGTERM) if is_main else ()  # only there can they be caught
        before = {number: signal.signal(number, on_signal) for number in numbers}
        try:
            run_job(request, control, keep_last)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        return last[0]

    def say(self, text: str) -> None:
        self._console.print(text, markup=False, soft_wrap=True)

    def emit(self, event: events.Event) -> None:
        match event:
            case events.Preparing():
                self._show(event.phase, PHASES.get(event.phase, event.phase), event.done, event.total)
            case events.RunStarted():
                self._epochs = event.epochs
                self.say(
                    f"{len(event.classes)} classes; images: {event.train_images} to train, "
                    f"{event.validation_images} to validate, {event.test_images} to test"
                )
            case events.Resumed():
                self.say(f"going on with stage {event.stage}, behind epoch {event.epoch}, batch {event.step}")
            case events.Forecast():
                self.say(
                    f"expected: at most {duration(event.seconds)}; {in_words(event.peak_bytes)} of memory, "
                    f"and {in_words(event.free_bytes)} are there"
                )
            case events.Paused():
                self.say("waiting")
            case events.Continued():
                self.say("going on")
            case events.ImageSkipped():
                self._skipped += 1
                if self._skipped <= 10:
                    self.say(f"skipped {event.path}: {event.message}")
                elif self._skipped == 11:
                    self.say("more images were skipped; the run folder lists them all")
            case events.Noticed():
                self.say(f"note: {event.message}")
            case events.StageStarted():
                self._phase = ""
                parts = f"{event.trainable_parameters:,} trainable parameters"
                cached = f"; {event.cached_layers} layers computed once" if event.cached_layers else ""
                self.say(f"stage {event.stage}: {parts}{cached}, learning rate {event.learning_rate:g}")
            case events.Batches():
                self._show(
                    "epoch", f"Epoch {event.epoch} of at most {self._epochs}", event.steps[-1], event.steps_per_epoch
                )
            case events.EpochFinished():
                self._say_epoch(event)

    def _say_epoch(self, event: events.EpochFinished) -> None:
        validation = (
            f", validation loss {event.val_loss:.4f} accuracy {event.val_accuracy:.3f}"
            if event.val_loss is not None and event.val_accuracy is not None
            else ""
        )
        mark = " *" if event.is_best else ""
        self.say(
            f"epoch {event.epoch:3d}: loss {event.loss:.4f} accuracy {event.accuracy:.3f}{validation}, "
            f"{event.seconds:.2f} s{mark}"
        )

    def _show(self, phase: str, description: str, done: int, total: int) -> None:
        if self._task is None or phase != self._phase:
            if self._task is not None:
                self._progress.remove_task(self._task)
            self._task, self._phase = self._progress.add_task(description, total=total or None), phase
        self._progress.update(self._task, description=description, completed=done, total=total or None)


# -- answers in words -------------------------------------------------------------------------------------


def _shape(shape: list[int | None] | None) -> str:
    return "unknown" if shape is None else "×".join("?" if size is None else str(size) for size in shape[1:])


def model_text(inspection: Inspection) -> str:
    """A model file in lines: the facts, then one line per layer; ``|`` marks where it may be cut."""
    lines = [
        f"{inspection.path}",
        f"{inspection.format}, written by {inspection.writer}",
        f"input {_shape(inspection.input_shape)}, output {_shape(inspection.output_shape)}, "
        f"{inspection.parameters:,} parameters",
        f"pixel values: {inspection.preprocessing.mode} ({inspection.preprocessing.source})",
    ]
    if inspection.recognised:
        lines.append(f"recognised: {inspection.recognised}")
    if inspection.labels:
        shown = ", ".join(inspection.labels[:SHOWN_NAMES])
        lines.append(f"classes: {shown}" + (", …" if len(inspection.labels) > SHOWN_NAMES else ""))
    if len(inspection.outputs) > 1:
        lines.append(f"outputs: {', '.join(inspection.outputs)}")
    lines += [f"repaired: {_note_text(note)}" for note in inspection.repairs]
    lines += [f"warning: {_note_text(note)}" for note in inspection.warnings]
    lines.append("layers (| marks a layer that the network can be cut at):")
    return "\n".join(lines + _layer_lines(inspection.layers, 0))


def _note_text(note: Note) -> str:
    """The sentence, and the layers that it is about where they are few."""
    named = [layer for layer in note.layers if layer]
    if not named or len(named) > SHOWN_NAMES:
        return note.message
    return f"{note.message} ({', '.join(named)})"


def _layer_lines(nodes: list[LayerNode], depth: int) -> list[str]:
    lines = []
    for node in nodes:
        mark = "|" if node.cut.legal else " "
        name = "  " * depth + node.name
        lines.append(f"{mark} {name:40s} {node.type:24s} {_shape(node.output_shape):>16s} {node.parameters:>12,}")
        lines += _layer_lines(node.children, depth + 1)
    return lines


def dataset_text(dataset: Dataset, rows: list[ClassCounts]) -> str:
    """An image folder in lines: a row per class, then the problems by kind."""
    width = max([len(row.name) for row in rows] + [5])
    lines = [f"{dataset.root}: {dataset.images} images, {len(dataset.entries)} usable, split: {dataset.split}"]
    lines.append(f"{'class':{width}s} {'images':>7s} {'train':>7s} {'valid.':>7s} {'test':>7s}")
    lines += [f"{r.name:{width}s} {r.images:7d} {r.train:7d} {r.validation:7d} {r.test:7d}" for r in rows]
    shown = dataset.problems[:20]
    lines += [": ".join(filter(None, (problem.code, problem.path, problem.message))) for problem in shown]
    if len(dataset.problems) > len(shown):
        lines.append(f"… and {len(dataset.problems) - len(shown)} more (--json lists all)")
    return "\n".join(lines)


def run_text(finished: events.RunFinished) -> str:
    why = {
        "epochs": "all epochs done",
        "early-stopping": "stopped early, no more gain",
        "user": "stopped by you",
    }.get(finished.stopped, finished.stopped)
    lines = [f"{finished.strategy}: {finished.epochs} epochs in {finished.seconds:.1f} s ({why})"]
    if finished.best and finished.best.val_accuracy is not None:
        lines.append(f"model of epoch {finished.best.epoch}: validation accuracy {finished.best.val_accuracy:.3f}")
    if finished.test:
        lines.append(f"test accuracy {finished.test.accuracy:.3f} on {finished.test.images} images")
    if finished.checkpoints.best:
        lines.append(f"model: {finished.checkpoints.best}")
    return "\n".join([*lines, f"run folder: {finished.run}"])


def rates_text(tried: events.RatesTried) -> str:
    """The rates in lines, each with its loss."""
    lines = [f"{rate:9.2e}  loss {loss:.4f}" for rate, loss in zip(tried.rates, tried.losses, strict=True)]
    if tried.suggested is None:
        return "\n".join([*lines, "the loss fell at none of these rates, so there is none to suggest"])
    return "\n".join([*lines, f"suggested: --learning-rate {tried.suggested:.2g}"])


def duration(seconds: float) -> str:
    """Such as 40 s, 12 min or 3.5 h: a forecast knows no better."""
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def score_text(result: events.Evaluated) -> str:
    width = max([len(row.name) for row in result.per_class] + [5])
    lines = [f"accuracy {result.accuracy:.3f}, macro F1 {result.macro_f1:.3f} on {result.images} images"]
    lines.append(f"{'class':{width}s} precision recall    F1 images")
    lines += [
        f"{r.name:{width}s} {r.precision:9.3f} {r.recall:6.3f} {r.f1:5.3f} {r.support:6d}" for r in result.per_class
    ]
    return "\n".join(lines)


def predictions_text(result: events.Predicted) -> str:
    lines = [f"{p.class_:20s} {p.probability:6.3f}  {p.path}" for p in result.predictions]
    return "\n".join(lines + [f"skipped: {s.path}: {s.message}" for s in result.skipped])


def export_text(made: events.Exported) -> str:
    """What was written, how it is fed, and how it was proved."""
    height, width = made.input_shape[1:3]
    on = f"{made.images} images of the run and {made.generated} generated ones"
    return "\n".join(
        [
            f"{made.path}: {in_words(made.bytes)}, {made.format}",
            f"takes pixels 0 to 255 of images of {width}×{height}; “{made.preprocessing}” is done inside",
            f"outside remains: bringing images to that size ({made.fit})",
            f"loaded again by {made.reader}: probabilities differ by {made.largest_difference:.1g} at most, on {on}",
            *(f"beside it: {path}" for path in made.files if path != made.path),
        ]
    )


def predictions_csv(result: events.Predicted) -> str:
    """One row an image: path, class, probability, then a column for each class."""
    classes = list(result.predictions[0].probabilities)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["path", "class", "probability", *classes])
    for p in result.predictions:
        writer.writerow([p.path, p.class_, f"{p.probability:.6f}", *(f"{p.probabilities[c]:.6f}" for c in classes)])
    return out.getvalue()


def _item_text(item: Any) -> str:
    """A device in words: its kind, its name, and what else is known of it."""
    if not isinstance(item, dict):
        return str(item)
    more = f", compute capability {item['capability']}" if item.get("capability") else ""
    return f"{item['kind']} {item['name']}{more}"


def doctor_text(findings: dict[str, Any]) -> str:
    lines = []
    for section, value in findings.items():
        if isinstance(value, dict):
            lines += [f"{section} {name}: {item}" for name, item in value.items()]
        elif isinstance(value, list):
            lines += [f"{section}: {_item_text(item)}" for item in value]
        else:
            lines.append(f"{section}: {value}")
    return "\n".join([*lines, "all is well" if not findings["problems"] else "see the problems above"])
