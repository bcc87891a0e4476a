"""The layers of a network as a Qt tree: freeze checkboxes, the cut, the new head in its place, rates and drift.

The model shows a plan and never changes it: what a person ticks becomes ``freeze_requested``, a rate that is typed in
``rate_requested``.
"""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont

from tlstudio.core.plan import TrainingPlan
from tlstudio.desktop import texts
from tlstudio.desktop.layer_rows import HeadRow, LayerRows, Row
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


class LayerTreeModel(QAbstractItemModel):
    """Columns: name with the freeze checkbox, type, output shape, parameters, factor on the learning rate, drift,
    transferability. Without a plan there are no boxes."""

    freeze_requested = Signal(list, bool)  # paths of leaves with weights; to freeze or to free
    rate_requested = Signal(list, float)  # paths of leaves that train; the factor on their learning rate

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows = LayerRows([])
        self._plan: TrainingPlan | None = None
        self._cut_colour = QColor("#c05000")
        self._muted_colour = QColor("#808080")

    # -- what is shown ----------------------------------------------------------------------------------

    def set_layers(self, nodes: "list[LayerNode]") -> None:
        """Show the layers of another network (none: an empty list), without a plan yet."""
        self.beginResetModel()
        self._rows, self._plan = LayerRows(nodes), None
        self.endResetModel()

    def mark_broken(self, paths: list[str]) -> None:
        """Mark layers that hold NaN or infinite values, and the branches that they are in."""
        self._tell(self._rows.mark_broken(paths))

    def show_plan(self, plan: TrainingPlan, used: set[str], head: list[HeadRow]) -> None:
        """Show which layers are ``used`` (below the cut) and frozen, and the head's rows.

        ``head``: empty where the old head is kept.
        """
        old = self._plan
        self._plan = plan
        self._place_head(plan, head)
        changed = self._rows.count(used, plan)
        if old is None or changed:
            self._tell(changed)

    def _place_head(self, plan: TrainingPlan, head: list[HeadRow]) -> None:
        rows, place = self._rows, self._rows.head_place(plan)
        if rows.head is not None:
            if rows.holds_head(place, head):
                return
            self.beginRemoveRows(QModelIndex(), rows.head.place, rows.head.place)
            rows.remove_head()
            self.endRemoveRows()
        if place is None or not head:
            return
        self.beginInsertRows(QModelIndex(), place, place)
        rows.insert_head(place, head)
        self.endInsertRows()

    def set_drift(self, drift: dict[str, float]) -> None:
        """Show how far the weights of each layer have moved since a run began, relative; none: an empty dict."""
        self._tell(self._rows.set_drift(drift), DRIFT, DRIFT)

    def set_transfers(self, transfers: dict[str, Transfer]) -> None:
        """Show what the features of layers are good for, by path; none: an empty dict."""
        self._tell(self._rows.set_transfers(transfers), TRANSFER, TRANSFER)

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
        self._tell(self._rows.every)

    def retranslate(self) -> None:
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, NAME, TRANSFER)
        self._tell(self._rows.shown)

    # -- looking rows up --------------------------------------------------------------------------------

    def row_of(self, index: Index) -> Row | None:
        return index.internalPointer() if index.isValid() else None

    def index_of(self, path: str) -> QModelIndex:
        """The first column of a layer or branch; invalid if there is none of that path."""
        for row in self._rows.every:
            if row.path == path:
                return self.createIndex(row.place, NAME, row)
        return QModelIndex()

    @property
    def has_rates(self) -> bool:
        """Some layer of the base trains."""
        return self._rows.root.rates is not None

    @property
    def has_drift(self) -> bool:
        return self._rows.root.drift is not None

    @property
    def has_transfers(self) -> bool:
        return any(row.transfer is not None for row in self._rows.root.children)

    def index_of_head(self) -> QModelIndex:
        """The new head's row; invalid where the old head is kept."""
        head = self._rows.head
        return self.createIndex(head.place, NAME, head) if head else QModelIndex()

    def freezable(self) -> list[str]:
        """Paths of the leaves below the cut that have weights."""
        return [path for path, row in self._rows.leaves.items() if row.weighted]

    def longest(self, column: int) -> str:
        """The longest text of a column, in characters."""
        return max((self._text(row, column) for row in self._rows.shown), key=len, default="")

    def leaf_order(self) -> list[str]:
        return list(self._rows.leaves)

    # -- Qt's model -------------------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:
        above = self.row_of(parent) or self._rows.root
        if parent.isValid() and parent.column() != NAME:
            return QModelIndex()
        if 0 <= row < len(above.children) and column in COLUMNS:
            return self.createIndex(row, column, above.children[row])
        return QModelIndex()

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]
        row = self.row_of(index)
        if row is None or row.parent is None or row.parent is self._rows.root:
            return QModelIndex()
        return self.createIndex(row.parent.place, NAME, row.parent)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        if parent.isValid() and parent.column() != NAME:
            return 0
        return len((self.row_of(parent) or self._rows.root).children)

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
            case Qt.ItemDataRole.FontRole if row.is_cut or row is self._rows.head:
                font = QFont()
                font.setBold(True)
                return font
            case Qt.ItemDataRole.TextAlignmentRole if index.column() in NUMBERS:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case Qt.ItemDataRole.AccessibleTextRole if index.column() == NAME:
                return self._accessible(row)
            case _ if role == PathRole:
                return row.path
            case _ if role == ShareRole and index.column() == DRIFT and row.drift is not None and self._rows.farthest:
                return row.drift / self._rows.farthest
            case _ if role == TransferRole and index.column() == TRANSFER:
                return row.transfer
        return None

    def _text(self, row: Row, column: int) -> str:
        if row is self._rows.head and column == NAME:
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
            self.freeze_requested.emit(row.weighted_leaves(), freeze)
            return True
        if role == Qt.ItemDataRole.EditRole and index.column() == RATE and row.rates is not None:
            factor = float(value)
            if not 0 <= factor <= LARGEST_RATE:
                return False
            self.rate_requested.emit(row.trained_leaves(), factor)
            return True
        return False


def _rates_text(rates: tuple[float, float] | None) -> str:
    """A factor, or the span of a branch whose layers have several."""
    if rates is None:
        return ""
    low, high = (f"{rate:.3g}" for rate in rates)
    return low if low == high else f"{low}–{high}"
