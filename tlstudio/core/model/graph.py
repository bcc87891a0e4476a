"""The network of a model file as a flat graph of layer calls, read from its config as data.

Nested networks are written out: their layers get paths such as ``features/conv1``. A layer that is used
twice has one ``LayerSpec`` and two ``Call``s. The engine builds Keras layers from this graph and nothing
else, so what is not checked here never reaches Keras.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tlstudio.core.errors import QT_TRANSLATE_NOOP, TLStudioError
from tlstudio.core.model import vocabulary
from tlstudio.core.model.repairs import Repair, repair_layer

MAX_LAYERS = 20_000
MAX_DEPTH = 30
_KERAS_MODULE = re.compile(r"^(tensorflow\.)?(tf_)?keras(\.src)?(\.(layers|engine|models)(\.[A-Za-z0-9_.]+)?)?$")


@dataclass(frozen=True)
class Ref:
    """The tensor that call number ``call`` gives."""

    call: int


@dataclass(frozen=True)
class LayerSpec:
    """One layer: its place in the tree, its Keras class name and its cleaned config."""

    path: str
    type: str
    config: dict[str, Any]
    trainable: bool = True

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Call:
    """One use of a layer. ``args`` holds ``Ref``s, in lists where the layer takes a list."""

    layer: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)

    @property
    def sources(self) -> tuple[int, ...]:
        """Numbers of the calls whose tensors this one takes."""
        return tuple(ref.call for ref in refs_in(self.args))


@dataclass(frozen=True)
class Branch:
    """A nested network, shown as a branch of the tree; its layers' paths begin with ``path + "/"``."""

    path: str
    type: str


@dataclass(frozen=True)
class Graph:
    """``calls`` are in an order in which each comes after those it takes tensors from."""

    name: str
    type: str
    layers: dict[str, LayerSpec]
    branches: dict[str, Branch]
    calls: tuple[Call, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    repairs: tuple[Repair, ...] = ()

    def calls_of(self, path: str) -> list[int]:
        return [i for i, call in enumerate(self.calls) if call.layer == path]

    def used_by(self, outputs: tuple[int, ...]) -> set[int]:
        """Numbers of the calls that ``outputs`` depend on, themselves included."""
        needed: set[int] = set()
        pending = list(outputs)
        while pending:
            number = pending.pop()
            if number not in needed:
                needed.add(number)
                pending += self.calls[number].sources
        return needed


def refs_in(value: Any) -> Iterator[Ref]:
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from refs_in(item)


def read_graph(config: dict[str, Any], path: Path) -> Graph:
    """Read a network's config.

    Raises:
        TLStudioError: ``unsupported_layer``, ``unsafe_model``, ``unreadable_network``, ``keras1_model``.
    """
    reader = _Reader(path)
    try:
        return reader.read(config)
    except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
        detail = f"{type(error).__name__}: {error}"[:160]
        raise TLStudioError("unreadable_network", path=path, detail=detail) from error


class _Reader:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.layers: dict[str, LayerSpec] = {}
        self.branches: dict[str, Branch] = {}
        self.calls: list[Call] = []
        self.inputs: list[int] = []
        self.repairs: dict[str, Repair] = {}

    def read(self, config: dict[str, Any]) -> Graph:
        type_ = self._class_of(config)
        if type_ not in vocabulary.NETWORKS:
            raise self._unreadable(f"it is a single layer of type {type_}")
        body = config["config"]
        name = body.get("name", type_.lower()) if isinstance(body, dict) else "sequential"
        outputs = self._read_network(type_, body, "", None, True, 0)
        return Graph(
            name=str(name),
            type="Functional" if type_ == "Model" else type_,
            layers=self.layers,
            branches=self.branches,
            calls=tuple(self.calls),
            inputs=tuple(self.inputs),
            outputs=tuple(ref.call for ref in outputs),
            repairs=tuple(self.repairs.values()),
        )

    # -- networks ---------------------------------------------------------------------------------------

    def _read_network(
        self, type_: str, body: Any, prefix: str, given: list[Ref] | None, trainable: bool, depth: int
    ) -> list[Ref]:
        """Add a network's calls; ``given`` are the tensors it is applied to (None: it is the outermost)."""
        if depth > MAX_DEPTH:
            raise TLStudioError("unsafe_model", path=self.path, found="networks are nested without end")
        if isinstance(body, list):
            self._note(
                "bare_list",
                QT_TRANSLATE_NOOP("Repairs", "A Sequential was stored as a bare list (before Keras 2.2.3)."),
            )
            body = {"layers": body}
        trainable = trainable and body.get("trainable", True) is not False
        if type_ == "Sequential":
            return self._read_sequential(body["layers"], prefix, given, trainable, depth)
        return self._read_functional(body, prefix, given, trainable, depth)

    def _read_sequential(
        self, layers: list[Any], prefix: str, given: list[Ref] | None, trainable: bool, depth: int
    ) -> list[Ref]:
        self._check_count(len(layers))
        current = given
        for index, entry in enumerate(layers):
            type_ = self._class_of(entry)
            if type_ == "InputLayer":
                if current is None:
                    current = [self._add_input(entry, prefix)]
                continue
            if current is None:
                current = [self._infer_input(entry, prefix)]
            name = self._name_of(entry, f"{type_.lower()}_{index}")
            current = self._apply(entry, prefix, name, (current[0],), {}, trainable, depth)
        if current is None:
            raise self._unreadable("it has no layers")
        return current

    def _read_functional(
        self, body: dict[str, Any], prefix: str, given: list[Ref] | None, trainable: bool, depth: int
    ) -> list[Ref]:
        layers = body["layers"]
        self._check_count(len(layers))
        inputs = _endpoints(body["input_layers"])
        tensors: dict[tuple[str, int], list[Ref]] = {}
        if given is not None:
            if len(given) != len(inputs):
                raise self._unreadable(f"“{prefix}” takes {len(inputs)} inputs and is given {len(given)}")
            for (name, node), ref in zip(inputs, given, strict=True):
                tensors[name, node] = [ref]
        waiting: list[tuple[dict[str, Any], str, int, Any]] = []
        for entry in layers:
            name = str(entry.get("name") or self._name_of(entry, ""))
            if self._class_of(entry) == "InputLayer":
                if given is None:
                    tensors[name, 0] = [self._add_input(entry, prefix)]
                continue
            for node, inbound in enumerate(entry.get("inbound_nodes", [])):
                waiting.append((entry, name, node, inbound))
        while waiting:
            held_back = []
            for entry, name, node, inbound in waiting:
                arguments = self._arguments(inbound, tensors)
                if arguments is None:
                    held_back.append((entry, name, node, inbound))
                    continue
                args, kwargs = arguments
                tensors[name, node] = self._apply(entry, prefix, name, args, kwargs, trainable, depth)
            if len(held_back) == len(waiting):
                raise self._unreadable(f"“{held_back[0][1]}” takes a tensor that nothing gives")
            waiting = held_back
        return [tensors[name, node][0] for name, node in _endpoints(body["output_layers"])]

    def _arguments(
        self, inbound: Any, tensors: dict[tuple[str, int], list[Ref]]
    ) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
        """A call's arguments with the tensors filled in; None while one of them is not known yet."""
        if isinstance(inbound, dict):  # Keras 3
            missing: list[Any] = []
            args = tuple(_fill(value, tensors, missing) for value in inbound["args"])
            kwargs = {key: _fill(value, tensors, missing) for key, value in inbound.get("kwargs", {}).items()}
            if missing:
                return None
            return args, _plain_kwargs(kwargs, self._unreadable)
        rows = [inbound] if inbound and isinstance(inbound[0], str) else inbound  # Keras 1 and 2
        refs, kwargs = [], {}
        for row in rows:
            name, node, index = row[0], int(row[1]), int(row[2])
            if (name, node) not in tensors:
                return None
            refs.append(tensors[name, node][index])
            kwargs = row[3] if len(row) > 3 else {}
        return (refs[0] if len(refs) == 1 else refs,), _plain_kwargs(kwargs, self._unreadable)

    # -- layers -----------------------------------------------------------------------------------------

    def _apply(
        self,
        entry: dict[str, Any],
        prefix: str,
        name: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        trainable: bool,
        depth: int,
    ) -> list[Ref]:
        type_ = self._class_of(entry)
        path = f"{prefix}{_path_part(name)}"
        if type_ in vocabulary.NETWORKS:
            self.branches.setdefault(path, Branch(path, "Functional" if type_ == "Model" else type_))
            given = list(refs_in(args))
            return self._read_network(type_, entry["config"], f"{path}/", given, trainable, depth + 1)
        if path not in self.layers:
            spec = self._spec(path, type_, dict(entry["config"]), trainable)
            spec.config.pop("batch_shape_of_first_layer", None)
            self.layers[path] = spec
        self.calls.append(Call(path, args, kwargs))
        return [Ref(len(self.calls) - 1)]

    def _spec(self, path: str, type_: str, config: dict[str, Any], trainable: bool) -> LayerSpec:
        if type_ == "BatchNormalizationV1":
            type_ = "BatchNormalization"
        if type_ not in vocabulary.LAYERS:
            raise TLStudioError("unsupported_layer", path=self.path, layer=path, type=type_)
        own = config.pop("trainable", True) is not False
        config.pop("name", None)
        for repair in repair_layer(type_, config):
            self._note(repair.code, repair.message)
        return LayerSpec(path, type_, self._clean(config, path), trainable and own)

    def _clean(self, config: dict[str, Any], path: str) -> dict[str, Any]:
        """Keep numbers and texts; resolve what names an object against the vocabulary or drop it."""
        clean: dict[str, Any] = {}
        for key, value in config.items():
            if key.endswith("_initializer") or key == "dtype":
                continue  # every weight is set from the file, and the arithmetic is float32
            if key.endswith("_regularizer"):
                value = self._named(value, vocabulary.REGULARIZERS, path, key)
            elif key.endswith("_constraint"):
                value = self._named(value, vocabulary.CONSTRAINTS, path, key)
            elif key.endswith("activation"):
                value = self._activation(value, path)
            elif key in {"layer", "forward_layer", "backward_layer", "cell"}:
                raise TLStudioError("not_image_classifier", detail=f"it works on sequences (layer “{path}”)")
            elif not _is_plain(value):
                raise TLStudioError(
                    "unsafe_model", path=self.path, found=f"layer “{path}” names an object in “{key}”"
                )
            clean[key] = value
        return clean

    def _activation(self, value: Any, path: str) -> str | None:
        if isinstance(value, dict):
            inner = value.get("config")
            name = inner if value.get("class_name") == "function" else value.get("class_name")
            if isinstance(name, str) and name in {"ReLU", "Softmax", "LeakyReLU"} and not inner:
                name = {"ReLU": "relu", "Softmax": "softmax", "LeakyReLU": "leaky_relu"}[name]
            value = name
        if value is None:
            return None
        if not isinstance(value, str) or value not in vocabulary.ACTIVATIONS:
            raise TLStudioError("unsupported_layer", path=self.path, layer=path, type=f"activation {value}")
        return value

    def _named(self, value: Any, allowed: set[str], path: str, key: str) -> dict[str, Any] | None:
        if value is None:
            return None
        if isinstance(value, str):
            value = {"class_name": value, "config": {}}
        name, config = value.get("class_name"), value.get("config") or {}
        if name not in allowed or not _is_plain(config):
            raise TLStudioError("unsafe_model", path=self.path, found=f"layer “{path}” asks for {name} in “{key}”")
        return {"class_name": name, "config": {k: v for k, v in config.items() if k not in {"name", "dtype"}}}

    def _add_input(self, entry: dict[str, Any], prefix: str) -> Ref:
        config = dict(entry["config"])
        shape = config.get("batch_shape") or config.get("batch_input_shape")
        name = str(entry.get("name") or config.get("name") or "input")
        return self._add_input_of_shape(shape, prefix, name, config.get("dtype"))

    def _infer_input(self, entry: dict[str, Any], prefix: str) -> Ref:
        """The input of a Sequential without InputLayer: its first layer tells (also through nesting)."""
        config = entry["config"]
        name = str(config.get("name", "layer")) if isinstance(config, dict) else "layer"
        while True:
            if isinstance(config, list):
                config = config[0]["config"]
                continue
            shape = config.get("batch_input_shape") or config.get("batch_shape")
            if shape:
                break
            if "layers" not in config:
                raise self._unreadable("it does not say what shape of input it takes")
            config = config["layers"][0]["config"]
        if config.get("name") and not isinstance(entry["config"], list):
            name = str(entry["config"].get("name", name))
        self._note(
            "no_input_layer",
            QT_TRANSLATE_NOOP("Repairs", "The input layer was missing and was added (Keras 2.2 and 2.3)."),
        )
        return self._add_input_of_shape(shape, prefix, f"{name}_input", config.get("dtype"))

    def _add_input_of_shape(self, shape: Any, prefix: str, name: str, dtype: Any) -> Ref:
        if not isinstance(shape, list) or len(shape) < 2:
            raise self._unreadable("its input has no shape")
        sizes = [None if size is None else int(size) for size in shape[1:]]
        path = f"{prefix}{_path_part(name)}"
        kind = dtype if isinstance(dtype, str) else "float32"
        self.layers[path] = LayerSpec(path, "InputLayer", {"shape": sizes, "dtype": kind})
        self.calls.append(Call(path, ()))
        self.inputs.append(len(self.calls) - 1)
        return Ref(len(self.calls) - 1)

    # -- small things -----------------------------------------------------------------------------------

    def _class_of(self, entry: Any) -> str:
        if not isinstance(entry, dict) or not isinstance(entry.get("class_name"), str):
            raise self._unreadable("a layer has no type")
        module, registered, type_ = entry.get("module"), entry.get("registered_name"), entry["class_name"]
        if isinstance(module, str) and module and not _KERAS_MODULE.match(module):
            raise TLStudioError("unsafe_model", path=self.path, found=f"it asks for code from “{module}”")
        if isinstance(registered, str) and ">" in registered and not registered.startswith("Keras>"):
            raise TLStudioError("unsafe_model", path=self.path, found=f"it asks for the custom code “{registered}”")
        if type_ == "Lambda":
            raise TLStudioError(
                "unsafe_model", path=self.path, found="it contains a Lambda layer, which is program code"
            )
        if ">" in type_:
            raise TLStudioError("unsafe_model", path=self.path, found=f"it asks for the custom code “{type_}”")
        if type_ in {"Convolution2D", "Merge", "Convolution1D"}:
            raise TLStudioError("keras1_model", path=self.path, version="1")
        return str(type_)

    def _name_of(self, entry: dict[str, Any], default: str) -> str:
        config = entry["config"]
        name = config.get("name") if isinstance(config, dict) else None
        return str(name or entry.get("name") or default)

    def _check_count(self, more: int) -> None:
        if len(self.calls) + more > MAX_LAYERS:
            raise TLStudioError("unsafe_model", path=self.path, found=f"it claims more than {MAX_LAYERS} layers")

    def _note(self, code: str, message: str) -> None:
        self.repairs.setdefault(code, Repair(code, message, lambda _type, _config: False))

    def _unreadable(self, detail: str) -> TLStudioError:
        return TLStudioError("unreadable_network", path=self.path, detail=detail)


def _path_part(name: str) -> str:
    """A layer's name as one part of a path; the few names with ``/`` in them are written with ``_``."""
    return name.replace("/", "_") or "layer"


def _endpoints(value: Any) -> list[tuple[str, int]]:
    """``["x", 0, 0]``, ``[["x", 0, 0]]`` or a dict of these, as (layer, node)."""
    if isinstance(value, dict):
        value = list(value.values())
    if value and isinstance(value[0], str):
        value = [value]
    return [(str(row[0]), int(row[1])) for row in value]


def _fill(value: Any, tensors: dict[tuple[str, int], list[Ref]], missing: list[Any]) -> Any:
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            name, node, index = value["config"]["keras_history"]
            if (name, node) not in tensors:
                missing.append(name)
                return None
            return tensors[name, node][index]
        return value
    if isinstance(value, list):
        return [_fill(item, tensors, missing) for item in value]
    return value


def _plain_kwargs(kwargs: dict[str, Any], complain: Any) -> dict[str, Any]:
    """What is left of a call's options: ``training`` is ours to decide, ``mask`` is for sequences."""
    kept = {key: value for key, value in kwargs.items() if key not in {"training", "mask"} and value is not None}
    if kept:
        raise complain(f"a layer is called with the option “{next(iter(kept))}”")
    return {}


def _is_plain(value: Any) -> bool:
    if isinstance(value, (str, int, float, bool)) or value is None:
        return True
    if isinstance(value, list):
        return all(_is_plain(item) for item in value)
    return isinstance(value, dict) and "class_name" not in value and all(map(_is_plain, value.values()))
