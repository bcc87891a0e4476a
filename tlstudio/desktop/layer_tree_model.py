"""The layers of a network as a Qt tree: freeze checkboxes, the cut, the new head in its place, rates and drift.

The model shows a plan and never changes it: what a person ticks becomes ``freeze_requested``, a rate that is typed in
``rate_requested``.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont

from tlstudio.core.plan import TrainingPlan
from tlstudio.desktop import layer_transfer, texts
from tlstudio.desktop.layer_transfer import Transfer

if TYPE_CHECKING:
    from tlstudio.core.model.inspection import LayerNode

Index = QModelIndex | QPersistentModelIndex
NAME, TYPE, OUTPUT, PARAMETERS, RATE, DRIFT, TRANSFER = COLUMNS = range(7)
PathRole = Qt.ItemDataRole.UserRole + 1
ShareRole = PathRole + 1  # of a drift in the largest one, 0 to 1; None where there is none
TransferRole = ShareRole + 1  # the Transfer of a row; None where it was not measured
NUMBERS = {PARAMETERS, RATE, DRIFT, TRANSFER}
# Views ask each cell for these at every repaint, too; that they are never there is said before the row is looked up.
_NEVER = {Qt.ItemDataRole.DecorationRole, Qt.ItemDataRole.BackgroundRole, Qt.ItemDataRole.SizeHintRole}
LARGEST_RATE = 1000.0  # a factor; what a plan allows


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


class LayerTreeModel(QAbstractItemModel):
    """Columns: name with the freeze checkbox, type, output shape, parameters, factor on the learning rate, drift,
    transferability. Without a plan there are no boxes."""

    freeze_requested = Signal(list, bool)  # paths of leaves with weights; to freeze or to free
    rate_requested = Signal(list, float)  # paths of leaves that train; the factor on their learning rate

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._root = Row("branch", "", "", "", "", 0)
        self._leaves: dict[str, Row] = {}
        self._all: list[Row] = []
        self._head: Row | None = None
        self._plan: TrainingPlan | None = None
        self._farthest = 0.0  # of all drifts
        self._cut_colour = QColor("#c05000")
        self._muted_colour = QColor("#808080")

    # -- what is shown ----------------------------------------------------------------------------------

    def set_layers(self, nodes: "list[LayerNode]") -> None:
        """Show the layers of another network (none: an empty list), without a plan yet."""
        self.beginResetModel()
        self._root = Row("branch", "", "", "", "", 0)
        self._leaves, self._all, self._head, self._plan = {}, [], None, None
        self._farthest = 0.0
        self._add(self._root, nodes)
        self.endResetModel()

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
            self._all.append(row)
            if node.children:
                self._add(row, node.children)
            else:
                self._leaves[row.path] = row

    def mark_broken(self, paths: list[str]) -> None:
        """Mark layers that hold NaN or infinite values, and the branches that they are in."""
        marked = {path[:end] for path in paths for end in [*_slashes(path), len(path)]}
        changed = [row for row in self._all if row.is_broken != (row.path in marked)]
        for row in changed:
            row.is_broken = row.path in marked
        self._tell(changed)

    def show_plan(self, plan: TrainingPlan, used: set[str], head: list[tuple[str, str, str, int]]) -> None:
        """Show which layers are ``used`` (below the cut) and frozen, and the head's rows.

        ``head``: name, type, output and parameters of each new layer; empty where the old head is kept.
        """
        old = self._plan
        self._plan = plan
        self._place_head(plan, head)
        changed = self._count(self._root, used, set(plan.frozen), plan)
        if old is None or changed:
            self._tell(changed)

    def _place_head(self, plan: TrainingPlan, head: list[tuple[str, str, str, int]]) -> None:
        place = self._head_place(plan)
        if self._head is not None:
            same = place is not None and self._head.place == place and self._head_rows() == head
            if same:
                return
            self.beginRemoveRows(QModelIndex(), self._head.place, self._head.place)
            self._root.children.remove(self._head)
            self._renumber()
            self._head = None
            self.endRemoveRows()
            place = self._head_place(plan)
        if place is None or not head:
            return
        row = Row("head", "", "", "", "", sum(part[3] for part in head), parent=self._root, place=place)
        row.children = [
            Row("head", "", name, type_, output, parameters, parent=row, place=i)
            for i, (name, type_, output, parameters) in enumerate(head)
        ]
        row.output = head[-1][2]
        self.beginInsertRows(QModelIndex(), place, place)
        self._root.children.insert(place, row)
        self._head = row
        self._renumber()
        self.endInsertRows()

    def _head_rows(self) -> list[tuple[str, str, str, int]]:
        rows = self._head.children if self._head else []
        return [(row.name, row.type, row.output, row.parameters) for row in rows]

    def _head_place(self, plan: TrainingPlan) -> int | None:
        """Behind the top-level row that holds the cut."""
        row = self._leaves.get(plan.cut) if plan.cut else None
        if row is None or plan.head.kind == "keep":
            return None
        while row.parent is not None and row.parent is not self._root:
            row = row.parent
        before = [r for r in self._root.children if r is not self._head]
        return before.index(row) + 1

    def _renumber(self) -> None:
        for place, row in enumerate(self._root.children):
            row.place = place

    def _count(self, row: Row, used: set[str], frozen: set[str], plan: TrainingPlan) -> list[Row]:
        """Bring all rows' counts and rates up to date in one pass; returns the rows that changed."""
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
                self._update(child, counts, is_below, child.path == plan.cut, [rate] if trains else [], changed)
            weighted += child.weighted
            frozen_count += child.frozen
            is_used = is_used or child.is_used
            rates += child.rates or ()
        self._update(row, (weighted, frozen_count), is_used, False, rates, changed)
        return changed

    @staticmethod
    def _update(
        row: Row, counts: tuple[int, int], is_used: bool, is_cut: bool, rates: list[float], changed: list[Row]
    ) -> None:
        span = (min(rates), max(rates)) if rates else None
        before = (row.weighted, row.frozen, row.is_used, row.is_cut, row.rates)
        row.weighted, row.frozen, row.is_used, row.is_cut, row.rates = *counts, is_used, is_cut, span
        if before != (*counts, is_used, is_cut, span):
            changed.append(row)

    def set_drift(self, drift: dict[str, float]) -> None:
        """Show how far the weights of each layer have moved since a run began, relative; none: an empty dict."""
        changed: list[Row] = []
        farthest, self._farthest = self._farthest, max(drift.values(), default=0.0)
        self._move(self._root, drift, changed)
        if farthest != self._farthest:  # then all bars are of another length
            ids = {id(row) for row in changed}
            changed = [row for row in self._all if row.drift is not None or id(row) in ids]
        self._tell(changed, DRIFT, DRIFT)

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

    def set_transfers(self, transfers: dict[str, Transfer]) -> None:
        """Show what the features of layers are good for, by path; none: an empty dict."""
        changed: list[Row] = []
        for row in reversed(self._all):  # children come behind their parents
            within = [child.transfer for child in row.children if child.transfer is not None]
            transfer = layer_transfer.best_of(within) if row.children else transfers.get(row.path)
            if transfer != row.transfer:
                row.transfer = transfer
                changed.append(row)
        self._tell(changed, TRANSFER, TRANSFER)

    def _tell(self, rows: list[Row], first: int = NAME, last: int = TRANSFER) -> None:
        """One ``dataChanged`` for each parent, over the span of its changed children."""
        spans: dict[int, tuple[Row, int, int]] = {}
        for row in rows:
            if row.parent is None:
                continue
            parent, low, high = spans.get(id(row.parent), (row.parent, row.place, row.place))
            spans[id(row.parent)] = (parent, min(low, row.place), max(high, row.place))
        for parent, low, high in spans.values():
            top = self.createIndex(low, first, parent.children[low])
            bottom = self.createIndex(high, last, parent.children[high])
            self.dataChanged.emit(top, bottom)

    def set_colours(self, cut: str, muted: str) -> None:
        self._cut_colour, self._muted_colour = QColor(cut), QColor(muted)
        self._tell(self._all)

    def retranslate(self) -> None:
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, NAME, TRANSFER)
        self._tell([*self._all, *([self._head, *self._head.children] if self._head else [])])

    # -- looking rows up --------------------------------------------------------------------------------

    def row_of(self, index: Index) -> Row | None:
        return index.internalPointer() if index.isValid() else None

    def index_of(self, path: str) -> QModelIndex:
        """The first column of a layer or branch; invalid if there is none of that path."""
        for row in self._all:
            if row.path == path:
                return self.createIndex(row.place, NAME, row)
        return QModelIndex()

    def weighted_leaves(self, row: Row) -> list[str]:
        """Paths of the layers in and under a row that could be frozen."""
        if row.kind == "layer":
            return [row.path] if row.weighted else []
        return [path for child in row.children for path in self.weighted_leaves(child)]

    def trained_leaves(self, row: Row) -> list[str]:
        """Paths of the layers in and under a row that train."""
        if row.kind == "layer":
            return [row.path] if row.rates else []
        return [path for child in row.children for path in self.trained_leaves(child)]

    @property
    def has_rates(self) -> bool:
        """Some layer of the base trains."""
        return self._root.rates is not None

    @property
    def has_drift(self) -> bool:
        return self._root.drift is not None

    @property
    def has_transfers(self) -> bool:
        return any(row.transfer is not None for row in self._root.children)

    def index_of_head(self) -> QModelIndex:
        """The new head's row; invalid where the old head is kept."""
        return self.createIndex(self._head.place, NAME, self._head) if self._head else QModelIndex()

    def freezable(self) -> list[str]:
        """Paths of the leaves below the cut that have weights."""
        return [path for path, row in self._leaves.items() if row.weighted]

    def longest(self, column: int) -> str:
        """The longest text of a column, in characters."""
        head = [self._head, *self._head.children] if self._head else []
        return max((self._text(row, column) for row in [*self._all, *head]), key=len, default="")

    def leaf_order(self) -> list[str]:
        return list(self._leaves)

    # -- Qt's model -------------------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:
        above = self.row_of(parent) or self._root
        if parent.isValid() and parent.column() != NAME:
            return QModelIndex()
        if 0 <= row < len(above.children) and column in COLUMNS:
            return self.createIndex(row, column, above.children[row])
        return QModelIndex()

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]
        row = self.row_of(index)
        if row is None or row.parent is None or row.parent is self._root:
            return QModelIndex()
        return self.createIndex(row.parent.place, NAME, row.parent)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        if parent.isValid() and parent.column() != NAME:
            return 0
        return len((self.row_of(parent) or self._root).children)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.ToolTipRole and section in {RATE, DRIFT, TRANSFER}:
            return {
                RATE: self.tr("Factor on the learning rate; double-click to change it. A group sets all in it."),
                DRIFT: self.tr(
                    "How far each layer's weights have moved since the run began, in percent of their size"
                ),
                TRANSFER: self.tr(
                    "How many of your images a simple classifier on each layer's features would name rightly; ★: the "
                    "best place to cut"
                ),
            }[section]
        if role == Qt.ItemDataRole.DisplayRole:
            names = (
                self.tr("Layer (ticked: frozen)"), self.tr("Type"), self.tr("Output"), self.tr("Parameters"),
                self.tr("Rate"), self.tr("Drift"), self.tr("Transfer"),
            )  # fmt: skip
            return names[section]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        row = self.row_of(index)
        if row is None:
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.column() == NAME and row.state is not None:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        if index.column() == RATE and row.rates is not None:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in _NEVER:
            return None
        row = self.row_of(index)
        if row is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(row, index.column())
            case Qt.ItemDataRole.EditRole if index.column() == RATE and row.rates is not None:
                return row.rates[0]
            case Qt.ItemDataRole.CheckStateRole if index.column() == NAME:
                return row.state
            case Qt.ItemDataRole.ToolTipRole if index.column() == TRANSFER and row.transfer is not None:
                return texts.plain_tip(f"{row.path}\n{row.transfer.sentence}")
            case Qt.ItemDataRole.AccessibleTextRole if index.column() == TRANSFER and row.transfer is not None:
                return row.transfer.sentence
            case Qt.ItemDataRole.ToolTipRole:
                tip = self._tooltip(row)
                return texts.plain_tip(f"{row.path or row.name} ({row.type})\n{tip}" if row.type else tip)
            case Qt.ItemDataRole.ForegroundRole:
                return self._foreground(row)
            case Qt.ItemDataRole.FontRole if row.is_cut or row is self._head:
                font = QFont()
                font.setBold(True)
                return font
            case Qt.ItemDataRole.TextAlignmentRole if index.column() in NUMBERS:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case Qt.ItemDataRole.AccessibleTextRole if index.column() == NAME:
                return self._accessible(row)
            case _ if role == PathRole:
                return row.path
            case _ if role == ShareRole and index.column() == DRIFT and row.drift is not None and self._farthest:
                return row.drift / self._farthest
            case _ if role == TransferRole and index.column() == TRANSFER:
                return row.transfer
        return None

    def _text(self, row: Row, column: int) -> str:
        if row is self._head and column == NAME:
            return self.tr("New head")
        if column == NAME:
            name = f"✂ {row.name}" if row.is_cut else row.name
            return f"⚠ {name}" if row.is_broken else name
        if column == TYPE:
            return row.type
        if column == OUTPUT:
            return row.output
        if column == RATE:
            return _rates_text(row.rates)
        if column == DRIFT:
            return "" if row.drift is None else texts.percent(row.drift)
        if column == TRANSFER:
            return row.transfer.text if row.transfer is not None else ""
        return texts.number(row.parameters) if row.parameters else ""

    def _foreground(self, row: Row) -> QBrush | None:
        if row.is_cut or row.is_broken or row.kind == "head":
            return QBrush(self._cut_colour)
        return None if row.is_used else QBrush(self._muted_colour)

    def _tooltip(self, row: Row) -> str:
        if row.kind == "head":
            return self.tr("A new layer, which is always trained.")
        if row.is_broken:
            return self.tr("Some of its weights are not numbers (NaN or infinite).")
        if self._plan is None:
            return self.tr("This network can be looked at, but not trained.")
        if row.is_cut:
            return self.tr("The network is cut here; the new head comes above.")
        if not row.is_used:
            return self.tr("Above the cut: not part of the new network.")
        if row.cut_reason:
            return self.tr("It cannot be cut here: {reason}").format(
                reason=texts.reason_text(row.cut_reason, row.cut_join)
            )
        return self.tr("The network can be cut here.")

    def _accessible(self, row: Row) -> str:
        state = {
            Qt.CheckState.Checked: self.tr("frozen"),
            Qt.CheckState.Unchecked: self.tr("trained"),
            Qt.CheckState.PartiallyChecked: self.tr("partly frozen"),
        }
        name = self._text(row, NAME)
        return f"{name}, {state[row.state]}" if row.state is not None else name

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        row = self.row_of(index)
        if row is None:
            return False
        if role == Qt.ItemDataRole.CheckStateRole and row.state is not None:
            freeze = Qt.CheckState(value) == Qt.CheckState.Checked  # it arrives as a plain int
            self.freeze_requested.emit(self.weighted_leaves(row), freeze)
            return True
        if role == Qt.ItemDataRole.EditRole and index.column() == RATE and row.rates is not None:
            factor = float(value)
            if not 0 <= factor <= LARGEST_RATE:
                return False
            self.rate_requested.emit(self.trained_leaves(row), factor)
            return True
        return False


def _rates_text(rates: tuple[float, float] | None) -> str:
    """A factor, or the span of a branch whose layers have several."""
    if rates is None:
        return ""
    low, high = (f"{rate:.3g}" for rate in rates)
    return low if low == high else f"{low}–{high}"


def _slashes(path: str) -> list[int]:
    return [place for place, letter in enumerate(path) if letter == "/"]
