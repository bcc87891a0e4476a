"""Where the contents of constants lie in a ``saved_model.pb``.

A parsed message does not tell, so the file is walked once more by the rules of protobuf's wire format (the encoding
page of its documentation): a key, which holds a field's number and how it is stored, then the field.
"""

import mmap
from collections.abc import Iterator

from tlstudio.core.model.savedmodel.table import varint

_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5
# Field numbers from the outermost message to the bytes of a tensor: of the graph's own nodes, and of its functions'.
_META_GRAPH, _GRAPH, _NODE, _LIBRARY, _FUNCTION, _FUNCTION_NODE = 2, 2, 1, 2, 1, 3
_CONTENT = (5, 2, 8, 4)  # of a node: attribute, value, tensor, content

Span = tuple[int, int]


class ContentPlaces:
    """Finds bytes that are the whole content of some constant; any with the same bytes will do."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._places: dict[tuple[int, bytes], list[int]] | None = None

    def find(self, content: bytes) -> int | None:
        if self._places is None:
            self._places = {}
            for start, end in _contents(self._data):
                self._places.setdefault((end - start, self._data[start : min(start + 64, end)]), []).append(start)
        for place in self._places.get((len(content), content[:64]), ()):
            if self._data[place : place + len(content)] == content:
                return place
        return None


def _contents(data: mmap.mmap) -> Iterator[Span]:
    for meta_graph in _fields(data, (0, len(data)), _META_GRAPH):
        for graph in _fields(data, meta_graph, _GRAPH):
            for node in _fields(data, graph, _NODE):
                yield from _below(data, node, _CONTENT)
            for library in _fields(data, graph, _LIBRARY):
                for function in _fields(data, library, _FUNCTION):
                    for node in _fields(data, function, _FUNCTION_NODE):
                        yield from _below(data, node, _CONTENT)


def _below(data: mmap.mmap, span: Span, numbers: tuple[int, ...]) -> Iterator[Span]:
    for field in _fields(data, span, numbers[0]):
        if len(numbers) == 1:
            yield field
        else:
            yield from _below(data, field, numbers[1:])


def _fields(data: mmap.mmap, span: Span, wanted: int) -> Iterator[Span]:
    """The fields with a number and a length. The file was parsed before, so it is whole."""
    place, end = span
    while place < end:
        key, place = varint(data, place)
        kind = key & 7
        if kind == _VARINT:
            _value, place = varint(data, place)
        elif kind == _LENGTH:
            length, place = varint(data, place)
            if key >> 3 == wanted:
                yield place, place + length
            place += length
        elif kind in {_EIGHT_BYTES, _FOUR_BYTES}:
            place += 8 if kind == _EIGHT_BYTES else 4
        else:
            raise ValueError("a group of fields, which TensorFlow's messages don't have")
