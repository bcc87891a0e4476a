"""Images of a dataset at the model's size, decoded once by all cores and kept on the disk."""

import io
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from tlstudio.core import events
from tlstudio.core.cache import cache_folder
from tlstudio.core.control import Control
from tlstudio.core.data.decode import ImageProblem, load_for_model
from tlstudio.core.data.names import path_of
from tlstudio.core.data.options import ImageOptions
from tlstudio.core.files import translate_os_errors, write_atomically
from tlstudio.core.plan import Fit
from tlstudio.engine.rows import Rows, RowWriter
from tlstudio.engine.store import key_of, stored_array

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Images:
    """``pixels``: uint8 (n, height, width, channels) on the disk, read by rows; ``labels``: int32 (n,);
    ``paths``: names in the dataset; ``key`` names the content."""

    pixels: Rows
    labels: np.ndarray
    paths: list[str]
    key: str

    def __len__(self) -> int:
        return len(self.labels)

    def subset(self, places: np.ndarray) -> "Images":
        """Some of the images; the pixels stay on the disk."""
        paths = [self.paths[i] for i in places]
        key = key_of(of=self.key, places=places.tolist())
        return Images(self.pixels.only(places), self.labels[places], paths, key)


def load_images(
    root: Path,
    rows: list[tuple[str, int]],
    size: tuple[int, int, int],
    fit: Fit,
    options: ImageOptions,
    control: Control,
    emit: events.Emit,
    on_progress: Progress | None = None,
) -> Images:
    """Decode images to (height, width, channels) ``size``. Those that cannot be read are left out, with an
    ``ImageSkipped`` each.

    ``rows``: path relative to ``root``, class index. Raises ``Stopped``, ``disk_full``.
    """
    height, width, channels = size
    key = key_of(
        what="images",
        version=3,
        root=str(root.resolve()),
        size=size,
        fit=fit,
        options=msgspec.to_builtins(options),
        files=[_stamp(root, p) for p, _ in rows],
    )
    ok = np.ones(len(rows), bool)

    def fill(array: RowWriter) -> None:
        def decode(place: int) -> ImageProblem | None:
            try:
                array[place] = load_for_model(path_of(root, rows[place][0]), width, height, channels, fit, options)
            except ImageProblem as problem:
                return problem
            return None

        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            try:
                for place, problem in enumerate(pool.map(decode, range(len(rows)))):
                    control.checkpoint()
                    if problem is not None:
                        ok[place] = False
                        path = rows[place][0]
                        emit(events.ImageSkipped(path=path, code=problem.code, message=str(problem)))
                    if on_progress and (place % 25 == 24 or place == len(rows) - 1):
                        on_progress(place + 1, len(rows))
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
        buffer = io.BytesIO()
        np.save(buffer, ok)
        write_atomically(_mask_path(key), buffer.getvalue())

    known = _read_mask(key, len(rows))
    with translate_os_errors(cache_folder()):
        cache_folder().joinpath("arrays").mkdir(parents=True, exist_ok=True)
        if known is None:  # pixels alone don't tell which of them are an image's
            (cache_folder() / "arrays" / f"{key}.npy").unlink(missing_ok=True)
    pixels, was_known = stored_array(key, (len(rows), height, width, channels), np.uint8, fill)
    if was_known and known is not None:
        ok = known
        for place in np.flatnonzero(~ok):
            message = "It could not be decoded."
            emit(events.ImageSkipped(path=rows[place][0], code="unreadable", message=message))
    labels = np.array([label for _path, label in rows], np.int32)
    images = Images(pixels, labels, [path for path, _label in rows], key)
    return images if ok.all() else images.subset(np.flatnonzero(ok))


def _mask_path(key: str) -> Path:
    return cache_folder() / "arrays" / f"{key}.usable.npy"


def _read_mask(key: str, count: int) -> np.ndarray | None:
    """Which of the images are usable, bool (n,); None where that isn't kept, or damaged."""
    try:
        mask = np.load(_mask_path(key), allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return mask if mask.shape == (count,) and mask.dtype == bool else None


def _stamp(root: Path, relative: str) -> list[object]:
    try:
        status = path_of(root, relative).stat()
    except OSError:
        return [relative, 0, 0]
    return [relative, status.st_size, status.st_mtime_ns]
