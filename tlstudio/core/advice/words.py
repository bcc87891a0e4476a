"""What advice says: a code, the facts, and one sentence. The desktop translates them (context ``Advice``)."""

from typing import Any

import msgspec

from tlstudio.core.errors import QT_TRANSLATE_NOOP, Facts

TEMPLATES: dict[str, str] = {
    "nothing_to_learn": QT_TRANSLATE_NOOP("Advice", "Nothing can be learned here: no layer tells the classes apart better than guessing ({score} against {chance}). Look at your labels."),
}  # fmt: skip


class Remark(msgspec.Struct, frozen=True):
    """``facts`` fill the template of ``code``; shares are written out already, such as 87 %."""

    code: str
    facts: Facts = {}

    @property
    def english(self) -> str:
        return TEMPLATES[self.code].format(**self.facts)


def remark(code: str, **facts: Any) -> Remark:
    """One of ``TEMPLATES``, which must be filled by the facts alone."""
    made = Remark(code, {k: v if isinstance(v, (str, int, float)) else str(v) for k, v in facts.items()})
    made.english  # noqa: B018 (a fact that is missing is found where it was forgotten)
    return made


def in_english(remarks: list[Remark]) -> str:
    return " ".join(remark.english for remark in remarks)


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"
