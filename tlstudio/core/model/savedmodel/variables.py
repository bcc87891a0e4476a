"""Which entry of the checkpoint a variable of the graph is filled from.

The graph itself tells: its restore operation reads entries by name and assigns each to a variable. That is
followed here, not run. TensorFlow 1 has it in the graph, TensorFlow 2 in a function of its own.
"""

from typing import Any

from tlstudio.core.model.savedmodel.bundle import Bundle

_PASSING = {"Identity", "Cast", "Reshape"}
_ASSIGNING = {"Assign", "AssignVariableOp"}
VARIABLES = {"VarHandleOp", "Variable", "VariableV2"}


def keys_of_variables(meta_graph: Any, bundle: Bundle) -> dict[str, str]:
    """Key in the checkpoint by the name of the variable's node."""
    graph = meta_graph.graph_def
    nodes = {node.name: node for node in graph.node}
    keys: dict[str, str] = {}
    functions = {function.signature.name: function for function in graph.library.function}
    restore = nodes.get(meta_graph.saver_def.restore_op_name.split(":", 1)[0])
    if restore is not None and "f" in restore.attr and restore.attr["f"].func.name in functions:
        function = functions[restore.attr["f"].func.name]
        given = [name for name in restore.input if not name.startswith("^")]
        places = dict(zip((argument.name for argument in function.signature.input_arg), given, strict=False))
        for variable, key in _assignments({node.name: node for node in function.node_def}):
            keys.setdefault(_base(places.get(variable, "")), key)
    for variable, key in _assignments(nodes):
        keys.setdefault(variable, key)
    for copy, original in _copies(nodes):
        if copy in keys:
            keys.setdefault(original, keys[copy])
    for node in graph.node:
        if node.op in VARIABLES and node.name not in keys:
            shared = node.attr["shared_name"].s.decode("utf-8", "replace") if "shared_name" in node.attr else ""
            known = (name for name in (shared, node.name) if name in bundle.arrays)
            keys[node.name] = next(known, node.name)
    return keys


def _assignments(nodes: dict[str, Any]) -> list[tuple[str, str]]:
    """Pairs of a variable and a key: ``Assign(variable, RestoreV2(…, names)[i])``."""
    found = []
    for node in nodes.values():
        if node.op in _ASSIGNING and len(node.input) >= 2:
            key = _key_of(nodes, node.input[1])
            if key is not None:
                found.append((_base(node.input[0]), key))
    return found


def _copies(nodes: dict[str, Any]) -> list[tuple[str, str]]:
    """Pairs of a variable and the one whose value it begins with. Keras 3 saved by ``tf.saved_model.save`` restores
    copies of its variables, and computes with the originals."""
    found = []
    for node in nodes.values():
        if node.op in _ASSIGNING and len(node.input) >= 2:
            value = nodes.get(_base(node.input[1]))
            if value is not None and value.op == "ReadVariableOp" and value.input:
                found.append((_base(node.input[0]), _base(value.input[0])))
    return found


def _key_of(nodes: dict[str, Any], reference: str) -> str | None:
    for _step in range(8):
        node = nodes.get(_base(reference))
        if node is None:
            return None
        if node.op == "RestoreV2":
            names = nodes.get(_base(node.input[1])) if len(node.input) > 1 else None
            texts = names.attr["value"].tensor.string_val if names is not None and "value" in names.attr else []
            last = reference.rsplit(":", 1)[-1]
            place = int(last) if ":" in reference and last.isdigit() else 0
            return texts[place].decode("utf-8", "replace") if place < len(texts) else None
        if node.op not in _PASSING or not node.input:
            return None
        reference = node.input[0]
    return None


def _base(reference: str) -> str:
    return reference.lstrip("^").split(":", 1)[0]
