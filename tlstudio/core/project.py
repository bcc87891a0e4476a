"""A project file ``NAME.tlstudio``: which model, which images, which plan, with paths relative to it."""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from tlstudio.core.documents import Document, load_document, save_document
from tlstudio.core.model.opening import ARCHITECTURE_FILES, Opening
from tlstudio.core.plan import TrainingPlan

SUFFIX = ".tlstudio"


class Project(Document, frozen=True, kw_only=True):
    """In memory the paths are absolute; in the file they are relative to it where that is possible."""

    model: str | None = None
    dataset: str | None = None
    plan: TrainingPlan | None = None


def save_project(project: Project, path: Path) -> None:
    """Raises ``TLStudioError`` (``disk_full``, ``folder_not_writable``)."""
    save_document(_map_paths(project, lambda p: _relative(p, path.parent)), path)


def load_project(path: Path) -> Project:
    """Raises ``TLStudioError`` (``path_missing``, ``plan_invalid``, ``newer_file``)."""
    project = load_document(Project, path)
    folder = path.resolve().parent
    return _map_paths(project, lambda p: str((folder / p).resolve()))


def _relative(path: str, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path, folder.resolve())).as_posix()
    except ValueError:  # another drive on Windows
        return path


def _map_architecture(opening: Opening, change: Callable[[str], str]) -> Opening:
    """A network of the catalogue is named, not placed; only a file that describes one has a path."""
    if Path(opening.architecture).suffix.lower() not in ARCHITECTURE_FILES:
        return opening
    return msgspec.structs.replace(opening, architecture=change(opening.architecture))


def _map_paths(project: Project, change: Callable[[str], str]) -> Project:
    plan = project.plan
    if plan is not None:
        plan = msgspec.structs.replace(
            plan,
            model=change(plan.model) if plan.model else "",
            dataset=change(plan.dataset) if plan.dataset else "",
            opening=_map_architecture(plan.opening, change),
        )
    return Project(
        version=project.version,
        model=change(project.model) if project.model else None,
        dataset=change(project.dataset) if project.dataset else None,
        plan=plan,
    )
