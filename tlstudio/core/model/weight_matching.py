"""Which layer of a network each layer of a weights-only file is.

Names decide where they fit. Where they don't, the order of the file and the shapes do, but only if they leave no
choice: two layers side by side with weights of the same shapes could be exchanged and nobody would notice.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model import vocabulary
from tlstudio.core.model.arrays import Array
from tlstudio.core.model.graph import Graph
from tlstudio.core.model.keras_file import KerasFile
from tlstudio.core.model.shapes import infer_shapes
from tlstudio.core.model.signatures import MODULUS, key_of, sums_of
from tlstudio.core.model.weight_shapes import Shapes, expected_shapes
from tlstudio.core.model.weights import snake_case


@dataclass(frozen=True)
class StoredLayer:
    """A layer of a file that has weights."""

    name: str
    arrays: tuple[Array, ...]

    @property
    def key(self) -> int:
        return key_of(array.shape for array in self.arrays)


@dataclass(frozen=True)
class Matched:
    """``layers``: by path of the network's layer. ``by_order``: names were of no use. ``unused``: of the file."""

    layers: dict[str, StoredLayer]
    by_order: bool
    unused: tuple[str, ...]


Wanted = dict[str, Shapes | None]


def stored_layers(file: KerasFile) -> list[StoredLayer]:
    """The layers of a file in its own order, those of nested networks one by one."""
    layers = []
    for group, arrays in file.arrays.items():
        owners: dict[str, list[Array]] = defaultdict(list)
        for array in arrays:
            if array.size and "seed_generator" not in array.location:  # the random state of a dropout
                owners[array.location.rsplit("/", 1)[0]].append(array)
        for owner, own in owners.items():
            name = group if len(owners) == 1 else owner.rsplit("/", 1)[-1]
            layers.append(StoredLayer(name.replace("/", "_"), tuple(own)))
    return layers


def wanted_layers(graph: Graph) -> Wanted:
    """The layers of a network (channels-last) that take weights, in the order of their calls, with the weights'
    shapes; None where the shapes depend on an input size that is not known."""
    wanted: Wanted = {}
    shapes = infer_shapes(graph)
    for call in graph.calls:
        spec = graph.layers[call.layer]
        if call.sources and call.layer not in wanted and spec.type not in vocabulary.WEIGHTLESS:
            wanted[call.layer] = expected_shapes(spec.type, spec.config, shapes[call.sources[0]])
    return {path: expected for path, expected in wanted.items() if expected is None or expected}


def match(stored: list[StoredLayer], graph: Graph, path: Path, may_leave: bool = False) -> Matched:
    """Find each layer's weights. ``may_leave``: layers of the file may stay unused.

    Raises ``weights_mismatch``, which names the first layer that doesn't fit.
    """
    wanted = wanted_layers(graph)
    for rule in (_by_name, _by_number):
        found = rule(stored, wanted)
        if found is not None and fits(found, wanted) and (may_leave or len(found) == len(stored)):
            return _matched(found, stored, by_order=False)
    return _matched(_by_order(stored, wanted, graph, path, may_leave), stored, by_order=True)


def _matched(found: dict[str, StoredLayer], stored: list[StoredLayer], by_order: bool) -> Matched:
    used = {id(layer) for layer in found.values()}
    return Matched(found, by_order, tuple(layer.name for layer in stored if id(layer) not in used))


def fits(found: dict[str, StoredLayer], wanted: Wanted) -> bool:
    """Whether every layer has its weights, of the right shapes up to the order of axes."""
    return found.keys() == wanted.keys() and all(
        (expected := wanted[path]) is None or key_of(expected) == layer.key for path, layer in found.items()
    )


def _by_name(stored: list[StoredLayer], wanted: Wanted) -> dict[str, StoredLayer] | None:
    return _paired(stored, wanted, lambda names: dict(zip(names, names, strict=True)))


def _by_number(stored: list[StoredLayer], wanted: Wanted) -> dict[str, StoredLayer] | None:
    """Keras numbers layers that nobody named (``conv2d_7``) in the order they are made, through a whole session: the
    file may begin with any number. Layers with names of their own may have been renamed since."""
    return _paired(stored, wanted, _numbered)


def _paired(
    stored: list[StoredLayer], wanted: Wanted, common: Callable[[list[str]], dict[str, str]]
) -> dict[str, StoredLayer] | None:
    """Pair by a common name; None where one of the network's layers has no partner or a name occurs twice."""
    theirs = common([layer.name for layer in stored])
    ours = common([path.rsplit("/", 1)[-1] for path in wanted])
    by_common = {theirs[layer.name]: layer for layer in stored}
    if len(by_common) != len(stored) or len(ours) != len(wanted):
        return None
    found = {}
    for path in wanted:
        layer = by_common.get(ours[path.rsplit("/", 1)[-1]])
        if layer is None:
            return None
        found[path] = layer
    return found


# Names that Keras itself gives, by version; those of Keras 1 have no underscores.
_AUTOMATIC = {snake_case(name) for name in vocabulary.LAYERS - vocabulary.WEIGHTLESS}
_KERAS_1 = {
    "convolution1d": "conv1d", "convolution2d": "conv2d", "convolution3d": "conv3d", "atrousconvolution2d": "conv2d",
    "separableconvolution2d": "separable_conv2d", "deconvolution2d": "conv2d_transpose", "prelu": "p_re_lu",
    "batchnormalization": "batch_normalization",
}  # fmt: skip
_NUMBER = re.compile(r"^(.*?)(?:_(\d+))?$")
# ResNet as Keras named it before 2.2.5, after Caffe's: res4b_branch2a, bn3a_branch1, with b22 for the 23rd block.
_OLD_RESNET = re.compile(r"^(res|bn)([2-5])([a-z])(\d*)_branch(?:1|2([abc]))$")


def _numbered(names: list[str]) -> dict[str, str]:
    """Each name's rank among the automatic ones of its kind, or what it is called now."""
    ranks: dict[str, list[tuple[int, str]]] = defaultdict(list)
    common = {}
    for name in names:
        found = _NUMBER.match(name)
        assert found is not None
        kind = _KERAS_1.get(found[1], found[1])
        if kind in _AUTOMATIC:
            ranks[kind].append((int(found[2] or 0), name))
        else:
            common[name] = _renamed(name)
    for kind, numbered in ranks.items():
        common |= {name: f"{kind}#{rank}" for rank, (_number, name) in enumerate(sorted(numbered))}
    return common


def _renamed(name: str) -> str:
    fixed = {"conv1": "conv1_conv", "bn_conv1": "conv1_bn", "fc1000": "predictions"}
    found = _OLD_RESNET.match(name)
    if found is None:
        return fixed.get(name, name)
    kind, stage, letter, number, branch = found.groups()
    block = ord(letter) - ord("a") + 1 if not number else int(number) + 1
    place = "0abc".index(branch) if branch else 0
    return f"conv{stage}_block{block}_{place}_{'conv' if kind == 'res' else 'bn'}"


def _by_order(
    stored: list[StoredLayer], wanted: Wanted, graph: Graph, path: Path, may_leave: bool
) -> dict[str, StoredLayer]:
    keys = {layer: key_of(expected or ()) for layer, expected in wanted.items()}
    unknown = [layer for layer, expected in wanted.items() if expected is None]
    if unknown:
        raise _mismatch(
            path, f"the weights of “{unknown[0]}” depend on the size of the images; name it (--input-size)"
        )
    run = stored
    if may_leave and len(stored) > len(keys):
        run = _run_of(stored, sum(keys.values()) % MODULUS, len(keys)) or stored
    theirs: dict[int, list[StoredLayer]] = defaultdict(list)
    ours: dict[int, list[str]] = defaultdict(list)
    for layer in run:
        theirs[layer.key].append(layer)
    for layer_path, key in keys.items():
        ours[key].append(layer_path)
    if {key: len(layers) for key, layers in theirs.items()} != {key: len(paths) for key, paths in ours.items()}:
        raise _first_misfit(run, wanted, path)
    for first, second in (*_side_by_side(ours, graph), *_in_one_group(ours)):
        raise _mismatch(path, f"its names say nothing, and “{first}” and “{second}” take weights of the same shapes")
    return {layer: found for key in ours for layer, found in zip(ours[key], theirs[key], strict=True)}


def _run_of(stored: list[StoredLayer], signature: int, length: int) -> list[StoredLayer] | None:
    """The one run of layers with a network's signature."""
    sums = sums_of([layer.key for layer in stored])
    starts = [s for s in range(len(stored) - length + 1) if (sums[s + length] - sums[s]) % MODULUS == signature]
    return stored[starts[0] : starts[0] + length] if len(starts) == 1 else None


def _in_one_group(ours: dict[int, list[str]]) -> Iterator[tuple[str, str]]:
    """Layers of one nested network with weights of the same shapes: Keras 2 keeps a nested network's trainable
    weights before its frozen ones, so that their order in the file is not that of the layers."""
    for paths in ours.values():
        seen: dict[str, str] = {}
        for path in paths:
            group, nested, _name = path.rpartition("/")
            if nested and group in seen:
                yield seen[group], path
            seen.setdefault(group, path)


def _side_by_side(ours: dict[int, list[str]], graph: Graph) -> Iterator[tuple[str, str]]:
    """Layers with weights of the same shapes of which neither lies below the other. In files layers stand in an
    order in which each comes after those below it, so that all others have one place only."""
    below: list[int] = []  # the calls below each call, as bits
    for number, call in enumerate(graph.calls):
        bits = 1 << number
        for source in call.sources:
            bits |= below[source]
        below.append(bits)
    first_call = {call.layer: number for number, call in reversed(list(enumerate(graph.calls)))}
    for paths in ours.values():
        for first, second in pairwise(paths):
            if not below[first_call[second]] >> first_call[first] & 1:
                yield first, second


def _first_misfit(stored: list[StoredLayer], wanted: Wanted, path: Path) -> TLStudioError:
    paths = list(wanted)
    for place, layer in enumerate(stored):
        shapes = _words([array.shape for array in layer.arrays])
        if place >= len(paths):
            return _mismatch(path, f"the network has no layer for “{layer.name}” ({shapes})")
        expected = wanted[paths[place]] or []
        if key_of(expected) != layer.key:
            return _mismatch(path, f"“{layer.name}” holds {shapes}, where “{paths[place]}” takes {_words(expected)}")
    missing = paths[len(stored)] if len(stored) < len(paths) else paths[-1]
    return _mismatch(path, f"there are no weights for the layer “{missing}”")


def _mismatch(path: Path, detail: str) -> TLStudioError:
    return TLStudioError("weights_mismatch", path=path, detail=detail)


def _words(shapes: Shapes) -> str:
    return ", ".join("×".join(map(str, shape)) or "a number" for shape in shapes[:8]) or "nothing"
