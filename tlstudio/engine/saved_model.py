"""A trained classifier to use again: from a run folder, or from a model file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tlstudio.core.data.preprocess import Mode
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.inspection import require_classifier
from tlstudio.core.model.opening import Opening
from tlstudio.core.model.reading import with_default_size
from tlstudio.core.model.safely import read_model
from tlstudio.core.plan import Fit, Head, PreprocessChoice, TrainingPlan
from tlstudio.core.run_folder import load_run
from tlstudio.engine.network import image_size, make_network
from tlstudio.engine.runtime import start_fresh

NO_CHOICES = Opening()


@dataclass(frozen=True)
class Classifier:
    """``labels`` is None for a bare model file without a list of its classes beside it."""

    model: Any
    labels: list[str] | None
    size: tuple[int, int, int]
    mode: Mode
    fit: Fit
    outputs: int
    run: str


def load_classifier(source: Path, preprocess: PreprocessChoice = "auto", opening: Opening = NO_CHOICES) -> Classifier:
    """Open a run's best model, or a model file, as images (scaled) to probabilities (n, classes).

    A run brings its labels and its conversion of images along; for a model file ``auto`` takes what the file
    declares, else 0..1.

    Raises:
        TLStudioError: ``path_missing``, ``run_missing``, ``run_unfinished``, and those of a model file.
    """
    if not source.exists():
        raise TLStudioError("path_missing", path=source)
    run = load_run(source) if source.is_dir() else None
    file = with_default_size(read_model(run.model if run else source, opening))
    require_classifier(file)
    outputs = file.output_units
    if outputs is None:
        raise TLStudioError("not_image_classifier", detail="it gives features, not class scores")
    start_fresh(0)
    network = make_network(file, TrainingPlan(model=str(file.path), head=Head(kind="keep")), outputs)
    known = run.preprocess if run else file.preprocessing.mode
    mode: Any = preprocess if preprocess != "auto" else known
    return Classifier(
        model=network.model,
        labels=run.labels if run else list(file.labels) or None,
        size=image_size(file),
        mode=mode,
        fit=run.plan.fit if run else "crop",
        outputs=outputs,
        run=str(source) if run else "",
    )
