"""The layers of a network as a tree of rows, and what is known of each: frozen or not, its rate, drift and
transferability. The Qt tree over it is ``layer_tree_model``."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from tlstudio.core.plan import TrainingPlan
from tlstudio.desktop import layer_transfer, texts
from tlstudio.desktop.layer_transfer import Transfer

if TYPE_CHECKING:
    from tlstudio.core.model.inspection import LayerNode

HeadRow = tuple[str, str, str, int]  # name, type, output and parameters of a layer of the new head


@dataclass(eq=False)
class Row:
    """A layer, a branch, or a row of the new head. ``weighted`` and ``frozen`` count leaves below the cut.

    ``rates``: the lowest and the highest factor of the leaves that train; None where none does. ``drift``: how far
    the leaf's weights have moved, relative; of a branch, the farthest of its leaves. ``transfer``: what its features
    are good for; of a branch, the best of its layers.
    """

    kind: str  # "layer" | "branch" | "head"
    path: str
    name: str
    type: str
    output: str
    parameters: int
    cut_reason: str = ""
    cut_join: str = ""
    parent: "Row | None" = None
    children: list["Row"] = field(default_factory=list)
    place: int = 0
    is_used: bool = True
    is_cut: bool = False
    is_broken: bool = False  # it, or a layer in it, holds NaN or infinite values
    weighted: int = 0
    frozen: int = 0
    rates: tuple[float, float] | None = None
    drift: float | None = None
    transfer: Transfer | None = None

    @property
    def state(self) -> Qt.CheckState | None:
        if self.kind == "head" or not self.weighted:
            return None
        if not self.frozen:
            return Qt.CheckState.Unchecked
        return Qt.CheckState.Checked if self.frozen == self.weighted else Qt.CheckState.PartiallyChecked

    def weighted_leaves(self) -> list[str]:
        """Paths of the layers in and under it that could be frozen."""
        if self.kind == "layer":
            return [self.path] if self.weighted else []
        return [path for child in self.children for path in child.weighted_leaves()]

    def trained_leaves(self) -> list[str]:
        """Paths of the layers in and under it that train."""
        if self.kind == "layer":
            return [self.path] if self.rates else []
        return [path for child in self.children for path in child.trained_leaves()]


class LayerRows:
    """``root`` is not shown; ``every``: all layers and branches, each before what is in it; ``leaves`` by path;
    ``head``: the row of the new head, if there is one. What changes the rows returns those that changed."""

    def __init__(self, nodes: "list[LayerNode]") -> None:
        self.root = Row("branch", "", "", "", "", 0)
        self.leaves: dict[str, Row] = {}
        self.every: list[Row] = []
        self.head: Row | None = None
        self.farthest = 0.0  # of all drifts
        self._add(self.root, nodes)

    def _add(self, parent: Row, nodes: "list[LayerNode]") -> None:
        for place, node in enumerate(nodes):
            row = Row(
                "branch" if node.children else "layer",
                node.path,
                node.name,
                node.type,
                texts.shape_text(node.output_shape),
                node.parameters,
                "" if node.cut.legal else node.cut.reason_code,
                node.cut.join,
                parent,
                place=place,
            )
            parent.children.append(row)
            self.every.append(row)
            if node.children:
                self._add(row, node.children)
            else:
                self.leaves[row.path] = row

    @property
    def shown(self) -> list[Row]:
        """Those of the head included."""
        return [*self.every, *([self.head, *self.head.children] if self.head else [])]

    def mark_broken(self, paths: list[str]) -> list[Row]:
        """Mark layers that hold NaN or infinite values, and the branches that they are in."""
        marked = {path[:end] for path in paths for end in [*_slashes(path), len(path)]}
        changed = [row for row in self.every if row.is_broken != (row.path in marked)]
        for row in changed:
            row.is_broken = row.path in marked
        return changed

    def set_transfers(self, transfers: dict[str, Transfer]) -> list[Row]:
        """What the features of layers are good for, by path."""
        changed: list[Row] = []
        for row in reversed(self.every):  # children come behind their parents
            within = [child.transfer for child in row.children if child.transfer is not None]
            transfer = layer_transfer.best_of(within) if row.children else transfers.get(row.path)
            if transfer != row.transfer:
                row.transfer = transfer
                changed.append(row)
        return changed

    # -- the new head -----------------------------------------------------------------------------------

    def head_place(self, plan: TrainingPlan) -> int | None:
        """Among the top-level rows, behind the one that holds the cut; None where the old head is kept."""
        row = self.leaves.get(plan.cut) if plan.cut else None
        if row is None or plan.head.kind == "keep":
            return None
        while row.parent is not None and row.parent is not self.root:
            row = row.parent
        before = [r for r in self.root.children if r is not self.head]
        return before.index(row) + 1

    def holds_head(self, place: int | None, head: list[HeadRow]) -> bool:
        """Whether this very head is there already."""
        rows = self.head.children if self.head else []
        is_there = self.head is not None and self.head.place == place
        return is_there and [(row.name, row.type, row.output, row.parameters) for row in rows] == head

    def remove_head(self) -> None:
        if self.head is not None:
            self.root.children.remove(self.head)
        self.head = None
        self._renumber()

    def insert_head(self, place: int, head: list[HeadRow]) -> None:
        row = Row("head", "", "", "", "", sum(part[3] for part in head), parent=self.root, place=place)
        row.children = [
            Row("head", "", name, type_, output, parameters, parent=row, place=i)
            for i, (name, type_, output, parameters) in enumerate(head)
        ]
        row.output = head[-1][2]
        self.root.children.insert(place, row)
        self.head = row
        self._renumber()

    def _renumber(self) -> None:
        for place, row in enumerate(self.root.children):
            row.place = place

    # -- what a plan, and a run, say of each ------------------------------------------------------------

    def count(self, used: set[str], plan: TrainingPlan) -> list[Row]:
        """Bring all rows' counts and rates up to date in one pass. ``used``: paths of the leaves below the cut."""
        return self._count(self.root, used, set(plan.frozen), plan)

    def _count(self, row: Row, used: set[str], frozen: set[str], plan: TrainingPlan) -> list[Row]:
        changed: list[Row] = []
        weighted = frozen_count = 0
        is_used = False
        rates: list[float] = []
        for child in row.children:
            if child.kind == "head":
                continue
            if child.children:
                changed += self._count(child, used, frozen, plan)
            else:
                is_below = child.path in used
                counts = (int(is_below and child.parameters > 0), int(is_below and child.path in frozen))
                rate = plan.layer_rates.get(child.path, 1.0)
                trains = counts == (1, 0)
                _update(child, counts, is_below, child.path == plan.cut, [rate] if trains else [], changed)
            weighted += child.weighted
            frozen_count += child.frozen
            is_used = is_used or child.is_used
            rates += child.rates or ()
        _update(row, (weighted, frozen_count), is_used, False, rates, changed)
        return changed

    def set_drift(self, drift: dict[str, float]) -> list[Row]:
        """How far the weights of each layer have moved since a run began, relative."""
        changed: list[Row] = []
        farthest, self.farthest = self.farthest, max(drift.values(), default=0.0)
        self._move(self.root, drift, changed)
        if farthest != self.farthest:  # then all bars are of another length
            ids = {id(row) for row in changed}
            changed = [row for row in self.every if row.drift is not None or id(row) in ids]
        return changed

    def _move(self, row: Row, drift: dict[str, float], changed: list[Row]) -> None:
        before = row.drift
        for child in row.children:
            self._move(child, drift, changed)
        if row.children:
            row.drift = max((child.drift for child in row.children if child.drift is not None), default=None)
        else:
            row.drift = drift.get(row.path)
        if row.drift != before:
            changed.append(row)


def _update(
    row: Row, counts: tuple[int, int], is_used: bool, is_cut: bool, rates: list[float], changed: list[Row]
) -> None:
    span = (min(rates), max(rates)) if rates else None
    before = (row.weighted, row.frozen, row.is_used, row.is_cut, row.rates)
    row.weighted, row.frozen, row.is_used, row.is_cut, row.rates = *counts, is_used, is_cut, span
    if before != (*counts, is_used, is_cut, span):
        changed.append(row)


def _slashes(path: str) -> list[int]:
    return [place for place, letter in enumerate(path) if letter == "/"]
