"""Where the program's own files lie: beside the package in a checkout, inside the folder of a bundle."""

import sys
from pathlib import Path


def resource_path(relative: str) -> Path:
    """The place of ``resources/<relative>``."""
    bundle = getattr(sys, "_MEIPASS", None)
    root = Path(bundle) if bundle else Path(__file__).resolve().parents[2]
    return root / "resources" / relative


def sample_project() -> Path:
    return resource_path("sample/sample.tlstudio")
