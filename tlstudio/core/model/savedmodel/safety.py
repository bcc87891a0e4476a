"""Which operations a SavedModel may hold. None is ever run here; a file that holds harmful ones is refused all the
same, since what comes of it may be handed on, and since it says what its maker had in mind.

What loading or calling the file would run is looked at more closely than what only lies in it: files of Keras 2
carry whole training loops along. And what a network is translated from is checked once more, by being translated:
only known arithmetic becomes a layer.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.savedmodel.folder import Folder

MAX_NODES = 500_000  # EfficientNetB7 with all functions that Keras 2 adds: 150,000
MAX_FUNCTIONS = 50_000

# How a saver writes and reads variables: every SavedModel has it, none is run, and nothing else may depend on it.
SAVER = {"SaveV2", "RestoreV2", "MergeV2Checkpoints", "ShardedFilename", "ShardedFilespec"}

# Families of operations by their names in TensorFlow, and what they reach for.
_HARMFUL: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("program code in Python", re.compile(r"PyFunc|Pyfunc|NumpyFunc|PyCall")),
    ("the console or the process", re.compile(r"^(Print|PrintV2|Abort|LogSummary)$|Debug(Identity|Numeric|Nan|Grad)")),
    ("files", re.compile(
        r"^(?!InitializeTableFromTextFile).*File"
        r"|^(ImmutableConst|LoadAndRemapMatrix|GenerateVocabRemapping|Save|SaveSlices|Restore|RestoreSlice|RecordInput)$"
        r"|^((Decode|Encode)ProtoV\d|.*Reader|.*ReaderV2|ReaderRead.*|Write.*Summary|.*SummaryWriter.*|.*Checkpoint.*)$"
        r"|^(TextLine|TFRecord|FixedLengthRecord|Save|Load|Snapshot|LMDB|Sql|Csv|CSV|Cache|.*Stats.*)Dataset")),
    ("the network or other machines", re.compile(
        r"^_?(Host)?(Send|Recv)|^(Collective|Nccl|Rpc|TryRpc|Configure|Disconnect|TPU|Xla(Host|Launch|Send|Recv)"
        r"|DataService|RegisterDataset|RemoteCall|BigQuery|BigTable|Bigtable|Kafka|Pubsub|PubSub|GRPC|Grpc)")),
    ("code that is loaded from elsewhere", re.compile(r"TRTEngine|TensorRT|RemoteFusedGraph|Delegate$")),
)  # fmt: skip
_LOOP = re.compile(r"^(Stateless)?(While|For)$|^ParallelFor|^(Ref)?(Enter|NextIteration)$|^SymbolicGradient$")
# What has a state and is an honest part of a network that is called.
_STATEFUL = re.compile(
    r"^(VarHandleOp|ReadVariableOp|Variable|VariableV2|VarIsInitializedOp|IsVariableInitialized|Assign.*|Placeholder.*"
    r"|(Stateful)?PartitionedCall|If|Case|Assert|Random.*|Stateful.*|TruncatedNormal|DisableCopyOnRead)$"
)
_CALLS = {"PartitionedCall", "StatefulPartitionedCall"}
_ENTRIES = ("saved_model_main_op", "legacy_init_op", "main_op", "table_initializer", "saved_model_initializers")


def check_operations(meta_graphs: Iterable[Any], folder: Folder) -> None:
    """Look at every operation of the file. Raises ``unsafe_model`` with the name of the first that may not be."""
    count = 0
    for meta_graph in meta_graphs:
        if len(meta_graph.graph_def.library.function) > MAX_FUNCTIONS:
            raise _unsafe(folder, f"it claims {len(meta_graph.graph_def.library.function)} functions")
        for node, place in _all_nodes(meta_graph.graph_def):
            count += 1
            if count > MAX_NODES:
                raise _unsafe(folder, f"it claims more than {MAX_NODES} operations")
            reason = None if node.op in SAVER else _harm_of(node.op)
            if reason is not None:
                raise _unsafe(folder, f"its operation {node.op} ({place}) reaches for {reason}")


def check_called(meta_graph: Any, signature: Any, folder: Folder) -> None:
    """Look at every operation that loading the file and calling one signature of it would run.

    Raises ``unsafe_model`` with the name of the first that may not be.
    """
    operations = meta_graph.meta_info_def.stripped_op_list.op
    stateful = {operation.name for operation in operations if operation.is_stateful}
    for node in _called(meta_graph, signature):
        if node.op in SAVER:
            raise _unsafe(folder, f"its operation {node.op} ({node.name}) reaches for files")
        if _LOOP.match(node.op):
            raise _unsafe(folder, f"its operation {node.op} ({node.name}) is a loop, which may never end")
        if node.op in stateful and not _STATEFUL.match(node.op):
            raise _unsafe(folder, f"its operation {node.op} ({node.name}) has effects beyond arithmetic")


@cache
def _harm_of(op: str) -> str | None:
    return next((words for words, names in _HARMFUL if names.search(op)), None)


def _all_nodes(graph: Any) -> Iterator[tuple[Any, str]]:
    for node in graph.node:
        yield node, node.name
    for function in graph.library.function:
        for node in function.node_def:
            yield node, f"{function.signature.name}/{node.name}"


def _called(meta_graph: Any, signature: Any) -> Iterator[Any]:
    """Nodes of the graph that the signature and the initialization need, and all nodes of the functions they call."""
    graph = meta_graph.graph_def
    functions = {function.signature.name: function for function in graph.library.function}
    nodes = {node.name: node for node in graph.node}
    pending = [info.name for info in signature.outputs.values()]
    for name, collection in meta_graph.collection_def.items():
        if name in _ENTRIES:
            pending += collection.node_list.value
    for name, other in meta_graph.signature_def.items():
        if name.startswith("__saved_model"):
            pending += [info.name for info in other.outputs.values()]
    seen: set[str] = set()
    called: list[str] = []
    while pending:
        name = pending.pop().lstrip("^").split(":", 1)[0]
        node = nodes.get(name)
        if node is None or name in seen:
            continue
        seen.add(name)
        pending += node.input
        called += _functions_of(node)
        yield node
    known: set[str] = set()
    while called:
        name = called.pop()
        if name in known or name not in functions:
            continue
        known.add(name)
        for node in functions[name].node_def:
            called += _functions_of(node)
            yield node


def _functions_of(node: Any) -> list[str]:
    if node.op in _CALLS:
        return [node.attr["f"].func.name] if "f" in node.attr else []
    return [value.func.name for value in node.attr.values() if value.func.name] + [node.op]  # an older way to call


def _unsafe(folder: Folder, found: str) -> TLStudioError:
    return TLStudioError("unsafe_model", path=folder.opened, found=found)
