"""Files that hold weights and no description: the network is named by a person, stands in another file, or is
recognised as one of the catalogue's."""

from dataclasses import replace
from pathlib import Path

import msgspec

from tlstudio.core.errors import QT_TRANSLATE_NOOP, TLStudioError
from tlstudio.core.model import catalogue
from tlstudio.core.model.architectures import Architecture, find_architecture, of_network
from tlstudio.core.model.arrays import plain
from tlstudio.core.model.channels import to_channels_last
from tlstudio.core.model.description import Description, Preprocessing
from tlstudio.core.model.graph import Graph, Note
from tlstudio.core.model.keras_config import read_graph
from tlstudio.core.model.keras_file import KerasFile
from tlstudio.core.model.labels import labels_beside
from tlstudio.core.model.old_activations import means_old_activations, restore_old_activations
from tlstudio.core.model.old_kernels import mend_kernels
from tlstudio.core.model.opening import Opening
from tlstudio.core.model.signatures import signature_of
from tlstudio.core.model.theano_order import is_theano_ordered, reorder
from tlstudio.core.model.weight_matching import Matched, StoredLayer, fits, match, stored_layers, wanted_layers
from tlstudio.core.model.weights import assign_weights

RECOGNISED = QT_TRANSLATE_NOOP(
    "Repairs",
    "The file holds only weights; their network was recognised by their shapes and taken from the catalogue.",
)
NAMED = QT_TRANSLATE_NOOP("Repairs", "The network that you named takes the weights of the file.")
BY_ORDER = QT_TRANSLATE_NOOP(
    "Repairs", "The names in the weights file are others than the network's; weights were matched by order and shape."
)
UNUSED = QT_TRANSLATE_NOOP(
    "Repairs",
    "Some layers of the weights file are no part of the network that you named; their weights are not used.",
)


def describe_weights(file: KerasFile, opening: Opening) -> Description:
    """A file of weights alone, or one whose own description a person puts another one in place of (it holds program
    code, or is a class of somebody's own).

    Raises:
        TLStudioError: ``weights_only`` where no network is named and none is recognised, ``architecture_unknown``,
            ``weights_mismatch``, and as the reader of the architecture's file does.
    """
    if opening.architecture:
        architecture, note = find_architecture(opening.architecture), Note(code="architecture_named", message=NAMED)
    else:
        found = catalogue.recognise([layer.key for layer in stored_layers(file) if layer.key])
        if found is None or found.part == "within":
            raise TLStudioError("weights_only", path=file.path)
        architecture = of_network(found.network, found.part == "whole")
        note = Note(code="network_recognised", message=RECOGNISED)
    files = file.files if architecture.path is None else (*file.files, architecture.path)
    return describe_with(file, architecture, opening, file.path, files, (note,))


def recognised_in(file: KerasFile) -> str:
    """The network of the catalogue that a file's weights are or hold; empty where there is none."""
    found = catalogue.recognise([layer.key for layer in stored_layers(file) if layer.key])
    return found.network.name if found is not None else ""


def describe_with(
    file: KerasFile,
    architecture: Architecture,
    opening: Opening,
    path: Path,
    files: tuple[Path, ...],
    notes: tuple[Note, ...] = (),
) -> Description:
    """The weights of ``file`` in the network of ``architecture``; ``path`` is what the person opened. Raises
    ``weights_mismatch``, and as ``read_graph`` does."""
    network = architecture.network
    graph = read_graph(architecture.config, architecture.path or file.path, opening)
    if network is not None:  # how the catalogue writes its networks is nothing to tell a person
        graph = msgspec.structs.replace(graph, repairs=())
    repairs = (*notes, *graph.repairs)
    found = _find(file, graph, architecture)
    if found.by_order:
        repairs = (*repairs, Note(code="matched_by_order", message=BY_ORDER))
    graph = msgspec.structs.replace(graph, repairs=repairs)
    arrays = {layer: stored.arrays for layer, stored in found.layers.items()}
    weights = {layer: [plain(array) for array in own] for layer, own in arrays.items()}
    is_theanos = is_theano_ordered(graph, arrays)
    if is_theanos:
        graph, weights = reorder(graph, weights)
    origin = _with_origin(file, architecture, is_theanos)
    graph, weights = mend_kernels(origin, graph, weights)
    if network is None and means_old_activations(architecture.config, origin.keras_version):
        graph = restore_old_activations(graph)
    unused = (Note(code="weights_unused", message=UNUSED, layers=found.unused),) if found.unused else ()
    return Description(
        path=path,
        files=files,
        format=file.format,
        writer=file.writer,
        graph=graph,
        weights=weights,
        warnings=unused,
        labels=labels_beside(path),
        preprocessing=_known_scaling(architecture, found, file),
    )


def _with_origin(file: KerasFile, architecture: Architecture, is_theanos: bool) -> KerasFile:
    """The file with the version and backend that wrote it, where only the description tells, or the catalogue:
    Keras 1 gave out its networks' weights as "th_dim_ordering_th_kernels" and "tf_dim_ordering_tf_kernels"."""
    version, backend = (architecture.config.get(key) for key in ("keras_version", "backend"))
    if architecture.network is not None:
        backend = "theano" if is_theanos else "tensorflow"
    return replace(
        file,
        keras_version=file.keras_version or (version if isinstance(version, str) else None),
        backend=file.backend or (backend if isinstance(backend, str) else None),
    )


def _known_scaling(architecture: Architecture, found: Matched, file: KerasFile) -> Preprocessing | None:
    """What the network's official weights were trained to see; None where these may be others: below a top of
    somebody's own, or where only the shapes are the network's and the top's thousand classes are not there to tell
    more. (A network that scales pixels itself declares it.)"""
    network = architecture.network
    if network is None or network.mode == "raw":
        return None
    keys = [layer.key for layer in stored_layers(file) if layer.key]
    has_own_top = len(keys) == network.whole.layers and signature_of(keys) == network.whole.signature
    if not has_own_top and (found.by_order or found.unused):
        return None
    return Preprocessing(mode=network.mode, source="catalogue")


def _find(file: KerasFile, graph: Graph, architecture: Architecture) -> Matched:
    """Each layer's arrays: as in a file that holds its own description, if that works, else by names and shapes."""
    may_leave = architecture.network is not None and not architecture.has_top
    if file.layout == "v3":
        return _find_in_v3(file, graph, architecture, may_leave)
    is_partial = any(spec.refusal for spec in graph.layers.values())
    try:
        found = _assigned(file, graph, architecture)
    except TLStudioError as error:
        if error.code != "weights_mismatch" or is_partial:
            raise
        found = None
    last = to_channels_last(graph)
    if found is not None and (is_partial or fits(found.layers, wanted_layers(last))):
        return found
    return match(stored_layers(file), last, file.path, may_leave)


def _find_in_v3(file: KerasFile, graph: Graph, architecture: Architecture, may_leave: bool) -> Matched:
    """Groups of Keras 3 are numbered by type and have no names; the network may also be one inside another."""
    try:
        return _assigned(file, graph, architecture)
    except TLStudioError:
        if not may_leave:
            raise
        wanted = wanted_layers(to_channels_last(graph))
        for prefix in _networks_in(file):
            inner = {name.removeprefix(prefix): own for name, own in file.arrays.items() if name.startswith(prefix)}
            kept = {name: own for name, own in inner.items() if name.removesuffix("/vars")}
            try:
                found = _assigned(replace(file, arrays=kept), graph, architecture)
            except TLStudioError:
                continue  # another network of the file, or none
            if fits(found.layers, wanted):
                unused = tuple(name.removesuffix("/vars") for name in file.arrays if not name.startswith(prefix))
                return replace(found, unused=unused)
        raise


def _networks_in(file: KerasFile) -> list[str]:
    """The groups that hold groups of layers (``layers/functional/``)."""
    holders = {name[: place + 1] for name in file.arrays for place in _places(name, "/layers/")}
    return sorted(holders, key=len)


def _places(text: str, part: str) -> list[int]:
    return [place for place in range(len(text)) if text.startswith(part, place)]


def _assigned(file: KerasFile, graph: Graph, architecture: Architecture) -> Matched:
    given = assign_weights(file, graph, architecture.config)
    layers = {path: StoredLayer(path, tuple(w.arrays[0] for w in own)) for path, own in given.items()}
    return Matched(layers, by_order=False, unused=())
