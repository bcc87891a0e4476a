"""The plan's choice of random changes, and the mix of amounts that a person makes of it."""

from typing import Any

import msgspec

from tlstudio.core.data import augmentation
from tlstudio.core.plan import TrainingPlan
from tlstudio.desktop.plan_field import Read, Write


def with_choice(plan: TrainingPlan, choice: augmentation.Choice) -> TrainingPlan:
    """The plan with another choice of augmentation; an own mix begins with what was chosen before."""
    mix = plan.augmentation
    if choice == "own" and mix.is_plain:
        mix = augmentation.of(plan.augment, mix)
    return msgspec.structs.replace(plan, augment=choice, augmentation=mix)


def amount(name: str, scale: float) -> tuple[Read, Write]:
    """One of the amounts of the plan's choice; another one makes the choice an own mix, which begins with them."""

    def read(plan: TrainingPlan) -> Any:
        amounts = augmentation.of(plan.augment, plan.augmentation)
        value = getattr(amounts, name)
        return value if isinstance(value, bool) else value * scale

    def write(plan: TrainingPlan, value: Any) -> TrainingPlan:
        amounts = augmentation.of(plan.augment, plan.augmentation)
        share = value if isinstance(value, bool) else round(value / scale, 10)
        own = msgspec.structs.replace(amounts, **{name: share})
        return msgspec.structs.replace(plan, augment="own", augmentation=own)

    return read, write
