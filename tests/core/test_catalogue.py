"""The catalogue of Keras Applications: every network is read as Keras describes it, and told from every other."""

import hashlib
import time
from pathlib import Path

import msgspec
import pytest

from tlstudio.core.data.preprocess import MODES
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model import catalogue
from tlstudio.core.model.catalogue import Network, config_of, find_network, networks, recognise
from tlstudio.core.model.graph import Graph
from tlstudio.core.model.keras_config import read_graph
from tlstudio.core.model.library import Library
from tlstudio.core.model.official_weights import is_genuine
from tlstudio.core.model.opening import Opening
from tlstudio.core.model.reading import DEFAULT_SIDE, default_size, open_model
from tlstudio.core.model.shapes import infer_shapes
from tlstudio.core.model.signatures import key_of, signature_of
from tlstudio.core.model.weight_shapes import expected_shapes
from tlstudio.core.resources import resource_path


def graph_of(network: Network, has_top: bool) -> Graph:
    return read_graph(config_of(network, has_top), Path(network.name), Opening())


def keys_of(graph: Graph) -> list[int]:
    keys = {}
    shapes = infer_shapes(graph)
    for call in graph.calls:
        spec = graph.layers[call.layer]
        if call.sources and call.layer not in keys:
            expected = expected_shapes(spec.type, spec.config, shapes[call.sources[0]])
            assert expected is not None, call.layer
            keys[call.layer] = key_of(expected)
    return [key for key in keys.values() if key]


@pytest.mark.parametrize("network", networks(), ids=lambda network: network.name)
def test_that_a_network_is_read_with_the_weights_that_keras_gives_it(network: Network) -> None:
    for has_top in (True, False):
        graph, part = graph_of(network, has_top), network.part(has_top)
        assert [spec.path for spec in graph.layers.values() if spec.refusal] == []
        keys = keys_of(graph)
        assert (len(keys), signature_of(keys)) == (part.layers, part.signature)
        found = recognise(keys)
        assert found is not None
        assert (found.network, found.part) == (network, "whole" if has_top else "notop")


def test_that_a_base_is_found_between_other_layers_and_the_largest_counts() -> None:
    vgg16 = keys_of(graph_of(find_network("VGG16")[0], False))
    below, above = key_of([(1, 1, 1, 3), (3,)]), key_of([(512, 7), (7,)])
    found = recognise([below, *vgg16, above])
    assert found is not None
    assert (found.network.name, found.part, found.start) == ("VGG16", "within", 1)
    vgg19 = recognise(keys_of(graph_of(find_network("VGG19")[0], False)))
    assert vgg19 is not None and vgg19.network.name == "VGG19"


def test_that_what_only_resembles_a_network_is_not_taken_for_it() -> None:
    vgg16 = keys_of(graph_of(find_network("VGG16")[0], False))
    normalized = [key for layer in vgg16 for key in (layer, key_of([(64,)] * 4))]
    assert recognise(normalized) is None
    assert recognise(vgg16[:-1]) is None
    assert recognise([key_of([(3, 3, 64, 64), (64,)])] * 40) is None
    assert recognise([]) is None


def test_that_every_row_of_the_index_makes_sense() -> None:
    names = [file.name for network in networks() for file in network.files]
    assert len(networks()) == 52 and len(set(names)) == len(names)
    assert {network.mode for network in networks()} <= set(MODES) >= {network.bare_mode for network in networks()}
    modes = {network.name: network.mode for network in networks()}
    assert [modes[name] for name in ("VGG16", "ResNet50", "ResNet50V2", "DenseNet121", "EfficientNetB0")] == [
        "caffe", "caffe", "symmetric", "imagenet", "raw",
    ]  # fmt: skip
    sizes = {network.name: network.size for network in networks()}
    assert (sizes["Xception"], sizes["NASNetLarge"]) == ((299, 299), (331, 331))
    assert min(network.notop.layers for network in networks()) >= catalogue.FEWEST_LAYERS


@pytest.mark.parametrize(
    ("text", "name", "has_top"),
    [
        ("VGG16 notop", "VGG16", False),
        ("vgg-16", "VGG16", True),
        ("mobilenetv2", "MobileNetV2 (alpha 1)", True),
        ("MobileNetV2 alpha 0.35", "MobileNetV2 (alpha 0.35)", True),
        ("mobilenetv2_1.40_224", "MobileNetV2 (alpha 1.4)", True),
        ("mobilenet_0.25_128", "MobileNet (alpha 0.25)", True),
        ("MobileNetV3 small minimalistic", "MobileNetV3Small (minimalistic)", True),
        ("efficientnetv2-b0 (no top)", "EfficientNetV2B0", False),
        ("ResNet 50", "ResNet50", True),
        ("inception_resnet_v2", "InceptionResNetV2", True),
    ],
)
def test_that_spelling_does_not_matter(text: str, name: str, has_top: bool) -> None:
    network, with_top = find_network(text)
    assert (network.name, with_top) == (name, has_top)


def test_that_an_unknown_network_gets_the_names_of_close_ones() -> None:
    with pytest.raises(TLStudioError) as error:
        find_network("vgg17")
    assert error.value.code == "architecture_unknown"
    assert "VGG16" in str(error.value)


def test_that_an_efficientnet_scales_pixels_as_its_official_weights_need_it() -> None:
    """Keras puts a layer in for them that a network without weights lacks: 1/√0.229, 1/√0.224, 1/√0.225."""
    graph = graph_of(find_network("EfficientNetB0")[0], False)
    scales = [spec.config["scale"] for spec in graph.layers.values() if spec.type == "Rescaling"]
    assert scales[0] == pytest.approx(1 / 255)
    assert scales[1] == pytest.approx([0.229**-0.5, 0.224**-0.5, 0.225**-0.5])


def test_that_a_description_is_there_in_milliseconds() -> None:
    networks()
    began = time.perf_counter()
    config_of(find_network("ResNet50")[0], True)
    assert time.perf_counter() - began < 0.2


def test_that_a_weight_file_is_found_or_told_where_it_belongs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, _has_top = find_network("MobileNetV3 small minimalistic")
    library, cache = Library(tmp_path / "library"), tmp_path / "keras" / "models"
    monkeypatch.setenv("KERAS_HOME", str(cache.parent))
    whole, notop = library.where_to_put(network)
    assert (whole.name, whole.path, whole.folder) == (
        "weights_mobilenet_v3_small_minimalistic_224_1.0_float.h5", None, library.folder,
    )  # fmt: skip
    cache.mkdir(parents=True)
    (cache / notop.name).write_bytes(bytes(4 * network.notop.parameters + 50_000))
    (cache / whole.name).write_bytes(b"cut off")
    whole, notop = library.where_to_put(network)
    assert notop.path == cache / notop.name
    assert whole.path is None and "7 bytes" in whole.problem
    assert is_genuine(cache / whole.name, network.files[0]) is False
    right = catalogue.OfficialFile(name="x", top=True, digest=hashlib.md5(b"cut off").hexdigest())
    assert is_genuine(cache / whole.name, right) is True


def test_that_a_network_of_the_catalogue_offers_the_size_it_was_trained_on() -> None:
    model = open_model(resource_path("sample") / "model.hdf5")
    assert default_size(model) == (DEFAULT_SIDE, DEFAULT_SIDE)
    assert default_size(msgspec.structs.replace(model, recognised="Xception")) == (299, 299)
