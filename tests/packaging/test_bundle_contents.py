"""What goes into the bundle and what stays out."""

import pytest
from bundle_contents import HOST_LIBRARIES, NEEDED_LIBRARIES, is_kept, needed

PLUGINS = "PySide6/Qt/plugins"


@pytest.mark.parametrize(
    "place",
    [
        "resources/sample/images/test/seven/1.png",  # a folder of images named as folders of tests are
        "resources/sample/model.hdf5",
        f"{PLUGINS}/platforms/libqxcb.so",
        f"{PLUGINS}/platforms/libqwayland.so",
        f"{PLUGINS}/platforms/libqoffscreen.so",
        f"{PLUGINS}/platforminputcontexts/libibusplatforminputcontextplugin.so",
        f"{PLUGINS}/platforminputcontexts/libcomposeplatforminputcontextplugin.so",
        f"{PLUGINS}/platformthemes/libqxdgdesktopportal.so",
        "PySide6/Qt/translations/qtbase_zh_CN.qm",
        "tensorflow/libtensorflow_cc.so.2",
        "tensorflow/lite/python/libpywrap_tflite_common.so",
        "openvino/libs/libopenvino_intel_cpu_plugin.so",
        "numpy/testing/_private/utils.pyc",
        *NEEDED_LIBRARIES,
    ],
)
def test_that_what_the_program_needs_is_kept(place: str) -> None:
    assert is_kept(place)


@pytest.mark.parametrize(
    "place",
    [
        "tensorflow/include/Eigen/Core",
        "numpy/_core/tests/test_umath.py",
        "h5py/tests/data_files/vlen.h5",
        f"{PLUGINS}/platformthemes/libqgtk3.so",
        f"{PLUGINS}/platforminputcontexts/libqtvirtualkeyboardplugin.so",
        f"{PLUGINS}/imageformats/libqpdf.so",
        "PySide6\\Qt\\qml\\QtQuick\\plugin.dll",
        "PySide6/Qt/lib/libQt6Quick.so.6",
        "PySide6/QtCore.pyi",
        "tensorboard/webfiles.zip",
        *HOST_LIBRARIES,
    ],
)
def test_that_what_it_does_not_need_stays_out(place: str) -> None:
    assert not is_kept(place)


def test_that_libraries_of_left_out_files_stay_out_and_all_others_come_along() -> None:
    links = {
        "/qt/libqxcb.so": ["libone.so.1", "libX11.so.6"],
        "/qt/libqgtk3.so": ["libgtk.so.3"],
        "/lib/libone.so.1": ["libtwo.so.2"],
        "/lib/libX11.so.6": ["libofx11.so.1"],  # the system's, so what it loads must be the system's, too
    }
    entries = [
        (f"{PLUGINS}/platforms/libqxcb.so", "/qt/libqxcb.so", "BINARY"),
        (f"{PLUGINS}/platformthemes/libqgtk3.so", "/qt/libqgtk3.so", "BINARY"),
        *((name, f"/lib/{name}", "BINARY") for name in ("libone.so.1", "libtwo.so.2", "libgtk.so.3", "libX11.so.6")),
        ("libofx11.so.1", "/lib/libofx11.so.1", "BINARY"),
        ("libxcb-cursor.so.0", "/lib/libxcb-cursor.so.0", "BINARY"),  # loaded by name
        ("libpython3.11.so.1.0", "/lib/libpython3.11.so.1.0", "BINARY"),
    ]
    kept = [place for place, _file, _kind in needed(entries, lambda file: links.get(file, []))]
    assert kept == [
        f"{PLUGINS}/platforms/libqxcb.so",
        "libone.so.1",
        "libtwo.so.2",
        "libxcb-cursor.so.0",
        "libpython3.11.so.1.0",
    ]


def test_that_a_link_to_a_left_out_file_is_left_out() -> None:
    entries = [
        ("a/module.so", "/a/module.so", "EXTENSION"),
        ("libQt6Core.so.6", "PySide6/Qt/lib/libQt6Core.so.6", "SYMLINK"),
        ("PySide6/Qt/lib/libQt6Core.so.6", "/qt/libQt6Core.so.6", "BINARY"),
        ("libQt6Quick.so.6", "PySide6/Qt/lib/libQt6Quick.so.6", "SYMLINK"),
        ("libgone.so.1", "somewhere/libgone.so.1", "SYMLINK"),
    ]
    kept = needed(entries, lambda file: ["libQt6Core.so.6", "libgone.so.1"] if file == "/a/module.so" else [])
    assert [place for place, _target, _kind in kept] == [
        "a/module.so", "libQt6Core.so.6", "PySide6/Qt/lib/libQt6Core.so.6",
    ]  # fmt: skip
