"""Single images left out, taken back, or given another class: each gives new edits and changes no file."""

from collections.abc import Iterable, Mapping

import msgspec

from tlstudio.core.data.options import DatasetEdits


def leave_out(edits: DatasetEdits, names: Iterable[str]) -> DatasetEdits:
    return msgspec.structs.replace(edits, leave_out=tuple(dict.fromkeys([*edits.leave_out, *names])))


def take_back(edits: DatasetEdits, names: Iterable[str]) -> DatasetEdits:
    """Use images again that were left out."""
    back = set(names)
    return msgspec.structs.replace(edits, leave_out=tuple(name for name in edits.leave_out if name not in back))


def relabel(edits: DatasetEdits, names: Iterable[str], label: str, own: Mapping[str, str]) -> DatasetEdits:
    """Give images a class. ``own``: the class that each has by the dataset itself; that one needs no edit."""
    relabelled = dict(edits.relabel)
    for name in names:
        if own.get(name) == label:
            relabelled.pop(name, None)
        else:
            relabelled[name] = label
    return msgspec.structs.replace(edits, relabel=relabelled)
