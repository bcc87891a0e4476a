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
    values = numbers(node, name, [1, 1, 1, 1])
    if len(values) != 4 or values[0] != 1 or values[3] != 1:
        raise UnsupportedError(f"{name} of {values}")
    return values[1], values[2]


def require_channels_last(node: Any) -> None:
    """Raises ``UnsupportedError``."""
    if text(node, "data_format", "NHWC") not in {"NHWC", ""}:
        raise UnsupportedError("channels first")
