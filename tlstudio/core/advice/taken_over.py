"""Which fields of a person's plan advice takes over."""

# What is measured: which network, which images, and how they are read.
MEASURED = (
    "model", "dataset", "opening", "preprocess", "fit", "images", "layout", "edits", "group_by", "seed",
    "validation_split",
)  # fmt: skip
# An advised plan has these, too: how classes are weighed and what is written is no matter of a way.
KEPT = (*MEASURED, "class_weights", "balanced", "checkpoint_format")
