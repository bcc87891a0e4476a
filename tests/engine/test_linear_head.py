"""A linear head by a solver: the optimum of softmax cross-entropy with a penalty, for every set of labels."""

from collections.abc import Callable

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from tlstudio.core.control import Control, Stopped
from tlstudio.engine.linear_head import Fit, fit_linear_head, regularization_path


def some_features(count: int, size: int, classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Of overlapping classes, standardised."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    values = random.normal(size=(count, size)) + random.normal(0, 0.6, (classes, size))[labels]
    return ((values - values.mean(0)) / values.std(0)).astype(np.float32), labels


def slope(x: np.ndarray, labels: np.ndarray, weights: np.ndarray, strength: float, fit: Fit) -> np.ndarray:
    """The gradient of strength · weighted cross-entropy + |kernel|² / 2, by kernel and bias, written out."""
    scores = x.astype(np.float64) @ fit.kernel + fit.bias
    chances = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    error = strength * weights[:, None] * (chances - np.eye(fit.bias.size)[labels])
    return np.concatenate([x.T @ error + fit.kernel, error.sum(axis=0)[None]])


@pytest.mark.parametrize("is_weighted", [False, True])
@pytest.mark.parametrize("classes", [2, 3, 7])
def test_that_each_fit_is_the_optimum(classes: int, is_weighted: bool) -> None:
    x, labels = some_features(300, 20, classes)
    class_weights = np.linspace(0.3, 2.0, classes) if is_weighted else None
    weights = np.ones(300) if class_weights is None else class_weights[labels]
    fits = list(fit_linear_head(x, labels, classes, class_weights))
    assert [fit.strength for fit in fits] == regularization_path()
    for fit in fits:
        nothing = Fit(fit.strength, np.zeros_like(fit.kernel), np.zeros_like(fit.bias), 0.0)
        start = np.abs(slope(x, labels, weights, fit.strength, nothing)).max()
        assert np.abs(slope(x, labels, weights, fit.strength, fit)).max() < 2e-3 * start
        assert fit.kernel.shape == (20, classes) and fit.kernel.dtype == fit.bias.dtype == np.float32


def test_that_weaker_regularization_fits_the_training_images_better() -> None:
    x, labels = some_features(200, 30, 4)
    losses = [fit.loss for fit in fit_linear_head(x, labels, 4)]
    assert losses == sorted(losses, reverse=True) and losses[0] > 3 * losses[-1]


def test_that_the_loss_is_the_weighted_cross_entropy() -> None:
    x, labels = some_features(90, 10, 3)
    class_weights = np.array([0.5, 1.0, 2.0])
    (fit,) = fit_linear_head(x, labels, 3, class_weights, strengths=[0.1])
    scores = x.astype(np.float64) @ fit.kernel + fit.bias
    each = np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(90), labels]
    assert fit.loss == pytest.approx(np.average(each, weights=class_weights[labels]), rel=1e-5)


@pytest.mark.parametrize("present", [[1], [0, 3], [0, 2, 3]])
def test_that_a_class_without_images_is_not_predicted_and_the_others_are_as_without_it(present: list[int]) -> None:
    x, few = some_features(120, 8, len(present))
    (fit,) = fit_linear_head(x, np.array(present)[few], 5, strengths=[0.5])
    assert np.isfinite(fit.kernel).all() and np.isfinite(fit.bias).all()
    scores = np.exp(x.astype(np.float64) @ fit.kernel + fit.bias)
    chances = scores / scores.sum(axis=1, keepdims=True)
    assert np.delete(chances, present, axis=1).max() < 1e-8
    if len(present) > 1:
        (alone,) = fit_linear_head(x, few, len(present), strengths=[0.5])
        assert np.allclose(fit.kernel[:, present], alone.kernel, atol=1e-6)


def test_that_a_fit_can_be_stopped_within_a_strength() -> None:
    x, labels = some_features(400, 50, 5)
    control = Control()
    asked = 0

    def stop_at_the_fifth() -> None:
        nonlocal asked
        asked += 1
        if asked == 5:
            control.stop()
        control.checkpoint()

    with pytest.raises(Stopped):
        list(fit_linear_head(x, labels, 5, strengths=[1.0], checkpoint=stop_at_the_fifth))
    assert asked == 5


def test_that_being_asked_changes_no_bit_and_a_second_fit_gives_the_same() -> None:
    x, labels = some_features(150, 12, 3)
    calls: list[None] = []
    ways: list[Callable[[], None] | None] = [None, lambda: calls.append(None), None]
    kernels = [[fit.kernel for fit in fit_linear_head(x, labels, 3, checkpoint=way)] for way in ways]
    assert len(calls) > 8
    assert np.array_equal(kernels[0], kernels[1]) and np.array_equal(kernels[0], kernels[2])


def test_that_a_waiting_fit_leaves_others_their_threads() -> None:
    x, labels = some_features(150, 12, 3)
    before = [(pool["filepath"], pool["num_threads"]) for pool in threadpool_info()]
    fits = fit_linear_head(x, labels, 3)
    next(fits)
    assert [(pool["filepath"], pool["num_threads"]) for pool in threadpool_info()] == before


def test_that_no_images_are_refused() -> None:
    with pytest.raises(ValueError, match="needs images"):
        next(fit_linear_head(np.zeros((0, 4), np.float32), np.zeros(0, int), 2))
