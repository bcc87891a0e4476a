"""Small Caffe networks, written here: text for the description, bytes for the weights."""

import struct
from pathlib import Path

import numpy as np

from tlstudio.core.model.caffe.messages import V1_TYPES, message_class

Blobs = dict[str, list[np.ndarray]]


def varint(number: int) -> bytes:
    parts = []
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def part(number: int, data: bytes) -> bytes:
    """A field that holds bytes."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def blob_bytes(values: np.ndarray, style: str = "packed") -> bytes:
    """A blob as Caffe writes it (``packed``), as it did before it had shapes (``old``), with each number marked
    (``unpacked``), in double precision (``double``) or in half, as NVIDIA's fork (``half``)."""
    shape = part(7, part(1, b"".join(varint(size) for size in values.shape)))
    single = values.astype("<f4")
    match style:
        case "old":
            sizes = [1] * (4 - values.ndim) + list(values.shape)
            return b"".join(varint(n << 3) + varint(s) for n, s in enumerate(sizes, 1)) + part(5, single.tobytes())
        case "unpacked":
            return shape + b"".join(b"\x2d" + struct.pack("<f", value) for value in single.reshape(-1))
        case "double":
            return shape + part(8, values.astype("<f8").tobytes())
        case "half":
            return shape + varint(10 << 3) + varint(2) + part(12, values.astype("<f2").tobytes())
    return shape + part(5, single.tobytes())


def weights_bytes(blobs: Blobs, style: str = "packed") -> bytes:
    """A ``.caffemodel`` with a layer for each name."""
    layers = []
    for name, values in blobs.items():
        layer = message_class("Layer")(name=name).SerializeToString()
        layers.append(part(100, layer + b"".join(part(7, blob_bytes(v, style)) for v in values)))
    return part(1, b"net") + b"".join(layers)


def old_weights_bytes(blobs: Blobs, types: dict[str, str], version: int = 1) -> bytes:
    """The same in the format V1 (types in capitals, as ``CONVOLUTION``), or V0 (a layer within a connection)."""
    layers = []
    for name, values in blobs.items():
        if version == 1:
            layer = message_class("V1Layer")(name=name, type=V1_TYPES[types[name]]).SerializeToString()
            layers.append(part(2, layer + b"".join(part(6, blob_bytes(v, "old")) for v in values)))
        else:
            inner = message_class("V0Layer")(name=name, type=types[name]).SerializeToString()
            layers.append(part(2, part(1, inner + b"".join(part(50, blob_bytes(v, "old")) for v in values))))
    return part(1, b"net") + b"".join(layers)


def whole_bytes(text: str, blobs: Blobs) -> bytes:
    """A ``.caffemodel`` that also tells how its layers are connected, as Caffe's own snapshots do."""
    from google.protobuf import text_format

    net = text_format.Parse(text, message_class("Net")())
    data = part(1, net.name.encode())
    for layer in net.layer:
        stored = b"".join(part(7, blob_bytes(v)) for v in blobs.get(layer.name, []))
        data += part(100, layer.SerializeToString() + stored)
    return data


def caffe_pair(folder: Path, text: str, blobs: Blobs, style: str = "packed", name: str = "net") -> Path:
    """Both files; the place of the description."""
    description = folder / f"{name}.prototxt"
    description.write_text(text)
    (folder / f"{name}.caffemodel").write_bytes(weights_bytes(blobs, style))
    return description


def one_layer(sizes: tuple[int, ...], layer: str) -> str:
    """A description of a network of one layer, named ``layer``, over an input without its batch."""
    dims = " ".join(f"dim: {size}" for size in (1, *sizes))
    return f"""name: "one"
layer {{ name: "data" type: "Input" top: "data" input_param {{ shape {{ {dims} }} }} }}
layer {{ name: "layer" bottom: "data" top: "out" {layer} }}
"""


def input_layer(*sizes: int) -> str:
    dims = " ".join(f"dim: {size}" for size in (1, *sizes))
    return f'layer {{ name: "data" type: "Input" top: "data" input_param {{ shape {{ {dims} }} }} }}\n'


def layer(name: str, type_: str, bottoms: str, top: str = "", settings: str = "") -> str:
    """``bottoms`` and ``top``: names with spaces between them."""
    links = "".join(f' bottom: "{b}"' for b in bottoms.split()) + "".join(
        f' top: "{t}"' for t in (top or name).split()
    )
    return f'layer {{ name: "{name}" type: "{type_}"{links} {settings} }}\n'


def computed(description: Path, x: np.ndarray) -> np.ndarray:
    """The network's output for images in Caffe's order, in Caffe's order."""
    from tlstudio.core.model.reading import open_model
    from tlstudio.engine.build import build_model  # TensorFlow, which tests of the core do without

    model = build_model(open_model(description))
    given = x.transpose(0, 2, 3, 1) if x.ndim == 4 else x
    result = np.asarray(model([given], training=False))
    return result.transpose(0, 3, 1, 2) if result.ndim == 4 else result
