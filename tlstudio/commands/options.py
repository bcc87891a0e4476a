"""Options that several verbs have, and how a verb takes a group of them as one parameter."""

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_args

import typer

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.opening import Opening

GroupOption = Annotated[
    str,
    typer.Option("--group-by", help="Images that stay together: folder, or a regular expression on their names."),
]
LevelOption = Annotated[int, typer.Option("--class-level", help="Which folder below the dataset names the class.")]
ColumnsOption = Annotated[
    str, typer.Option("--table-columns", help="Of a table: path=…,label=…,part=…,group=…, where they aren't found.")
]
FitOption = Annotated[
    str, typer.Option("--fit", help="crop, pad or stretch; unless given, a run's own, and stretch for a model file.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
PreprocessOption = Annotated[
    str, typer.Option("--preprocess", help="Pixel values: auto, raw, unit, symmetric, imagenet, caffe or bgr.")
]

Command = Callable[..., Any]


def gathers(**groups: Callable[..., Any]) -> Callable[[Command], Command]:
    """Give a verb the options that are the parameters of a function, in place of the parameter that takes its result.

    ``groups``: the function by the name of the verb's parameter. typer reads the options from the signature.
    """

    def decorate(command: Command) -> Command:
        parameters: list[inspect.Parameter] = []
        options: dict[str, list[str]] = {}
        for parameter in inspect.signature(command, eval_str=True).parameters.values():
            group = groups.get(parameter.name)
            if group is None:
                parameters.append(parameter)
                continue
            found = list(inspect.signature(group, eval_str=True).parameters.values())
            options[parameter.name] = [option.name for option in found]
            parameters += found

        @functools.wraps(command)
        def run(**given: Any) -> Any:
            made = {
                name: groups[name](**{option: given.pop(option) for option in taken})
                for name, taken in options.items()
            }
            return command(**given, **made)

        del run.__wrapped__  # typer would look through it at the signature behind
        keyword_only = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters]
        run.__signature__ = inspect.Signature(keyword_only)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return run

    return decorate


def opening_options(
    architecture: Annotated[
        str,
        typer.Option(
            "--architecture", help="Of bare weights: a network of the catalogue, or a file that describes it."
        ),
    ] = "",
    input_size: Annotated[
        str, typer.Option("--input-size", help="HEIGHTxWIDTH, for a network that takes any size.")
    ] = "",
    output: Annotated[str, typer.Option("--output", help="The layer whose output is used.")] = "",
    replace: Annotated[
        list[str] | None,
        typer.Option("--replace", help="LAYER=KIND: what stands in for a Lambda layer; repeatable."),
    ] = None,
) -> Opening:
    """What is chosen where a model file leaves something open. Raises ``option_invalid``."""
    from tlstudio.commands.parsing import opening_from

    return opening_from(architecture, input_size, output, replace or [])


def mode_from(text: str) -> Any:
    """Raises ``option_invalid`` for a mode that there isn't."""
    from tlstudio.core.data.preprocess import MODES

    if text not in {"auto", *MODES}:
        raise TLStudioError(
            "option_invalid", option="--preprocess", value=text, expected="one of auto, " + ", ".join(MODES)
        )
    return text


def fit_from(text: str) -> Any:
    """None where nothing was said. Raises ``option_invalid``."""
    from tlstudio.core.data.options import Fit

    if text and text not in get_args(Fit):
        raise TLStudioError("option_invalid", option="--fit", value=text, expected="crop, pad or stretch")
    return text or None
