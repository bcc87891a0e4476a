"""Learning rates by layer: which layers have one, and the usual ways to set them."""

from typing import Literal, get_args

from tlstudio.core.model.model_file import ModelFile
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.strategy import layers_below

Preset = Literal["flat", "rising", "upper"]
PRESETS: tuple[Preset, ...] = get_args(Preset)
LEAST = 0.1  # the factor of the lowest layer that trains, or of the lower half
DIGITS = 4  # of a factor; more say nothing


def trained_layers(model: ModelFile, plan: TrainingPlan) -> list[str]:
    """Paths of the base's layers that have weights and are not frozen, from the input up."""
    frozen = set(plan.frozen)
    return [path for path in layers_below(model, plan.cut) if model.weights.get(path) and path not in frozen]


def preset(model: ModelFile, plan: TrainingPlan, name: Preset) -> dict[str, float]:
    """Factors on the learning rate for the layers that train; those of factor 1 are left out, as in a plan.

    ``flat``: one rate for all. ``rising``: lower layers hold what is general and shall move less, so the factor grows
    geometrically from 0.1 at the lowest layer that trains to 1 at the highest (discriminative fine-tuning, Howard and
    Ruder 2018). ``upper``: 1 in the upper half of the layers that train, 0.1 in the lower.

    Raises ``ValueError`` for another name.
    """
    layers = trained_layers(model, plan)
    match name:
        case "flat":
            factors = [1.0 for _ in layers]
        case "rising":
            steps = len(layers) - 1
            factors = [LEAST ** (1 - place / steps) if steps else 1.0 for place in range(len(layers))]
        case "upper":
            lower = len(layers) // 2
            factors = [LEAST if place < lower else 1.0 for place in range(len(layers))]
        case _:
            raise ValueError(f"Expected one of {', '.join(PRESETS)}. Received: {name}")
    rounded = [float(f"{factor:.{DIGITS}g}") for factor in factors]
    return {path: factor for path, factor in zip(layers, rounded, strict=True) if factor != 1.0}


def with_rates(plan: TrainingPlan, paths: list[str], factor: float) -> dict[str, float]:
    """The plan's factors with those of some layers set; factors of 1 are left out."""
    rates = {path: rate for path, rate in plan.layer_rates.items() if path not in paths}
    if factor != 1.0:
        rates |= dict.fromkeys(paths, factor)
    return rates
