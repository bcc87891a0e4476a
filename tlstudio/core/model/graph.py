"""A network as a flat graph of layer calls, whatever file it came from. Plain data: it goes over a pipe as JSON.

Nested networks are written out: their layers get paths such as ``features/conv1``. A layer that is used
twice has one ``LayerSpec`` and two ``Call``s. The engine builds Keras layers from this graph and nothing
else, so what is not checked on the way here never reaches Keras.
"""

from collections.abc import Iterator
from typing import Any

import msgspec


class Ref(msgspec.Struct, frozen=True):
    """The tensor that call number ``call`` gives."""

    call: int


class LayerSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One layer: its place in the tree, its Keras class name and its cleaned config.

    ``refusal``: why the layer itself can't be built, as the code of an error of ``core.errors`` (empty where it
    can); what lies below it may be used all the same. ``hint`` is what the file calls it.
    """

    path: str
    type: str
    config: dict[str, Any] = {}
    trainable: bool = True
    refusal: str = ""
    hint: str = ""

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


Argument = Ref | list[Ref]


class Call(msgspec.Struct, frozen=True):
    """One use of a layer. An argument is a list where the layer takes a list of tensors."""

    layer: str
    args: tuple[Argument, ...] = ()

    @property
    def sources(self) -> tuple[int, ...]:
        """Numbers of the calls whose tensors this one takes."""
        return tuple(ref.call for ref in refs_in(self.args))


class Branch(msgspec.Struct, frozen=True):
    """A nested network, shown as a branch of the tree; its layers' paths begin with ``path + "/"``."""

    path: str
    type: str


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was mended or that a person should know: ``message`` is one English sentence, translated
    by the desktop; ``layers`` are the layers that it is about."""

    code: str
    message: str
    layers: tuple[str, ...] = ()


class Graph(msgspec.Struct, frozen=True, kw_only=True):
    """``calls`` are in an order in which each comes after those it takes tensors from."""

    name: str
    type: str
    layers: dict[str, LayerSpec]
    branches: dict[str, Branch] = {}
    calls: tuple[Call, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    repairs: tuple[Note, ...] = ()
    warnings: tuple[Note, ...] = ()

    def calls_of(self, path: str) -> list[int]:
        return [i for i, call in enumerate(self.calls) if call.layer == path]

    def used_by(self, outputs: tuple[int, ...]) -> set[int]:
        """Numbers of the calls that ``outputs`` depend on, themselves included."""
        needed: set[int] = set()
        pending = list(outputs)
        while pending:
            number = pending.pop()
            if number not in needed:
                needed.add(number)
                pending += self.calls[number].sources
        return needed

    def only(self, outputs: tuple[int, ...]) -> "Graph":
        """The part of the network that ``outputs`` (numbers of calls) need, as a network of its own."""
        kept = sorted(self.used_by(outputs))
        renumbered = {old: new for new, old in enumerate(kept)}
        calls = tuple(renumber(self.calls[old], renumbered) for old in kept)
        paths = {call.layer for call in calls}
        return msgspec.structs.replace(
            self,
            layers={path: spec for path, spec in self.layers.items() if path in paths},
            branches={p: b for p, b in self.branches.items() if any(path.startswith(f"{p}/") for path in paths)},
            calls=calls,
            inputs=tuple(renumbered[i] for i in self.inputs if i in renumbered),
            outputs=tuple(renumbered[i] for i in outputs),
        )


def renumber(call: Call, numbers: dict[int, int]) -> Call:
    """The same call where the calls that it takes tensors from have other numbers."""
    args = tuple(
        [Ref(numbers[r.call]) for r in a] if isinstance(a, list) else Ref(numbers[a.call]) for a in call.args
    )
    return Call(call.layer, args)


def refs_in(value: Any) -> Iterator[Ref]:
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from refs_in(item)


def with_notes(notes: tuple[Note, ...], code: str, message: str, layer: str) -> tuple[Note, ...]:
    """The notes and one more about a layer; a code that is there already gets the layer added."""
    for place, note in enumerate(notes):
        if note.code == code:
            grown = msgspec.structs.replace(note, layers=(*note.layers, layer))
            return (*notes[:place], grown, *notes[place + 1 :])
    return (*notes, Note(code=code, message=message, layers=(layer,)))
