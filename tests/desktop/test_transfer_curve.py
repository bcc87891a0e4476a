"""The curve of what layers are good for, and the words beside it."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel

from tlstudio.core.advice.measured import LayerScore
from tlstudio.desktop.reading_area import ReadingArea
from tlstudio.desktop.transfer_curve import TransferCurve

LAYERS = [
    LayerScore(
        path=f"layer_{place}", score=score, low=score - 0.05, high=score + 0.05, neighbours=score - 0.1,
        neighbours_low=score - 0.2, neighbours_high=score, width=8,
    )
    for place, score in enumerate((0.4, 0.7, 0.6))
]  # fmt: skip


@pytest.fixture
def curve(qtbot: Any) -> Iterator[TransferCurve]:
    made = TransferCurve()
    qtbot.addWidget(made)
    made.resize(420, 240)
    made.show_layers(LAYERS, "layer_1", 0.2)
    made.show()
    yield made


def test_that_probe_and_neighbours_are_two_lines_with_a_key(curve: TransferCurve) -> None:
    assert list(curve.probe.getData()[1]) == pytest.approx([0.4, 0.7, 0.6])
    assert list(curve.neighbours.getData()[1]) == pytest.approx([0.3, 0.6, 0.5])
    own, other = curve.probe.opts["pen"], curve.neighbours.opts["pen"]
    assert (own.style(), other.style()) == (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine), "not by colour alone"
    assert other.color().alpha() < own.color().alpha()
    key = curve.key.text().replace("&nbsp;", " ")
    assert all(word in key for word in ("classifier", "nearest neighbours", "guessing", "best cut"))


def test_that_what_it_shows_is_told_in_words_also_where_nothing_is_starred(curve: TransferCurve) -> None:
    assert curve.accessibleDescription().startswith("layer_1: 70 % right by a simple classifier (65 % to 75 %), 60 %")
    assert "Guessing reaches 20 %" in curve.accessibleDescription()
    curve.show_layers(LAYERS[:1], None, 0.5)
    assert "★" not in curve.key.text()
    assert "layer_0: 40 %" in curve.accessibleDescription() and "50 %" in curve.accessibleDescription()


def test_that_the_layer_below_the_mouse_is_named(curve: TransferCurve, qtbot: Any) -> None:
    box = curve.plot_widget.getPlotItem().getViewBox()
    curve._on_mouse_moved(box.mapViewToScene(box.viewRect().center()))
    assert "layer_1" in curve.plot_widget.toolTip()
    curve._on_mouse_moved(curve.plot_widget.mapToScene(QPoint(2, 2)))
    assert curve.plot_widget.toolTip() == ""


def test_that_words_are_a_stop_for_tab_only_where_they_scroll(qtbot: Any) -> None:
    label = QLabel("one line")
    area = ReadingArea(label)
    qtbot.addWidget(area)
    area.resize(200, 80)
    area.show()
    assert area.focusPolicy() == Qt.FocusPolicy.NoFocus
    label.setText("many\n" * 40)
    qtbot.waitUntil(lambda: area.focusPolicy() == Qt.FocusPolicy.StrongFocus)
    area.setFocus()
    qtbot.keyClick(area, Qt.Key.Key_PageDown)
    assert area.verticalScrollBar().value() > 0
