"""What is measured before advice is given: on the sample, with its labels right and shuffled."""

import random
import shutil
import time
from pathlib import Path

import msgspec
import numpy as np
import pytest

from tlstudio.core import events, requests
from tlstudio.core.advice.decision import recommend
from tlstudio.core.advice.words import in_english
from tlstudio.core.control import Control
from tlstudio.core.data.scan import scan_folder
from tlstudio.core.data.split import Split, split_dataset
from tlstudio.core.model.cuts import legal_cuts
from tlstudio.core.model.safely import read_model
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.strategy import features_cut
from tlstudio.engine import measuring
from tlstudio.engine.jobs import run_job
from tlstudio.engine.one_pass import Passing
from tlstudio.engine.probes import folds_of, joint_score, layer_scores, learning_curve

FREE = 64 << 30


def measured(model: Path, images: Path, **changes: object) -> events.Measured:
    said: list[object] = []
    plan = msgspec.structs.replace(TrainingPlan(model=str(model), dataset=str(images)), **changes)
    run_job(requests.Measure(plan=plan), Control(), said.append)
    assert isinstance(said[-1], events.Measured), said[-1]
    return said[-1]


def test_that_every_legal_cut_of_the_sample_gets_a_score_with_its_interval(sample: Path) -> None:
    found = measured(sample / "model.hdf5", sample / "images")
    model = read_model(sample / "model.hdf5")
    assert [layer.path for layer in found.layers] == legal_cuts(model.graph)
    for layer in found.layers:
        assert 0 <= layer.low <= layer.score <= layer.high <= 1
        assert 0 <= layer.neighbours_low <= layer.neighbours <= layer.neighbours_high <= 1
    assert found.layers[-1].score > found.chance + 0.2
    assert [point.images for point in found.curve] == sorted(point.images for point in found.curve)
    assert found.counts.train >= found.images > 0
    assert found.seconds >= found.forward_seconds > 0
    assert recommend(model, TrainingPlan(), found, FREE).strategy is not None


def test_that_a_probe_never_sees_a_validation_or_test_image(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    load = measuring.Preparation.load_rows

    def watched(self: object, dataset: object, rows: list[tuple[str, int]], size: object) -> object:
        seen.extend(path for path, _label in rows)
        return load(self, dataset, rows, size)

    monkeypatch.setattr(measuring.Preparation, "load_rows", watched)
    measured(sample / "model.hdf5", sample / "images", seed=3)
    split = split_dataset(scan_folder(sample / "images", Control()), TrainingPlan().validation_split, 3)
    assert seen and set(seen) <= {path for path, _label in split.train}
    assert not set(seen) & {path for path, _label in split.validation + split.test}


def test_that_shuffled_labels_get_no_advice(sample: Path, tmp_path: Path) -> None:
    files = sorted(path for path in (sample / "images").rglob("*") if path.suffix.lower() in {".png", ".jpg"})
    classes = sorted({path.parent.name for path in files})
    labels = [classes[place % len(classes)] for place in range(len(files))]
    random.Random(1).shuffle(labels)
    for place, (path, label) in enumerate(zip(files, labels, strict=True)):
        (tmp_path / "shuffled" / label).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, tmp_path / "shuffled" / label / f"{place}{path.suffix}")
    found = measured(sample / "model.hdf5", tmp_path / "shuffled")
    said = recommend(read_model(sample / "model.hdf5"), TrainingPlan(), found, FREE)
    assert said.strategy is None
    assert "Nothing can be learned here" in in_english(said.reason)


def test_that_a_sample_is_stratified_and_holds_every_class() -> None:
    rows = [(f"{label}/{place}", label) for label, count in ((0, 900), (1, 90), (2, 6)) for place in range(count)]
    some = measuring.sample_of(Split(classes=["a", "b", "c"], train=rows, validation=[], test=[]), 200, 0)
    counts = np.bincount([label for _path, label in some])
    assert list(counts) == [181, 18, 5]
    assert len(set(some)) == len(some) and set(some) <= set(rows)


def test_that_images_of_a_group_are_never_on_both_sides_of_a_probe() -> None:
    labels = np.arange(60) % 2
    groups = np.arange(60) // 6
    for fit, held in folds_of(labels, groups, 0):
        assert not set(groups[fit]) & set(groups[held])


def test_that_probes_tell_features_that_know_from_those_that_do_not() -> None:
    chance = np.random.default_rng(0)
    labels = np.arange(200) % 4
    knows = np.eye(4, dtype=np.float32)[labels] + chance.normal(0, 0.3, (200, 4)).astype(np.float32)
    noise = chance.normal(0, 1, (200, 8)).astype(np.float32)
    folds = folds_of(labels, np.arange(200), 0)
    told: list[tuple[int, int]] = []
    scores = layer_scores({"noise": noise, "knows": knows, "again": knows}, labels, folds, lambda *a: told.append(a))
    assert [score.path for score in scores] == ["noise", "knows", "again"]
    assert scores[1].score > 0.9 > 0.5 > scores[0].score
    assert msgspec.structs.replace(scores[2], path="knows") == scores[1]
    assert told == [(0, 2), (1, 2)]
    curve = learning_curve(knows, labels, folds, 0)
    assert [point.images for point in curve] == [20, 40, 80, 160]


def test_that_what_was_tried_goes_through_the_network_once() -> None:
    sent: list[int] = []

    def run(given: np.ndarray) -> np.ndarray:
        sent.append(len(given))
        time.sleep(0.01)
        return np.asarray(given.sum(axis=(1, 2, 3))[:, None])

    through, images = Passing(run), np.random.default_rng(0).random((8, 4, 4, 3)).astype(np.float32)
    expected = images.sum(axis=(1, 2, 3))[:, None]
    np.testing.assert_array_equal(through(images[2:5]), expected[2:5])
    np.testing.assert_array_equal(through(images[[4, 3]]), expected[[4, 3]])
    np.testing.assert_array_equal(through(2 * images[:2]), 2 * expected[:2])  # another scaling is another image
    np.testing.assert_array_equal(through(images), expected)
    assert sent == [3, 2, 5] and through.images == 10 and through.seconds >= 0.03
    through.remembers = False
    np.testing.assert_array_equal(through(images[:2]), expected[:2])
    assert sent == [3, 2, 5, 2]


@pytest.mark.long
def test_that_a_familiar_set_scores_higher_than_a_strange_one(shared, few_of) -> None:  # type: ignore[no-untyped-def]
    model = shared("models/squeezenet_imagenet.h5")
    file = read_model(model)
    found = {}
    for name in ("hymenoptera/train", "eye_gaze"):
        said = recommend(file, TrainingPlan(), measured(model, few_of(shared(f"data/{name}"), 60)), FREE)
        found[name] = said.similarity.score
    assert found["hymenoptera/train"] > 50 > found["eye_gaze"]
    assert features_cut(file)


@pytest.fixture
def few_of(tmp_path: Path):  # type: ignore[no-untyped-def]
    def copied(source: Path, each: int) -> Path:
        target = tmp_path / source.name
        for folder in sorted(path for path in source.iterdir() if path.is_dir()):
            (target / folder.name).mkdir(parents=True)
            for path in sorted(folder.iterdir())[:each]:
                shutil.copy(path, target / folder.name / path.name)
        return target

    return copied


def test_that_features_that_know_different_things_are_worth_more_beside_each_other() -> None:
    chance = np.random.default_rng(0)
    labels = np.arange(400) % 4
    noise = [chance.normal(0, 0.2, 400) for _ in range(2)]
    halves = {"low": labels % 2 + noise[0], "high": labels // 2 + noise[1]}  # each tells one half of a class
    features = {path: values.astype(np.float32)[:, None] for path, values in halves.items()}
    folds = folds_of(labels, np.arange(400), 0)
    scores = layer_scores(features, labels, folds, lambda *_: None)
    found = joint_score(features, labels, folds, scores, ("low", "high"))
    assert found is not None and found.paths == ("low", "high") and found.width == 2
    assert found.score > 0.9 > 0.6 > max(score.score for score in scores)
    assert found.over in features and 0.3 < found.gain_low < found.gain < found.gain_high
    again = joint_score(features, labels, folds, scores, ("low", "low"))
    assert again is not None and again.gain_low <= 0  # the same features twice bring nothing
    assert joint_score(features, labels, folds, scores, ("high",)) is None
    features["high"][0] = np.nan
    assert joint_score(features, labels, folds, scores, ("low", "high")) is None


def test_that_the_sample_is_measured_on_several_layers_too(sample: Path) -> None:
    found = measured(sample / "model.hdf5", sample / "images")
    scores = {layer.path: layer for layer in found.layers}
    assert found.joint is not None and len(found.joint.paths) == 3
    best = max(found.layers, key=lambda layer: layer.score)
    assert found.joint.over == best.path
    # The same images, so the difference of the scores is the mean of the differences.
    assert found.joint.gain == pytest.approx(found.joint.score - best.score)
    assert found.joint.width == sum(scores[path].width for path in found.joint.paths)
