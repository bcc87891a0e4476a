"""The list of what is wrong with the dataset, and what can be done about it: each remedy is one edit of the plan."""

from PySide6.QtCore import QModelIndex, QSize, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QSplitter, QTreeView, QVBoxLayout, QWidget

from tlstudio.core.data.problem import Problem
from tlstudio.desktop import texts, workspace
from tlstudio.desktop.class_menu import ClassMenu
from tlstudio.desktop.flow_layout import FlowLayout
from tlstudio.desktop.image_preview import ImagePreview, LargePreview
from tlstudio.desktop.making import make
from tlstudio.desktop.problem_tree import PICTURE, ProblemTree, Row
from tlstudio.desktop.problem_words import remedy_name
from tlstudio.desktop.thumbnails import Thumbnails
from tlstudio.desktop.translated import Translated
from tlstudio.desktop.workspace import Workspace

ORDER_OF_BUTTONS = (
    "move-to-training", "leave-out-copies", "leave-out-all", "relabel", "leave-out-class", "class-weights",
)  # fmt: skip


class ProblemsPage(Translated, QWidget):
    """Shows the problems of ``workspace.raw``; remedies change the plan, never the files."""

    def __init__(self, space: Workspace, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("problemsPage")
        self._space = space
        self._build(thumbnails)
        self._connect()
        self.retranslate()

    def _build(self, thumbnails: Thumbnails) -> None:
        self.tree = ProblemTree(thumbnails, self)
        self.view = make(QTreeView, "datasetProblems", headerHidden=True, uniformRowHeights=True, indentation=16)
        self.view.setModel(self.tree)
        self.view.setIconSize(QSize(PICTURE, PICTURE))
        self.view.setSelectionMode(QTreeView.SelectionMode.ExtendedSelection)
        self.view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.empty = make(QLabel, "noProblemsLabel", alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self.detail = make(QLabel, "problemDetail", wordWrap=True)
        self.detail.setTextFormat(Qt.TextFormat.PlainText)
        self.detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.buttons = {code: make(QPushButton, f"{code}-button") for code in ORDER_OF_BUTTONS}
        self.class_menu = ClassMenu(self)
        self.buttons["relabel"].setMenu(self.class_menu)
        row = FlowLayout()
        for button in self.buttons.values():
            row.addWidget(button)
        self.preview = ImagePreview(self._space, "problemPreview")
        self.preview.words_area.hide()  # the line below says it
        self.halves = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        for half in (self.view, self.preview):
            self.halves.addWidget(half)
            half.setMinimumWidth(130)
        self.halves.setSizes([340, 180])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 0)
        layout.addWidget(self.halves, 1)
        layout.addWidget(self.empty, 1)
        layout.addWidget(self.detail)
        layout.addLayout(row)

    def _connect(self) -> None:
        self._space.dataset_changed.connect(self._show)
        self._space.plan_changed.connect(self._show)
        self.view.selectionModel().selectionChanged.connect(self._on_selected)
        self.view.selectionModel().currentChanged.connect(self._on_current_changed)
        self.view.activated.connect(self._on_activated)
        self.tree.modelReset.connect(self._on_selected)
        self.class_menu.class_chosen.connect(lambda label: self._remedy("relabel", label))
        for code, button in self.buttons.items():
            if code != "relabel":
                button.clicked.connect(lambda _checked=False, code=code: self._remedy(code))

    def retranslate(self) -> None:
        self.view.setAccessibleName(self.tr("Problems found in the dataset"))
        for code, button in self.buttons.items():
            button.setText(remedy_name(code))
        self.tree.refresh()
        self._show()

    # -- what is shown ----------------------------------------------------------------------------------

    def _show(self) -> None:
        raw = self._space.raw
        if raw is None:
            self.tree.show([], set())
            self.preview.show_image("")
            self.empty.setText(self.tr("What is wrong with a dataset shows here when one is open."))
        else:
            self.tree.show(raw.problems, self._space.remedied)
            self.empty.setText(self.tr("No problems were found."))
        has_rows = self.tree.rowCount() > 0
        self.halves.setVisible(has_rows)
        self.empty.setVisible(not has_rows)
        self._on_selected()

    def _on_selected(self, *_selection: object) -> None:
        from tlstudio.core.data.remedies import REMEDIES

        rows = self.selected()
        self.detail.setText(self._detail_of(rows))
        self.detail.setVisible(self.tree.rowCount() > 0)
        codes = {row.code for row in rows}
        offered = set[str]().union(*(REMEDIES.get(code, ()) for code in codes))
        is_done = self._space.dataset is None or not rows or not self._unsolved(rows)
        for code, button in self.buttons.items():
            button.setVisible(code in offered)
            button.setEnabled(not is_done)
        self.class_menu.set_classes(self._space.classes)

    def _detail_of(self, rows: list[Row]) -> str:
        if not rows:
            return self.tr("Select a kind of problem, or single ones, to see what can be done.")
        if len(rows) == 1 and rows[0].problem is not None:
            return self.tree.detail(rows[0])
        if len(rows) == 1 and len(rows[0].rows) == 1:
            return self.tree.detail(rows[0].rows[0])
        left = len(self._unsolved(rows))
        name = texts.problem_name(rows[0].code) if len({row.code for row in rows}) == 1 else ""
        found = self.tr("%Ln problem(s) left", "", left)
        return f"{name}: {found}" if name else found

    def _on_current_changed(self, _index: object, _before: object) -> None:
        current = self.view.currentIndex()
        self.preview.show_image(self.tree.row(current).image if current.isValid() else "")

    def _on_activated(self, index: QModelIndex) -> None:
        if name := self.tree.row(index).image:
            LargePreview(self._space, name, self).open()

    def cancel(self) -> None:
        self.preview.cancel()

    # -- what is asked for ------------------------------------------------------------------------------

    def selected(self) -> list[Row]:
        return [self.tree.row(index) for index in self.view.selectionModel().selectedIndexes()]

    def _unsolved(self, rows: list[Row]) -> list[Problem]:
        """The problems of some rows that are not remedied yet, each once."""
        every = {id(problem): problem for row in rows for problem in row.problems}
        remedied = self._space.remedied
        return [problem for key, problem in every.items() if key not in remedied]

    def _remedy(self, code: str, label: str = "") -> None:
        from tlstudio.core.data.remedies import with_remedy

        dataset = self._space.dataset
        if dataset is None:
            return
        # From the dataset as edited: of three copies of which one is left out already, one more goes, and not two.
        plan = with_remedy(self._space.data_plan, dataset, self._unsolved(self.selected()), code, label)
        self._space.change_plan(plan, workspace.REMEDY)
