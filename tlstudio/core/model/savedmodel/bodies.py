"""The graph of a SavedModel, walked from what is wanted down to the image; functions are walked where they are called.

Nothing is computed but what ``rules`` says of each operation, and each is looked at once for each call.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.savedmodel.folder import Folder
from tlstudio.core.model.savedmodel.known import Known
from tlstudio.core.model.savedmodel.pieces import Piece

MAX_OPERATIONS = 60_000  # looked at in all; EfficientNetB7 has some 8,000
MAX_DEPTH = 40  # of functions in functions; Keras' nested networks have five


@dataclass(frozen=True)
class Dead:
    """What the branch of a decision gives that was not taken."""


@dataclass(frozen=True)
class Handle:
    """A variable, by the name of its node."""

    name: str


@dataclass(frozen=True)
class Opaque:
    """A value that nothing is known of, and the operation that gives it. ``is_random``: it differs each time."""

    op: str
    is_random: bool = False


Value = Known | Piece | Dead | Handle | Opaque
Rule = Callable[[Any, str, list[Value]], tuple[Value, ...]]

# Operations whose results have names of their own, in their order.
_NAMED = {
    "Switch": ("output_false", "output_true"), "Merge": ("output", "value_index"),
    **dict.fromkeys(("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"), ("y", "batch_mean", "batch_variance")),
}  # fmt: skip
_CALLS = {"PartitionedCall", "StatefulPartitionedCall"}
_DECISIONS = {"If", "StatelessIf"}
_NOT_SCOPES = {"PartitionedCall", "StatefulPartitionedCall"}


@dataclass
class _Body:
    """A graph, or one call of a function."""

    nodes: dict[str, Any]
    scope: str
    given: dict[str, Value] = field(default_factory=dict)
    values: dict[str, tuple[Value, ...]] = field(default_factory=dict)


class Walker:
    """``rule`` gives an operation's values from the node, its full name and what it is given."""

    def __init__(self, graph: Any, folder: Folder, rule: Rule) -> None:
        self._functions = {function.signature.name: function for function in graph.library.function}
        self._main = _Body({node.name: node for node in graph.node}, "")
        self._folder, self._rule, self._count = folder, rule, 0

    def values(self, references: Iterable[str]) -> list[Value]:
        """The values of ``name:number`` in the outermost graph. Raises ``unsafe_model``, ``unreadable_network``."""
        return self._walk(self._main, list(references), 0)

    def _walk(self, body: _Body, wanted: list[str], depth: int) -> list[Value]:
        pending = [_name(reference) for reference in wanted]
        open_: set[str] = set()  # nodes whose inputs are being looked at: one of them again is a circle
        while pending:
            name = pending[-1]
            if name in body.values or name in body.given:
                pending.pop()
                continue
            node = body.nodes.get(name)
            if node is None:
                raise self._unreadable(f"“{name}” is named and is not there")
            missing = [base for r in node.input if not r.startswith("^") and not self._has(body, base := _name(r))]
            if missing:
                if name in open_:
                    raise self._unsafe(f"its graph runs in a circle at “{name}”")
                open_.add(name)
                pending += missing
                continue
            pending.pop()
            body.values[name] = self._evaluate(body, node, depth)
        return [self._value(body, reference) for reference in wanted]

    def _has(self, body: _Body, name: str) -> bool:
        return name in body.values or name in body.given

    def _evaluate(self, body: _Body, node: Any, depth: int) -> tuple[Value, ...]:
        self._count += 1
        if self._count > MAX_OPERATIONS:
            raise self._unsafe(f"its network has more than {MAX_OPERATIONS} operations")
        inputs = [self._value(body, reference) for reference in node.input if not reference.startswith("^")]
        name = _joined(body.scope, node.name)
        callee = node.attr["f"].func.name if node.op in _CALLS and "f" in node.attr else node.op
        if callee in self._functions:
            return self._call(self._functions[callee], name, inputs, depth)
        branch = _branch(node, inputs)
        if branch in self._functions:
            return self._call(self._functions[branch], name, inputs[1:], depth)
        return self._rule(node, name, inputs)

    def _call(self, function: Any, name: str, inputs: list[Value], depth: int) -> tuple[Value, ...]:
        if depth >= MAX_DEPTH:
            raise self._unsafe("its functions call each other without end")
        signature = function.signature
        arguments = [argument.name for argument in signature.input_arg]
        if len(arguments) != len(inputs):
            raise self._unreadable(f"“{signature.name}” takes {len(arguments)} values and is given {len(inputs)}")
        scope = "/".join(part for part in name.split("/") if part.rsplit("_", 1)[0] not in _NOT_SCOPES)
        body = _Body(
            {node.name: node for node in function.node_def}, scope, dict(zip(arguments, inputs, strict=True))
        )
        wanted = [function.ret[result.name] for result in signature.output_arg if result.name in function.ret]
        return tuple(self._walk(body, wanted, depth + 1))

    def _value(self, body: _Body, reference: str) -> Value:
        parts = reference.split(":")
        if parts[0] in body.given and parts[0] not in body.values:
            return body.given[parts[0]]
        values = body.values[parts[0]]
        place = int(parts[-1]) if len(parts) > 1 and parts[-1].isdigit() else 0
        op = body.nodes[parts[0]].op
        if len(parts) == 3 and op in _NAMED:
            place += _NAMED[op].index(parts[1]) if parts[1] in _NAMED[op] else len(_NAMED[op])
        return values[place] if place < len(values) else Opaque(op)

    def _unsafe(self, found: str) -> TLStudioError:
        return TLStudioError("unsafe_model", path=self._folder.opened, found=found)

    def _unreadable(self, detail: str) -> TLStudioError:
        return TLStudioError("unreadable_network", path=self._folder.opened, detail=detail)


def _branch(node: Any, inputs: list[Value]) -> str:
    """The function that a decision takes, where its condition is written in the file; empty for all others."""
    condition = inputs[0].scalar if node.op in _DECISIONS and inputs and isinstance(inputs[0], Known) else None
    if condition is None:
        return ""
    return str(node.attr["then_branch" if condition else "else_branch"].func.name)


def _name(reference: str) -> str:
    return reference.split(":", 1)[0]


def _joined(scope: str, name: str) -> str:
    return f"{scope}/{name}" if scope else name
