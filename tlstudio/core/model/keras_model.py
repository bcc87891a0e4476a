"""From Keras' own files to a description: the config becomes a graph, the arrays find their layers."""

from pathlib import Path
from typing import Any

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.beside import describe_pair
from tlstudio.core.model.description import Description
from tlstudio.core.model.keras_config import read_graph
from tlstudio.core.model.keras_file import KerasFile, read_archive, read_folder, read_hdf5
from tlstudio.core.model.kinds import Kind
from tlstudio.core.model.labels import labels_beside
from tlstudio.core.model.old_activations import means_old_activations, restore_old_activations
from tlstudio.core.model.old_kernels import mend_kernels
from tlstudio.core.model.opening import Opening
from tlstudio.core.model.reader_messages import WeightsListed
from tlstudio.core.model.weights import assign_weights
from tlstudio.core.model.weights_only import describe_weights, recognised_in


def describe_keras(path: Path, kind: Kind, opening: Opening) -> Description:
    """Raises as ``core.model.reading.open_model`` does."""
    match kind:
        case "hdf5":
            file = read_hdf5(path)
        case "keras":
            file = read_archive(path)
        case "keras-folder":
            file = read_folder(path)
        case "json" | "yaml" | "json-folder":
            return describe_pair(path, kind, opening)
        case _:
            raise TLStudioError("not_a_model", path=path, found=f"it is a {kind} file")
    if file.config is None or opening.architecture:
        return describe_weights(file, opening)
    return describe(file, file.config, opening)


def describe(file: KerasFile, config: dict[str, Any], opening: Opening) -> Description:
    graph = read_graph(config, file.path, opening)
    weights = assign_weights(file, graph, config)
    graph, weights = mend_kernels(file, graph, weights)
    if means_old_activations(config, file.keras_version):
        graph = restore_old_activations(graph)
    return Description(
        path=file.path,
        files=file.files,
        format=file.format,
        writer=file.writer,
        graph=graph,
        weights=weights,
        labels=labels_beside(file.path),
    )


def list_weights(path: Path) -> WeightsListed:
    """What a file of Keras holds, layer by layer, be there an architecture or not. Raises as ``describe_keras``."""
    file = read_hdf5(path)
    layers = {name: [list(array.shape) for array in arrays] for name, arrays in file.arrays.items()}
    return WeightsListed(writer=file.writer, layers=layers, recognised=recognised_in(file))
