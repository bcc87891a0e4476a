"""The networks of Keras Applications: what they look like, how they are recognised, what they were trained to see.

The data lies in ``resources/catalogue`` and was made from Keras itself (``packaging/make_catalogue.py``): one index
with a row for each network, and a packed file with its configs. No weights are in it, and none are downloaded.
"""

import difflib
import functools
import json
import lzma
import re
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.signatures import MODULUS, sums_of
from tlstudio.core.resources import resource_path

# A run of layers this long whose weights all have the shapes of a network's, none between them and none missing, is
# no coincidence: the shortest network of the catalogue without its top, VGG16, has 13 such layers (26 arrays), and a
# VGG with batch normalization is another run already. Shorter runs (two or three layers of 3×3×64) are everywhere.
FEWEST_LAYERS = 12
MOST_LAYERS = 5_000  # ten times as many as the deepest network has: a file with more is looked at for something else


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A network with or without its top: its layers with weights, their signature, and the number of values."""

    layers: int
    signature: str
    parameters: int


class OfficialFile(msgspec.Struct, frozen=True, kw_only=True):
    """A weight file as Keras calls it. ``digest``: MD5, or SHA-256 where it has 64 digits; empty if Keras knows none."""

    name: str
    top: bool
    digest: str


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """One network. ``mode``: the pixel values that it takes (of ``core.data.preprocess``); ``bare_mode``: those that
    it takes if the scaling inside it was left out. ``size``: height and width that it was trained with."""

    name: str
    mode: str
    bare_mode: str
    classes: int
    licence: str
    size: tuple[int, int]
    whole: Part
    notop: Part
    files: tuple[OfficialFile, ...]
    data: str

    def part(self, has_top: bool) -> Part:
        return self.whole if has_top else self.notop


class _Index(msgspec.Struct, frozen=True):
    keras: str
    networks: tuple[Network, ...]


class Recognition(msgspec.Struct, frozen=True, kw_only=True):
    """What a run of layers is. ``part``: ``whole`` and ``notop`` are all the layers there are; ``within`` is the
    network without its top, with other layers below or above. ``start``: the place of its first layer."""

    network: Network
    part: Literal["whole", "notop", "within"]
    start: int = 0


@functools.cache
def networks() -> tuple[Network, ...]:
    """All networks, by name."""
    data = resource_path("catalogue/index.json").read_bytes()
    found = msgspec.json.decode(data, type=_Index).networks
    return tuple(sorted(found, key=lambda network: network.name.lower()))


def names() -> list[str]:
    """The readable names of all networks, each of which ``find_network`` takes."""
    return [network.name for network in networks()]


def config_of(network: Network, has_top: bool) -> dict[str, Any]:
    """The network's Keras config, with or without its top; the latter takes images of any size where it can."""
    packed = resource_path(f"catalogue/{network.data}").read_bytes()
    config: dict[str, Any] = json.loads(lzma.decompress(packed))["whole" if has_top else "notop"]
    return config


def recognise(keys: Sequence[int]) -> Recognition | None:
    """The network that layers with weights are, by their keys (``core.model.signatures``) in order; where several
    fit, the largest. None where none does."""
    if len(keys) > MOST_LAYERS:
        return None
    sums = sums_of(keys)
    best: Recognition | None = None
    for network in networks():
        found = _recognised_as(network, sums)
        if found and (best is None or found.network.notop.parameters > best.network.notop.parameters):
            best = found
    return best


def _recognised_as(network: Network, sums: list[int]) -> Recognition | None:
    total = len(sums) - 1
    if total == network.whole.layers and sums[-1] == int(network.whole.signature, 16):
        return Recognition(network=network, part="whole")
    length, wanted = network.notop.layers, int(network.notop.signature, 16)
    if length < FEWEST_LAYERS:
        return None
    for start in range(total - length + 1):
        if (sums[start + length] - sums[start]) % MODULUS == wanted:
            return Recognition(network=network, part="notop" if length == total else "within", start=start)
    return None


_NO_TOP = re.compile(r"[\s,_(-]*(no[\s_-]?top|without[\s_-]?top|headless)\)?")
_VARIANT = re.compile(
    r"^(?P<family>[a-z0-9]*?(?:net|netv2|netv3large|netv3small))"
    r"(?:alpha)?(?P<number>[0-9.]+)?(?:[x_](?P<rows>\d{2,3}))?$"
)


def find_network(text: str) -> tuple[Network, bool]:
    """The network that a person means, and whether with its top: ``VGG16 notop``, ``mobilenetv2``,
    ``MobileNetV2 alpha 0.35``, ``mobilenetv2_0.35_224``. Raises ``architecture_unknown``."""
    words = text.strip().lower()
    has_top = _NO_TOP.search(words) is None
    words = _NO_TOP.sub("", words)
    known = {_squashed(network.name): network for network in networks()}
    found = known.get(_squashed(words)) or _variant(words, known)
    if found is None:
        close = difflib.get_close_matches(_squashed(words), known, n=6, cutoff=0.5)
        names = [known[name].name for name in close] or ["VGG16", "ResNet50", "MobileNetV2", "EfficientNetB0"]
        raise TLStudioError("architecture_unknown", name=text, known=", ".join(names))
    return found, has_top


def _squashed(name: str) -> str:
    return re.sub(r"[^a-z0-9.]", "", name.lower())


def _variant(words: str, known: dict[str, Network]) -> Network | None:
    """A network that comes in several widths, by its width (1 where none is named), with or without the image size
    that Keras adds to such names."""
    match = _VARIANT.match(re.sub(r"[\s()=:-]+|_(?!\d+$)", "", words))
    if match is None:
        return None
    family, number = match["family"], match["number"] or "1"
    try:
        alpha = float(number)
    except ValueError:
        return None
    return known.get(f"{family}alpha{alpha:g}") or known.get(f"{family}alpha{alpha / 100:g}")
