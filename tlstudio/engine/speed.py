"""How fast this machine is, measured once in under two seconds and kept: what forecasts of time are made from.

Two small networks tell apart what limits a layer (``core.work``): in one nearly all of the time goes into
multiplications (3×3 convolutions on 128 channels), in the other into moving values (sums of activations). Each is run
as the frozen part is, and trained.
"""

import contextlib
import io
import platform
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import psutil
from PIL import Image

from tlstudio.core.cache import cache_folder
from tlstudio.core.data.augment import augmented
from tlstudio.core.data.augmentation import STRONG
from tlstudio.core.errors import TLStudioError
from tlstudio.core.files import write_atomically
from tlstudio.core.machine import cores
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.speed import Rate, Speed
from tlstudio.core.work import Work
from tlstudio.engine import inference
from tlstudio.engine.runtime import keras, tf, versions
from tlstudio.engine.store import key_of

IMAGES = 8
SECONDS, FEWEST_CALLS = 0.1, 3  # of repeating one thing
CALM = 0.1  # of the processors' time; one more busy program on eight cores
DENSE_SIDE, DENSE_CHANNELS, DENSE_LAYERS = 28, 128, 3
WIDE_SIDE, WIDE_CHANNELS, WIDE_LAYERS = 56, 64, 8
PHOTO = (800, 600)  # pixels; between a web picture and a camera's
NETWORKS = 50  # whose own speeds are kept
AGAIN_AFTER = 3600.0  # seconds; it takes some two, and a machine that is busy now will be in a minute


class _Kept(msgspec.Struct, frozen=True):
    """``others``: the share of the processors' time that other programs had while it was measured."""

    of: dict[str, str]
    others: float
    speed: Speed


def machine_speed() -> Speed:
    """Of this machine with these versions: as kept in the cache folder, or measured now.

    What was measured while other programs were busy is measured again an hour later, until it was calm; the calmest
    figures count. TensorFlow's settings and the networks that others have built stay as they are.
    """
    of = versions() | {"machine": platform.node(), "processor": platform.processor() or platform.machine()}
    of |= {"cores": str(cores()), "devices": str(len(tf.config.list_physical_devices("GPU")))}
    place = cache_folder() / "speed.json"
    kept: _Kept | None = None
    age = 0.0
    with contextlib.suppress(OSError, msgspec.MsgspecError):  # not there, or damaged: it is measured
        kept = msgspec.json.decode(place.read_bytes(), type=_Kept)
        age = time.time() - place.stat().st_mtime
    if kept is not None and kept.of != of:
        kept = None
    if kept is None or (kept.others > CALM and age >= AGAIN_AFTER):
        speed, others = measure()
        if kept is None or others < kept.others:
            kept = _Kept(of, others, speed)
        _write(place, msgspec.json.encode(kept))
    return kept.speed


def network_speed(model: ModelFile) -> Speed:
    """With this network: as it was measured when advice was asked for, else the machine's (``machine_speed``)."""
    return _networks().get(_key(model)) or machine_speed()


def keep_network_speed(model: ModelFile, speed: Speed) -> None:
    """Remember what was measured with this network, of which the newest ``NETWORKS`` are kept."""
    known = _networks()
    known.pop(_key(model), None)
    newest = dict([*known.items(), (_key(model), speed)][-NETWORKS:])
    _write(cache_folder() / "speeds.json", msgspec.json.encode(newest))


def _networks() -> dict[str, Speed]:
    with contextlib.suppress(OSError, msgspec.MsgspecError):  # not there, or damaged: the machine's speed serves
        return msgspec.json.decode((cache_folder() / "speeds.json").read_bytes(), type=dict[str, Speed])
    return {}


def _key(model: ModelFile) -> str:
    status = [path.stat() for path in model.files]
    return key_of(files=[[str(p), s.st_size, s.st_mtime_ns] for p, s in zip(model.files, status, strict=True)])


def measure() -> tuple[Speed, float]:
    """Measure anew; also the share of the processors' time that other programs had meanwhile, 0 to 1."""
    began, busy = time.perf_counter(), _busy_with_others()
    speed = _measure()
    others = (_busy_with_others() - busy) / (cores() * (time.perf_counter() - began))
    return speed, min(max(others, 0.0), 1.0)


def _busy_with_others() -> float:
    """Seconds of all processors so far that were spent on other processes than this one."""
    whole, own = psutil.cpu_times(), psutil.Process().cpu_times()
    idle = whole.idle + getattr(whole, "iowait", 0.0)
    return float(sum(whole) - idle - own.user - own.system)


def _measure() -> Speed:
    step = _seconds_of_a_step()  # first, since it brings in what nobody else should be charged for
    began = time.perf_counter()
    networks = _dense(), _wide()
    built = time.perf_counter() - began
    frozen, handed_over = zip(*(_seconds_of_inference(model) for model, _work in networks), strict=True)
    trained, prepared = zip(
        *(seconds_of_updates(model, _values(model), goes_below=True) for model, _work in networks), strict=True
    )
    works = [work for _model, work in networks]
    layers = sum(work.layers for work in works)
    return Speed(
        frozen=_rate(works, list(frozen)),
        train=_rate(works, list(trained)),
        decode=_decoded_a_second(),
        change=_changed_a_second(),
        step=step,
        layer=sum(prepared) / layers,
        ready=(built + sum(handed_over)) / layers,
    )


def _write(place: Path, data: bytes) -> None:
    with contextlib.suppress(TLStudioError, OSError):  # it is measured again, then
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(place, data)


def _dense() -> tuple[Any, Work]:
    image = keras.Input((DENSE_SIDE, DENSE_SIDE, DENSE_CHANNELS))
    values = image
    for _ in range(DENSE_LAYERS):
        values = keras.layers.Conv2D(DENSE_CHANNELS, 3, padding="same", activation="relu")(values)
    made = DENSE_SIDE**2 * DENSE_CHANNELS
    work = Work(
        multiply_adds=DENSE_LAYERS * made * 9 * DENSE_CHANNELS, values=DENSE_LAYERS * made, layers=DENSE_LAYERS
    )
    return keras.Model(image, values), work


def _wide() -> tuple[Any, Work]:
    """Depthwise 3×3 convolutions, normalizations and ReLUs, as the blocks of small networks have them."""
    image = keras.Input((WIDE_SIDE, WIDE_SIDE, WIDE_CHANNELS))
    values = image
    for _ in range(WIDE_LAYERS // 4):
        before = values
        values = keras.layers.DepthwiseConv2D(3, padding="same", use_bias=False)(values)
        values = keras.layers.BatchNormalization()(values)
        values = keras.layers.ReLU()(values)
        values = keras.layers.Add()([values, before])
    made = WIDE_SIDE**2 * WIDE_CHANNELS
    work = Work(multiply_adds=WIDE_LAYERS // 4 * made * 9, values=WIDE_LAYERS * made, layers=WIDE_LAYERS)
    return keras.Model(image, values), work


def _rate(works: list[Work], seconds: list[float]) -> Rate:
    """The two rates that explain both times; each network bounds what it can't tell."""
    per_image = [second / IMAGES for second in seconds]
    matrix = np.array([[work.multiply_adds, work.values] for work in works], np.float64)
    try:
        costs = np.linalg.solve(matrix, np.array(per_image))
    except np.linalg.LinAlgError:
        costs = np.zeros(2)
    largest = [seconds / work.multiply_adds for seconds, work in zip(per_image, works, strict=True)]
    costs[0] = np.clip(costs[0], 0.1 * largest[0], largest[0])
    costs[1] = np.clip(costs[1], 0.1 * per_image[1] / works[1].values, per_image[1] / works[1].values)
    return Rate(multiply_adds=float(1 / costs[0]), values=float(1 / costs[1]))


def _fastest(call: Callable[[], object]) -> float:
    """Seconds of the quickest of several calls: what others do on the machine makes only the others slow."""
    taken, until = list[float](), time.perf_counter() + SECONDS
    while len(taken) < FEWEST_CALLS or time.perf_counter() < until:
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return min(taken)


def _values(model: Any, images: int = IMAGES) -> np.ndarray:
    shape = (images, *model.input.shape[1:])
    return np.random.default_rng(0).random(shape, dtype=np.float32)


def _seconds_of_inference(model: Any) -> tuple[float, float]:
    """Of a pass, and of what came before the first one."""
    values, began = _values(model), time.perf_counter()
    run = inference.fast_inference(model, values)
    run(values)
    first = time.perf_counter() - began
    usual = _fastest(lambda: run(values))
    return usual, max(first - usual, 0.0)


def seconds_of_updates(model: Any, values: np.ndarray, goes_below: bool = False) -> tuple[float, float]:
    """Of an update on ``values``, float32 (n, …), and of what came before the first one. ``goes_below``: with the
    gradient of the values themselves, as if something below trained, too; it is 20 % more on a whole SqueezeNet.

    As training computes them: a graph of operations, which takes half or a third of the time that they take called
    one by one (SqueezeNet 30 and 88 ms an image, MobileNetV2 53 and 130, ResNet50 158 and 290). The model's weights
    move a little.
    """
    given, variables = tf.constant(values), [v.value for v in model.trainable_variables]

    @tf.function(autograph=False)
    def update(x: Any) -> Any:
        with tf.GradientTape() as tape:
            if goes_below:
                tape.watch(x)
            loss = tf.reduce_mean(tf.square(model(x, training=True)))
        below, *gradients = tape.gradient(loss, [x, *variables])
        for variable, gradient in zip(variables, gradients, strict=True):
            if gradient is not None:  # of a variable that the output does not depend on
                variable.assign_sub(1e-6 * gradient)
        return loss if below is None else loss + 0.0 * tf.reduce_sum(below)

    began = time.perf_counter()
    update(given).numpy()
    first = time.perf_counter() - began
    usual = _fastest(lambda: update(given).numpy())
    return usual, max(first - usual, 0.0)


def _seconds_of_a_step() -> float:
    """Of an update of next to nothing: what Python and TensorFlow take for themselves."""
    weights = tf.Variable(tf.zeros([8, 2]))

    @tf.function
    def update(x: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(x @ weights))
        weights.assign_sub(1e-6 * tape.gradient(loss, [weights])[0])
        return loss

    values = np.zeros((IMAGES, 8), np.float32)
    update(tf.constant(values))
    return 2 * _fastest(lambda: update(tf.constant(values)).numpy())  # Keras' optimizer and the reading of rows


def _decoded_a_second() -> float:
    smooth = np.random.default_rng(0).integers(0, 255, (PHOTO[1] // 8, PHOTO[0] // 8, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(smooth).resize(PHOTO, Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=90)
    data = buffer.getvalue()

    def decode(_place: int) -> None:
        with Image.open(io.BytesIO(data)) as image:
            image.convert("RGB").resize((224, 224), Image.Resampling.BILINEAR)

    many = 4 * cores()
    with ThreadPoolExecutor(cores()) as pool:
        return many / _fastest(lambda: list(pool.map(decode, range(many))))


def _changed_a_second() -> float:
    """Pixels a second that training images are changed at random."""
    pixels = np.random.default_rng(0).integers(0, 255, (224, 224, 3), dtype=np.uint8)
    many = 2 * cores()
    with ThreadPoolExecutor(cores()) as pool:
        seconds = _fastest(lambda: list(pool.map(lambda place: augmented(pixels, STRONG, 0, 0, place), range(many))))
    return many * pixels.shape[0] * pixels.shape[1] / seconds
