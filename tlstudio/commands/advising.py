"""The verb that advises: which of the four ways, why, and what each would cost."""

import math
from pathlib import Path
from typing import Annotated, Any, cast

import msgspec
import typer

from tlstudio.commands.answering import answer, as_error, untagged
from tlstudio.commands.options import JsonOption, gathers
from tlstudio.commands.reading_options import reading_options
from tlstudio.core import events, requests
from tlstudio.core.errors import TLStudioError


@gathers(choices=reading_options)
def recommend(
    model: Path,
    dataset: Path,
    choices: Any,
    size: Annotated[str | None, typer.Option(help="small or large: your own verdict on the dataset.")] = None,
    similarity: Annotated[
        str | None, typer.Option(help="similar or dissimilar to what the network knows: your own verdict.")
    ] = None,
    plan_out: Annotated[
        Path | None, typer.Option("--plan-out", help="Write the recommended plan, for train --plan.")
    ] = None,
    bake_off: Annotated[
        float | None, typer.Option("--bake-off", metavar="SECONDS", help="Train each way for so long, and compare.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Say which of the four ways to take, why, and what each would cost."""
    from tlstudio.advice_text import advice_text
    from tlstudio.advising import advice_for
    from tlstudio.console import Reporter
    from tlstudio.core.advice.words import in_english
    from tlstudio.core.documents import save_document
    from tlstudio.core.files import require_writable
    from tlstudio.planning import base_plan

    _check_word("--size", size, ("small", "large"))
    _check_word("--similarity", similarity, ("similar", "dissimilar"))
    if bake_off is not None and not 0 < bake_off < math.inf:
        raise TLStudioError("option_invalid", option="--bake-off", value=bake_off, expected="seconds above 0")
    if plan_out is not None:
        require_writable(plan_out.absolute().parent)
    file, plan, remarks = base_plan(model, dataset, choices)
    baked: events.BakedOff | None = None
    with Reporter() as reporter:
        for remark in remarks:
            reporter.say(f"note: {remark}")
        advice = advice_for(file, plan, reporter, cast(Any, size), cast(Any, similarity))
        found = advice.recommendation
        if found.way is None:
            reporter.say(f"note: {in_english(found.reason)}")
            for remark in _left_undone(plan_out, bake_off):
                reporter.say(f"note: {remark}")
        elif plan_out is not None:
            save_document(found.way.plan, plan_out)
        if bake_off is not None and found.way is not None:
            plans = [way.plan for way in found.ways]
            last = reporter.run(requests.BakeOff(plans=plans, seconds=bake_off), reporter.emit)
            if not isinstance(last, events.BakedOff):
                raise as_error(last)
            baked = last
    value = as_json(advice)
    if bake_off is not None:
        value["bake_off"] = None if baked is None else {"seconds": bake_off, **untagged(baked)}
    answer(value, json, advice_text(advice, baked))


def _left_undone(plan_out: Path | None, bake_off: float | None) -> list[str]:
    """What was asked for and isn't done, since nothing can be learned.

    A plan of before is set aside: advice is an answer and no failure, so the exit code is 0, and a script that goes
    on with the file would train a plan that nobody advised. It was to be overwritten, yet nothing of it is lost.
    """
    from tlstudio.core.files import set_aside

    said = []
    if plan_out is not None:
        old = set_aside(plan_out)
        said.append(f"no plan was written to {plan_out}." + (f" The one of before is {old} now." if old else ""))
    if bake_off is not None:
        said.append("the ways were not tried against each other: on such labels chance would choose among them.")
    return said


def as_json(advice: Any) -> dict[str, Any]:
    """The answer for scripts, in plain values; remarks are sentences."""
    from tlstudio.core.advice.words import in_english

    found, measured = advice.recommendation, advice.measured

    def sentences(remarks: Any) -> list[str]:
        return [remark.english for remark in remarks]

    costs = ("strategy", "seconds", "seconds_low", "seconds_high", "peak_bytes", "fits")
    expects = ("strategy", "expected", "expected_low", "expected_high")
    return {
        "strategy": found.strategy,
        "case": found.case,
        "cut": found.cut,
        "reason": in_english(found.reason),
        "size": msgspec.to_builtins(found.size) | {"evidence": sentences(found.size.evidence)},
        "similarity": msgspec.to_builtins(found.similarity) | {"evidence": sentences(found.similarity.evidence)},
        "layers": msgspec.to_builtins(measured.layers),
        "chance": measured.chance,
        "curve": msgspec.to_builtins(measured.curve),
        "forecasts": [{name: getattr(way, name) for name in costs} for way in found.ways],
        "ways": [
            {name: getattr(way, name) for name in expects} | {"cut": way.plan.cut, "against": sentences(way.against)}
            for way in found.ways
        ],
        "extras": [
            msgspec.to_builtins(extra)
            | {"cut": extra.plan.cut, "also": list(extra.plan.also), "reason": in_english(extra.reason)}
            for extra in found.extras
        ],
        "plan": None if found.way is None else msgspec.to_builtins(found.way.plan),
        "images": measured.images,
        "preprocessing": measured.preprocessing,
        "seconds": advice.seconds,
    }


def _check_word(option: str, value: str | None, words: tuple[str, ...]) -> None:
    if value is not None and value not in words:
        expected = "choose " + " or ".join(words)
        raise TLStudioError("option_invalid", option=option, value=value, expected=expected)
