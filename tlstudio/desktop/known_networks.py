"""The networks of the catalogue, by the names that a person can choose or type."""

from functools import cache

from tlstudio.core.errors import TLStudioError


@cache
def network_names() -> tuple[str, ...]:
    """Each network, and each without its top."""
    from tlstudio.core.model.catalogue import networks

    return tuple(name for network in networks() for name in (network.name, f"{network.name} notop"))


def network_meant(text: str) -> str:
    """The catalogue's name of what was typed; empty where it knows no such network."""
    from tlstudio.core.model.catalogue import find_network

    if not text.strip():
        return ""
    try:
        network, has_top = find_network(text)
    except TLStudioError:
        return ""
    return network.name if has_top else f"{network.name} notop"
