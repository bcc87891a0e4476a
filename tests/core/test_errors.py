"""Every error that is raised anywhere has its sentence, and every sentence can be filled."""

import re
import string
from pathlib import Path

from tests.conftest import PROJECT
from tlstudio.core.errors import TEMPLATES, VARIANTS

RAISED = re.compile(r'(?:TLStudioError|_refusal)\(\s*(?:question, )?"([a-z0-9_]+)"')
REFUSALS = re.compile(r'refusal="([a-z_]+)"')


def sources() -> list[Path]:
    return sorted((PROJECT / "tlstudio").rglob("*.py"))


def test_that_every_error_that_is_raised_has_a_sentence() -> None:
    raised = {
        code for path in sources() for find in (RAISED, REFUSALS) for code in find.findall(path.read_text("utf-8"))
    }
    assert len(raised) > 50
    assert raised <= set(TEMPLATES)


def test_that_every_sentence_is_used_somewhere() -> None:
    text = "\n".join(path.read_text("utf-8") for path in sources() if path.name != "errors.py")
    assert {code for code in TEMPLATES if f'"{code}"' not in text} == set()


def test_that_variants_take_the_facts_of_their_errors() -> None:
    def fields(template: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(template) if name}

    for (code, empty), template in VARIANTS.items():
        assert empty in fields(TEMPLATES[code][1]) and fields(template) <= fields(TEMPLATES[code][1])
