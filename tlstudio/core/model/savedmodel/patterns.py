"""Layers that a graph holds only as arithmetic, recognised by what they compute.

A sum is written out as terms, each a number times a product of factors. A batch normalization, for one, is
``x·r·γ - μ·r·γ + β`` with ``r = 1/√(σ² + ε)`` however its writer grouped it (Ioffe and Szegedy 2015); a layer
normalization has the same terms with statistics of ``x`` itself (Ba et al. 2016). GELU: Hendrycks and Gimpel 2016.
"""

import math
from collections import Counter
from typing import Any

from tlstudio.core.model.savedmodel.known import Known, UnsupportedError, reshaped
from tlstudio.core.model.savedmodel.pieces import Piece, make

MAX_TERMS, MAX_DEPTH = 12, 12
Terms = dict[tuple[Any, ...], float]
_ARITHMETIC = {"Add", "Subtract", "Multiply", "Affine"}


class _TooLongError(Exception):
    """More terms than any layer has."""


class _Expansion:
    """Writes a piece out as terms; ``stop`` are pieces that are not taken apart."""

    def __init__(self, *stop: Piece) -> None:
        self._stop = {id(piece) for piece in stop}
        self._done: dict[int, Terms] = {}
        self.atoms: dict[Any, Piece | Known] = {}

    def of(self, value: Piece | Known, depth: int = 0) -> Terms:
        if id(value) in self._done:
            return self._done[id(value)]
        if depth > MAX_DEPTH:
            raise _TooLongError
        terms = self._of_known(value, depth) if isinstance(value, Known) else self._of_piece(value, depth)
        if len(terms) > MAX_TERMS:
            raise _TooLongError
        self._done[id(value)] = terms
        return terms

    def _of_piece(self, piece: Piece, depth: int) -> Terms:
        if id(piece) in self._stop or piece.type not in _ARITHMETIC:
            return self._atom(id(piece), piece)
        first = self.of(piece.inputs[0], depth + 1)
        if piece.type == "Affine":
            scaled = first if piece.scale is None else _product(first, self.of(piece.scale, depth + 1))
            return scaled if piece.offset is None else _sum(scaled, self.of(piece.offset, depth + 1))
        second = self.of(piece.inputs[1], depth + 1)
        if piece.type == "Multiply":
            return _product(first, second)
        return _sum(first, second, -1.0 if piece.type == "Subtract" else 1.0)

    def _of_known(self, value: Known, depth: int) -> Terms:
        if value.scalar is not None:
            return {(): value.scalar}
        if value.op == "Neg":
            return _product(self.of(value.args[0], depth + 1), {(): -1.0})
        if value.op in {"Add", "Sub", "Mul"}:
            first, second = (self.of(arg, depth + 1) for arg in value.args)
            return (
                _product(first, second)
                if value.op == "Mul"
                else _sum(first, second, -1.0 if value.op == "Sub" else 1.0)
            )
        if value.op == "Reshape":
            return self.of(value.args[0], depth + 1)  # only the place of a vector among axes of one changes
        return self._atom(value.key, value)

    def _atom(self, key: Any, value: Piece | Known) -> Terms:
        self.atoms[key] = value
        return {(key,): 1.0}


def _product(first: Terms, second: Terms) -> Terms:
    if len(first) * len(second) > MAX_TERMS:
        raise _TooLongError
    terms: Terms = {}
    for a, times in first.items():
        for b, factor in second.items():
            key = tuple(sorted(a + b, key=repr))
            terms[key] = terms.get(key, 0.0) + times * factor
    return terms


def _sum(first: Terms, second: Terms, sign: float = 1.0) -> Terms:
    terms = dict(first)
    for key, factor in second.items():
        terms[key] = terms.get(key, 0.0) + sign * factor
    return {key: factor for key, factor in terms.items() if factor}


def recognised(piece: Piece) -> Piece:
    """The layer that computes the same, if one is known; else the piece itself."""
    if piece.type not in _ARITHMETIC:
        return piece
    for pattern in (_silu, _prelu, _gelu, _layer_normalization, _batch_normalization):
        try:
            found = pattern(piece)
        except (_TooLongError, UnsupportedError):
            continue
        if found is not None:
            return found
    return piece


def _silu(piece: Piece) -> Piece | None:
    if piece.type != "Multiply":
        return None
    for x, gate in (piece.inputs, piece.inputs[::-1]):
        if gate.type == "Activation" and gate.config["activation"] == "sigmoid" and gate.inputs[0] is x:
            return make("Activation", piece.name, (x,), activation="silu")
    return None


def _prelu(piece: Piece) -> Piece | None:
    """``relu(x) - α·relu(-x)`` (He et al. 2015)."""
    if piece.type not in {"Add", "Subtract"}:
        return None
    gates = [part for part in _below(piece, 4) if part.type == "ReLU" and not part.config]
    for positive in gates:
        x = positive.inputs[0]
        for negative in gates:
            turned = negative.inputs[0]
            if turned.type != "Affine" or turned.inputs[0] is not x or turned.offset is not None:
                continue
            if turned.scale is None or turned.scale.scalar != -1:
                continue
            expansion = _Expansion(positive, negative)
            terms = expansion.of(piece)
            rest = [key for key in terms if key != (id(positive),)]
            if terms.get((id(positive),)) != 1 or len(rest) != 1 or terms[rest[0]] != -1:
                continue
            slopes = _others(rest[0], id(negative))
            slope = expansion.atoms.get(slopes[0]) if slopes is not None and len(slopes) == 1 else None
            if isinstance(slope, Known) and x.is_sized:
                alpha = _with_rank(slope, x.rank)
                shared = [
                    axis
                    for axis, (mine, theirs) in enumerate(zip(alpha.shape, x.sizes, strict=True), 1)
                    if mine == 1 != theirs
                ]
                return make("PReLU", piece.name, (x,), (alpha,), shared_axes=shared or None)
    return None


def _gelu(piece: Piece) -> Piece | None:
    """``x/2 · (1 + erf(x/√2))``, or by the complement ``x/2 · erfc(-x/√2)``."""
    for error in (part for part in _below(piece, 6) if part.type in {"Erf", "Erfc"}):
        argument = error.inputs[0]
        sign = 1 if error.type == "Erf" else -1
        for x, scale in _scaled_inputs(argument):
            if not math.isclose(scale, sign / math.sqrt(2), rel_tol=1e-5):
                continue
            terms = _Expansion(x, error).of(piece)
            both = tuple(sorted((id(x), id(error)), key=repr))
            wanted = {(id(x),): 0.5, both: 0.5} if sign == 1 else {both: 0.5}
            if terms == wanted:
                return make("Activation", piece.name, (x,), activation="gelu")
    return None


def _scaled_inputs(piece: Piece) -> list[tuple[Piece, float]]:
    """Every way to read ``piece`` as a number times a piece."""
    found, factor = [], 1.0
    for _step in range(4):
        if piece.type != "Affine" or piece.offset is not None or piece.scale is None or piece.scale.scalar is None:
            break
        factor *= piece.scale.scalar
        piece = piece.inputs[0]
        found.append((piece, factor))
    return found


def _batch_normalization(piece: Piece) -> Piece | None:
    x = piece
    for _step in range(5):
        if x.type != "Affine":
            return None
        x = x.inputs[0]
        expansion = _Expansion(x)
        terms = expansion.of(piece)
        for key, factor in expansion.atoms.items():
            if not isinstance(factor, Known) or factor.op != "Rsqrt" or factor.args[0].op != "Add":
                continue
            variance, epsilon = factor.args[0].args
            if variance.scalar is not None:
                variance, epsilon = epsilon, variance
            if epsilon.scalar is None or epsilon.scalar < 0:
                continue
            statistics = _statistics(terms, expansion, id(x), key)
            if statistics is None or not x.rank or (x.shape or ())[-1] is None:
                continue
            gamma, mean, beta = statistics
            if not isinstance(mean, Known):
                continue
            channels = (x.sizes or (x.shape or ())[-1:])[-1]
            named = [value for value in (gamma, beta, mean, variance) if value is not None]
            if any(value.size != channels for value in named):
                continue
            weights = tuple(reshaped(value, (value.size,)) for value in named)
            return make(
                "BatchNormalization", piece.name, (x,), weights, epsilon=epsilon.scalar, axis=-1, scale=gamma is not None,
                center=beta is not None,
            )  # fmt: skip
    return None


def _layer_normalization(piece: Piece) -> Piece | None:
    for deviation in (part for part in _below(piece, 8) if part.type == "Power" and part.config["exponent"] == -0.5):
        added = deviation.inputs[0]
        if added.type != "Affine" or added.scale is not None or added.offset is None or added.offset.scalar is None:
            continue
        variance = added.inputs[0]
        if variance.type != "Mean" or variance.inputs[0].type != "Square":
            continue
        centred = variance.inputs[0].inputs[0]
        if centred.type != "Subtract":
            continue
        x, mean = centred.inputs
        if (
            mean.type != "Mean"
            or mean.inputs[0] is not x
            or mean.config != variance.config
            or not mean.config["keepdims"]
        ):
            continue
        expansion = _Expansion(x, mean)
        statistics = _statistics(expansion.of(piece), expansion, id(x), id(deviation))
        if statistics is None or statistics[1] is not mean:
            continue
        gamma, _mean, beta = statistics
        axes = mean.config["axis"]
        if x.type == "Reshape" and x.rank == 4 and x.is_sized and axes == [1, 2, 4] and x.inputs[0].rank == 3:
            return _group_normalization(piece.name, x, gamma, beta, added.offset.scalar)
        sizes = tuple((x.shape or ())[axis - 1] for axis in axes)
        if None in sizes:
            continue
        shape = tuple(int(size or 0) for size in sizes)
        weights = tuple(reshaped(value, shape) for value in (gamma, beta) if value is not None)
        return make(
            "LayerNormalization", piece.name, (x,), weights, epsilon=added.offset.scalar, axis=axes,
            scale=gamma is not None, center=beta is not None,
        )  # fmt: skip
    return None


def _group_normalization(name: str, x: Piece, gamma: Known | None, beta: Known | None, epsilon: float) -> Piece:
    """Statistics of (height, width, groups, channels of a group) over all but the groups (Wu and He 2018)."""
    image, groups = x.inputs[0], x.sizes[2]
    weights = tuple(reshaped(value, (value.size,)) for value in (gamma, beta) if value is not None)
    normalized = make(
        "GroupNormalization", name, (image,), weights, groups=groups, epsilon=epsilon, axis=-1, scale=gamma is not None,
        center=beta is not None,
    )  # fmt: skip
    return make("Reshape", x.name, (normalized,), target_shape=x.sizes)


def _statistics(
    terms: Terms, expansion: _Expansion, x: Any, deviation: Any
) -> tuple[Known | None, Piece | Known, Known | None] | None:
    """γ, μ and β of ``x·r·γ - μ·r·γ + β``, where ``r`` is ``deviation``; γ and β may be absent."""
    scaled = [key for key in terms if x in key]
    if len(scaled) != 1 or terms[scaled[0]] != 1:
        return None
    factors = _others(scaled[0], x, deviation)
    if factors is None or len(factors) > 1:
        return None
    gamma = expansion.atoms[factors[0]] if factors else None
    shifted = [key for key in terms if deviation in key and key not in scaled]
    if len(shifted) != 1 or terms[shifted[0]] != -1:
        return None
    means = _others(shifted[0], deviation, *factors)
    rest = [key for key in terms if key not in scaled and key not in shifted]
    if means is None or len(means) != 1 or len(rest) > 1:
        return None
    beta = None
    if rest:
        if terms[rest[0]] != 1 or len(rest[0]) != 1:
            return None
        beta = expansion.atoms[rest[0][0]]
    if isinstance(gamma, Piece) or isinstance(beta, Piece):
        return None
    return gamma, expansion.atoms[means[0]], beta


def _others(key: tuple[Any, ...], *taken: Any) -> list[Any] | None:
    """The factors of a term without those of ``taken``; None where one of them is missing."""
    left = Counter(key)
    for factor in taken:
        if not left[factor]:
            return None
        left[factor] -= 1
    return list(left.elements())


def _below(piece: Piece, depth: int) -> list[Piece]:
    """The pieces that a sum is made of, down to its factors."""
    found: dict[int, Piece] = {}
    pending = [(piece, 0)]
    while pending and len(found) < 64:
        part, level = pending.pop()
        if id(part) in found:
            continue
        found[id(part)] = part
        if part.type in _ARITHMETIC and level < depth:
            pending += [(inner, level + 1) for inner in part.inputs]
    return list(found.values())


def _with_rank(value: Known, rank: int) -> Known:
    shape = value.shape
    while len(shape) > rank and shape[0] == 1:
        shape = shape[1:]
    return reshaped(value, (1,) * (rank - len(shape)) + shape)
