"""The strategy wizard without Qt: which page follows, what is known, and the plan that comes of it.

Where network and images were measured, both verdicts and the advice come from there, and a person may overrule them.
Else the size is counted, the similarity is asked for, and the case that follows is recommended. Another way than the
recommended one may always be chosen.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from tlstudio.core.advice.recommendation import ExtraKind, ExtraPlan, Recommendation, Way
from tlstudio.core.errors import TLStudioError
from tlstudio.core.events import Measured
from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.plan import Strategy, TrainingPlan
from tlstudio.core.strategy import Advice, Similarity, Size, advise, make_plan, size_of, with_old_head

PAGES = ("measuring", "measured", "size", "similarity", "advice", "plan")
# A question for advice: what was measured, and the person's own verdicts, None for those that are left as measured.
# Its answer is given to ``take_advice``.
Ask = Callable[[Measured, Size | None, Similarity | None], None]


@dataclass(frozen=True)
class Answers:
    """``size`` and ``similarity`` are None as long as nobody said otherwise than what was counted or measured;
    ``strategy`` while the recommended one is taken, ``extra`` while no advanced plan is."""

    size: Size | None = None
    similarity: Similarity | None = None
    strategy: Strategy | None = None
    extra: ExtraKind | None = None
    keep_head: bool = False


class WizardFlow:
    """``images`` counts training images; both counts are 0 where no image folder is open. ``is_coming``: a
    measurement is under way; ``failure``: what became of one, in words.

    ``as_measured``: the advice by what was measured alone, for its verdicts and their evidence; ``recommendation``:
    the one by the person's verdicts, too, None while it is being made (``is_thinking``)."""

    def __init__(
        self,
        model: ModelFile,
        dataset: str,
        images: int,
        classes: int,
        ask: Ask | None = None,
        is_coming: bool = False,
        failure: str = "",
    ) -> None:
        self.model = model
        self.know_images(dataset, images, classes)
        self.answers = Answers()
        self.is_coming, self.failure = is_coming, failure
        self.can_look = False  # a measurement can be had after all
        self.as_measured: Recommendation | None = None
        self.recommendation: Recommendation | None = None
        self._measured: Measured | None = None
        self._ask = ask

    def know_images(self, dataset: str, images: int, classes: int) -> None:
        """Those that are open now: a folder may still be read while the wizard is open."""
        self.dataset, self.images, self.classes = dataset, images, classes
        self.counted: Size = size_of(images, classes)

    # -- the measurement --------------------------------------------------------------------------------

    def take_measurement(self, measured: Measured, advice: Recommendation) -> None:
        """It has come, with the advice by it alone, which is asked for anew: memory and settings may have changed."""
        self.is_coming, self.as_measured, self._measured = False, advice, measured
        self._think()

    def take_advice(self, advice: Recommendation) -> None:
        """The answer to the newest question."""
        self.recommendation = advice

    def give_up(self, failure: str = "") -> None:
        """It is not waited for, or no advice can be given: the two questions are asked."""
        self.is_coming, self.failure = False, failure
        self.as_measured = self.recommendation = None

    def wait(self) -> None:
        """It is waited for after all."""
        self.is_coming, self.failure = True, ""

    def _think(self) -> None:
        self.recommendation = None
        if self._ask is not None and self._measured is not None:
            self._ask(self._measured, self.answers.size, self.answers.similarity)

    @property
    def is_measured(self) -> bool:
        return self.as_measured is not None

    @property
    def is_thinking(self) -> bool:
        return self.is_measured and self.recommendation is None

    @property
    def is_hopeless(self) -> bool:
        """It was measured, and nothing can be learned."""
        return self.as_measured is not None and self.as_measured.strategy is None

    # -- pages ------------------------------------------------------------------------------------------

    @property
    def first_page(self) -> str:
        if self.is_measured:
            return "measured"
        return "measuring" if self.is_coming else "size"

    def next_page(self, page: str) -> str | None:
        """The page that follows, None after the last."""
        match page:
            case "measuring":
                return "measured" if self.is_measured else "size"
            case "measured":
                return "advice" if self.is_measured else "size"
        place = PAGES.index(page) + 1
        return PAGES[place] if place < len(PAGES) else None

    def can_leave(self, page: str) -> bool:
        match page:
            case "measuring":
                return not self.is_coming
            case "measured":
                return not self.is_thinking
            case "similarity":
                return self.answers.similarity is not None
            case "advice":
                return self.strategy is not None and not self.is_thinking
        return True

    # -- answers ----------------------------------------------------------------------------------------

    def answer(self, **changes: object) -> None:
        """Take an answer. One that decides about the case takes back a strategy chosen by hand; a strategy takes back
        an advanced plan, and the other way round."""
        decides = bool({"size", "similarity"} & set(changes))
        if decides or {"strategy", "extra"} & set(changes):
            changes = {"strategy": None, "extra": None} | changes
        self.answers = replace(self.answers, **changes)  # type: ignore[arg-type]
        if decides and self.is_measured:
            self._think()

    @property
    def size(self) -> Size:
        return self.answers.size or self.counted

    @property
    def advice(self) -> Advice:
        """By the two answers alone."""
        return advise(self.size, self.answers.similarity or "similar")

    @property
    def recommended(self) -> Strategy | None:
        """None where nothing can be learned, and while advice is being made."""
        if self.is_measured:
            return self.recommendation.strategy if self.recommendation is not None else None
        return self.advice.strategy

    @property
    def strategy(self) -> Strategy | None:
        """The chosen way, else the recommended one; that of an advanced plan where one is chosen."""
        if self.extra is not None:
            return self.extra.plan.strategy
        return self.answers.strategy or self.recommended

    @property
    def way(self) -> Way | None:
        """What is known of the chosen way; None where nothing was measured, of the classic recipe, and where an
        advanced plan is chosen."""
        ways = self.recommendation.ways if self.recommendation is not None and self.extra is None else []
        return next((way for way in ways if way.strategy == self.strategy), None)

    @property
    def extras(self) -> list[ExtraPlan]:
        """The advanced plans that are offered."""
        return self.recommendation.extras if self.recommendation is not None else []

    @property
    def extra(self) -> ExtraPlan | None:
        """The advanced plan that is chosen, as long as it is offered."""
        return next((extra for extra in self.extras if extra.kind == self.answers.extra), None)

    @property
    def can_keep_head(self) -> bool:
        """The old classifier fits: as many classes, and a way that trains the layers below it."""
        fits = self.classes > 1 and self.model.output_units == self.classes
        return fits and self.extra is None and self.strategy in {"finetune", "init", "classic"}

    def plan(self) -> TrainingPlan:
        """The plan of the chosen way. Raises ``TLStudioError`` (``no_legal_cut``)."""
        strategy = self.strategy
        if strategy is None:
            raise ValueError("no way was chosen, and none is recommended")
        if self.answers.keep_head and self.can_keep_head:
            return with_old_head(self.model, self._plan_below_old_head(strategy))
        known = self.extra or self.way
        if known is not None:
            return known.plan
        return make_plan(self.model, self.dataset, strategy, images=self.images or None)

    def _plan_below_old_head(self, strategy: Strategy) -> TrainingPlan:
        if self.way is not None:
            return self.way.plan
        try:
            return make_plan(self.model, self.dataset, strategy, images=self.images or None)
        except TLStudioError:
            return TrainingPlan(model=str(self.model.path), dataset=self.dataset, strategy=strategy)
