"""What tells one network from another by its weights' shapes alone.

A layer's key is the shapes of its weights, whatever order the axes are in: Theano and Keras 1 kept kernels in
another order, and axes of length 1 come and go. A network's signature is the sum of its layers' keys, so that the
order of layers, in which versions of Keras differ, does not matter, and every run of layers can be looked at by
subtraction.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

MODULUS = 1 << 64


def key_of(shapes: Iterable[Sequence[int]]) -> int:
    """The key of a layer with weights of these shapes. Counters, which have no axes and which not every version of
    Keras keeps, don't count; 0 for a layer that has nothing else."""
    sizes = sorted(tuple(sorted(size for size in shape if size != 1)) for shape in shapes if len(shape))
    return int.from_bytes(blake2b(repr(sizes).encode(), digest_size=8).digest()) if sizes else 0


def signature_of(keys: Iterable[int]) -> str:
    """The signature of a network, hexadecimal."""
    return f"{sum(keys) % MODULUS:016x}"


def sums_of(keys: Sequence[int]) -> list[int]:
    """Running sums, beginning with 0: the run from a to b has the signature ``sums[b] - sums[a]`` (modulo)."""
    sums = [0]
    for key in keys:
        sums.append((sums[-1] + key) % MODULUS)
    return sums
