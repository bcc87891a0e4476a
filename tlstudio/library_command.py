"""What ``tlstudio library`` answers: the models on this machine, and where official weight files are or belong."""

from pathlib import Path

import msgspec

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.catalogue import Network, networks
from tlstudio.core.model.library import Card, Entry, Library, card_of
from tlstudio.core.model.official_weights import WeightFile
from tlstudio.core.model.safely import read_model

# What may be wrong with a model that is worth keeping: a person can choose something, or use a part of it.
KEPT = {"weights_only", "lambda_layer", "unsupported_layer", "custom_model", "not_image_classifier"}


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """A model of the library; ``size`` in bytes."""

    path: str
    size: int
    has_card: bool
    problem: str
    card: Card


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """An official weight file: at ``path`` if it is here, else it belongs into ``folder``."""

    name: str
    top: bool
    path: str | None
    folder: str
    problem: str


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A network of the catalogue; ``size``: height and width in pixels; ``preprocessing``: what it takes."""

    name: str
    size: tuple[int, int]
    preprocessing: str
    licence: str
    files: list[Weights]


class LibraryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``added``: the path of the model that this call added, if it did."""

    folder: str
    models: list[Model]
    networks: list[Known]
    added: str | None = None


def add_model(path: Path) -> Entry:
    """Copy a model into the library, with a card of what it tells of itself.

    Raises what ``core.model.safely.read_model`` raises for what is no model or is unsafe, and as ``Library.add``.
    """
    card = Card(title=path.stem)
    others: tuple[Path, ...] = ()
    try:
        model = read_model(path)
    except TLStudioError as error:
        if error.code not in KEPT:
            raise
        card = msgspec.structs.replace(card, notes=str(error))
    else:
        card = card_of(model)
        others = () if path.is_dir() else tuple(file for file in model.files if file.resolve() != path.resolve())
    return Library().add(path, card, others=others)


def look_up(text: str = "", added: Entry | None = None) -> LibraryAnswer:
    """The library's models and the catalogue's networks in which every word of ``text`` is found."""
    library = Library()
    words = text.lower().split()
    known = [network for network in networks() if all(word in network.name.lower() for word in words)]
    return LibraryAnswer(
        folder=str(library.folder),
        models=[_model(entry) for entry in library.search(text)],
        networks=[_known(network, library.where_to_put(network)) for network in known],
        added=str(added.path) if added is not None else None,
    )


def _model(entry: Entry) -> Model:
    return Model(
        path=str(entry.path), size=entry.size, has_card=entry.has_card, problem=entry.problem, card=entry.card
    )


def _known(network: Network, files: list[WeightFile]) -> Known:
    return Known(
        name=network.name,
        size=network.size,
        preprocessing=network.mode,
        licence=network.licence,
        files=[
            Weights(
                name=file.name,
                top=file.top,
                path=str(file.path) if file.path is not None else None,
                folder=str(file.folder),
                problem=file.problem,
            )
            for file in files
        ],
    )


def library_text(answer: LibraryAnswer) -> str:
    """The answer in lines: a line for each model, then for each network its files that are here, or those that the
    person brings (one with and one without top; the same network at other image sizes has more)."""
    lines = [f"model library: {answer.folder}"]
    if answer.added:
        lines.append(f"added: {answer.added}")
    lines += [_model_line(model) for model in answer.models] or ["  no models"]
    lines.append(f"known networks (put a missing file into {answer.folder}):")
    for network in answer.networks:
        lines.append(f"  {network.name}, {network.size[0]}×{network.size[1]}, weights {network.licence}")
        for top in (True, False):
            files = [file for file in network.files if file.top == top]
            here = [f"    here: {file.path}" for file in files if file.path]
            words = "with" if top else "without"
            lines += here or [f"    missing: {files[0].name} ({words} top)"]
        lines += [f"    not it: {file.problem}" for file in network.files if file.problem]
    return "\n".join(lines)


def _model_line(model: Model) -> str:
    card = model.card
    count = len(card.classes) or card.class_count
    facts = [
        card.title,
        Path(model.path).name,
        f"{model.size / 1e6:.1f} MB",
        card.recognised,
        f"{count} classes" if count else "",
        f"{card.input_size[0]}×{card.input_size[1]}" if card.input_size else "",
        card.source,
        card.licence,
        model.problem,
    ]
    return "  " + ", ".join(fact for fact in facts if fact)
