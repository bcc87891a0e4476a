"""Configs of every age, read as data: Keras 1 names, operations, nested networks, program code."""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.core.test_model_files import CONV, DENSE, FLAT, WEIGHTS, code_of, sequential, write_h5
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.arrays import Array, Weight, convert
from tlstudio.core.model.keras_config import read_graph
from tlstudio.core.model.lambdas import STAND_INS, suggestion
from tlstudio.core.model.opening import Opening
from tlstudio.core.model.reading import open_model, with_default_size
from tlstudio.core.model.weight_shapes import expected_shapes

ANYWHERE = Path("network")


def functional(layers: list[dict[str, Any]], outputs: list[Any], inputs: list[Any] | None = None) -> dict[str, Any]:
    body = {"name": "net", "layers": layers, "input_layers": inputs or [["image", 0, 0]], "output_layers": outputs}
    return {"class_name": "Model", "config": body}


def layer(kind: str, name: str, inbound: list[Any], **config: Any) -> dict[str, Any]:
    return {"class_name": kind, "name": name, "config": {"name": name, **config}, "inbound_nodes": inbound}


IMAGE = layer("InputLayer", "image", [], batch_input_shape=[None, 8, 8, 3])


def from_(name: str, node: int = 0, **options: Any) -> list[Any]:
    return [name, node, 0, options]


def test_that_keras_1_names_become_those_of_today() -> None:
    old = sequential(
        ("Convolution2D", {"name": "conv", "nb_filter": 4, "nb_row": 3, "nb_col": 5, "border_mode": "same",
                           "subsample": [2, 2], "dim_ordering": "tf", "bias": False, "activation": "relu",
                           "W_regularizer": {"name": "WeightRegularizer", "l1": 0.0, "l2": 0.01},
                           "init": "glorot_uniform", "batch_input_shape": [None, 8, 8, 3]}),
        ("MaxPooling2D", {"name": "pool", "pool_size": [2, 2], "strides": [2, 2], "border_mode": "valid",
                          "dim_ordering": "tf"}),
        ("Dropout", {"name": "drop", "p": 0.25}),
        ("Flatten", {"name": "flat"}),
        ("Dense", {"name": "scores", "output_dim": 7, "init": "uniform", "bias": True, "input_dim": 16}),
    )  # fmt: skip
    old["config"] = old["config"]["layers"]
    graph = read_graph(old, ANYWHERE, Opening())
    conv = graph.layers["conv"]
    assert conv.type == "Conv2D"
    assert conv.config == {
        "filters": 4, "kernel_size": [3, 5], "padding": "same", "strides": [2, 2], "data_format": "channels_last",
        "use_bias": False, "activation": "relu",
        "kernel_regularizer": {"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.01}},
    }  # fmt: skip
    assert graph.layers["drop"].config == {"rate": 0.25}
    assert graph.layers["scores"].config["units"] == 7
    assert {"bare_list", "no_input_layer", "keras1_names"} <= {note.code for note in graph.repairs}


def test_that_a_merge_of_keras_1_becomes_the_layer_of_its_mode() -> None:
    for mode, kind in (("concat", "Concatenate"), ("sum", "Add"), ("ave", "Average"), ("max", "Maximum")):
        graph = read_graph(
            functional(
                [
                    IMAGE,
                    layer("Activation", "a", [[from_("image")]], activation="relu"),
                    layer(
                        "Merge", "merged", [[from_("image"), from_("a")]], mode=mode, concat_axis=-1, mode_type="raw"
                    ),
                ],
                [["merged", 0, 0]],
            ),
            ANYWHERE,
            Opening(),
        )
        assert graph.layers["merged"].type == kind
        assert [len(call.sources) for call in graph.calls if call.layer == "merged"] == [2]


def test_that_a_nested_network_used_twice_is_called_twice_in_order() -> None:
    conv = {"class_name": "Conv2D", "config": {**CONV, "filters": 3, "padding": "same"}}
    inner = {"class_name": "Sequential", "config": {"name": "inner", "layers": [conv]}}
    for first in (0, 1):  # Keras 2 counts the making of a nested network as its first use, its forerunners did not
        twice = {**inner, "name": "inner", "inbound_nodes": [[from_("image")], [from_("inner", first)]]}
        end = layer("Flatten", "flat", [[from_("inner", first + 1)]])
        graph = read_graph(functional([IMAGE, twice, end], [["flat", 0, 0]]), ANYWHERE, Opening())
        assert [call.layer for call in graph.calls] == ["image", "inner/conv", "inner/conv", "flat"]
        assert [call.sources for call in graph.calls] == [(), (0,), (1,), (2,)]


def test_that_arithmetic_of_tf_keras_becomes_layers_that_do_the_same() -> None:
    def op(name: str, function: str, inbound: list[Any]) -> dict[str, Any]:
        kind = "SlicingOpLambda" if "getitem" in function else "TFOpLambda"
        return layer(kind, name, inbound, function=function)

    backwards = {"slice_spec": [{"class_name": "Ellipsis"}, {"start": None, "stop": None, "step": -1}]}
    graph = read_graph(
        functional(
            [
                IMAGE,
                op("tf.math.truediv", "math.truediv", [["image", 0, 0, {"y": 127.5, "name": None}]]),
                op("tf.math.subtract", "math.subtract", [["tf.math.truediv", 0, 0, {"y": [1.0, 2.0, 3.0]}]]),
                op("turn", "__operators__.getitem", [["tf.math.subtract", 0, 0, backwards]]),
                op("tf.nn.relu6", "nn.relu6", [["turn", 0, 0, {}]]),
                op("plus", "__operators__.add", [["turn", 0, 0, {"y": ["tf.nn.relu6", 0, 0]}]]),
                op("mean", "math.reduce_mean", [["plus", 0, 0, {"axis": [1, 2]}]]),
            ],
            [["mean", 0, 0]],
        ),
        ANYWHERE,
        Opening(),
    )
    specs = {path: (spec.type, spec.config) for path, spec in graph.layers.items()}
    assert specs["tf.math.truediv"] == ("Rescaling", {"scale": 1 / 127.5, "offset": 0.0})
    assert specs["tf.math.subtract"] == ("Rescaling", {"scale": 1.0, "offset": [-1.0, -2.0, -3.0]})
    assert specs["turn"] == ("Slice", {"axis": -1, "start": None, "stop": None, "step": -1})
    assert specs["tf.nn.relu6"] == ("Activation", {"activation": "relu6"})
    assert specs["plus"][0] == "Add" and specs["mean"][0] == "GlobalAveragePooling2D"


def test_that_an_unknown_operation_leaves_the_part_below_it_usable(tmp_path: Path) -> None:
    config = functional(
        [
            IMAGE,
            layer("Flatten", "flat", [[from_("image")]]),
            layer("TFOpLambda", "tf.linalg.det", [["flat", 0, 0, {}]], function="linalg.det"),
        ],
        [["tf.linalg.det", 0, 0]],
    )
    path = write_h5(tmp_path / "det.h5", config, {})
    with pytest.raises(TLStudioError) as caught:
        open_model(path)
    assert (caught.value.code, caught.value.facts["below"]) == ("unsupported_layer", "flat")
    assert "operation det" in str(caught.value)
    assert open_model(path, Opening(output="flat")).output_shape == (192,)


@pytest.mark.parametrize(
    ("function", "options"),
    [
        ("cast", {"dtype": "int32"}),
        ("nn.silu", {"beta": 2.0}),
        ("nn.log_softmax", {"axis": 1}),
        ("nn.bias_add", {"bias": [1.0, 2.0, 3.0], "data_format": "NCHW"}),
        ("compat.v1.pad", {"paddings": [[0, 0], [1, 1], [1, 1], [0, 0]], "mode": "REFLECT"}),
    ],
)
def test_that_an_option_that_no_layer_knows_is_not_passed_over(function: str, options: dict[str, Any]) -> None:
    config = functional(
        [IMAGE, layer("TFOpLambda", "op", [["image", 0, 0, options]], function=function)], [["op", 0, 0]]
    )
    assert read_graph(config, ANYWHERE, Opening()).layers["op"].refusal == "unsupported_layer"


def test_that_a_self_made_layer_is_not_taken_for_the_operation_of_its_name() -> None:
    inbound = [
        {"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["image", 0, 0]}}], "kwargs": {}}
    ]
    for kind in ("Square", "Sqrt", "Power"):
        config = functional([IMAGE, layer(kind, "own", inbound, trainable=True)], [["own", 0, 0]])
        assert read_graph(config, ANYWHERE, Opening()).layers["own"].refusal == "unsupported_layer"


LAMBDA = {
    "name": "scale",
    "function": ["4wEAAAA=", None, None],
    "function_type": "lambda",
    "batch_input_shape": [None, 8, 8, 3],
}


def lambda_file(tmp_path: Path) -> Path:
    config = sequential(
        ("Lambda", LAMBDA), ("Conv2D", {**CONV, "batch_input_shape": None}), ("Flatten", FLAT), ("Dense", DENSE)
    )
    return write_h5(tmp_path / "lambda.h5", config, WEIGHTS)


def test_that_a_lambda_is_refused_and_a_chosen_layer_stands_in_for_it(tmp_path: Path) -> None:
    path = lambda_file(tmp_path)
    with pytest.raises(TLStudioError) as caught:
        open_model(path)
    assert caught.value.code == "lambda_layer" and caught.value.facts["layer"] == "scale"
    assert "--output" not in str(caught.value), "nothing below it could be used"
    for choice, scale, offset in (
        ("unit", 1 / 255, 0.0),
        ("symmetric", 1 / 127.5, -1.0),
        ("scale:2,-0.5", 2.0, -0.5),
    ):
        model = open_model(path, Opening(replacements={"scale": choice}))
        assert model.graph.layers["scale"].type == "Rescaling"
        assert model.graph.layers["scale"].config == {"scale": scale, "offset": offset}
        assert model.preprocessing.source == "declared"
        assert "lambda_replaced" in {note.code for note in model.graph.repairs}
    assert code_of(lambda: open_model(path, Opening(replacements={"scale": "os.system"}))) == "stand_in_unknown"


def test_that_the_numbers_in_a_lambda_on_pixels_suggest_a_stand_in_and_nothing_is_run() -> None:
    """Code as Keras 2 (base64) and Keras 1 (characters) kept it; marshalled here, where it is our own."""
    import base64
    import marshal

    for function, choice in (
        (lambda x: x / 127.5 - 1.0, "symmetric"),
        (lambda x: (x / 255.0 - 0.5) * 2, "symmetric"),
        (lambda x: x / 255, "unit"),
        (lambda x: x / 255.0 - 0.5, "half"),
        (lambda x: x / 255 * 3, ""),
        (lambda x: -x, ""),
    ):
        code = marshal.dumps(function.__code__)
        for text in (base64.encodebytes(code).decode(), code.decode("latin-1")):
            assert suggestion("lambda_1", [text, None, None], sees_pixels=True) == choice
            assert suggestion("lambda_1", [text, None, None], sees_pixels=False) == ""
    assert suggestion("my_relu6", [None], sees_pixels=False) == "relu6"


def test_that_every_stand_in_is_a_layer_of_the_vocabulary() -> None:
    from tlstudio.core.model.vocabulary import LAYERS

    assert all(type_ in LAYERS and words for type_, _config, words in STAND_INS.values())


def test_that_a_layer_inside_an_activation_becomes_a_layer(tmp_path: Path) -> None:
    leaky = {"class_name": "LeakyReLU", "config": {"name": "leaky", "alpha": 0.1}}
    config = sequential(("Conv2D", {**CONV, "activation": leaky}), ("Flatten", FLAT), ("Dense", DENSE))
    graph = open_model(write_h5(tmp_path / "leaky.h5", config, WEIGHTS)).graph
    assert graph.layers["conv"].config["activation"] == "linear"
    assert graph.layers["conv_activation"].config == {"negative_slope": 0.1}
    assert [call.layer for call in graph.calls][1:3] == ["conv", "conv_activation"]


def test_that_a_network_of_any_size_asks_and_takes_one(tmp_path: Path) -> None:
    config = sequential(
        ("Conv2D", {**CONV, "batch_input_shape": [None, None, None, 3]}),
        ("GlobalAveragePooling2D", {"name": "pool"}),
        ("Dense", DENSE),
    )
    weights = {"conv": WEIGHTS["conv"], "scores": [np.ones((2, 2), np.float32), np.zeros(2, np.float32)]}
    path = write_h5(tmp_path / "any.h5", config, weights)
    model = open_model(path)
    assert model.input_shape == (None, None, 3) and model.asks == ("input_size",)
    assert with_default_size(model).input_shape == (224, 224, 3)
    chosen = open_model(path, Opening(input_size=(64, 96)))
    assert chosen.input_shape == (64, 96, 3) and chosen.asks == ()
    assert chosen.shapes["conv"] == (62, 94, 2)


def test_that_weights_of_the_wrong_shape_are_found_before_anything_is_built(tmp_path: Path) -> None:
    config = sequential(("Conv2D", CONV), ("Flatten", FLAT), ("Dense", DENSE))
    wrong = {**WEIGHTS, "conv": [np.ones((3, 3, 2, 3), np.float32), np.zeros(2, np.float32)]}
    with pytest.raises(TLStudioError) as caught:
        open_model(write_h5(tmp_path / "wrong.h5", config, wrong))
    assert caught.value.code == "weights_mismatch" and "3×3×3×2" in str(caught.value)
    too_many = {**WEIGHTS, "left_over": [np.ones(3, np.float32)]}
    assert code_of(lambda: open_model(write_h5(tmp_path / "more.h5", config, too_many))) == "weights_mismatch"
    too_few = {"conv": WEIGHTS["conv"], "flatten_1": []}
    assert code_of(lambda: open_model(write_h5(tmp_path / "less.h5", config, too_few))) == "weights_mismatch"


def test_that_rows_behind_a_channels_first_flattening_find_their_places() -> None:
    channels, height, width, units = 2, 3, 4, 5
    rng = np.random.default_rng(0)
    image = rng.normal(size=(height, width, channels)).astype(np.float32)
    kernel = rng.normal(size=(channels * height * width, units)).astype(np.float32)
    expected = image.transpose(2, 0, 1).reshape(-1) @ kernel
    weight = Weight(shape=kernel.shape, arrays=(Array(file="", location="", shape=kernel.shape),))
    weight = weight.then("rows_from_channels_first", channels, height, width)
    assert np.allclose(image.reshape(-1) @ convert(weight, [kernel]), expected, atol=1e-6)


def test_that_two_layers_of_one_name_are_refused() -> None:
    """The second would be read as another use of the first, and would get its weights."""
    first = layer("Conv2D", "block1/conv", [[from_("image")]], filters=3, kernel_size=[3, 3], padding="same")
    second = layer("Conv2D", "block1_conv", [[from_("block1/conv")]], filters=3, kernel_size=[3, 3], padding="same")
    assert code_of(
        lambda: read_graph(functional([IMAGE, first, second], [["block1_conv", 0, 0]]), ANYWHERE, Opening())
    ) == ("unreadable_network")
    same = sequential(("Conv2D", CONV), ("Activation", {"name": "a"}), ("Activation", {"name": "a"}))
    assert code_of(lambda: read_graph(same, ANYWHERE, Opening())) == "unreadable_network"


@pytest.mark.parametrize(
    "network",
    [
        functional([IMAGE], []),
        functional([IMAGE, layer("Flatten", "flat", [{"args": [], "kwargs": {}}])], [["flat", 0, 0]]),
        functional(
            [IMAGE, layer("TFOpLambda", "op", [["_CONSTANT_VALUE", -1, "x", {}]], function="exp")], [["op", 0, 0]]
        ),
    ],
)
def test_that_a_network_without_tensors_is_refused(tmp_path: Path, network: dict[str, Any]) -> None:
    assert code_of(lambda: open_model(write_h5(tmp_path / "net.h5", network, {}))) in {
        "unreadable_network",
        "unsupported_layer",
    }


def test_that_senseless_options_end_in_a_refusal_and_not_in_a_fault(tmp_path: Path, nested_model: Path) -> None:
    assert expected_shapes("Conv2D", {"filters": 1, "kernel_size": [1, 1], "groups": 0.5}, (8, 8, 3)) is None
    with zipfile.ZipFile(nested_model) as whole, zipfile.ZipFile(tmp_path / "net.keras", "w") as spoiled:
        for name in whole.namelist():
            data = whole.read(name)
            if name == "config.json":
                network = json.loads(data)
                network["config"]["layers"][-1] |= {"name": 7, "config": {"name": 7, "units": 4}}
                data = json.dumps(network).encode()
            spoiled.writestr(name, data)
    with pytest.raises(TLStudioError):
        open_model(tmp_path / "net.keras")


def test_that_a_layer_used_as_in_training_is_told(tmp_path: Path) -> None:
    dropout = layer("Dropout", "drop", [[["image", 0, 0, {"training": True}]]], rate=0.5)
    graph = read_graph(functional([IMAGE, dropout], [["drop", 0, 0]]), ANYWHERE, Opening())
    assert [(note.code, note.layers) for note in graph.warnings] == [("training_mode", ("drop",))]
    usual = layer("Dropout", "drop", [[["image", 0, 0, {"training": False}]]], rate=0.5)
    assert read_graph(functional([IMAGE, usual], [["drop", 0, 0]]), ANYWHERE, Opening()).warnings == ()


def test_that_an_input_that_nothing_takes_is_left_out(tmp_path: Path) -> None:
    spare = layer("InputLayer", "spare", [], batch_input_shape=[None, 3])
    flat = layer("Flatten", "flat", [[from_("image")]])
    config = functional([IMAGE, spare, flat], [["flat", 0, 0]], [["image", 0, 0], ["spare", 0, 0]])
    model = open_model(write_h5(tmp_path / "spare.h5", config, {}))
    assert list(model.graph.layers) == ["image", "flat"] and len(model.graph.inputs) == 1


def test_that_random_sizes_of_keras_2_pass_images_on() -> None:
    random = layer("RandomHeight", "high", [[from_("image")]], factor=0.2, interpolation="bilinear", seed=None)
    graph = read_graph(functional([IMAGE, random], [["high", 0, 0]]), ANYWHERE, Opening())
    assert (graph.layers["high"].type, graph.layers["high"].config) == ("Activation", {"activation": "linear"})
    assert "random_sizes" in {note.code for note in graph.repairs}
