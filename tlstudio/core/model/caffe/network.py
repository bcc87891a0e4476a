"""From the files of a Caffe network to a description: layer by layer into a Keras graph.

The network is taken as it is in use: losses and accuracies are left out, and where a loss holds the last step in
it, that step is put in its place.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from tlstudio.core.errors import QT_TRANSLATE_NOOP, TLStudioError
from tlstudio.core.model.caffe.builder import Builder, Tensor, Unsupported
from tlstudio.core.model.caffe.caffemodel import StoredNet, read_caffemodel
from tlstudio.core.model.caffe.files import CaffeFiles, find_files, mean_beside, training_beside
from tlstudio.core.model.caffe.inputs import Source, settled, sources_of
from tlstudio.core.model.caffe.layers import TEST, TRAIN, CaffeLayer, is_used, layers_of, text, with_scales_joined
from tlstudio.core.model.caffe.prototxt import read_prototxt
from tlstudio.core.model.caffe.scaling import add_scaling, gather, mean_sizes, named_mean
from tlstudio.core.model.caffe.table import ASIDE, LOSSES, RULES, WRITERS, is_data, type_of
from tlstudio.core.model.description import Description, Preprocessing
from tlstudio.core.model.graph import Note
from tlstudio.core.model.labels import labels_beside
from tlstudio.core.model.opening import Opening

TRAINING_LEFT_OUT = QT_TRANSLATE_NOOP(
    "Repairs", "Layers that only serve the training (data, labels, losses, accuracies) were left out."
)
AUXILIARY = QT_TRANSLATE_NOOP(
    "Repairs", "Outputs that only help the training were left out; name one (--output) to use it instead."
)
UNUSED_WEIGHTS = QT_TRANSLATE_NOOP("Repairs", "The weights file has weights of layers that the network does not use.")


def describe_caffe(path: Path, opening: Opening) -> Description:
    """Read a ``.prototxt``, a ``.caffemodel`` or a folder with both.

    Raises:
        TLStudioError: as ``core.model.reading.open_model`` does, and ``caffe_network_missing``,
            ``caffe_weights_missing``, ``caffe_several``, ``caffe_input_unknown``.
    """
    files = find_files(path, opening)
    notes: tuple[Note, ...] = ()
    net, phase = None, TEST
    if files.description is not None:
        net, notes = read_prototxt(files.description)
    stored = read_caffemodel(files.weights)
    if net is None:
        # The weights file describes the network that was trained. Its layers are those of that phase only.
        net, phase = stored.net(), TRAIN
        if not any(layer.bottoms for layer in layers_of(net)):
            raise TLStudioError("caffe_network_missing", path=path)
    reader = _Reader(path, files, net, stored, phase, opening)
    try:
        return reader.read(notes)
    except TLStudioError as error:
        if files.description is None and error.code == "caffe_input_unknown":
            raise TLStudioError("caffe_network_missing", path=path) from error
        raise


class _Reader:
    """``blobs``: what each of Caffe's blobs is at the layer that is being read: a tensor, or the number of the call
    of a layer that can't be built. ``unused``: those that nothing has taken yet, in order. ``data``: all data
    layers, also of the training, for what they tell."""

    def __init__(
        self, path: Path, files: CaffeFiles, net: Any, stored: StoredNet, phase: int, opening: Opening
    ) -> None:
        self.path, self.files, self.opening = path, files, opening
        every = [replace(layer, type=type_of(layer.type)) for layer in layers_of(net)]
        kept = [layer for layer in every if not is_data(layer) and is_used(layer, phase)]
        self.layers, self.joined = with_scales_joined(kept)
        self.sources = sources_of(net, every)
        self.builder = Builder(path, files.weights, text(net.name) or "network", stored.blobs())
        self.stored = stored
        self.data = [layer for layer in every if is_data(layer)]
        if files.description is not None:
            self.data += [layer for layer in layers_of(stored.net()) if is_data(layer)]
            self.data += _data_of_training(files, stored)
        self.mean = mean_beside(files, named_mean(self.data))
        self.evidence = gather(self.data, self.mean)
        self.blobs: dict[str, Tensor | int] = {}
        self.labels = {name for name, source in self.sources.items() if source.is_label}
        self.unused: dict[str, Tensor | int] = {}
        self.weights_of_losses: dict[int, float] = {}
        self.preprocessing: Preprocessing | None = None

    def read(self, notes: tuple[Note, ...]) -> Description:
        for layer in self.layers:
            self._read_layer(layer)
        outputs = self._outputs()
        refused = [
            number for number, call in enumerate(self.builder.calls) if self.builder.layers[call.layer].refusal
        ]
        if refused and not self.opening.output:
            outputs = refused[:1]  # up to here it is whole, and what may be used of it is told from that
        graph = self.builder.graph(outputs)
        if not graph.inputs:
            self.builder.complain("nothing of it depends on an image")
        used = {layer.name for layer in self.layers} | set(self.joined)
        left = sorted(name for name in self.builder.blobs if name not in used)
        if left:
            notes = (*notes, Note(code="caffe_unused_weights", message=UNUSED_WEIGHTS, layers=tuple(left)))
        files = [self.path] if self.path.is_file() else []
        files += [file for file in (self.files.description, self.files.weights) if file and file not in files]
        if self.mean is not None and self.evidence.image is not None:
            files.append(self.mean)
        needed = graph.only(tuple(outputs)) if not self.opening.output else graph
        return Description(
            path=self.path,
            files=tuple(files),
            format="caffe",
            writer="Caffe",
            graph=needed,
            weights={path: weights for path, weights in self.builder.weights.items() if path in needed.layers},
            warnings=(*notes, *self.builder.warnings),
            labels=labels_beside(self.path),
            preprocessing=self.preprocessing,
        )

    # -- layers -----------------------------------------------------------------------------------------

    def _read_layer(self, layer: CaffeLayer) -> None:
        if layer.type in WRITERS:
            raise TLStudioError("unsafe_model", path=self.path, found=f"the layer “{layer.name}” would write a file")
        if layer.type in ASIDE or layer.type in LOSSES or layer.type.endswith("Loss"):
            self._read_loss(layer)
            return
        if layer.bottoms and all(bottom in self.labels for bottom in layer.bottoms):
            self.labels |= set(layer.tops)  # what is made of labels is none of the network's business
            return
        given = [self._blob(layer, bottom) for bottom in layer.bottoms]
        path = self.builder.path_of(layer.name or layer.type)
        results = self._apply(path, layer, given)
        for bottom in layer.bottoms:
            self.unused.pop(bottom, None)
        if len(results) != len(layer.tops):
            self.builder.complain(f"layer “{layer.name}” gives {len(layer.tops)} tensors")
        for top, result in zip(layer.tops, results, strict=True):
            self.blobs[top] = result
            self.labels.discard(top)
            self.unused.pop(top, None)
            self.unused[top] = result

    def _apply(self, path: str, layer: CaffeLayer, given: list[Tensor | int]) -> list[Tensor | int]:
        """What a layer gives: tensors, or the number of its call where it can't be built."""
        rule = RULES.get(layer.type)
        words = layer.type or "unknown"
        tensors = [tensor for tensor in given if isinstance(tensor, Tensor)]
        if rule is not None and len(tensors) == len(given) > 0:
            calls = len(self.builder.calls)
            try:
                result = rule(self.builder, path, layer, tensors)
                return list(result) if isinstance(result, list) else [result]
            except Unsupported as error:
                words = f"{layer.type} {error}"
                self.builder.forget(calls, path)
        refused = self.builder.add_refused(path, layer.type, words, [_call(tensor) for tensor in given])
        return [refused] * len(layer.tops)

    def _read_loss(self, layer: CaffeLayer) -> None:
        """A loss is left out, and what it measures is an output of the network."""
        self.builder.note("caffe_training_layers", TRAINING_LEFT_OUT, layer.name)
        scores = next((bottom for bottom in layer.bottoms if bottom not in self.labels), None)
        if scores is None or (scores not in self.blobs and scores not in self.sources):
            return
        if layer.type == "Silence":
            for bottom in layer.bottoms:
                self.unused.pop(bottom, None)
            return
        if layer.type not in LOSSES:
            return
        given = self._blob(layer, scores)
        path = self.builder.path_of(layer.name or layer.type)
        (result,) = self._apply(path, replace(layer, type=LOSSES[layer.type], tops=(path,)), [given])
        self.unused.pop(scores, None)
        self.unused[f"{path} of a loss"] = result
        self.weights_of_losses[_call(result)] = 1.0 if layer.loss_weight is None else layer.loss_weight

    # -- inputs and outputs -----------------------------------------------------------------------------

    def _blob(self, layer: CaffeLayer, name: str) -> Tensor | int:
        if name in self.blobs:
            return self.blobs[name]
        source = self.sources.get(name)
        if source is None:
            self.builder.complain(f"layer “{layer.name}” takes “{name}”, which no layer below it gives")
        self.blobs[name] = self._input(source)
        return self.blobs[name]

    def _input(self, source: Source) -> Tensor:
        likely = [other.sizes for other in self._other_sources(source) if other.sizes is not None]
        likely += mean_sizes(self.evidence)
        sizes = settled(self.builder, source, self.layers, likely, self.opening.input_size)
        tensor = self.builder.add_input(source.name, sizes)
        if self.preprocessing is None and len(sizes) == 3:
            tensor, self.preprocessing = add_scaling(self.builder, tensor, self.evidence)
        return tensor

    def _other_sources(self, source: Source) -> list[Source]:
        """The same input as the weights file knows it, which holds the network that was trained."""
        stored = self.stored.net()
        return [other for name, other in sources_of(stored, layers_of(stored)).items() if name == source.name]

    def _outputs(self) -> list[int]:
        """What nothing takes. Of several losses the one that weighs most is the network's answer: the others sit on
        lower layers to help the training (GoogLeNet)."""
        outputs = list(dict.fromkeys(self._in_order(result) for result in self.unused.values()))
        if not outputs:
            self.builder.complain("it has no layers")
        weights = self.weights_of_losses
        calls = self.builder.calls
        named = {calls[call].sources for call in outputs if call not in weights}
        outputs = [call for call in outputs if call not in weights or calls[call].sources not in named]
        if len(outputs) > 1 and all(call in weights for call in outputs) and not self.opening.output:
            heaviest = max(weights.values())
            main = [call for call in outputs if weights[call] == heaviest]
            if len(main) == 1:
                for call in outputs:
                    if call != main[0]:
                        self.builder.warn("caffe_auxiliary", AUXILIARY, self.builder.calls[call].layer)
                return main
        return outputs

    def _in_order(self, result: Tensor | int) -> int:
        """The call that gives an output: image maps as Keras has them, rows in the order in which Caffe has them."""
        if isinstance(result, int):
            return result
        path = self.builder.calls[result.call].layer
        if result.order == "flat":
            return self.builder.as_caffe(result, path).call
        if len(result.sizes) == 3:
            return self.builder.as_last(result, path).call
        return result.call


def _data_of_training(files: CaffeFiles, stored: StoredNet) -> list[CaffeLayer]:
    """The data layers of the training's description that lies beside a network, if it is that network's: it has
    all of the layers that have weights. One that can't be read tells nothing."""
    path = training_beside(files)
    if path is None:
        return []
    try:
        layers = layers_of(read_prototxt(path)[0])
    except TLStudioError:
        return []
    is_its_own = set(stored.blobs()) <= {layer.name for layer in layers}
    return [layer for layer in layers if is_data(layer)] if is_its_own else []


def _call(result: Tensor | int) -> int:
    return result.call if isinstance(result, Tensor) else result
