"""Which tensors a call takes, as configs of Keras 1 to 3 write it: a tensor is named by its layer, by which use of
that layer gave it, and by its place among what that use gave."""

from typing import Any

from tlstudio.core.model import vocabulary
from tlstudio.core.model.graph import Ref

Tensors = dict[tuple[str, int, int], Ref]  # by layer, use and place


def arguments_of(inbound: Any, tensors: Tensors) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """A call's arguments with the tensors filled in; None while one of them is not known yet."""
    missing: list[Any] = []
    if isinstance(inbound, dict):  # Keras 3
        args = tuple(_fill(value, tensors, missing) for value in inbound["args"])
        options = {key: _fill(value, tensors, missing) for key, value in inbound.get("kwargs", {}).items()}
        return None if missing else (args, options)
    rows = [inbound] if inbound and isinstance(inbound[0], str) else inbound  # Keras 1 and 2
    refs: list[Ref] = []
    options = {}
    for row in rows:
        if isinstance(row, dict):
            options |= row
            continue
        if row[0] == "_CONSTANT_VALUE":  # ``2 - x``: Keras 2 writes a number in the first tensor's place
            args, options = (row[2],), dict(row[3]) if len(row) > 3 else {}
            options = {key: _fill_row(value, tensors, missing) for key, value in options.items()}
            return None if missing else (args, options)
        place = row[0], int(row[1]), int(row[2])
        if place not in tensors:
            return None
        refs.append(tensors[place])
        if len(row) > 3:
            options |= row[3]
    options = {key: _fill_row(value, tensors, missing) for key, value in options.items()}
    if missing:
        return None
    return (refs[0] if len(refs) == 1 else refs,), options


def endpoints(value: Any) -> list[tuple[str, int, int]]:
    """``["x", 0, 0]``, ``[["x", 0, 0]]`` or a dict of these, as (layer, node, tensor)."""
    if isinstance(value, dict):
        value = [row for item in value.values() for row in endpoints(item)]
    if value and isinstance(value[0], str):
        value = [value]
    return [(str(row[0]), int(row[1]), int(row[2]) if len(row) > 2 else 0) for row in value]


def highest_nodes(value: Any) -> dict[str, int]:
    """The highest number under which a use of each layer is named anywhere (``["x", 1, 0]``, ``keras_history``)."""
    highest: dict[str, int] = {}
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending += [
                v for key, v in item.items() if key != "config" or item.get("class_name") == "__keras_tensor__"
            ]
        elif isinstance(item, list):
            if len(item) > 1 and isinstance(item[0], str) and isinstance(item[1], int):
                highest[item[0]] = max(highest.get(item[0], 0), item[1])
            pending += item
    return highest


def first_node(entry: dict[str, Any], name: str, highest: dict[str, int]) -> int:
    """Keras 2 counts the making of a nested network as its first use; uses in the network around it begin at 1."""
    uses = len(entry.get("inbound_nodes", []))
    return int(entry["class_name"] in vocabulary.NETWORKS and highest.get(name, 0) == uses)


def _fill(value: Any, tensors: Tensors, missing: list[Any]) -> Any:
    """Keras 3: tensors are written as objects with their history."""
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            name, node, index = value["config"]["keras_history"]
            return _look_up((name, node, index), tensors, missing)
        if value.get("class_name") == "__tuple__":
            return [_fill(item, tensors, missing) for item in value["items"]]
        if value.get("class_name") in {"__numpy__", "__tensor__"}:
            inner = value.get("config", {})
            return _fill(inner.get("value"), tensors, missing)
        return value
    if isinstance(value, list):
        return [_fill(item, tensors, missing) for item in value]
    return value


def _fill_row(value: Any, tensors: Tensors, missing: list[Any]) -> Any:
    """Keras 2: a tensor among a call's options is written as its row, ``["x", 0, 0]``."""
    if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str) and isinstance(value[1], int):
        return _look_up((value[0], value[1], value[2]), tensors, missing)
    return value


def _look_up(place: tuple[str, int, int], tensors: Tensors, missing: list[Any]) -> Any:
    if place not in tensors:
        missing.append(place)
        return None
    return tensors[place]
