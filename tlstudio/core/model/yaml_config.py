"""Networks that Keras 1 and 2 wrote as YAML (``model.to_yaml()``), read as plain data.

YAML can name Python objects and can repeat a part by reference until a short text stands for gigabytes. Here a tag is
plain data or the file is refused, and what references make of a text is counted before anything is made of it.
"""

import json
from pathlib import Path
from typing import Any

import yaml

from tlstudio.core.errors import TLStudioError

MAX_BYTES = 4 << 20  # 300,000 values in 1.4 MB take two seconds; the largest network of Keras Applications has 2 MB
MAX_NODES = 2_000_000  # with every reference written out
MAX_DEPTH = 200
_TAG = "tag:yaml.org,2002:"
_PLAIN = {_TAG + name for name in ("map", "seq", "str", "int", "float", "bool", "null")}
_TUPLE = _TAG + "python/tuple"
_TEXT = {_TAG + "timestamp", _TAG + "python/unicode", _TAG + "python/str"}  # a date, and texts as Python 2 wrote them
_KNOWN = _PLAIN | _TEXT | {_TUPLE}

# libyaml's parser, which PyYAML's packages bring, is some five times faster than PyYAML's own.
_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Safe):
    """PyYAML's safe loader, which knows tuples; every other tag was refused before it constructs anything."""


def _as_list(loader: yaml.SafeLoader, node: yaml.Node) -> list[Any]:
    assert isinstance(node, yaml.SequenceNode)
    return loader.construct_sequence(node, deep=True)


def _as_text(loader: yaml.SafeLoader, node: yaml.Node) -> str:
    assert isinstance(node, yaml.ScalarNode)
    return str(loader.construct_scalar(node))


_Loader.add_constructor(_TUPLE, _as_list)
for _tag in _TEXT:
    _Loader.add_constructor(_tag, _as_text)


def parse_yaml(path: Path) -> Any:
    """The file's content as dicts, lists, texts and numbers, with nothing shared.

    Raises ``unsafe_model`` for tags, sizes and references that no network has, ``unreadable_network`` for what is
    no YAML.
    """
    if path.stat().st_size > MAX_BYTES:
        raise TLStudioError("unsafe_model", path=path, found="the network's description is too large")
    text = path.read_text("utf-8-sig", "replace")
    loader = _Loader(text)
    try:
        _check_depth(text, path)
        node = loader.get_single_node()
        if node is None:
            return None
        _check(node, path)
        # Through JSON, so that a part that was referred to twice is two parts.
        return json.loads(json.dumps(loader.construct_document(node)))
    except (yaml.YAMLError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise TLStudioError("unreadable_network", path=path, detail="its description is not valid YAML") from error
    finally:
        loader.dispose()


def _check_depth(text: str, path: Path) -> None:
    """One event after the other: what makes nodes of them calls itself for each level, in C without a limit."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _unsafe(path, "it is nested without end")


def _check(top: yaml.Node, path: Path) -> None:
    """Every node's tag, and how many nodes there are with references written out; each node is visited once."""
    sizes: dict[int, int] = {}
    open_: set[int] = set()
    pending: list[tuple[yaml.Node, bool]] = [(top, False)]
    while pending:
        node, is_done = pending.pop()
        children = _children(node)
        if is_done:
            open_.discard(id(node))
            sizes[id(node)] = 1 + sum(sizes[id(child)] for child in children)
            if sizes[id(node)] > MAX_NODES:
                raise _unsafe(path, "it repeats itself by references to more than any network holds")
            continue
        if id(node) in open_:
            raise _unsafe(path, "a part of it holds itself")
        if id(node) in sizes:
            continue
        if node.tag not in _KNOWN:
            raise _unsafe(path, f"it asks for “{node.tag.removeprefix(_TAG)}”"[:120])
        if not children:
            sizes[id(node)] = 1
            continue
        open_.add(id(node))
        pending.append((node, True))
        pending += [(child, False) for child in children if id(child) not in sizes]


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _unsafe(path: Path, found: str) -> TLStudioError:
    return TLStudioError("unsafe_model", path=path, found=found)
