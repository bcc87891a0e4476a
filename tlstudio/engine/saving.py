"""Models in files that stock Keras loads, whatever their format."""

import json
from pathlib import Path
from typing import Any

import h5py

from tlstudio.engine.runtime import keras


def save_model(model: Any, path: Path) -> None:
    """Write a flat functional model; the ending decides for ``.keras`` or HDF5. Raises ``OSError``."""
    model.save(path)
    if path.suffix != ".keras":
        _name_operations(model, path)


def _name_operations(model: Any, path: Path) -> None:
    """Say of each operation between layers where it comes from, and of each layer that works along several axes.

    In HDF5, Keras 3.15 leaves out the modules, takes every entry for a layer of old, and then fails to load what it
    wrote: “Unknown layer: 'Mean'”; of several axes it forgets all (``legacy/saving/saving_utils.py``). Its reader
    goes by the module of an entry that has one (``functional_from_config``), as those of ``.keras`` files do.
    """
    operations = {op.name: op for op in model.operations if not isinstance(op, keras.layers.Layer) or _has_axes(op)}
    if not operations:
        return
    with h5py.File(path, "r+") as file:
        description = json.loads(file.attrs["model_config"])
        for entry in description["config"]["layers"]:
            if entry["name"] in operations:
                whole = keras.saving.serialize_keras_object(operations[entry["name"]])
                entry |= {key: whole[key] for key in ("module", "class_name", "config", "registered_name")}
        file.attrs["model_config"] = json.dumps(description).encode()


def _has_axes(layer: Any) -> bool:
    axis = layer.get_config().get("axis")
    return isinstance(axis, (list, tuple)) and len(axis) > 1
