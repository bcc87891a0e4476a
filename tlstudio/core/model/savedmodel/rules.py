"""What each operation of a graph becomes: a known value, or a piece of the network.

An operation that is not here, or that is used in a way that no layer does, becomes a piece that can't be built;
what lies below it stays usable.
"""

from typing import Any

from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.arrays import plain
from tlstudio.core.model.savedmodel import attributes, reshaping
from tlstudio.core.model.savedmodel.arguments import each, integers, require_known, require_piece
from tlstudio.core.model.savedmodel.bodies import Dead, Handle, Opaque, Value
from tlstudio.core.model.savedmodel.bundle import Bundle
from tlstudio.core.model.savedmodel.elementwise import UNARY_OPERATIONS, binary
from tlstudio.core.model.savedmodel.folding import of_known
from tlstudio.core.model.savedmodel.known import ALIASES, ELEMENTWISE, Known, UnsupportedError, reshaped, stored
from tlstudio.core.model.savedmodel.operations import OPERATIONS
from tlstudio.core.model.savedmodel.patterns import recognised
from tlstudio.core.model.savedmodel.permuted import carried
from tlstudio.core.model.savedmodel.pieces import Piece, refused
from tlstudio.core.model.savedmodel.tensors import Constants
from tlstudio.core.model.savedmodel.variables import VARIABLES

MAX_PIECES = 15_000  # NASNetMobile, which has most of the networks of Keras Applications, has 1,000
_PASSING = {
    "CheckNumerics", "EnsureShape", "Identity", "IdentityN", "PlaceholderWithDefault", "PreventGradient", "Snapshot",
    "StopGradient",
}  # fmt: skip
_ALONG_AXES = {"Softmax", "LogSoftmax"}
_RANDOM = ("Random", "StatelessRandom", "StatefulUniform", "StatefulStandardNormal", "TruncatedNormal")


class Rules:
    """``batch``: the number of images that the graph was written for, None for any."""

    def __init__(
        self, inputs: dict[str, Piece], bundle: Bundle, keys: dict[str, str], constants: Constants, batch: int | None
    ) -> None:
        self._inputs, self._bundle, self._keys = inputs, bundle, keys
        self._constants, self._batch = constants, batch
        self._pieces = 0
        self.left_out: list[str] = []

    def __call__(self, node: Any, name: str, given: list[Value]) -> tuple[Value, ...]:
        """The values that an operation gives. Raises ``weights_mismatch`` for a variable that is not in the file."""
        if name in self._inputs:
            return (self._inputs[name],)
        if node.op in VARIABLES:
            return (Handle(name),) if node.op == "VarHandleOp" else (self._variable(name),)
        if node.op == "Merge":
            return next(((value,) for value in given if not isinstance(value, Dead)), (Dead(),))
        if any(isinstance(value, Dead) for value in given):
            return (Dead(), Dead())
        if node.op == "Switch":
            return _switched(given)
        if node.op == "ReadVariableOp" and given and isinstance(given[0], Handle):
            return (self._variable(given[0].name),)
        if node.op in _PASSING:
            return tuple(given)
        below = tuple(value for value in given if isinstance(value, Piece))
        is_random = node.op.startswith(_RANDOM) or any(isinstance(v, Opaque) and v.is_random for v in given)
        if is_random and below:
            plain_image = _without_augmentation(node.op, given)
            if plain_image is not None:
                self.left_out.append(name)
                return (plain_image,)
        try:
            for value in given:
                if isinstance(value, Opaque | Handle):
                    raise UnsupportedError(
                        f"with {value.op}" if isinstance(value, Opaque) else "with a variable itself"
                    )
            if any(piece.refusal for piece in below):
                return (refused(node.op, name, below),)
            values = self._apply(node, name, [value for value in given if isinstance(value, Known | Piece)])
        except (
            UnsupportedError,
            ValueError,
            IndexError,
            TypeError,
            KeyError,
            ZeroDivisionError,
            OverflowError,
        ) as error:
            if below:
                words = f" ({error})" if isinstance(error, UnsupportedError) and str(error) else ""
                return (refused(f"{node.op}{words}", name, below),)
            return (Opaque(node.op, is_random),)
        self._pieces += any(isinstance(value, Piece) for value in values)
        if self._pieces > MAX_PIECES:
            raise TLStudioError(
                "unsafe_model", path=self._bundle.path, found=f"it claims more than {MAX_PIECES} layers"
            )
        return tuple(recognised(value) if isinstance(value, Piece) else value for value in values)

    def _variable(self, name: str) -> Known:
        key = self._keys.get(name, name)
        if key not in self._bundle.arrays:
            words = (
                "is kept in parts, which is not supported"
                if key in self._bundle.parts
                else "is not in the checkpoint"
            )
            raise TLStudioError("weights_mismatch", path=self._bundle.path, detail=f"the variable “{key}” {words}")
        return stored(plain(self._bundle.arrays[key]))

    def _apply(self, node: Any, name: str, values: list[Known | Piece]) -> tuple[Value, ...]:
        op = ALIASES.get(node.op, node.op)
        if op == "Const":
            return (self._constants.read(node.attr["value"].tensor),)
        known = [value for value in values if isinstance(value, Known)]
        if len(known) == len(values):
            return of_known(op, node, known)
        if op == "Reshape" and isinstance(values[0], Piece):
            return (reshaping.reshape(name, values[0], require_known(values[1]), self._batch),)
        if op == "Add" and len(values) == 2 and isinstance(values[1], Known) and attributes.is_channels_first(node):
            values[1] = reshaped(values[1], (values[1].size, 1, 1))  # a bias, which goes by the channels
        if op in ELEMENTWISE and len(values) == 2:
            return (binary(op, name, values[0], values[1]),)
        if op == "AddN":
            total = values[0]
            for value in values[1:]:
                total = binary("Add", name, total, value)
            return (total,)
        if op == "ConcatV2":
            return (
                reshaping.concatenate(name, [require_piece(value) for value in values[:-1]], integers(values[-1])[0]),
            )
        if op in OPERATIONS:
            made = OPERATIONS[op](node, name, values)
            return tuple(made) if isinstance(made, list) else (made,)
        if op in UNARY_OPERATIONS:
            return (_unary(op, node, name, require_piece(values[0])),)
        raise UnsupportedError


def _unary(op: str, node: Any, name: str, x: Piece) -> Piece:
    if op in _ALONG_AXES:
        return UNARY_OPERATIONS[op](node, name, x)
    return carried(x, lambda below: each(lambda inner: UNARY_OPERATIONS[op](node, name, inner), below))


def _without_augmentation(op: str, given: list[Value]) -> Piece | None:
    """The image as it was, where it is turned, moved or mirrored at random: Keras 3 exports that, too, by mistake."""
    images = [value for value in given if isinstance(value, Piece)]
    if op.startswith("ImageProjectiveTransform"):
        return images[0] if given[0] is images[0] else None
    if op in {"Select", "SelectV2"} and len(images) == 2:
        for image, mirrored in (images, images[::-1]):
            if mirrored.type == "Slice" and mirrored.config["step"] == -1 and mirrored.inputs[0] is image:
                return image
    return None


def _switched(given: list[Value]) -> tuple[Value, ...]:
    """A decision whose condition is written in the file: one branch is dead."""
    condition = given[1].scalar if len(given) > 1 and isinstance(given[1], Known) else None
    if condition is None:
        return (Opaque("Switch"), Opaque("Switch"))
    return (Dead(), given[0]) if condition else (given[0], Dead())
