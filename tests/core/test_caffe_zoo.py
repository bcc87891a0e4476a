"""Published Caffe networks: sizes and numbers of parameters are those that their authors give."""

from pathlib import Path

from tests import caffe_zoo
from tlstudio.core.model.inspection import describe
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.reading import open_model


def opened(net: caffe_zoo.Net, folder: Path) -> ModelFile:
    return open_model(net.write(folder))


def test_that_alexnet_has_its_published_sizes(tmp_path: Path) -> None:
    model = opened(caffe_zoo.alexnet(), tmp_path)
    wanted = {"conv1": (55, 55, 96), "pool1": (27, 27, 96), "pool2": (13, 13, 256), "pool5": (6, 6, 256)}
    assert {name: model.shapes[name] for name in wanted} == wanted
    assert model.parameters == 60_965_224
    assert model.output_units == 1000


def test_that_vgg16_has_its_published_sizes(tmp_path: Path) -> None:
    model = opened(caffe_zoo.vgg16(), tmp_path)
    assert model.shapes["pool5"] == (7, 7, 512)
    assert model.parameters == 138_357_544


def test_that_googlenet_has_its_published_sizes_and_a_branch_for_each_inception(tmp_path: Path) -> None:
    model = opened(caffe_zoo.googlenet(), tmp_path)
    wanted = {
        "pool1/3x3_s2": (56, 56, 64),
        "pool2/3x3_s2": (28, 28, 192),
        "inception_3b/output": (28, 28, 480),
        "inception_4e/output": (14, 14, 832),
        "inception_5b/output": (7, 7, 1024),
        "pool5/7x7_s1": (1, 1, 1024),
    }
    assert {name: model.shapes[name] for name in wanted} == wanted
    assert model.parameters == 6_998_552
    tree = describe(model)
    inception = next(node for node in tree.layers if node.path == "inception_4a")
    assert inception.output_shape == [None, 14, 14, 512]
    assert inception.cut.legal


def test_that_resnet50_has_its_published_sizes(tmp_path: Path) -> None:
    model = opened(caffe_zoo.resnet(), tmp_path)
    assert model.shapes["pool1"] == (56, 56, 64)
    assert model.shapes["res5c"] == (7, 7, 2048)
    assert model.parameters == 25_557_032 + 53_120  # and the statistics of its BatchNorms
    assert [note.code for note in model.graph.repairs] == ["caffe_scale_joined"]


def test_that_mobilenet_becomes_depthwise_convolutions(tmp_path: Path) -> None:
    model = opened(caffe_zoo.mobilenet(), tmp_path)
    types = [spec.type for spec in model.graph.layers.values()]
    assert types.count("DepthwiseConv2D") == 13
    assert model.shapes["conv14_sep"] == (7, 7, 1024)
    assert model.parameters == 4_231_976 + 21_888  # and the statistics of its BatchNorms
    assert model.output_units == 1000
    # Its layers are those of Keras' MobileNet, which takes RGB in -1..1; a network of Caffe was not trained on that.
    assert (model.preprocessing.mode, model.preprocessing.source) == ("caffe", "assumed")
