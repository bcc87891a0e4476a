"""What a network is shown: its inputs, and their sizes, of which a file tells in several ways or not at all.

A data layer names a database, a list of images or an HDF5 file; none of them is looked for.
"""

from dataclasses import dataclass
from typing import Any

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.arrays import Array
from tlstudio.core.model.caffe.builder import Builder, Sizes
from tlstudio.core.model.caffe.layers import TEST, TRAIN, CaffeLayer, is_used, texts
from tlstudio.core.model.caffe.table import is_data


@dataclass(frozen=True)
class Source:
    """Where an input comes from. ``sizes``: without the batch, None where nothing is said of them.

    ``layer``: the data layer that gives it, if there is one. ``is_label``: it is what the network should answer.
    """

    name: str
    sizes: Sizes | None
    type: str
    layer: CaffeLayer | None = None
    is_label: bool = False


def sources_of(net: Any, layers: list[CaffeLayer]) -> dict[str, Source]:
    """The inputs by the name of their blob. Of several data layers that give it, the one of the test phase counts;
    a network that was written down for training only has none of those."""
    found: dict[str, Source] = {}
    for place, name in enumerate(texts(net.input)):
        found[name] = Source(name, _declared(net, place), "input")
    data = [layer for layer in layers if is_data(layer)]
    for layer in [*(one for one in data if is_used(one, TEST)), *(one for one in data if is_used(one, TRAIN)), *data]:
        for place, top in enumerate(layer.tops):
            is_label = place > 0 and layer.type not in {"Input", "DummyData"}
            found.setdefault(top, Source(top, _sizes(layer, place), layer.type, layer, is_label))
    return found


def _declared(net: Any, place: int) -> Sizes | None:
    if place < len(net.input_shape):
        return _without_batch(net.input_shape[place].dim)
    sizes = list(net.input_dim)[4 * place : 4 * place + 4]
    return _without_batch(sizes) if len(sizes) == 4 else None


def _without_batch(sizes: Any) -> Sizes | None:
    """None where sizes are left open."""
    rest = tuple(int(size) for size in sizes)[1:]
    return rest if rest and all(size > 0 for size in rest) else None


def _sizes(layer: CaffeLayer, place: int) -> Sizes | None:
    """What a data layer says of the sizes of what it gives. 0 stands for an unknown number of channels."""
    if layer.type == "Input":
        shapes = layer.param("input").shape
        return _without_batch(shapes[min(place, len(shapes) - 1)].dim) if shapes else None
    if layer.type == "DummyData":
        param = layer.param("dummy_data")
        if param.shape:
            return _without_batch(param.shape[min(place, len(param.shape) - 1)].dim)
        columns = (param.num, param.channels, param.height, param.width)
        return _without_batch([column[min(place, len(column) - 1)] if column else 0 for column in columns])
    if layer.type == "MemoryData":
        param = layer.param("memory_data")
        return _without_batch([0, param.channels, param.height, param.width])
    height, width = _cropped(layer)
    return (0, height, width) if height and width else None


def _cropped(layer: CaffeLayer) -> tuple[int, int]:
    """The height and width that a data layer brings its images to; (0, 0) where it leaves them as they are."""
    transform = layer.param("transform")
    crop = int(transform.crop_size or layer.param("data").crop_size or layer.param("image_data").crop_size)
    if crop:
        return crop, crop
    if transform.crop_h and transform.crop_w:
        return int(transform.crop_h), int(transform.crop_w)
    images = layer.param("image_data")
    return int(images.new_height), int(images.new_width)


def settled(
    builder: Builder,
    source: Source,
    layers: list[CaffeLayer],
    likely: list[Sizes],
    chosen: tuple[int, int] | None,
) -> Sizes:
    """The sizes of an input: as declared, else as in ``likely`` (the training net's, a mean image's), else with the
    height and width that the person gave and the channels that the lowest weights take.

    Raises ``caffe_input_unknown``.
    """
    sizes = source.sizes
    if sizes is None:
        sizes = next(iter(likely), None)
    if sizes is None and chosen is not None:
        sizes = (0, *chosen)
    if sizes is not None and sizes[0] == 0:
        known = next((other[0] for other in likely if other[0] and other[1:] == sizes[1:]), 0)
        channels = known or _channels(source.name, layers, builder.blobs, sizes)
        sizes = (channels, *sizes[1:]) if channels else None
    if sizes is None:
        raise TLStudioError("caffe_input_unknown", path=builder.path, layer=source.name, type=source.type)
    return sizes


def _channels(blob: str, layers: list[CaffeLayer], blobs: dict[str, tuple[Array, ...]], sizes: Sizes) -> int:
    """How many channels the lowest layer with weights takes; 0 where that can't be told."""
    names = {blob}
    for layer in layers:
        if not names & set(layer.bottoms):
            continue
        shape = blobs[layer.name][0].shape if layer.name in blobs else ()
        if layer.type == "Convolution" and len(shape) == 4:
            param = layer.param("convolution")
            return shape[1] * (int(param.group) if param.HasField("group") else 1)
        if layer.type == "InnerProduct" and shape:
            return shape[-1] // (sizes[1] * sizes[2])
        names |= set(layer.tops)
    return 0
