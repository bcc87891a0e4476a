"""What a person chooses where a model file leaves something open; part of a plan, so that a run can be repeated."""

from typing import Annotated

import msgspec

# Endings of files that may describe the network of bare weights, or hold the weights of a bare description.
ARCHITECTURE_FILES = {".json", ".yaml", ".yml", ".h5", ".hdf5", ".keras", ".prototxt", ".caffemodel"}
Side = Annotated[int, msgspec.Meta(ge=1, le=8192)]


class Opening(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The choices, all empty for most files.

    ``architecture``: whose weights a weights-only file holds: a network of the catalogue, or the path of a file
    that describes it. ``input_size``: height and width for a network that takes any. ``output``: path of the
    layer whose output is used, of several outputs or below a layer that can't be built. ``replacements``: layers
    of program code, by path, and the harmless layer of ``core.model.lambdas`` that stands in for each.
    """

    architecture: str = ""
    input_size: tuple[Side, Side] | None = None
    output: str = ""
    replacements: dict[str, str] = {}
