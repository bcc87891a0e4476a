"""The process that reads strangers' model files: it may die of one, and nothing else does.

It answers one line of JSON to one line of JSON. It may not write a file, nor take more memory than it needs for
any honest one; how long it may take is watched by its owner (``core.model.safely``).
"""

import os
import sys
import traceback
from pathlib import Path

import msgspec

from tlstudio.core.errors import Facts, TLStudioError
from tlstudio.core.model.reader_messages import (
    Answer,
    CheckValues,
    ListWeights,
    ModelRead,
    Question,
    ReadModel,
    Refused,
    ValuesChecked,
)

MEMORY = 900 << 20  # bytes of its own; what is only mapped from a file does not count


def main() -> int:
    """Serve until the end of input."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else prints goes to standard error
    _limit_self()
    from tlstudio.core.model import model_file  # takes a moment: before the first question, not in it
    from tlstudio.core.model.arrays import layers_not_finite
    from tlstudio.core.model.keras_model import list_weights
    from tlstudio.core.model.reading import open_model

    decoder, encoder = msgspec.json.Decoder(Question), msgspec.json.Encoder()

    def answer_to(question: Question) -> Answer:
        match question:
            case ReadModel():
                model = open_model(Path(question.path), question.opening)
                return ModelRead(model=msgspec.Raw(model_file.encode(model)))
            case CheckValues():
                model = open_model(Path(question.path), question.opening)
                return ValuesChecked(not_finite=layers_not_finite(model.weights))
            case ListWeights():
                return list_weights(Path(question.path))

    for line in sys.stdin.buffer:
        question = decoder.decode(line)
        try:
            answer = encoder.encode(answer_to(question))
        except TLStudioError as error:
            answer = encoder.encode(Refused(code=error.code, facts=_as_text(error.facts)))
        except UnicodeEncodeError:
            answer = encoder.encode(_refusal(question, "truncated_model", "a name in it is no text"))
        except MemoryError:
            detail = "it needs more memory than any honest file of its size"
            answer = encoder.encode(_refusal(question, "reader_gave_up", detail))
        except Exception as error:  # noqa: BLE001 (one file must not end the reader; the owner gets a sentence)
            traceback.print_exc()
            detail = f"{type(error).__name__}: {error}".splitlines()[0][:160]
            answer = encoder.encode(_refusal(question, "reader_gave_up", detail))
        answers.write(answer + b"\n")
        answers.flush()
    return 0


def _refusal(question: Question, code: str, detail: str) -> Refused:
    return Refused(code=code, facts=_as_text({"path": question.path, "detail": detail}))


def _as_text(facts: Facts) -> Facts:
    """Names in damaged files may hold what is no text; a sentence shows it as question marks."""
    return {k: v.encode("utf-8", "replace").decode() if isinstance(v, str) else v for k, v in facts.items()}


def _limit_self() -> None:
    """Windows has no such limits; there the owner's watch alone ends a reader that runs away."""
    if os.name != "posix":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
