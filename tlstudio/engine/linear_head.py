"""A softmax layer on fixed features, fitted to its optimum by L-BFGS instead of by gradient steps.

What is minimised is the multinomial logistic loss, summed over images and weighted by class, times a strength, plus
half the squared kernel; the bias is free (scikit-learn's LogisticRegression; Bishop 2006, section 4.3.4). Features
should come standardised: without, a fit of ten classes took up to 300 seconds.

Measured on two cores that others used, too, eight strengths from 1e-4 to 1e3, ten classes, float32:

    images x features   one BLAS thread   two BLAS threads
    800 x 512                0.4 s             3.4 s
    4,000 x 2048             3.7 s            47.8 s
    5,000 x 2048             5.1 s, at most 0.4 s between two questions whether to stop

BLAS' threads wait for each other in busy loops, so one is the better choice wherever anything else runs; it also
makes the result independent of the number of cores.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.special import log_softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

# Beyond 75 iterations no fit of the measured sets (2 to 10 classes, 40 to 4,000 images, 512 to 2,048 features) moved
# any more. Data that a weak strength lets separate perfectly would go on for ever, at the same accuracy.
MAX_ITERATIONS = 100
TOLERANCE = 1e-6  # at scikit-learn's 1e-4 weak strengths end where the strong one before them did
# The logit of a class that no image has: its optimum is minus infinity. Others' logits have a mean of 0, hence a
# maximum of at least 0, so that it gets a probability of 2e-9 at most, and training can still go on from it.
NEVER = -20.0


class Fit(NamedTuple):
    """``strength``: of the data against the regularization, C; ``kernel``: float32 (features, classes); ``bias``:
    float32 (classes,); ``loss``: the mean cross-entropy of the training images, weighted, without the penalty."""

    strength: float
    kernel: np.ndarray
    bias: np.ndarray
    loss: float


def regularization_path() -> list[float]:
    """Strengths from strongly regularized to hardly: on standardised features accuracy on other images rose up to
    some place between 0.001 and 100 and was flat, or fell a little, from there (SqueezeNet's features of four sets,
    40 and 300 training images)."""
    return [10.0**exponent for exponent in range(-4, 4)]


def fit_linear_head(
    features: np.ndarray,
    labels: np.ndarray,
    classes: int,
    class_weights: np.ndarray | None = None,
    seed: int = 0,
    strengths: Sequence[float] | None = None,
    checkpoint: Callable[[], None] | None = None,
) -> Iterator[Fit]:
    """The optimum at each strength, each found from the one before.

    Args:
        features: float32 (n, d), standardised.
        labels: int (n,), from 0; classes may be missing, and get a probability of about 0.
        class_weights: float (classes,), or None for equal ones.
        seed: has no say in L-BFGS' result; scikit-learn is given it.
        strengths: by default those of ``regularization_path``.
        checkpoint: called before each iteration; what it raises ends the fit.

    Raises ``ValueError`` if there are no images.
    """
    if not len(features):
        raise ValueError("a linear head needs images to be fitted to")
    features = np.ascontiguousarray(features, np.float32)
    weights = np.ones(len(labels)) if class_weights is None else np.asarray(class_weights, np.float64)[labels]
    present = np.unique(labels)
    # Two classes are one column to scikit-learn, w. As two columns ± w/2 they give the same probabilities with half
    # the squared size, so the strength that is meant for two columns is twice that of the one.
    factor = 2.0 if len(present) == 2 else 1.0
    solver = LogisticRegression(
        solver="lbfgs", max_iter=MAX_ITERATIONS, tol=TOLERANCE, warm_start=True, random_state=seed
    )
    if checkpoint is not None:
        solver.set_callbacks(_Checkpoint(checkpoint))
    for strength in regularization_path() if strengths is None else strengths:
        if len(present) > 1:
            solver.C = factor * strength
            # The limit holds within the fit alone: a generator that waits must not slow others down.
            with threadpool_limits(1), warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                solver.fit(features, labels, weights)
        kernel, bias = _columns(solver, present, features.shape[1], classes)
        loss = -log_softmax(features @ kernel + bias, axis=1)[np.arange(len(labels)), labels]
        yield Fit(float(strength), kernel, bias, float(np.average(loss, weights=weights)))


def _columns(solver: Any, present: np.ndarray, size: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Kernel and bias of all classes; those that are present have a mean of 0, which no probability depends on."""
    kernel, bias = np.zeros((size, classes), np.float32), np.full(classes, NEVER, np.float32)
    if len(present) == 1:
        bias[present] = 0.0
        return kernel, bias
    found, intercept = solver.coef_.T, solver.intercept_
    if len(present) == 2:
        found, intercept = np.concatenate([-found, found], axis=1) / 2, np.array([-1, 1]) * intercept / 2
    kernel[:, present] = found - found.mean(axis=1, keepdims=True)
    bias[present] = intercept - intercept.mean()
    return kernel, bias


class _Checkpoint:
    """What scikit-learn (1.9 and later) calls around each iteration."""

    def __init__(self, checkpoint: Callable[[], None]) -> None:
        self._checkpoint = checkpoint

    def setup(self, estimator: Any, context: Any) -> None:
        pass

    def teardown(self, estimator: Any, context: Any) -> None:
        pass

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        self._checkpoint()

    def on_fit_task_end(self, estimator: Any, context: Any) -> None:
        pass
