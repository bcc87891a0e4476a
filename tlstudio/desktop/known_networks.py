"""The networks of the catalogue, by the names that a person can choose."""

from functools import cache


@cache
def network_names() -> tuple[str, ...]:
    from tlstudio.core.model import catalogue

    return tuple(catalogue.names())
