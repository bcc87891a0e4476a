"""What a model file leaves open, as questions and answers without Qt: which output, which input size, whose weights,
what stands in for program code.

A file is read; what it leaves open comes as questions; their answers make an ``Opening``, with which it is read
again. That may bring another question (a second Lambda), so the choices so far are kept.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.opening import Opening

if TYPE_CHECKING:
    from tlstudio.core.model.model_file import ModelFile
    from tlstudio.core.model.reader_messages import WeightsListed

LARGEST_SIDE = 8192
# Refusals that an answer can be the reason of: the question comes again with the sentence above it.
WRONG_ANSWERS = {
    "architecture_unknown", "model_missing", "not_a_model", "output_unknown", "stand_in_unknown",
    "truncated_model", "unreadable_network", "unsafe_model", "weights_mismatch",
}  # fmt: skip


@dataclass(frozen=True)
class OutputQuestion:
    """``outputs``: layer path and what it gives, such as ``Dense`` and ``10``."""

    outputs: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class SizeQuestion:
    """``height`` and ``width`` are what is proposed; one that the file names can't be changed."""

    height: int
    width: int
    is_height_free: bool = True
    is_width_free: bool = True


@dataclass(frozen=True)
class ArchitectureQuestion:
    """Whose weights these are. ``layers``: name, shapes and number of parameters, in the file's order."""

    writer: str
    layers: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class LayerQuestion:
    """A layer that can't be built. ``below``: the highest layer under it that the network may end at, or empty.
    ``suggestion``: a key of ``lambdas.STAND_INS`` that its name or its code's numbers point to, or empty."""

    layer: str
    type: str
    below: str
    suggestion: str = ""
    can_be_replaced: bool = False


@dataclass(frozen=True)
class FileQuestion:
    """A file of the model that is missing, or one of several that could be meant. ``code``: the error's, which says
    what is missing; ``names``: files beside the opened one that could be it."""

    code: str
    names: tuple[str, ...] = ()


Question = OutputQuestion | SizeQuestion | ArchitectureQuestion | LayerQuestion | FileQuestion


@dataclass
class OpeningFlow:
    """The questions about one file, the answers to them, and the choices of earlier rounds.

    ``error``: why the last answers did not do; ``model``: what was read, where it is only open what to use of it.
    """

    path: Path
    questions: tuple[Question, ...]
    opening: Opening = field(default_factory=Opening)
    model: "ModelFile | None" = None
    error: TLStudioError | None = None
    answers: dict[type, object] = field(default_factory=dict)

    def answer(self, question: Question, value: object) -> None:
        """``value``: the path of an output; height and width; a name or path of an architecture; the path of a file;
        for a layer ``("below", "")`` or ``("replace", choice)``. None takes an answer back."""
        if value is None:
            self.answers.pop(type(question), None)
        else:
            self.answers[type(question)] = value

    @property
    def is_complete(self) -> bool:
        return all(type(question) in self.answers for question in self.questions)

    def result(self) -> Opening:
        """The choices so far and the answers."""
        opening = self.opening
        for question in self.questions:
            opening = _with_answer(opening, question, self.answers[type(question)])
        if self.place() != self.path:
            opening = msgspec.structs.replace(opening, architecture=str(self.path))
        return opening

    def place(self) -> Path:
        """What is to be read: the opened file, or the weights that a person named for a mere description."""
        for question in self.questions:
            if isinstance(question, FileQuestion) and question.code == "weights_missing":
                return Path(str(self.answers[FileQuestion]))
        return self.path

    @property
    def is_about_size_alone(self) -> bool:
        """The file needs no second reading."""
        return self.model is not None and all(isinstance(question, SizeQuestion) for question in self.questions)


def _with_answer(opening: Opening, question: Question, value: object) -> Opening:
    match question, value:
        case OutputQuestion(), str(path):
            return msgspec.structs.replace(opening, output=path)
        case SizeQuestion(), (int(height), int(width)):
            return msgspec.structs.replace(opening, input_size=(height, width))
        case ArchitectureQuestion() | FileQuestion(), str(name):
            return msgspec.structs.replace(opening, architecture=name)
        case LayerQuestion(), ("below", _):
            return msgspec.structs.replace(opening, output=question.below)
        case LayerQuestion(), ("replace", str(choice)):
            return msgspec.structs.replace(opening, replacements={**opening.replacements, question.layer: choice})
    raise ValueError(f"Expected an answer to {type(question).__name__}. Received: {value!r}")


def flow_of_model(model: "ModelFile", words: Callable[["ModelFile", str], str]) -> OpeningFlow | None:
    """The questions that a model leaves open, None where there is none. ``words``: an output's shape in words."""
    from tlstudio.core.model.reading import default_size

    questions: list[Question] = []
    if "output" in model.asks:
        outputs = ((path, model.graph.layers[path].type, words(model, path)) for path in model.outputs)
        questions.append(OutputQuestion(tuple(outputs)))
    if "input_size" in model.asks and model.input_shape is not None:
        height, width = model.input_shape[:2]
        usual = default_size(model)
        questions.append(SizeQuestion(height or usual[0], width or usual[1], height is None, width is None))
    return OpeningFlow(model.path, tuple(questions), model.opening, model) if questions else None


def flow_of_error(
    error: TLStudioError, path: Path, opening: Opening, listed: "WeightsListed | None"
) -> OpeningFlow | None:
    """The question behind a refusal, None where it leaves nothing to choose."""
    from tlstudio.core.model.reading import DEFAULT_SIDE

    facts = {name: str(value) for name, value in error.facts.items()}
    question: Question
    if error.code == "weights_only" and listed is not None:
        layers = (
            (name, ", ".join("×".join(map(str, shape)) or "1" for shape in shapes), listed.parameters(name))
            for name, shapes in listed.layers.items()
        )
        question = ArchitectureQuestion(listed.writer, tuple(layers))
    elif error.code == "lambda_layer":
        suggestion = facts["type"] if facts["type"] != "Lambda" else ""
        question = LayerQuestion(facts["layer"], "Lambda", facts["below"], suggestion, can_be_replaced=True)
    elif error.code == "unsupported_layer" and facts["below"]:
        question = LayerQuestion(facts["layer"], facts["type"], facts["below"])
    elif error.code in {"caffe_network_missing", "caffe_weights_missing", "caffe_several", "weights_missing"}:
        names = [name for name in facts.get("files", "").rstrip("…").split(", ") if name not in {"", "-"}]
        question = FileQuestion(error.code, tuple(names))
    elif error.code == "caffe_input_unknown":
        question = SizeQuestion(DEFAULT_SIDE, DEFAULT_SIDE)
    else:
        return None
    return OpeningFlow(path, (question,), opening)
