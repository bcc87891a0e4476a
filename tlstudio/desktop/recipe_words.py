# ruff: noqa: E501
"""What the finer settings of a recipe are called, and when to use each; the translation tool takes whole lines."""

from tlstudio.core.errors import QT_TRANSLATE_NOOP

# Of each box: its label, and what it is for.
WORDS = {
    "headFirst": (
        QT_TRANSLATE_NOOP("Recipe", "First train the new head alone"),
        QT_TRANSLATE_NOOP(
            "Recipe",
            "Until it settles, all below it stays frozen. For fine-tuning: an untrained head would tear the trained weights under it.",
        ),
    ),
    "headEpochs": (
        QT_TRANSLATE_NOOP("Recipe", "For at most (epochs)"),
        QT_TRANSLATE_NOOP(
            "Recipe", "It ends sooner when it brings no more gain, and never takes more than half of all epochs."
        ),
    ),
    "keep": (
        QT_TRANSLATE_NOOP("Recipe", "Keep the model of epoch"),
        QT_TRANSLATE_NOOP(
            "Recipe",
            "The last one suits a rate that falls to nothing, and few validation images, which cannot tell one epoch from another. Choose the best where training stops without gain.",
        ),
    ),
    "timeDecay": (
        QT_TRANSLATE_NOOP("Recipe", "Time decay"),
        QT_TRANSLATE_NOOP(
            "Recipe",
            "The rate falls as rate / (1 + decay × steps), as in the classic recipe, where it is 0.000001. Leave it at 0 with a cosine.",
        ),
    ),
    "momentum": (
        QT_TRANSLATE_NOOP("Recipe", "Momentum"),
        QT_TRANSLATE_NOOP("Recipe", "Steps keep going the way of those before; 0.9 is usual for SGD."),
    ),
    "nesterov": (
        QT_TRANSLATE_NOOP("Recipe", "Look ahead (Nesterov)"),
        QT_TRANSLATE_NOOP(
            "Recipe", "The gradient is taken where the momentum leads. It is part of the classic recipe."
        ),
    ),
    "schedule": (
        QT_TRANSLATE_NOOP("Recipe", "The rate"),
        QT_TRANSLATE_NOOP(
            "Recipe",
            "A cosine suits runs whose length is known; falling when there is no gain suits runs that end by early stopping. For a new head on fixed features the rate may stay as it is.",
        ),
    ),
    "warmup": (
        QT_TRANSLATE_NOOP("Recipe", "Epochs to warm up"),
        QT_TRANSLATE_NOOP(
            "Recipe",
            "The rate rises from almost nothing in these epochs. It spares trained weights the first, rough steps of Adam and its kin; one to five epochs are usual for fine-tuning.",
        ),
    ),
    "rateFloor": (
        QT_TRANSLATE_NOOP("Recipe", "Lowest rate"),
        QT_TRANSLATE_NOOP("Recipe", "Share of the learning rate that it does not fall below."),
    ),
    "plateauFactor": (
        QT_TRANSLATE_NOOP("Recipe", "Falls to"),
        QT_TRANSLATE_NOOP("Recipe", "Share of the rate that is left after each fall."),
    ),
    "plateauPatience": (
        QT_TRANSLATE_NOOP("Recipe", "After epochs without gain"),
        QT_TRANSLATE_NOOP(
            "Recipe", "Choose fewer than the patience of early stopping, or the run ends before the rate falls."
        ),
    ),
    "weightDecay": (
        QT_TRANSLATE_NOOP("Recipe", "Weight decay"),
        QT_TRANSLATE_NOOP(
            "Recipe",
            "Draws weights towards zero in each step, against overfitting. 0.0001 to 0.05 are usual; more for few images and many weights.",
        ),
    ),
    "labelSmoothing": (
        QT_TRANSLATE_NOOP("Recipe", "Label smoothing"),
        QT_TRANSLATE_NOOP(
            "Recipe",
            "Takes this share of certainty from the right class. It helps where labels hold errors, and makes probabilities less extreme; 10 % is usual.",
        ),
    ),
    "balanced": (
        QT_TRANSLATE_NOOP("Recipe", "Draw all classes equally often"),
        QT_TRANSLATE_NOOP(
            "Recipe",
            "Images of rare classes come again and again. For strongly uneven classes; not together with weights, which would count rare classes twice.",
        ),
    ),
    "rareClasses": (
        QT_TRANSLATE_NOOP("Recipe", "Give rare classes more weight"),
        QT_TRANSLATE_NOOP(
            "Recipe",
            "Each image counts by how rare its class is. For uneven classes; every image is still seen once an epoch.",
        ),
    ),
    "accumulate": (
        QT_TRANSLATE_NOOP("Recipe", "A batch goes through in parts"),
        QT_TRANSLATE_NOOP(
            "Recipe",
            "Each part needs only its share of the memory, and the step is the same. Use it when a batch does not fit; BatchNormalization that trains sees the parts alone.",
        ),
    ),
    "precision": (
        QT_TRANSLATE_NOOP("Recipe", "Precision"),
        QT_TRANSLATE_NOOP(
            "Recipe", "Half precision is faster on newer GPUs. Without one, everything is computed in full precision."
        ),
    ),
    "solver": (
        QT_TRANSLATE_NOOP("Recipe", "The head is fitted"),
        QT_TRANSLATE_NOOP(
            "Recipe",
            "L-BFGS finds the best linear head on fixed features in seconds, and chooses its regularization by the validation images.",
        ),
    ),
    "augmentChoice": (
        QT_TRANSLATE_NOOP("Recipe", "Strength"),
        QT_TRANSLATE_NOOP(
            "Recipe",
            "Images are changed at random so that the network does not learn them by heart. Choose only changes that leave the class what it is.",
        ),
    ),
    "rotation": (
        QT_TRANSLATE_NOOP("Recipe", "Turned by at most"),
        QT_TRANSLATE_NOOP("Recipe", "To either side. Up to 180° where images have no upside, as under a microscope."),
    ),
    "shift": (
        QT_TRANSLATE_NOOP("Recipe", "Moved by at most"),
        QT_TRANSLATE_NOOP("Recipe", "Share of the width and of the height."),
    ),
    "zoom": (
        QT_TRANSLATE_NOOP("Recipe", "Zoomed by at most"),
        QT_TRANSLATE_NOOP("Recipe", "In and out. Not where size tells the classes apart."),
    ),
    "brightness": (
        QT_TRANSLATE_NOOP("Recipe", "Brightness by at most"),
        QT_TRANSLATE_NOOP("Recipe", "Brighter and darker. Not where brightness tells the classes apart."),
    ),
    "contrast": (
        QT_TRANSLATE_NOOP("Recipe", "Contrast by at most"),
        QT_TRANSLATE_NOOP("Recipe", "Duller and harsher."),
    ),
    "flip": (
        QT_TRANSLATE_NOOP("Recipe", "Mirror left to right"),
        QT_TRANSLATE_NOOP("Recipe", "Half of the images. Not for letters, or where sides matter."),
    ),
    "flip_vertical": (
        QT_TRANSLATE_NOOP("Recipe", "Mirror upside down"),
        QT_TRANSLATE_NOOP("Recipe", "Half of the images. For images without an upside."),
    ),
    "views": (
        QT_TRANSLATE_NOOP("Recipe", "Versions kept of each image"),
        QT_TRANSLATE_NOOP(
            "Recipe",
            "The frozen part's outputs of so many versions are kept on the disk and taken in turns, which is far faster than computing new ones in each epoch. Five to ten are a good trade.",
        ),
    ),
}
NOT_SOLVABLE = QT_TRANSLATE_NOOP(
    "Recipe", "A solver needs a head without hidden layers, all layers below it frozen, and no augmentation."
)
