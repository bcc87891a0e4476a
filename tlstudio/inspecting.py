"""What ``tlstudio inspect`` answers: also about files that can be looked at, but not used."""

from pathlib import Path

import msgspec

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.description import Preprocessing
from tlstudio.core.model.graph import Note
from tlstudio.core.model.inspection import CutInfo, Inspection, LayerNode, describe
from tlstudio.core.model.opening import Opening
from tlstudio.core.model.reader_messages import WeightsListed
from tlstudio.core.model.safely import ReaderProcess, not_finite_note


def inspect_file(path: Path, opening: Opening) -> tuple[Inspection, TLStudioError | None]:
    """What is in a model file, and why it can't be used, if it can't.

    Raises what ``core.model.safely.ReaderProcess.read`` raises, except for a file of weights alone.
    """
    with ReaderProcess() as reader:
        try:
            model = reader.read(path, opening)
        except TLStudioError as error:
            if error.code != "weights_only":
                raise
            return describe_weights(path, reader.list_weights(path), str(error)), error
        inspection = describe(model)
        spoiled = reader.layers_not_finite(model)
    if spoiled:
        warnings = [*inspection.warnings, not_finite_note(spoiled)]
        inspection = msgspec.structs.replace(inspection, warnings=warnings)
    inputs = len(model.graph.inputs)
    return inspection, TLStudioError("several_inputs", count=inputs) if inputs != 1 else None


def describe_weights(path: Path, listed: WeightsListed, sentence: str) -> Inspection:
    """What a file of weights alone shows: its layers, in its own order."""
    no_cut = CutInfo(legal=False, reason=sentence, reason_code="weights_only")
    nodes = [
        LayerNode(
            path=name,
            name=name,
            type="",
            output_shape=None,
            parameters=listed.parameters(name),
            trainable=True,
            cut=no_cut,
        )
        for name in listed.layers
    ]
    return Inspection(
        path=str(path),
        format="hdf5",
        writer=listed.writer,
        input_shape=None,
        output_shape=None,
        parameters=sum(node.parameters for node in nodes),
        layers=nodes,
        preprocessing=Preprocessing(mode="unit", source="assumed"),
        repairs=[],
        warnings=[Note(code="weights_only", message=sentence)],
        recognised=listed.recognised,
    )
