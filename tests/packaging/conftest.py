"""What tests of packaging/ share: its modules can be imported, as its scripts do it."""

import sys
from pathlib import Path

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
sys.path.insert(0, str(PACKAGING))
