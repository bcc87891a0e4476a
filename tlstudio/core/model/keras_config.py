"""A Keras config, read as data: names and numbers become a graph of layer calls.

Configs of Keras 1 to 3, Sequential and functional, nested in each other. A layer that can't be built is kept in
the graph with the reason, so that what lies below it stays usable; what asks for code is refused whole.
"""

from pathlib import Path
from typing import Any, NoReturn

from tlstudio.core.errors import QT_TRANSLATE_NOOP, TLStudioError
from tlstudio.core.model import operations, vocabulary
from tlstudio.core.model.class_names import class_of
from tlstudio.core.model.graph import Branch, Call, Graph, LayerSpec, Note, Ref, refs_in, with_notes
from tlstudio.core.model.inbound import Tensors, arguments_of, endpoints, first_node, highest_nodes
from tlstudio.core.model.lambdas import stand_in, suggestion
from tlstudio.core.model.layer_config import WRAPPED, activation_layer, clean_config, is_plain
from tlstudio.core.model.opening import Opening
from tlstudio.core.model.repairs import repair_layer

MAX_LAYERS = 20_000
MAX_DEPTH = 30
BARE_LIST = QT_TRANSLATE_NOOP("Repairs", "A Sequential was stored as a bare list (before Keras 2.2.3).")
NO_INPUT = QT_TRANSLATE_NOOP("Repairs", "The input layer was missing and was added (before Keras 2.3).")
OPERATION = QT_TRANSLATE_NOOP("Repairs", "Arithmetic between layers became layers that do the same.")
STAND_IN = QT_TRANSLATE_NOOP("Repairs", "A Lambda was not run; the layer that you chose stands in for it.")
TRAINING_MODE = QT_TRANSLATE_NOOP(
    "Repairs",
    "A layer was used as in training even for prediction (as for Monte Carlo dropout); here it predicts as usual, so that outputs differ.",
)
SPLIT_ACTIVATION = QT_TRANSLATE_NOOP("Repairs", "An activation inside a layer became a layer of its own.")


def read_graph(config: dict[str, Any], path: Path, opening: Opening) -> Graph:
    """Read a network's config.

    Raises:
        TLStudioError: ``unsafe_model``, ``unreadable_network``, ``custom_model``.
    """
    reader = _Reader(path, opening)
    try:
        return reader.read(config)
    except (KeyError, TypeError, IndexError, AttributeError, ValueError, RecursionError) as error:
        detail = f"{type(error).__name__}: {error}"[:160]
        raise TLStudioError("unreadable_network", path=path, detail=detail) from error


class _Reader:
    def __init__(self, path: Path, opening: Opening) -> None:
        self.path, self.opening = path, opening
        self.layers: dict[str, LayerSpec] = {}
        self.entries: dict[str, dict[str, Any]] = {}  # what each layer was read from
        self.splits: dict[str, dict[str, Any]] = {}  # activations that became layers of their own
        self.branches: dict[str, Branch] = {}
        self.calls: list[Call] = []
        self.inputs: list[int] = []
        self.notes: tuple[Note, ...] = ()
        self.warnings: tuple[Note, ...] = ()

    def read(self, config: dict[str, Any]) -> Graph:
        type_ = self._class_of(config)
        if type_ not in vocabulary.NETWORKS:
            raise TLStudioError("custom_model", path=self.path, type=type_)
        body = config["config"]
        name = body.get("name", type_.lower()) if isinstance(body, dict) else "sequential"
        if isinstance(body, dict) and "layers" not in body:
            raise TLStudioError("custom_model", path=self.path, type=str(name))
        outputs = self._read_network(type_, body, "", None, True, 0)
        if not outputs or not self.inputs:
            self._complain("it takes nothing, or gives nothing")
        return Graph(
            name=str(name),
            type="Functional" if type_ == "Model" else type_,
            layers=self.layers,
            branches=self.branches,
            calls=tuple(self.calls),
            inputs=tuple(self.inputs),
            outputs=tuple(dict.fromkeys(ref.call for ref in outputs)),
            repairs=self.notes,
            warnings=self.warnings,
        )

    # -- networks ---------------------------------------------------------------------------------------

    def _read_network(
        self, type_: str, body: Any, prefix: str, given: list[Ref] | None, trainable: bool, depth: int
    ) -> list[Ref]:
        """Add a network's calls; ``given`` are the tensors it is applied to (None: it is the outermost)."""
        if depth > MAX_DEPTH:
            raise TLStudioError("unsafe_model", path=self.path, found="networks are nested without end")
        if isinstance(body, list):
            self._note("bare_list", BARE_LIST, prefix.rstrip("/"))
            body = {"layers": body}
        trainable = trainable and body.get("trainable", True) is not False
        if type_ == "Sequential" or ("input_layers" not in body and "layers" in body):
            return self._read_sequential(body, prefix, given, trainable, depth)
        return self._read_functional(body, prefix, given, trainable, depth)

    def _read_sequential(
        self, body: dict[str, Any], prefix: str, given: list[Ref] | None, trainable: bool, depth: int
    ) -> list[Ref]:
        layers = body["layers"]
        self._check_count(len(layers))
        current = given
        for index, entry in enumerate(layers):
            type_ = self._class_of(entry)
            if type_ == "InputLayer":
                if current is None:
                    current = [self._add_input(entry, prefix)]
                continue
            if current is None:
                current = [self._infer_input(entry, prefix, body.get("build_input_shape"))]
            name = self._name_of(entry, f"{type_.lower()}_{index}")
            if len(current) != 1:
                self._complain(f"“{name}” in a Sequential is given {len(current)} tensors")
            current = self._apply(entry, prefix, name, (current[0],), {}, trainable, depth)
        if current is None:
            self._complain("it has no layers")
        return current

    def _read_functional(
        self, body: dict[str, Any], prefix: str, given: list[Ref] | None, trainable: bool, depth: int
    ) -> list[Ref]:
        layers = body["layers"]
        self._check_count(len(layers))
        inputs = endpoints(body["input_layers"])
        tensors: Tensors = {}
        if given is not None:
            if len(given) != len(inputs):
                self._complain(f"“{prefix}” takes {len(inputs)} inputs and is given {len(given)}")
            for place, ref in zip(inputs, given, strict=True):
                tensors[place] = ref
        named = highest_nodes([layers, body["output_layers"]])
        waiting: list[tuple[dict[str, Any], str, int, Any]] = []
        for entry in layers:
            name = str(entry.get("name") or self._name_of(entry, ""))
            if self._class_of(entry) == "InputLayer":
                if given is None:
                    tensors[name, 0, 0] = self._add_input(entry, prefix)
                continue
            first = first_node(entry, name, named)
            for node, inbound in enumerate(entry.get("inbound_nodes", []), first):
                waiting.append((entry, name, node, inbound))
        while waiting:
            held_back = []
            for entry, name, node, inbound in waiting:
                arguments = arguments_of(inbound, tensors)
                if arguments is None:
                    held_back.append((entry, name, node, inbound))
                    continue
                args, options = arguments
                for index, ref in enumerate(self._apply(entry, prefix, name, args, options, trainable, depth)):
                    tensors[name, node, index] = ref
            if len(held_back) == len(waiting):
                self._complain(f"“{held_back[0][1]}” takes a tensor that nothing gives")
            waiting = held_back
        return [tensors[place] for place in endpoints(body["output_layers"])]

    # -- layers -----------------------------------------------------------------------------------------

    def _apply(
        self,
        entry: dict[str, Any],
        prefix: str,
        name: str,
        args: tuple[Any, ...],
        options: dict[str, Any],
        trainable: bool,
        depth: int,
    ) -> list[Ref]:
        """Add one use of a layer or of a nested network; returns the tensors that it gives."""
        type_ = self._class_of(entry)
        path = f"{prefix}{_path_part(name)}"
        if type_ in vocabulary.NETWORKS:
            self.branches.setdefault(path, Branch(path, "Functional" if type_ == "Model" else type_))
            return self._read_network(type_, entry["config"], f"{path}/", list(refs_in(args)), trainable, depth + 1)
        operation = operations.name_of(entry)
        if operation is not None:
            return [self._operate(entry, operation, path, args, options)]
        if type_ == "CustomScaleLayer":
            return [self._scaled_sum(entry, path, args)]
        split = activation_layer(entry["config"]) if isinstance(entry["config"], dict) else None
        if path not in self.layers:
            config = dict(entry["config"])
            if split is not None:
                config["activation"] = "linear"
            self._add_layer(path, type_, config, trainable)
            self.entries[path] = entry
        elif self.entries.get(path) is not entry:  # it would take the other's weights, and nobody would notice
            self._complain(f"two layers are called “{path}”")
        ref = self._call(path, self._checked_arguments(path, args, options))
        if split is None:
            return [ref]
        self._note("split_activation", SPLIT_ACTIVATION, path)
        inner = self.splits.setdefault(path, {**split, "config": {**split["config"], "name": f"{name}_activation"}})
        return self._apply(inner, prefix, f"{name}_activation", (ref,), {}, trainable, depth)

    def _add_layer(self, path: str, type_: str, config: dict[str, Any], trainable: bool) -> None:
        own = config.pop("trainable", True) is not False
        config.pop("name", None)
        if type_ == "Lambda":
            self.layers[path] = self._lambda(path, config)
            return
        if WRAPPED & config.keys():
            self._look_inside(config)
            self.layers[path] = LayerSpec(path=path, type=type_, refusal="unsupported_layer")
            return
        type_, applied = repair_layer(type_, config)
        for repair in applied:
            self._note(repair.code, repair.message, path)
        for key in ("batch_shape", "batch_input_shape"):
            config.pop(key, None)  # the graph has it as the network's input
        if (
            type_ not in vocabulary.LAYERS - vocabulary.OPERATIONS
        ):  # a layer that is called as an operation is is none
            self.layers[path] = LayerSpec(path=path, type=type_, refusal="unsupported_layer")
            return
        try:
            clean = clean_config(config, path, self.path)
        except TLStudioError as error:
            if error.code != "unsupported_layer":
                raise
            hint = str(error.facts["type"])
            self.layers[path] = LayerSpec(path=path, type=type_, refusal="unsupported_layer", hint=hint)
            return
        self.layers[path] = LayerSpec(path=path, type=type_, config=clean, trainable=trainable and own)

    def _lambda(self, path: str, config: dict[str, Any]) -> LayerSpec:
        if path in self.opening.replacements:
            type_, stands_in = stand_in(self.opening.replacements[path], path)
            self._note("lambda_replaced", STAND_IN, path)
            return LayerSpec(path=path, type=type_, config=stands_in)
        sees_pixels = all(self.layers[call.layer].type in vocabulary.WEIGHTLESS for call in self.calls)
        hint = suggestion(path, config.get("function"), sees_pixels)
        return LayerSpec(path=path, type="Lambda", refusal="lambda_layer", hint=hint)

    def _look_inside(self, value: Any) -> None:
        """A layer that holds layers is not opened; code in it is refused all the same."""
        if isinstance(value, dict):
            if isinstance(value.get("class_name"), str) and self._class_of(value) == "Lambda":
                raise TLStudioError("unsafe_model", path=self.path, found="a Lambda layer is hidden in another layer")
            for item in value.values():
                self._look_inside(item)
        elif isinstance(value, list):
            for item in value:
                self._look_inside(item)

    def _operate(
        self, entry: dict[str, Any], name: str, path: str, args: tuple[Any, ...], options: dict[str, Any]
    ) -> Ref:
        """An operation becomes the layer that does the same; one that none does is kept with that reason."""
        config = entry["config"]
        values: list[Any]
        if entry["class_name"] == "TensorFlowOpLayer":
            values = list(refs_in(args))
            for place, number in sorted((config.get("constants") or {}).items(), key=lambda pair: int(pair[0])):
                values.insert(int(place), number)
        else:
            values = list(args[0]) if len(args) == 1 and isinstance(args[0], list) else list(args)
            if len(args) == 1 and isinstance(args[0], list) and name in operations.TAKE_LISTS:
                values = [args[0]]
            values += [options[key] for key in ("y", "x2", "value", "exponent") if key in options]
        plain = {key: value for key, value in {**config, **options}.items() if _is_operand(value)}
        found = operations.replace_operation(operations.Operation(name=name, values=tuple(values), options=plain))
        number = sum(1 for known in self.layers if known == path or known.startswith(f"{path}_"))
        own = path if path not in self.layers else f"{path}_{number}"
        if found is None:
            if any(isinstance(value, str) and len(value) > 200 for value in plain.values()):
                raise TLStudioError(
                    "unsafe_model", path=self.path, found=f"the operation “{path}” holds more than numbers"
                )
            hint = f"operation {name}"
            self.layers[own] = LayerSpec(
                path=own, type=str(entry["class_name"]), refusal="unsupported_layer", hint=hint
            )
            return self._call(own, ([*refs_in(args), *refs_in(list(options.values()))],))
        self._note("operations", OPERATION, own)
        return self._replace(own, found)

    def _replace(self, path: str, found: operations.Replacement) -> Ref:
        """Add the layer that does an operation's work, and before it those that it stands on."""
        args = tuple(
            self._replace(f"{path}_before", arg) if isinstance(arg, operations.Replacement) else arg
            for arg in found.args
        )
        self.layers[path] = LayerSpec(path=path, type=found.type, config=found.config)
        return self._call(path, args)

    def _scaled_sum(self, entry: dict[str, Any], path: str, args: tuple[Any, ...]) -> Ref:
        """Keras' own InceptionResNetV2 adds a branch times a number: a Rescaling and an Add do the same."""
        base, branch = refs_in(args)
        scaled = f"{path}_scaled"
        self._note("operations", OPERATION, path)
        config = {"scale": float(entry["config"]["scale"]), "offset": 0.0}
        self.layers[scaled] = LayerSpec(path=scaled, type="Rescaling", config=config)
        self.layers[path] = LayerSpec(path=path, type="Add")
        return self._call(path, ([base, self._call(scaled, (branch,))],))

    def _call(self, path: str, args: tuple[Any, ...]) -> Ref:
        self.calls.append(Call(path, args))
        return Ref(len(self.calls) - 1)

    def _checked_arguments(self, path: str, args: tuple[Any, ...], options: dict[str, Any]) -> tuple[Any, ...]:
        """A call's tensors. Of its options, ``training`` is ours to decide and ``mask`` is for sequences; any other
        would change the result. A layer that can't be built may be called in any way."""
        if self.layers[path].refusal:
            return ([*refs_in(args), *refs_in(list(options.values()))],)
        if options.get("training") is True and self.layers[path].type in vocabulary.ACT_IN_TRAINING:
            self.warnings = with_notes(self.warnings, "training_mode", TRAINING_MODE, path)
        if not any(refs_in(args)) and not any(refs_in(list(options.values()))):
            self._complain(f"the layer “{path}” is given nothing")
        if self.layers[path].type == "MultiHeadAttention":
            args = (*args, *(options.pop(key) for key in ("query", "value", "key")[len(args) :] if key in options))
        kept = {k: v for k, v in options.items() if k not in {"training", "mask"} and v not in (None, False)}
        if kept:
            self._complain(f"the layer “{path}” is called with the option “{next(iter(kept))}”")
        for value in args:
            if not isinstance(value, Ref) and not (
                isinstance(value, list) and all(isinstance(v, Ref) for v in value)
            ):
                self._complain(f"the layer “{path}” is called with something that is no tensor")
        return args

    # -- inputs -----------------------------------------------------------------------------------------

    def _add_input(self, entry: dict[str, Any], prefix: str) -> Ref:
        config = dict(entry["config"])
        shape = config.get("batch_shape") or config.get("batch_input_shape")
        if shape is None and isinstance(config.get("shape"), list):
            shape = [None, *config["shape"]]
        name = str(entry.get("name") or config.get("name") or "input")
        return self._add_input_of_shape(shape, prefix, name, config.get("dtype"))

    def _infer_input(self, entry: dict[str, Any], prefix: str, built_shape: Any) -> Ref:
        """The input of a Sequential without InputLayer: its first layer tells (also through nesting), or the shape
        that it was built with."""
        config = entry["config"]
        name = str(config.get("name", "layer")) if isinstance(config, dict) else "layer"
        own_name = name
        dtype = None
        shape = None
        for _depth in range(MAX_DEPTH):
            if isinstance(config, list):
                config = config[0]["config"]
                continue
            shape, dtype = config.get("batch_input_shape") or config.get("batch_shape"), config.get("dtype")
            if shape or "layers" not in config:
                break
            built_shape = built_shape or config.get("build_input_shape")
            config = config["layers"][0]["config"]
        shape = shape or built_shape
        if not shape:
            self._complain("it does not say what shape of input it takes")
        self._note("no_input_layer", NO_INPUT, f"{prefix}{own_name}")
        return self._add_input_of_shape(shape, prefix, f"{own_name}_input", dtype)

    def _add_input_of_shape(self, shape: Any, prefix: str, name: str, dtype: Any) -> Ref:
        if isinstance(shape, dict):
            shape = shape.get("items")  # a tuple, as some versions of tf.keras write it
        if not isinstance(shape, list) or len(shape) < 2:
            self._complain("its input has no shape")
        sizes = [None if size is None else int(size) for size in shape[1:]]
        path = f"{prefix}{_path_part(name)}"
        kind = dtype if isinstance(dtype, str) else "float32"
        self.layers[path] = LayerSpec(path=path, type="InputLayer", config={"shape": sizes, "dtype": kind})
        ref = self._call(path, ())
        self.inputs.append(ref.call)
        return ref

    # -- small things -----------------------------------------------------------------------------------

    def _class_of(self, entry: Any) -> str:
        if not isinstance(entry, dict) or not isinstance(entry.get("class_name"), str):
            self._complain("a layer has no type")
        return class_of(entry, self.path)

    def _name_of(self, entry: dict[str, Any], default: str) -> str:
        config = entry["config"]
        name = config.get("name") if isinstance(config, dict) else None
        return str(name or entry.get("name") or default)

    def _check_count(self, more: int) -> None:
        if len(self.calls) + more > MAX_LAYERS:
            raise TLStudioError("unsafe_model", path=self.path, found=f"it claims more than {MAX_LAYERS} layers")

    def _note(self, code: str, message: str, layer: str) -> None:
        self.notes = with_notes(self.notes, code, message, layer)

    def _complain(self, detail: str) -> NoReturn:
        raise TLStudioError("unreadable_network", path=self.path, detail=detail)


def _path_part(name: str) -> str:
    """A layer's name as one part of a path; the few names with ``/`` in them are written with ``_``."""
    return name.replace("/", "_") or "layer"


def _is_operand(value: Any) -> bool:
    return is_plain(value) or (isinstance(value, list) and all(isinstance(v, dict) or is_plain(v) for v in value))
