"""A network recovered from the graph of operations of a SavedModel, where Keras left no description of its own."""

from typing import Any

from tlstudio.core.errors import QT_TRANSLATE_NOOP, TLStudioError
from tlstudio.core.model.arrays import Weight
from tlstudio.core.model.graph import Graph, Note
from tlstudio.core.model.savedmodel.bodies import Value, Walker
from tlstudio.core.model.savedmodel.bundle import Bundle
from tlstudio.core.model.savedmodel.folder import Folder
from tlstudio.core.model.savedmodel.layers import in_order, to_graph
from tlstudio.core.model.savedmodel.permuted import channels_first
from tlstudio.core.model.savedmodel.pieces import Piece
from tlstudio.core.model.savedmodel.rules import Rules
from tlstudio.core.model.savedmodel.safety import check_called
from tlstudio.core.model.savedmodel.signature import choose_signature
from tlstudio.core.model.savedmodel.tensors import Constants
from tlstudio.core.model.savedmodel.variables import keys_of_variables

MAX_OUTPUTS = 50
FROM_GRAPH = QT_TRANSLATE_NOOP(
    "Repairs",
    "The folder holds no description of the layers by Keras, only a graph of operations; the layers were recovered from it. They serve as a fixed feature extractor: all are frozen until you unfreeze them.",
)
LEFT_OUT = QT_TRANSLATE_NOOP(
    "Repairs",
    "The graph turns or mirrors each image at random, which belongs to training; that was left out.",
)


def recover(
    folder: Folder, bundle: Bundle, meta_graph: Any
) -> tuple[Graph, dict[str, list[Weight]], tuple[Note, ...]]:
    """Layers, weights and what a person should know of it.

    Raises ``not_image_classifier``, ``unreadable_network``, ``unsafe_model``, ``weights_mismatch``.
    """
    signature = choose_signature(meta_graph, folder.opened)
    if len(signature.outputs) > MAX_OUTPUTS:
        raise TLStudioError("not_image_classifier", detail=f"it gives {len(signature.outputs)} outputs")
    check_called(meta_graph, signature.message, folder)
    image = Piece(
        type="InputLayer", config={"shape": list(signature.shape), "dtype": "float32"}, shape=signature.shape,
        name=signature.takes,
    )  # fmt: skip
    keys = keys_of_variables(meta_graph, bundle)
    given = channels_first(signature.takes, image) if signature.is_channels_first else image
    rules = Rules({signature.input.split(":", 1)[0]: given}, bundle, keys, Constants(folder.graph), signature.batch)
    values = Walker(meta_graph.graph_def, folder, rules).values(signature.outputs.values())
    outputs = _outermost([value for value in values if _is_usable(value)])
    if not outputs:
        raise TLStudioError("not_image_classifier", detail="nothing that it gives is computed from an image")
    graph, weights = to_graph("network", (image,), outputs)
    notes = [Note(code="from_graph", message=FROM_GRAPH)]
    if rules.left_out:
        notes.append(Note(code="random_left_out", message=LEFT_OUT))
    return graph, weights, tuple(notes)


def _is_usable(value: Value) -> bool:
    return isinstance(value, Piece) and (value.shape is None or value.rank > 0)


def _outermost(values: list[Value]) -> tuple[Piece, ...]:
    """Outputs that no other output is computed from: scores rather than the logits below them."""
    pieces = list({id(value): value for value in values if isinstance(value, Piece)}.values())
    whole = [piece for piece in pieces if not any(part.refusal for part in in_order((piece,)))] or pieces
    below = {id(part) for piece in whole for part in in_order((piece,)) if part is not piece}
    return tuple(piece for piece in whole if id(piece) not in below)
