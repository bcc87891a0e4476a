"""Make ``resources/sample``: a small trained classifier of the digits 0 to 4, and images of the digits 5 to 9.

Run from the project's folder: ``python packaging/make_sample.py``. The result is committed; this script says
where it came from. It uses stock Keras alone, so that the sample is a file as others would hand it over.
"""

import os
import shutil
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from tlstudio.core.model.inspection import open_model
from tlstudio.core.project import Project, save_project
from tlstudio.core.strategy import make_plan

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "sample"
SIDE = 32
PER_CLASS = 110  # 82 to train, 28 to test: the folder stays under 3 MB even on disks that give each file 4 KB
NAMES = {5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine"}
ATTRIBUTION = """# The sample

`images/` holds the digits 5 to 9, and `model.hdf5` was trained on the digits 0 to 4, of the
*Optical Recognition of Handwritten Digits* dataset (E. Alpaydin and C. Kaynak, 1998, UCI Machine Learning
Repository, doi:10.24432/C50P49, licence CC BY 4.0), in the selection that scikit-learn brings as `load_digits`.
The images were enlarged from 8×8 to 32×32 pixels and saved as PNG files; nothing else was changed.

Made by `packaging/make_sample.py`.
"""


def enlarge(digit: np.ndarray) -> np.ndarray:
    """(8, 8) values 0..16 to uint8 (32, 32)."""
    image = Image.fromarray(np.clip(digit * 16, 0, 255).astype(np.uint8), "L")
    return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def make_model() -> keras.Model:
    """In the manner of VGG (Simonyan and Zisserman 2015): blocks of 3×3 convolutions, then Dense layers."""
    layers = keras.layers
    network = [keras.Input((SIDE, SIDE, 3), name="input_1"), layers.Rescaling(1 / 255, name="rescaling_1")]
    for block, filters in enumerate((16, 32, 48), 1):
        for number in (1, 2):
            name = f"block{block}_conv{number}"
            network.append(layers.Conv2D(filters, 3, padding="same", activation="relu", name=name))
        network.append(layers.MaxPooling2D(2, name=f"block{block}_pool"))
    network += [
        layers.Flatten(name="flatten_1"),
        layers.Dense(64, activation="relu", name="dense_1"),
        layers.Dropout(0.3, name="dropout_1"),
        layers.Dense(5, activation="softmax", name="dense_2"),
    ]
    return keras.Sequential(network, name="digits_0_to_4")


def main() -> None:
    keras.utils.set_random_seed(7)
    digits = load_digits()
    images = np.stack([enlarge(digit) for digit in digits.images])
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)

    known = digits.target < 5
    x = np.repeat(images[known][..., np.newaxis], 3, axis=-1).astype(np.float32)
    x_train, x_test, y_train, y_test = train_test_split(
        x, digits.target[known], test_size=0.2, stratify=digits.target[known], random_state=7
    )
    model = make_model()
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x_train, y_train, epochs=12, batch_size=32, verbose=2)
    print("accuracy on digits 0 to 4:", model.evaluate(x_test, y_test, verbose=0)[1])
    model.save(FOLDER / "model.hdf5", include_optimizer=False)

    places = np.concatenate([np.flatnonzero(digits.target == digit)[:PER_CLASS] for digit in NAMES])
    train, test = train_test_split(places, test_size=0.25, stratify=digits.target[places], random_state=7)
    for part, chosen in (("train", train), ("test", test)):
        for place in sorted(chosen):
            folder = FOLDER / "images" / part / NAMES[digits.target[place]]
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(images[place], "L").save(folder / f"{place:04d}.png", optimize=True)

    file, dataset = open_model(FOLDER / "model.hdf5"), str(FOLDER / "images")
    plan = make_plan(file, dataset, "classic", "flatten_1")
    save_project(Project(model=str(file.path), dataset=dataset, plan=plan), FOLDER / "sample.tlstudio")
    (FOLDER / "ATTRIBUTION.md").write_text(ATTRIBUTION, encoding="utf-8")


if __name__ == "__main__":
    main()
