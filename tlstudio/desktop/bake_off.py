"""The bake-off: several ways trained for an equal short time, how far it is, and their ranking."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from tlstudio.core import events
from tlstudio.core.plan import Strategy, TrainingPlan
from tlstudio.desktop import texts
from tlstudio.desktop.making import make
from tlstudio.desktop.training_thread import TrainingThread
from tlstudio.desktop.translated import Translated
from tlstudio.desktop.ways_tried import WaysTried, is_whole

USUAL_SECONDS, LEAST_SECONDS, MOST_SECONDS = 60, 5, 3600
WIDTH, LEAST_HEIGHT, HEIGHT_OF_RANKING = 660, 130, 400  # pixels
ALL_BUT = 0.9  # of its time; a way that took less had come to its own end


class BakeOffDialog(Translated, QDialog):
    """Asks how long, runs ``plans`` on the training thread, and shows what came of it. Holds the window meanwhile, so
    that no run begins beside it; closing it early stops the job.

    ``recommended``: the way that is proposed where no difference was shown; None where nothing can be learned, which
    is then said."""

    way_chosen = Signal(str)  # the strategy of the chosen row

    def __init__(
        self, thread: TrainingThread, plans: list[TrainingPlan], recommended: Strategy | None, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName("bakeOff")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._thread, self._plans, self._recommended = thread, plans, recommended
        self._asked: list[TrainingPlan] | None = None  # the very object, while it runs
        self._is_stopping = False
        self._limit = USUAL_SECONDS
        self._work: events.Preparing | None = None
        self._ended: events.Event | None = None
        self._build()
        thread.baking_event_happened.connect(self._on_event)
        self.retranslate()

    def _build(self) -> None:
        self.text = make(QLabel, "bakeOffText", wordWrap=True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.equal = make(QLabel, "bakeOffEqual", wordWrap=True)
        self.equal.setTextFormat(Qt.TextFormat.PlainText)
        self.seconds_label, self.total = QLabel(), make(QLabel, "bakeOffTotal")
        self.seconds = make(QSpinBox, "bakeOffSeconds", minimum=LEAST_SECONDS, maximum=MOST_SECONDS, singleStep=10)
        self.seconds.setValue(USUAL_SECONDS)
        self.seconds.valueChanged.connect(self._show)
        self.seconds_label.setBuddy(self.seconds)
        self.progress = make(QProgressBar, "bakeOffProgress", textVisible=False)
        self.table = make(WaysTried, "bakeOffTable")
        self.table.itemSelectionChanged.connect(self._show)
        buttons = QDialogButtonBox()
        self.begin_button = make(QPushButton, "beginBakeOffButton")
        self.use_button = make(QPushButton, "useWayButton")
        self.stop_button = make(QPushButton, "stopBakeOffButton")
        self.close_button = make(QPushButton, "closeBakeOffButton")
        for button in (self.begin_button, self.use_button, self.stop_button):
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.close_button, QDialogButtonBox.ButtonRole.RejectRole)
        self.begin_button.clicked.connect(self._begin)
        self.use_button.clicked.connect(self._on_used)
        self.stop_button.clicked.connect(self._on_stop_wanted)
        self.close_button.clicked.connect(self.reject)
        row = QHBoxLayout()
        for widget in (self.seconds_label, self.seconds, self.total):
            row.addWidget(widget)
        row.addStretch(1)
        layout = self._box = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(self.text)
        layout.addWidget(self.progress)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.equal)
        layout.addLayout(row)
        layout.addStretch()
        layout.addWidget(buttons)
        self.resize(WIDTH, LEAST_HEIGHT)

    @property
    def is_running(self) -> bool:
        return self._asked is not None

    # -- what happens -----------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._ended, self._work, self._is_stopping = None, None, False
        self._limit, self._asked = self.seconds.value(), list(self._plans)
        self._thread.bake_off(self._asked, float(self._limit))
        self._show()
        self.stop_button.setFocus()

    def _on_event(self, plans: list[TrainingPlan], event: events.Event) -> None:
        if plans is self._asked:
            self.take(event)

    def take(self, event: events.Event) -> None:
        match event:
            case events.Preparing():
                self._work = event
                self._show()
            case events.BakedOff() | events.JobFailed() | events.JobStopped():
                self._ended, self._asked = event, None
                if isinstance(event, events.BakedOff):
                    self.table.fill(event.ways, self._recommended)
                self._show()
                (self.table if self.chosen is not None else self.seconds).setFocus()
                if isinstance(event, events.BakedOff):
                    self.resize(self.width(), max(self.height(), HEIGHT_OF_RANKING))

    @property
    def chosen(self) -> str | None:
        """The strategy of the selected row, of a way that could be trained."""
        return self.table.chosen if isinstance(self._ended, events.BakedOff) else None

    def _on_used(self) -> None:
        chosen = self.chosen
        if chosen is not None:
            self.way_chosen.emit(chosen)
            self.accept()

    def _on_stop_wanted(self) -> None:
        self._is_stopping = True
        self._thread.stop()
        self._show()

    def reject(self) -> None:
        if self.is_running:
            self._asked = None
            self._thread.stop()
        super().reject()

    # -- what is shown ----------------------------------------------------------------------------------

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Try all ways"))
        self.seconds_label.setText(self.tr("&Time for each way"))
        self.seconds.setAccessibleName(self.tr("Time for each way"))
        self.seconds.setSuffix(self.tr(" s"))
        self.progress.setAccessibleName(self.tr("Progress of the bake-off"))
        self.use_button.setText(self.tr("&Choose this way"))
        self.stop_button.setText(self.tr("&Stop"))
        self.close_button.setText(self.tr("Close"))
        if isinstance(self._ended, events.BakedOff):
            self.table.fill(self._ended.ways, self._recommended)
        self._show()

    def _show(self) -> None:
        is_ranked, is_running = isinstance(self._ended, events.BakedOff), self.is_running
        for widget in (self.seconds_label, self.seconds, self.total, self.begin_button):
            widget.setVisible(not is_running)
        again, first = self.tr("Try &again"), self.tr("Try all %n way(s)", "", len(self._plans))
        self.begin_button.setText(first if self._ended is None else again)
        total = self.tr("{time} altogether, and the time to load")
        self.total.setText(total.format(time=texts.duration(len(self._plans) * self.seconds.value())))
        self.progress.setVisible(is_running)
        work = self._work if self._work is not None and self._work.total > 0 else None
        self.progress.setRange(0, work.total if work is not None else 0)
        self.progress.setValue(work.done if work is not None else 0)
        self.table.setVisible(is_ranked)
        self.use_button.setVisible(is_ranked)
        self.use_button.setEnabled(self.chosen is not None)
        self.stop_button.setVisible(is_running)
        self.stop_button.setEnabled(not self._is_stopping)
        self.close_button.setVisible(not is_running)
        (self.use_button if self.chosen is not None else self.begin_button).setDefault(True)
        self.text.setText(self._words())
        self.equal.setText(self._what_was_equal())
        self.equal.setVisible(bool(self.equal.text()))
        self._fit()

    def _fit(self) -> None:
        """Texts differ in length, and a window doesn't grow by itself with those that wrap."""
        needed = self._box.totalHeightForWidth(self.width())
        if self.isVisible() and self.height() < needed:
            self.resize(self.width(), needed)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def _words(self) -> str:
        match self._ended:
            case events.JobFailed() as failure:
                return texts.error_text(failure.code, failure.facts)
            case events.JobStopped():
                return self.tr("The bake-off was stopped.")
            case events.BakedOff():
                return self.table.verdict
        if self.is_running:
            return self._progress_words()
        text = self.tr(
            "The ways are trained one after the other, each for the same time, and judged by the validation "
            "images. Ways that train much of the network need longer to show what they can do. Nothing of it is kept."
        )
        if self._recommended is None:
            warning = self.tr(
                "⚠ The look at your images found nothing that can be learned from their labels. Whatever comes out "
                "of this is then most likely chance."
            )
            return f"{warning}\n\n{text}"
        return text

    def _progress_words(self) -> str:
        work = self._work
        if self._is_stopping:
            return self.tr("Stopping…")
        if work is None or work.phase != "bake-off" or not work.total:
            return self.tr("Preparing network and images…")
        place = min(int(work.done / self._limit), len(self._plans) - 1)
        text = self.tr("Way {number} of {all}: {way}. {done} of at most {total} are over.")
        return text.format(
            number=place + 1,
            all=len(self._plans),
            way=texts.strategy_name(self._plans[place].strategy),
            done=texts.duration(work.done),
            total=texts.duration(work.total),
        )

    def _what_was_equal(self) -> str:
        if not isinstance(self._ended, events.BakedOff):
            return ""
        ways = [way for way in self._ended.ways if not way.failed]
        if not ways:
            return ""
        text = self.tr(
            "Equal for all: at most {time} of computing each, outputs of frozen layers included, and the same "
            "{images} validation images. Accuracies may be those of the best epochs, and then are a little too good."
        )
        said = [text.format(time=texts.duration(self._limit), images=texts.number(ways[0].images))]
        if any(way.seconds < ALL_BUT * self._limit and way.epochs for way in ways):
            said.append(self.tr("Where less time is told, the way had come to its own end: nothing more was gained."))
        short = [way for way in ways if not way.epochs or not is_whole(way)]
        if short:
            text = self.tr(
                "The time was too short for {ways}: no whole epoch, or none but of the new classifier alone. Give it "
                "longer before you judge by this."
            )
            said.append(text.format(ways=self.table.names(short)))
        return " ".join(said)
