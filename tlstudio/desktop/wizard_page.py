"""What all pages of the strategy wizard share."""

from PySide6.QtWidgets import QButtonGroup, QLabel, QRadioButton, QVBoxLayout, QWizardPage

from tlstudio.desktop.making import make
from tlstudio.desktop.wizard_flow import PAGES, WizardFlow


class FlowPage(QWizardPage):
    """A page of the flow: ``show_flow`` brings it up to date when it comes up."""

    def __init__(self, flow: WizardFlow, name: str) -> None:
        super().__init__()
        self.setObjectName(f"{name}Page")
        self.flow, self.name = flow, name
        self.box = QVBoxLayout(self)
        self.box.setSpacing(10)

    def add_text(self, text: str = "") -> QLabel:
        label = QLabel(text, wordWrap=True)
        self.box.addWidget(label)
        return label

    def add_choice(self, group: QButtonGroup, name: str, text: str, explanation: str) -> QRadioButton:
        button = make(QRadioButton, name, text)
        button.setAccessibleDescription(explanation)
        group.addButton(button)
        self.box.addWidget(button)
        label = self.add_text(explanation)
        label.setContentsMargins(24, 0, 0, 6)
        return button

    def show_flow(self) -> None:
        raise NotImplementedError

    def initializePage(self) -> None:
        self.show_flow()

    def isComplete(self) -> bool:
        return self.flow.can_leave(self.name)

    def nextId(self) -> int:
        following = self.flow.next_page(self.name)
        return -1 if following is None else PAGES.index(following)
