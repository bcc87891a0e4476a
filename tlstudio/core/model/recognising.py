"""Which network of the catalogue a model is or grew from, and what that says about the pixel values it takes."""

from tlstudio.core.model import catalogue
from tlstudio.core.model.arrays import Weight
from tlstudio.core.model.catalogue import Recognition
from tlstudio.core.model.description import Preprocessing
from tlstudio.core.model.graph import Graph
from tlstudio.core.model.signatures import key_of


def recognise_model(graph: Graph, weights: dict[str, list[Weight]]) -> Recognition | None:
    """The network whose layers are an unbroken run of the model's layers with weights, in the order of their calls;
    nested networks are written out in a graph, and count like any other part."""
    paths = dict.fromkeys(call.layer for call in graph.calls)
    keys = (key_of(weight.shape for weight in weights[path]) for path in paths if weights.get(path))
    return catalogue.recognise([key for key in keys if key])


def scaling_of(found: Recognition) -> Preprocessing:
    """What a model takes that declares nothing. With its own top of a thousand classes it is the network itself; with
    any other it was trained again, and people do that with other values, too: then this is only the first guess."""
    return Preprocessing(mode=found.network.bare_mode, source="catalogue" if found.part == "whole" else "assumed")
