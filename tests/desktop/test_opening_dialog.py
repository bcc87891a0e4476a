"""The dialog about what a model file leaves open: one for each kind of question, and the flow behind it."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QLabel, QListWidget, QRadioButton, QSpinBox, QTreeWidget
from shiboken6 import isValid

from tests.desktop.old_models import bare_weights, convolution, image, layer, pooled, with_lambdas, write
from tests.windows import open_model
from tlstudio.core.errors import TLStudioError
from tlstudio.core.model.opening import Opening
from tlstudio.desktop.main_window import MainWindow
from tlstudio.desktop.opening_dialog import OpeningDialog
from tlstudio.desktop.opening_flow import LayerQuestion, OpeningFlow, SizeQuestion, flow_of_error


def asked(window: MainWindow, path: Path, qtbot: Any) -> OpeningDialog:
    """The dialog that opening a file brings up."""
    with qtbot.waitSignal(window.workspace.choice_needed, timeout=10_000):
        window.open_model(path)
    return dialog_of(window)


def dialog_of(window: MainWindow) -> OpeningDialog:
    found = [dialog for dialog in window.findChildren(OpeningDialog, "openChoices") if dialog.isVisible()]
    assert len(found) == 1
    return found[0]


def press_ok(window: MainWindow, dialog: OpeningDialog, qtbot: Any) -> None:
    """Press OK, and wait until the file is there, refused, or asked about again."""
    space, again = window.workspace, []
    space.choice_needed.connect(again.append)
    dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).click()
    qtbot.waitUntil(lambda: bool(again) or not space.is_reading, timeout=10_000)
    space.choice_needed.disconnect(again.append)


def is_ok_enabled(dialog: OpeningDialog) -> bool:
    return dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()


def test_that_one_of_several_outputs_is_chosen(window: MainWindow, tmp_path: Path, qtbot: Any) -> None:
    dialog = asked(window, pooled(tmp_path / "two.h5", outputs=2), qtbot)
    choices = dialog.findChild(QTreeWidget, "outputChoices")
    shown = [[choices.topLevelItem(row).text(column) for column in range(3)] for row in range(2)]
    assert shown == [["classes", "Dense", "5"], ["boxes", "Dense", "4"]]
    assert not is_ok_enabled(dialog), "nothing is chosen for the person"
    choices.setCurrentItem(choices.topLevelItem(1))
    press_ok(window, dialog, qtbot)
    assert window.workspace.model.output_units == 4 and window.workspace.plan.opening.output == "boxes"
    assert "output of boxes" in window.card.values["choices"].text()


def test_that_a_size_of_images_is_chosen_from_a_sensible_default(
    window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    dialog = asked(window, pooled(tmp_path / "any.h5", shape=(None, None, 3)), qtbot)
    assert dialog.findChild(QSpinBox, "inputHeightBox").value() == 224
    dialog.findChild(QSpinBox, "inputWidthBox").setValue(96)
    press_ok(window, dialog, qtbot)
    assert window.workspace.model.input_shape == (224, 96, 3)
    assert window.workspace.plan.opening == Opening(input_size=(224, 96))


def test_that_a_size_that_does_not_fit_is_asked_for_again(window: MainWindow, tmp_path: Path, qtbot: Any) -> None:
    layers = [image(shape=(None, None, 3))]
    layers.append(
        layer("Conv2D", "conv", ["image"], filters=4, kernel_size=[9, 9], activation="relu", use_bias=False)
    )
    layers.append(layer("GlobalAveragePooling2D", "pool", ["conv"]))
    import numpy as np

    path = write(tmp_path / "wide.h5", layers, ["pool"], {"conv": {"kernel": np.ones((9, 9, 3, 4), np.float32)}})
    dialog = asked(window, path, qtbot)
    for name in ("inputHeightBox", "inputWidthBox"):
        dialog.findChild(QSpinBox, name).setValue(4)
    press_ok(window, dialog, qtbot)
    again = dialog_of(window)
    assert "✖" in again.findChild(QLabel, "choicesError").text()
    assert again.findChild(QSpinBox, "inputHeightBox").value() == 4, "what was chosen is still there"
    again.findChild(QSpinBox, "inputHeightBox").setValue(32)
    again.findChild(QSpinBox, "inputWidthBox").setValue(32)
    press_ok(window, again, qtbot)
    assert window.workspace.model.input_shape == (32, 32, 3)


def test_that_bare_weights_open_with_a_file_that_describes_them(
    window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    weights, description = bare_weights(tmp_path / "weights.h5")
    dialog = asked(window, weights, qtbot)
    listed = dialog.findChild(QTreeWidget, "weightsList")
    rows = {listed.topLevelItem(row).text(0): listed.topLevelItem(row).text(1) for row in range(4)}
    assert rows["conv"] == "1×1×3×6" and rows["classes"] == "6×5"
    assert not is_ok_enabled(dialog)
    dialog.take_file(description)
    press_ok(window, dialog, qtbot)
    assert window.workspace.model.output_units == 5
    assert window.workspace.plan.opening.architecture == str(description)


def test_that_the_wrong_network_for_bare_weights_is_told_and_asked_for_again(
    window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    dialog = asked(window, bare_weights(tmp_path / "weights.h5")[0], qtbot)
    networks = dialog.findChild(QComboBox, "architectureBox")
    networks.setEditText("no network of this world")
    assert not is_ok_enabled(dialog)
    networks.setEditText("vgg16")
    assert is_ok_enabled(dialog)
    press_ok(window, dialog, qtbot)
    again = dialog_of(window)
    assert again.findChild(QLabel, "choicesError").text()
    again.reject()
    assert window.workspace.model is None and not window.workspace.is_reading


def test_that_a_description_without_its_weights_asks_for_their_file(
    window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    weights, description = bare_weights(tmp_path / "weights.h5")
    away = tmp_path / "away"
    away.mkdir()
    dialog = asked(window, description.rename(away / "network.json"), qtbot)
    assert not is_ok_enabled(dialog)
    dialog.take_file(weights)
    press_ok(window, dialog, qtbot)
    assert window.workspace.model.output_units == 5
    opening = window.workspace.plan.opening
    assert (window.workspace.plan.model, opening.architecture) == (str(weights), str(away / "network.json"))


@pytest.mark.shared
def test_that_one_of_several_descriptions_of_a_caffe_network_is_chosen(
    window: MainWindow, shared: Callable[[str], Path], tmp_path: Path, qtbot: Any
) -> None:
    folder = shared("models/caffe/cifar10_quick")
    weights = tmp_path / "quick.caffemodel"
    shutil.copyfile(folder / "cifar10_quick_iter_4000.caffemodel", weights)
    for name in ("left.prototxt", "right.prototxt"):
        shutil.copyfile(folder / "cifar10_quick.prototxt", tmp_path / name)
    dialog = asked(window, weights, qtbot)
    choices = dialog.findChild(QListWidget, "fileChoices")
    assert [choices.item(row).text() for row in range(choices.count())] == ["left.prototxt", "right.prototxt"]
    assert not is_ok_enabled(dialog)
    choices.item(1).setSelected(True)
    press_ok(window, dialog, qtbot)
    assert window.workspace.plan.opening.architecture == str(tmp_path / "right.prototxt")


def test_that_a_lambda_is_replaced_only_by_what_the_person_says(
    window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    dialog = asked(window, with_lambdas(tmp_path / "code.h5", ("pixels_relu6",)), qtbot)
    choices = dialog.findChild(QComboBox, "standInBox")
    assert choices.currentIndex() == -1 and not is_ok_enabled(dialog), "a suggestion is no choice"
    assert "suggested" in choices.itemText(choices.findData("relu6"))
    choices.setCurrentIndex(choices.findData("scale"))
    choices.activated.emit(choices.currentIndex())
    dialog.boxes[0].scale.setValue(0.5)
    dialog.boxes[0].offset.setValue(-0.25)
    press_ok(window, dialog, qtbot)
    assert window.workspace.plan.opening.replacements == {"pixels_relu6": "scale:0.5,-0.25"}
    spec = window.workspace.model.graph.layers["pixels_relu6"]
    assert (spec.type, spec.config["scale"], spec.config["offset"]) == ("Rescaling", 0.5, -0.25)


def test_that_two_lambdas_are_asked_about_one_after_the_other(window: MainWindow, tmp_path: Path, qtbot: Any) -> None:
    dialog = asked(window, with_lambdas(tmp_path / "code.h5", ("first_relu", "second")), qtbot)
    for place, choice in enumerate(("relu", "identity")):
        assert dialog.flow.questions[0].layer == ("first_relu", "second")[place]
        choices = dialog.findChild(QComboBox, "standInBox")
        choices.setCurrentIndex(choices.findData(choice))
        choices.activated.emit(choices.currentIndex())
        press_ok(window, dialog, qtbot)
        if place == 0:
            dialog = dialog_of(window)
    assert window.workspace.plan.opening.replacements == {"first_relu": "relu", "second": "identity"}


def test_that_the_part_below_an_unknown_layer_can_be_used(window: MainWindow, tmp_path: Path, qtbot: Any) -> None:
    import numpy as np

    layers = [image(), convolution("conv", "image", 6), layer("CapsuleRouting", "capsules", ["conv"], routes=3)]
    path = write(tmp_path / "odd.h5", layers, ["capsules"], {"conv": {"kernel": np.ones((1, 1, 3, 6), np.float32)}})
    dialog = asked(window, path, qtbot)
    text = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "capsules" in text and "CapsuleRouting" in text
    dialog.findChild(QRadioButton, "useBelowButton").click()
    press_ok(window, dialog, qtbot)
    assert list(window.workspace.model.graph.layers) == ["image", "conv"]


def test_that_cancel_leaves_all_as_it_was(window: MainWindow, sample: Path, tmp_path: Path, qtbot: Any) -> None:
    open_model(window, sample / "model.hdf5", qtbot)
    plan, model = window.workspace.plan, window.workspace.model
    dialog = asked(window, with_lambdas(tmp_path / "code.h5"), qtbot)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert (window.workspace.plan, window.workspace.model) == (plan, model)
    assert not window.workspace.is_reading and window.message_bar.text == ""


def test_that_another_file_takes_the_place_of_a_question(
    window: MainWindow, sample: Path, tmp_path: Path, qtbot: Any
) -> None:
    dialog = asked(window, with_lambdas(tmp_path / "code.h5"), qtbot)
    open_model(window, sample / "model.hdf5", qtbot)
    assert not isValid(dialog) or not dialog.isVisible()
    assert window.workspace.model.path.name == "model.hdf5" and window.message_bar.text == ""


def test_that_a_question_stays_when_another_file_is_no_project(
    window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    dialog = asked(window, pooled(tmp_path / "any.h5", shape=(None, None, 3)), qtbot)
    (tmp_path / "broken.tlstudio").write_text("{")
    window.open_project(tmp_path / "broken.tlstudio")
    assert "not a valid TLStudio file" in window.message_bar.text and dialog.isVisible()
    press_ok(window, dialog, qtbot)
    assert window.workspace.model.input_shape == (224, 224, 3)


def test_that_a_flow_keeps_the_choices_of_earlier_rounds(tmp_path: Path) -> None:
    error = TLStudioError("lambda_layer", path="a.h5", layer="b", type="Lambda", below="")
    flow = flow_of_error(error, tmp_path, Opening(replacements={"a": "relu"}, architecture="VGG16"), None)
    assert flow.questions == (LayerQuestion("b", "Lambda", "", can_be_replaced=True),) and not flow.is_complete
    flow.answer(flow.questions[0], ("replace", "unit"))
    assert flow.result() == Opening(replacements={"a": "relu", "b": "unit"}, architecture="VGG16")
    flow.answer(flow.questions[0], None)
    assert not flow.is_complete
    assert flow_of_error(TLStudioError("not_a_model", path="a", found="x"), tmp_path, Opening(), None) is None


def test_that_an_answer_of_the_wrong_kind_is_refused(tmp_path: Path) -> None:
    question = SizeQuestion(224, 224)
    flow = OpeningFlow(tmp_path, (question,))
    flow.answer(question, "large")
    with pytest.raises(ValueError, match="SizeQuestion"):
        flow.result()
