"""The Keras graph while it grows, layer by layer of the Caffe network.

Caffe's tensors are (channels, height, width), Keras' are (height, width, channels). Each tensor here knows its
sizes in Caffe's order and in which order Keras has it; it is turned only where a layer needs the other one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, prod
from pathlib import Path
from typing import Any, Literal, NoReturn

from tlstudio.core.errors import QT_TRANSLATE_NOOP, TLStudioError
from tlstudio.core.model.arrays import Array, Weight
from tlstudio.core.model.graph import Branch, Call, Graph, LayerSpec, Note, Ref, with_notes
from tlstudio.core.model.keras_config import MAX_LAYERS
from tlstudio.core.model.shapes import MAX_VALUES

Sizes = tuple[int, ...]
_TO_LAST, _TO_FIRST = [2, 3, 1], [3, 1, 2]
COMPOSED = QT_TRANSLATE_NOOP("Repairs", "Layers that Keras does not have were made of several that do the same.")


class Unsupported(Exception):  # noqa: N818 (it is an answer of a rule, and no error of its own)
    """A layer that can't be built; the words name its kind."""


@dataclass(frozen=True)
class Tensor:
    """What a call gives. ``sizes``: in Caffe's order, without the batch.

    ``order``: how Keras has it. ``last``: three axes as (height, width, channels); ``caffe``: as Caffe does;
    ``flat``: one axis, which flattens (height, width, channels) where Caffe's flattens ``origin``, (channels, height,
    width). What depends on no order may leave such a tensor as it is.
    """

    call: int
    sizes: Sizes
    order: Literal["last", "caffe", "flat"]
    origin: Sizes = ()


class Builder:
    """``blobs``: the weights of each of Caffe's layers by its name; ``weights_path``: the file that they are in."""

    def __init__(self, path: Path, weights_path: Path, name: str, blobs: dict[str, tuple[Array, ...]]) -> None:
        self.path, self.weights_path, self.name, self.blobs = path, weights_path, name, blobs
        self.layers: dict[str, LayerSpec] = {}
        self.branches: dict[str, Branch] = {}
        self.calls: list[Call] = []
        self.inputs: list[int] = []
        self.weights: dict[str, list[Weight]] = {}
        self.repairs: tuple[Note, ...] = ()
        self.warnings: tuple[Note, ...] = ()
        self._taken: set[str] = set()
        self._prefixes: set[str] = set()
        self._numbers: dict[str, int] = {}  # the last one given to each name that came again

    def graph(self, outputs: Sequence[int]) -> Graph:
        return Graph(
            name=self.name,
            type="Functional",
            layers=self.layers,
            branches=self.branches,
            calls=tuple(self.calls),
            inputs=tuple(self.inputs),
            outputs=tuple(outputs),
            repairs=self.repairs,
        )

    # -- names ------------------------------------------------------------------------------------------

    def path_of(self, name: str) -> str:
        """A layer's place in the tree. Its own name, in which ``/`` makes branches, as far as that is free."""
        parts = [_part(part) for part in name.split("/")] if name.count("/") < 8 else []
        path = "/".join(parts)
        if not parts or not all(name.split("/")) or not self._is_free(path):
            path = _part(name.replace("/", "_"))
        return self._take(self._numbered(path))

    def _take(self, path: str) -> str:
        self._taken.add(path)
        for prefix in _prefixes(path):
            self._prefixes.add(prefix)
            self.branches.setdefault(prefix, Branch(prefix, "Functional"))
        return path

    def _is_free(self, path: str) -> bool:
        return path not in self._taken and path not in self._prefixes and not self._taken & {*_prefixes(path)}

    def child(self, path: str, name: str) -> str:
        """The place of one of the several layers that stand for the Caffe layer at ``path``."""
        if path not in self.branches:
            self.branches[path] = Branch(path, "Functional")
            self._prefixes.add(path)
            self.note("caffe_composed", COMPOSED, path)
        return f"{path}/{name}"

    def beside(self, path: str, suffix: str) -> str:
        """The place of a helper of the layer at ``path``, in the same branch."""
        return self._take(self._numbered(f"{path}_{suffix}"))

    def _numbered(self, path: str) -> str:
        """The path itself or, where it is taken, with the first number that makes it free."""
        free, number = path, self._numbers.get(path, 1)
        while not self._is_free(free):
            number += 1
            free = f"{path}_{number}"
        self._numbers[path] = number
        return free

    def note(self, code: str, message: str, layer: str) -> None:
        self.repairs = with_notes(self.repairs, code, message, layer)

    def warn(self, code: str, message: str, layer: str) -> None:
        self.warnings = with_notes(self.warnings, code, message, layer)

    def complain(self, detail: str) -> NoReturn:
        raise TLStudioError("unreadable_network", path=self.path, detail=detail)

    # -- layers -----------------------------------------------------------------------------------------

    def add_input(self, name: str, sizes: Sizes) -> Tensor:
        path = self.path_of(name)
        keras_sizes = (*sizes[1:], sizes[0]) if len(sizes) == 3 else sizes
        config = {"shape": list(keras_sizes), "dtype": "float32"}
        self.layers[path] = LayerSpec(path=path, type="InputLayer", config=config)
        tensor = self._call(path, (), sizes, "last" if len(sizes) == 3 else "caffe")
        self.inputs.append(tensor.call)
        return tensor

    def add(
        self,
        path: str,
        type_: str,
        config: dict[str, Any],
        given: Tensor | Sequence[Tensor],
        sizes: Sizes | None = None,
        weights: Sequence[Weight] = (),
        order: Literal["last", "caffe", "flat"] | None = None,
    ) -> Tensor:
        """One layer and its call. ``sizes`` and ``order`` are the first given tensor's where they stay the same."""
        first = given if isinstance(given, Tensor) else given[0]
        if not _is_finite(config):
            self.complain(f"layer “{path}” has a setting that is no number")
        self.layers[path] = LayerSpec(path=path, type=type_, config=config)
        if weights:
            self.weights[path] = list(weights)
        args = (Ref(given.call),) if isinstance(given, Tensor) else ([Ref(tensor.call) for tensor in given],)
        kept = order or first.order
        origin = first.origin if kept == "flat" else ()
        return self._call(path, args, first.sizes if sizes is None else sizes, kept, origin)

    def add_refused(self, path: str, type_: str, words: str, given: Sequence[int]) -> int:
        """A layer that can't be built, so that the network is whole and what is below it can be used."""
        self.layers[path] = LayerSpec(path=path, type=type_ or "unknown", refusal="unsupported_layer", hint=words)
        self.calls.append(Call(path, ([Ref(call) for call in given],) if given else ()))
        return len(self.calls) - 1

    def forget(self, calls: int, path: str) -> None:
        """Take back what was added since there were ``calls`` calls, for the layer at ``path``."""
        for call in self.calls[calls:]:
            self.layers.pop(call.layer, None)
            self.weights.pop(call.layer, None)
        del self.calls[calls:]
        if not any(other.startswith(f"{path}/") for other in self.layers):
            self.branches.pop(path, None)

    def _call(self, path: str, args: Any, sizes: Sizes, order: Any, origin: Sizes = ()) -> Tensor:
        if any(size <= 0 for size in sizes):
            self.complain(f"layer “{path}” would give an output of shape {'×'.join(map(str, sizes))}")
        if prod(sizes) > MAX_VALUES:
            found = f"layer “{path}” would give {prod(sizes)} values for one image"
            raise TLStudioError("unsafe_model", path=self.path, found=found)
        if len(self.calls) >= 4 * MAX_LAYERS:
            raise TLStudioError(
                "unsafe_model", path=self.path, found=f"it comes to more than {4 * MAX_LAYERS} layers"
            )
        self.calls.append(Call(path, args))
        return Tensor(len(self.calls) - 1, sizes, order, origin)

    # -- orders -----------------------------------------------------------------------------------------

    def as_last(self, tensor: Tensor, path: str) -> Tensor:
        """A tensor of three axes in Keras' order. Raises ``Unsupported`` for other tensors."""
        if len(tensor.sizes) != 3:
            raise Unsupported(f"on {len(tensor.sizes)} axes")
        if tensor.order == "last":
            return tensor
        if tensor.sizes[1:] == (1, 1):
            target = {"target_shape": [1, 1, tensor.sizes[0]]}
            return self.add(self.beside(path, "maps"), "Reshape", target, tensor, order="last")
        return self.add(self.beside(path, "channels_last"), "Permute", {"dims": _TO_LAST}, tensor, order="last")

    def as_caffe(self, tensor: Tensor, path: str) -> Tensor:
        """A tensor in Caffe's order of axes and values."""
        if tensor.order == "caffe":
            return tensor
        if tensor.order == "last":
            return self.add(
                self.beside(path, "channels_first"), "Permute", {"dims": _TO_FIRST}, tensor, order="caffe"
            )
        channels, height, width = tensor.origin
        shaped = self.add(
            self.beside(path, "maps"), "Reshape", {"target_shape": [height, width, channels]}, tensor, tensor.origin, order="last"
        )  # fmt: skip
        return self.flat(self.as_caffe(shaped, path), path)

    def flat(self, tensor: Tensor, path: str, own: bool = False) -> Tensor:
        """A tensor of one axis; ``own``: the layer at ``path`` is the flattening itself."""
        if len(tensor.sizes) == 1:
            return tensor
        place = path if own else self.beside(path, "flatten")
        order: Literal["flat", "caffe"] = "flat" if tensor.order == "last" and tensor.sizes[1:] != (1, 1) else "caffe"
        flattened = self.add(place, "Flatten", {}, tensor, (prod(tensor.sizes),), order=order)
        return Tensor(flattened.call, flattened.sizes, order, tensor.sizes if order == "flat" else ())

    def alike(self, tensors: Sequence[Tensor], path: str) -> list[Tensor]:
        """The tensors in one order."""
        if len({(tensor.order, tensor.origin) for tensor in tensors}) == 1:
            return list(tensors)
        if all(len(tensor.sizes) == 3 for tensor in tensors):
            return [self.as_last(tensor, path) for tensor in tensors]
        return [self.as_caffe(tensor, path) for tensor in tensors]

    # -- weights ----------------------------------------------------------------------------------------

    def stored(self, layer: str) -> tuple[Array, ...]:
        """A layer's blobs. Raises ``weights_mismatch`` where the file has none for it."""
        if layer not in self.blobs:
            self.mismatch(f"there are none for the layer “{layer}”")
        return self.blobs[layer]

    def weight(self, layer: str, place: int, *sizes: int) -> Weight:
        """The blob of a layer, of the sizes that it ought to have: old files fill up with leading ones.

        Raises ``weights_mismatch``.
        """
        blobs = self.stored(layer)
        if place >= len(blobs):
            self.mismatch(f"layer “{layer}” has {len(blobs)} blobs")
        array = blobs[place]
        if _stripped(array.shape) != _stripped(sizes):
            self.mismatch(f"layer “{layer}” takes {_words(sizes)}, the file has {_words(array.shape)}")
        return Weight(shape=array.shape, arrays=(array,)).then("reshape", list(sizes), shape=sizes)

    def mismatch(self, detail: str) -> NoReturn:
        raise TLStudioError("weights_mismatch", path=self.weights_path, detail=detail)


def _is_finite(value: Any) -> bool:
    if isinstance(value, float):
        return isfinite(value)
    if isinstance(value, dict):
        return all(map(_is_finite, value.values()))
    return not isinstance(value, list) or all(map(_is_finite, value))


def _part(name: str) -> str:
    """A name as TensorFlow takes it in its graphs: letters, digits, dots, dashes, and no mark at its beginning."""
    clean = re.sub(r"[^A-Za-z0-9_.\-]", "_", name)[:120]
    return clean if clean[:1].isalnum() else f"layer{clean}"


def _prefixes(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]


def _stripped(sizes: Sequence[int]) -> tuple[int, ...]:
    start = 0
    while start < len(sizes) and sizes[start] == 1:
        start += 1
    return tuple(sizes[start:])


def _words(sizes: Sequence[int]) -> str:
    return "×".join(map(str, sizes)) or "a number"
