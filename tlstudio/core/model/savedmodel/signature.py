"""What a SavedModel says that it takes and gives: its signatures."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.savedmodel.bundle import DTYPES, STRING

DEFAULT = "serving_default"
CHANNELS = {1, 3, 4}  # of an image: grey, RGB, RGB and opacity


@dataclass(frozen=True)
class Signature:
    """``takes``: the image's name in the signature, ``input``: its tensor in the graph, ``shape`` without the batch
    and with the channels last, ``is_channels_first``: the graph wants them first. ``batch``: the number of images that it was written for (None: any). ``outputs``: tensors by their names."""

    message: Any
    takes: str
    input: str
    shape: tuple[int | None, ...]
    is_channels_first: bool
    batch: int | None
    outputs: dict[str, str]


def choose_signature(meta_graph: Any, path: Path) -> Signature:
    """The signature that takes one image: ``serving_default`` where it does, else any other.

    Raises ``not_image_classifier``, ``unreadable_network``.
    """
    named = {name: s for name, s in meta_graph.signature_def.items() if not name.startswith("__saved_model")}
    if not named:
        detail = "it has no signature that tells what it takes and gives"
        raise TLStudioError("unreadable_network", path=path, detail=detail)
    nodes = {node.name: node for node in meta_graph.graph_def.node}
    refusal: TLStudioError | None = None
    for name in sorted(named, key=lambda name: (name != DEFAULT, name)):
        try:
            return _of_image(named[name], nodes)
        except TLStudioError as error:
            refusal = refusal or error
    assert refusal is not None
    raise refusal


def _of_image(signature: Any, nodes: dict[str, Any]) -> Signature:
    inputs = dict(signature.inputs.items())
    if len(inputs) != 1:
        raise TLStudioError("not_image_classifier", detail=f"it takes {len(inputs)} inputs")
    ((name, info),) = inputs.items()
    if info.dtype == STRING:
        raise TLStudioError("not_image_classifier", detail="it takes text or encoded files, and no pixels")
    if info.dtype not in DTYPES:
        raise TLStudioError("not_image_classifier", detail="it takes no pixels")
    sizes = _sizes(info, nodes)
    if len(sizes) not in (3, 4) or (len(sizes) == 4 and not CHANNELS & {sizes[1], sizes[3]} and sizes[3] is None):
        words = "×".join("any" if size is None else str(size) for size in sizes) or "any shape"
        raise TLStudioError("not_image_classifier", detail=f"it takes numbers of shape {words}")
    outputs = {key: tensor.name for key, tensor in sorted(signature.outputs.items()) if tensor.dtype in DTYPES}
    if not outputs:
        raise TLStudioError("not_image_classifier", detail="it gives no numbers")
    is_first = len(sizes) == 4 and sizes[1] in CHANNELS and sizes[3] not in CHANNELS
    shape = (*sizes[2:], sizes[1]) if is_first else tuple(sizes[1:])
    return Signature(signature, name, info.name, shape, is_first, sizes[0], outputs)


def _sizes(info: Any, nodes: dict[str, Any]) -> list[int | None]:
    shape = info.tensor_shape
    if shape.unknown_rank or not len(shape.dim):
        node = nodes.get(info.name.split(":", 1)[0])
        shape = node.attr["shape"].shape if node is not None and "shape" in node.attr else shape
    return [None if dim.size < 0 else int(dim.size) for dim in shape.dim]
