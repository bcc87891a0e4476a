"""A network as JSON or YAML, with its weights in another file."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml

from tests.core.weight_files import SMALL, save_json, save_legacy, save_v3, small_weights
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.arrays import read_weights
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.model.opening import Opening
from tlstudio.core.model.reading import open_model


def refusal(call: Callable[[], object]) -> TLStudioError:
    with pytest.raises(TLStudioError) as caught:
        call()
    return caught.value


def assert_holds_small(model: ModelFile, seed: int = 0) -> None:
    found, expected = dict(read_weights(model.weights)), small_weights(seed)
    assert found.keys() == expected.keys()
    for path, arrays in expected.items():
        assert all(np.array_equal(ours, theirs) for ours, theirs in zip(found[path], arrays, strict=True))


def save_yaml(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.shared
def test_that_a_folder_with_both_opens(shared: Callable[[str], Path]) -> None:
    folder = shared("models/keras/tensorspace-team__json_plus_weights")
    by_folder, by_file = open_model(folder), open_model(folder / "topology.json")
    assert by_folder.parameters == by_file.parameters == 44_426
    assert {path.name for path in by_folder.files} == {"topology.json", "weights.h5"}
    by_weights = open_model(folder / "weights.h5", Opening(architecture=str(folder / "topology.json")))
    assert by_weights.weights == by_file.weights


def test_that_weights_of_the_same_name_are_taken_from_among_others(tmp_path: Path) -> None:
    save_legacy(tmp_path / "other.h5", small_weights(1))
    save_legacy(tmp_path / "network_weights.h5", small_weights(0))
    assert_holds_small(open_model(save_json(tmp_path / "network.json")))
    save_v3(
        tmp_path / "third.weights.h5",
        dict(zip(("conv2d", "conv2d_1", "dense"), small_weights(2).values(), strict=True)),
    )
    assert_holds_small(open_model(save_json(tmp_path / "third.json")), 2)


def test_that_missing_or_doubtful_weights_are_asked_for_by_name(tmp_path: Path) -> None:
    description = save_json(tmp_path / "network.json")
    error = refusal(lambda: open_model(description))
    assert (error.code, error.exit_code, error.facts["wanted"]) == ("weights_missing", 2, "network.h5")
    for name in ("a.h5", "b.h5"):
        save_legacy(tmp_path / name, small_weights())
    assert refusal(lambda: open_model(description)).code == "weights_missing"


def test_that_the_two_files_may_be_named_the_other_way_round(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    weights = save_legacy(tmp_path / "elsewhere" / "any.h5", small_weights())
    assert_holds_small(open_model(save_json(tmp_path / "network.json"), Opening(architecture=str(weights))))


def test_that_a_link_is_no_weights_file(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    weights = save_legacy(tmp_path / "elsewhere" / "network.h5", small_weights())
    (tmp_path / "network.h5").symlink_to(weights)
    assert refusal(lambda: open_model(save_json(tmp_path / "network.json"))).code == "weights_missing"


def test_that_other_json_is_no_model(tmp_path: Path) -> None:
    for content in ({"name": "package"}, {"class_name": "x"}, {"modelTopology": []}):
        assert refusal(lambda c=content: open_model(save_json(tmp_path / "n.json", c))).code == "not_a_model"
    (tmp_path / "broken.json").write_text('{"class_name": ')
    assert refusal(lambda: open_model(tmp_path / "broken.json")).code == "unreadable_network"


def test_that_a_text_in_a_text_is_read(tmp_path: Path) -> None:
    save_legacy(tmp_path / "network.h5", small_weights())
    assert_holds_small(open_model(save_json(tmp_path / "network.json", json.dumps(SMALL))))


def test_that_a_folder_with_several_networks_is_refused(tmp_path: Path) -> None:
    save_legacy(tmp_path / "w.h5", small_weights())
    save_json(tmp_path / "labels.json", {"0": "cat"})
    (tmp_path / "broken.json").write_text('{"class_name": ')
    assert refusal(lambda: open_model(tmp_path)).code == "unreadable_network"
    save_json(tmp_path / "one.json")
    assert_holds_small(open_model(tmp_path))
    save_json(tmp_path / "two.json")
    assert refusal(lambda: open_model(tmp_path)).code == "not_a_model"


def test_that_yaml_of_keras_1_and_2_is_read(tmp_path: Path) -> None:
    config = json.loads(json.dumps(SMALL))
    config["config"]["layers"][0]["config"]["kernel_size"] = (3, 3)
    text = yaml.dump({"backend": "tensorflow", "keras_version": "2.2.4", **config})
    assert "!!python/tuple" in text
    save_legacy(tmp_path / "network.h5", small_weights())
    model = open_model(save_yaml(tmp_path / "network.yaml", text))
    assert_holds_small(model)
    assert model.graph.layers["first"].config["kernel_size"] == [3, 3]


@pytest.mark.parametrize(
    "tag",
    ["!!python/object/apply:os.system ['true']", "!!python/name:os.system ''", "!!python/module:os ''", "!mine 1",
     "!!binary aGVsbG8=", "!!python/object:tlstudio.core.model.graph.Ref {call: 1}", "!!set {a, b}"],
)  # fmt: skip
def test_that_a_tag_is_refused_by_name(tmp_path: Path, tag: str) -> None:
    path = save_yaml(tmp_path / "network.yaml", f"class_name: Sequential\nconfig: {tag}\n")
    error = refusal(lambda: open_model(path))
    assert error.code == "unsafe_model"
    assert tag.split()[0].strip("!") in str(error)


@pytest.mark.parametrize(
    "text",
    [
        "a0: &a0 [x]\n" + "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)),
        "a: &a {b: 1}\n" + "\n".join(f"c{n}: {{<<: [*a, *a]}}" for n in range(3)),
        "a: &a [*a]",
        "[" * 100_000,
        "{a: " * 5_000,
        "- " * 100_000,
        "x" * (17 << 20),
    ],
    ids=["a billion laughs", "merged", "endless", "deep list", "deep dict", "deep lines", "long"],
)  # fmt: skip
def test_that_no_yaml_takes_more_than_a_second(tmp_path: Path, text: str) -> None:
    path = save_yaml(tmp_path / "network.yaml", text)
    began = time.perf_counter()
    assert refusal(lambda: open_model(path)).code in {"unsafe_model", "unreadable_network"}
    assert time.perf_counter() - began < 1


def test_that_an_honest_reference_is_written_out(tmp_path: Path) -> None:
    size = [3, 3]
    config = json.loads(json.dumps(SMALL))
    for number in (0, 1):
        config["config"]["layers"][number]["config"]["kernel_size"] = size
    text = yaml.dump(config)
    assert "&id001" in text
    save_legacy(tmp_path / "network.h5", small_weights())
    assert_holds_small(open_model(save_yaml(tmp_path / "network.yaml", text)))


# -- TensorFlow.js ----------------------------------------------------------------------------------------


def save_tfjs(folder: Path, shard_bytes: int, **changes: object) -> Path:
    """``SMALL`` as the converter writes it, its bytes cut into shards."""
    arrays = [
        (f"{name}/{part}", array)
        for name, own in small_weights().items()
        for part, array in zip(("kernel", "bias"), own, strict=True)
    ]
    data = b"".join(array.tobytes() for _name, array in arrays)
    shards = [data[start : start + shard_bytes] for start in range(0, len(data), shard_bytes)]
    names = [f"group1-shard{number + 1}of{len(shards)}.bin" for number in range(len(shards))]
    for name, shard in zip(names, shards, strict=True):
        (folder / name).write_bytes(shard)
    listed = [{"name": name, "shape": list(array.shape), "dtype": "float32", **changes} for name, array in arrays]
    content = {
        "format": "layers-model",
        "modelTopology": {"keras_version": "2.4.0", "backend": "tensorflow", "model_config": SMALL},
        "weightsManifest": [{"paths": names, "weights": listed}],
    }
    return save_json(folder / "model.json", content)


@pytest.mark.parametrize("shard_bytes", [1 << 20, 1000, 4])
def test_that_a_model_of_tensorflow_js_opens_however_its_weights_are_cut(tmp_path: Path, shard_bytes: int) -> None:
    assert_holds_small(open_model(save_tfjs(tmp_path, shard_bytes).parent))
    model = open_model(tmp_path / "model.json")
    assert_holds_small(model)
    assert model.format == "tfjs"


def test_that_a_shard_lies_in_the_same_folder(tmp_path: Path) -> None:
    path = save_tfjs(tmp_path, 1000)
    content = json.loads(path.read_text())
    for name in ("../group1-shard1of3.bin", "/etc/hostname", "a\\b", ".."):
        content["weightsManifest"][0]["paths"][0] = name
        assert refusal(lambda: open_model(save_json(path, content))).code == "unsafe_model"
    content["weightsManifest"][0]["paths"][0] = "gone.bin"
    assert refusal(lambda: open_model(save_json(path, content))).code == "weights_missing"


def test_that_shards_and_weights_must_be_as_long_as_each_other(tmp_path: Path) -> None:
    path = save_tfjs(tmp_path, 1 << 20)
    shard = tmp_path / "group1-shard1of1.bin"
    whole = shard.read_bytes()
    for data in (whole[:-4], whole + bytes(4), whole[:-1]):
        shard.write_bytes(data)
        assert refusal(lambda: open_model(path)).code == "truncated_model"


def test_that_quantised_weights_are_refused_by_name(tmp_path: Path) -> None:
    path = save_tfjs(tmp_path, 1 << 20, quantization={"min": 0.0, "scale": 0.1, "dtype": "uint8"})
    error = refusal(lambda: open_model(path))
    assert error.code == "not_a_model" and "quantised" in str(error)
