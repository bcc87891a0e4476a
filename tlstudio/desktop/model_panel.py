"""The left pane: what the model is, its layers with freeze checkboxes, a filter, and what can be done to them."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QEvent, QObject, QPoint, QSortFilterProxyModel, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QStackedWidget,
    QToolButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from tlstudio.core.errors import QT_TRANSLATE_NOOP, TLStudioError
from tlstudio.desktop import texts, workspace
from tlstudio.desktop.layer_rows import Row
from tlstudio.desktop.layer_transfer import Transfer, TransferDelegate
from tlstudio.desktop.layer_tree_model import (
    DRIFT,
    NAME,
    OUTPUT,
    PARAMETERS,
    RATE,
    TRANSFER,
    TYPE,
    LayerTreeModel,
    TransferRole,
)
from tlstudio.desktop.layer_tree_view import LayerDelegate
from tlstudio.desktop.making import make
from tlstudio.desktop.measuring_line import MeasuringLine
from tlstudio.desktop.notes_list import NotesList
from tlstudio.desktop.placeholder import Placeholder
from tlstudio.desktop.reading_line import ReadingLine
from tlstudio.desktop.theme import Theme
from tlstudio.desktop.translated import Translated
from tlstudio.desktop.workspace import Workspace

if TYPE_CHECKING:
    from tlstudio.core.layer_rates import Preset

TYPE_WIDTH, MOST_TYPE = 104, 180  # pixels; more than the first only beside whole names
TYPE_SHARE = 0.33  # of what shapes and numbers leave, where there is little room
LEAST_TYPE, LEAST_NUMBERS = 62, 62  # pixels; a narrower type would be a letter or two
LEAST_RATE, LEAST_NAME, MOST_NAME = 40, 116, 200  # pixels
BESIDE_NAME = 58  # pixels: indentation and checkbox
CELL_MARGIN = 12  # pixels
MILLISECONDS_BETWEEN_DRIFTS = 700  # each repaints the tree, which takes some 15 ms of a whole screen of rows
RATES = QT_TRANSLATE_NOOP("Edits", "learning rates of layers")


class ModelPanel(Translated, QWidget):
    """Shows ``workspace.inspection`` and the plan; edits go to the workspace's undo stack."""

    failed = Signal(object)  # TLStudioError
    open_requested = Signal()
    library_requested = Signal()

    def __init__(self, space: Workspace, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._space, self._theme = space, theme
        self._build()
        self._connect()
        self.retranslate()
        self._on_theme_changed()

    def _build(self) -> None:
        self.summary = make(QLabel, "modelSummary", wordWrap=True)
        self.summary.setTextFormat(Qt.TextFormat.PlainText)  # a file's name is not to be drawn as HTML
        self.summary.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.filter = make(QLineEdit, "layerFilter", clearButtonEnabled=True)
        self.layers = LayerTreeModel(self)
        self.proxy = QSortFilterProxyModel(self, recursiveFilteringEnabled=True, autoAcceptChildRows=False)
        self.proxy.setSourceModel(self.layers)
        self.proxy.setFilterKeyColumn(-1)  # name, type and shape alike
        self.proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.tree = make(QTreeView, "layerTree", uniformRowHeights=True, alternatingRowColors=True)
        self.tree.setModel(self.proxy)
        delegate = LayerDelegate(self._theme, self.tree)
        for column in (RATE, DRIFT):  # the others are drawn without Python's help
            self.tree.setItemDelegateForColumn(column, delegate)
        self.tree.setItemDelegateForColumn(TRANSFER, TransferDelegate(self._theme, TransferRole, self.tree))
        self.tree.setEditTriggers(QTreeView.EditTrigger.DoubleClicked | QTreeView.EditTrigger.EditKeyPressed)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.setIndentation(14)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # names differ at both ends
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(40)
        # Qt's own fitting to contents asks for every cell again and again: 80 ms of the window's thread for a large
        # network. Some names of types are very long.
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(TYPE, TYPE_WIDTH)
        self.notes = NotesList(self._theme)
        self.notes_button = make(QToolButton, "notesButton", checkable=True, autoRaise=True)
        self.notes_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.notes_button.setArrowType(Qt.ArrowType.RightArrow)
        self.notes.hide()
        self.reading_line = ReadingLine()
        self.actions_button = make(
            QToolButton, "layerActions", popupMode=QToolButton.ToolButtonPopupMode.InstantPopup
        )
        self.actions_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.menu = QMenu(self)
        self.cut_action = self._add_action("cutHereAction", self._cut_here)
        self.menu.addSeparator()
        self.freeze_below_action = self._add_action("freezeBelowAction", lambda: self._freeze_side(True, True))
        self.freeze_above_action = self._add_action("freezeAboveAction", lambda: self._freeze_side(False, True))
        self.free_below_action = self._add_action("unfreezeBelowAction", lambda: self._freeze_side(True, False))
        self.free_above_action = self._add_action("unfreezeAboveAction", lambda: self._freeze_side(False, False))
        self.menu.addSeparator()
        self.rates_menu = self.menu.addMenu("")
        self.rate_actions = {
            name: self._add_action(f"{name}RatesAction", partial(self._use_preset, name), self.rates_menu)
            for name in ("flat", "rising", "upper")
        }
        self.actions_button.setMenu(self.menu)

        row = QHBoxLayout()
        row.addWidget(self.filter, 1)
        row.addWidget(self.actions_button)
        content = QWidget()
        inside = QVBoxLayout(content)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.summary)
        inside.addWidget(self.notes_button)
        inside.addWidget(self.notes)
        inside.addLayout(row)
        inside.addWidget(self.tree, 1)
        self.measuring_line = MeasuringLine()
        inside.addWidget(self.measuring_line)
        self.placeholder = Placeholder()
        self.pages = QStackedWidget()
        self.pages.addWidget(self.placeholder)
        self.pages.addWidget(content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.reading_line)
        layout.addWidget(self.pages, 1)
        self._drift: dict[str, float] = {}
        self._drifting = QTimer(self, singleShot=True, interval=MILLISECONDS_BETWEEN_DRIFTS)
        self._drifting.timeout.connect(self._show_drift)

    def _add_action(self, name: str, slot: Callable[[], None], menu: QMenu | None = None) -> QAction:
        action = make(QAction, name, self)
        action.triggered.connect(lambda: slot())
        (menu or self.menu).addAction(action)
        return action

    def _connect(self) -> None:
        self._space.model_changed.connect(self._on_model_changed)
        self._space.model_opening.connect(self.reading_line.show_reading)
        self._space.choice_needed.connect(lambda: self.reading_line.show_reading(""))
        self._space.notes_changed.connect(self._on_notes_changed)
        self._space.plan_changed.connect(self._show_plan)
        self._space.dataset_changed.connect(self._show_plan)
        self._theme.changed.connect(self._on_theme_changed)
        self.tree.viewport().installEventFilter(self)
        self.filter.textChanged.connect(self._on_filter_changed)
        self.layers.freeze_requested.connect(self._freeze)
        self.layers.rate_requested.connect(self._set_rate)
        self.tree.customContextMenuRequested.connect(self._on_menu_requested)
        self.tree.selectionModel().currentChanged.connect(self._update_actions)
        self.placeholder.clicked.connect(self.open_requested)
        self.placeholder.other_clicked.connect(self.library_requested)
        self.reading_line.cancelled.connect(self._space.cancel_opening)
        self.notes_button.toggled.connect(self._on_notes_toggled)
        self.notes.layer_chosen.connect(self.show_layer)

    def retranslate(self) -> None:
        self.filter.setPlaceholderText(self.tr("Filter layers by name or type"))
        self.filter.setAccessibleName(self.tr("Filter layers"))
        self.tree.setAccessibleName(self.tr("Layers of the network, with freeze checkboxes"))
        self.actions_button.setText(self.tr("Layers"))
        self.cut_action.setText(self.tr("Cut the network here"))
        self.freeze_below_action.setText(self.tr("Freeze this and everything below"))
        self.freeze_above_action.setText(self.tr("Freeze this and everything above"))
        self.free_below_action.setText(self.tr("Unfreeze this and everything below"))
        self.free_above_action.setText(self.tr("Unfreeze this and everything above"))
        self.rates_menu.setTitle(self.tr("Learning rates of the layers that train"))
        self.rate_actions["flat"].setText(self.tr("The same for all"))
        self.rate_actions["rising"].setText(self.tr("Rising with height, from a tenth to the whole"))
        self.rate_actions["upper"].setText(self.tr("Upper half whole, lower half a tenth"))
        self.placeholder.set_texts(
            self.tr("No model is open"),
            self.tr("Drop a model here (.h5, .hdf5, .keras, .caffemodel, SavedModel)"),
            self.tr("Open a model…"),
            self.tr("Model library…"),
        )
        self.layers.retranslate()
        self._show_summary()
        self._show_notes()
        self._show_plan()
        self._update_actions()

    # -- what is shown ----------------------------------------------------------------------------------

    def _on_model_changed(self) -> None:
        inspection = self._space.inspection
        self._drift = {}
        self.filter.clear()
        self.layers.set_layers(inspection.layers if inspection else [])
        self._fit_columns()
        self._show_plan()
        self.pages.setCurrentIndex(0 if inspection is None else 1)
        self._show_summary()
        self.notes_button.setChecked(False)
        self._show_notes()
        if len(self.layers.leaf_order()) <= 60:
            self.tree.expandAll()
        self._update_actions()

    def _show_summary(self) -> None:
        model, inspection = self._space.model, self._space.inspection
        if model is None or inspection is None:
            self.summary.setText("")
            return
        facts = self.tr("{name}: input {input}, output {output}, {parameters} parameters, {writer}").format(
            name=model.path.name,
            input=texts.inputs_text(model),
            output=texts.outputs_text(model),
            parameters=texts.number(inspection.parameters),
            writer=inspection.writer,
        )
        self.summary.setText(facts)

    def _show_notes(self) -> None:
        inspection = self._space.inspection
        warnings = inspection.warnings if inspection else []
        repairs = inspection.repairs if inspection else []
        parts = []
        if warnings:
            parts.append("⚠ " + self.tr("%n warning(s)", "", len(warnings)))
        if repairs:
            parts.append("✔ " + self.tr("%n thing(s) mended", "", len(repairs)))
        self.notes_button.setText("   ".join(parts))
        self.notes_button.setToolTip(self.tr("What was mended in the file, and what to know of it"))
        self.notes_button.setVisible(bool(parts))
        self.notes.set_notes(warnings, repairs)
        self._on_notes_toggled(self.notes_button.isChecked())

    def _on_notes_toggled(self, is_open: bool) -> None:
        self.notes_button.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self.notes.setVisible(is_open and not self.notes_button.isHidden())

    def _on_notes_changed(self) -> None:
        self.layers.mark_broken(self._space.not_finite)
        self.notes_button.setChecked(True)
        self._show_notes()

    def show_layer(self, path: str) -> None:
        """Select a layer and bring it into sight, whatever the filter hides."""
        index = self.layers.index_of(path)
        if not index.isValid():
            return
        shown = self.proxy.mapFromSource(index)
        if not shown.isValid():
            self.filter.clear()
            shown = self.proxy.mapFromSource(index)
        self.tree.setCurrentIndex(shown)
        self.tree.scrollTo(shown, QTreeView.ScrollHint.PositionAtCenter)

    def _show_plan(self) -> None:
        model, plan = self._space.model, self._space.plan
        if model is None or plan is None:
            return
        from tlstudio.core.head import new_head_of
        from tlstudio.core.strategy import layers_below

        classes = len(self._space.classes) or (model.output_units or 2)
        head = [
            (layer.name, f"{layer.type} ({layer.activation})" if layer.activation else layer.type,
             str(layer.output), layer.parameters)
            for layer in new_head_of(model, plan, classes)
        ]  # fmt: skip
        head_before = self.layers.index_of_head()
        was_closed = head_before.isValid() and not self.tree.isExpanded(self.proxy.mapFromSource(head_before))
        self.layers.show_plan(plan, set(layers_below(model, plan.cut)), head)
        self._fit_columns()
        if not was_closed:  # another head is another row, which begins closed
            self.tree.expand(self.proxy.mapFromSource(self.layers.index_of_head()))
        self._update_actions()

    def _fit_columns(self) -> None:
        """Shapes and numbers are short and always whole; names and types share what is left.

        In a narrow pane rates, drifts and bars take the place of type and shape, so that names can still be read.
        """
        header, metrics = self.tree.header(), self.tree.fontMetrics()
        least = {
            OUTPUT: LEAST_NUMBERS,
            PARAMETERS: LEAST_NUMBERS,
            RATE: LEAST_RATE,
            DRIFT: LEAST_NUMBERS,
            TRANSFER: LEAST_NUMBERS,
        }
        widths = {
            column: max(metrics.horizontalAdvance(self.layers.longest(column)) + CELL_MARGIN, width)
            for column, width in least.items()
        }
        shown = {RATE: self.layers.has_rates, DRIFT: self.layers.has_drift}
        shown[TRANSFER] = self.layers.has_transfers
        has_more = any(shown.values())
        left = self.tree.viewport().width() - sum(w for column, w in widths.items() if shown.get(column, True))
        name = metrics.horizontalAdvance(self.layers.longest(NAME)) + BESIDE_NAME
        name = min(max(name, LEAST_NAME), MOST_NAME)
        shown[TYPE] = not has_more or left >= LEAST_TYPE + name
        shown[OUTPUT] = not has_more or left >= name
        left += 0 if shown[OUTPUT] else widths[OUTPUT]
        wanted = header.sectionSizeHint(PARAMETERS)  # its heading is longer than most numbers
        spare = left - name - (LEAST_TYPE if shown[TYPE] else 0)
        grown = min(max(wanted - widths[PARAMETERS], 0), max(spare, 0))
        widths[PARAMETERS] += grown
        left -= grown
        for column, width in widths.items():
            header.resizeSection(column, width)
        for column, is_shown in shown.items():
            self.tree.setColumnHidden(column, not is_shown)
        share = min(max(round(TYPE_SHARE * left), LEAST_TYPE), TYPE_WIDTH)
        if has_more:  # a name says more than the rest of a type
            share = min(share, max(left - name, LEAST_TYPE))
        whole = metrics.horizontalAdvance(self.layers.longest(TYPE)) + CELL_MARGIN
        header.resizeSection(TYPE, max(share, min(whole, left - name, MOST_TYPE)))

    def show_transfers(self, transfers: dict[str, Transfer]) -> None:
        """What the features of each layer are good for; none: an empty dict."""
        self.layers.set_transfers(transfers)
        self._fit_columns()

    def take_drift(self, drift: dict[str, float]) -> None:
        """How far the weights of layers of the open model have moved; shown within a moment."""
        self._drift = drift
        if not self._drifting.isActive():
            self._drifting.start()

    def _show_drift(self) -> None:
        had_drift = self.layers.has_drift
        self.layers.set_drift(self._drift)
        if had_drift != self.layers.has_drift:
            self._fit_columns()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.tree.viewport() and event.type() == QEvent.Type.Resize:
            self._fit_columns()
        return super().eventFilter(watched, event)

    def _on_theme_changed(self) -> None:
        colours = self._theme.colours
        self.layers.set_colours(colours.validation, colours.muted)

    def _on_filter_changed(self, text: str) -> None:
        self.proxy.setFilterFixedString(text)
        if text:
            self.tree.expandAll()

    # -- what is asked for ------------------------------------------------------------------------------

    def current_row(self) -> Row | None:
        return self.layers.row_of(self.proxy.mapToSource(self.tree.currentIndex()))

    def _update_actions(self) -> None:
        row = self.current_row()
        is_layer = row is not None and row.kind != "head" and self._space.plan is not None
        self.cut_action.setEnabled(is_layer)
        self.rates_menu.setEnabled(self.layers.has_rates)
        for action in (
            self.freeze_below_action,
            self.freeze_above_action,
            self.free_below_action,
            self.free_above_action,
        ):
            action.setEnabled(is_layer)
        problem = texts.problem_text(self._space.problem) if self._space.problem else ""
        self.actions_button.setEnabled(not problem)
        usual = self.tr("Cut the network here; freeze or free layers below or above")
        self.actions_button.setToolTip(texts.plain_tip(problem) or usual)

    def _on_menu_requested(self, point: QPoint) -> None:
        self.menu.popup(self.tree.viewport().mapToGlobal(point))

    def _freeze(self, paths: list[str], freeze: bool) -> None:
        plan = self._space.plan
        if plan is None:
            return
        wanted = set(plan.frozen) | set(paths) if freeze else set(plan.frozen) - set(paths)
        frozen = tuple(path for path in self.layers.leaf_order() if path in wanted)
        self._space.change_plan(msgspec.structs.replace(plan, frozen=frozen), workspace.FREEZE)

    def _set_rate(self, paths: list[str], factor: float) -> None:
        from tlstudio.core.layer_rates import with_rates

        plan = self._space.plan
        if plan is not None:
            self._space.change_plan(msgspec.structs.replace(plan, layer_rates=with_rates(plan, paths, factor)), RATES)

    def _use_preset(self, name: "Preset") -> None:
        from tlstudio.core.layer_rates import preset

        plan, model = self._space.plan, self._space.model
        if plan is not None and model is not None:
            changed = msgspec.structs.replace(plan, layer_rates=preset(model, plan, name))
            self._space.change_plan(changed, RATES)

    def _freeze_side(self, below: bool, freeze: bool) -> None:
        row, plan, model = self.current_row(), self._space.plan, self._space.model
        if row is None or row.kind == "head" or plan is None or model is None:
            return
        order = self.layers.leaf_order()
        inside = [path for path in order if path == row.path or path.startswith(row.path + "/")]
        side = order[: order.index(inside[-1]) + 1] if below else order[order.index(inside[0]) :]
        usable = set(self.layers.freezable())
        self._freeze([path for path in side if path in usable], freeze)

    def _cut_here(self) -> None:
        from tlstudio.core.model.cuts import resolve_cut
        from tlstudio.core.plan import TrainingPlan
        from tlstudio.core.strategy import with_cut

        row, plan, model = self.current_row(), self._space.plan, self._space.model
        if row is None or plan is None or model is None:
            return
        try:
            cut = resolve_cut(model.graph, row.path)
        except TLStudioError as error:
            self.failed.emit(error)
            return
        if plan.head.kind == "keep":
            plan = msgspec.structs.replace(plan, head=TrainingPlan().head)
        self._space.change_plan(with_cut(model, plan, cut), workspace.CUT)
