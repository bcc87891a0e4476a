"""The few protobuf messages of TensorFlow that a SavedModel is read by, with only the fields that are needed.

Field numbers and types are facts of TensorFlow's and Keras' published formats: ``saved_model.proto``,
``meta_graph.proto``, ``graph.proto``, ``function.proto``, ``tensor.proto``, ``tensor_bundle.proto``,
``saved_object_graph.proto``, ``trackable_object_graph.proto``, and Keras 2's ``saved_metadata.proto``.
Fields that are not listed are skipped while parsing.
"""

from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from tlstudio.core.errors import TLStudioError

# message: {field: (number, type)}. A type with ``*`` is repeated; ``map T`` maps text to T.
_MESSAGES: dict[str, dict[str, tuple[int, str]]] = {
    # -- tensors
    "Dim": {"size": (1, "int64")},
    "Shape": {"dim": (2, "Dim*"), "unknown_rank": (3, "bool")},
    "Tensor": {
        "dtype": (1, "int32"), "tensor_shape": (2, "Shape"), "tensor_content": (4, "bytes"),
        "half_val": (13, "int32*"), "float_val": (5, "float*"), "double_val": (6, "double*"), "int_val": (7, "int32*"),
        "string_val": (8, "bytes*"), "int64_val": (10, "int64*"), "bool_val": (11, "bool*"),
        "uint32_val": (16, "uint32*"), "uint64_val": (17, "uint64*"),
    },
    # -- graphs
    "Values": {
        "s": (2, "bytes*"), "i": (3, "int64*"), "f": (4, "float*"), "b": (5, "bool*"), "type": (6, "int32*"),
        "shape": (7, "Shape*"), "tensor": (8, "Tensor*"), "func": (9, "FunctionName*"),
    },
    "FunctionName": {"name": (1, "string"), "attr": (2, "map Value")},
    "Value": {
        "list": (1, "Values"), "s": (2, "bytes"), "i": (3, "int64"), "f": (4, "float"), "b": (5, "bool"),
        "type": (6, "int32"), "shape": (7, "Shape"), "tensor": (8, "Tensor"), "func": (10, "FunctionName"),
    },
    "Node": {"name": (1, "string"), "op": (2, "string"), "input": (3, "string*"), "attr": (5, "map Value")},
    "Argument": {"name": (1, "string"), "type": (3, "int32")},
    "Operation": {
        "name": (1, "string"), "input_arg": (2, "Argument*"), "output_arg": (3, "Argument*"), "is_stateful": (17, "bool"),
    },
    "Function": {"signature": (1, "Operation"), "node_def": (3, "Node*"), "ret": (4, "map string")},
    "Library": {"function": (1, "Function*")},
    "Graph": {"node": (1, "Node*"), "library": (2, "Library")},
    # -- what surrounds a graph
    "OperationList": {"op": (1, "Operation*")},
    "MetaInfo": {"stripped_op_list": (2, "OperationList"), "tags": (4, "string*"), "tensorflow_version": (5, "string")},
    "Saver": {"filename_tensor_name": (1, "string"), "save_tensor_name": (2, "string"), "restore_op_name": (3, "string")},
    "TensorInfo": {"name": (1, "string"), "dtype": (2, "int32"), "tensor_shape": (3, "Shape")},
    "Signature": {"inputs": (1, "map TensorInfo"), "outputs": (2, "map TensorInfo"), "method_name": (3, "string")},
    "NodeList": {"value": (1, "string*")},
    "Collection": {"node_list": (1, "NodeList")},
    "MetaGraph": {
        "meta_info_def": (1, "MetaInfo"), "graph_def": (2, "Graph"), "saver_def": (3, "Saver"),
        "collection_def": (4, "map Collection"), "signature_def": (5, "map Signature"),
        "object_graph_def": (7, "SavedObjects"),
    },
    "SavedModel": {"saved_model_schema_version": (1, "int64"), "meta_graphs": (2, "MetaGraph*")},
    # -- objects
    "Child": {"node_id": (1, "int32"), "local_name": (2, "string")},
    "UserObject": {"identifier": (1, "string"), "metadata": (3, "string")},
    "SavedObject": {"children": (1, "Child*"), "user_object": (4, "UserObject")},
    "SavedObjects": {"nodes": (1, "SavedObject*")},
    "Attribute": {"name": (1, "string"), "full_name": (2, "string"), "checkpoint_key": (3, "string")},
    "Slot": {"slot_variable_node_id": (3, "int32")},
    "Trackable": {"children": (1, "Child*"), "attributes": (2, "Attribute*"), "slot_variables": (3, "Slot*")},
    "Trackables": {"nodes": (1, "Trackable*")},
    "KerasObject": {
        "node_id": (2, "int32"), "node_path": (3, "string"), "identifier": (4, "string"), "metadata": (5, "string"),
    },
    "KerasMetadata": {"nodes": (1, "KerasObject*")},
    # -- checkpoints
    "BundleHeader": {"num_shards": (1, "int32"), "endianness": (2, "int32")},
    "Slice": {},
    "BundleEntry": {
        "dtype": (1, "int32"), "shape": (2, "Shape"), "shard_id": (3, "int32"), "offset": (4, "int64"),
        "size": (5, "int64"), "slices": (7, "Slice*"),
    },
}  # fmt: skip

_PACKAGE = "tlstudio_savedmodel"
_Field = descriptor_pb2.FieldDescriptorProto


def _file() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(name=f"{_PACKAGE}.proto", package=_PACKAGE, syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, (number, type_) in fields.items():
            if type_.startswith("map "):
                entry = message.nested_type.add(name=f"{field.title().replace('_', '')}Entry")
                entry.options.map_entry = True
                _add(entry, "key", 1, "string")
                _add(entry, "value", 2, type_.removeprefix("map "))
                _add(message, field, number, f"{name}.{entry.name}*")
            else:
                _add(message, field, number, type_)
    return file


def _add(message: descriptor_pb2.DescriptorProto, name: str, number: int, type_: str) -> None:
    plain = type_.removesuffix("*")
    field = message.field.add(
        name=name, number=number, label=_Field.LABEL_REPEATED if type_.endswith("*") else _Field.LABEL_OPTIONAL
    )
    if plain.split(".", maxsplit=1)[0] in _MESSAGES:
        field.type, field.type_name = _Field.TYPE_MESSAGE, f".{_PACKAGE}.{plain}"
    else:
        field.type = _Field.Type.Value(f"TYPE_{plain.upper()}")


def _classes() -> dict[str, Any]:
    pool = descriptor_pool.DescriptorPool()  # our own: TensorFlow's messages may be in the process, too
    pool.Add(_file())
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}")) for name in _MESSAGES
    }


_CLASSES = _classes()


def parse(name: str, data: bytes, path: Path) -> Any:
    """A message of the table above. Raises ``truncated_model``."""
    try:
        return _CLASSES[name].FromString(data)
    except (DecodeError, RecursionError) as error:
        raise TLStudioError("truncated_model", path=path, detail=f"“{path.name}” is not whole") from error
