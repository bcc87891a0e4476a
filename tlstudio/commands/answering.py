"""Answers on standard output: JSON for scripts, words for people."""

import sys
from typing import Any

import msgspec

from tlstudio.core import events
from tlstudio.core.errors import TLStudioError


def answer(value: Any, as_json: bool, text: str) -> None:
    """Print a verb's answer, one object or its text."""
    if as_json:
        sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    else:
        sys.stdout.write(text + "\n")
    sys.stdout.flush()


def untagged(event: events.Event) -> Any:
    """An event as an answer: its fields without its type."""
    return {name: value for name, value in msgspec.to_builtins(event).items() if name != "type"}


def as_error(event: events.Event) -> BaseException:
    """What to raise where a job ended with something else than its answer. Where the job told more of it, such as a
    traceback, that is a note, which ``--debug`` shows and people are spared."""
    if isinstance(event, events.JobFailed):
        error = TLStudioError(event.code, **event.facts)
        if event.detail:
            error.add_note(event.detail)
        return error
    return KeyboardInterrupt()
