"""The evaluation and prediction jobs: a trained classifier on images it has not seen."""

from pathlib import Path

import numpy as np

from tlstudio.core import events
from tlstudio.core.control import Control
from tlstudio.core.data.decode import SUFFIXES, ImageProblem, load_for_model
from tlstudio.core.data.names import escaped
from tlstudio.core.data.remedies import with_edits
from tlstudio.core.data.scan import scan_folder
from tlstudio.core.data.split import split_dataset
from tlstudio.core.errors import TLStudioError
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.requests import Evaluate, Predict
from tlstudio.core.run_folder import load_run
from tlstudio.engine.images import load_images
from tlstudio.engine.saved_model import Classifier, load_classifier
from tlstudio.engine.scoring import Scorer, score
from tlstudio.engine.sources import BATCH


def evaluate(request: Evaluate, control: Control, emit: events.Emit) -> None:
    """Score a classifier on a dataset's test images; on all of them where nothing says which are for testing.

    On the run's own dataset the same images are held out as in the run. The last event is ``Evaluated``.

    Raises:
        TLStudioError: ``class_not_known``, ``head_mismatch``, ``no_test_images``, and those of model and dataset.
    """
    classifier = load_classifier(Path(request.source), request.preprocess, request.opening, request.fit)
    plan = load_run(Path(request.source)).plan if classifier.run else None
    is_own = plan is not None and Path(plan.dataset).resolve() == Path(request.dataset).resolve()
    own = plan if plan is not None and is_own else TrainingPlan()
    dataset = scan_folder(Path(request.dataset), control, lambda d, t: _tell(emit, "images", d, t), own.layout)
    dataset = with_edits(dataset, own.edits)
    labels = classifier.labels or dataset.classes
    if len(labels) != classifier.outputs:
        raise TLStudioError("head_mismatch", outputs=classifier.outputs, classes=len(labels))
    unknown = [name for name in dataset.classes if name not in labels]
    if unknown:
        raise TLStudioError("class_not_known", name=unknown[0], classes=", ".join(labels))
    if dataset.split == "folders" or is_own:
        split = (
            split_dataset(dataset, plan.validation_split, plan.seed, plan.group_by)
            if plan
            else split_dataset(dataset)
        )
        rows, classes = split.test, split.classes
    else:
        classes = dataset.classes
        rows = [(entry.path, classes.index(entry.label)) for entry in dataset.entries]
    if not rows:
        raise TLStudioError("no_test_images")
    rows = [(path, labels.index(classes[label])) for path, label in rows]
    images = load_images(
        Path(dataset.root),
        rows,
        classifier.size,
        classifier.fit,
        classifier.options,
        control,
        emit,
        lambda d, t: _tell(emit, "images", d, t),
    )
    mode = classifier.mode_for(images.pixels, images.labels, control, emit)
    scorer = Scorer(classifier.model, mode)
    probabilities = scorer.probabilities(images.pixels, control, lambda d, t: _tell(emit, "test", d, t))
    emit(score(images.labels, probabilities, labels, classifier.run))


def predict(request: Predict, control: Control, emit: events.Emit) -> None:
    """Classes of images, in the order given; folders are walked. The last event is ``Predicted``.

    Raises:
        TLStudioError: ``path_missing``, ``no_images_given``, and those of the model.
    """
    files = _image_files([Path(path) for path in request.paths])
    classifier = load_classifier(Path(request.source), request.preprocess, request.opening, request.fit)
    labels = classifier.labels or [str(i) for i in range(classifier.outputs)]
    found: list[events.Prediction] = []
    skipped: list[events.Skipped] = []
    scorer: Scorer | None = None
    for start in range(0, len(files), BATCH):
        control.checkpoint()
        paths, pixels = _decode(files[start : start + BATCH], classifier, skipped)
        if not paths:
            continue
        if scorer is None:
            scorer = Scorer(classifier.model, classifier.mode_for(pixels, None, control, emit))
        for path, row in zip(paths, scorer.probabilities(pixels, control), strict=True):
            best = int(row.argmax())
            shares = {label: float(p) for label, p in zip(labels, row, strict=True)}
            found.append(
                events.Prediction(
                    path=escaped(str(path)), class_=labels[best], probability=float(row[best]), probabilities=shares
                )
            )
        _tell(emit, "test", min(start + BATCH, len(files)), len(files))
    if not found:
        raise TLStudioError("no_images_given")
    emit(events.Predicted(predictions=found, skipped=skipped))


def _decode(
    files: list[Path], classifier: Classifier, skipped: list[events.Skipped]
) -> tuple[list[Path], np.ndarray]:
    height, width, channels = classifier.size
    paths, pixels = [], []
    for path in files:
        try:
            pixels.append(load_for_model(path, width, height, channels, classifier.fit, classifier.options))
            paths.append(path)
        except ImageProblem as problem:
            skipped.append(events.Skipped(path=escaped(str(path)), code=problem.code, message=str(problem)))
    return paths, np.stack(pixels) if pixels else np.zeros((0, height, width, channels), np.uint8)


def _image_files(paths: list[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = (p for p in sorted(path.rglob("*")) if p.suffix.lower() in SUFFIXES)
            files += [p for p in inside if not p.name.startswith(".")]
        elif path.exists():
            files.append(path)
        else:
            raise TLStudioError("path_missing", path=path)
    if not files:
        raise TLStudioError("no_images_given")
    return files


def _tell(emit: events.Emit, phase: str, done: int, total: int) -> None:
    emit(events.Preparing(phase=phase, done=done, total=total))
