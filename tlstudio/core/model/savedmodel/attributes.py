"""Options of an operation of a graph, with the defaults of TensorFlow's operation definitions."""

from typing import Any

from tlstudio.core.model.savedmodel.known import UnsupportedError


def number(node: Any, name: str, default: float) -> float:
    return float(node.attr[name].f) if name in node.attr else default


def whole(node: Any, name: str, default: int = 0) -> int:
    return int(node.attr[name].i) if name in node.attr else default


def flag(node: Any, name: str, default: bool = False) -> bool:
    return bool(node.attr[name].b) if name in node.attr else default


def text(node: Any, name: str, default: str = "") -> str:
    return str(node.attr[name].s.decode("ascii", "replace")) if name in node.attr else default


def numbers(node: Any, name: str, default: list[int]) -> list[int]:
    return (
        [int(value) for value in node.attr[name].list.i] if name in node.attr and node.attr[name].list.i else default
    )


def over_image(node: Any, name: str) -> tuple[int, int]:
    """Of four numbers for (batch, height, width, channels), the middle ones. Raises ``UnsupportedError``."""
    values = in_order(node, numbers(node, name, [1, 1, 1, 1]))
    if len(values) != 4 or values[0] != 1 or values[3] != 1:
        raise UnsupportedError(f"{name} of {values}")
    return values[1], values[2]


def is_channels_first(node: Any) -> bool:
    """Raises ``UnsupportedError`` for orders that are neither."""
    order = text(node, "data_format", "NHWC") or "NHWC"
    if order not in {"NHWC", "NCHW"}:
        raise UnsupportedError(f"the order {order}")
    return order == "NCHW"


def in_order(node: Any, values: list[Any]) -> list[Any]:
    """What the node has for (batch, channels, height, width), or twice as much, with the channels last."""
    if not is_channels_first(node) or len(values) % 4:
        return values
    each = len(values) // 4
    return [*values[:each], *values[2 * each :], *values[each : 2 * each]]
