"""SavedModel folders, read as data."""

import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.savedmodels import savedmodels
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.arrays import Array, Weight, plain, read_weights
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.opening import Opening
from tlstudio.core.model.reading import open_model
from tlstudio.core.model.savedmodel.known import Known, UnsupportedError, arithmetic, stored
from tlstudio.core.model.savedmodel.messages import parse
from tlstudio.core.model.savedmodel.table import masked_crc32c

Edit = Callable[[Any], None]


@pytest.fixture
def made(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Callable[[str], Path]:
    """A copy of a SavedModel of ``tests.savedmodels``, to do with as one likes."""
    source = savedmodels(tmp_path_factory)
    return lambda name: Path(shutil.copytree(source / name, tmp_path / name))


def edit(folder: Path, change: Edit) -> Path:
    """Change the graph; what our messages do not know stays as it is."""
    path = folder / "saved_model.pb"
    model = parse("SavedModel", path.read_bytes(), path)
    change(model.meta_graphs[0])
    path.write_bytes(model.SerializeToString())
    return folder


def function_with(meta_graph: Any, op: str) -> Any:
    """A node with this operation in the function that the signature ends in."""
    for function in meta_graph.graph_def.library.function:
        if function.signature.name.startswith("__inference___call__"):
            return next(node for node in function.node_def if node.op == op)
    raise AssertionError(op)


def refusal(path: Path, opening: Opening = Opening()) -> TLStudioError:
    with pytest.raises(TLStudioError) as caught:
        open_model(path, opening)
    return caught.value


def types(model: ModelFile) -> list[str]:
    return [model.graph.layers[call.layer].type for call in model.graph.calls]


# -- Keras' own description ---------------------------------------------------------------------------------


@pytest.mark.shared
def test_that_an_export_of_teachable_machine_opens_with_every_weight_and_its_labels(
    shared: Callable[[str], Path],
) -> None:
    folder = shared("models/keras/balaji1994__PlantDiseaseRecognition__savedmodel")
    model = open_model(folder)
    assert model.writer == "Keras 2.2.4-tf"
    assert model.input_shape == (224, 224, 3)
    assert len(model.labels) == model.output_units == 2
    arrays = [array for weights in model.weights.values() for weight in weights for array in weight.arrays]
    assert len(arrays) == len({array.location for array in arrays}) == 263
    assert open_model(folder / "model.savedmodel").labels == model.labels


def test_that_a_folder_of_keras_2_opens_by_its_own_description(made: Callable[[str], Path]) -> None:
    model = open_model(made("keras2"))
    assert model.writer.startswith("Keras")
    assert {branch.type for branch in model.graph.branches.values()} == {"Sequential", "Functional"}
    assert not any(note.code == "from_graph" for note in model.warnings)
    assert "SeparableConv2D" in types(model)


def test_that_a_description_in_the_saved_objects_is_read_as_tensorflow_2_0_to_2_4_wrote_it(
    made: Callable[[str], Path],
) -> None:
    folder = made("keras2")
    own = folder / "keras_metadata.pb"
    root = next(n for n in parse("KerasMetadata", own.read_bytes(), own).nodes if n.node_path == "root")
    own.unlink()

    def move(meta_graph: Any) -> None:
        meta_graph.object_graph_def.nodes[0].user_object.identifier = root.identifier
        meta_graph.object_graph_def.nodes[0].user_object.metadata = root.metadata

    assert types(open_model(edit(folder, move))) == types(open_model(made("keras2_plain_graph").parent / "keras2"))
    assert not any(note.code == "from_graph" for note in open_model(folder).warnings)


# -- networks recovered from the graph ----------------------------------------------------------------------


def test_that_a_graph_becomes_the_layers_that_it_was_made_of(made: Callable[[str], Path]) -> None:
    model = open_model(made("exported"))
    assert types(model) == [
        "InputLayer", "Rescaling", "Conv2D", "BatchNormalization", "Activation", "DepthwiseConv2D",
        "LayerNormalization", "Dense", "Activation", "Add", "Concatenate", "Conv2D", "ZeroPadding2D", "PReLU",
        "Conv2DTranspose", "MaxPooling2D", "Flatten", "BatchNormalization", "Dense", "Activation",
    ]  # fmt: skip
    assert not any(spec.trainable for spec in model.graph.layers.values())
    assert [note.code for note in model.warnings] == ["from_graph"]
    assert model.preprocessing.source == "declared"


def test_that_a_random_augmentation_in_the_graph_is_left_out_and_told(made: Callable[[str], Path]) -> None:
    model = open_model(made("augmented"))
    assert types(model)[:3] == ["InputLayer", "Conv2D", "GlobalAveragePooling2D"]
    assert types(model)[-2:] == ["Dense", "Activation"]
    assert "random_left_out" in [note.code for note in model.warnings]


def test_that_a_graph_with_the_channels_first_becomes_one_with_the_channels_last(made: Callable[[str], Path]) -> None:
    model = open_model(made("channels_first"))
    assert model.input_shape == (16, 16, 3)
    assert "Permute" not in types(model)


def test_that_of_logits_and_scores_and_class_numbers_the_scores_are_the_output(made: Callable[[str], Path]) -> None:
    model = open_model(made("variables"))
    assert model.outputs[0] == model.graph.calls[model.graph.outputs[0]].layer
    assert len(model.outputs) == 1
    assert model.graph.layers[model.outputs[0]].config == {"activation": "softmax"}


def test_that_weights_frozen_into_the_graph_are_read_from_it(made: Callable[[str], Path]) -> None:
    model = open_model(made("frozen"))
    arrays = [array for weights in model.weights.values() for weight in weights for array in weight.arrays]
    assert {Path(array.file).name for array in arrays} == {"saved_model.pb"}
    assert types(model) == types(open_model(made("variables")))


def test_that_a_folder_its_file_and_a_folder_around_it_open_alike(made: Callable[[str], Path]) -> None:
    folder = made("subclassed")
    wanted = open_model(folder).graph
    assert open_model(folder / "saved_model.pb").graph == wanted
    assert open_model(folder.parent).graph == wanted


def test_that_an_operation_that_no_layer_does_is_named_and_the_part_below_it_opens(
    made: Callable[[str], Path],
) -> None:
    def change(meta_graph: Any) -> None:
        function_with(meta_graph, "MaxPool").op = "Lgamma"

    folder = edit(made("exported"), change)
    error = refusal(folder)
    assert error.code == "unsupported_layer"
    assert "Lgamma" in str(error)
    below = open_model(folder, Opening(output=str(error.facts["below"])))
    assert types(below)[-1] == "Conv2DTranspose"


def test_that_large_arithmetic_of_weights_is_not_followed_without_end() -> None:
    array = Array(file="x", location="x", shape=(3,), offset=0)
    value: Known = stored(plain(array))
    with pytest.raises(UnsupportedError):
        for _step in range(100):
            value = arithmetic("Maximum", value, value)
    with pytest.raises(UnsupportedError):
        arithmetic("Mul", stored(plain(array)))


# -- what is refused ----------------------------------------------------------------------------------------


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("sm_write_on_call", "unsafe_model", "WriteFile"),
        ("sm_readfile", "unsafe_model", "ReadFile"),
        ("sm_vocab_asset", "not_image_classifier", "text"),
        ("sm_truncated_pb", "truncated_model", "saved_model.pb"),
    ],
)
def test_that_hostile_folders_are_refused_for_what_they_hold(
    name: str, code: str, words: str, shared: Callable[[str], Path], tmp_path: Path
) -> None:
    with tarfile.open(shared("hostile/models.tar.gz")) as archive:
        members = [member for member in archive.getmembers() if f"/{name}" in member.name]
        archive.extractall(tmp_path, members, filter="data")
    error = refusal(tmp_path / "models" / name)
    assert error.code == code
    assert words in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize("op", ["WriteFile", "EagerPyFunc", "PrintV2", "ImmutableConst", "TFRecordDataset", "_Recv"])
@pytest.mark.parametrize("name", ["exported", "keras2"])
def test_that_a_harmful_operation_anywhere_is_refused_by_its_name(
    name: str, op: str, made: Callable[[str], Path]
) -> None:
    def add(meta_graph: Any) -> None:
        meta_graph.graph_def.library.function[0].node_def.add(name="aside", op=op)

    error = refusal(edit(made(name), add))
    assert error.code == "unsafe_model"
    assert op in str(error)


@pytest.mark.parametrize("op", ["While", "SaveV2", "RestoreV2"])
def test_that_what_a_call_would_run_may_neither_loop_nor_use_the_saver(op: str, made: Callable[[str], Path]) -> None:
    def change(meta_graph: Any) -> None:
        function_with(meta_graph, "Relu").op = op

    error = refusal(edit(made("exported"), change))
    assert error.code == "unsafe_model"
    assert op in str(error)


def test_that_what_loading_would_run_may_not_loop(made: Callable[[str], Path]) -> None:
    def add(meta_graph: Any) -> None:
        meta_graph.graph_def.node.add(name="endless", op="While")
        meta_graph.collection_def["saved_model_main_op"].node_list.value.append("endless")

    error = refusal(edit(made("exported"), add))
    assert error.code == "unsafe_model"
    assert "While" in str(error)


def test_that_functions_that_call_each_other_without_end_are_refused(made: Callable[[str], Path]) -> None:
    def change(meta_graph: Any) -> None:
        for function in meta_graph.graph_def.library.function:
            for node in function.node_def:
                if node.op == "StatefulPartitionedCall":
                    node.attr["f"].func.name = function.signature.name

    error = refusal(edit(made("exported"), change))
    assert error.code == "unsafe_model"
    assert "without end" in str(error)


@pytest.mark.parametrize("name", ["variables/variables.index", "variables/variables.data-00000-of-00001"])
def test_that_a_link_in_the_folder_is_not_followed(name: str, made: Callable[[str], Path], tmp_path: Path) -> None:
    folder = made("exported")
    (folder / name).rename(tmp_path / "elsewhere")
    (folder / name).symlink_to(tmp_path / "elsewhere")
    error = refusal(folder)
    assert error.code == "unsafe_model"
    assert "link" in str(error)


def test_that_a_damaged_list_of_variables_is_found_by_its_checksum(made: Callable[[str], Path]) -> None:
    index = made("exported") / "variables" / "variables.index"
    data = bytearray(index.read_bytes())
    data[len(data) // 3] ^= 1
    index.write_bytes(data)
    assert refusal(index.parent.parent).code == "truncated_model"
    assert masked_crc32c(b"123456789") == ((0xE3069283 >> 15 | 0xE3069283 << 17) + 0xA282EAD8) & 0xFFFFFFFF


def test_that_variables_behind_the_end_of_their_file_are_refused(made: Callable[[str], Path]) -> None:
    shard = made("exported") / "variables" / "variables.data-00000-of-00001"
    shard.write_bytes(shard.read_bytes()[:-50])
    error = refusal(shard.parent.parent)
    assert error.code == "truncated_model"
    assert "behind the end" in str(error)


def test_that_a_variable_that_no_layer_takes_is_refused(made: Callable[[str], Path]) -> None:
    folder = made("keras2")
    own = folder / "keras_metadata.pb"
    metadata = parse("KerasMetadata", own.read_bytes(), own)
    root = next(node for node in metadata.nodes if node.node_path == "root")
    root.metadata = root.metadata.replace('"use_bias": true', '"use_bias": false')
    own.write_bytes(metadata.SerializeToString())
    assert refusal(folder).code == "weights_mismatch"


def test_that_weights_are_read_as_the_checkpoint_holds_them(made: Callable[[str], Path]) -> None:
    model = open_model(made("subclassed"))
    path = next(path for path, spec in model.graph.layers.items() if spec.type == "BatchNormalization")
    weights: list[Weight] = model.weights[path]
    ((_path, values),) = read_weights({path: weights})
    array = weights[3].arrays[0]
    with Path(array.file).open("rb") as file:
        file.seek(array.offset or 0)
        np.testing.assert_array_equal(values[3], np.frombuffer(file.read(16), "<f4"))
    assert np.all((values[3] >= 0.5) & (values[3] <= 2.0))
