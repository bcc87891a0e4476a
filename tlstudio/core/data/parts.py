"""Train, validation and test, in the spellings that people give them."""

_SPELLINGS = {
    "train": "train",
    "training": "train",
    "trn": "train",
    "val": "validation",
    "valid": "validation",
    "validate": "validation",
    "validation": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
    "tst": "test",
    "holdout": "test",
}


def part_of(name: str) -> str | None:
    """``train``, ``validation`` or ``test`` for a folder's name or a table's word, in any case; else None."""
    return _SPELLINGS.get(name.strip().lower().removesuffix("_set").removesuffix("set").rstrip("_- "))
