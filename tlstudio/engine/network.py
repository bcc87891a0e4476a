"""The network of a run: the base below the cut, a head on it, and which of its layers train.

Leaves are the only truth about freezing: ``trainable`` of a parent overwrites its children, and a child set
free under a frozen parent is trained all the same. So each leaf is set, and the outcome is checked.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlstudio.core.errors import TLStudioError
from tlstudio.core.further_layers import shares_of
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.stages import boundary_of
from tlstudio.engine.build import connect, free_name, make_layers, set_weights
from tlstudio.engine.heads import Gathering, gathering, new_head
from tlstudio.engine.runtime import keras


@dataclass
class Network:
    """``model`` maps images (batch, height, width, channels), scaled as the network was trained to see them,
    to class probabilities (batch, classes).

    ``calls``: numbers of the base's calls in order, the last of which is the cut; ``layers`` by path;
    ``head``: the layers above, in order; ``gathering``: what makes one vector of several layers' features below them.
    """

    file: ModelFile
    plan: TrainingPlan
    model: Any
    layers: dict[str, Any]
    calls: list[int]
    head: list[Any]
    gathering: Gathering | None = None

    @property
    def input_size(self) -> tuple[int, int, int]:
        """Height, width and channels of the images that the network takes."""
        return image_size(self.file)

    def set_trainable(self, frozen: set[str]) -> list[str]:
        """Freeze the base's layers of ``frozen``, free the others and the head; return what trains, by path.

        Raises ``trainable_mismatch`` if Keras' own list of trainable weights is not the plan's.
        """
        for path, layer in self.layers.items():
            layer.trainable = path not in frozen
        for layer in self.head:
            layer.trainable = True
        free = [layer for path, layer in self.layers.items() if path not in frozen] + self.head
        expected = {id(variable) for layer in free for variable in layer.trainable_variables}
        actual = {id(variable) for variable in self.model.trainable_variables}
        if expected != actual:
            names = {layer.name for layer in self.model.layers if layer.trainable_variables}
            raise TLStudioError("trainable_mismatch", layers=", ".join(sorted(names)))
        weighted = [path for path, layer in self.layers.items() if path not in frozen and layer.weights]
        return weighted + [layer.name for layer in self.head if layer.trainable_variables]

    @property
    def weighted_layers(self) -> list[str]:
        """Paths of the base's layers that have weights."""
        return [path for path, layer in self.layers.items() if layer.weights]

    @property
    def changeable(self) -> list[Any]:
        """All variables that a run of the plan can change, in a fixed order: those of the head and of the layers that
        the plan does not freeze, with BatchNormalization's statistics, and the states of all random generators."""
        frozen = set(self.plan.frozen)
        found: dict[int, Any] = {}
        for path, layer in self.layers.items():
            kept = {id(weight) for weight in layer.weights} if path in frozen else set()
            # A frozen layer may still draw by chance where something below it trains.
            found |= {id(variable): variable for variable in layer.variables if id(variable) not in kept}
        found |= {id(variable): variable for layer in self.head for variable in layer.variables}
        return list(found.values())

    def trainable_parameters(self) -> int:
        return sum(int(np.prod(v.shape)) for v in self.model.trainable_variables)

    def hashes(self, paths: set[str]) -> dict[str, str]:
        """SHA-256 of the weights of each of the base's layers."""
        found = {}
        for path in sorted(paths):
            digest = hashlib.sha256()
            for weight in self.layers[path].weights:
                digest.update(np.ascontiguousarray(keras.ops.convert_to_numpy(weight)).tobytes())
            found[path] = digest.hexdigest()
        return found

    def boundary(self) -> int | None:
        """The highest call whose outputs are the same in every epoch, as the layers are set now (see
        ``core.stages``)."""
        free = {path for path, layer in self.layers.items() if layer.trainable and layer.weights}
        return boundary_of(self.file, self.plan, self.calls, self.weighted_layers, free)

    def split_at(self, boundary: int) -> tuple[Any, Any]:
        """Two models that share the network's layers: images to the boundary, and on to the probabilities.

        Where all of the base is frozen, the first goes on through the head's pooling, which has no weights:
        what has to be kept of each image becomes much smaller.
        """
        graph = self.file.graph
        whole = connect(graph, self.layers, self.calls, {})
        output, head = whole[boundary], list(self.head)
        if boundary == self.calls[-1]:
            output = self.features_of(whole)
            while head and not head[0].weights and not isinstance(head[0], keras.layers.Dropout):
                output = head.pop(0)(output)
        prefix = keras.Model(whole[self.calls[0]], output, name="frozen_part")
        taken = {layer.name for layer in [*self.layers.values(), *self.head]}
        start = keras.Input(shape=output.shape[1:], name=free_name("features", taken))
        if boundary == self.calls[-1]:
            end = start
        else:
            given = {boundary: start, **_below(self.calls, boundary, start)}
            end = self.features_of(connect(graph, self.layers, self.calls, given))
        for layer in head:
            end = layer(end)
        return prefix, keras.Model(start, end, name="trained_part")

    def features_of(self, tensors: dict[int, Any]) -> Any:
        """What the head takes, from the outputs of the base's calls."""
        return tensors[self.calls[-1]] if self.gathering is None else self.gathering.of(tensors)

    @property
    def standardizer(self) -> Any | None:
        """The head's layer that wants the mean and variance of the features, if the plan has one."""
        return next((layer for layer in self.head if isinstance(layer, keras.layers.Normalization)), None)

    def standardize(self, features: np.ndarray) -> None:
        """Set the standardizer, if there is one, from the training images' features: float32 (n, units).

        A feature that hardly varies is not blown up to unit variance: its variance counts as a thousandth of
        the average one of its layer at least. Of several layers each counts alike, however many features it has.
        """
        layer = self.standardizer
        if layer is None:
            return
        mean, variance = features.mean(axis=0), features.var(axis=0)
        widths = [features.shape[1]] if self.gathering is None else self.gathering.widths
        for part in np.split(variance, np.cumsum(widths)[:-1]):
            part[:] = np.maximum(part, max(1e-3 * float(part.mean()), 1e-12))
        variance /= np.asarray(shares_of(widths), variance.dtype)
        count = np.asarray(len(features), np.int32)
        layer.load_own_variables({"0": mean, "1": variance, "2": count})

    def to_save(self) -> Any:
        """The classifier as files hold it: in full precision, in whatever it is trained."""
        if keras.config.dtype_policy().name == "float32":
            return self.model
        classes, policy = int(self.model.output.shape[-1]), keras.config.dtype_policy()
        try:
            keras.config.set_dtype_policy("float32")
            twin = make_network(self.file, self.plan, classes)
        finally:
            keras.config.set_dtype_policy(policy)
        twin.model.set_weights(self.model.get_weights())
        return twin.model

    def put_back(self) -> None:
        """Follow variables that were assigned: the standardizer computes with values that it derives from its own."""
        if self.standardizer is not None:
            self.standardizer.finalize_state()

    def layers_up_to(self, boundary: int) -> list[str]:
        graph = self.file.graph
        return list(dict.fromkeys(graph.calls[n].layer for n in self.calls if n <= boundary))


def _below(calls: list[int], boundary: int, start: Any) -> dict[int, Any]:
    """Stand-ins for the calls below the boundary, so that they aren't made again: nothing above uses them."""
    return {number: start for number in calls if number < boundary}


def image_size(file: ModelFile) -> tuple[int, int, int]:
    """Height, width and channels that the model takes. Raises ``image_size_missing``."""
    shape = file.input_shape
    height, width = (shape[0], shape[1]) if shape else (None, None)
    if height is None or width is None or shape is None:
        raise TLStudioError("image_size_missing")
    channels = shape[2] if len(shape) == 3 else 1
    return height, width, channels or 3


def make_network(file: ModelFile, plan: TrainingPlan, classes: int) -> Network:
    """Build the base from the file, cut it, put the head on.

    Raises:
        TLStudioError: see ``engine.build``.
    """
    graph = file.graph
    tops = graph.outputs if plan.cut is None else (graph.calls_of(plan.cut)[-1],)
    calls = sorted(graph.used_by(tops))
    layers = make_layers(file, calls)
    tensors = connect(graph, layers, calls, {})
    set_weights(file, layers)
    output, joined = tensors[calls[-1]], None
    taken = {layer.name for layer in layers.values()}
    if plan.head.kind == "keep":
        head = _old_head_finish(file, output, taken)
    else:
        sources = [calls[-1], *(graph.calls_of(path)[-1] for path in plan.also)]
        if plan.also:
            joined = gathering(plan.head, sources, tensors, taken)
            output = joined.of(tensors)
        head = new_head(plan.head, [tuple(tensors[number].shape[1:]) for number in sources], classes, taken)
    for layer in head:
        output = layer(output)
    model = keras.Model(tensors[calls[0]], output, name="classifier")
    return Network(file=file, plan=plan, model=model, layers=layers, calls=calls, head=head, gathering=joined)


def _old_head_finish(file: ModelFile, scores: Any, taken: set[str]) -> list[Any]:
    """What a kept head needs to end in probabilities (batch, classes): flattening, and a softmax over logits (of a
    single one, a sigmoid)."""
    finish: list[Any] = []
    if len(scores.shape) != 2:
        finish.append(keras.layers.Flatten(name=free_name("class_scores", taken)))
    last = file.graph.layers[file.graph.calls[file.graph.outputs[0]].layer]
    path = last
    number = file.graph.outputs[0]
    while path.type in {"Flatten", "Reshape", "Dropout"} and file.graph.calls[number].sources:
        number = file.graph.calls[number].sources[0]
        path = file.graph.layers[file.graph.calls[number].layer]
    is_probability = path.config.get("activation") in {"softmax", "sigmoid", "hard_sigmoid"} or path.type == "Softmax"
    # A hard sigmoid of Keras 2, written out: a sigmoid over it would call everything the second class.
    is_probability = is_probability or (path.type == "ReLU" and path.config.get("max_value") == 1)
    if not is_probability:
        name = free_name("class_probabilities", taken)
        is_single = file.output_units == 1
        finish.append(keras.layers.Activation("sigmoid", name=name) if is_single else keras.layers.Softmax(name=name))
    return finish
