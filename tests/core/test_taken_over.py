"""What advice takes over from a person's plan."""

from tests.core.test_advice import FREE, measured
from tlstudio.core.advice.decision import recommend
from tlstudio.core.advice.taken_over import KEPT, MEASURED
from tlstudio.core.model.safely import read_model
from tlstudio.core.plan import TrainingPlan
from tlstudio.core.resources import resource_path


def test_that_an_advised_plan_is_of_what_was_measured() -> None:
    model = read_model(resource_path("sample/model.hdf5"))
    own = TrainingPlan(
        model="m.h5", dataset="images", preprocess="caffe", fit="stretch", seed=9, validation_split=0.3,
        group_by="folder", class_weights=True, balanced=True, checkpoint_format="hdf5", epochs=3, batch_size=7,
    )  # fmt: skip
    assert set(MEASURED) < set(KEPT) <= set(TrainingPlan.__struct_fields__)
    for way in recommend(model, own, measured(model), FREE).ways:
        assert all(getattr(way.plan, name) == getattr(own, name) for name in KEPT)
        assert (way.plan.epochs, way.plan.batch_size) != (3, 7)
