"""The strategy wizard without Qt: which page follows, what is known, and the plan that comes of it.

A person answers the similarity question; the size is counted and may be overruled. The case that follows is
recommended, another may be chosen.
"""

from dataclasses import dataclass, replace

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.plan import Strategy, TrainingPlan
from tlstudio.core.strategy import Advice, Similarity, Size, advise, make_plan, size_of, with_old_head

PAGES = ("size", "similarity", "advice", "plan")


@dataclass(frozen=True)
class Answers:
    """``strategy`` is None while the recommended one is taken."""

    size: Size
    similarity: Similarity | None = None
    strategy: Strategy | None = None
    keep_head: bool = False


class WizardFlow:
    """``images`` counts training images; both counts are 0 where no image folder is open."""

    def __init__(self, model: ModelFile, dataset: str, images: int, classes: int) -> None:
        self.model, self.dataset, self.images, self.classes = model, dataset, images, classes
        self.counted: Size = size_of(images, classes)
        self.answers = Answers(size=self.counted)

    # -- pages ------------------------------------------------------------------------------------------

    def next_page(self, page: str) -> str | None:
        """The page that follows, None after the last."""
        place = PAGES.index(page) + 1
        return PAGES[place] if place < len(PAGES) else None

    def can_leave(self, page: str) -> bool:
        return page != "similarity" or self.answers.similarity is not None

    # -- answers ----------------------------------------------------------------------------------------

    def answer(self, **changes: object) -> None:
        """Take an answer. One that decides about the case takes back a strategy chosen by hand."""
        if {"size", "similarity"} & set(changes) and "strategy" not in changes:
            changes["strategy"] = None
        self.answers = replace(self.answers, **changes)  # type: ignore[arg-type]

    @property
    def advice(self) -> Advice:
        return advise(self.answers.size, self.answers.similarity or "similar")

    @property
    def strategy(self) -> Strategy:
        return self.answers.strategy or self.advice.strategy

    @property
    def can_keep_head(self) -> bool:
        """The old classifier fits: as many classes, and a way that trains the layers below it."""
        fits = self.classes > 1 and self.model.output_units == self.classes
        return fits and self.strategy in {"finetune", "init", "classic"}

    def plan(self) -> TrainingPlan:
        """The plan of the chosen way. Raises ``TLStudioError`` (``no_legal_cut``)."""
        if self.answers.keep_head and self.can_keep_head:
            try:
                plan = make_plan(self.model, self.dataset, self.strategy)
            except TLStudioError:
                plan = TrainingPlan(model=str(self.model.path), dataset=self.dataset, strategy=self.strategy)
            return with_old_head(self.model, plan)
        return make_plan(self.model, self.dataset, self.strategy)
