"""Each format's writer, and its own reader: what was written is loaded again by what others would load it with.

TensorFlow Lite is made from a SavedModel: the converter leaves the variables out of a Keras 3 model that is given to
it directly, and what it makes then gives NaN (TensorFlow 2.21). Only operations of its own are allowed, so that the
file runs wherever TensorFlow Lite does.

ONNX is written by tf2onnx and read again by OpenVINO, which is another company's work, or by the reference
implementation of the ``onnx`` package where OpenVINO isn't installed: right and slow.
"""

import importlib.metadata
import shutil
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from tlstudio.core.export import INPUT, INSIDE_CARD, INSIDE_LABELS, OUTPUT, ExportCard
from tlstudio.core.model.labels import labels_text
from tlstudio.engine.inference import has_openvino, onnx_by_openvino
from tlstudio.engine.runtime import keras, tf
from tlstudio.engine.saving import save_model

SIGNATURE = "serving_default"

Run = Callable[[np.ndarray], np.ndarray]  # pixels, float32 (n, …), to probabilities (n, classes)


def write_keras(model: Any, path: Path, card: ExportCard) -> None:
    """``.keras`` and HDF5. Raises ``OSError``, ``ValueError``."""
    save_model(model, path)


def read_keras(path: Path) -> Run:
    model = keras.models.load_model(path, compile=False)
    return lambda pixels: np.asarray(model(tf.constant(pixels), training=False))


def write_savedmodel(model: Any, path: Path, card: ExportCard) -> None:
    """Not by Keras' ``ExportArchive``, which writes all weights twice (Keras 3.15).

    Raises ``OSError``, and whatever TensorFlow raises.
    """
    module = tf.Module()
    module.weights = [variable.value for variable in model.variables]
    module.serve = _traced(model)
    tf.saved_model.save(module, str(path), signatures={SIGNATURE: module.serve})
    if card.labels:
        (path / INSIDE_LABELS).write_text(labels_text(card.labels), "utf-8")
    (path / INSIDE_CARD).write_bytes(as_json(card))


def read_savedmodel(path: Path) -> Run:
    loaded = tf.saved_model.load(str(path))
    serve = loaded.signatures[SIGNATURE]

    def run(pixels: np.ndarray, _kept: Any = loaded) -> np.ndarray:  # its variables go with it
        return serve(**{INPUT: tf.constant(pixels)})[OUTPUT].numpy()

    return run


def write_tflite(model: Any, path: Path, card: ExportCard) -> None:
    """Class names and card are packed behind the network, as TensorFlow Lite's own metadata are.

    Raises ``OSError``, and whatever the converter raises.
    """
    between = path.with_name(f"{path.stem}-savedmodel")
    write_savedmodel(model, between, card)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(between), signature_keys=[SIGNATURE])
    path.write_bytes(converter.convert())
    shutil.rmtree(between)
    with zipfile.ZipFile(path, "a") as archive:
        if card.labels:
            archive.writestr(INSIDE_LABELS, labels_text(card.labels))
        archive.writestr(INSIDE_CARD, as_json(card))


def read_tflite(path: Path) -> Run:
    with warnings.catch_warnings():
        # That it moves to a package of its own one day. Pinned versions of TensorFlow still have it.
        warnings.filterwarnings("ignore", "(?s).*tf.lite.Interpreter is deprecated")
        interpreter = tf.lite.Interpreter(model_path=str(path))
    runner = interpreter.get_signature_runner(SIGNATURE)
    return lambda pixels: runner(**{INPUT: pixels})[OUTPUT]


def write_onnx(model: Any, path: Path, card: ExportCard) -> None:
    """Raises ``OSError``, ``ImportError``, and whatever the converter raises."""
    from tlstudio.engine.onnx_writer import as_onnx  # only here: loading it takes half a second

    made = as_onnx(model)
    made.doc_string = "An image classifier; pixel values 0 to 255 go in, probabilities come out."
    facts = {"labels": labels_text(card.labels)} if card.labels else {}
    for key, value in (facts | {"card": as_json(card).decode()}).items():
        made.metadata_props.add(key=key, value=value)
    path.write_bytes(made.SerializeToString())


def read_onnx(path: Path) -> Run:
    """Raises ``ValueError`` for a network that takes anything but images: OpenVINO would take zeros for it."""
    import onnx

    onnx.checker.check_model(str(path), full_check=True)
    taken = [value.name for value in onnx.load(str(path), load_external_data=False).graph.input]
    if taken != [INPUT]:
        raise ValueError(f"it takes more than an image: {', '.join(taken)}")
    if has_openvino():
        return onnx_by_openvino(path, OUTPUT)
    from onnx.reference import ReferenceEvaluator

    evaluator = ReferenceEvaluator(str(path))

    def run(pixels: np.ndarray) -> np.ndarray:
        (found,) = evaluator.run([OUTPUT], {INPUT: pixels})
        return np.asarray(found)

    return run


def reader_of(format: str) -> str:
    """What reads a format again, with its version."""
    if format in {"keras", "hdf5"}:
        return f"keras {keras.__version__}"
    if format == "savedmodel":
        return f"tensorflow {tf.__version__}"
    if format == "tflite":
        return f"tensorflow lite {tf.__version__}"
    name = "openvino" if has_openvino() else "onnx"
    return f"{name} {importlib.metadata.version(name)}"


def as_json(card: ExportCard) -> bytes:
    return msgspec.json.format(msgspec.json.encode(card), indent=2) + b"\n"


def _traced(model: Any) -> Any:
    signature = tf.TensorSpec(model.input.shape, tf.float32, name=INPUT)
    return tf.function(
        lambda image: {OUTPUT: model(image, training=False)}, input_signature=[signature], autograph=False
    )


Writer = Callable[[Any, Path, ExportCard], None]
FORMATS: dict[str, tuple[Writer, Callable[[Path], Run]]] = {
    "keras": (write_keras, read_keras),
    "hdf5": (write_keras, read_keras),
    "savedmodel": (write_savedmodel, read_savedmodel),
    "tflite": (write_tflite, read_tflite),
    "onnx": (write_onnx, read_onnx),
}
