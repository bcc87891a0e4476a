"""A trained classifier to use again: from a run folder, or from a model file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tlstudio.core import events
from tlstudio.core.control import Control
from tlstudio.core.data.options import ImageOptions
from tlstudio.core.data.preprocess import Mode
from tlstudio.core.errors import TLStudioError
from tlstudio.core.export import card_of
from tlstudio.core.model.inspection import require_classifier
from tlstudio.core.model.kinds import is_model
from tlstudio.core.model.opening import Opening
from tlstudio.core.model.reading import with_default_size
from tlstudio.core.model.safely import read_model
from tlstudio.core.plan import Fit, Head, PreprocessChoice, TrainingPlan
from tlstudio.core.run_folder import load_run
from tlstudio.engine.network import Network, image_size, make_network
from tlstudio.engine.rows import Rows
from tlstudio.engine.runtime import start_fresh
from tlstudio.engine.scaling_trial import as_mode, find_scaling

NO_CHOICES = Opening()
# A bare model file does not say how images were brought to its size. Keras' own readers of image folders squash them
# unless told otherwise, and so did those who trained Caffe's networks.
USUAL_FIT: Fit = "stretch"


@dataclass(frozen=True)
class Classifier:
    """``labels`` is None for a bare model file without a list of its classes beside it; ``mode`` is None where it
    is still to be found out (``mode_for``)."""

    network: Network
    labels: list[str] | None
    size: tuple[int, int, int]
    mode: Mode | None
    fit: Fit
    options: ImageOptions
    outputs: int
    run: str

    @property
    def model(self) -> Any:
        """The Keras model: scaled images to probabilities (n, classes)."""
        return self.network.model

    def mode_for(
        self, pixels: np.ndarray | Rows, labels: np.ndarray | None, control: Control, emit: events.Emit
    ) -> Mode:
        """The scaling to use; where neither file nor person says, it is tried on these images (uint8), and told.

        Raises ``Stopped``.
        """
        if self.mode is not None:
            return self.mode
        trial = find_scaling(self.network, pixels, labels, 0, control)
        trial.tell(emit)
        return trial.mode


def load_classifier(
    source: Path, preprocess: PreprocessChoice = "auto", opening: Opening = NO_CHOICES, fit: Fit | None = None
) -> Classifier:
    """Open a run's best model, or a model file, as images (scaled) to probabilities (n, classes).

    A run brings its labels and its conversion of images along, and so does a model that was exported (see
    ``core.export``); for any other file ``auto`` takes what the file declares or the catalogue knows, else it is
    tried on the images.

    Raises:
        TLStudioError: ``path_missing``, ``run_missing``, ``run_unfinished``, and those of a model file.
    """
    if not source.exists():
        raise TLStudioError("path_missing", path=source)
    run = load_run(source) if source.is_dir() and not is_model(source) else None
    card = card_of(source) if run is None else None
    file = with_default_size(read_model(run.model if run else source, opening))
    require_classifier(file)
    outputs = file.output_units
    if outputs is None:
        raise TLStudioError("not_image_classifier", detail="it gives features, not class scores")
    start_fresh(0)
    network = make_network(file, TrainingPlan(model=str(file.path), head=Head(kind="keep")), outputs)
    mode: Mode | None = None
    if preprocess != "auto":
        mode = preprocess
    elif run is not None:
        mode = as_mode(run.preprocess)
    elif file.preprocessing.source != "assumed":
        mode = as_mode(file.preprocessing.mode)
    return Classifier(
        network=network,
        labels=run.labels if run else (card.labels if card else []) or list(file.labels) or None,
        size=image_size(file),
        mode=mode,
        fit=fit or (run.plan.fit if run else card.fit if card else USUAL_FIT),
        options=run.plan.images if run else card.images if card else ImageOptions(),
        outputs=max(outputs, 2),  # a single unit tells two classes apart
        run=str(source) if run else "",
    )
