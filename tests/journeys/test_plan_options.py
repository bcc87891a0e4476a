"""From what is typed to a plan, without running it."""

import json
import shutil
from pathlib import Path
from typing import Any

import h5py
import msgspec
import pytest
import typer

from tlstudio.commands.options import gathers
from tlstudio.commands.reading_options import reading_options
from tlstudio.commands.training_options import plan_options
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.safely import read_model
from tlstudio.core.plan import Schedule, TrainingPlan
from tlstudio.planning import Choices, base_plan, plan_from_choices


def plan_of(sample: Path, *typed: object, file: Path | None = None) -> TrainingPlan:
    """The plan of ``tlstudio train`` with these options on the sample."""
    app, made = typer.Typer(add_completion=False), list[TrainingPlan]()

    @app.command()
    @gathers(choices=plan_options)
    def take(choices: Any) -> None:
        made.append(plan_from_choices(sample / "model.hdf5", sample / "images", choices, file)[0])

    app(args=[str(word) for word in typed], standalone_mode=False)
    return made[0]


def test_that_recipes_are_typed_as_they_are_planned(sample: Path) -> None:
    plan = plan_of(
        sample, "--strategy", "finetune", "--schedule", "cosine", "--warmup", 1.5, "--weight-decay", 0.01,
        "--label-smoothing", 0.1, "--balanced", "--accumulate", 4, "--augment", "light", "--views", 6,
        "--precision", "mixed", "--optimizer", "adamw",
    )  # fmt: skip
    assert plan.schedule == Schedule(kind="cosine", warmup=1.5)
    assert (plan.optimizer.name, plan.optimizer.weight_decay) == ("adamw", 0.01)
    assert (plan.label_smoothing, plan.balanced, plan.accumulate, plan.views) == (0.1, True, 4, 6)
    assert plan.precision == "mixed" and plan.augment == "light"


def test_that_what_is_not_typed_stays_the_strategys(sample: Path) -> None:
    usual = plan_of(sample, "--strategy", "features")
    assert usual == plan_of(sample, "--strategy", "features", "--schedule", "constant", "--solver", "gradient")
    assert (usual.accumulate, usual.views, usual.balanced, usual.layer_rates) == (1, 0, False, {})


def test_that_who_asks_for_patience_keeps_the_best_epoch(sample: Path) -> None:
    assert plan_of(sample, "--strategy", "init").keep == "last"
    assert plan_of(sample, "--strategy", "init", "--patience", 3).keep == "best"
    assert plan_of(sample, "--strategy", "init", "--patience", 3, "--keep", "last").keep == "last"


def test_that_options_override_a_plan_of_a_file(sample: Path, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    first = plan_of(sample, "--strategy", "finetune", "--schedule", "plateau", "--label-smoothing", 0.2)
    file.write_bytes(msgspec.json.encode(first))
    second = plan_of(sample, "--label-smoothing", 0, "--warmup", 2, file=file)
    assert (second.label_smoothing, second.schedule) == (0.0, Schedule(kind="plateau", warmup=2.0))


def test_that_rates_of_layers_are_presets_and_globs_over_them(sample: Path) -> None:
    rising = plan_of(sample, "--strategy", "init", "--layer-rates", "rising")
    factors = [rising.layer_rates[name] for name in ("block1_conv1", "block2_conv1", "block3_conv1")]
    assert factors == sorted(factors) and factors[0] == 0.1
    own = plan_of(
        sample, "--strategy", "init", "--layer-rates", "rising", "--layer-rate", "block1_*=0", "--layer-rate",
        "block3_conv2=2.5",
    )  # fmt: skip
    assert own.layer_rates["block1_conv1"] == own.layer_rates["block1_conv2"] == 0
    assert own.layer_rates["block3_conv2"] == 2.5
    assert own.layer_rates["block2_conv1"] == rising.layer_rates["block2_conv1"]


def test_that_a_rate_of_a_frozen_layer_is_refused(sample: Path) -> None:
    with pytest.raises(TLStudioError) as refused:
        plan_of(sample, "--strategy", "finetune", "--layer-rate", "block1_conv1=0.5")
    assert refused.value.code == "layer_unknown"


def test_that_the_solver_fits_one_layer_on_fixed_features(sample: Path) -> None:
    assert plan_of(sample, "--strategy", "features", "--solver", "logistic").solver == "logistic"
    for typed, words in (
        (("--strategy", "classic"), "--head none"),
        (("--strategy", "finetune"), "frozen"),
        (("--strategy", "init", "--head", "keep"), "--head none"),
    ):
        with pytest.raises(TLStudioError) as refused:
            plan_of(sample, *typed, "--solver", "logistic")
        assert refused.value.code == "option_invalid" and words in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("--schedule", "linear"), "constant or cosine or plateau"),
        (("--layer-rates", "falling"), "flat or rising or upper"),
        (("--layer-rate", "block1"), "GLOB=FACTOR"),
        (("--layer-rate", "block1=-1"), "from 0 to 1000"),
        (("--layer-rate", "block1=nan"), "from 0 to 1000"),
        (("--warmup", -1), "at least 0"),
        (("--warmup", "nan"), "at least 0"),
        (("--weight-decay", 1), "below 1"),
        (("--label-smoothing", 1.5), "below 1"),
        (("--accumulate", 0), "at least 1"),
        (("--views", 101), "below 101"),
        (("--views", -1), "at least 0"),
        (("--precision", "double"), "float32 or mixed"),
    ],
)
def test_that_what_cannot_be_is_refused_with_what_can(sample: Path, typed: tuple[object, ...], words: str) -> None:
    with pytest.raises(TLStudioError) as refused:
        plan_of(sample, *typed)
    assert refused.value.code == "option_invalid" and refused.value.exit_code == 2
    assert str(typed[0]) in str(refused.value) and words in str(refused.value)


def test_that_further_layers_are_typed_one_by_one_and_kept_from_the_input_up(sample: Path, tmp_path: Path) -> None:
    plan = plan_of(sample, "--strategy", "features", "--also", "block3_conv1", "--also", "block1_conv2")
    assert plan.also == ("block1_conv2", "block3_conv1")
    file = tmp_path / "plan.json"
    file.write_bytes(msgspec.json.encode(plan))
    assert plan_of(sample, file=file).also == plan.also
    assert plan_of(sample, "--cut", "block2_conv2", file=file).also == ("block1_conv2",)
    assert plan_of(sample, "--head", "keep", file=file).also == ()


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (["--strategy", "features", "--also", "no_layer"], "also_illegal"),
        (["--also", "no_layer"], "also_illegal"),  # before anything is measured
        (["--strategy", "finetune", "--head", "keep", "--also", "block1_conv2"], "also_needs_new_head"),
    ],
)
def test_that_further_layers_that_cannot_be_used_are_refused(sample: Path, typed: list[str], code: str) -> None:
    with pytest.raises(TLStudioError) as caught:
        plan_of(sample, *typed)
    assert caught.value.code == code


def test_that_options_of_reading_are_the_same_for_advice_and_training(sample: Path) -> None:
    typed = ["--seed", 3, "--fit", "pad", "--validation-split", 0.2, "--background", "grey", "--page", 2]
    app, made = typer.Typer(add_completion=False), list[TrainingPlan]()

    @app.command()
    @gathers(choices=reading_options)
    def take(choices: Any) -> None:
        made.append(base_plan(sample / "model.hdf5", sample / "images", choices)[1])

    app(args=[str(word) for word in typed], standalone_mode=False)
    trained = plan_of(sample, "--strategy", "features", *typed)
    fields = ("seed", "fit", "validation_split", "images", "layout", "opening")
    assert [getattr(made[0], name) for name in fields] == [getattr(trained, name) for name in fields]
    assert (trained.seed, trained.fit, trained.images.page, trained.images.background) == (3, "pad", 1, "grey")


def test_that_a_plan_comes_with_its_model_as_a_run_will_read_it(
    sample: Path, residual_model: Path, tmp_path: Path
) -> None:
    any_size = Path(shutil.copy(residual_model, tmp_path / "any_size.h5"))
    with h5py.File(any_size, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        config["config"]["layers"][0]["config"]["batch_shape"] = [None, None, None, 3]
        file.attrs["model_config"] = json.dumps(config)
    for model in (sample / "model.hdf5", any_size):
        planned = plan_from_choices(model, sample / "images", Choices(strategy="features"))
        assert planned.model == read_model(Path(planned.plan.model), planned.plan.opening)
        assert planned.model.input_shape is not None and None not in planned.model.input_shape
