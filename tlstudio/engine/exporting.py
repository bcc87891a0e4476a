"""The export job: a trained classifier in one of five formats, its preprocessing inside, proved before it is kept."""

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil

import tlstudio
from tlstudio.core import events
from tlstudio.core.control import Control, Stopped
from tlstudio.core.data.decode import SUFFIXES, ImageProblem, load_for_model
from tlstudio.core.data.preprocess import Mode
from tlstudio.core.errors import TLStudioError
from tlstudio.core.export import INPUT, OUTPUT, Channels, ExportCard, check_place, places_of
from tlstudio.core.files import commit, translate_os_errors
from tlstudio.core.machine import free_memory, in_words
from tlstudio.core.model.labels import labels_text
from tlstudio.core.requests import Export
from tlstudio.core.run_folder import load_run
from tlstudio.engine.export_formats import FORMATS, as_json, reader_of
from tlstudio.engine.pixels_inside import with_pixels_inside
from tlstudio.engine.runtime import native_remarks_kept_back, tf
from tlstudio.engine.saved_model import Classifier, load_classifier
from tlstudio.engine.scoring import Scorer

# Of a probability. The same arithmetic in another order differs by some 1e-6; a layer that was converted wrongly, or
# pixels that were scaled twice, by 1e-2 and more.
TOLERANCE = 1e-3
REAL, GENERATED = 12, 4  # images that both are run on
LOOKED_AT = 4000  # files of the run's images among which some are chosen
ORDERS: dict[int, Channels] = {1: "grey", 3: "RGB", 4: "RGBA"}
# Memory beside the model while a format is made and read again, in sizes of its weights, and what it takes besides:
# measured on VGG16 (553 MB of weights, peaks of 4.2, 2.8, 5.2 and 3.7 GB) and ResNet50 (103 MB; 1.6, 1.1, 1.7, 1.3).
NEEDED = {"keras": 5.5, "hdf5": 5.5, "savedmodel": 3.0, "tflite": 7.5, "onnx": 5.0}
NEEDED_BESIDES = 300 << 20
SPARE_BYTES = 16 << 20


def export(request: Export, control: Control, emit: events.Emit) -> None:
    """Write a classifier where ``request.out`` says, and what belongs to it beside. The last event is ``Exported``.

    Raises:
        TLStudioError: ``option_invalid``, ``export_exists``, ``folder_not_writable``, ``disk_full``,
            ``preprocessing_unknown``, ``export_memory``, ``export_failed``, ``export_differs``, and those of
            ``load_classifier``.
        Stopped
    """
    began = time.monotonic()
    place = Path(request.out).absolute()
    check_place(place, request.format, request.overwrites)
    emit(events.Preparing(phase="network"))
    # The converters' results run on processors, and a GPU's shorter fractions would count as their difference.
    with tf.device("/CPU:0"):
        classifier = load_classifier(Path(request.source), request.preprocess, request.opening)
        if classifier.mode is None:
            raise TLStudioError("preprocessing_unknown", path=request.source)
        _check_room(classifier, request, place)
        pixels, real = _images(classifier, request)
        expected = Scorer(classifier.model, classifier.mode).probabilities(pixels, control)
        control.checkpoint()
        with _aside(place) as folder:
            difference = _write(
                classifier, classifier.mode, request, folder / place.name, pixels, expected, control, emit
            )
            control.checkpoint()
            files = _put_in_place(folder, places_of(place, request.format))
    card = _card(classifier, classifier.mode, request)
    emit(
        events.Exported(
            run=str(Path(request.source).absolute()),
            format=request.format,
            path=str(place),
            bytes=_size_of(place),
            files=[str(path) for path in files],
            input_shape=card.input_shape,
            output_shape=card.output_shape,
            labels=card.labels,
            preprocessing=classifier.mode,
            fit=card.fit,
            largest_difference=difference,
            tolerance=TOLERANCE,
            images=real,
            generated=len(pixels) - real,
            reader=reader_of(request.format),
            seconds=time.monotonic() - began,
        )
    )


def _write(
    classifier: Classifier,
    mode: Mode,
    request: Export,
    path: Path,
    pixels: np.ndarray,
    expected: np.ndarray,
    control: Control,
    emit: events.Emit,
) -> float:
    """Write everything aside; returns how far its probabilities are from the expected ones at most."""
    write, read = FORMATS[request.format]
    card = _card(classifier, mode, request)
    emit(events.Preparing(phase="export"))
    try:
        with native_remarks_kept_back(), translate_os_errors(path):
            model = with_pixels_inside(classifier.network, mode)
            write(model, path, card)
            control.checkpoint()
            emit(events.Preparing(phase="check"))
            values = pixels.astype(np.float32)
            found = read(path)(values[..., 0] if len(model.input.shape) == 3 else values)
    except (TLStudioError, Stopped, MemoryError):
        raise
    except Exception as error:  # each converter has errors of its own for what it can't do
        detail = (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")
        raise TLStudioError("export_failed", format=request.format, detail=detail) from error
    difference = float(np.abs(found - expected).max()) if found.shape == expected.shape else 1.0
    if not difference <= TOLERANCE:
        raise TLStudioError("export_differs", format=request.format, difference=f"{difference:.2g}")
    for beside in places_of(path, request.format)[:-1]:
        is_card = beside.suffix == ".json"
        if is_card or card.labels:
            beside.write_bytes(as_json(card) if is_card else labels_text(card.labels).encode())
    return difference


def _card(classifier: Classifier, mode: Mode, request: Export) -> ExportCard:
    shape = tuple(classifier.model.input.shape[1:])
    return ExportCard(
        format=request.format,
        written_by=f"TLStudio {tlstudio.__version__}",
        input_name=INPUT,
        input_shape=[None, *shape],
        channels=ORDERS[classifier.size[2]],
        output_name=OUTPUT,
        output_shape=[None, classifier.outputs],
        labels=list(classifier.labels or []),
        scaling=mode,
        fit=classifier.fit,
        images=classifier.options,
    )


def _check_room(classifier: Classifier, request: Export, place: Path) -> None:
    """Short of memory TensorFlow dies, and of a full disk libhdf5.

    Raises ``folder_not_writable``, ``disk_full``, ``export_memory``.
    """
    weights = sum(int(np.prod(weight.shape)) * 4 for weight in classifier.model.weights)
    own = {file.resolve() for file in classifier.network.file.files}
    if place.resolve() in own:
        raise TLStudioError("folder_not_writable", path=place, detail="the model itself lies there")
    needed, free = NEEDED[request.format] * weights + NEEDED_BESIDES, free_memory()
    if needed > free:
        raise TLStudioError("export_memory", format=request.format, needed=in_words(int(needed)), free=in_words(free))
    with translate_os_errors(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(place.parent).free < 2.5 * weights + SPARE_BYTES:
            raise TLStudioError("disk_full", path=place)


# -- the images that the result is proved on ------------------------------------------------------------------


def _images(classifier: Classifier, request: Export) -> tuple[np.ndarray, int]:
    """uint8 (n, height, width, channels), and how many of them are real: from the run's own images, as far as they
    are still there. The generated ones reach values that photographs of one kind may not have."""
    height, width, channels = classifier.size
    found: list[np.ndarray] = []
    folder = Path(load_run(Path(request.source)).plan.dataset) if classifier.run else None
    files = _some_files(folder if folder is None or folder.is_dir() else folder.parent)
    for path in files[:: max(len(files) // REAL, 1)]:
        if len(found) == REAL:
            break
        try:
            found.append(load_for_model(path, width, height, channels, classifier.fit, classifier.options))
        except ImageProblem:
            continue  # the run has told of it; another one serves as well
    random = np.random.default_rng(0)
    across = np.broadcast_to(np.linspace(0, 255, width, dtype=np.uint8)[None, :, None], (height, width, channels))
    made = [random.integers(0, 256, (height, width, channels), np.uint8) for _ in range(GENERATED - 1)]
    return np.stack([*found, *made, across]), len(found)


def _some_files(folder: Path | None) -> list[Path]:
    found: list[Path] = []
    for at, folders, names in os.walk(folder) if folder is not None else ():
        folders.sort()
        found += [Path(at, name) for name in sorted(names) if Path(name).suffix.lower() in SUFFIXES]
        if len(found) > LOOKED_AT:
            break
    return found


# -- aside, flushed, renamed ----------------------------------------------------------------------------------


@contextlib.contextmanager
def _aside(place: Path) -> Iterator[Path]:
    """A folder beside the place that goes in any case. What a killed export of the same name left goes, too."""
    with translate_os_errors(place):
        for old in place.parent.glob(f".{_escaped(place.name)}.*.part"):
            number = old.name.split(".")[-2]
            if number.isdigit() and not psutil.pid_exists(int(number)):
                shutil.rmtree(old, ignore_errors=True)
        folder = place.parent / f".{place.name}.{os.getpid()}.part"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _escaped(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def _put_in_place(folder: Path, places: list[Path]) -> list[Path]:
    """Rename what was made to its places, the model last; returns those that are there now."""
    for path in folder.rglob("*"):
        if path.is_file():
            with translate_os_errors(places[-1]), path.open("r+b") as file:
                os.fsync(file.fileno())
    kept = []
    for place in places:
        made = folder / place.name
        if not made.exists():
            place.unlink(missing_ok=True)  # an earlier export's class names are not this one's
            continue
        with translate_os_errors(place):
            if place.is_dir():
                _swap(made, place, folder / "earlier")
            else:
                commit(made, place)
        kept.append(place)
    return kept


def _swap(made: Path, place: Path, earlier: Path) -> None:
    """A folder can't be renamed onto another one."""
    place.rename(earlier)
    try:
        commit(made, place)
    except OSError:
        earlier.rename(place)
        raise


def _size_of(place: Path) -> int:
    files: list[Path] | Iterator[Path] = place.rglob("*") if place.is_dir() else [place]
    return sum(path.stat().st_size for path in files if path.is_file())
