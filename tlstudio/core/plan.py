"""A training plan: everything that a run needs, and nothing else. Window, wizard and command line make them."""

from typing import Annotated, Literal

import msgspec

from tlstudio.core.data.augmentation import NONE, Augmentation, Choice
from tlstudio.core.data.options import DatasetEdits, Fit, ImageOptions, Layout
from tlstudio.core.documents import Document
from tlstudio.core.model.opening import Opening

Strategy = Literal["features", "finetune", "lower-features", "init", "classic"]
PreprocessChoice = Literal["auto", "raw", "unit", "symmetric", "imagenet", "caffe", "bgr"]
OptimizerName = Literal["sgd", "adam", "adamw", "rmsprop"]
Positive = Annotated[float, msgspec.Meta(gt=0)]
Fraction = Annotated[float, msgspec.Meta(ge=0, lt=1)]
Factor = Annotated[float, msgspec.Meta(ge=0, le=1000)]
Count = Annotated[int, msgspec.Meta(ge=1)]


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What comes above the cut. ``keep`` leaves the model's own classifier in place and makes no cut.

    ``hidden``: units of Dense layers (ReLU), each followed by ``dropout``, below a softmax over the classes.
    ``pooling`` brings a feature map to a vector; it is not used where the cut gives a vector already.
    ``standardize`` shifts and scales each feature to mean 0 and deviation 1 over the training images, since
    networks give features of very different sizes and a classifier on them learns badly from the large ones.
    """

    kind: Literal["new", "keep"] = "new"
    hidden: tuple[Count, ...] = ()
    dropout: Fraction = 0.0
    pooling: Literal["average", "flatten"] = "average"
    standardize: bool = False


class Optimizer(msgspec.Struct, frozen=True, kw_only=True):
    """``decay``: the rate falls as rate / (1 + decay * updates), Keras 2's time decay. ``weight_decay``: decoupled,
    as in AdamW (Loshchilov and Hutter 2019), for any of them; None: the optimizer's own usual value."""

    name: OptimizerName = "adam"
    learning_rate: Positive = 1e-3
    momentum: Fraction = 0.0
    nesterov: bool = False
    decay: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    weight_decay: Annotated[float, msgspec.Meta(ge=0, lt=1)] | None = None


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """How the learning rate of the main stage moves, beside the optimizer's own time decay.

    ``warmup``: epochs in which it rises from almost nothing. ``cosine`` then falls along half a cosine to ``floor``
    times the rate at the last planned epoch (Loshchilov and Hutter 2017). ``plateau`` multiplies it by ``factor``
    whenever ``patience`` epochs brought no gain, down to ``floor``.
    """

    kind: Literal["constant", "cosine", "plateau"] = "constant"
    warmup: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    floor: Fraction = 0.0
    factor: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.3
    patience: Count = 3


class HeadFirst(msgspec.Struct, frozen=True, kw_only=True):
    """A stage before the main one in which only the new head learns, until it settles, for at most ``epochs``
    and half of the plan's epochs. The main stage has what is left of the plan's.

    Fine-tuning under an untrained head would tear the features (Kumar et al. 2022, LP-FT).
    """

    learning_rate: Positive = 1e-3
    epochs: Count = 30
    patience: Count = 4


class TrainingPlan(Document, frozen=True, kw_only=True):
    """``frozen`` lists the paths of frozen layers (leaves of the tree) below the cut; all others train.

    ``monitor``: which validation metric says which epoch is the best, and when there is no more gain. Accuracy
    moves in steps of one image, so the loss is the steadier judge where validation images are few.
    ``keep``: which epoch of the main stage the run's model is of. ``last`` is for a rate that falls to nothing by the
    last epoch, and then more is learned than few validation images could choose.
    ``also``: paths of layers below the cut whose features the new head is given, too, each averaged over all places
    and set beside those of the cut (``core.further_layers``).
    ``model`` and ``dataset`` are paths; in a project file they are relative to it.
    ``images``: how files that are deeper than a picture, or hold several, become one. ``opening``: what was chosen
    where the model file leaves something open. ``group_by``: which images belong together (``core.data.groups``).
    ``layout``: how the dataset says which image is of which class; ``edits``: what was changed of it.

    ``layer_rates``: factors on the learning rate by layer path; 1 where a layer isn't named.
    ``accumulate``: in how many parts a batch goes through the network, to need less memory; the update is the same.
    ``augmentation``: the amounts where ``augment`` is ``own``. ``balanced``: each class is drawn equally often.
    ``views``: so many augmented versions of each image are kept and taken in turns; 0: drawn anew in each epoch.
    ``solver``: ``logistic`` fits a linear head on fixed features by L-BFGS, its strength of regularization chosen by
    the validation images, instead of by gradient steps.
    ``precision``: ``mixed`` computes in half precision where a GPU gains from it.
    """

    model: str = ""
    dataset: str = ""
    strategy: Strategy = "features"
    cut: str | None = None
    frozen: tuple[str, ...] = ()
    head: Head = Head()
    optimizer: Optimizer = Optimizer()
    schedule: Schedule = Schedule()
    layer_rates: dict[str, Factor] = msgspec.field(default_factory=dict)
    label_smoothing: Fraction = 0.0
    head_first: HeadFirst | None = None
    epochs: Count = 60
    batch_size: Count = 32
    accumulate: Count = 1
    patience: Count = 10
    monitor: Literal["accuracy", "loss"] = "accuracy"
    keep: Literal["best", "last"] = "best"
    validation_split: Annotated[float, msgspec.Meta(gt=0, lt=0.9)] = 0.1
    augment: Choice = "none"
    augmentation: Augmentation = NONE
    views: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    class_weights: bool = False
    balanced: bool = False
    solver: Literal["gradient", "logistic"] = "gradient"
    precision: Literal["float32", "mixed"] = "float32"
    seed: int = 0
    checkpoint_format: Literal["keras", "hdf5"] = "keras"
    preprocess: PreprocessChoice = "auto"
    fit: Fit = "crop"
    images: ImageOptions = ImageOptions()
    group_by: str = ""
    layout: Layout = Layout()
    edits: DatasetEdits = DatasetEdits()
    opening: Opening = Opening()
    also: tuple[str, ...] = ()

    @property
    def keeps_last(self) -> bool:
        """Whether the run's model is of the main stage's last epoch. A solver's epochs are strengths of
        regularization: of these, validation chooses."""
        return self.keep == "last" and self.solver == "gradient"
