"""From a SavedModel folder to a description. Nothing in it is run.

Where Keras left its own description in the folder, the layers come from that. Otherwise they are recovered from
the graph of operations, one by one.
"""

from pathlib import Path
from typing import Any

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.arrays import Weight, plain
from tlstudio.core.model.description import Description
from tlstudio.core.model.graph import Graph, Note
from tlstudio.core.model.keras_config import read_graph
from tlstudio.core.model.keras_file import KerasFile
from tlstudio.core.model.labels import labels_beside
from tlstudio.core.model.old_activations import restore_old_activations
from tlstudio.core.model.old_kernels import mend_kernels
from tlstudio.core.model.opening import Opening
from tlstudio.core.model.savedmodel.bundle import Bundle, read_bundle
from tlstudio.core.model.savedmodel.folder import GRAPH, KERAS_METADATA, MAX_GRAPH, Folder, find_folder
from tlstudio.core.model.savedmodel.keras_objects import KerasObjects, ObjectWeights, find_config
from tlstudio.core.model.savedmodel.recovery import recover
from tlstudio.core.model.savedmodel.safety import check_operations

# Why Keras' description may not do while the graph does: it names code that is not in the file.
_CODE = {"custom_model", "unsupported_layer"}


def describe_savedmodel(path: Path, opening: Opening) -> Description:
    """Read a SavedModel: a folder with ``saved_model.pb``, that file, or a folder with one such folder in it.

    Raises:
        TLStudioError: ``not_a_model``, ``truncated_model``, ``unsafe_model``, ``unreadable_network``,
            ``weights_mismatch``, ``not_image_classifier``.
    """
    folder = find_folder(path)
    meta_graphs = folder.message(GRAPH, "SavedModel", MAX_GRAPH).meta_graphs
    if not len(meta_graphs):
        raise TLStudioError("truncated_model", path=path, detail=f"“{GRAPH}” holds no network")
    check_operations(meta_graphs, folder)
    meta_graph = next((graph for graph in meta_graphs if "serve" in graph.meta_info_def.tags), meta_graphs[0])
    bundle = read_bundle(folder)
    objects = find_config(folder, meta_graph)
    if objects is None:
        return _from_graph(folder, bundle, meta_graph)
    try:
        described = _from_keras(folder, bundle, meta_graph, objects, opening)
        unknown = [spec.refusal for spec in described.graph.layers.values() if spec.refusal]
    except TLStudioError as error:
        if error.code not in _CODE:
            raise
        return _from_graph(folder, bundle, meta_graph)
    if not unknown or unknown[0] not in _CODE:
        return described
    try:
        recovered = _from_graph(folder, bundle, meta_graph)
    except TLStudioError:
        return described  # whose refusal names the layer, which says more than an operation's
    return described if any(spec.refusal for spec in recovered.graph.layers.values()) else recovered


def _from_graph(folder: Folder, bundle: Bundle, meta_graph: Any) -> Description:
    graph, weights, notes = recover(folder, bundle, meta_graph)
    version = meta_graph.meta_info_def.tensorflow_version or "of unknown version"
    return _description(folder, bundle, f"TensorFlow {version}", graph, weights, notes)


def _from_keras(
    folder: Folder, bundle: Bundle, meta_graph: Any, objects: KerasObjects, opening: Opening
) -> Description:
    graph = restore_old_activations(read_graph(objects.config, folder.opened, opening))
    found = ObjectWeights(folder, bundle).by_path(objects.config)
    weights = {path: [plain(array) for array in arrays] for path, arrays in found.items()}
    version = (
        objects.version or f"of TensorFlow {meta_graph.meta_info_def.tensorflow_version or 'of unknown version'}"
    )
    file = KerasFile(
        path=folder.opened, files=_files(folder, bundle), format="savedmodel", layout="objects",
        keras_version=version, backend="tensorflow", config=objects.config,
    )  # fmt: skip
    graph, weights = mend_kernels(file, graph, weights)
    return _description(folder, bundle, f"Keras {version}", graph, weights)


def _description(
    folder: Folder,
    bundle: Bundle,
    writer: str,
    graph: Graph,
    weights: dict[str, list[Weight]],
    warnings: tuple[Note, ...] = (),
) -> Description:
    # Teachable Machine puts them beside the folder, others into it.
    places = (folder.opened, folder.root, folder.root / "assets", folder.root.parent)
    labels = next((found for place in places if (found := labels_beside(place))), ())
    return Description(
        path=folder.opened,
        files=_files(folder, bundle),
        format="savedmodel",
        writer=writer,
        graph=graph,
        weights=weights,
        warnings=warnings,
        labels=labels,
    )


def _files(folder: Folder, bundle: Bundle) -> tuple[Path, ...]:
    metadata = folder.root / KERAS_METADATA
    return (folder.graph, *([metadata] if metadata.is_file() else []), *bundle.files)
