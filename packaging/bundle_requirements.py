"""Print what the bundle's environment needs: the project's dependencies, with TensorFlow for processors alone."""

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def requirements() -> list[str]:
    """The requirements of the project and of its extra ``bundle``, as pip takes them."""
    with (PROJECT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["bundle"]]
    return [re.sub(r"^tensorflow(?=[<>=!~ ]|$)", "tensorflow-cpu", line) for line in wanted]


if __name__ == "__main__":
    print("\n".join(requirements()))
