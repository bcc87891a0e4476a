"""The bake-off: several ways trained for an equal short time, how far it is, and their ranking."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from tlstudio.core import events
from tlstudio.core.errors import QT_TRANSLATE_NOOP
from tlstudio.core.plan import TrainingPlan
from tlstudio.desktop import texts
from tlstudio.desktop.making import make
from tlstudio.desktop.training_thread import TrainingThread
from tlstudio.desktop.translated import Translated

USUAL_SECONDS, LEAST_SECONDS, MOST_SECONDS = 60, 5, 3600
WAY, ACCURACY, RANGE, EPOCHS, TIME = range(5)
FAILURES = {  # a way's event carries the code alone
    "out_of_memory": QT_TRANSLATE_NOOP("BakeOffDialog", "does not fit into memory"),
    "will_not_fit": QT_TRANSLATE_NOOP("BakeOffDialog", "does not fit into memory"),
    "training_diverged": QT_TRANSLATE_NOOP("BakeOffDialog", "its loss grew without bounds"),
}
FAILED = QT_TRANSLATE_NOOP("BakeOffDialog", "could not be trained ({code})")


class BakeOffDialog(Translated, QDialog):
    """Asks how long, runs ``plans`` on the training thread, and shows what came of it. Holds the window meanwhile, so
    that no run begins beside it; closing it early stops the job."""

    way_chosen = Signal(str)  # the strategy of the chosen row

    def __init__(self, thread: TrainingThread, plans: list[TrainingPlan], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("bakeOff")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._thread, self._plans = thread, plans
        self._is_running = False
        self._work: events.Preparing | None = None
        self._ended: events.Event | None = None
        self._build()
        thread.baking_event_happened.connect(self.take)
        self.retranslate()

    def _build(self) -> None:
        self.text = make(QLabel, "bakeOffText", wordWrap=True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.seconds_label = QLabel()
        self.seconds = make(QSpinBox, "bakeOffSeconds", minimum=LEAST_SECONDS, maximum=MOST_SECONDS, singleStep=10)
        self.seconds.setValue(USUAL_SECONDS)
        self.seconds_label.setBuddy(self.seconds)
        self.progress = make(QProgressBar, "bakeOffProgress", textVisible=False)
        self.table = make(QTableWidget, "bakeOffTable", 0, TIME + 1)
        self.table.verticalHeader().hide()
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(WAY, QHeaderView.ResizeMode.Stretch)
        self.table.itemSelectionChanged.connect(self._show)
        buttons = QDialogButtonBox()
        self.begin_button = make(QPushButton, "beginBakeOffButton")
        self.use_button = make(QPushButton, "useWayButton")
        self.close_button = make(QPushButton, "closeBakeOffButton")
        for button in (self.begin_button, self.use_button):
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.close_button, QDialogButtonBox.ButtonRole.RejectRole)
        self.begin_button.clicked.connect(self._begin)
        self.use_button.clicked.connect(self._on_used)
        self.close_button.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(self.seconds_label)
        row.addWidget(self.seconds)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addWidget(self.text)
        layout.addLayout(row)
        layout.addWidget(self.progress)
        layout.addWidget(self.table, 1)
        layout.addWidget(buttons)
        self.resize(620, 330)

    # -- what happens -----------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._is_running, self._ended, self._work = True, None, None
        self._thread.bake_off(self._plans, float(self.seconds.value()))
        self._show()

    def take(self, event: events.Event) -> None:
        if not self._is_running:
            return
        match event:
            case events.Preparing():
                self._work = event
            case events.BakedOff():
                self._ended, self._is_running = event, False
                self._fill(event.ways)
            case events.JobFailed() | events.JobStopped():
                self._ended, self._is_running = event, False
        self._show()

    def _fill(self, ways: list[events.WayTried]) -> None:
        self.table.setRowCount(len(ways))
        for row, way in enumerate(ways):
            for column, text in enumerate(self._cells(way)):
                item = QTableWidgetItem(text)
                if column != WAY:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, column, item)
        if ways and not ways[0].failed:
            self.table.selectRow(0)
            self.table.setFocus()

    def _cells(self, way: events.WayTried) -> tuple[str, ...]:
        name = texts.strategy_name(way.strategy)
        if way.failed:
            why = self.tr(FAILURES.get(way.failed, FAILED)).format(code=way.failed)
            return (self.tr("{way}: {failure}").format(way=name, failure=why), "–", "–", "–", "–")
        span = self.tr("{low} to {high}").format(low=texts.percent(way.low), high=texts.percent(way.high))
        return (name, texts.percent(way.accuracy), span, texts.number(way.epochs), texts.duration(way.seconds))

    @property
    def chosen(self) -> str | None:
        """The strategy of the selected row, of a way that could be trained."""
        rows = self.table.selectionModel().selectedRows()
        if not isinstance(self._ended, events.BakedOff) or not rows:
            return None
        way = self._ended.ways[rows[0].row()]
        return None if way.failed else way.strategy

    def _on_used(self) -> None:
        chosen = self.chosen
        if chosen is not None:
            self.way_chosen.emit(chosen)
            self.accept()

    def reject(self) -> None:
        if self._is_running:
            self._is_running = False
            self._thread.stop()
        super().reject()

    # -- what is shown ----------------------------------------------------------------------------------

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Bake-off"))
        self.seconds_label.setText(self.tr("Time for each way"))
        self.seconds.setAccessibleName(self.seconds_label.text())
        self.seconds.setSuffix(self.tr(" s"))
        self.progress.setAccessibleName(self.tr("Progress of the bake-off"))
        self.table.setAccessibleName(self.tr("Ways, the best first"))
        self.table.setHorizontalHeaderLabels(
            [self.tr("Way"), self.tr("Accuracy"), self.tr("Range"), self.tr("Epochs"), self.tr("Time")]
        )
        self.use_button.setText(self.tr("Choose this way"))
        if isinstance(self._ended, events.BakedOff):
            self._fill(self._ended.ways)
        self._show()

    def _show(self) -> None:
        is_before, work = not self._is_running and self._ended is None, self._work
        is_ranked = isinstance(self._ended, events.BakedOff)
        self.seconds_label.setVisible(is_before)
        self.seconds.setVisible(is_before)
        self.begin_button.setVisible(is_before)
        self.begin_button.setText(self.tr("Try all %n way(s)", "", len(self._plans)))
        self.progress.setVisible(self._is_running)
        known = work is not None and work.total > 0
        self.progress.setRange(0, work.total if work is not None and known else 0)
        self.progress.setValue(work.done if work is not None and known else 0)
        self.table.setVisible(is_ranked)
        self.use_button.setVisible(is_ranked)
        self.use_button.setEnabled(self.chosen is not None)
        self.close_button.setText(self.tr("Stop") if self._is_running else self.tr("Close"))
        self.text.setText(self._words())

    def _words(self) -> str:
        match self._ended:
            case events.JobFailed() as failure:
                return texts.error_text(failure.code, failure.facts)
            case events.JobStopped():
                return self.tr("The bake-off was stopped.")
            case events.BakedOff(ways=ways):
                return self._verdict([way for way in ways if not way.failed])
        if self._is_running:
            return self.tr("The ways are trained one after the other, each for the same time. Nothing of it is kept.")
        return self.tr(
            "Each way is trained for the same short time and judged by the validation images. Ways that train much "
            "of the network need longer to show what they can do."
        )

    @staticmethod
    def _overlap(ways: list[events.WayTried]) -> bool:
        return len(ways) > 1 and ways[1].high >= ways[0].low

    def _verdict(self, ways: list[events.WayTried]) -> str:
        if not ways:
            return self.tr("None of the ways could be trained.")
        facts = {"way": texts.strategy_name(ways[0].strategy), "images": texts.number(ways[0].images)}
        if self._overlap(ways):
            text = self.tr(
                "“{way}” did best on {images} validation images, but its range and that of the next one overlap, so "
                "that they can't be told apart yet."
            )
        else:
            text = self.tr("“{way}” did best on {images} validation images, beyond the ranges of the others.")
        return text.format(**facts)
