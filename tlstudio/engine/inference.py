"""A frozen network run by an engine made for inference, where that gives the same numbers as Keras.

OpenVINO was weighed against ONNX Runtime and TensorFlow itself on two AVX-512 cores, float32, batches of 32 images
given by the caller (images a second; in brackets the seconds from the Keras model to the first answer):

    network          TensorFlow   OpenVINO 2026.4   ONNX Runtime 1.32 (by tf2onnx 1.17)   differs from Keras by
    MobileNetV2 160²    235           902 (1.0)           560 (1.8)                          1.7e-6
    SqueezeNet 227²     142           209 (0.5)           137 (0.7)                          5.5e-7
    ResNet50 224²        34            51 (2.7)            39 (20.4)                         8.4e-7
    VGG16 224²           12            13 (2.1)             -                                2.3e-7

OpenVINO is faster, and reads TensorFlow's graph by itself: no protobuf, no file, no second package. It keeps the
weights a second time, in an order of its own: the process grew by 430 MB for ResNet50 (89 MB of weights; TensorFlow
alone: 430 MB with its larger batches) and by 890 MB for VGG16 (527 MB; TensorFlow alone: 500 MB). What was measured
about how to feed it (images a second):

    batch    1     2     4     8     16    32    free size, 32 given   32 with two streams, asynchronous
    MobileNetV2    658   773   863   902   805   754     556                 605
    SqueezeNet     180   184   210   209   194   188     145                 154
    ResNet50        44    47    53    51    51    48      49                  37

Hence one fixed shape of 8 images, all cores on each. The last images of a set are filled up to 8 with zeros: an
image's numbers are the same bits in any place of any batch, so no other shape has to be compiled.

Ways that were left: TensorFlow's ``convert_variables_to_constants_v2`` and a ``.pb`` file need 45 s and 5.3 GB for
VGG16, where handing over the traced graph with its variables in memory takes 2 s and 0.9 GB.
"""

import importlib
import importlib.metadata
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from tlstudio.engine.runtime import tf

# The same operations in another order differ by some 1e-6 of the largest output (the table above); an operation
# that was converted wrongly, an axis or a border that was mistaken, by 1e-2 and more. Between them lies:
TOLERANCE = 1e-4
ROWS = 8
TENSORFLOW_ROWS = 32  # large enough to fill two cores, small enough for any network's memory
SETTINGS = {
    "INFERENCE_PRECISION_HINT": "f32",  # bfloat16 is the default where a processor has it
    "EXECUTION_MODE_HINT": "ACCURACY",
    "DYNAMIC_QUANTIZATION_GROUP_SIZE": "0",
    "PERFORMANCE_HINT": "LATENCY",  # all cores on one batch
    "NUM_STREAMS": "1",
    "ENABLE_CPU_PINNING": False,  # the person's other programs run on these cores, too
}


class _CannotBeUsedError(Exception):
    """Why OpenVINO does not run this network: a clause."""


@dataclass(frozen=True)
class Inference:
    """A network as a function of arrays, in inference mode.

    ``name``: the engine and its version, ``openvino 2026.4.1`` or ``tensorflow``; ``agreement``: the largest
    difference from Keras on the sample, divided by Keras' largest output (0 for TensorFlow itself); ``reason``: why
    OpenVINO does not run it, a clause in English, or nothing if it does.
    """

    name: str
    agreement: float
    reason: str
    _run: Callable[[np.ndarray], np.ndarray]  # at most ``_rows`` images
    _rows: int
    _shape: tuple[int | None, ...]

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """The outputs for any number of images: float32 (n, …), from float32 (n, height, width, channels).

        The same images give the same bits, in each call and in each process of the same versions and machine; with
        OpenVINO also whatever other images come with them.

        Raises ``ValueError`` for images of another shape; a native library would end the process.
        """
        fits = x.ndim == len(self._shape) + 1 and all(
            wanted in (None, given) for wanted, given in zip(self._shape, x.shape[1:], strict=False)
        )
        if not fits:
            raise ValueError(f"the network takes images of shape {self._shape}. Received: {x.shape[1:]}")
        x = np.ascontiguousarray(x, np.float32)
        if not len(x):
            return self._run(np.zeros((1, *x.shape[1:]), np.float32))[:0]
        first = self._run(x[: self._rows])
        result = np.empty((len(x), *first.shape[1:]), np.float32)
        result[: self._rows] = first
        for start in range(self._rows, len(x), self._rows):
            result[start : start + self._rows] = self._run(x[start : start + self._rows])
        return result


def engine() -> str:
    """The engine that networks are meant for on this machine, as ``Inference.name``, without loading it.

    With the network and the sample it decides what runs, so it belongs in the key under which outputs are kept.
    """
    return "tensorflow" if _hindrance() else f"openvino {importlib.metadata.version('openvino')}"


def fast_inference(model: Any, sample: np.ndarray) -> Inference:
    """The network run by OpenVINO if it is there, can, and agrees with Keras on the sample; else by TensorFlow.

    ``model``: a flat Keras model with one input, float32 (None, height, width, channels), and one output; its
    weights are taken as they are now. ``sample``: a few real images as the network takes them, float32
    (k, height, width, channels); at most 8 are used. Both engines answer for the shape of the sample's images.
    """
    signature = tf.TensorSpec([None, *model.input.shape[1:]], tf.float32)
    function = _as_function(model, signature)

    def by_tensorflow(x: np.ndarray) -> np.ndarray:
        return function(tf.constant(x)).numpy()

    try:
        run, agreement = _checked(model, np.ascontiguousarray(sample[:ROWS], np.float32), by_tensorflow)
    except _CannotBeUsedError as reason:
        return Inference("tensorflow", 0.0, str(reason), by_tensorflow, TENSORFLOW_ROWS, tuple(model.input.shape[1:]))
    return Inference(engine(), agreement, "", run, ROWS, tuple(sample.shape[1:]))


def has_openvino() -> bool:
    """Whether OpenVINO is installed."""
    try:
        importlib.metadata.version("openvino")
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def onnx_by_openvino(path: Path, output: str) -> Callable[[np.ndarray], np.ndarray]:
    """The network of an ONNX file as a function of any number of images; ``output``: the tensor that it gives.

    Raises ``ImportError``, and whatever OpenVINO raises.
    """
    openvino, _frontend, _graph_iterator = _modules()
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(path), "CPU", SETTINGS)
    return lambda x: np.array(compiled([x])[output], np.float32)


def _hindrance() -> str:
    """Why no network of this machine is given to OpenVINO, or nothing."""
    if tf.config.list_physical_devices("GPU"):
        return "a GPU is there, which TensorFlow uses"
    return "" if has_openvino() else "OpenVINO is not installed"


def _checked(
    model: Any, sample: np.ndarray, keras: Callable[[np.ndarray], np.ndarray]
) -> tuple[Callable[[np.ndarray], np.ndarray], float]:
    """OpenVINO's function and its agreement with Keras. Raises ``_CannotBeUsedError``."""
    if hindrance := _hindrance():
        raise _CannotBeUsedError(hindrance)
    if not len(sample):
        raise _CannotBeUsedError("there is no image to compare on")
    weights = sum(int(np.prod(weight.shape)) * 4 for weight in model.weights)
    if 2 * weights > psutil.virtual_memory().available:
        raise _CannotBeUsedError("memory is too short to hold the weights twice")
    try:
        run = _by_openvino(model, sample.shape[1:])
        found, again = run(sample), run(sample)
    except ImportError as error:
        raise _CannotBeUsedError(f"OpenVINO cannot be loaded: {_words(error)}") from error
    except MemoryError:
        raise
    except Exception as error:  # OpenVINO's own failures have no class in common but this one
        raise _CannotBeUsedError(f"OpenVINO does not take this network: {_words(error)}") from error
    expected = keras(sample)
    if found.shape != expected.shape:
        raise _CannotBeUsedError(f"OpenVINO gives outputs of shape {found.shape[1:]}, Keras {expected.shape[1:]}")
    if not np.isfinite(expected).all():
        raise _CannotBeUsedError("the network gives values that are no numbers")
    if not np.array_equal(found, again):  # it has happened: openvinotoolkit/openvino, issue 36328
        raise _CannotBeUsedError("OpenVINO gives other numbers each time")
    largest = float(np.abs(expected).max(initial=np.finfo(np.float32).tiny))
    agreement = float(np.abs(found.astype(np.float64) - expected).max(initial=0.0)) / largest
    if not agreement <= TOLERANCE:
        raise _CannotBeUsedError(f"OpenVINO's numbers differ from Keras' by {agreement:.1g} of the largest")
    return run, agreement


def _by_openvino(model: Any, shape: tuple[int, ...]) -> Callable[[np.ndarray], np.ndarray]:
    """The network, converted and compiled for ``ROWS`` images of a shape.

    Raises ``ImportError``, and whatever OpenVINO raises.
    """
    openvino, frontend, graph_iterator = _modules()
    signature = tf.TensorSpec([ROWS, *shape], tf.float32)  # a fixed size leaves no arithmetic on shapes in the graph
    traced = _as_function(model, signature).get_concrete_function()
    reader = frontend.FrontEndManager().load_by_framework("tf")
    # True: OpenVINO reads TensorFlow's own memory. TensorFlow gives a variable that is changed later a new place as
    # long as the old one is in use, which the graph sees to; hence it stays as long as the compiled network.
    graph = graph_iterator.GraphIteratorTFGraph(traced.graph, True)
    converted = reader.convert(reader.load(graph))
    converted.reshape([ROWS, *shape])
    request = openvino.Core().compile_model(converted, "CPU", SETTINGS).create_infer_request()

    return _OpenVino(request, graph)


class _OpenVino:
    """A compiled network as a function of at most ``ROWS`` images, and the memory that it reads."""

    def __init__(self, request: Any, graph: Any) -> None:
        self._request, self._graph = request, graph

    def __call__(self, x: np.ndarray) -> np.ndarray:
        given = x
        if len(x) < ROWS:
            given = np.zeros((ROWS, *x.shape[1:]), np.float32)
            given[: len(x)] = x
        self._request.infer([given], share_inputs=True)
        return np.array(self._request.get_output_tensor(0).data[: len(x)], np.float32)


def _as_function(model: Any, signature: Any) -> Any:
    """In inference mode. Without AutoGraph, which leaves files in the folder for temporary ones."""
    return tf.function(lambda x: model(x, training=False), input_signature=[signature], autograph=False)


def _modules() -> tuple[Any, Any, Any]:
    """OpenVINO without its converter, which reports each import to its makers over the network.

    An entry of None makes Python's import fail, which ``openvino`` foresees.
    """
    for name in ("openvino.tools.ovc", "openvino_telemetry"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    return (
        importlib.import_module("openvino"),
        importlib.import_module("openvino.frontend"),
        importlib.import_module("openvino.frontend.tensorflow.graph_iterator"),
    )


def _words(error: BaseException) -> str:
    """The line of a message that says what it is about, short enough for a sentence."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    points = [
        line.removeprefix("-- ") for line in lines if line.startswith("-- ")
    ]  # "No conversion rule found for …"
    return ([*points[:1], *lines[-1:], type(error).__name__])[0].rstrip(".")[:160]
